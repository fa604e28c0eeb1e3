/*
 * Peter Zijlstra's design, RFC v2 07/11, 29 Sep 2021, <20210929152428.947246287@infradead.org>, written here from its
 * description: a word ct->seq says whether the CPU is in user mode, in an NMI, whether there is work, and counts; the
 * work is a mask beside it. RETRY says whether set_work tries again while the target is in user mode.
 */
#include <linux/bitops.h>
#include <linux/context_tracking_state.h>
#include <linux/preempt.h>

#define CT_SEQ_WORK 0x01
#define CT_SEQ_NMI 0x02
#define CT_SEQ_USER 0x04
#define CT_SEQ 0x08

#if CTCHECK_ROUNDS
#define SEQ_RANGE
#else
#define SEQ_RANGE __ct_bits(5) __ct_wraps /* a count modulo 4 where the rounds do not end */
#endif

struct ct_seq {
	atomic_t seq SEQ_RANGE;
	atomic_t work;
};

static DEFINE_PER_CPU(struct ct_seq, ct_seq);

static __always_inline bool in_user_mode(unsigned int seq)
{
	return (seq & (CT_SEQ_USER | CT_SEQ_NMI)) == CT_SEQ_USER;
}

static bool ct_seq_set_work(int cpu, unsigned int work)
{
	struct ct_seq *ct = per_cpu_ptr(&ct_seq, cpu);
	bool ret = false;
	unsigned int seq;

	preempt_disable();
	seq = atomic_read(&ct->seq);
	while (in_user_mode(seq) && !ret) {
		/* ctrl-dep */
		atomic_or(work, &ct->work);
		ret = atomic_try_cmpxchg(&ct->seq, &seq, seq | CT_SEQ_WORK);
		if (!RETRY)
			break;
	}
	preempt_enable();
	return ret;
}

static void run_work(int bit)
{
}

static noinstr void ct_seq_flush(struct ct_seq *ct)
{
	unsigned int work = arch_atomic_read(&ct->work);
	int bit;

	for (bit = 0; bit < CTCHECK_WORKS; bit++) {
		if (work & BIT(bit)) {
			run_work(BIT(bit));
			smp_mb__before_atomic();
			arch_atomic_andnot(BIT(bit), &ct->work);
		}
	}
	smp_mb__before_atomic();
	arch_atomic_andnot(CT_SEQ_WORK, &ct->seq);
}

static __always_inline void arrive(int delta)
{
	struct ct_seq *ct = this_cpu_ptr(&ct_seq);
	unsigned int seq = arch_atomic_add_return(delta, &ct->seq);

	ctcheck_left_user();
	if (seq & CT_SEQ_WORK)
		ct_seq_flush(ct);
	ctcheck_flushed();
}

static __always_inline void leave(int delta)
{
	struct ct_seq *ct = this_cpu_ptr(&ct_seq);

	arch_atomic_set(&ct->work, 0);
	arch_atomic_add_return(delta, &ct->seq);
	ctcheck_entered_user();
}

static void ct_seq_user_enter(void) { leave(CT_SEQ_USER); }
static void ct_seq_user_exit(void) { arrive(CT_SEQ - CT_SEQ_USER); }
static void ct_seq_nmi_enter(void) { arrive(CT_SEQ_NMI); }
static void ct_seq_nmi_exit(void) { leave(CT_SEQ - CT_SEQ_NMI); }

CTCHECK_DEFERRAL(
	.set_work = ct_seq_set_work,
	.user_exit = ct_seq_user_exit, .user_enter = ct_seq_user_enter,
	.nmi_enter = ct_seq_nmi_enter, .nmi_exit = ct_seq_nmi_exit,
	.run = run_work, .work = &ct_seq.work, .knows_masks = true,
);
