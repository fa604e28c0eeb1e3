/* For ctcheck, which needs little of it. */
#ifndef _LINUX_EXPORT_H
#define _LINUX_EXPORT_H
#include <linux/kernel.h>
#include <linux/smp.h>

#define EXPORT_SYMBOL(x)
#define EXPORT_SYMBOL_GPL(x)
#define MODULE_LICENSE(x)

#endif
