package plain

import "ctcheck/model"

// This file has which calls begin in a transition, and which its step stands in.

// A began is a call that begins.
type began struct {
	call    int
	routine *model.Routine
	args    []int64
}

// stand keeps where the first statement of the step stands.
func (r *run) stand(s *model.Stmt) {
	if !r.x.tells || r.moved || r.stands != nil || s.Kind == model.StmtChoose || !s.Kind.IsStep() {
		return
	}
	r.stands = []int{}
	for _, b := range r.level().blocks {
		if b.call > 0 {
			r.stands = append(r.stands, b.call)
		}
	}
}
