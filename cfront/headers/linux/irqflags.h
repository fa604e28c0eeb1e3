/* The interrupt flag, for ctcheck. */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H
#include <linux/types.h>

void local_irq_disable(void);
void local_irq_enable(void);
unsigned long __ct_irq_save(void);
unsigned long __ct_irq_flags(void);
void __ct_irq_restore(unsigned long flags);
bool irqs_disabled(void);
#define raw_local_irq_disable() local_irq_disable()
#define raw_local_irq_enable() local_irq_enable()
#define local_irq_save(flags) do { (flags) = __ct_irq_save(); } while (0)
#define local_save_flags(flags) do { (flags) = __ct_irq_flags(); } while (0)
#define local_irq_restore(flags) __ct_irq_restore(flags)
#define raw_local_irq_save(flags) local_irq_save(flags)
#define raw_local_irq_restore(flags) local_irq_restore(flags)
void lockdep_assert_irqs_disabled(void);
void lockdep_assert_irqs_enabled(void);

#endif
