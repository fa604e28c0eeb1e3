package replay

import (
	"slices"

	"ctcheck/axiom"
	"ctcheck/threads"
)

// This file has the flags of the model that are not about races.

// misuse is the flags but for races.
func (e *execution) misuse(k *words, rscs, srcu relation) (flags []string) {
	add := func(f string) {
		if !slices.Contains(flags, f) {
			flags = append(flags, f)
		}
	}
	ends := func(r relation, i int) (from, to int) {
		for j := range r {
			if r[i][j] {
				from++
			}
			if r[j][i] {
				to++
			}
		}
		return from, to
	}
	for i := range e.events {
		v := &e.events[i]
		from, _ := ends(rscs, i)
		_, to := ends(rscs, i)
		sfrom, _ := ends(srcu, i)
		_, sto := ends(srcu, i)
		switch {
		case v.op == threads.ReadLock && v.thread >= 0 && from == 0:
			add("unmatched-rcu-lock")
		case v.op == threads.ReadUnlock && to == 0:
			add("unmatched-rcu-unlock")
		case k.srcuLock[i] && sfrom == 0:
			add(axiom.FlagSrcuLock)
		case k.srcuUnlock[i] && sto == 0:
			add(axiom.FlagSrcuUnlock)
		case k.srcuLock[i] && sfrom > 1, k.srcuUnlock[i] && sto > 1:
			add(axiom.FlagSrcuMatches)
		}
		for j := range e.events {
			if srcu[i][j] && v.value != e.events[j].value {
				add(axiom.FlagSrcuValue)
			}
			for s := range e.events {
				if rscs[i][j] && k.syncSR[s] && k.po[i][s] && k.po[s][j] {
					add(axiom.FlagSleep)
				}
			}
			if !k.po[i][j] || !k.loc[i][j] || !k.m[i] || !k.m[j] {
				continue
			}
			if (k.plain[i] && k.w[i] && k.marked[j] || k.marked[i] && k.plain[j] && k.w[j]) && !e.apart(k, i, j) {
				add(axiom.FlagMixed)
			}
		}
	}
	e.lockMisuse(k, add)
	return flags
}

// apart reports whether a barrier, of the compiler at least, is between two events of a thread, or is one of
// them.
func (e *execution) apart(k *words, i, j int) bool {
	if k.acquire[i] || k.release[j] {
		return true
	}
	for s := range e.events {
		v := &e.events[s]
		if !k.po[i][s] || !k.po[s][j] {
			continue
		}
		switch v.op {
		case threads.ReadLock, threads.ReadUnlock, threads.Sync, threads.SrcuLock, threads.SrcuUnlock,
			threads.SrcuSync:
			return true
		case threads.Fence:
			if v.fence != threads.AfterSpinlock && v.fence != threads.AfterUnlockLock &&
				v.fence != threads.AfterSrcuUnlock {
				return true
			}
		}
		if k.acquire[s] || k.release[s] {
			return true
		}
	}
	return false
}

func (e *execution) lockMisuse(k *words, add func(string)) {
	isLock := map[int]bool{}
	for i := range e.events {
		if e.events[i].lock != "" {
			isLock[e.events[i].cell] = true
		}
	}
	for i := range e.events {
		v := &e.events[i]
		if k.m[i] && isLock[v.cell] && v.lock == "" && v.thread >= 0 {
			add(axiom.FlagLockMixed)
		}
		if v.lock != "UL" {
			continue
		}
		last := ""
		for j := range e.events {
			if k.po[j][i] && k.loc[j][i] && (k.lkw[j] || k.ul[j]) {
				last = e.events[j].lock
			}
		}
		if last != "LKW" {
			add(axiom.FlagUnlock)
		}
	}
	for _, o := range e.p.Observed {
		if o.Thread < 0 && isLock[o.N] {
			add(axiom.FlagLockFinal)
		}
	}
}
