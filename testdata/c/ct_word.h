/*
 * One word ct->state for the designs that keep the work in it, written here from their descriptions: from the lowest
 * bit up the context, the work, and RCU's counter, whose lowest bit says that RCU is watching.
 *
 * A design defines before the width of the context, the contexts, and, with the value before the try in old,
 *
 *	CT_CLEARS	the exit takes the work out
 *	CT_ENTER_TAKES	the entry does
 *	CT_TESTS_ACTIVE	set_work refuses where ct->active is false
 *
 * and then writes its set_work and CT_STATE_DESIGN(set_work).
 */
#ifndef CT_WORD_H
#define CT_WORD_H
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <ctcheck.h>

#define CT_STATE_MASK ((1 << CT_CONTEXT_WIDTH) - 1)
#define CT_WORK_START CT_CONTEXT_WIDTH
#define CT_WORK_MASK (((1 << CTCHECK_WORKS) - 1) << CT_WORK_START)
#define RCU_DYNTICKS_IDX (1 << (CT_WORK_START + CTCHECK_WORKS))
#define CT_RCU_WATCHING RCU_DYNTICKS_IDX

#if CTCHECK_ROUNDS
#define CT_STATE
#else
#define CT_STATE __ct_bits(CT_CONTEXT_WIDTH + CTCHECK_WORKS + 3) __ct_wraps /* a counter modulo 8 */
#endif

struct context_tracking {
	bool active;
	atomic_t state CT_STATE;
};

static DEFINE_PER_CPU(struct context_tracking, context_tracking) = {
	.state = ATOMIC_INIT(CONTEXT_KERNEL | RCU_DYNTICKS_IDX),
};

static __always_inline bool ct_active(void)
{
	return CTCHECK_ACTIVE;
}

static void run_work(int work)
{
}

static __always_inline void ct_work_flush(int seq)
{
	int bit;

	for (bit = 0; bit < CTCHECK_WORKS; bit++) {
		if (seq & BIT(CT_WORK_START + bit))
			run_work(BIT(CT_WORK_START + bit));
	}
}

/* Takes the work out of the state and moves context and counter; returns what was there before. */
static __always_inline int ct_state_inc_clear_work(int incby, bool entry)
{
	struct context_tracking *ct = this_cpu_ptr(&context_tracking);
	int state = arch_atomic_read(&ct->state);
	int old;

	do {
		old = state;
		state = arch_atomic_cmpxchg(&ct->state, old, (old & ~CT_WORK_MASK) + incby);
		if (state == old) {
			if (entry)
				ctcheck_left_user();
			else
				ctcheck_entered_user();
		}
	} while (state != old);
	return state;
}

static noinstr void ct_kernel_exit_state(int offset)
{
#ifdef CT_CLEARS
	ct_state_inc_clear_work(offset, false);
#else
	arch_atomic_add_return(offset, this_cpu_ptr(&context_tracking.state));
	ctcheck_entered_user();
#endif
}

static noinstr void ct_kernel_enter_state(int offset)
{
	int seq;

#ifdef CT_ENTER_TAKES
	seq = ct_state_inc_clear_work(offset, true);
#else
	seq = arch_atomic_add_return(offset, this_cpu_ptr(&context_tracking.state));
	ctcheck_left_user();
#endif
	ct_work_flush(seq);
}

#include "ct_base.h"

CT_WAYS

#ifndef CT_NEVER_DEFERS
#define CT_NEVER_DEFERS false
#endif

#define CT_STATE_DESIGN(set) \
CTCHECK_DEFERRAL( \
	.set_work = set, CT_ROLES, \
	.run = run_work, .work = &context_tracking.state, .first_work = CT_WORK_START, \
	.knows_active = true, .knows_masks = true, .never_defers = CT_NEVER_DEFERS, \
)
#endif
