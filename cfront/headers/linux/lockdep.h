/* For ctcheck, which needs little of it. */
#ifndef _LINUX_LOCKDEP_H
#define _LINUX_LOCKDEP_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
