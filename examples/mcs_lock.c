/*
 * The MCS lock (Mellor-Crummey and Scott, TOCS 1991): a queue of nodes, one of each CPU, in which each waits for the
 * one before it to say that it is done.
 */
#include <linux/atomic.h>
#include <linux/percpu.h>
#include <ctcheck.h>

struct mcs_node {
	struct mcs_node *next;
	int locked;
};

static struct mcs_node *tail;
static DEFINE_PER_CPU(struct mcs_node, nodes);
static int in_cs __ct_ghost;

static void mcs_lock(struct mcs_node **lock, struct mcs_node *node)
{
	struct mcs_node *prev;

	WRITE_ONCE(node->locked, 0);
	WRITE_ONCE(node->next, NULL);
	prev = xchg(lock, node);
	if (!prev)
		return;
	WRITE_ONCE(prev->next, node);
	smp_cond_load_acquire(&node->locked, VAL);
}

static void mcs_unlock(struct mcs_node **lock, struct mcs_node *node)
{
	struct mcs_node *next = READ_ONCE(node->next);

	if (!next) {
		if (cmpxchg_release(lock, node, NULL) == node)
			return;
		while (!(next = READ_ONCE(node->next)))
			cpu_relax();
	}
	smp_store_release(&next->locked, 1);
}

CTCHECK_CPU(CPU0, CPU1, CPU2)
{
	struct mcs_node *node = this_cpu_ptr(&nodes);

	mcs_lock(&tail, node);
	in_cs++;
	ctcheck_assert(in_cs == 1);
	ctcheck_step();
	in_cs--;
	mcs_unlock(&tail, node);
}

CTCHECK_AT_END("the queue is empty", tail == NULL);
CTCHECK_REACHED("somebody waits", per_cpu(nodes, 0).next != NULL);
