/*
 * valentin-v2: Valentin Schneider, RFC v2 15/20, 20 Jul 2023, <20230720163056.2564824-16-vschneid@redhat.com>,
 * written here from its description. As posted: the exit does not take the work out, since what clears it sits
 * under #ifdef CONTEXT_TRACKING_WORK, without CONFIG_.
 */
#define CT_CONTEXT_WIDTH 2
enum { CONTEXT_KERNEL, CONTEXT_IDLE, CONTEXT_USER, CONTEXT_GUEST };
#include "ct_word.h"

static bool ct_set_cpu_work(unsigned int cpu, unsigned int work)
{
	struct context_tracking *ct = per_cpu_ptr(&context_tracking, cpu);
	bool ret = false;
	int old;

	preempt_disable();
	old = atomic_read(&ct->state);
	while ((old & CT_STATE_MASK) != CONTEXT_KERNEL && !ret)
		ret = atomic_try_cmpxchg(&ct->state, &old, old | work);
	preempt_enable();
	return ret;
}

CT_STATE_DESIGN(ct_set_cpu_work);
