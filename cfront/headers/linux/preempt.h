/* Preemption and contexts, for ctcheck: a task runs on its CPU until it ends. */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H
#include <linux/types.h>

void preempt_disable(void);
void preempt_enable(void);
void preempt_disable_notrace(void);
void preempt_enable_notrace(void);
void preempt_enable_no_resched(void);
void migrate_disable(void);
void migrate_enable(void);
bool in_nmi(void);
bool in_hardirq(void);
bool in_task(void);
#define in_irq() in_hardirq()
#define in_interrupt() (in_nmi() || in_hardirq())

#endif
