/*
 * RCU's dynticks counter, reduced: a CPU that goes idle increments it, and again when it comes back; interrupts and
 * NMIs from idle do so too, in pairs. An even count is an extended quiescent state. An updater that sees an even
 * count, or one that changed, need not wait for the CPU.
 */
#include <linux/atomic.h>
#include <linux/percpu.h>
#include <ctcheck.h>

static atomic_t dynticks __ct_bits(4) __ct_wraps = ATOMIC_INIT(1);
static int gp_done, removed;
static int reading __ct_ghost;	/* readers that may see what is removed */

static bool eqs_exit(void)
{
	if (atomic_read(&dynticks) & 1)
		return false;
	atomic_inc_return(&dynticks);
	return true;
}

static void eqs_enter(bool exited)
{
	if (exited)
		atomic_inc_return(&dynticks);
}

static void rcu_reader(void)
{
	int seen = READ_ONCE(removed);

	if (!seen)
		reading++;
	ctcheck_step();
	ctcheck_assert(seen || !READ_ONCE(gp_done));
	if (!seen)
		reading--;
}

CTCHECK_CPU(CPU0)
{
	rcu_reader();
	eqs_enter(true);
	ctcheck_idle {
		ctcheck_step();
	}
	eqs_exit();
	rcu_reader();
}

CTCHECK_IRQ(CPU0, timer, .times = 1)
{
	bool exited = eqs_exit();

	rcu_reader();
	eqs_enter(exited);
}

CTCHECK_NMI(CPU0, .times = 1)
{
	bool exited = eqs_exit();

	rcu_reader();
	eqs_enter(exited);
}

CTCHECK_CPU(CPU1)
{
	int snap;

	WRITE_ONCE(removed, 1);
	smp_mb();
	snap = atomic_read(&dynticks);
	if (snap & 1) {
		while (atomic_read(&dynticks) == snap && !ctcheck_done(CPU0))
			cpu_relax();
	}
	smp_mb();
	WRITE_ONCE(gp_done, 1);
}

CTCHECK_NEVER("a reader outlives the grace period", gp_done && reading);
CTCHECK_REACHED("a grace period ends", gp_done);
