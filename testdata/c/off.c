/*
 * off: the stubs for CONFIG_CONTEXT_TRACKING_WORK=n in the RFC v1 11/14, 5 Jul 2023,
 * <20230705181256.3539027-12-vschneid@redhat.com>. Every request becomes an IPI.
 */
#include <linux/types.h>
#include <ctcheck.h>

static inline bool ct_set_cpu_work(unsigned int cpu, unsigned int work) { return false; }

static void user_exit(void)
{
	ctcheck_left_user();
	ctcheck_flushed();
}

static void user_enter(void)
{
	ctcheck_entered_user();
}

CTCHECK_DEFERRAL(
	.set_work = ct_set_cpu_work, .user_exit = user_exit, .user_enter = user_enter,
	.knows_masks = true, .never_defers = true,
);
