/* Per-CPU variables, for ctcheck. */
#ifndef _LINUX_PERCPU_H
#define _LINUX_PERCPU_H
#include <linux/compiler.h>
#include <linux/smp.h>

#ifdef __CTCHECK__
#define __ct_percpu __attribute__((ct_percpu))
#else
#define __ct_percpu
#endif

#define DEFINE_PER_CPU(type, name) type name __ct_percpu
#define DECLARE_PER_CPU(type, name) extern type name __ct_percpu
#define DEFINE_PER_CPU_ALIGNED(type, name) DEFINE_PER_CPU(type, name)
#define DEFINE_PER_CPU_SHARED_ALIGNED(type, name) DEFINE_PER_CPU(type, name)
#define DECLARE_PER_CPU_ALIGNED(type, name) DECLARE_PER_CPU(type, name)
#define DECLARE_PER_CPU_SHARED_ALIGNED(type, name) DECLARE_PER_CPU(type, name)

void *__ct_per_cpu(const volatile void *p, int cpu);
#define per_cpu_ptr(p, cpu) ((__typeof__(p))__ct_per_cpu((p), (cpu)))
#define per_cpu(var, cpu) (*per_cpu_ptr(&(var), cpu))
#define this_cpu_ptr(p) per_cpu_ptr(p, smp_processor_id())
#define raw_cpu_ptr(p) this_cpu_ptr(p)
#define get_cpu_ptr(p) this_cpu_ptr(p)
#define put_cpu_ptr(p) ((void)0)
#define this_cpu_read(var) READ_ONCE(*this_cpu_ptr(&(var)))
#define this_cpu_write(var, val) WRITE_ONCE(*this_cpu_ptr(&(var)), (val))
#define raw_cpu_read(var) this_cpu_read(var)
#define raw_cpu_write(var, val) this_cpu_write(var, val)
#define __this_cpu_read(var) (*this_cpu_ptr(&(var)))
#define __this_cpu_write(var, val) ((void)(*this_cpu_ptr(&(var)) = (val)))

#endif
