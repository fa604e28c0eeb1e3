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

// Views that end at a fault which no run has say nothing of what lies behind it.
func TestBehindAFault(t *testing.T) {
	build := func(n int) (*model.Program, []*model.Monitor) {
		p := model.New("counted-lock")
		lock := p.Shared("lock", model.Bool, model.Int(0))
		inside := p.Ghost("inside", model.Bool, model.Int(0)) // two inside would leave its range
		times := p.Ghost("times", model.UpTo(7).Mod(), model.Int(0))
		for i := range n {
			c := p.CPU("CPU" + string(rune('a'+i)))
			c.Run(p.Routine(c.Name, func(r *model.Routine) {
				was := r.Local("was", model.Bool)
				r.Forever(func() {
					r.Xchg("was = xchg(&lock, 1)", was, lock, model.Int(1))
					r.If(was.IsZero(), func() {
						r.Set(inside, inside.Add(model.Int(1)))
						r.Set(times, times.Add(model.Int(1)))
						r.Pause("critical section")
						r.Set(inside, inside.Sub(model.Int(1)))
						r.AtomicSet("lock = 0", lock, model.Int(0))
					})
				})
			}))
			p.Replicated = append(p.Replicated, c)
		}
		return p, []*model.Monitor{{Name: "seldom", Never: times.Eq(model.Int(6))},
			{Name: "fine", Never: lock.IsZero().And(inside)}}
	}
	r, err := judge.Any(context.Background(), judge.Replicas(build), explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s, f := r.Properties[0], r.Properties[1]; !s.Violated || s.Setters != 1 || f.Violated || f.Open != "" ||
		r.Any.Nodes == 0 {
		t.Errorf("%v, %+v", r.Verdict, r.Properties)
	}
}

// A claim on the end is of a program in which no replica keeps it from ending, too.
func TestWithoutReplicas(t *testing.T) {
	f := judge.Replicas(endsOnce)
	f.Fixed, f.Kind = 1, "setter"
	f.Instance = func(n int) (*model.Program, []*model.Monitor, error) {
		p, ms := endsOnce(n - 1)
		return p, ms, nil
	}
	f.Rest = f.Instance
	r, err := judge.Any(context.Background(), f, explore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Properties[0]; !p.Violated || p.Setters != 1 {
		t.Errorf("%v, %+v", r.Verdict, r.Properties)
	}
}

// endsOnce is a CPU that ends, and replicas that do not.
func endsOnce(n int) (*model.Program, []*model.Monitor) {
	p := model.New("ends")
	x := p.Shared("x", model.Bool, model.Int(0))
	p.CPU("once").Run(p.Routine("once", func(r *model.Routine) { r.AtomicSet("x = 1", x, model.Int(1)) }))
	for i := range n {
		c := p.CPU("CPU" + string(rune('a'+i)))
		c.Run(p.Routine(c.Name, func(r *model.Routine) { r.Forever(func() { r.Pause("again") }) }))
		p.Replicated = append(p.Replicated, c)
	}
	return p, []*model.Monitor{{Name: "x is 0", AtEnd: x.IsZero()}}
}
