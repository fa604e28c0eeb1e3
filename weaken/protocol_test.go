package weaken

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"ctcheck/internal/testkit"
	"ctcheck/model"
	"ctcheck/props"
	"ctcheck/trace"
)

// This file weakens protocols that are not designs, each made for one verdict.

// storeBuffering is two CPUs that each store to one variable and read the other; the claim is that not
// both miss the other's store.
func storeBuffering(store func(r *model.Routine, v *model.Var)) func() (*model.Program, []*model.Monitor) {
	return func() (*model.Program, []*model.Monitor) {
		p := model.New("store-buffering")
		vs := []*model.Var{p.Shared("x", model.Bool, model.False), p.Shared("y", model.Bool, model.False)}
		missed := []*model.Var{p.Ghost("A missed", model.Bool, model.False),
			p.Ghost("B missed", model.Bool, model.False)}
		for i, name := range []string{"A", "B"} {
			p.CPU(name).Run(p.Routine("task", func(r *model.Routine) {
				seen := r.Local("seen", model.Bool)
				store(r, vs[i])
				r.ReadOnce("seen = READ_ONCE(other)", seen, vs[1-i])
				r.Set(missed[i], seen.IsZero())
			}))
		}
		return p, []*model.Monitor{props.AtEnd("not both miss", missed[0].And(missed[1]).IsZero())}
	}
}

// ticket is a lock whose CPUs draw tickets with a fetch-and-add.
func ticket() (*model.Program, []*model.Monitor) {
	p := model.New("ticket-lock")
	next := p.Shared("next", model.UpTo(3).Mod(), model.Int(0))
	owner := p.Shared("owner", model.UpTo(3).Mod(), model.Int(0))
	inside := p.Ghost("inside", model.UpTo(2), model.Int(0))
	for _, name := range []string{"A", "B"} {
		p.CPU(name).Run(p.Routine("task", func(r *model.Routine) {
			mine, seen := r.LocalOf("mine", next), r.LocalOf("seen", owner)
			r.AtomicFetchAdd("mine = atomic_fetch_inc(&next)", mine, next, model.Int(1), model.Relaxed)
			r.CondLoadAcquire("smp_cond_load_acquire(&owner)", seen, owner, seen.Eq(mine))
			r.Set(inside, inside.Add(model.Int(1)))
			r.Pause("/* inside */")
			r.Set(inside, inside.Sub(model.Int(1)))
			r.StoreRelease("smp_store_release(&owner)", owner, mine.Add(model.Int(1)))
		}))
	}
	return p, []*model.Monitor{props.Always("mutual exclusion", inside.Le(model.Int(1)))}
}

// token is a thing that two CPUs take and put back; if both take it, what they put back has no room. The
// claim, if it is made, is that they never have it both.
func token(claim bool) func() (*model.Program, []*model.Monitor) {
	return func() (*model.Program, []*model.Monitor) {
		p := model.New("token")
		v := p.Shared("token", model.Bool, model.True)
		holders := p.Ghost("holders", model.UpTo(2), model.Int(0))
		for _, name := range []string{"A", "B"} {
			p.CPU(name).Run(p.Routine("task", func(r *model.Routine) {
				x := r.Local("x", model.Bool)
				r.Xchg("x = xchg(&token, 0)", x, v, model.Int(0))
				r.Set(holders, holders.Add(x))
				r.AtomicAdd("atomic_add(x, &token)", v, x)
				r.Set(holders, holders.Sub(x))
			}))
		}
		if !claim {
			return p, nil
		}
		return p, []*model.Monitor{props.Always("one holder", holders.Le(model.Int(1)))}
	}
}

// sequence is two stores; that the first can be seen without the second is claimed.
func sequence() (*model.Program, []*model.Monitor) {
	p := model.New("sequence")
	v, w := p.Shared("v", model.Bool, model.False), p.Shared("w", model.Bool, model.False)
	p.CPU("A").Run(p.Routine("task", func(r *model.Routine) {
		r.WriteOnce("WRITE_ONCE(v, 1)", v, model.True)
		r.WriteOnce("WRITE_ONCE(w, 1)", w, model.True)
	}))
	p.ReachedState("v without w", v.And(w.IsZero()))
	p.ReachedState("both", v.And(w))
	p.ReachedState("w without v", w.And(v.IsZero())) // which even the protocol itself does not reach
	return p, nil
}

// flood stores for ever, with a barrier in the loop.
func flood() (*model.Program, []*model.Monitor) {
	return program(func(_ *model.Program, v *model.Var, r *model.Routine) {
		r.Forever(func() {
			r.WriteOnce("store", v, model.Int(1))
			r.SmpMb()
		})
	}), nil
}

// counter is a count that a CPU's own code and the handler of its device increment, by a load and a store. mask
// and unmask are what the code does around that.
func counter(mask, unmask func(r *model.Routine, flags *model.Var)) func() (*model.Program, []*model.Monitor) {
	return func() (*model.Program, []*model.Monitor) {
		p := model.New("counter")
		v := p.Shared("count", model.UpTo(2), model.Int(0))
		came := p.Ghost("came", model.UpTo(2), model.Int(1))
		inc := func(r *model.Routine) {
			n := r.LocalOf("n", v)
			r.ReadOnce("n = count", n, v)
			r.WriteOnce("count = n + 1", v, n.Add(model.Int(1)))
		}
		c := p.CPU("A")
		c.OnIRQ("disk", p.Routine("handler", func(r *model.Routine) {
			r.Set(came, model.Int(2))
			inc(r)
		}), 1)
		c.Run(p.Routine("task", func(r *model.Routine) {
			flags := r.Local("flags", model.Bool)
			mask(r, flags)
			inc(r)
			unmask(r, flags)
		}))
		return p, []*model.Monitor{props.AtEnd("nothing is lost", v.Eq(came))}
	}
}

const (
	ordered  = "changes nothing: under sequential consistency every access is ordered"
	unneeded = "not needed under these assumptions"
)

// What becomes of rows of such protocols. The function is as long as its table.
func TestProtocols(t *testing.T) {
	mb := func(r *model.Routine, v *model.Var) {
		r.WriteOnce("store", v, model.True)
		r.SmpMb()
	}
	rows := []struct {
		why       string
		build     func() (*model.Program, []*model.Monitor)
		kind      Kind
		statement string
		sc, tso   string // how the verdicts begin
	}{
		{"a fence that only x86-TSO needs", storeBuffering(mb), Fence, "smp_mb()",
			ordered, "needed: breaks not both miss"},
		{"the steps around it, which every memory model needs in their order", storeBuffering(mb), Swap, "store",
			"needed: breaks not both miss", "needed: breaks not both miss"},
		{"a full store that only x86-TSO needs", storeBuffering(func(r *model.Routine, v *model.Var) {
			r.SmpStoreMb("smp_store_mb", v, model.True)
		}), Order, "smp_store_mb", ordered, "needed: breaks not both miss"},
		{"a locked instruction that is needed for its barrier alone", storeBuffering(
			func(r *model.Routine, v *model.Var) { r.Xchg("xchg", nil, v, model.True) }), Torn, "xchg",
			unneeded, "needed: breaks not both miss"},
		{"its order, though, is that of every locked instruction", storeBuffering(
			func(r *model.Routine, v *model.Var) { r.Xchg("xchg", nil, v, model.True) }), Order, "xchg",
			ordered, "changes nothing: on x86 every locked instruction is a full barrier"},
		{"a release", storeBuffering(func(r *model.Routine, v *model.Var) {
			r.StoreRelease("release", v, model.True)
			r.SmpMb()
		}), Order, "release", ordered, "changes nothing: on x86 every store is a release"},
		{"an acquire", ticket, Order, "cond_load", ordered, "changes nothing: on x86 every load is an acquire"},
		{"a fence of the compiler", storeBuffering(func(r *model.Routine, v *model.Var) {
			mb(r, v)
			r.SmpRmb()
		}), Fence, "smp_rmb()", ordered, "changes nothing: on x86 it orders the compiler only"},
		{"what a protocol violates by itself is no news", storeBuffering(func(r *model.Routine, v *model.Var) {
			r.WriteOnce("store", v, model.True)
		}), Swap, "store", "needed: breaks not both miss", unneeded},
		{"a lock", ticket, Torn, "fetch_inc", "needed: breaks mutual exclusion, no-deadlock",
			"needed: breaks mutual exclusion, no-deadlock"},
		{"what can no longer be reached", sequence, Swap, "v, 1", "needed: breaks reachability: v without w",
			"needed: breaks reachability: v without w"},
		{"a value out of range", token(false), Torn, "xchg",
			`cannot be asked: B at "atomic_add(x, &token)" (protocol_test.go:`,
			`cannot be asked: B at "atomic_add(x, &token)" (protocol_test.go:`},
		{"what is violated before that counts", token(true), Torn, "xchg",
			`needed: breaks one holder; the rest cannot be asked: B at "atomic_add(x, &token)" (`,
			`needed: breaks one holder; the rest cannot be asked: B at "atomic_add(x, &token)" (`},
		{"interrupts that are disabled", counter(func(r *model.Routine, _ *model.Var) { r.LocalIRQDisable() },
			func(r *model.Routine, _ *model.Var) { r.LocalIRQEnable() }), Unmasked, "local_irq_disable()",
			"needed: breaks nothing is lost", "needed: breaks nothing is lost"},
		{"interrupts that are disabled and restored", counter((*model.Routine).LocalIRQSave,
			func(r *model.Routine, flags *model.Var) { r.LocalIRQRestore(flags) }), Unmasked,
			"local_irq_save(flags)", "needed: breaks nothing is lost", "needed: breaks nothing is lost"},
		{"interrupts that are disabled already", counter(func(r *model.Routine, flags *model.Var) {
			r.LocalIRQDisable()
			r.LocalIRQSave(flags)
		}, func(r *model.Routine, flags *model.Var) {
			r.LocalIRQRestore(flags)
			r.LocalIRQEnable()
		}), Unmasked, "local_irq_save(flags)", unneeded, unneeded},
		{"a store buffer without end", flood, Fence, "smp_mb()", ordered, "open: store-buffer"},
	}
	for _, r := range rows {
		tab := protocol(t, r.build)
		got := row(t, tab, r.kind, r.statement, "")
		for i, want := range []string{r.sc, r.tso} {
			if words := tab.words(got.Verdicts[i]); !strings.HasPrefix(words, want) ||
				words != want && !strings.HasSuffix(want, "(protocol_test.go:") && !strings.HasSuffix(want, "(") {
				t.Errorf("%s under %s: %s, want %s", r.why, both[i], words, want)
			}
		}
		open := strings.HasPrefix(r.tso, "open")
		if tab.Complete() == open {
			t.Errorf("%s: complete is %t", r.why, tab.Complete())
		}
	}
}

// What the protocol itself lacks stands above the table.
func TestItself(t *testing.T) {
	tab := protocol(t, storeBuffering(func(r *model.Routine, v *model.Var) { r.WriteOnce("store", v, model.True) }))
	if got := tab.itself(); len(got) != 1 || got[0] != "under tso: not both miss" {
		t.Errorf("got %q", got)
	}
	tab = protocol(t, sequence)
	if got := tab.itself(); len(got) != 1 || got[0] != "under sc and tso: reachable: w without v" {
		t.Errorf("got %q", got)
	}
}

// A protocol that is faulty by itself is an error, not a table.
func TestFaultyProtocol(t *testing.T) {
	tab, err := New([]*Case{{Build: func() (*model.Program, []*model.Monitor, error) {
		return program(func(_ *model.Program, v *model.Var, r *model.Routine) {
			r.AtomicSub("sub", v, model.Int(1))
		}), nil, nil
	}}}, both)
	if err != nil {
		t.Fatal(err)
	}
	var f *trace.Fault
	if err := tab.Run(t.Context()); !errors.As(err, &f) || f.Trace == nil ||
		!strings.Contains(err.Error(), "v = -1 is outside its range") {
		t.Errorf("error %v", err)
	}
}

// Rows of several configurations are in one order, each once, and say in which they are.
func TestRowsOfCases(t *testing.T) {
	build := func(more bool) func() (*model.Program, []*model.Monitor, error) {
		return func() (*model.Program, []*model.Monitor, error) {
			return program(func(p *model.Program, v *model.Var, r *model.Routine) {
				r.AtomicOr("first", v, model.Int(1))
				if more {
					r.SmpMb()
					r.AtomicAnd("second", p.Shared("w", model.Bits(2), model.Int(0)), model.Int(1))
				}
				r.Pause("pause")
				r.AtomicOr("third", v, model.Int(2))
			}), nil, nil
		}
	}
	tab := run(t, []*Case{{Key: "small", Build: build(false)}, {Key: "large", Build: build(true)}})
	want := []struct {
		statement string
		kind      Kind
		in        [2]bool
	}{
		{"first", Torn, [2]bool{true, true}}, {"first", Swap, [2]bool{false, true}},
		{"smp_mb()", Fence, [2]bool{false, true}}, {"second", Torn, [2]bool{false, true}},
		{"third", Torn, [2]bool{true, true}},
	}
	if len(tab.Rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(tab.Rows), len(want))
	}
	for i, r := range tab.Rows {
		if w := want[i]; r.Number != i+1 || r.Statement != w.statement || r.Kind != w.kind || r.in[0] != w.in[0] ||
			r.in[1] != w.in[1] {
			t.Errorf("row %d: %s of %s in %v, want %+v", r.Number, r.Kind, r.Statement, r.in, w)
		}
	}
}

// Where a weaker protocol is at fault, the runs of its row lead there.
func TestFaultsHaveRuns(t *testing.T) {
	for _, claim := range []bool{false, true} {
		tab := protocol(t, token(claim))
		r := row(t, tab, Torn, "xchg", "")
		var text, md, js strings.Builder
		for _, write := range []error{tab.Text(&text, []*Row{r}), tab.Markdown(&md, []*Row{r}),
			tab.JSON(&js, []*Row{r})} {
			if write != nil {
				t.Fatal(write)
			}
		}
		for _, said := range []string{text.String(), md.String()} {
			testkit.Mentions(t, said, "the run to the fault",
				"a fault of the program, in 6 steps (a shortest run)\n",
				"=> model token: B at \"atomic_add(x, &token)\"", "Row ")
			if strings.Contains(said, "no run to show") {
				t.Errorf("there is a run:\n%s", said)
			}
		}
		var j struct {
			Rows []struct {
				Number   int
				Verdicts []struct{ Faults []struct{ Trace []any } }
			}
		}
		if err := json.Unmarshal([]byte(js.String()), &j); err != nil {
			t.Fatal(err)
		}
		for _, jr := range j.Rows {
			for i, v := range jr.Verdicts {
				for _, f := range v.Faults {
					want := []int{6, 8}[i]
					if jr.Number != r.Number {
						want = 0
					}
					if len(f.Trace) != want {
						t.Errorf("row %d has a run of %d steps, want %d", jr.Number, len(f.Trace), want)
					}
				}
			}
		}
	}
}
