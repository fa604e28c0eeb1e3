/*
 * The CR3 signal of v6 and v7 of Valentin Schneider's series, Dave Hansen's order for it (21 Nov 2025), and the RFC of
 * 24 Mar 2026, written here from their descriptions. A flag kernel_cr3_loaded says that the kernel's CR3 is loaded; a
 * setter publishes its change and reads the flag, and the target catches up at every entry.
 *
 * A design defines before CR3_ENTRY(), the steps of the entry, and CR3_RESTORES, whether an NMI's exit writes the flag
 * that its entry found.
 */
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <asm/barrier.h>
#include <ctcheck.h>

static DEFINE_PER_CPU(bool, kernel_cr3_loaded) = true;
static DEFINE_PER_CPU(bool, cr3) = true;	/* it is the kernel's */
static bool ptes[CTCHECK_CALLS];		/* what each call changes */

static bool flush_tlb_kernel_cond(int cpu, unsigned int work)
{
	WRITE_ONCE(ptes[ctcheck_call()], true);
	ctcheck_published();
	smp_mb();
	return !per_cpu(kernel_cr3_loaded, cpu);
}

static void run_flush(int work)
{
}

/* Sees every change that is published. */
static __always_inline void catch_up(void)
{
	unsigned int seen = 0;
	int i;

	for (i = 0; i < CTCHECK_CALLS; i++) {
		if (READ_ONCE(ptes[i]))
			seen |= BIT(ctcheck_work_of(i));
	}
	for (i = 0; i < CTCHECK_WORKS; i++) {
		if (seen & BIT(i))
			run_flush(i);
	}
	ctcheck_flushed();
}

static __always_inline void raise_flag(void)
{
	*this_cpu_ptr(&kernel_cr3_loaded) = true;
}

static __always_inline void load_kernel_cr3(void)
{
	smp_store_mb(*this_cpu_ptr(&cr3), true);
	ctcheck_left_user();
}

static __always_inline void load_kernel_cr3_and_flush(void)
{
	ctcheck_atomic {
		load_kernel_cr3();
		catch_up();
	}
}

static __always_inline void flush_all(void)
{
	ctcheck_atomic {
		catch_up();
	}
}

static __always_inline void cr3_exit(bool flag)
{
	*this_cpu_ptr(&kernel_cr3_loaded) = flag;
	smp_store_mb(*this_cpu_ptr(&cr3), false);
	ctcheck_entered_user();
}

static void user_exit(void)
{
	CR3_ENTRY();
}

static void user_enter(void)
{
	cr3_exit(false);
}

/* 0 if it did nothing, else 1 and the flag to leave behind. */
static int nmi_enter(void)
{
	bool saved = false;

	if (*this_cpu_ptr(&cr3))
		return 0;
	if (CR3_RESTORES)
		saved = *this_cpu_ptr(&kernel_cr3_loaded);
	CR3_ENTRY();
	return 1 + saved;
}

static void nmi_exit(int entered)
{
	if (entered)
		cr3_exit(entered == 2);
}

CTCHECK_DEFERRAL(
	.set_work = flush_tlb_kernel_cond, .user_exit = user_exit, .user_enter = user_enter,
	.nmi_enter = nmi_enter, .nmi_exit = nmi_exit, .run = run_flush, .numbers = true, .catch_up = true,
	.void_double_execution = "the target catches up at every entry, asked or not",
);
