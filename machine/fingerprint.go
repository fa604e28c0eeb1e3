package machine

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
)

// This file tells compiled programs apart. What a search keeps beyond its own process, a checkpoint,
// means something only to the program that it was made of.

// Fingerprint is a hash (SHA-256) over everything in the compiled program that a search looks at: the
// layout of states, the code, the properties and claims. Equal fingerprints mean equal programs.
func (m *Machine) Fingerprint() [sha256.Size]byte {
	p := printer{sha256.New()}
	p.say("program", m.Program.Name, m.words, m.total, m.bits, m.Properties, m.initial, m.trans,
		m.options)
	for _, l := range append(m.globals[:len(m.globals):len(m.globals)], m.mark) {
		p.loc(l)
	}
	for i := range m.cpus {
		p.cpu(&m.cpus[i])
	}
	for i := range m.code {
		p.instr(&m.code[i])
	}
	for _, checks := range [][]check{m.never, m.atEnd, m.reach} {
		p.say("checks", len(checks))
		for _, c := range checks {
			p.say(c.bits)
			p.expr(c.e)
		}
	}
	for _, l := range m.live {
		p.say("live", l.Property, l.Kind)
		p.expr(l.cond)
	}
	for _, c := range m.Program.Claims {
		p.say("claim", c.Name, c.Event)
	}
	return [sha256.Size]byte(p.Sum(nil))
}

// A printer hashes parts of a program. Every value is written in Go's syntax, so that no two lists of
// values are written alike.
type printer struct{ hash.Hash }

func (p printer) say(values ...any) {
	for _, v := range values {
		fmt.Fprintf(p, "%#v ", v)
	}
	fmt.Fprintln(p)
}

func (p printer) loc(l *loc) {
	if l == nil {
		p.say("none")
		return
	}
	name := ""
	if l.v != nil {
		name = l.v.Name
	}
	p.say("loc", name, l.word, l.shift, l.mask, l.lo, l.hi, l.mod)
}

func (p printer) cpu(c *cpu) {
	p.say("cpu", c.Name, c.IsService, len(c.levels), len(c.pending))
	for _, l := range slices.Concat(c.pending, c.left, []*loc{c.nmiLeft}) {
		p.loc(l)
	}
	if b := c.buf; b != nil {
		p.say("buffer", len(b.sites), len(b.entries))
		for _, st := range b.sites {
			p.say(st.mask, st.ip)
			p.loc(st.v)
		}
		for _, e := range b.entries {
			p.loc(e.site)
			p.loc(e.value)
		}
	}
	for i := range c.levels {
		lv := &c.levels[i]
		p.say("level", lv.Context, lv.Depth, lv.Frame, lv.bias, lv.Entries, lv.halt)
		p.loc(lv.pc)
		p.loc(lv.irqs)
		for _, pt := range lv.points {
			p.say(pt.ip, pt.frame)
		}
	}
}

func (p printer) instr(in *instr) {
	label, raise := "", false
	if in.stmt != nil {
		label, raise = in.stmt.Label, in.stmt.Raise
	}
	p.say("instr", in.op, in.acc, in.res, in.frame, in.inner, in.point, in.to, in.bits, in.routine,
		in.why, label, raise, in.site, in.drains, len(in.alts))
	for _, l := range []*loc{in.v, in.dst, in.old} {
		p.loc(l)
	}
	for _, e := range []*expr{in.arg, in.cmp, in.cond} {
		p.expr(e)
	}
	for _, a := range in.alts {
		p.say(a.to)
		p.expr(a.guard)
	}
}

func (p printer) expr(e *expr) {
	if e == nil {
		p.say("nil")
		return
	}
	p.say("expr", e.op, e.k, e.frames)
	if e.cpu != nil {
		p.say(e.cpu.Index)
	}
	p.loc(e.l)
	p.expr(e.a)
	p.expr(e.b)
}
