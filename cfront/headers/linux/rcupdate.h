/* RCU's pointers, for ctcheck. Readers and grace periods are what is to be written, not what is given. */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H
#include <linux/compiler.h>
#include <asm/barrier.h>

#define rcu_dereference(p) ((__typeof__(p))__ct_access("rcu_dereference", &(p)))
#define rcu_dereference_raw(p) ((__typeof__(p))__ct_access("rcu_dereference_raw", &(p)))
#define rcu_dereference_check(p, c) rcu_dereference(p)
#define rcu_dereference_protected(p, c) (p)
#define rcu_access_pointer(p) ((__typeof__(p))__ct_access("rcu_access_pointer", &(p)))
#define rcu_assign_pointer(p, v) ((void)__ct_access("rcu_assign_pointer", &(p), (__typeof__(p))(v)))
#define RCU_INIT_POINTER(p, v) ((void)__ct_access("RCU_INIT_POINTER", &(p), (__typeof__(p))(v)))
void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);
void synchronize_rcu_expedited(void);

#endif
