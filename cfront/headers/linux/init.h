/* For ctcheck, which needs little of it. */
#ifndef _LINUX_INIT_H
#define _LINUX_INIT_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
