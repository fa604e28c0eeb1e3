/*
 * valentin-v7: Valentin Schneider, v7 24/31, 14 Nov 2025, <20251114151428.1064524-4-vschneid@redhat.com>, written
 * here from its description. As v5, but set_work first guesses that RCU does not watch.
 */
#define CT_CONTEXT_WIDTH 2
enum { CONTEXT_KERNEL, CONTEXT_IDLE, CONTEXT_USER, CONTEXT_GUEST };
#define CT_CLEARS
#define CT_NEVER_DEFERS (!CTCHECK_ACTIVE)
#include "ct_word.h"

static bool ct_set_cpu_work(unsigned int cpu, unsigned int work)
{
	struct context_tracking *ct = per_cpu_ptr(&context_tracking, cpu);
	bool ret = false;
	int old;

	preempt_disable();
	if (!ct_active()) {
		preempt_enable();
		return false;
	}
	old = atomic_read(&ct->state) & ~CT_RCU_WATCHING;
	do {
		ret = atomic_try_cmpxchg(&ct->state, &old, old | work);
	} while (!ret && !(old & CT_RCU_WATCHING));
	preempt_enable();
	return ret;
}

CT_STATE_DESIGN(ct_set_cpu_work);
