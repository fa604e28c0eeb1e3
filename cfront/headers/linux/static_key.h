/* For ctcheck, which needs little of it. */
#ifndef _LINUX_STATIC_KEY_H
#define _LINUX_STATIC_KEY_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
