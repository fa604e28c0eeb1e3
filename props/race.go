package props

import "ctcheck/model"

// NoDataRace claims that no data race is reachable: no two CPUs can next access the same variable, at least
// one of them to write it and at least one by a plain access ([model.Code.ReadPlain],
// [model.Code.WritePlain]). It speaks of any program, with a target or without.
func NoDataRace() *model.Monitor { return &model.Monitor{Name: "no-data-race", NoDataRace: true} }

// hasPlain reports whether some access of the program is plain.
func hasPlain(p *model.Program) bool {
	for s := range p.Statements() {
		if s.Kind == model.StmtAccess && s.Order == model.Plain {
			return true
		}
	}
	return false
}
