/* For ctcheck, which needs little of it. */
#ifndef _LINUX_CACHE_H
#define _LINUX_CACHE_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
