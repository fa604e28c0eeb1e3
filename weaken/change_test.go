package weaken

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"ctcheck/deferral"
	"ctcheck/explore"
	"ctcheck/internal/plain"
	"ctcheck/machine"
	"ctcheck/model"
	"ctcheck/models"
	"ctcheck/verdict"
)

// What is swapped, and with it what rides on it; and what is not. The function is as long as its table.
func TestSwap(t *testing.T) {
	type code = func(v, w, x, y *model.Var, r *model.Routine)
	rows := []struct {
		why   string
		build code
		want  string // empty: nothing is swapped
	}{
		{"with the events and the local code that ride on each", func(v, w, x, y *model.Var, r *model.Routine) {
			r.AtomicFetchOr("or", x, v, model.Int(1))
			r.If(x, func() { r.Event(deferral.Published) })
			r.WriteOnce("store", w, model.Int(1))
			r.Event(deferral.LeftUser)
			r.Pause("pause")
		}, `
_ = store.relaxed w(1)
event left-user
x = or.full old v(1)
if x
  event published
`},
		{"around the fence between them", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, model.Int(1))
			r.Event(deferral.Published)
			r.SmpMb()
			r.ReadOnce("load", x, w)
		}, `
x = load.relaxed w()
fence smp_mb()
_ = store.relaxed v(1)
event published
`},
		{"what uses both results stays behind", func(v, w, x, y *model.Var, r *model.Routine) {
			r.ReadOnce("load", x, v)
			r.ReadOnce("load", y, w)
			r.Event(deferral.Flushed)
			r.Set(y, x.Or(y))
			r.Event(deferral.LeftUser)
		}, `
y = load.relaxed w()
event flushed
x = load.relaxed v()
y := (x 3 y)
event left-user
`},
		{"an Atomic that touches memory", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", w, model.Int(1))
			r.Atomic("all at once", func() {
				r.ReadPlain("load", x, v)
				r.If(x, func() { (&deferral.Deferral{Works: 1}).RunWork(r, "run", model.Int(0), deferral.ByFlush) })
			})
		}, `
atomic all at once
  x = load.plain v()
  if x
    pause run
    assert "run" runs a work bit that the program does not have; it has 1
    event ran
_ = store.relaxed w(1)
`},
		{"the second uses what the first loads", func(v, w, x, y *model.Var, r *model.Routine) {
			r.ReadOnce("load", x, v)
			r.WriteOnce("store", w, x)
		}, ""},
		{"the second uses what rides on the first", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, model.Int(1))
			r.Set(x, model.Int(1))
			r.WriteOnce("store", w, x)
		}, ""},
		{"both write one local", func(v, w, x, y *model.Var, r *model.Routine) {
			r.ReadOnce("load", x, v)
			r.ReadOnce("load", x, w)
		}, ""},
		{"the second overwrites what the first uses", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, x)
			r.ReadOnce("load", x, w)
		}, ""},
		{"both are on one variable", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, model.Int(1))
			r.ReadOnce("load", x, v)
		}, ""},
		{"a step lies between", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, model.Int(1))
			r.Pause("pause")
			r.WriteOnce("store", w, model.Int(1))
		}, ""},
		{"a branch with a step lies between", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, model.Int(1))
			r.If(x, func() { r.Pause("pause") })
			r.WriteOnce("store", w, model.Int(1))
		}, ""},
		{"a way out lies between", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, model.Int(1))
			r.If(x, func() { r.Return(nil) })
			r.WriteOnce("store", w, model.Int(1))
		}, ""},
		{"a way out of the loop, in the other branch, lies between", func(v, w, x, y *model.Var, r *model.Routine) {
			r.Forever(func() {
				r.WriteOnce("store", v, model.Int(1))
				r.If(x, func() { r.Event(deferral.Flushed) }, func() { r.Break() })
				r.WriteOnce("store", w, model.Int(1))
			})
		}, ""},
		{"the second opens with the start of a request", func(v, w, x, y *model.Var, r *model.Routine) {
			r.WriteOnce("store", v, model.Int(1))
			(&deferral.Request{}).Start(r)
			r.WriteOnce("store", w, model.Int(1))
		}, ""},
		{"they are part of one step", func(v, w, x, y *model.Var, r *model.Routine) {
			r.Atomic("all at once", func() {
				r.WriteOnce("store", v, model.Int(1))
				r.WriteOnce("store", w, model.Int(1))
			})
		}, ""},
	}
	for _, row := range rows {
		build := func() *model.Program {
			return program(func(p *model.Program, v *model.Var, r *model.Routine) {
				w := p.Shared("w", model.Bits(3), model.Int(0))
				row.build(v, w, r.LocalOf("x", v), r.LocalOf("y", v), r)
			})
		}
		p := build()
		if row.want == "" {
			found, _ := findings(p)
			for _, f := range found {
				if f.kind == Swap {
					t.Errorf("%s: %s and %s are swapped", row.why, f.stmt.Label, f.with.Label)
				}
			}
			continue
		}
		got := "\n" + changed(t, Swap, p)
		got = strings.TrimSuffix(got, "pause pause\n")
		if got != row.want {
			t.Errorf("%s: got%s\nwant%s", row.why, got, row.want)
		}
	}
}

// Pairs of one key that overlap are swapped from the left; a row is one change, not one for each order.
func TestSwapRepeated(t *testing.T) {
	p := program(func(p *model.Program, v *model.Var, r *model.Routine) {
		for k := range 5 {
			r.WriteOnce(fmt.Sprint("store ", k), p.Shared(fmt.Sprint("w", k), model.Bool, model.Int(0)), model.True)
		}
	})
	want := "_ = store.relaxed w1(1)\n_ = store.relaxed w0(1)\n_ = store.relaxed w3(1)\n" +
		"_ = store.relaxed w2(1)\n_ = store.relaxed w4(1)\n"
	if got := changed(t, Swap, p); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The forms of valentin that are known with their steps swapped are what swapping them makes.
func TestSwapMakesTheKnownForms(t *testing.T) {
	base, _ := models.Find("valentin")
	for name, routine := range map[string]string{
		"valentin-swapped-enter": "ct_kernel_enter_state", "valentin-swapped-exit": "ct_kernel_exit_state",
	} {
		known, _ := models.Find(name)
		for _, c := range models.Matrix() {
			p, err := base.Program(c.Config)
			if err != nil {
				t.Fatal(err)
			}
			want, err := known.Program(c.Config)
			if err != nil {
				t.Fatal(err)
			}
			found, _ := findings(p)
			n := 0
			for _, f := range found {
				if f.kind == Swap && f.at.routine == routine {
					n += f.apply(p)
				}
			}
			if n != 1 || dump(p) != dump(want) {
				t.Errorf("%s, %s: %d swaps, and it is\n%s\nwant\n%s", name, c.Key, n, dump(p), dump(want))
			}
		}
	}
}

// What single statements can be weakened to. The function is as long as its table.
func TestOrdersAndFences(t *testing.T) {
	rows := []struct {
		why   string
		build func(v, x *model.Var, r *model.Routine)
		want  []string
	}{
		{"a full read-modify-write", func(v, x *model.Var, r *model.Routine) { r.Xchg("xchg", x, v, x) },
			[]string{"order acquire", "order release", "order relaxed", "torn"}},
		{"a full store", func(v, x *model.Var, r *model.Routine) { r.SmpStoreMb("mb", v, x) },
			[]string{"order release", "order relaxed"}},
		{"an acquire", func(v, x *model.Var, r *model.Routine) { r.LoadAcquire("load", x, v) },
			[]string{"order relaxed"}},
		{"an acquire that waits", func(v, x *model.Var, r *model.Routine) { r.CondLoadAcquire("wait", x, v, x) },
			[]string{"order relaxed"}},
		{"a release", func(v, x *model.Var, r *model.Routine) { r.StoreRelease("store", v, x) },
			[]string{"order relaxed"}},
		{"a release exchange", func(v, x *model.Var, r *model.Routine) { r.Xchg("xchg", x, v, x, model.Release) },
			[]string{"order relaxed", "torn"}},
		{"a relaxed read-modify-write", func(v, x *model.Var, r *model.Routine) { r.AtomicOr("or", v, x) },
			[]string{"torn"}},
		{"a store to part of a word", func(v, x *model.Var, r *model.Routine) {
			r.WriteOncePart("part", v, model.Int(3), x)
		}, nil},
		{"a plain store", func(v, x *model.Var, r *model.Routine) { r.WritePlain("store", v, x) }, nil},
		{"any fence", func(v, x *model.Var, r *model.Routine) { r.SmpRmb() }, []string{"fence"}},
		{"what disables interrupts", func(v, x *model.Var, r *model.Routine) { r.LocalIRQDisable() },
			[]string{"unmasked"}},
		{"no access, but what enables them", func(v, x *model.Var, r *model.Routine) { r.LocalIRQEnable() }, nil},
		{"what saves and disables", func(v, x *model.Var, r *model.Routine) {
			r.LocalIRQSave(r.Local("flags", model.Bool))
		}, []string{"unmasked"}},
		{"no access at all", func(v, x *model.Var, r *model.Routine) { r.Pause("pause") }, nil},
	}
	for _, row := range rows {
		found, bare := findings(program(func(_ *model.Program, v *model.Var, r *model.Routine) {
			row.build(v, r.LocalOf("x", v), r)
		}))
		var got []string
		for _, f := range found {
			what := f.kind.String()
			if f.kind == Order {
				what += " " + orderNames[f.to]
			}
			got = append(got, what)
			p := program(func(_ *model.Program, v *model.Var, r *model.Routine) {
				row.build(v, r.LocalOf("x", v), r)
			})
			n := len(p.CPUs[0].Main.Body)
			if f.kind == Torn {
				continue // see TestTear
			}
			if f.apply(p) != 1 {
				t.Errorf("%s: %s does not apply to the next program", row.why, what)
			}
			after := p.CPUs[0].Main.Body
			switch {
			case f.kind == Unmasked && len(after) > 0 && after[0].IRQ != model.IRQFlags:
				t.Errorf("%s: interrupts are still disabled", row.why)
			case f.kind == Fence && len(after) != n-1:
				t.Errorf("%s: the fence is still there", row.why)
			case f.kind == Order && (after[0].Order != f.to || len(after) != n):
				t.Errorf("%s: the order is %s", row.why, orderNames[after[0].Order])
			}
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: weakened by %v, want %v", row.why, got, row.want)
		}
		if access := row.want == nil && !strings.HasPrefix(row.why, "no access"); access != (len(bare) == 1) {
			t.Errorf("%s: %d accesses without a weaker form", row.why, len(bare))
		}
	}
}

// Fences of one line that are not the same are several sites: that the one changes nothing does not say so of the
// other.
func TestSitesOfSeveralFences(t *testing.T) {
	p := model.New("strengths")
	p.CPU("CPU").Run(p.Routine("main", func(r *model.Routine) {
		for _, fence := range []func(){r.SmpRmb, r.SmpMb} {
			fence()
		}
	}))
	found, _ := findings(p)
	inert := map[string]string{}
	for _, f := range found {
		row := rowOf(f)
		inert[fmt.Sprint(f.kind, " ", f.stmt.Label)] = row.inert(model.TSO)
	}
	if len(inert) != 2 || inert["fence smp_rmb()"] == "" || inert["fence smp_mb()"] != "" {
		t.Errorf("these are found, with why they change nothing under tso: %v", inert)
	}
}

// Statements of one line in routines of one name are one site; in routines of other names they are
// others.
func TestSites(t *testing.T) {
	p := model.New("sites")
	v := p.Shared("v", model.Bits(3), model.Int(0))
	for k, name := range []string{"one", "one", "other"} {
		p.CPU(fmt.Sprint("CPU", k)).Run(p.Routine(name, func(r *model.Routine) {
			r.AtomicOr(fmt.Sprint("or ", k), v, model.Int(1))
		}))
	}
	found, _ := findings(p)
	if len(found) != 2 || !found[0].more || found[1].more || found[0].stmt.Label != "or 0" ||
		found[1].stmt.Label != "or 2" {
		t.Fatalf("found %+v", found)
	}
	if n := found[0].apply(p); n != 2 {
		t.Errorf("torn at %d places", n)
	}
	for k, want := range []int{3, 3, 1} {
		if n := len(p.CPUs[k].Main.Body); n != want {
			t.Errorf("CPU%d has %d statements, want %d", k, n, want)
		}
	}
}

// A weakening changes its own program, and no other: neither one built before nor one built after.
func TestFreshPrograms(t *testing.T) {
	if testing.Short() {
		t.Skip("builds thousands of programs")
	}
	changes := 0
	for _, d := range models.All() {
		for _, c := range models.Matrix() {
			build := func() *model.Program {
				p, err := d.Program(c.Config)
				if err != nil {
					t.Fatal(err)
				}
				return p
			}
			before := build()
			want := dump(before)
			found, _ := findings(before)
			if dump(before) != want {
				t.Fatalf("%s, %s: looking for weakenings changes the program", d.Name, c.Key)
			}
			for _, f := range found {
				changes++
				p := build()
				if f.apply(p) == 0 || dump(p) == want {
					t.Errorf("%s, %s: %s of %q changes nothing", d.Name, c.Key, f.kind, f.stmt.Label)
				}
				if dump(before) != want || dump(build()) != want {
					t.Fatalf("%s, %s: %s of %q changes another program", d.Name, c.Key, f.kind, f.stmt.Label)
				}
			}
		}
	}
	if changes < 1000 {
		t.Errorf("only %d changes were tried", changes)
	}
}

// most is the most states of a random program that is looked at.
const most = 1000

// disagreement weakens a random program in every way and says what should not be: a tree that does not
// compile, an order or a fence that matters under sequential consistency, a torn form that has less than
// the whole one, or a weaker program of which the plain explorer says something else.
func disagreement(data []byte) string {
	p, _ := plain.Random(data)
	found, _ := findings(p)
	for _, mm := range both {
		p, ms := plain.Random(data)
		own, err := explore.Run(context.Background(), p, ms, explore.Options{Memory: mm, MaxStates: most})
		if err != nil || own.Bound == verdict.AtStates {
			return ""
		}
		for _, f := range found {
			what := fmt.Sprintf("%s of %q under %s", f.kind, f.stmt.Label, mm)
			p, ms := plain.Random(data)
			if f.apply(p) == 0 {
				return what + " changes nothing"
			}
			if _, err := machine.Compile(machine.Options{Memory: mm}, p, ms...); err != nil {
				return fmt.Sprintf("%s: %v", what, err)
			}
			r, err := explore.Run(context.Background(), p, ms, explore.Options{Memory: mm, MaxStates: 4 * most})
			if err != nil || r.Bound == verdict.AtStates {
				continue // a value out of range, a loop without a step
			}
			if why := compare(f, mm, own, r); why != "" {
				return what + ": " + why
			}
			if mm == model.TSO {
				continue
			}
			p, ms = plain.Random(data)
			f.apply(p)
			if want := plain.Explore(model.SC, p, ms, 5*most); uint64(want.States) != r.States ||
				uint64(want.Transitions) != r.Transitions {
				return fmt.Sprintf("%s: %d states, %d transitions, plain %d, %d", what, r.States, r.Transitions,
					want.States, want.Transitions)
			}
		}
	}
	return ""
}

// compare says what is wrong with the result of a weaker program.
func compare(f finding, mm model.MemoryModel, own, r *verdict.Result) string {
	row := rowOf(f)
	if row.inert(mm) != "" && (r.States != own.States || r.Transitions != own.Transitions) {
		return fmt.Sprintf("%d states and %d transitions, before %d and %d", r.States, r.Transitions, own.States,
			own.Transitions)
	}
	if f.kind == Swap || f.kind == Unmasked || !own.Complete || !r.Complete {
		return "" // a swap has other runs; unmasked, saved flags say something else, and interrupts end deadlocks
	}
	for i, p := range own.Properties {
		if p.Violated && !r.Properties[i].Violated {
			return p.Name + " is violated no longer"
		}
	}
	for i, c := range own.Claims {
		if c.Reached && !r.Claims[i].Reached {
			return c.Name + " is reached no longer"
		}
	}
	return ""
}

func FuzzWeakenings(f *testing.F) {
	for k := range 12 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte((i*i*7 + i*k*13 + k*101) >> 2)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if why := disagreement(data); why != "" {
			t.Error(why)
		}
	})
}
