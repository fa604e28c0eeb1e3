package machine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ctcheck/ir"
	"ctcheck/machine"
	"ctcheck/model"
)

// nested is a CPU with calls, locals, an IPI and NMIs, and another that sends.
func nested() *model.Program {
	p := model.New("nested")
	x := p.Shared("x", model.UpTo(7), model.Int(0))
	cpu, other := p.CPU("CPU0"), p.CPU("CPU1")
	inner := p.Routine("inner", func(r *model.Routine) {
		n := r.Param("n", model.UpTo(7))
		v := r.LocalOf("v", x)
		r.ReadOnce("v = x", v, x)
		r.WriteOnce("x = n", x, n)
	})
	ipi := cpu.IPI("line", p.Routine("handler", func(r *model.Routine) {
		k := r.Param("k", model.UpTo(7))
		r.Call(inner, nil, k)
	}), model.Int(5))
	cpu.OnNMI(p.Routine("nmi", func(r *model.Routine) { r.Pause("in the NMI") }), 2, 2)
	cpu.Run(p.Routine("main", func(r *model.Routine) {
		i := r.Local("i", model.UpTo(3))
		r.Pause("begin")
		r.Set(i, model.Int(2))
		r.Call(inner, nil, i)
		r.Pause("end")
	}))
	other.Run(p.Routine("sender", func(r *model.Routine) { r.SendIPI("send", ipi) }))
	return p
}

// told is a snapshot in words.
func snapshotText(s ir.Snapshot) string {
	var b strings.Builder
	for _, g := range s.Globals {
		fmt.Fprintf(&b, "%s=%d\n", g.Var.Name, g.Value)
	}
	for _, c := range s.CPUs {
		fmt.Fprintf(&b, "%s: %d stores, %d IPIs pending, %d NMIs left\n", c.CPU.Name, len(c.Buffer), len(c.Pending),
			c.NMIsLeft)
		for _, lv := range c.Levels {
			next := "-"
			if lv.Next != nil {
				next = lv.Next.Label
			}
			fmt.Fprintf(&b, "  %s, next %q:", lv.Frame, next)
			for _, call := range lv.Calls {
				fmt.Fprintf(&b, " %s(", call.Routine.Name)
				for _, l := range call.Locals {
					fmt.Fprintf(&b, " %s=%d", l.Var.Name, l.Value)
				}
				fmt.Fprint(&b, " )")
			}
			fmt.Fprintln(&b)
		}
	}
	return b.String()
}

// A state taken apart has the calls under way with their locals, of handlers too, and what comes next.
func TestSnapshots(t *testing.T) {
	for _, mm := range []model.MemoryModel{model.SC, model.TSOLazy} {
		m, err := machine.Compile(machine.Options{Memory: mm, BufferSizes: []int{2, 2}}, nested())
		if err != nil {
			t.Fatal(err)
		}
		s, _ := m.Initial()
		s = slices.Clone(s)
		take := func(tr ir.Transition) {
			t.Helper()
			dst := make([]uint64, m.Words())
			var fx machine.Effects
			if !m.Fire(s, m.Number(tr), dst, &fx) || fx.Err != nil {
				t.Fatalf("%v is not enabled, or %v", tr, fx.Err)
			}
			s = dst
		}
		take(ir.Transition{CPU: 1})                   // send
		take(ir.Transition{CPU: 0})                   // begin
		take(ir.Transition{CPU: 0, Kind: ir.PushIPI}) // handler
		take(ir.Transition{CPU: 0})                   // v = x
		take(ir.Transition{CPU: 0})                   // x = n
		stores, x := 0, 5
		if mm == model.TSOLazy {
			stores, x = 1, 0 // the handler waits for it before it returns
		} else {
			take(ir.Transition{CPU: 0}) // v = x, in main
		}
		take(ir.Transition{CPU: 0, Kind: ir.PushNMI})
		take(ir.Transition{CPU: 0, Kind: ir.PushNMI})
		want := fmt.Sprintf("x=%d\nCPU0: %d stores, 0 IPIs pending, 0 NMIs left\n", x, stores)
		if mm == model.TSOLazy {
			want += "  body, next \"v = x\": main( i=2 ) inner( n=2 v=0 )\n  irq, next \"IRET\":\n"
		} else {
			want += "  body, next \"x = n\": main( i=2 ) inner( n=2 v=5 )\n"
		}
		want += "  nmi-body, next \"in the NMI\": nmi( )\n  nmi-body, next \"in the NMI\": nmi( )\n" +
			"CPU1: 0 stores, 0 IPIs pending, 0 NMIs left\n  body, next \"-\":\n"
		if diff := cmp.Diff(want, snapshotText(m.Snapshot(s))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", mm, diff)
		}
	}
}

// A store that waits is in the snapshot, and the record of its step says what it wrote.
func TestRecordsOfAccesses(t *testing.T) {
	p := model.New("accesses")
	x := p.Shared("x", model.UpTo(3), model.Int(0))
	p.CPU("CPU0").Run(p.Routine("main", func(r *model.Routine) {
		v, ok := r.LocalOf("v", x), r.Local("ok", model.Bool)
		r.ReadOnce("read", v, x)
		r.WriteOnce("write", x, model.Int(1))
		r.TryCmpxchg("fails", ok, x, v, model.Int(2))
		r.TryCmpxchg("succeeds", ok, x, v, model.Int(2))
		r.Atomic("both", func() {
			r.ReadOnce("inner read", v, x)
			r.WriteOnce("inner write", x, model.Int(3))
		})
	}))
	m, err := machine.Compile(machine.Options{}, p)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := m.Initial()
	s = slices.Clone(s)
	for _, want := range []string{"[read r-]", "[write -w]", "[fails r-]", "[succeeds rw]",
		"[inner read r-][inner write -w]"} {
		var rec ir.Record
		fx := machine.Effects{Record: &rec}
		dst := make([]uint64, m.Words())
		if !m.Fire(s, 0, dst, &fx) || fx.Err != nil {
			t.Fatalf("%s: not enabled, or %v", want, fx.Err)
		}
		s = dst
		var got strings.Builder
		for _, a := range rec.Accesses {
			flags := []byte("--")
			if a.Read {
				flags[0] = 'r'
			}
			if a.Write {
				flags[1] = 'w'
			}
			got.WriteString(fmt.Sprintf("[%s %s]", a.Stmt.Label, flags))
		}
		if got.String() != want {
			t.Errorf("%s, want %s", got.String(), want)
		}
	}
}

// Every event of a program is found once for each value that its argument may have.
func TestHappenings(t *testing.T) {
	m, err := machine.Compile(machine.Options{}, nested())
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, h := range m.Lowered().Happenings() {
		count[fmt.Sprintf("%s %s %d", h.CPU.Name, h.Kind, h.Depth)]++
	}
	want := map[string]int{"CPU1 sent 0": 1, "CPU0 pushed 0": 1, "CPU0 popped 0": 1, "CPU0 pushed 1": 1,
		"CPU0 popped 1": 1, "CPU0 pushed 2": 1, "CPU0 popped 2": 1}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
