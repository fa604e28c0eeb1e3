/*
 * frederic: Frederic Weisbecker, reply to the RFC v1 11/14, 6 Jul 2023, <ZKXtfWZiM66dK5xC@localhost.localdomain>,
 * written here from its description. The entry takes the work out; set_work asks the value found for its bit.
 */
#define CT_CONTEXT_WIDTH 2
enum { CONTEXT_KERNEL, CONTEXT_IDLE, CONTEXT_USER, CONTEXT_GUEST = CONTEXT_USER };
#define CT_ENTER_TAKES
#define CT_NEVER_DEFERS (!CTCHECK_VISITS_USER && !CTCHECK_VISITS_GUEST) /* an idle target refuses */
#include "ct_word.h"

static bool ct_set_cpu_work(unsigned int cpu, unsigned int work)
{
	struct context_tracking *ct = per_cpu_ptr(&context_tracking, cpu);
	int state, old;

	state = atomic_read(&ct->state);
	for (;;) {
		old = (state & ~CT_STATE_MASK) | CONTEXT_USER;
		state = atomic_cmpxchg(&ct->state, old, old | work);
		if (state & work)
			return true;
		if ((state & CT_STATE_MASK) != CONTEXT_USER)
			return false;
	}
}

CT_STATE_DESIGN(ct_set_cpu_work);
