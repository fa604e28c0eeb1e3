package model

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
)

func stays(c *Code) { c.Pause("stay") }

func staysForOthers(c *Code) {
	c.Helper()
	c.Pause("stay")
	stays(c)
}

// A statement's line is that of the protocol: neither of this package, nor of a function that builds for others,
// which is what marks itself, and only that.
func TestLines(t *testing.T) {
	line := func() int {
		_, _, n, _ := runtime.Caller(1)
		return n
	}
	var want []int
	p := New("p")
	r := p.Routine("r", func(r *Routine) {
		want = append(want, line()+1)
		r.WarnOnOnce("WARN_ON_ONCE(1)", True)
		want = append(want, line()+1)
		staysForOthers(&r.Code)
	})
	first, second, third := r.Body[0], r.Body[1], r.Body[2]
	for _, s := range []*Stmt{first, first.Body[0], second, third} {
		if filepath.Base(s.File) != "routine_test.go" {
			t.Errorf("%q is said to be in %s", s.Label, s.File)
		}
	}
	if got := []int{first.Line, second.Line}; !slices.Equal(got, want) || first.Body[0].Line != want[0] {
		t.Errorf("lines %v, want %v", got, want)
	}
	if third.Line == second.Line {
		t.Error("a function that is called by a helper is one only if it says so itself")
	}
	other := New("other").Routine("r", func(r *Routine) { stays(&r.Code) })
	if other.Body[0].Line != third.Line {
		t.Errorf("line %d, want %d: stays is no helper of any program", other.Body[0].Line, third.Line)
	}
}

// Subjects are compared, so they have to be comparable; an event that opens a step has none to ride on.
func TestEvents(t *testing.T) {
	p := New("p")
	p.Routine("r", func(r *Routine) { r.EventOf("asked", []int{1}, nil) })
	v := p.Shared("v", Bool, False)
	p.Routine("r", func(r *Routine) {
		r.WriteOnce("v = 1", v, True)
		r.WhenVisible(func() { r.Opening("begun", nil, nil) })
	})
	text := strings.Join(p.Faults(), "\n")
	testkit.Mentions(t, text, "what it is and the cure", "r: ", `"asked"`, "[]int", "compared", "pointer")
	testkit.Mentions(t, text, "it is part of another step", "v = 1", "ride on a step")
	r := p.Routine("r", func(r *Routine) {
		r.Event("seen")
		r.EventOf("asked", "who", Int(3))
		r.Opening("begun", 7, nil)
	})
	for i, want := range []string{"seen <nil> <nil> false", "asked who 3 false", "begun 7 <nil> true"} {
		s := r.Body[i]
		if got := fmt.Sprint(s.Event, " ", s.Subject, " ", s.Arg, " ", s.Opens); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// The values of an expression are those that it can have if its variables can have all of theirs.
func TestValues(t *testing.T) {
	p := New("p")
	small, big := p.Shared("small", Range{Lo: -1, Hi: 1}, Int(0)), p.Shared("big", Bits(20), Int(0))
	for _, row := range []struct {
		e    Value
		want []int64
		why  string
	}{
		{Int(5), []int64{5}, "a constant"},
		{small, []int64{-1, 0, 1}, "a variable's range"},
		{big, nil, "too many to look at"},
		{big.Eq(Int(3)), []int64{0, 1}, "a truth value, whatever it is of"},
		{small.Add(small), []int64{-2, -1, 0, 1, 2}, "each once, in order"},
		{small.And(Int(1)), []int64{0, 1}, "-1 & 1 is 1"},
		{small.Add(big), nil, "some of too many"},
		{p.CPU("CPU0").Done(), []int64{0, 1}, "a truth value"},
		{p.Array("a", 2, UpTo(2), Int(0)).At(small), []int64{0, 1, 2}, "any of the elements"},
		{p.Array("b", 2, Bool, Int(0)).At(small), []int64{0, 1}, "a truth value, if all are"},
		{p.Array("c", 2, Bits(20), Int(0)).At(small), nil, "too many of each"},
		{small.Eq(nil), []int64{0, 1}, "a truth value, whatever is wrong with it"},
		{small.Add(nil), nil, "none"},
	} {
		if got := row.e.Node().Values(9); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v: %s", row.e.Node(), got, row.want, row.why)
		}
	}
}

// A program that New did not make has no record of helpers: their own lines are named then, and nothing panics.
func TestHelperWithoutNew(t *testing.T) {
	p := &Program{Name: "bare"}
	r := p.Routine("r", func(r *Routine) {
		r.Helper()
		r.Pause("here")
	})
	if len(r.Body) != 1 || r.Body[0].Line == 0 {
		t.Errorf("the statements are %v", r.Body)
	}
}
