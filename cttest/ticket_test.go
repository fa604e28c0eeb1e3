package cttest_test

import (
	"testing"

	"ctcheck/cttest"
	"ctcheck/model"
	"ctcheck/props"
)

// ticketLock is a ticket lock that two CPUs take and release for ever, and the claim that it excludes.
func ticketLock() (*model.Program, *model.Monitor) {
	p := model.New("ticket-lock")
	// Shared variables have declared ranges. Two CPUs hold at most two tickets, so counting modulo 4
	// tells them apart.
	next := p.Shared("lock->next", model.UpTo(3).Mod(), model.Int(0))
	owner := p.Shared("lock->owner", model.UpTo(3).Mod(), model.Int(0))
	// A ghost is for claims only; the kernel has no such variable.
	inside := p.Ghost("CPUs inside", model.UpTo(2), model.Int(0))

	worker := func(r *model.Routine) {
		ticket, seen := r.LocalOf("ticket", next), r.LocalOf("VAL", owner)
		r.Forever(func() {
			r.AtomicFetchAdd("ticket = atomic_fetch_inc_relaxed(&lock->next)", ticket, next, model.Int(1),
				model.Relaxed)
			r.CondLoadAcquire("smp_cond_load_acquire(&lock->owner, VAL == ticket)", seen, owner,
				seen.Eq(ticket))
			r.Set(inside, inside.Add(model.Int(1))) // rides on the step before it
			r.Pause("/* critical section */")
			r.Set(inside, inside.Sub(model.Int(1)))
			r.StoreRelease("smp_store_release(&lock->owner, ticket + 1)", owner, ticket.Add(model.Int(1)))
		})
	}
	p.CPU("CPU0").Run(p.Routine("worker", worker))
	p.CPU("CPU1").Run(p.Routine("worker", worker))

	// What must be able to happen, so that nothing holds because nothing happened.
	p.ReachedState("a CPU is inside", inside.Eq(model.Int(1)))
	return p, props.Always("mutual exclusion", inside.Le(model.Int(1)))
}

func TestTicketLock(t *testing.T) {
	p, exclusion := ticketLock()
	cttest.Holds(t, p, exclusion)
}
