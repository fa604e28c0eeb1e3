package plain

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"ctcheck/model"
)

// This file holds the memory models against each other: what a program may end with, and violate, under sequential
// consistency it may under x86-TSO, and what under that where interrupts do not drain; without interrupts they are
// the same there. When every store is waited for, sequential consistency has all.

// rewrite replaces each statement of the program's code by those that f makes of it.
func rewrite(p *model.Program, f func(s *model.Stmt) []*model.Stmt) {
	done := map[*model.Routine]bool{}
	var list func(stmts []*model.Stmt) []*model.Stmt
	routine := func(r *model.Routine) {
		if r != nil && !done[r] {
			done[r] = true
			r.Body = list(r.Body)
		}
	}
	list = func(stmts []*model.Stmt) []*model.Stmt {
		var out []*model.Stmt
		for _, s := range stmts {
			if s.Kind != model.StmtAccess {
				s.Body, s.Else = list(s.Body), list(s.Else)
			}
			for i := range s.Alts {
				s.Alts[i].Body = list(s.Alts[i].Body)
			}
			routine(s.Call)
			out = append(out, f(s)...)
		}
		return out
	}
	for _, c := range p.CPUs {
		routine(c.Main)
		routine(c.NMI)
		for _, ipi := range c.IPIs {
			routine(ipi.Handler)
		}
	}
}

// only is a statement as it is.
func only(s *model.Stmt) []*model.Stmt { return []*model.Stmt{s} }

// unseen takes away what is told when accesses take effect. Under x86-TSO that is told later, behind
// what the CPU does next, so that ghosts may get other values.
func unseen(s *model.Stmt) []*model.Stmt {
	if s.Kind == model.StmtAccess {
		s.Body = nil
	}
	return only(s)
}

// calm takes away interrupts and NMIs. A handler may come between a store and the barrier behind it.
func calm(p *model.Program) {
	for _, c := range p.CPUs {
		c.NMITotal = 0
		for _, line := range c.IPIs {
			line.Total = 0
		}
	}
	rewrite(p, func(s *model.Stmt) []*model.Stmt {
		if s.Kind == model.StmtSend {
			return []*model.Stmt{{Kind: model.StmtPause, Label: "no send"}}
		}
		return only(s)
	})
}

// after puts a statement behind every store that may wait, and a pause before it, so that no guard of a Choose,
// which may look at other CPUs, is part of its step.
func after(p *model.Program, s model.Stmt) {
	rewrite(p, func(t *model.Stmt) []*model.Stmt {
		store := t.Op == model.Store || t.Op == model.StoreBits
		if t.Kind != model.StmtAccess || !store || t.Order == model.Full {
			return only(t)
		}
		behind := s
		return []*model.Stmt{{Kind: model.StmtPause, Label: "before"}, t, &behind}
	})
}

// compared is what was compared on one program.
type compared struct{ any, weaker, lazier, fenced, cured, same bool }

// explored is what a memory model makes of the program that data stands for, once it was changed, and whether
// that is all.
func explored(data []byte, mm model.MemoryModel, change ...func(p *model.Program)) (Result, bool) {
	p, ms := Random(data)
	for _, f := range change {
		f(p)
	}
	r := Explore(mm, p, ms, maxStates/2)
	return r, r.Err == nil && !r.Truncated
}

// within reports what one memory model has that a weaker one has not.
func within(t *testing.T, strong, weak Result, than string) {
	t.Helper()
	for what, sets := range map[string][2]map[string]bool{"end with": {strong.Finals, weak.Finals},
		"violate": {strong.Violated, weak.Violated}} {
		for f := range sets[0] {
			if !sets[1][f] {
				t.Errorf("it may %s %s under %s", what, f, than)
			}
		}
	}
	if strong.Deadlock && !weak.Deadlock {
		t.Errorf("it has a deadlock under %s", than)
	}
}

// more reports whether a result has ends or violations that another one, of a stronger model, has not.
func (r Result) more(than Result) bool {
	return len(r.Finals) > len(than.Finals) || len(r.Violated) > len(than.Violated)
}

// compareMemory reports how the program that data stands for is not as the memory models would have it.
func compareMemory(t *testing.T, data []byte) (c compared) {
	quiet := func(p *model.Program) { rewrite(p, unseen) }
	sc, ok := explored(data, model.SC, quiet)
	tso, ok2 := explored(data, model.TSO, quiet)
	lazy, ok3 := explored(data, model.TSOLazy, quiet)
	if c.any = ok && ok2; c.any {
		within(t, sc, tso, "sc and not under tso")
		c.weaker = tso.more(sc)
	}
	if ok2 && ok3 {
		within(t, tso, lazy, "tso and not under tso-lazy")
		c.lazier = lazy.more(tso)
	}
	// Under sc a store and the local code behind it are one step. smp_mb() comes between.
	pause := func(p *model.Program) { after(p, model.Stmt{Kind: model.StmtPause, Label: "pause"}) }
	mb := func(p *model.Program) { after(p, model.Stmt{Kind: model.StmtFence, Fence: model.FenceMb}) }
	paused, ok := explored(data, model.SC, calm, pause)
	fenced, ok2 := explored(data, model.TSO, calm, mb)
	if c.fenced = ok && ok2; !c.fenced {
		return c
	}
	if !maps.Equal(paused.Finals, fenced.Finals) {
		t.Errorf("with smp_mb() after each store tso has the ends %v, sc %v",
			slices.Sorted(maps.Keys(fenced.Finals)), slices.Sorted(maps.Keys(paused.Finals)))
	}
	weak, ok := explored(data, model.TSO, calm, pause)
	c.cured = ok && !maps.Equal(weak.Finals, fenced.Finals)
	lazy, ok2 = explored(data, model.TSOLazy, calm, pause)
	if c.same = ok && ok2; c.same && !reflect.DeepEqual(weak, lazy) {
		t.Errorf("without interrupts tso has %+v, tso-lazy %+v", weak, lazy)
	}
	return c
}

func TestMemoryModelsAgree(t *testing.T) {
	var all, weaker, lazier, fenced, cured, same int
	n := 190
	if testing.Short() {
		n = 25
	}
	for i := range n {
		c := compareMemory(t, seed(i))
		if t.Failed() {
			t.Fatalf("seed(%d)", i)
		}
		all += int(truth(c.any))
		weaker += int(truth(c.weaker))
		lazier += int(truth(c.lazier))
		fenced += int(truth(c.fenced))
		cured += int(truth(c.cured))
		same += int(truth(c.same))
	}
	t.Logf("%d programs, %d with more under tso, %d with more still under tso-lazy; %d with barriers, which take "+
		"such ends from %d; %d without interrupts", all, weaker, lazier, fenced, cured, same)
	if !testing.Short() && (min(weaker, cured) < 10 || lazier < 3 || same < 100) {
		t.Error("the random programs have become too tame to tell the memory models apart")
	}
}

func FuzzMemoryModelsAgree(f *testing.F) {
	for i := range 20 {
		f.Add(seed(i))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compareMemory(t, data) })
}
