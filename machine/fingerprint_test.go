package machine

import (
	"testing"

	"ctcheck/ir"
	"ctcheck/model"
)

// printed is a program that has one of all that a fingerprint tells apart: store buffers, interrupts, NMIs,
// choices, and claims of every kind.
func printed(t *testing.T) *Machine {
	t.Helper()
	p := model.New("printed")
	x := p.Shared("x", model.Bits(2), model.Int(0))
	c, d := p.CPU("CPU0"), p.CPU("CPU1")
	ipi := d.IPI("kick", p.Routine("handler", func(r *model.Routine) { r.AtomicOr("or", x, model.Int(2)) }))
	d.OnNMI(p.Routine("NMI", func(r *model.Routine) { r.Frame(model.NMIBody, func() { r.Pause("NMI") }) }), 1, 1)
	c.Run(p.Routine("main", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		r.WriteOnce("WRITE_ONCE(x, 1)", x, model.Int(1))
		r.SendIPI("kick", ipi)
		r.Cmpxchg("v = cmpxchg(&x, 1, 0)", v, x, model.Int(1), model.Int(0))
		r.If(v.Eq(model.Int(1)), func() { r.Pause("was 1") })
		r.Choose(r.When(v.IsZero(), func() { r.Pause("a") }), r.When(d.Done(), func() { r.Pause("b") }))
	}))
	d.Run(p.Routine("other", func(r *model.Routine) {
		v := r.LocalOf("v", x)
		r.CondLoadAcquire("smp_cond_load_acquire(&x, VAL)", v, x, v.NonZero())
	}))
	p.ReachedState("x is 3", x.Eq(model.Int(3)))
	m, err := Compile(Options{Memory: model.TSO, BufferSizes: []int{1, 1}}, p,
		&model.Monitor{Name: "never", Never: x.Eq(model.Int(3)).And(d.In(model.Frames(model.Body)))},
		&model.Monitor{Name: "at the end", AtEnd: x.IsZero()},
		&model.Monitor{Name: "eventually", Eventually: x.NonZero()})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// alter sees that the fingerprint is another one while a part of the program is.
func alter[T any](t *testing.T, m *Machine, name string, part *T, other T) {
	t.Helper()
	before, was := m.Fingerprint(), *part
	*part = other
	if m.Fingerprint() == before {
		t.Errorf("another %s leaves the fingerprint as it was", name)
	}
	if *part = was; m.Fingerprint() != before {
		t.Errorf("%s: the fingerprint of one program is not always the same", name)
	}
}

// A checkpoint of a program that differs in anything a search looks at is refused: its states would mean
// something else.
func TestFingerprintsOfDifferentPrograms(t *testing.T) {
	m := printed(t)
	alter(t, m, "name", &m.Program.Name, "other")
	alter(t, m, "length of states", &m.words, m.words+1)
	alter(t, m, "property", &m.Properties[0], "other")
	alter(t, m, "initial state", &m.initial[0], m.initial[0]+2)
	alter(t, m, "transition", &m.trans[0], ir.Transition{CPU: 7})
	alter(t, m, "memory model", &m.options.Memory, model.SC)
	alter(t, m, "global", &m.globals[0], m.mark)
	alter(t, m, "claim", &m.Program.Claims[0].Name, "other")

	g := m.globals[0]
	alter(t, m, "place", g, loc{g.word, g.shift + 1, g.mask, g.lo, g.hi, g.mod, g.v, g.slot})
	alter(t, m, "range", g, loc{g.word, g.shift, g.mask, g.lo, g.hi - 1, g.mod, g.v, g.slot})
	alter(t, m, "variable", &g.v, nil)

	for _, checks := range []*[]check{&m.never, &m.atEnd, &m.reach} {
		alter(t, m, "property of a check", &(*checks)[0].bits, 1<<40)
		alter(t, m, "check", &(*checks)[0].e, &expr{op: model.OpConst, k: 7})
	}
	never, atEnd := m.never, m.atEnd
	before := m.Fingerprint()
	m.never, m.atEnd = append(never[:len(never):len(never)], atEnd...), nil
	if m.Fingerprint() == before {
		t.Error("what must hold at the end is not told from what must never be")
	}
	m.never, m.atEnd = never, atEnd
	alter(t, m, "property of whole runs", &m.live[0].Property, 7)
	alter(t, m, "condition of whole runs", &m.live[0].cond, nil)
}

// As above, for what a CPU is.
func TestFingerprintsOfDifferentCPUs(t *testing.T) {
	m := printed(t)
	c, d := &m.cpus[0], &m.cpus[1]
	alter(t, m, "CPU", &d.CPU.Name, "other")
	alter(t, m, "kind of CPU", &d.IsService, !d.IsService)
	alter(t, m, "pending IPI", &d.pending[0], m.mark)
	alter(t, m, "budget of NMIs", &d.nmiLeft, m.mark)
	alter(t, m, "bits of a store", &c.buf.sites[0].mask, 1)
	alter(t, m, "code of a store", &c.buf.sites[0].ip, 7)
	alter(t, m, "variable of a store", &c.buf.sites[0].v, m.mark)
	alter(t, m, "kind of a waiting store", &c.buf.entries[0].site, m.mark)
	alter(t, m, "value of a waiting store", &c.buf.entries[0].value, m.mark)
	alter(t, m, "size of a buffer", &c.buf.entries, nil)
	lv := &d.levels[0]
	alter(t, m, "bias", &lv.bias, 7)
	alter(t, m, "end", &lv.halt, 7)
	alter(t, m, "program counter", &lv.pc, m.mark)
	alter(t, m, "boundary", &lv.points[0].ip, 77)
	alter(t, m, "frame of a boundary", &lv.points[0].frame, model.Exit)
}

// As above, for what an instruction is, and an expression.
func TestFingerprintsOfDifferentCode(t *testing.T) {
	m := printed(t)
	for i := range m.code {
		in := &m.code[i]
		alter(t, m, "operation", &in.op, ir.OpFault)
		alter(t, m, "target of a jump", &in.to, in.to+1)
		alter(t, m, "label", &in.stmt, &model.Stmt{Label: "other"})
		alter(t, m, "variable of a step", &in.v, m.mark)
		alter(t, m, "result of a step", &in.dst, m.mark)
		alter(t, m, "argument", &in.arg, &expr{op: model.OpConst, k: 7})
		alter(t, m, "condition", &in.cond, &expr{op: model.OpConst, k: 7})
		alter(t, m, "expected value", &in.cmp, &expr{op: model.OpConst, k: 7})
		for k := range in.alts {
			alter(t, m, "target of a choice", &in.alts[k].to, in.alts[k].to+1)
			alter(t, m, "guard", &in.alts[k].guard, &expr{op: model.OpConst, k: 7})
		}
		if in.v != nil && in.dst == nil {
			was, before := *in, m.Fingerprint()
			in.v, in.dst = in.dst, in.v
			if m.Fingerprint() == before {
				t.Error("where a step stores is not told from where it puts its result")
			}
			*in = was
		}
		if in.arg != nil && in.cmp == nil {
			was, before := *in, m.Fingerprint()
			in.arg, in.cmp = in.cmp, in.arg
			if m.Fingerprint() == before {
				t.Error("what is stored is not told from what is expected")
			}
			*in = was
		}
	}
	e := m.never[0].e
	alter(t, m, "operand", &e.a, e.b)
	alter(t, m, "operand", &e.b, e.a)
	alter(t, m, "frames", &e.b.frames, model.Frames(model.Exit))
	alter(t, m, "CPU of an expression", &e.b.cpu, &m.cpus[0])
	alter(t, m, "variable of an expression", &e.a.a.l, m.mark)
}
