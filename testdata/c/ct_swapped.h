// SPDX-License-Identifier: GPL-2.0
/*
 * Forms of valentin.c, derived here, in which the steps on ct->state and ct->work are swapped: in the entry where
 * SWAP_ENTER is 1, in the exit where SWAP_EXIT is 1. RCU then watches for longer than DISABLED is set.
 */
#define CT_FIELDS atomic_t work;
#define CT_STATE __ct_bits(3) __ct_wraps /* only the lowest bit of RCU's counter is looked at */
#include <linux/context_tracking.h>
#include "ct_base.h"

enum {
	CONTEXT_WORK_DISABLED_OFFSET,
	CONTEXT_WORK_n_OFFSET,
	CONTEXT_WORK_MAX_OFFSET = CONTEXT_WORK_n_OFFSET + CTCHECK_WORKS
};

enum ct_work {
	CONTEXT_WORK_DISABLED = BIT(CONTEXT_WORK_DISABLED_OFFSET),
	CONTEXT_WORK_n = BIT(CONTEXT_WORK_n_OFFSET),
	CONTEXT_WORK_MAX = BIT(CONTEXT_WORK_MAX_OFFSET)
};

DEFINE_PER_CPU(struct context_tracking, context_tracking) = {
	.state = ATOMIC_INIT(RCU_DYNTICKS_IDX),
	.work = ATOMIC_INIT(CONTEXT_WORK_DISABLED),
};

static __always_inline void arch_context_tracking_work(int work)
{
	switch (work) {
	case CONTEXT_WORK_n:
		// Do work...
		break;
	}
}

static __always_inline unsigned int ct_work_fetch(struct context_tracking *ct)
{
	return arch_atomic_fetch_or(CONTEXT_WORK_DISABLED, &ct->work);
}
static __always_inline void ct_work_clear(struct context_tracking *ct)
{
	arch_atomic_set(&ct->work, 0);
}

static noinstr void ct_work_flush(unsigned long work)
{
	int bit;

	/* DISABLED is never set while there are deferred works */
	WARN_ON_ONCE(work & CONTEXT_WORK_DISABLED);

	/*
	 * arch_context_tracking_work() must be noinstr, non-blocking,
	 * and NMI safe.
	 */
	for_each_set_bit(bit, &work, CONTEXT_WORK_MAX)
		arch_context_tracking_work(BIT(bit));
}

bool ct_set_cpu_work(unsigned int cpu, unsigned int work)
{
	struct context_tracking *ct = per_cpu_ptr(&context_tracking, cpu);
	unsigned int old_work;
	bool ret = false;

	preempt_disable();

	old_work = atomic_read(&ct->work);
	/*
	 * Try setting the work until either
	 * - the target CPU no longer accepts any more deferred work
	 * - the work has been set
	 */
	while (!(old_work & CONTEXT_WORK_DISABLED) && !ret)
		ret = atomic_try_cmpxchg(&ct->work, &old_work, old_work | work);

	preempt_enable();
	return ret;
}

static noinstr void ct_kernel_exit_state(int offset)
{
	if (SWAP_EXIT)
		ct_work_clear(this_cpu_ptr(&context_tracking));
	ct_state_inc(offset);
	if (!SWAP_EXIT)
		ct_work_clear(this_cpu_ptr(&context_tracking));
}

static noinstr void ct_kernel_enter_state(int offset)
{
	struct context_tracking *ct = this_cpu_ptr(&context_tracking);
	unsigned int work;

	if (SWAP_ENTER)
		ct_state_inc(offset);
	work = ct_work_fetch(ct);
	if (!SWAP_ENTER)
		ct_state_inc(offset);
	if (work)
		ct_work_flush(work);
}

CT_WAYS

CTCHECK_DEFERRAL(
	.set_work = ct_set_cpu_work, CT_ROLES,
	.run = arch_context_tracking_work, .work = &context_tracking.work, .first_work = CONTEXT_WORK_n_OFFSET,
	.knows_active = true, .knows_masks = true, .never_defers = !CT_TRANSITS,
);
