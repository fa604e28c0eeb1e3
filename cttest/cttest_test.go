package cttest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
	"ctcheck/props"
)

// A fake testing.TB takes down what an assertion says.
type fake struct {
	testing.TB
	said string
}

func (f *fake) Helper() {}

func (f *fake) Name() string { return "TestFake" }

func (f *fake) Error(args ...any) { f.Errorf("%s", fmt.Sprint(args...)) }

func (f *fake) Logf(string, ...any) {}

func (f *fake) Errorf(format string, args ...any) { f.said += fmt.Sprintf(format, args...) }

func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

func (f *fake) Fatal(args ...any) { f.Fatalf("%s", fmt.Sprint(args...)) }

// says is what an assertion says when it fails, "" when it does not.
func says(assert func(t testing.TB)) string {
	f := &fake{}
	done := make(chan bool)
	go func() {
		defer close(done)
		assert(f)
	}()
	<-done
	return f.said
}

func TestHoldsAndViolates(t *testing.T) {
	for _, turnFirst := range []bool{false, true} {
		p, exclusion := peterson(turnFirst)
		// The last one out leaves the lock free.
		free := props.AtEnd("free", model.Any(p.Vars[0], p.Vars[1]).IsZero())
		holds := says(func(t testing.TB) { cttest.Holds(t, p, exclusion, free) })
		violates := says(func(t testing.TB) {
			if tr := cttest.Violates(t, p, "mutual exclusion", exclusion, free); len(tr.Steps) != 7 {
				t.Errorf("%d steps", len(tr.Steps))
			}
		})
		if (holds == "") == turnFirst || (violates == "") != turnFirst {
			t.Errorf("turn first %t: Holds says %q, Violates says %q", turnFirst, holds, violates)
		}
		if turnFirst && !strings.Contains(holds, "WRITE_ONCE(turn, 1)") {
			t.Errorf("the trace is missing:\n%s", holds)
		}
	}
}

func TestAtEndIsJudged(t *testing.T) {
	p, _ := peterson(false)
	taken := props.AtEnd("taken", model.Any(p.Vars[0], p.Vars[1]))
	if tr := cttest.Violates(t, p, "taken", taken); len(tr.Steps) == 0 {
		t.Error("violated without a step")
	}
}

func TestAssertionsNameWhatIsWrong(t *testing.T) {
	p, exclusion := peterson(false)
	p.ReachedState("both are inside", exclusion.Never)
	for _, row := range []struct{ said, want string }{
		{says(func(t testing.TB) { cttest.Holds(t, p, exclusion) }), "in 92 states: both are inside"},
		{says(func(t testing.TB) { cttest.Violates(t, p, "nonsense", exclusion) }), "nonsense is not among"},
		{says(func(t testing.TB) { cttest.Violates(t, p, model.NoDeadlock, exclusion) }),
			"holds in all 92 states"},
		{says(func(t testing.TB) { cttest.Holds(t, model.New("empty")) }), "model empty: 0 CPUs"},
	} {
		if !strings.Contains(row.said, row.want) {
			t.Errorf("%q does not say %q", row.said, row.want)
		}
	}
}
