package judge_test

import (
	"context"
	"testing"

	"ctcheck/explore"
	"ctcheck/judge"
	"ctcheck/model"
	"ctcheck/verdict"
)

// tryLocked is CPUs that take a lock from each other. Torn, a CPU looks at the lock in one step and takes it in
// another.
func tryLocked(torn bool) func(n int) (*model.Program, []*model.Monitor) {
	return func(n int) (*model.Program, []*model.Monitor) {
		p := model.New("try-locked")
		lock := p.Shared("lock", model.Bool, model.Int(0))
		inside := p.Ghost("inside", model.Bool, model.Int(0))
		for i := range n {
			c := p.CPU("CPU" + string(rune('a'+i)))
			c.Run(p.Routine(c.Name, func(r *model.Routine) {
				was := r.Local("was", model.Bool)
				r.Forever(func() {
					if torn {
						r.AtomicRead("was = lock", was, lock)
						r.If(was.IsZero(), func() { r.AtomicSet("lock = 1", lock, model.Int(1)) })
					} else {
						r.Xchg("was = xchg(&lock, 1)", was, lock, model.Int(1))
					}
					r.If(was.IsZero(), func() {
						r.If(inside, func() { r.WarnOnOnce("two are inside", model.True) })
						r.Set(inside, model.Int(1))
						r.Pause("critical section")
						r.Set(inside, model.Int(0))
						r.AtomicSet("lock = 0", lock, model.Int(0))
					})
				})
			}))
			p.Replicated = append(p.Replicated, c)
		}
		return p, []*model.Monitor{{Name: "exclusion", On: func(ev model.Event) []*model.Stmt {
			if ev.Kind != model.Warned {
				return nil
			}
			return model.Build((*model.Code).Fail)
		}}}
	}
}

// Views of one CPU do not know that only one of them holds the lock, and raise an alarm that no run bears out. The
// coverability tree knows it. Where the lock is torn, two CPUs show it.
func TestTryLocked(t *testing.T) {
	for _, torn := range []bool{false, true} {
		r, err := judge.Any(context.Background(), judge.Replicas(tryLocked(torn)), explore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := r.Properties[0]
		switch {
		case !torn && (r.Verdict != verdict.Holds || r.Any.Nodes == 0):
			t.Errorf("the lock excludes: %v, %+v, %+v", r.Verdict, p, r.Any)
		case torn && (r.Verdict != verdict.Violated || p.Setters != 2 || p.Trace == nil):
			t.Errorf("the torn lock does not: %v, %+v", r.Verdict, p)
		}
	}
}
