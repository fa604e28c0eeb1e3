/*
 * luto: Andy Lutomirski, v7 thread, 14 Nov 2025, <beb46a02-b902-438b-8b6d-b5f0d7ad0ae6@app.fastmail.com>, written here
 * from its description. Work and status are two halves of one word, which the entry exchanges as a whole; here a word
 * of 32 bits.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/percpu.h>
#include <ctcheck.h>

enum { CT_KERNEL, CT_USER };

union ct {
	struct {
		u16 status;
		u16 work;
	};
	u32 word;
};

static DEFINE_PER_CPU(union ct, ct_word);

static bool ct_set_cpu_work(int cpu, unsigned int work)
{
	union ct *ct = per_cpu_ptr(&ct_word, cpu);
	union ct old, new;
	bool ret = false;

	old.word = READ_ONCE(ct->word);
	while (old.status == CT_USER && !ret) {
		new.word = old.word;
		new.work |= work;
		ret = try_cmpxchg(&ct->word, &old.word, new.word);
	}
	return ret;
}

static void run_work(int work)
{
}

static bool ct_enter(void)
{
	union ct old;
	int bit;

	old.word = xchg(&this_cpu_ptr(&ct_word)->word, CT_KERNEL);
	ctcheck_left_user();
	for (bit = 0; bit < CTCHECK_WORKS; bit++) {
		if (old.work & BIT(bit))
			run_work(BIT(bit));
	}
	ctcheck_flushed();
	return old.status == CT_USER;
}

static void ct_exit(bool found_user)
{
	if (!found_user)
		return;
	WRITE_ONCE(this_cpu_ptr(&ct_word)->status, CT_USER);
	ctcheck_entered_user();
}

static void user_exit(void) { ct_enter(); }
static void user_enter(void) { ct_exit(true); }

CTCHECK_DEFERRAL(
	.set_work = ct_set_cpu_work, .user_exit = user_exit, .user_enter = user_enter,
	.nmi_enter = ct_enter, .nmi_exit = ct_exit,
	.run = run_work, .work = &ct_word.word, .knows_masks = true,
);
