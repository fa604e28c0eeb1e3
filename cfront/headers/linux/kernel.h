/* Helpers of the kernel, for ctcheck. */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define min(a, b) ({ __typeof__(a) __ct_a = (a); __typeof__(b) __ct_b = (b); __ct_a < __ct_b ? __ct_a : __ct_b; })
#define max(a, b) ({ __typeof__(a) __ct_a = (a); __typeof__(b) __ct_b = (b); __ct_a > __ct_b ? __ct_a : __ct_b; })
#define swap(a, b) do { __typeof__(a) __ct_t = (a); (a) = (b); (b) = __ct_t; } while (0)
/* What is configured is what is defined, as 1, with -D or in the file. */
#define __ct_second(a, b, ...) b
#define __ct_enabled(...) __ct_second(__VA_ARGS__, 0, 0)
#define __ct_given_1 0, 1
#define __ct_is(x) __ct_is2(x)
#define __ct_is2(x) __ct_enabled(__ct_given_##x)
#define IS_ENABLED(option) __ct_is(option)
#define IS_BUILTIN(option) __ct_is(option)
void might_sleep(void);
void prefetch(const void *p);
void prefetchw(const void *p);

#endif
