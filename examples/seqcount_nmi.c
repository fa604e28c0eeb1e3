/*
 * A sequence count whose writer is an NMI that may interrupt a reader, so that nobody may spin: the latch of two copies
 * (raw_write_seqcount_latch). A reader takes the copy that is not being written, and tries again if the count moved on.
 */
#include <linux/compiler.h>
#include <asm/barrier.h>
#include <ctcheck.h>

static unsigned int seq __ct_bits(3) __ct_wraps;

struct pair {
	int a, b;	/* always equal, for those who read both */
};

static struct pair data[2];

static void latch_write(int value)
{
	WRITE_ONCE(seq, READ_ONCE(seq) + 1);	/* readers take data[1] */
	smp_wmb();
	WRITE_ONCE(data[0].a, value);
	WRITE_ONCE(data[0].b, value);
	smp_wmb();
	WRITE_ONCE(seq, READ_ONCE(seq) + 1);	/* readers take data[0] */
	smp_wmb();
	WRITE_ONCE(data[1].a, value);
	WRITE_ONCE(data[1].b, value);
}

static void latch_read(int *a, int *b)
{
	unsigned int s;

	do {
		s = READ_ONCE(seq);
		*a = READ_ONCE(data[s & 1].a);
		*b = READ_ONCE(data[s & 1].b);
		smp_rmb();
	} while (READ_ONCE(seq) != s);
}

static int written;

CTCHECK_CPU(CPU0)
{
	int a, b;

	latch_read(&a, &b);
	ctcheck_assert(a == b);
}

/* The NMIs of CPU0 write, while it reads and while CPU1 does. */
CTCHECK_NMI(CPU0, .times = 2)
{
	written++;
	latch_write(written);
}

CTCHECK_CPU(CPU1)
{
	int a, b;

	latch_read(&a, &b);
	ctcheck_assert(a == b);
}

CTCHECK_REACHED("both copies are new", data[0].a == 2 && data[1].b == 2);
