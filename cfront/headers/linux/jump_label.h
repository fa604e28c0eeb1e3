/* For ctcheck, which needs little of it. */
#ifndef _LINUX_JUMP_LABEL_H
#define _LINUX_JUMP_LABEL_H
#include <linux/kernel.h>
#include <linux/smp.h>

#endif
