/* For ctcheck, which needs little of it. */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
