/* Warnings, for ctcheck. */
#ifndef _LINUX_BUG_H
#define _LINUX_BUG_H
#include <linux/compiler.h>

void __ct_warn(void);
void __ct_assert(bool cond, const char *text);

#define WARN_ON(cond) ({ bool __ct_warned = !!(cond); if (__ct_warned) __ct_warn(); __ct_warned; })
#define WARN_ON_ONCE(cond) WARN_ON(cond)
#define WARN(cond, ...) WARN_ON(cond)
#define WARN_ONCE(cond, ...) WARN_ON(cond)
#define BUG_ON(cond) __ct_assert(!(cond), "BUG_ON(" #cond ")")
#define BUG() __ct_assert(0, "BUG()")

#endif
