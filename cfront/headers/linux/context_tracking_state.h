/*
 * The state of context tracking, for ctcheck, as mainline has it: the context in the low bits, above it RCU's counter,
 * whose lowest bit says that RCU is watching. CT_FIELDS, if it is defined, is what a patch adds to the struct, and
 * CT_STATE what is to be said of the range of the state, such as __ct_bits(3) __ct_wraps.
 */
#ifndef _LINUX_CONTEXT_TRACKING_STATE_H
#define _LINUX_CONTEXT_TRACKING_STATE_H
#include <linux/atomic.h>
#include <linux/percpu.h>
#include <ctcheck.h>

enum ctx_state {
	CONTEXT_DISABLED = -1,
	CONTEXT_KERNEL = 0,
	CONTEXT_IDLE = 1,
	CONTEXT_USER = 2,
	CONTEXT_GUEST = 3,
	CONTEXT_MAX = 4,
};

#define CT_STATE_MASK (CONTEXT_MAX - 1)
#define RCU_DYNTICKS_IDX CONTEXT_MAX
#define CT_RCU_WATCHING CONTEXT_MAX
#ifndef CT_FIELDS
#define CT_FIELDS
#endif
#ifndef CT_STATE
#define CT_STATE
#endif

struct context_tracking {
	bool active;
	CT_FIELDS
	atomic_t state CT_STATE;
};

DECLARE_PER_CPU(struct context_tracking, context_tracking);

#endif
