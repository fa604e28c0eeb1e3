package machine

// This file expands states so that a state which several orders of independent steps lead to is not
// computed once for each order. That spares nothing but the looking up of known states: every state,
// transition and effect is still found, each state at its distance.
//
// In state s, let the transitions of CPUs x < y be independent: none of x's flips a bit that y's depend
// on, nor the other way round. Let t be reached from s by y. Then x can do in t what it can do in s, and
// a step of x from t leads to where the step of y leads from u, the state that the same step of x
// reached from s. So x need not be expanded in t.
//
// That is sound in a search by layers where t is met first, one layer after s, and where every state is
// expanded, whichever of its predecessors said so. Take a state v at distance k+1 and some t before it at
// distance k, from which a step of x leads to v; suppose v is not computed there, because of y. Then u
// is at most as far as t, and not nearer, since v is one step from it; so u is in t's layer too, and
// v is reached from there by y. Were it not computed there either, because of z > y, the same argument
// would go on with z; it ends, as each time the CPU has a greater number. So some state of the layer
// computes v.
//
// The idea is that of sleep sets (Godefroid, Partial-order methods for the verification of concurrent
// systems, 1996), which are in general unsound with a set of visited states unless they are stored and
// compared; the layers and the order of the CPUs make that unnecessary.

// ExpandSleep appends to out those successors of s that are not of a CPU in done, with the CPUs that are
// done in each. It reports how many successors s has, those left out included, and whether any is more
// than the coming of an NMI. Effects of the ones left out are in out.Effects, with index -1.
//
// done is what ExpandSleep said of s when a search by layers that expands all states met it first, or
// less.
func (st *Stepper) ExpandSleep(s []uint64, done uint8, out *Successors) (n int, owed bool) {
	st.forget()
	if st.words == 1 {
		return st.expandSleep1(s[0], done, out)
	}
	for i := range st.cpus {
		c := &st.cpus[i]
		st.turns[i] = cpuSuccessors{looks: c.memo(s).mask, run: st.look(c, s)}
	}
	for i := range st.turns {
		st.turns[i].flips = st.flips(st.turns[i].run)
	}
	for i := range st.turns {
		t := &st.turns[i]
		if t.marks&runFull != 0 {
			out.Full |= 1 << i
		}
		if t.n == 0 {
			continue
		}
		n += int(t.n)
		owed = owed || t.marks&runOwed != 0
		if done>>i&1 != 0 {
			st.leftOut(t.run, out)
			continue
		}
		after := uint8(0)
		for x := i + 1; x < min(len(st.turns), maxDone); x++ {
			if u := &st.turns[x]; apart(t.flips, u.looks) && apart(u.flips, t.looks) {
				after |= 1 << x
			}
		}
		for j := t.first; j < t.first+uint32(t.n); j++ {
			d := st.delta[int(j)*st.words : int(j+1)*st.words]
			for k, w := range s {
				out.Words = append(out.Words, w^d[k])
			}
			out.Done = append(out.Done, after)
			if e := st.eff[j]; e != 0 {
				out.Effects = append(out.Effects, SuccessorEffects{len(out.Done) - 1, st.fx[e]})
			}
		}
	}
	return n, owed
}

// maxDone is how many CPUs a set of them can hold.
const maxDone = 8

// leftOut appends the effects of a run of successors that are left out.
func (st *Stepper) leftOut(r run, out *Successors) {
	if r.marks&runOdd == 0 {
		return
	}
	for j := r.first; j < r.first+uint32(r.n); j++ {
		if e := st.eff[j]; e != 0 {
			out.Effects = append(out.Effects, SuccessorEffects{-1, st.fx[e]})
		}
	}
}

// apart reports whether two sets of bits are disjoint.
func apart(a, b []uint64) bool {
	for i, w := range a {
		if w&b[i] != 0 {
			return false
		}
	}
	return true
}

// cpuSuccessors1 is cpuSuccessors in states of one word, of a CPU that can do something.
type cpuSuccessors1 struct {
	looks, flips uint64
	run
	bit uint8
}

// expandSleep1 is ExpandSleep for states of one word.
func (st *Stepper) expandSleep1(s uint64, done uint8, out *Successors) (total int, owed bool) {
	turns := st.turns1[:0]
	marks := runMarks(0)
	for i := range st.cpus {
		c := &st.cpus[i]
		top := len(c.levels) - 1
		for top > 0 && s>>(c.levels[top].shift&63)&c.levels[top].mask == 0 {
			top--
		}
		lv := &c.levels[top]
		mo := &lv.at[s>>(lv.shift&63)&lv.mask-lv.base]
		mask := mo.mask[0]
		key := s & mask
		p := mixWord(0, key) >> (mo.shift & 63)
		v := &mo.vals[p]
		for v.key != key && v.marks != 0 {
			p = (p + 1) & uint64(len(mo.vals)-1)
			v = &mo.vals[p]
		}
		r, flips := v.run, v.flips
		if r.marks == 0 {
			st.tmp[0] = s
			r = st.learn(c, mo, st.tmp)
			flips = st.flips(r)[0]
		}
		if r.marks&runFull != 0 {
			out.Full |= 1 << i
		}
		if r.n > 0 {
			marks |= r.marks
			total += int(r.n)
			turns = append(turns, cpuSuccessors1{mask, flips, r, 1 << i})
		}
	}
	words, dones := out.Words, out.Done
	for i := range turns {
		t := &turns[i]
		if done&t.bit != 0 {
			st.leftOut(t.run, out)
			continue
		}
		after := uint8(0)
		for x := i + 1; x < len(turns); x++ {
			u := &turns[x]
			if t.flips&u.looks|u.flips&t.looks == 0 {
				after |= u.bit
			}
		}
		if t.n == 1 && t.marks&runOdd == 0 {
			words, dones = append(words, s^t.flips), append(dones, after)
			continue
		}
		for j := t.first; j < t.first+uint32(t.n); j++ {
			words, dones = append(words, s^st.delta[j]), append(dones, after)
			if e := st.eff[j]; e != 0 {
				out.Effects = append(out.Effects, SuccessorEffects{len(dones) - 1, st.fx[e]})
			}
		}
	}
	out.Words, out.Done = words, dones
	return total, marks&runOwed != 0
}
