/*
 * What C cannot say of a protocol, for ctcheck. With any other compiler it declares just enough for the file to
 * compile.  docs/c.md has an introduction, and `ctcheck help c` the list of all of it.
 */
#ifndef _CTCHECK_H
#define _CTCHECK_H
#include <linux/types.h>
#include <linux/bug.h>

/* What a variable, a field or a local may hold, where its type has more than it needs. */
#ifdef __CTCHECK__
#define __ct_attribute(a) __attribute__((a))
#else
#define __ct_attribute(a)
#define CTCHECK_WORKS 1
#define CTCHECK_SETTERS 1
#define CTCHECK_ROUNDS 1
#define CTCHECK_ACTIVE 1
#endif
#define __ct_bits(n) __ct_attribute(ct_bits(n))			/* 0 to 2^n - 1 */
#define __ct_range(lo, hi) __ct_attribute(ct_range(lo, hi))	/* lo to hi */
#define __ct_wraps __ct_attribute(ct_wraps)			/* it counts modulo that */
#define __ct_ghost __ct_attribute(ct_ghost)			/* no memory: an access is no step */

/* A deferral design: the roles of its functions. Those that it does not have are left out. */
struct ctcheck_deferral {
	const void *set_work;		/* bool (cpu, work): is it deferred? */
	const void *user_exit, *user_enter;
	const void *idle_exit, *idle_enter;
	const void *guest_exit, *guest_enter;
	const void *nmi_enter, *nmi_exit; /* what nmi_enter returns goes to nmi_exit, if that takes it */
	const void *run;		/* runs the callback of a work bit, which is its argument */
	const void *ipi;		/* what an IPI's handler does, instead of running the callback */
	const volatile void *work;	/* where work becomes visible to the target: the word in which it is set */
	int first_work;			/* WORK_0 is BIT(first_work), WORK_1 is the next bit */
	bool numbers;			/* set_work and run take 0, 1, ... instead of bits */
	bool knows_active;		/* CTCHECK_ACTIVE may be 0 */
	bool knows_masks;		/* one request may ask for several bits */
	bool knows_urgent;		/* CTCHECK_URGENT may be 1 */
	bool never_defers;		/* set_work always answers false */
	bool catch_up;			/* a flush catches up with all that was published, asked or not */
	const char *void_double_execution; /* why no-double-execution cannot be asked */
};
#define CTCHECK_DEFERRAL(...) \
	static const struct ctcheck_deferral __ctcheck_deferral = { __VA_ARGS__ }

/* What properties of deferral designs speak of; each rides on the step before it. */
void ctcheck_left_user(void);
void ctcheck_entered_user(void);
void ctcheck_flushed(void);
void ctcheck_published(void);

/* In set_work: the number of the call, 0 to CTCHECK_CALLS - 1; whether it is urgent; which work bit a call asks for. */
int ctcheck_call(void);
bool ctcheck_urgent(void);
int ctcheck_work_of(int call);

/* Any other protocol: what CPUs run, what interrupts them, and what is claimed. */
#define __ct_paste(a, b) __ct_paste2(a, b)
#define __ct_paste2(a, b) a##b
#define __ct_block(kind, n, args) \
	static const char __ct_paste(__ctcheck_args_, n)[] = args; \
	static void __ct_paste(__ctcheck_##kind##_, n)(void)
#define __ct_claim(kind, n, name, cond) \
	static const char __ct_paste(__ctcheck_args_, n)[] = name; \
	static bool __ct_paste(__ctcheck_##kind##_, n)(void) { return (cond); } \
	static bool __ct_paste(__ctcheck_##kind##_, n)(void)
#define CTCHECK_CPU(...) __ct_block(cpu, __COUNTER__, #__VA_ARGS__)
#define CTCHECK_NMI(...) __ct_block(nmi, __COUNTER__, #__VA_ARGS__)
#define CTCHECK_IRQ(...) __ct_block(irq, __COUNTER__, #__VA_ARGS__)
#define CTCHECK_NEVER(name, cond) __ct_claim(never, __COUNTER__, name, cond)
#define CTCHECK_AT_END(name, cond) __ct_claim(at_end, __COUNTER__, name, cond)
#define CTCHECK_EVENTUALLY(name, cond) __ct_claim(eventually, __COUNTER__, name, cond)
#define CTCHECK_REACHED(name, cond) __ct_claim(reached, __COUNTER__, name, cond)

#define ctcheck_assert(cond) __ct_assert((cond), #cond)
int ctcheck_choose(int n);		/* any of 0 to n - 1 */
void ctcheck_wait(bool cond);		/* one step, which can be taken while the condition is true */
void ctcheck_step(void);		/* one step that does nothing; the CPU may stay before it for any time */
bool __ct_done(const char *cpu);
#define ctcheck_done(cpu) __ct_done(#cpu)	/* the CPU has ended */

/* Statements: ctcheck_atomic { ... } is one step; the others run as a frame of the CPU's stack. */
bool __ct_as(const char *what);
#define ctcheck_atomic if (__ct_as("atomic"))
#define ctcheck_user if (__ct_as("user"))
#define ctcheck_idle if (__ct_as("idle"))
#define ctcheck_guest if (__ct_as("guest"))
#define ctcheck_entry if (__ct_as("entry"))
#define ctcheck_exit if (__ct_as("exit"))
#define ctcheck_body if (__ct_as("body"))

#endif
