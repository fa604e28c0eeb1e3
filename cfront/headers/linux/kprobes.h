/* For ctcheck, which needs little of it. */
#ifndef _LINUX_KPROBES_H
#define _LINUX_KPROBES_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
