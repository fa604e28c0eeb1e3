/* Barriers, for ctcheck. */
#ifndef _ASM_BARRIER_H
#define _ASM_BARRIER_H
#include <linux/compiler.h>

void barrier(void);
void smp_mb(void);
void smp_rmb(void);
void smp_wmb(void);
void smp_mb__before_atomic(void);
void smp_mb__after_atomic(void);
void smp_mb__after_spinlock(void);
void smp_mb__after_unlock_lock(void);
void cpu_relax(void);
#define mb() smp_mb()
#define rmb() smp_rmb()
#define wmb() smp_wmb()

#define smp_load_acquire(p) ((__typeof__(*(p)))__ct_access("smp_load_acquire", (p)))
#define smp_store_release(p, v) ((void)__ct_access("smp_store_release", (p), (__typeof__(*(p)))(v)))
#define smp_store_mb(x, v) ((void)__ct_access("smp_store_mb", &(x), (__typeof__(x))(v)))

/* Waits until the condition is true of VAL, the value that is loaded. */
void __ct_cond_load(const char *name, const volatile void *p, long val, _Bool cond);
#define smp_cond_load_relaxed(p, cond) ({ __typeof__(*(p)) VAL; \
	__ct_cond_load("smp_cond_load_relaxed", (p), (long)VAL, !!(cond)); VAL; })
#define smp_cond_load_acquire(p, cond) ({ __typeof__(*(p)) VAL; \
	__ct_cond_load("smp_cond_load_acquire", (p), (long)VAL, !!(cond)); VAL; })
#define atomic_cond_read_relaxed(v, cond) smp_cond_load_relaxed(&(v)->counter, cond)
#define atomic_cond_read_acquire(v, cond) smp_cond_load_acquire(&(v)->counter, cond)
#define raw_cond_read_acquire(v, cond) smp_cond_load_acquire(&(v)->counter, cond)

#endif
