/*
 * valentin-v5: Valentin Schneider, v5 24/25, 29 Apr 2025, <20250429113242.998312-25-vschneid@redhat.com>, written
 * here from its description. And v6 23/29. What keeps setters out is that RCU watches; set_work first guesses that
 * it does.
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
	old = atomic_read(&ct->state) | CT_RCU_WATCHING;
	do {
		ret = atomic_try_cmpxchg(&ct->state, &old, old | work);
	} while (!ret && !(old & CT_RCU_WATCHING));
	preempt_enable();
	return ret;
}

CT_STATE_DESIGN(ct_set_cpu_work);
