package plain

import (
	"maps"
	"slices"
	"testing"

	"ctcheck/model"
)

// This file holds the two memory models against each other: what a program may end with under sequential
// consistency it may end with under x86-TSO, and when every store is waited for, that is all.

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
	}
	rewrite(p, func(s *model.Stmt) []*model.Stmt {
		if s.Kind == model.StmtSend {
			return []*model.Stmt{{Kind: model.StmtPause, Label: "no send"}}
		}
		return only(s)
	})
}

// after puts a statement behind every store that may wait.
func after(p *model.Program, s model.Stmt) {
	rewrite(p, func(t *model.Stmt) []*model.Stmt {
		store := t.Op == model.Store || t.Op == model.StoreBits
		if t.Kind != model.StmtAccess || !store || t.Order == model.Full {
			return only(t)
		}
		behind := s
		return []*model.Stmt{t, &behind}
	})
}

// compared is what was compared on one program.
type compared struct{ any, weaker, fenced, cured bool }

// compareMemory reports how the program that data stands for is not as the memory models would have it.
func compareMemory(t *testing.T, data []byte) (c compared) {
	finals := func(mm model.MemoryModel, change ...func(p *model.Program)) (map[string]bool, bool) {
		p, ms := Random(data)
		for _, f := range change {
			f(p)
		}
		r := Explore(mm, p, ms, maxStates/2)
		return r.Finals, r.Err == nil && !r.Truncated
	}
	quiet := func(p *model.Program) { rewrite(p, unseen) }
	strong, ok := finals(model.SC, quiet)
	weak, ok2 := finals(model.TSO, quiet)
	if c.any = ok && ok2; c.any {
		for f := range strong {
			if !weak[f] {
				t.Errorf("it may end with %s under sc and not under tso", f)
			}
		}
		c.weaker = len(weak) > len(strong)
	}
	// Under sc a store and the local code behind it are one step. smp_mb() comes between.
	pause := func(p *model.Program) { after(p, model.Stmt{Kind: model.StmtPause, Label: "pause"}) }
	mb := func(p *model.Program) { after(p, model.Stmt{Kind: model.StmtFence, Fence: model.FenceMb}) }
	paused, ok := finals(model.SC, calm, pause)
	fenced, ok2 := finals(model.TSO, calm, mb)
	if c.fenced = ok && ok2; !c.fenced {
		return c
	}
	if !maps.Equal(paused, fenced) {
		t.Errorf("with smp_mb() after each store tso has the ends %v, sc %v", slices.Sorted(maps.Keys(fenced)),
			slices.Sorted(maps.Keys(paused)))
	}
	weak, ok = finals(model.TSO, calm, pause)
	c.cured = ok && !maps.Equal(weak, fenced)
	return c
}

func TestMemoryModelsAgree(t *testing.T) {
	var all, weaker, fenced, cured int
	n := 250
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
		fenced += int(truth(c.fenced))
		cured += int(truth(c.cured))
	}
	t.Logf("%d programs, %d with more ends under tso; %d with barriers, which take such ends from %d", all,
		weaker, fenced, cured)
	if !testing.Short() && (weaker < 10 || cured < 10) {
		t.Error("the random programs have become too tame to tell the memory models apart")
	}
}

func FuzzMemoryModelsAgree(f *testing.F) {
	for i := range 20 {
		f.Add(seed(i))
	}
	f.Fuzz(func(t *testing.T, data []byte) { compareMemory(t, data) })
}
