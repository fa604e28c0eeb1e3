/*
 * valentin-v3: Valentin Schneider, RFC v3 11/15, 19 Nov 2024, <20241119153502.41361-12-vschneid@redhat.com>,
 * written here from its description. As posted, with the #ifdef of v2; set_work tries before it looks at the
 * context.
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
	do {
		ret = atomic_try_cmpxchg(&ct->state, &old, old | work);
	} while (!ret && (old & CT_STATE_MASK) != CONTEXT_KERNEL);
	preempt_enable();
	return ret;
}

CT_STATE_DESIGN(ct_set_cpu_work);
