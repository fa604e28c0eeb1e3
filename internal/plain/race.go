package plain

import "ctcheck/model"

// This file looks for data races in a state by taking each CPU's next step, every way of it, and comparing
// what the steps touched, pair by pair.

// A touch is one access of a step.
type touch struct {
	v      *model.Var
	write  bool
	plain  bool
	atomic bool // inside an Atomic
}

// touch notes the access that is about to be made.
func (r *run) touch(s *model.Stmt, v *model.Var) {
	t := touch{v: v, write: s.Op != model.Load, plain: s.Order == model.Plain, atomic: r.level().atomic()}
	if s.Op == model.RMWCmpxchg || s.Op == model.RMWTryCmpxchg {
		t.write = r.get(v) == r.eval(s.Old)
	}
	r.touched = append(r.touched, t)
}

// races reports whether two CPUs can race in s.
func (x *explorer) races(s *state) bool {
	next := make([][]touch, len(s.cpus))
	for i := range s.cpus {
		next[i] = x.touches(s, i)
		for _, others := range next[:i] {
			for _, a := range others {
				for _, b := range next[i] {
					both := a.atomic && b.atomic
					if a.v == b.v && (a.write || b.write) && (a.plain || b.plain) && !both {
						return true
					}
				}
			}
		}
	}
	return false
}

// touches is what a CPU's next step may touch.
func (x *explorer) touches(s *state, cpu int) []touch {
	stmt := s.cpus[cpu].top().statement()
	if stmt == nil {
		return nil
	}
	ways := 1
	if stmt.Kind == model.StmtChoose {
		ways = len(stmt.Alts)
	}
	var all []touch
	for way := range ways {
		r := x.run(s, cpu)
		r.choice, r.here = way, stmt
		r.proceed()
		if !r.blocked && r.err == nil {
			all = append(all, r.touched...)
		}
	}
	return all
}
