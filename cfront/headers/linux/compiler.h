/* What the compiler is told, for ctcheck. */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H
#include <linux/types.h>

#define __always_inline inline
#define noinline
#define noinstr
#define notrace
#define __cpuidle
#define __maybe_unused
#define __must_check
#define __used
#define __init
#define __exit
#define __rcu
#define __percpu
#define __user
#define __iomem
#define __read_mostly
#define __ro_after_init
#define __pure
#define __cold
#define __hot
#define __aligned(x) __attribute__((aligned(x)))
#define __packed __attribute__((packed))
#define ____cacheline_aligned
#define ____cacheline_aligned_in_smp
#define ____cacheline_internodealigned_in_smp
#define __acquires(x)
#define __releases(x)
#define __must_hold(x)
#define fallthrough do { } while (0)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define typeof __typeof__
#define offsetof(type, member) __builtin_offsetof(type, member)
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define BUILD_BUG_ON(cond) _Static_assert(!(cond), #cond)
#define static_assert(cond, ...) _Static_assert(cond, #cond)
#define __same_type(a, b) 1

/* The accesses that ctcheck knows by their names; see linux/atomic.h. */
long __ct_access(const char *name, ...);

#define READ_ONCE(x) ((__typeof__(x))__ct_access("READ_ONCE", &(x)))
#define WRITE_ONCE(x, val) ((void)__ct_access("WRITE_ONCE", &(x), (__typeof__(x))(val)))
#define data_race(x) (x)

#endif
