/*
 * A ticket lock: whoever comes takes a ticket and waits until it is called. Numbers wrap, and may, as long as there are
 * more of them than CPUs.
 */
#include <linux/atomic.h>
#include <ctcheck.h>

struct ticket_lock {
	atomic_t next __ct_bits(2) __ct_wraps;	/* the ticket to give */
	atomic_t owner __ct_bits(2) __ct_wraps;	/* the ticket that is called */
};

static struct ticket_lock lock;
static int in_cs __ct_ghost;

static void ticket_lock(struct ticket_lock *l)
{
	int ticket = atomic_fetch_inc(&l->next);

	atomic_cond_read_acquire(&l->owner, VAL == ticket);
}

static void ticket_unlock(struct ticket_lock *l)
{
	atomic_set_release(&l->owner, atomic_read(&l->owner) + 1);
}

CTCHECK_CPU(CPU0, CPU1, CPU2)
{
	for (;;) {
		ticket_lock(&lock);
		in_cs++;
		ctcheck_assert(in_cs == 1);
		ctcheck_step();
		in_cs--;
		ticket_unlock(&lock);
	}
}

CTCHECK_REACHED("all three are at the lock", atomic_read(&lock.next) == 3 && atomic_read(&lock.owner) == 0);
