/*
 * The slow path of a queued spinlock, reduced, as qspinlock has it: the word has a byte locked, a byte pending and the
 * tail of a queue of nodes. The first waiter spins on locked with pending set; later ones queue, and the head of the
 * queue waits for both to be clear.
 */
#include <linux/atomic.h>
#include <linux/percpu.h>
#include <ctcheck.h>

union qspinlock {
	u32 val;
	struct {
		u8 locked, pending;
		u16 tail;
	};
};
#define LOCKED 1
#define PENDING (1 << 8)

struct qnode {
	struct qnode *next;
	int locked;
};

static union qspinlock lock;
static DEFINE_PER_CPU(struct qnode, qnodes);
static int in_cs __ct_ghost;

static void slow_path(union qspinlock *l)
{
	struct qnode *node = this_cpu_ptr(&qnodes), *next;
	u16 tail = smp_processor_id() + 1, old;
	u32 val = 0;

	if (!READ_ONCE(l->tail) && !READ_ONCE(l->pending) && !xchg_acquire(&l->pending, 1)) {
		smp_cond_load_acquire(&l->val, !(VAL & LOCKED));
		WRITE_ONCE(l->locked, 1);
		WRITE_ONCE(l->pending, 0);
		return;
	}
	WRITE_ONCE(node->locked, 0);
	WRITE_ONCE(node->next, NULL);
	old = xchg(&l->tail, tail);
	if (old) {
		WRITE_ONCE(per_cpu_ptr(&qnodes, old - 1)->next, node);
		smp_cond_load_acquire(&node->locked, VAL);
	}
	val = smp_cond_load_acquire(&l->val, !(VAL & (LOCKED | PENDING)));
	if (val >> 16 == tail && try_cmpxchg_relaxed(&l->val, &val, LOCKED))
		return;
	WRITE_ONCE(l->locked, 1);
	next = smp_cond_load_relaxed(&node->next, VAL);
	smp_store_release(&next->locked, 1);
}

CTCHECK_CPU(CPU0, CPU1, CPU2)
{
	u32 free = 0;

	if (!try_cmpxchg_acquire(&lock.val, &free, LOCKED))
		slow_path(&lock);
	in_cs++;
	ctcheck_assert(in_cs == 1);
	ctcheck_step();
	in_cs--;
	smp_store_release(&lock.locked, 0);
}

CTCHECK_AT_END("the lock is free", lock.val == 0);
CTCHECK_REACHED("two wait", lock.pending && lock.tail);
