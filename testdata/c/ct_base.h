/*
 * The ways to ct_kernel_enter_state() and ct_kernel_exit_state() of kernel/context_tracking.c, for the designs of that
 * file: user, guest and idle always go there, with the context's offset; NMIs, and interrupts from idle, do where they
 * find RCU not watching, with the counter's offset alone. A CPU whose ct->active is false moves the context to user or
 * guest and back with a plain atomic add, and RCU goes on watching it.
 *
 * A design writes CT_WAYS behind those two routines, and may define before what NMIs add besides the counter, and what
 * they do first where RCU is not watching.
 */
#ifndef CT_BASE_H
#define CT_BASE_H

#ifndef CT_NMI_OFFSET
#define CT_NMI_OFFSET 0
#endif
#ifndef CT_NMI_FIRST
#define CT_NMI_FIRST() do { } while (0)
#endif

/* Some context is visited in which RCU does not watch. */
#define CT_TRANSITS (CTCHECK_VISITS_IDLE || CTCHECK_ACTIVE)

#define CT_WAY(name, context, transits) \
static void ct_##name##_exit(void) \
{ \
	if (transits) { \
		ct_kernel_enter_state(RCU_DYNTICKS_IDX - (context)); \
		ctcheck_flushed(); \
	} else { \
		raw_atomic_sub(context, this_cpu_ptr(&context_tracking.state)); \
		ctcheck_left_user(); \
		ctcheck_flushed(); \
	} \
} \
static void ct_##name##_enter(void) \
{ \
	if (transits) { \
		ct_kernel_exit_state(RCU_DYNTICKS_IDX + (context)); \
	} else { \
		raw_atomic_add(context, this_cpu_ptr(&context_tracking.state)); \
		ctcheck_entered_user(); \
	} \
}

#define CT_WAYS \
CT_WAY(user, CONTEXT_USER - CONTEXT_KERNEL, CTCHECK_ACTIVE) \
CT_WAY(guest, CONTEXT_GUEST - CONTEXT_KERNEL, CTCHECK_ACTIVE) \
CT_WAY(idle, CONTEXT_IDLE - CONTEXT_KERNEL, true) \
static bool ct_nmi_enter(void) \
{ \
	int state = arch_atomic_read(this_cpu_ptr(&context_tracking.state)); \
\
	if (state & RCU_DYNTICKS_IDX) \
		return false; \
	CT_NMI_FIRST(); \
	ct_kernel_enter_state(RCU_DYNTICKS_IDX + (CT_NMI_OFFSET)); \
	ctcheck_flushed(); \
	return true; \
} \
static void ct_nmi_exit(bool entered) \
{ \
	if (entered) \
		ct_kernel_exit_state(RCU_DYNTICKS_IDX - (CT_NMI_OFFSET)); \
}

#define CT_ROLES \
	.user_exit = ct_user_exit, .user_enter = ct_user_enter, \
	.guest_exit = ct_guest_exit, .guest_enter = ct_guest_enter, \
	.idle_exit = ct_idle_exit, .idle_enter = ct_idle_enter, \
	.nmi_enter = ct_nmi_enter, .nmi_exit = ct_nmi_exit

#endif
