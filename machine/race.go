package machine

import (
	"slices"

	"ctcheck/ir"
	"ctcheck/model"
)

// This file finds data races: two accesses to one variable by different CPUs, at least one of them a write
// and at least one plain, with nothing to order them. They are unordered if they can be neighbours in a run,
// so that either might come first (type 1 races of Boehm and Adve, Foundations of the C++ concurrency
// memory model, PLDI 2008). So a race is looked for in each state: are these the next steps of two CPUs?
//
//   - A CPU's next step is that of its running level. A handler takes the place of what it interrupts, so
//     no CPU races with itself.
//   - The step counts if it is enabled. One behind a Choose does if its guard is true, a load that waits for a
//     condition if that is true, a locked instruction if the store buffer is empty; and a
//     compare-and-exchange writes if it would succeed now.
//   - Everything inside an Atomic counts, but two Atomics do not race with each other: their author says that
//     each is one indivisible step, as with a lock around both.
//   - A store is judged when it is made, not when it reaches memory.
//
// What it does not see: what compilers do to plain accesses, which is why races matter. Here each is one
// step, in its place.

// A racyAccess is an access that a step makes.
type racyAccess struct {
	in    *instr
	write bool
}

// note keeps an access, where somebody asks for those.
func (fx *Effects) note(in *instr, write bool) {
	if fx.Record != nil {
		mask := int64(-1)
		if in.acc == model.StoreBits {
			mask = in.cmp.k
		}
		fx.Record.Accesses = append(fx.Record.Accesses, ir.Access{Stmt: in.stmt, Var: in.v.v,
			Read: in.acc == model.Load || in.acc.IsRMW(), Write: write, Mask: mask})
	}
	if fx.made != nil {
		*fx.made = append(*fx.made, racyAccess{in, write})
	}
}

// races reports whether two accesses of different CPUs are a race.
func (a racyAccess) races(b racyAccess) bool {
	return a.in.v == b.in.v && (a.write || b.write) && (a.in.plain || b.in.plain) && !(a.in.inner && b.in.inner)
}

// findRacing marks the step boundaries that matter: before an access that would be one side of a race, if
// its step were enabled and another CPU anywhere in its code.
func (m *Machine) findRacing() {
	all := make([][]racyAccess, len(m.cpus))
	at := map[*point][]racyAccess{}
	for i := range m.cpus {
		for _, pt := range m.cpus[i].allPoints() {
			for _, in := range m.path(pt.ip, false).code {
				if in.op == ir.OpAccess {
					at[pt] = append(at[pt], racyAccess{in, in.acc != model.Load})
				}
			}
			all[i] = append(all[i], at[pt]...)
		}
	}
	for i := range m.cpus {
		others := slices.Concat(append(slices.Clone(all[:i]), all[i+1:]...)...)
		for _, pt := range m.cpus[i].allPoints() {
			for _, a := range at[pt] {
				pt.racing = pt.racing || slices.ContainsFunc(others, a.races)
			}
		}
	}
}

// allPoints is the step boundaries of all levels.
func (c *cpu) allPoints() []*point {
	var pts []*point
	for i := range c.levels {
		for j := range c.levels[i].points {
			pts = append(pts, &c.levels[i].points[j])
		}
	}
	return pts
}

// DataRace is a data race that can happen next in s; nil if there is none, or if property p does not claim
// that there is none.
func (m *Machine) DataRace(p int, s []uint64) *ir.Race {
	if m.races>>p&1 == 0 {
		return nil
	}
	return m.race(s)
}

// race is the first data race in s.
func (m *Machine) race(s []uint64) *ir.Race {
	var before []ir.RacingAccess
	var sides []racyAccess
	var scratch []uint64
	for i := range m.cpus {
		c := &m.cpus[i]
		lv := &c.levels[c.top(s)]
		pt := &lv.points[lv.pc.get(s)-lv.bias]
		if !pt.racing {
			continue
		}
		if scratch == nil {
			scratch = make([]uint64, m.total)
		}
		mine := m.next(s, scratch, lv, pt.ip)
		for _, a := range mine {
			for k, b := range sides {
				if a.races(b) {
					return &ir.Race{Var: a.in.v.v, Accesses: [2]ir.RacingAccess{before[k], {CPU: c.CPU.CPU,
						Stmt: a.in.stmt, Write: a.write}}}
				}
			}
		}
		for _, a := range mine {
			sides, before = append(sides, a), append(before, ir.RacingAccess{CPU: c.CPU.CPU, Stmt: a.in.stmt,
				Write: a.write})
		}
	}
	return nil
}

// next is the accesses that the enabled steps at ip make.
func (m *Machine) next(s, scratch []uint64, lv *level, ip int) []racyAccess {
	var all []racyAccess
	for way := range max(len(m.code[ip].alts), 1) {
		copy(scratch, s)
		clear(scratch[m.words:])
		var some []racyAccess
		fx := Effects{made: &some}
		if m.run(scratch, lv, ip, way, false, &fx) && fx.Err == nil {
			all = append(all, some...)
		}
	}
	return all
}

// addRaces adds what a look for races looks at.
func (m *Machine) addRaces(f footprint) {
	for i := range m.cpus {
		c := &m.cpus[i]
		if !slices.ContainsFunc(c.allPoints(), func(pt *point) bool { return pt.racing }) {
			continue
		}
		for j := range c.levels {
			lv := &c.levels[j]
			f.add(lv.pc)
			for _, pt := range lv.points {
				if pt.racing {
					m.addRun(f, lv, pt.ip, false)
				}
			}
		}
	}
}
