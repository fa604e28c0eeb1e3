/*
 * frederic-csd: Frederic Weisbecker, sketch of 5 Apr 2023, <ZC1j8ivE/kK7+Gd5@lothringen>, written here from its
 * description. The work is an item in the queue that IPIs have, and the context decides whether to send one. The queue
 * is a mask with a bit for each item, since none is in it twice.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/percpu.h>
#include <ctcheck.h>

enum { CONTEXT_KERNEL, CONTEXT_USER = 2 };
#define CSDS (CTCHECK_SETTERS * CTCHECK_REQUESTS)

static DEFINE_PER_CPU(atomic_t, context) = ATOMIC_INIT(CONTEXT_KERNEL);
static DEFINE_PER_CPU(atomic_t, call_single_queue);

static bool queue_csd(int cpu, unsigned int work)
{
	if (cpu == smp_processor_id()) /* the target's own call runs its callback on the spot */
		return false;
	if (atomic_fetch_or(BIT(ctcheck_call()), per_cpu_ptr(&call_single_queue, cpu)))
		return true; /* whoever was first may yet send an IPI */
	if (ctcheck_urgent())
		return false;
	return atomic_read(per_cpu_ptr(&context, cpu)) == CONTEXT_USER;
}

static void run_csd(int work)
{
}

static void flush_smp_call_function_queue(void)
{
	unsigned int list = atomic_xchg(this_cpu_ptr(&call_single_queue), 0);
	int i;

	for (i = 0; i < CSDS; i++) {
		if (list & BIT(i))
			run_csd(ctcheck_work_of(i));
	}
}

static void user_exit(void)
{
	atomic_xchg(this_cpu_ptr(&context), CONTEXT_KERNEL);
	ctcheck_left_user();
	flush_smp_call_function_queue();
	ctcheck_flushed();
}

static void user_enter(void)
{
	atomic_xchg(this_cpu_ptr(&context), CONTEXT_USER);
	ctcheck_entered_user();
}

CTCHECK_DEFERRAL(
	.set_work = queue_csd, .user_exit = user_exit, .user_enter = user_enter,
	.run = run_csd, .ipi = flush_smp_call_function_queue, .work = &call_single_queue,
	.numbers = true, .knows_urgent = true, .never_defers = CSDS == 1 && CTCHECK_URGENT,
);
