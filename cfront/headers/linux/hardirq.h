/* For ctcheck, which needs little of it. */
#ifndef _LINUX_HARDIRQ_H
#define _LINUX_HARDIRQ_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
