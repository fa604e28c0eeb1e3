package props

import (
	"ctcheck/deferral"
	"ctcheck/model"
)

// noStarvedIPI is the safety part of "an urgent request is served without waiting for the target's
// next entry". The target may stay in user mode for ever, so an urgent request is starved in a
// state in which its call has returned, it is not served, the target is in user mode, and nothing
// that has begun can interrupt it: no IPI is pending, and no call is under way that might still
// send one. The last condition takes nothing away: a call that ends without an IPI leads to such a
// state.
func noStarvedIPI(l *ledger) *model.Monitor {
	calls := model.NewGhost("calls under way", model.UpTo(int64(len(l.d.Requests))), model.Int(0))
	m := &model.Monitor{Name: "no-starved-ipi", Uses: []*model.Monitor{l.monitor},
		Ghosts: []*model.Var{calls}}
	m.On = func(ev model.Event) []*model.Stmt {
		return model.Build(func(c *model.Code) {
			switch ev.Kind {
			case deferral.Started:
				c.Set(calls, calls.Add(model.Int(1)))
			case deferral.Completed:
				c.Set(calls, calls.Sub(model.Int(1)))
			}
		})
	}
	var waiting, pending []model.Value
	for _, q := range l.d.Requests {
		if q.Urgent {
			waiting = append(waiting, outstanding(l.state[q.Index]))
		}
	}
	for _, ipi := range l.d.Target.IPIs {
		pending = append(pending, ipi.Pending())
	}
	m.Never = model.All(model.Any(waiting...), l.d.Target.In(model.Frames(model.User)),
		model.Any(pending...).IsZero(), calls.IsZero())
	return m
}
