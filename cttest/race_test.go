package cttest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ctcheck/cttest"
	"ctcheck/explore"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/report"
	"ctcheck/verdict"
)

// A racing program has a plain variable d, an ordinary one x, and a CPU for each function, which sets its
// code. Both memory models must find the same race in it, or none.
type racing struct {
	name, why string
	on        string // the variable of the race that is found first, "" if there is none
	a, b      string // its sides
	cpus      []func(t *thread)
}

// A thread is what the code of a CPU is built from.
type thread struct {
	*model.Routine
	p    *model.Program
	c    *model.CPU
	d, x *model.Var
}

func (t *thread) readPlain() { t.ReadPlain("l = d", t.LocalOf("l", t.d), t.d) }

func (t *thread) writePlain() { t.WritePlain("d = 1", t.d, model.Int(1)) }

// await waits until x is k.
func (t *thread) await(k int) {
	l := t.LocalOf("VAL", t.x)
	t.CondLoadAcquire(fmt.Sprintf("smp_cond_load_acquire(&x, VAL == %d)", k), l, t.x, l.Eq(model.Int(k)))
}

func (t *thread) raise() { t.StoreRelease("smp_store_release(&x, 1)", t.x, model.Int(1)) }

// nmi gives the CPU an NMI.
func (t *thread) nmi(build func(t *thread)) {
	t.c.OnNMI(t.p.Routine("NMI", func(r *model.Routine) { build(&thread{r, t.p, t.c, t.d, t.x}) }), 1, 1)
}

func (t *thread) locked(body func()) { t.Atomic("locked", body) }

type threads = []func(t *thread)

const (
	reads0, reads1   = `plain read of CPU0 by "l = d"`, `plain read of CPU1 by "l = d"`
	writes0, writes1 = `plain write of CPU0 by "d = 1"`, `plain write of CPU1 by "d = 1"`
)

func plainReadOfX(t *thread) { t.ReadPlain("l = x", t.LocalOf("l", t.x), t.x) }

var racings = []racing{
	{"two reads", "nothing is written", "", "", "", threads{(*thread).readPlain, (*thread).readPlain}},
	{"read and write", "either may be first", "d", reads0, writes1,
		threads{(*thread).readPlain, (*thread).writePlain}},
	{"two writes", "also of the same value", "d", writes0, writes1,
		threads{(*thread).writePlain, (*thread).writePlain}},
	{"plain read, atomic write", "one plain access is enough", "x", `plain read of CPU0 by "l = x"`,
		`write of CPU1 by "smp_store_release(&x, 1)"`, threads{plainReadOfX, (*thread).raise}},
	{"two atomic writes", "they do not race", "", "", "", threads{(*thread).raise, (*thread).raise}},

	{"message passing", "the flag is raised behind the write; x86, too, keeps stores in order", "", "", "",
		threads{func(t *thread) { t.writePlain(); t.raise() }, func(t *thread) { t.await(1); t.readPlain() }}},
	{"message passing, flag first", "as above, but nothing keeps the reader back", "d", writes0, reads1,
		threads{func(t *thread) { t.raise(); t.writePlain() }, func(t *thread) { t.await(1); t.readPlain() }}},

	{"two Atomics", "as with a lock around both", "", "", "", threads{
		func(t *thread) { t.locked(t.writePlain) }, func(t *thread) { t.locked(t.writePlain) }}},
	{"one Atomic", "the other access does not take the lock", "d", writes0, reads1,
		threads{func(t *thread) { t.locked(t.writePlain) }, (*thread).readPlain}},
	{"an Atomic that is never enabled", "what cannot be done is no step", "", "", "", threads{
		func(t *thread) { t.locked(func() { t.writePlain(); t.await(3) }) }, (*thread).readPlain}},

	{"a choice", "an alternative counts if its guard is true", "d", reads0, writes1,
		threads{(*thread).readPlain, func(t *thread) {
			t.Choose(t.When(model.True, func() { t.Pause("nothing") }), t.When(model.True, t.writePlain))
		}}},
	{"a choice that is closed", "as above, but the guard is false", "", "", "",
		threads{(*thread).readPlain, func(t *thread) {
			l := t.LocalOf("l", t.d)
			t.Choose(t.When(model.True, func() { t.Pause("nothing") }), t.When(l.Eq(model.Int(1)), t.writePlain))
		}}},

	{"a compare-and-exchange that fails", "it writes nothing", "", "", "",
		threads{plainReadOfX, func(t *thread) {
			t.Cmpxchg("cmpxchg(&x, 3, 1)", nil, t.x, model.Int(3), model.Int(1))
		}}},
	{"a compare-and-exchange that succeeds", "as above, but it writes", "x", `plain read of CPU0 by "l = x"`,
		`write of CPU1 by "cmpxchg(&x, 0, 1)"`, threads{plainReadOfX, func(t *thread) {
			t.Cmpxchg("cmpxchg(&x, 0, 1)", nil, t.x, model.Int(0), model.Int(1))
		}}},

	{"a handler and what it interrupts", "one CPU does not race with itself", "", "", "",
		threads{func(t *thread) { t.nmi((*thread).writePlain); t.writePlain() }}},
	{"a handler and another CPU", "it is as good as any code", "d", writes0, reads1,
		threads{func(t *thread) { t.nmi((*thread).writePlain); t.Pause("nothing") }, (*thread).readPlain}},
	{"what is interrupted", "while the handler runs, what it suspended is not next", "", "", "", threads{
		func(t *thread) { t.nmi(func(t *thread) { t.Pause("handler") }); t.writePlain() },
		func(t *thread) {
			t.locked(func() { t.Await("CPU0 is interrupted", t.p.CPUs[0].Interrupted()); t.readPlain() })
		}}},
}

// program builds a row's program.
func (row *racing) program() *model.Program {
	p := model.New(row.name)
	d, x := p.Plain("d", model.Bool, model.Int(0)), p.Shared("x", model.UpTo(3), model.Int(0))
	for i := range row.cpus {
		p.CPU(fmt.Sprintf("CPU%d", i))
	}
	for i, c := range p.CPUs {
		c.Run(p.Routine(c.Name, func(r *model.Routine) { row.cpus[i](&thread{r, p, c, d, x}) }))
	}
	return p
}

func TestDataRaces(t *testing.T) {
	for _, row := range racings {
		want := ""
		if row.on != "" {
			want = fmt.Sprintf("A data race on %s: either can come next, the %s or the %s.", row.on, row.a, row.b)
		}
		for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
			p, got := row.program(), ""
			r := cttest.Under(mm).Check(t, p, props.NoDataRace())
			if tr := r.Properties[0].Trace; tr != nil {
				got = report.Closing(p, tr)
			}
			if got != want {
				t.Errorf("%s under %s: %q, want %q: %s", row.name, mm, got, want, row.why)
			}
		}
	}
}

// plainly makes all accesses to some variables of a program plain.
func plainly(p *model.Program, vars ...string) *model.Program {
	for s := range p.Statements() {
		for _, v := range vars {
			if s.Kind == model.StmtAccess && s.Var.Name == v {
				s.Order = model.Plain
			}
		}
	}
	return p
}

// Data under a lock does not race, and the halves that a seqlock guards do: its readers read while they are
// written, and look at the count afterwards (Documentation/locking/seqlock.rst; KCSAN has to be told).
func TestDataUnderLocks(t *testing.T) {
	for _, mm := range []model.MemoryModel{model.SC, model.TSO} {
		cttest.Under(mm).Holds(t, guarded(true), props.NoDataRace())
		cttest.Under(mm).Violates(t, guarded(false), "no-data-race", props.NoDataRace())
		p, _ := seqlock(false, false)
		tr := cttest.Under(mm).Violates(t, plainly(p, "a", "b"), "no-data-race", props.NoDataRace())
		if v := tr.Race.Var.Name; v != "a" && v != "b" {
			t.Errorf("under %s the race is on %s", mm, v)
		}
	}
}

// guarded is two CPUs that increment an ordinary C variable, with or without a lock around it.
func guarded(locked bool) *model.Program {
	p := model.New("guarded")
	lock := p.Shared("lock", model.Bool, model.False)
	n := p.Plain("n", model.UpTo(2), model.Int(0))
	for _, name := range []string{"CPU0", "CPU1"} {
		p.CPU(name).Run(p.Routine("increment", func(r *model.Routine) {
			l, old := r.LocalOf("l", n), r.LocalOf("old", lock)
			if locked {
				r.DoWhile(func() { r.Xchg("old = xchg(&lock, 1)", old, lock, model.True, model.Acquire) }, old)
			}
			r.ReadPlain("l = n", l, n)
			r.WritePlain("n = l + 1", n, l.Add(model.Int(1)))
			if locked {
				r.StoreRelease("smp_store_release(&lock, 0)", lock, model.False)
			}
		}))
	}
	return p
}

// CPUs that differ in nothing but that an access of one is plain are interchangeable, unless somebody asks
// for data races.
func TestPlainAccessesTellCPUsApart(t *testing.T) {
	for _, row := range []struct {
		mixed, asked, alike bool
	}{{false, false, true}, {false, true, true}, {true, false, true}, {true, true, false}} {
		p := model.New("twins")
		x := p.Shared("x", model.UpTo(3).Mod(), model.Int(0))
		for i, name := range []string{"CPU0", "CPU1"} {
			p.CPU(name).Run(p.Routine("count", func(r *model.Routine) {
				l := r.LocalOf("l", x)
				if row.mixed && i == 1 {
					r.ReadOnce("l = READ_ONCE(x)", l, x)
				} else {
					r.ReadPlain("l = x", l, x)
				}
				r.AtomicAdd("atomic_add(l, &x)", x, l)
			}))
		}
		var claims []*model.Monitor
		if row.asked {
			claims = append(claims, props.NoDataRace())
		}
		m, err := machine.Compile(machine.Options{}, p, claims...)
		if err != nil {
			t.Fatal(err)
		}
		y := m.Symmetry()
		if alike := len(y.Classes()) == 1; alike != row.alike {
			t.Errorf("one of two differs: %t, asked for races: %t: interchangeable: %t, want %t (%q)",
				row.mixed, row.asked, alike, row.alike, y.Apart())
		}
		o := explore.Options{Search: explore.BreadthFirst, Reduce: explore.Symmetry}
		r, err := explore.Run(context.Background(), p, claims, o)
		if err != nil {
			t.Fatal(err)
		}
		if violated := r.Verdict == verdict.Violated; violated != row.asked {
			t.Errorf("one of two differs: %t, asked for races: %t: %v", row.mixed, row.asked, r.Verdict)
		}
	}
}

// A trace of a race is drawn like any other, and its report says in JSON, too, what races.
func TestRaceIsReported(t *testing.T) {
	p := guarded(false)
	r := cttest.Check(t, p, props.NoDataRace())
	var text, json strings.Builder
	rep := &report.Report{Model: p.Name, Program: p, Result: r}
	if err := report.Text(&text, rep); err != nil {
		t.Fatal(err)
	}
	if err := report.JSON(&json, rep); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"no-data-race  VIOLATED in 1 step", `=> A data race on n: either can come next`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, text.String())
		}
	}
	for _, want := range []string{`"variable": "n"`, `"cpu": "CPU1"`, `"plain": true`, `"statement": "n = l + 1"`} {
		if !strings.Contains(json.String(), want) {
			t.Errorf("the JSON lacks %q:\n%s", want, json.String())
		}
	}
}
