/* For ctcheck, which needs little of it. */
#ifndef _LINUX_CPUMASK_H
#define _LINUX_CPUMASK_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
