package plain

import (
	"slices"

	"ctcheck/model"
)

// newExplorer makes ready to visit states.
func newExplorer(mm model.MemoryModel, p *model.Program, monitors []*model.Monitor) *explorer {
	x := &explorer{p: p, code: map[asked][]*model.Stmt{}, tso: mm != model.SC, lazy: mm == model.TSOLazy,
		stmts: map[*model.Stmt]int{}}
	x.result.Violated, x.result.Reached = map[string]bool{}, map[string]bool{}
	x.result.MinDepth, x.result.Finals = map[string]int{}, map[string]bool{}
	x.watch(p.Monitors)
	x.watch(monitors)
	x.vars = slices.Clone(p.Vars)
	for _, m := range x.monitors {
		x.vars = append(x.vars, m.Ghosts...)
	}
	return x
}
