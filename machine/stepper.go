package machine

import (
	"fmt"
	"math/bits"
)

// A Stepper computes successors fast. What the transitions of a CPU do depends only on their
// footprint, the few bits that the code at its program counter can look at; so what [Machine.Fire]
// did for one state is remembered and applied, as the bits to flip, to every state that agrees on
// those bits. The memory is a small hash table a program counter, keyed by the bits themselves, so the
// answer is exact. A table that outgrows its bound is no longer filled; Fire then does the work.
//
// A Stepper belongs to one goroutine.
type Stepper struct {
	m     *Machine
	words int
	cpus  []stepCPU
	state memo // of [Machine.Violated] and [Machine.Reached]
	delta []uint64
	via   []uint16
	fx    []Effects // of successors that have any; index in eff
	eff   []uint32  // 0 for none
	outs  []outcome
	tmp   []uint64
	fire  Effects
	// What is remembered ends here; what lies beyond serves one call.
	keptVia, keptFX int
	turns           []cpuSuccessors // scratch, a CPU each
	turns1          []cpuSuccessors1
}

// maxMemo bounds the entries of one table.
const maxMemo = 1 << 16

// A stepCPU is a CPU, or a store buffer, which is like a CPU that is always at the same place.
type stepCPU struct {
	first, last int // its transitions
	levels      []stepLevel
}

type stepLevel struct {
	word  int
	shift uint
	mask  uint64
	base  uint64
	at    []memo // by program counter
}

// A memo maps the bits of a footprint to a run of successors.
type memo struct {
	mask  footprint
	keys  []uint64 // words of each slot's key, if there are several
	vals  []memoVal
	shift uint
	n     int
}

type memoVal struct {
	key   uint64 // of a memo for states of one word
	flips uint64 // likewise, what some of the run flip
	run
}

// A run is successors that lie one after the other.
type run struct {
	first uint32
	n     uint16
	marks runMarks // 0 for an empty slot
}

type runMarks uint16

// What is true of a run.
const (
	runKnown runMarks = 1 << iota // always
	runOdd                        // some have effects
	runOwed                       // some are more than the coming of an NMI
	runFull                       // there might be more, had the CPU's store buffer more room
)

// cpuSuccessors is one CPU's part of an expansion: its successors, what they may depend on, and what they flip.
type cpuSuccessors struct {
	looks, flips []uint64
	run
}

type outcome struct{ failed, reached uint64 }

// Successors is a batch of states with what led to them.
type Successors struct {
	Words []uint64 // the states, one after the other
	Via   []uint16 // the transition to each
	// Done is, for each state, the first eight CPUs of which all successors can be reached in another way, bit
	// i for CPU i; see [Stepper.ExpandSleep], which alone fills it.
	Done []uint8
	// Full is the CPUs whose store buffer would have needed more room.
	Full uint64
	// Effects lists the successors whose transition had effects, with them.
	Effects []SuccessorEffects
}

// SuccessorEffects is a successor whose transition violates or reaches something, or fails.
type SuccessorEffects struct {
	Index int // -1 for one that is left out
	Effects
}

// Reset empties the batch.
func (b *Successors) Reset() {
	b.Words, b.Via, b.Done, b.Effects, b.Full = b.Words[:0], b.Via[:0], b.Done[:0], b.Effects[:0], 0
}

// NewStepper makes a stepper for the machine.
func (m *Machine) NewStepper() *Stepper {
	st := &Stepper{m: m, words: m.words, tmp: make([]uint64, m.words), fx: make([]Effects, 1), keptFX: 1}
	t := 0
	for i := range m.cpus {
		c := &m.cpus[i]
		sc := stepCPU{first: t}
		for t < len(m.trans) && m.Agent(t) == i {
			t++
		}
		sc.last = t
		for top := range c.levels {
			lv := &c.levels[top]
			sl := stepLevel{word: lv.pc.word, shift: lv.pc.shift, mask: lv.pc.mask, base: uint64(lv.bias),
				at: make([]memo, len(lv.points))}
			for pt := range lv.points {
				sl.at[pt] = newMemo(m.footprint(c, top, pt))
			}
			sc.levels = append(sc.levels, sl)
		}
		st.cpus = append(st.cpus, sc)
	}
	for ; t < len(m.trans); t++ { // the store buffers
		at := []memo{newMemo(m.flushes(&m.cpus[m.trans[t].CPU]))}
		st.cpus = append(st.cpus, stepCPU{first: t, last: t + 1, levels: []stepLevel{{at: at}}})
	}
	st.state = newMemo(m.stateFootprint())
	st.turns, st.turns1 = make([]cpuSuccessors, len(st.cpus)), make([]cpuSuccessors1, len(st.cpus))
	return st
}

func newMemo(mask footprint) memo {
	const start = 8
	mo := memo{mask: mask, vals: make([]memoVal, start), shift: 64 - uint(bits.TrailingZeros(start))}
	if len(mask) > 1 {
		mo.keys = make([]uint64, start*len(mask))
	}
	return mo
}

func mixWord(h, w uint64) uint64 { return (h ^ w) * 0x9e3779b97f4a7c15 }

// Expand appends the successors of s to out, in the order of the transitions. It reports how many
// there are.
func (st *Stepper) Expand(s []uint64, out *Successors) int {
	before := len(out.Via)
	st.forget()
	for i := range st.cpus {
		st.take(i, s, out)
	}
	return len(out.Via) - before
}

// take appends the successors of s by one CPU, and reports how many there are.
func (st *Stepper) take(i int, s []uint64, out *Successors) int {
	r := st.look(&st.cpus[i], s)
	if r.marks&runFull != 0 {
		out.Full |= 1 << i
	}
	for j := r.first; j < r.first+uint32(r.n); j++ {
		d := st.delta[int(j)*st.words : int(j+1)*st.words]
		for k, w := range s {
			out.Words = append(out.Words, w^d[k])
		}
		out.Via = append(out.Via, st.via[j])
		if e := st.eff[j]; e != 0 {
			out.Effects = append(out.Effects, SuccessorEffects{len(out.Via) - 1, st.fx[e]})
		}
	}
	return int(r.n)
}

// look is what a CPU can do in s.
func (st *Stepper) look(c *stepCPU, s []uint64) run {
	mo := c.memo(s)
	if v := mo.find(s); v.marks != 0 {
		return v.run
	}
	return st.learn(c, mo, s)
}

// memo is the table of the program counter at which the CPU is.
func (c *stepCPU) memo(s []uint64) *memo {
	top := len(c.levels) - 1
	for top > 0 && c.levels[top].pc(s) == 0 {
		top--
	}
	lv := &c.levels[top]
	return &lv.at[lv.pc(s)-lv.base]
}

func (l *stepLevel) pc(s []uint64) uint64 { return s[l.word] >> l.shift & l.mask }

func (mo *memo) hash(s []uint64) uint64 {
	h := uint64(0)
	for i, m := range mo.mask {
		h = mixWord(h^h>>29, s[i]&m)
	}
	return h >> (mo.shift & 63)
}

// find is what stands under the key of s: a run without marks, if there is none.
func (mo *memo) find(s []uint64) memoVal {
	for p := mo.hash(s); ; p = (p + 1) & uint64(len(mo.vals)-1) {
		if v := mo.vals[p]; v.marks == 0 || mo.same(int(p), s) {
			return v
		}
	}
}

// same reports whether slot p has the key of s.
func (mo *memo) same(p int, s []uint64) bool {
	if len(mo.mask) == 1 {
		return mo.vals[p].key == s[0]&mo.mask[0]
	}
	key := mo.keys[p*len(mo.mask):]
	for i, m := range mo.mask {
		if key[i] != s[i]&m {
			return false
		}
	}
	return true
}

// put adds the key of s, which is not there.
func (mo *memo) put(s []uint64, v memoVal) {
	w := len(mo.mask)
	if mo.n*2 >= len(mo.vals) {
		old := *mo
		size := 2 * len(old.vals)
		mo.vals, mo.shift = make([]memoVal, size), mo.shift-1
		if w > 1 {
			mo.keys = make([]uint64, size*w)
		}
		mo.n = 0
		for p, v := range old.vals {
			switch {
			case v.marks == 0:
			case w == 1:
				mo.put([]uint64{v.key}, v)
			default:
				mo.put(old.keys[p*w:(p+1)*w], v)
			}
		}
	}
	p := mo.hash(s)
	for mo.vals[p].marks != 0 {
		p = (p + 1) & uint64(len(mo.vals)-1)
	}
	if w == 1 {
		v.key = s[0] & mo.mask[0]
	} else {
		for i, m := range mo.mask {
			mo.keys[int(p)*w+i] = s[i] & m
		}
	}
	mo.vals[p] = v
	mo.n++
}

// forget drops what could not be remembered.
func (st *Stepper) forget() {
	if len(st.via) == st.keptVia {
		return
	}
	st.delta, st.via = st.delta[:st.keptVia*st.words], st.via[:st.keptVia]
	st.eff, st.fx = st.eff[:st.keptVia], st.fx[:st.keptFX]
}

// learn fires the CPU's transitions in s and remembers what they did. Where the table is full the
// answer is good only until the next expansion.
func (st *Stepper) learn(c *stepCPU, mo *memo, s []uint64) run {
	s = append([]uint64(nil), s...)
	dst, all := make([]uint64, st.words), make([]uint64, st.words)
	r := run{first: uint32(len(st.via)), marks: runKnown}
	for t := c.first; t < c.last; t++ {
		if !st.m.Fire(s, t, dst, &st.fire) {
			if st.fire.Full != 0 {
				r.marks |= runFull
			}
			continue
		}
		fx := st.fire
		for i := range s {
			flip := s[i] ^ dst[i]
			all[i] |= flip
			st.delta = append(st.delta, flip)
			if flip&^mo.mask[i] != 0 && fx.Err == nil {
				fx.Err = fmt.Errorf("checker fault: transition %d changes bits outside its footprint", t)
			}
		}
		st.via = append(st.via, uint16(t))
		e := uint32(0)
		if fx.Failed != 0 || fx.Reached != 0 || fx.Progress != 0 || fx.Err != nil {
			e = uint32(len(st.fx))
			st.fx = append(st.fx, fx)
		}
		st.eff = append(st.eff, e)
		if e != 0 {
			r.marks |= runOdd
		}
		if st.m.trans[t].Kind.Obliged() {
			r.marks |= runOwed
		}
		r.n++
	}
	// Behind the run lies what some of it flip.
	st.delta, st.via, st.eff = append(st.delta, all...), append(st.via, 0), append(st.eff, 0)
	if mo.n < maxMemo {
		mo.put(s, memoVal{flips: all[0], run: r})
		st.keptVia, st.keptFX = len(st.via), len(st.fx)
	}
	return r
}

// flips is the bits that some of a run flip.
func (st *Stepper) flips(r run) []uint64 {
	behind := int(r.first) + int(r.n)
	return st.delta[behind*st.words : (behind+1)*st.words]
}

// Judge is [Machine.Violated] and [Machine.Reached] of s.
func (st *Stepper) Judge(s []uint64) (failed, reached uint64) {
	if v := st.state.find(s); v.marks != 0 {
		o := st.outs[v.first]
		return o.failed, o.reached
	}
	o := outcome{st.m.Violated(s), st.m.Reached(s)}
	if st.state.n < maxMemo {
		st.state.put(s, memoVal{run: run{first: uint32(len(st.outs)), marks: runKnown}})
		st.outs = append(st.outs, o)
	}
	return o.failed, o.reached
}
