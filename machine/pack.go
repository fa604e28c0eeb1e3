package machine

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file packs a lowered program: it gives everything that tells states apart a place in a few words, and its
// instructions those places.

// Options say what programs run on.
type Options struct {
	Memory model.MemoryModel
	// BufferSizes is the number of stores that wait at most in each CPU's buffer, where the memory model has
	// buffers; 1 for CPUs beyond its end, and where it is 0.
	BufferSizes []int
	// Prompt leaves out runs that end as others do, by stores that need no buffer ([ir.Flow.FindPrompt]). It is for
	// those who ask for the ends of runs and for nothing else.
	Prompt bool
}

// bufferSize is that of CPU i.
func (o Options) bufferSize(i int) int {
	if i < len(o.BufferSizes) && o.BufferSizes[i] > 0 {
		return o.BufferSizes[i]
	}
	return 1
}

// Compile lowers a program with the monitors of the properties to be checked ([ir.Lower]) and packs it into a
// [Machine]. The error is a fault of the program or of a monitor, and names it.
func Compile(o Options, p *model.Program, monitors ...*model.Monitor) (*Machine, error) {
	low, err := ir.Lower(p, monitors...)
	if err != nil {
		return nil, err
	}
	return Pack(o, low), nil
}

// Pack packs a lowered program into a [Machine]. It leaves the program as it is, so that one may be packed with
// several options.
func Pack(o Options, low *ir.Program) *Machine {
	k := &packer{o: o, low: low, places: map[*ir.Var]*loc{}}
	k.m = &Machine{Program: low.Source, Properties: low.Properties, options: o, races: low.Races,
		flow: ir.Flow{Program: low, Memory: o.Memory}, places: k.places}
	if o.Prompt {
		k.m.flow.FindPrompt()
	}
	k.declare()
	k.m.code = make([]instr, len(low.Code))
	for i := range k.m.cpus {
		k.cpuCode(&k.m.cpus[i])
	}
	k.layout()
	k.number()
	k.conditions()
	if k.m.races != 0 {
		k.m.findRacing()
	}
	k.m.start()
	return k.m
}

// A packer is the work in progress.
type packer struct {
	o      Options
	low    *ir.Program
	m      *Machine
	slots  []slot
	locs   []*loc
	places map[*ir.Var]*loc
}

func (k *packer) slot(name string, width int) int {
	k.slots = append(k.slots, slot{name: name, width: width})
	return len(k.slots) - 1
}

func (k *packer) loc(slot int, r model.Range, v *model.Var) *loc {
	l := &loc{slot: slot, lo: r.Lo, hi: r.Hi, mod: r.Modular, v: v}
	k.locs = append(k.locs, l)
	return l
}

// field makes room for something that has a value throughout.
func (k *packer) field(name string, r model.Range, v *model.Var) *loc {
	return k.loc(k.slot(name, r.Width()), r, v)
}

// variable makes room for a variable that is no local; nil stands for none.
func (k *packer) variable(v *ir.Var) *loc {
	if v == nil {
		return nil
	}
	k.places[v] = k.field(v.Name, v.Range, v.Source)
	return k.places[v]
}

// declare makes room for variables, ghosts, pending IPIs and NMI budgets, and sets up the CPUs.
func (k *packer) declare() {
	m := k.m
	for _, v := range k.low.Globals {
		m.globals = append(m.globals, k.variable(v))
	}
	m.cpus = make([]cpu, len(k.low.CPUs))
	for i, c := range k.low.CPUs {
		rt := &m.cpus[i]
		rt.CPU, rt.buf, rt.nmiLeft = c, &buffer{}, k.variable(c.NMIsLeft)
		for j := range c.IPIs {
			rt.pending = append(rt.pending, k.variable(c.Pending[j]))
			rt.left = append(rt.left, k.variable(c.IRQsLeft[j]))
		}
		for j, lv := range c.Levels {
			rt.levels = append(rt.levels, level{Level: lv, cpu: i, bias: int64(min(j, 1)), halt: -1,
				irqs: k.variable(lv.IRQs)})
		}
	}
}

// cpuCode packs everything that may run on one CPU.
func (k *packer) cpuCode(rt *cpu) {
	for j := range rt.levels {
		lv := &rt.levels[j]
		for i, vars := range lv.Level.Locals {
			width := 0
			for _, v := range vars {
				width = max(width, v.Width())
			}
			lv.locals = append(lv.locals, k.slot(vars[0].Name, width))
			for _, v := range vars {
				k.places[v] = k.loc(lv.locals[i], v.Range, v.Source)
			}
		}
		end := len(k.low.Code)
		if j+1 < len(rt.levels) {
			end = rt.levels[j+1].Entries[0]
		} else if rt.Index+1 < len(k.m.cpus) {
			end = k.low.CPUs[rt.Index+1].Levels[0].Entries[0]
		}
		for ip := lv.Entries[0]; ip < end; ip++ {
			k.m.code[ip] = k.instr(ip, rt, lv)
		}
		for i, ip := range k.m.flow.Boundaries(lv.Level) {
			in := &k.m.code[ip]
			in.point = int32(i)
			lv.points = append(lv.points, point{ip: ip, frame: k.low.Code[ip].Frame, call: k.low.Code[ip].Call,
				line: lv.line(ip)})
			if in.op == ir.OpHalt {
				lv.halt = int64(i)
			}
		}
		hi := int64(len(lv.points)) - 1 + lv.bias
		lv.pc = k.field(rt.Name+" pc", model.UpTo(max(hi, 0)), nil)
	}
	k.buffer(rt)
}

// line is the line of whose handler an instruction of the level is part; -1 for none.
func (lv *level) line(ip int) int {
	if lv.Context != model.InIRQ {
		return -1
	}
	after := slices.IndexFunc(lv.Entries, func(e int) bool { return e > ip })
	if after < 0 {
		after = len(lv.Entries)
	}
	return after - 1
}

// instr packs an instruction. One that does nothing under the memory model is a jump to the next one.
func (k *packer) instr(ip int, rt *cpu, lv *level) instr {
	from := &k.low.Code[ip]
	in := instr{op: from.Op, point: -1, frame: from.Frame, routine: from.Routine, inner: from.Inside,
		stmt: from.Stmt,
		to:   from.To, bits: from.Bits, ev: from.Event, why: from.Why, table: from.Table,
		drains: k.m.flow.Drains(from),
		v:      k.places[from.Var], dst: k.places[from.Dst], old: k.places[from.Old], arg: k.expr(from.Arg),
		cmp: k.expr(from.Expected), cond: k.expr(from.Cond)}
	for _, v := range from.Reads() {
		in.reads = append(in.reads, k.places[v])
	}
	for _, v := range from.Writes() {
		in.writes = append(in.writes, k.places[v])
	}
	for _, a := range from.Alts {
		in.alts = append(in.alts, alt{k.expr(a.Guard), a.To})
	}
	switch from.Op {
	case ir.OpAccess:
		in.acc, in.res = from.Stmt.Op, from.Stmt.Result
		in.plain = from.Stmt.Order == model.Plain && k.m.races != 0
		if k.m.flow.Buffered(from) {
			in.to = from.Effect
			k.wait(&in, ip, rt.buf, lv)
		}
	case ir.OpFence:
		if !in.drains {
			return instr{op: ir.OpJump, point: -1, to: ip + 1}
		}
	case ir.OpVisible:
		if !k.m.flow.Buffered(&k.low.Code[from.To]) {
			return instr{op: ir.OpJump, point: -1, to: ip + 1}
		}
	}
	return in
}

// expr packs an expression; nil stands for none.
func (k *packer) expr(e *ir.Expr) *expr {
	if e == nil {
		return nil
	}
	x := &expr{op: e.Op, k: e.K, l: k.places[e.Var], frames: e.Frames, a: k.expr(e.A), b: k.expr(e.B)}
	if e.CPU != nil {
		x.cpu = &k.m.cpus[e.CPU.Index]
	}
	return x
}

// layout fixes where everything lies, now that every slot has its width.
func (k *packer) layout() {
	m := k.m
	// One bit is always set, so that no state is all zeros: tables of states use 0 for "empty". As it is the
	// last of the narrowest slots, it comes above all others where there is one word.
	m.mark = k.field("occupied", model.Bool, nil)
	for i := range m.cpus {
		for j := range m.cpus[i].levels {
			lv := &m.cpus[i].levels[j]
			var boundaries []int
			for _, pt := range lv.points {
				boundaries = append(boundaries, pt.ip)
			}
			for _, slot := range k.low.AlwaysZero(lv.Level, boundaries) {
				k.slots[lv.locals[slot]].scratch = true
			}
		}
	}
	m.words, m.total = assign(k.slots)
	for _, l := range k.locs {
		s := k.slots[l.slot]
		l.word, l.shift, l.mask = s.word, s.shift, 1<<s.width-1
	}
	for _, s := range k.slots {
		if !s.scratch {
			m.bits += s.width
		}
	}
	m.bits -= k.slots[m.mark.slot].width
	for i := range m.cpus {
		for j := range m.cpus[i].levels {
			lv := &m.cpus[i].levels[j]
			for p := range lv.points {
				lv.points[p].calls = k.calls(lv.points[p].call)
			}
		}
	}
	k.limits()
}

// number numbers the transitions.
func (k *packer) number() {
	m := k.m
	for i := range m.cpus {
		rt := &m.cpus[i]
		alts := 1
		for _, lv := range rt.levels {
			for _, pt := range lv.points {
				alts = max(alts, len(m.code[pt.ip].alts))
			}
		}
		for a := range alts {
			m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.Step, Index: a})
		}
		for a := range rt.IPIs {
			switch {
			case rt.pending[a] != nil:
				m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.PushIPI, Index: a})
			case rt.left[a] != nil:
				m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.PushIRQ, Index: a})
			}
		}
		if rt.nmiLeft != nil {
			m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.PushNMI})
		}
	}
	for i := range m.cpus {
		if m.cpus[i].buf != nil {
			m.trans = append(m.trans, ir.Transition{CPU: i, Kind: ir.Flush})
		}
	}
}

// conditions packs what properties and claims say of states and of whole runs.
func (k *packer) conditions() {
	pack := func(from []ir.Check) (to []check) {
		for _, c := range from {
			to = append(to, check{k.expr(c.Cond), c.Bits})
		}
		return to
	}
	k.m.never, k.m.atEnd, k.m.reach = pack(k.low.Never), pack(k.low.AtEnd), pack(k.low.Reach)
	for _, l := range k.low.Live {
		k.m.live = append(k.m.live, Live{Property: l.Property, Kind: l.Kind, cond: k.expr(l.Cond)})
	}
}

// calls is what a call and those that it was made in say of a state: their parameters and locals with their
// places, the innermost call first. Locals that have a value only while a step runs are left out.
func (k *packer) calls(c *ir.Call) (calls []activation) {
	for ; c != nil; c = c.Up {
		a := activation{routine: c.Routine}
		for _, vs := range [][]*model.Var{c.Routine.Params, c.Routine.Locals} {
			for _, v := range vs {
				if value, ok := c.Consts[v]; ok {
					a.names = append(a.names, binding{v: v, value: value})
				} else if l := k.places[c.Vars[v]]; l.word < k.m.words {
					a.names = append(a.names, binding{v: v, l: l})
				}
			}
		}
		calls = append(calls, a)
	}
	return calls
}
