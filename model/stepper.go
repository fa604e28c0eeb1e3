package model

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
}

// maxMemo bounds the entries of one table.
const maxMemo = 1 << 16

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
	keys  []uint64 // words of each slot's key
	vals  []memoVal
	shift uint
	n     int
}

type memoVal struct {
	first uint32
	n     uint32 // plus 1; 0 for an empty slot
}

type outcome struct{ failed, reached uint64 }

// Successors is a batch of states with what led to them.
type Successors struct {
	Words []uint64 // the states, one after the other
	Via   []uint16 // the transition to each
	// Odd lists the successors whose transition had effects, with them.
	Odd []OddSuccessor
}

// An OddSuccessor is a successor whose transition violates or reaches something, or fails.
type OddSuccessor struct {
	Index int
	Effects
}

// Reset empties the batch.
func (b *Successors) Reset() { b.Words, b.Via, b.Odd = b.Words[:0], b.Via[:0], b.Odd[:0] }

// NewStepper makes a stepper for the machine.
func (m *Machine) NewStepper() *Stepper {
	st := &Stepper{m: m, words: m.words, tmp: make([]uint64, m.words), fx: make([]Effects, 1), keptFX: 1}
	t := 0
	for i := range m.cpus {
		c := &m.cpus[i]
		sc := stepCPU{first: t}
		for t < len(m.trans) && m.trans[t].CPU == i {
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
	st.state = newMemo(m.stateFootprint())
	return st
}

func newMemo(mask footprint) memo {
	const start = 8
	return memo{mask: mask, keys: make([]uint64, start*len(mask)), vals: make([]memoVal, start),
		shift: 64 - uint(bits.TrailingZeros(start))}
}

func mixWord(h, w uint64) uint64 { return (h ^ w) * 0x9e3779b97f4a7c15 }

// Expand appends the successors of s to out, in the order of the transitions. It reports how many
// there are.
func (st *Stepper) Expand(s []uint64, out *Successors) int {
	if st.words == 1 {
		return st.expand1(s[0], out)
	}
	before := len(out.Via)
	for i := range st.cpus {
		c := &st.cpus[i]
		mo := c.memo(s)
		first, n, ok := mo.find(s)
		if !ok {
			first, n = st.learn(c, mo, s)
		}
		for j := first; j < first+n; j++ {
			d := st.delta[int(j)*st.words : int(j+1)*st.words]
			for k, w := range s {
				out.Words = append(out.Words, w^d[k])
			}
			out.Via = append(out.Via, st.via[j])
			if e := st.eff[j]; e != 0 {
				out.Odd = append(out.Odd, OddSuccessor{len(out.Via) - 1, st.fx[e]})
			}
		}
	}
	return len(out.Via) - before
}

// expand1 is Expand for states of one word.
func (st *Stepper) expand1(s uint64, out *Successors) int {
	before := len(out.Via)
	words, via := out.Words, out.Via
	for i := range st.cpus {
		c := &st.cpus[i]
		top := len(c.levels) - 1
		for top > 0 && s>>(c.levels[top].shift&63)&c.levels[top].mask == 0 {
			top--
		}
		lv := &c.levels[top]
		mo := &lv.at[s>>(lv.shift&63)&lv.mask-lv.base]
		key := s & mo.mask[0]
		p := mixWord(0, key) >> (mo.shift & 63)
		var v memoVal
		for {
			v = mo.vals[p]
			if v.n == 0 || mo.keys[p] == key {
				break
			}
			p = (p + 1) & uint64(len(mo.vals)-1)
		}
		first, n := v.first, v.n-1
		if v.n == 0 {
			st.tmp[0] = s
			first, n = st.learn(c, mo, st.tmp)
		}
		for j := first; j < first+n; j++ {
			words = append(words, s^st.delta[j])
			via = append(via, st.via[j])
			if e := st.eff[j]; e != 0 {
				out.Odd = append(out.Odd, OddSuccessor{len(via) - 1, st.fx[e]})
			}
		}
	}
	out.Words, out.Via = words, via
	return len(via) - before
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

func (mo *memo) find(s []uint64) (first, n uint32, ok bool) {
	w := len(mo.mask)
	for p := mo.hash(s); ; p = (p + 1) & uint64(len(mo.vals)-1) {
		v := mo.vals[p]
		if v.n == 0 {
			return 0, 0, false
		}
		if mo.same(mo.keys[int(p)*w:], s) {
			return v.first, v.n - 1, true
		}
	}
}

func (mo *memo) same(key, s []uint64) bool {
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
		mo.keys, mo.vals, mo.shift = make([]uint64, size*w), make([]memoVal, size), mo.shift-1
		mo.n = 0
		for p, v := range old.vals {
			if v.n != 0 {
				mo.put(old.keys[p*w:(p+1)*w], v)
			}
		}
	}
	p := mo.hash(s)
	for mo.vals[p].n != 0 {
		p = (p + 1) & uint64(len(mo.vals)-1)
	}
	for i, m := range mo.mask {
		mo.keys[int(p)*w+i] = s[i] & m
	}
	mo.vals[p] = v
	mo.n++
}

// learn fires the CPU's transitions in s and remembers what they did. Where the table is full the
// answer is good only until the next call.
func (st *Stepper) learn(c *stepCPU, mo *memo, s []uint64) (first, n uint32) {
	s = append([]uint64(nil), s...)
	dst := make([]uint64, st.words)
	st.delta, st.via = st.delta[:st.keptVia*st.words], st.via[:st.keptVia]
	st.eff, st.fx = st.eff[:st.keptVia], st.fx[:st.keptFX]
	first = uint32(len(st.via))
	for t := c.first; t < c.last; t++ {
		if !st.m.Fire(s, t, dst, &st.fire) {
			continue
		}
		fx := st.fire
		for i := range s {
			flip := s[i] ^ dst[i]
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
		n++
	}
	if mo.n < maxMemo {
		mo.put(s, memoVal{first, n + 1})
		st.keptVia, st.keptFX = len(st.via), len(st.fx)
	}
	return first, n
}

// Judge is [Machine.Violated] and [Machine.Reached] of s.
func (st *Stepper) Judge(s []uint64) (failed, reached uint64) {
	if first, _, ok := st.state.find(s); ok {
		o := st.outs[first]
		return o.failed, o.reached
	}
	o := outcome{st.m.Violated(s), st.m.Reached(s)}
	if st.state.n < maxMemo {
		st.state.put(s, memoVal{uint32(len(st.outs)), 1})
		st.outs = append(st.outs, o)
	}
	return o.failed, o.reached
}
