/* frederic-fixed: frederic, with set_work answering by the result of its try_cmpxchg; derived here. */
#define CT_CONTEXT_WIDTH 2
enum { CONTEXT_KERNEL, CONTEXT_IDLE, CONTEXT_USER, CONTEXT_GUEST = CONTEXT_USER };
#define CT_ENTER_TAKES
#define CT_NEVER_DEFERS (!CTCHECK_VISITS_USER && !CTCHECK_VISITS_GUEST) /* an idle target refuses */
#include "ct_word.h"

static bool ct_set_cpu_work(unsigned int cpu, unsigned int work)
{
	struct context_tracking *ct = per_cpu_ptr(&context_tracking, cpu);
	bool ret = false;
	int old;

	old = (atomic_read(&ct->state) & ~CT_STATE_MASK) | CONTEXT_USER;
	do {
		ret = atomic_try_cmpxchg(&ct->state, &old, old | work);
	} while (!ret && (old & CT_STATE_MASK) == CONTEXT_USER);
	return ret;
}

CT_STATE_DESIGN(ct_set_cpu_work);
