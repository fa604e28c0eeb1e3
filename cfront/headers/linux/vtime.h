/* For ctcheck, which needs little of it. */
#ifndef _LINUX_VTIME_H
#define _LINUX_VTIME_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
