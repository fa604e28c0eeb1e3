package cttest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ctcheck/cttest"
	"ctcheck/explore"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/verdict"
)

// counters is CPUs that each count to the end of a wide range, and a claim that is true: more states than any test
// has time for.
func counters() (*model.Program, *model.Monitor) {
	p := model.New("counters")
	for i := range 3 {
		c := p.Shared(fmt.Sprintf("c%d", i), model.UpTo(1<<20).Mod(), model.Int(0))
		p.CPU(fmt.Sprintf("CPU%d", i)).Run(p.Routine("count", func(r *model.Routine) {
			r.Forever(func() { r.AtomicAdd("atomic_inc(&c)", c, model.Int(1)) })
		}))
	}
	return p, props.Always("true", model.True)
}

// narrow is two CPUs that count to 2 where a variable holds 1, after a step that has nothing to do with it.
func narrow() (*model.Program, *model.Var) {
	p := model.New("narrow")
	c := p.Shared("count", model.UpTo(1), model.Int(0))
	for i := range 2 {
		p.CPU(fmt.Sprintf("CPU%d", i)).Run(p.Routine("add", func(r *model.Routine) {
			r.Pause("/* before it */")
			r.AtomicAdd("atomic_inc(&count)", c, model.Int(1))
		}))
	}
	return p, c
}

// embrace is the deadly one: two locks that are taken in two orders.
func embrace() *model.Program {
	p := model.New("embrace")
	locks := [...]*model.Var{p.Shared("a", model.Bool, model.False), p.Shared("b", model.Bool, model.False)}
	for me := range 2 {
		p.CPU(fmt.Sprintf("CPU%d", me)).Run(p.Routine("both", func(r *model.Routine) {
			old := r.Local("old", model.Bool)
			for _, l := range []*model.Var{locks[me], locks[1-me]} {
				seen := r.Local("seen_"+l.Name, model.Bool)
				r.CondLoadAcquire("wait until "+l.Name+" is free", seen, l, seen.IsZero())
				r.Xchg("xchg(&"+l.Name+", 1)", old, l, model.True)
			}
			r.WriteOnce("a = 0", locks[0], model.False)
			r.WriteOnce("b = 0", locks[1], model.False)
		}))
	}
	return p
}

// timed is a fake that knows when its time is up, and how long that is.
type timed struct {
	fake
	deadline time.Time
	mu       sync.Mutex
	logged   string
}

func (f *timed) Deadline() (time.Time, bool) { return f.deadline, true }

func (f *timed) Logf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.logged += fmt.Sprintf(format, args...) + "\n"
}

// has fails the test if a text lacks one of the parts.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in\n%s", p, text)
		}
	}
}

// A fault of the protocol comes with a shortest run that leads to it, the step with the fault last.
func TestFaultsHaveARun(t *testing.T) {
	p, c := narrow()
	fine := props.Always("true", model.True)
	for _, said := range []string{
		says(func(t testing.TB) { cttest.Holds(t, p, fine) }),
		says(func(t testing.TB) { cttest.Under(model.TSO).Violates(t, p, "true", fine) }),
		says(func(t testing.TB) { cttest.Check(t, p) }),
		says(func(t testing.TB) { cttest.Under(model.SC).Finals(t, p, c) }),
	} {
		has(t, said, "count = 2 is outside its range 0..1", "narrow: checked by TestFake\n",
			"a fault of the program, in 4 steps (a shortest run)\n", "count: 0 -> 1\n", "  4 ",
			"\n=> model narrow: CPU")
		if n := strings.Count(said, "atomic_inc(&count)\n"); n != 2 {
			t.Errorf("the statement comes %d times in\n%s", n, said)
		}
	}
}

// What fails says what the command does: the assumptions, counters that wrap among them, each property, the run,
// and the figures.
func TestFailuresAreReports(t *testing.T) {
	p, _ := ticketLock()
	p.Vars[0].WrapNote = "the kernel's ticket has 16 bits"
	never := props.Never("three rounds", p.Vars[0].Eq(model.Int(0)).And(p.Vars[1].Eq(model.Int(3))))
	said := says(func(t testing.TB) { cttest.Holds(t, p, never) })
	has(t, said, "ticket-lock: three rounds is violated under sc\n\n"+
		"ticket-lock: VIOLATED under sc: three rounds (wraps lock->next)\n",
		"\nticket-lock: asserted to hold by TestFake\n",
		"  assumed sequential consistency", "lock->next counts modulo 4\n", "lock->owner counts modulo 4\n",
		"  search  every interleaving, breadth first", ", in which lock->next wraps", "reachable: a CPU is inside",
		"=> The claim \"three rounds\" does not hold here.",
		"Note: In this run lock->next wraps modulo 4; the kernel's",
		"\nctcheck: VIOLATED model=ticket-lock")
	said = says(func(t testing.TB) { cttest.Violates(t, p, model.NoDeadlock, never) })
	has(t, said, "no-deadlock holds in all", "asserted to violate no-deadlock by TestFake\n", "VIOLATED in ")
}

// A deadlock that violates several properties is drawn once.
func TestDeadlocksArePrintedOnce(t *testing.T) {
	p := embrace()
	both := model.All(p.Vars[0], p.Vars[1])
	said := says(func(t testing.TB) {
		cttest.Holds(t, p, props.Eventually("no lock is left", both.IsZero().And(p.Vars[0])),
			props.AtEnd("free", model.Any(p.Vars[0], p.Vars[1]).IsZero()),
			props.InfinitelyOften("free again", model.Any(p.Vars[0], p.Vars[1]).IsZero()))
	})
	has(t, said, "no-deadlock is violated", "free again is violated", "by the run of no-deadlock")
	if n := strings.Count(said, "xchg(&b, 1)\n"); n > 2 || strings.Count(said, "Nothing can happen any more") != 1 {
		t.Errorf("the deadlock is drawn more than once:\n%s", said)
	}
}

// A search ends before the time of its test does, and no assertion takes that for a success.
func TestDeadlines(t *testing.T) {
	p, claim := counters()
	for name, assert := range map[string]func(t testing.TB){
		"Holds":    func(t testing.TB) { cttest.Holds(t, p, claim) },
		"Violates": func(t testing.TB) { cttest.Violates(t, p, "true", claim) },
		"Check":    func(t testing.TB) { cttest.Check(t, p, claim) },
		"Finals":   func(t testing.TB) { cttest.Under(model.SC).Finals(t, p) },
		"a bound":  func(t testing.TB) { cttest.Options{Timeout: 200 * time.Millisecond}.Holds(t, p, claim) },
	} {
		// A quarter of the time is for a search that was cut to come to its end, also on a busy machine.
		f := &timed{deadline: time.Now().Add(3 * time.Second)}
		if name == "a bound" {
			f.deadline = time.Now().Add(time.Hour)
		}
		done := make(chan bool)
		go func() {
			defer close(done)
			assert(f)
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatalf("%s takes a minute", name)
		}
		if name == "Finals" {
			has(t, f.said, "the final states are not known: timeout cut the search after ")
			continue
		}
		has(t, f.said, "INCOMPLETE: the search was cut by timeout, after ", " states, ",
			"ctcheck: INCOMPLETE model=counters", "complete=no")
	}
	o := cttest.Options{MaxStates: 100}
	said := says(func(t testing.TB) { o.Holds(t, p, claim) })
	has(t, said, "counters: INCOMPLETE: the search was cut by max-states, after 100 states")
	if r := o.Check(t, p, claim); r.Complete {
		t.Error("a search of 100 states is complete")
	}
}

// The margin leaves room for the report, but never more than half of the time.
func TestMargin(t *testing.T) {
	for _, row := range []struct{ left, want time.Duration }{
		{10 * time.Minute, time.Minute}, {20 * time.Second, 3 * time.Second}, {4 * time.Second, 2 * time.Second},
		{-time.Second, 0},
	} {
		if got := cttest.Margin(row.left); got != row.want {
			t.Errorf("of %s, %s", row.left, got)
		}
	}
}

// What heeds no deadline, such as the search for a run of what was found, keeps no test from ending.
func TestBusySearchesAreLeft(t *testing.T) {
	free := make(chan struct{})
	defer close(free)
	defer cttest.Engine(func(_ context.Context, _ *model.Program, _ []*model.Monitor,
		o explore.Options) (*verdict.Result, error) {
		o.Progress.Enter("fewest switches", "deep", 100)
		<-free
		return &verdict.Result{Complete: true}, nil
	})()
	f := &timed{deadline: time.Now().Add(500 * time.Millisecond)}
	done := make(chan bool)
	go func() {
		defer close(done)
		p, claim := counters()
		cttest.Holds(f, p, claim)
		f.said = "it goes on"
	}()
	<-done
	has(t, f.said, "counters: INCOMPLETE: the time of the test is up, and the search is still busy: fewest "+
		"switches of deep: 0 of 100")
	if time.Now().After(f.deadline) {
		t.Error("the test ends after its deadline")
	}
}

// A long search says where it stands, and nothing more once it is over.
func TestSearchesTell(t *testing.T) {
	defer cttest.TellEvery(50 * time.Millisecond)()
	p, claim := counters()
	f := &timed{deadline: time.Now().Add(time.Hour)}
	cttest.Options{Timeout: 500 * time.Millisecond}.Check(f, p, claim)
	has(t, f.logged, "counters: search: ", " states, ", " wait, depth ")
}

// failing names the test that the tests of the pages run in a process of its own.
const failing = "CTCHECK_TEST_FAILING"

// TestFailing fails, in several ways, if the environment asks for it.
func TestFailing(t *testing.T) {
	switch os.Getenv(failing) {
	case "":
		t.Skip("it is run by the tests that look at what a test binary does")
	case "time":
		p, claim := counters()
		cttest.Holds(t, p, claim)
	case "pages":
		t.Run("wrong lock", func(t *testing.T) {
			p, exclusion := peterson(true)
			cttest.Holds(t, p, exclusion)
			cttest.Violates(t, p, model.NoDeadlock, exclusion)
		})
		t.Run("fault", func(t *testing.T) {
			p, _ := narrow()
			cttest.Holds(t, p)
		})
	}
}

// run runs TestFailing in a process of its own, which must fail.
func run(t *testing.T, how string, flags ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append(flags, "-test.run=^TestFailing$")...)
	cmd.Env = append(os.Environ(), failing+"="+how)
	text, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("nothing fails:\n%s", text)
	}
	return string(text)
}

// A test with three wide counters ends by itself before the time-out of the test binary.
func TestTimeoutIsKept(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for a time-out of 6 seconds")
	}
	text := run(t, "time", "-test.timeout=6s")
	has(t, text, "INCOMPLETE: the search was cut by timeout", "--- FAIL: TestFailing")
	if strings.Contains(text, "panic:") {
		t.Errorf("the test binary panics:\n%s", text)
	}
}

// With -ctcheck.out each failing assertion has a page named after its test; without there is none.
func TestPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	text := run(t, "pages", "-ctcheck.out="+dir)
	for file, want := range map[string]string{
		"TestFailing_wrong_lock.html":   "WRITE_ONCE(turn, 1)",
		"TestFailing_wrong_lock-2.html": "asserted to violate no-deadlock by TestFailing/wrong_lock",
		"TestFailing_fault.html":        "count = 2 is outside its range 0..1",
	} {
		page, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
			continue
		}
		has(t, string(page), want, "<!DOCTYPE html>")
		has(t, text, "The page is "+filepath.Join(dir, file)+"\n")
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*")); len(found) != 3 {
		t.Errorf("there are %v", found)
	}
	if text := run(t, "pages"); strings.Contains(text, "The page is") {
		t.Errorf("nobody asked for a page:\n%s", text)
	}
	has(t, run(t, "pages", "-ctcheck.out="+os.Args[0]), "There is no page: -ctcheck.out ", "WRITE_ONCE(turn, 1)")
}
