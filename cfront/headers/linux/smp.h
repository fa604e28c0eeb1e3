/* CPUs and calls on others, for ctcheck. */
#ifndef _LINUX_SMP_H
#define _LINUX_SMP_H
#include <linux/types.h>
#include <linux/preempt.h>

int smp_processor_id(void);
#define raw_smp_processor_id() smp_processor_id()
#define __smp_processor_id() smp_processor_id()
#define get_cpu() smp_processor_id()
#define put_cpu() ((void)0)
#ifndef NR_CPUS
#define NR_CPUS 64
#endif
#define nr_cpu_ids ((unsigned int)NR_CPUS)
#define num_online_cpus() ((unsigned int)NR_CPUS)
#define num_possible_cpus() ((unsigned int)NR_CPUS)
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < NR_CPUS; (cpu)++)
#define for_each_online_cpu(cpu) for_each_possible_cpu(cpu)

typedef void (*smp_call_func_t)(void *info);

/* Its function and info are those of the initializer; they cannot be changed. */
struct __call_single_data {
	smp_call_func_t func;
	void *info;
};
typedef struct __call_single_data call_single_data_t;
#define CSD_INIT(f, i) { .func = (f), .info = (i) }

int smp_call_function_single_async(int cpu, call_single_data_t *csd);

#endif
