/* Work in an interrupt of one's own, for ctcheck. */
#ifndef _LINUX_IRQ_WORK_H
#define _LINUX_IRQ_WORK_H
#include <linux/types.h>
#include <linux/smp.h>

struct irq_work {
	void (*func)(struct irq_work *);
};
#define IRQ_WORK_INIT(f) { .func = (f) }
#define IRQ_WORK_INIT_HARD(f) IRQ_WORK_INIT(f)
#define IRQ_WORK_INIT_LAZY(f) IRQ_WORK_INIT(f)
#define DEFINE_IRQ_WORK(name, f) struct irq_work name = IRQ_WORK_INIT(f)

bool irq_work_queue(struct irq_work *work);
bool irq_work_queue_on(struct irq_work *work, int cpu);

#endif
