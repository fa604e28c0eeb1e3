// SPDX-License-Identifier: GPL-2.0
/* [RFC PATCH 11/14], 5 Jul 2023, <20230705181256.3539027-12-vschneid@redhat.com>; ours is what is not in that mail. */
#define CT_FIELDS atomic_t work;
#define CT_STATE __ct_bits(3) __ct_wraps
#include <linux/context_tracking.h>

enum {
	CONTEXT_WORK_DISABLED_OFFSET,
	CONTEXT_WORK_n_OFFSET,
	CONTEXT_WORK_MAX_OFFSET
};

enum ct_work {
	CONTEXT_WORK_DISABLED = BIT(CONTEXT_WORK_DISABLED_OFFSET),
	CONTEXT_WORK_n = BIT(CONTEXT_WORK_n_OFFSET),
	CONTEXT_WORK_MAX = BIT(CONTEXT_WORK_MAX_OFFSET)
};

static __always_inline void arch_context_tracking_work(int work)
{
	switch (work) {
	case CONTEXT_WORK_n:
		// Do work...
		break;
	}
}

DEFINE_PER_CPU(struct context_tracking, context_tracking) = {
	.state = ATOMIC_INIT(RCU_DYNTICKS_IDX),
	.work = ATOMIC_INIT(CONTEXT_WORK_DISABLED),
};
EXPORT_SYMBOL_GPL(context_tracking);

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
	int seq;

	rcu_dynticks_task_trace_enter(); // Before ->dynticks update!
	seq = ct_state_inc(offset);

	/* Let this CPU allow deferred callbacks again */
	ct_work_clear(this_cpu_ptr(&context_tracking));

	// RCU is no longer watching. Better be in extended quiescent state!
	WARN_ON_ONCE(IS_ENABLED(CONFIG_RCU_EQS_DEBUG) && (seq & RCU_DYNTICKS_IDX));
}

static noinstr void ct_kernel_enter_state(int offset)
{
	struct context_tracking *ct = this_cpu_ptr(&context_tracking);
	int seq;
	unsigned int work;

	work = ct_work_fetch(ct);
	/*
	 * CPUs seeing atomic_add_return() must see prior idle sojourns,
	 * and we also must force ordering with the next RCU read-side
	 * critical section.
	 */
	seq = ct_state_inc(offset);
	if (work)
		ct_work_flush(work);
	// RCU is now watching. Better not be in an extended quiescent state!
	rcu_dynticks_task_trace_exit(); // After ->dynticks update!
	WARN_ON_ONCE(IS_ENABLED(CONFIG_RCU_EQS_DEBUG) && !(seq & RCU_DYNTICKS_IDX));
}

static void user_enter(void) { ct_kernel_exit_state(RCU_DYNTICKS_IDX + CONTEXT_USER); }
static void user_exit(void) { ct_kernel_enter_state(RCU_DYNTICKS_IDX - CONTEXT_USER); ctcheck_flushed(); }
static void nmi_exit(bool entered) { if (entered) ct_kernel_exit_state(RCU_DYNTICKS_IDX); }

static bool nmi_enter(void)
{
	if (!rcu_dynticks_curr_cpu_in_eqs())
		return false;
	ct_kernel_enter_state(RCU_DYNTICKS_IDX);
	ctcheck_flushed();
	return true;
}

CTCHECK_DEFERRAL(
	.set_work = ct_set_cpu_work, .run = arch_context_tracking_work, .first_work = CONTEXT_WORK_n_OFFSET,
	.user_exit = user_exit, .user_enter = user_enter, .nmi_enter = nmi_enter, .nmi_exit = nmi_exit,
);
