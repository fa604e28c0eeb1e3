/* Context tracking, for ctcheck: what leads to and from the routines that a patch is about. */
#ifndef _LINUX_CONTEXT_TRACKING_H
#define _LINUX_CONTEXT_TRACKING_H
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/context_tracking_state.h>
#include <linux/instrumentation.h>
#include <linux/kernel.h>
#include <linux/module.h>

/* RCU watches from the step on that sets the bit: that is where the CPU has left user mode. */
static __always_inline unsigned long ct_state_inc(int incby)
{
	int seq = arch_atomic_add_return(incby, this_cpu_ptr(&context_tracking.state));

	if (seq & RCU_DYNTICKS_IDX)
		ctcheck_left_user();
	else
		ctcheck_entered_user();
	return seq;
}

static __always_inline bool rcu_dynticks_curr_cpu_in_eqs(void)
{
	return !(arch_atomic_read(this_cpu_ptr(&context_tracking.state)) & RCU_DYNTICKS_IDX);
}

/* What tells tasks RCU of the transition touches neither word. */
static __always_inline void rcu_dynticks_task_enter(void) { }
static __always_inline void rcu_dynticks_task_exit(void) { }
static __always_inline void rcu_dynticks_task_trace_enter(void) { }
static __always_inline void rcu_dynticks_task_trace_exit(void) { }

#endif
