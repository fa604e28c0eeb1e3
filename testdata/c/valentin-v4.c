/*
 * valentin-v4: Valentin Schneider, v4 24/30 with 21 and 22/30, 14 Jan 2025,
 * <20250114175143.81438-25-vschneid@redhat.com>, written here from its description. KERNEL is a bit of its own,
 * which the first guess of set_work leaves out; NMIs move the context as if from IDLE.
 */
#define CT_CONTEXT_WIDTH 3
enum { CONTEXT_IDLE, CONTEXT_USER, CONTEXT_GUEST, CONTEXT_KERNEL = 4 };
#define CT_CLEARS
#define CT_NEVER_DEFERS (!CTCHECK_ACTIVE)
#define CT_NMI_OFFSET (CONTEXT_KERNEL - CONTEXT_IDLE)
#define CT_NMI_FIRST() \
	WARN_ON_ONCE((arch_atomic_read(this_cpu_ptr(&context_tracking.state)) & CT_STATE_MASK) != CONTEXT_IDLE)
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
	old = atomic_read(&ct->state) & ~CONTEXT_KERNEL;
	do {
		ret = atomic_try_cmpxchg(&ct->state, &old, old | work);
	} while (!ret && (old & CT_STATE_MASK) != CONTEXT_KERNEL);
	preempt_enable();
	return ret;
}

CT_STATE_DESIGN(ct_set_cpu_work);
