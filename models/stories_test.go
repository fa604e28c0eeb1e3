package models

// What many stories end with.
const (
	ipiServes = "CPUx: smp_call_function_single_async\nCPUy: IPI\nCPUy: csd->func => runs by IPI\n"
	flushed   = "CPUy: arch_context_tracking_work(WORK_0) => runs by flush\n"
)

var stories = []story{
	{"off", "nothing is deferred", `
		CPUx: smp_call_function_single_async => refused
		CPUy: /* enters the kernel */
		CPUy: IPI
		CPUy: csd->func => runs by IPI`},

	{"peterz peterz-retry", "work is set under a user sequence, flushed by the exit from user mode", `
		CPUx: seq = atomic_read(&ct->seq)
		CPUx: atomic_or(work, &ct->work)
		CPUx: ret = atomic_try_cmpxchg(&ct->seq, &seq, seq|CT_SEQ_WORK) => deferred
		CPUy: /* enters the kernel */
		CPUy: seq = atomic_add_return(CT_SEQ - CT_SEQ_USER
		CPUy: work = atomic_read(&ct->work)
		` + flushed + `
		CPUy: atomic_andnot(WORK_0, &ct->work)
		CPUy: atomic_andnot(CT_SEQ_WORK, &ct->seq)
		CPUy: /* returns to user mode */
		CPUy: atomic_set(&ct->work, 0)
		CPUy: atomic_add_return(CT_SEQ_USER`},
	{"peterz peterz-retry", "an NMI flushes what was deferred in user mode", `
		CPUx: seq = atomic_read(&ct->seq)
		CPUx: atomic_or(work, &ct->work)
		CPUx: ret = atomic_try_cmpxchg(&ct->seq, &seq, seq|CT_SEQ_WORK) => deferred
		CPUy: NMI
		CPUy: seq = atomic_add_return(CT_SEQ_NMI
		CPUy: work = atomic_read(&ct->work)
		` + flushed},
	{"peterz peterz-retry", "the target enters between the read and the exchange: an IPI", `
		CPUx: seq = atomic_read(&ct->seq)
		CPUx: atomic_or(work, &ct->work)
		CPUy: /* enters the kernel */
		CPUy: seq = atomic_add_return(CT_SEQ - CT_SEQ_USER
		CPUx: ret = atomic_try_cmpxchg => refused
		` + ipiServes},
	{"peterz-retry", "the target makes a whole trip between: tried again, and deferred", `
		CPUx: seq = atomic_read(&ct->seq)
		CPUx: atomic_or(work, &ct->work)
		CPUy: /* enters the kernel */
		CPUy: seq = atomic_add_return(CT_SEQ - CT_SEQ_USER
		CPUy: /* returns to user mode */
		CPUy: atomic_set(&ct->work, 0)
		CPUy: atomic_add_return(CT_SEQ_USER
		CPUx: ret = atomic_try_cmpxchg
		CPUx: atomic_or(work, &ct->work)
		CPUx: ret = atomic_try_cmpxchg => deferred`},

	{"frederic-csd", "queued under a user context, run by the entry", `
		CPUx: first = llist_add
		CPUx: state = atomic_read(&ct->state) => deferred
		CPUy: /* enters the kernel */
		CPUy: atomic_xchg(&ct->state, CONTEXT_KERNEL)
		CPUy: list = llist_del_all
		CPUy: csd->func => runs by flush`},
	{"frederic-csd", "queued in the kernel's time: an IPI, which runs the queue", `
		CPUy: /* enters the kernel */
		CPUy: atomic_xchg(&ct->state, CONTEXT_KERNEL)
		CPUx: first = llist_add
		CPUx: state = atomic_read(&ct->state) => refused
		CPUx: smp_call_function_single_async
		CPUy: list = llist_del_all
		CPUy: csd->func => runs by flush
		CPUy: IPI
		CPUy: list = llist_del_all`},

	{"valentin valentin-swapped-exit", "set while DISABLED is off, flushed by the entry", `
		CPUx: old_work = atomic_read(&ct->work)
		CPUx: ret = atomic_try_cmpxchg(&ct->work => deferred
		CPUy: /* enters the kernel */
		CPUy: work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED
		CPUy: seq = ct_state_inc(offset)
		` + flushed},
	{"valentin-swapped valentin-swapped-enter", "the entry moves the state, then takes the work", `
		CPUx: old_work = atomic_read(&ct->work)
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUx: ret = atomic_try_cmpxchg(&ct->work => deferred
		CPUy: work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED
		` + flushed},
	{"valentin", "DISABLED is on from the entry to the exit's last step", `
		CPUy: /* enters the kernel */
		CPUy: work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED
		CPUy: seq = ct_state_inc(offset)
		CPUy: /* returns to user mode */
		CPUy: seq = ct_state_inc(offset)
		CPUx: old_work = atomic_read(&ct->work) => refused
		CPUy: arch_atomic_set(&ct->work, 0)
		CPUx: smp_call_function_single_async
		CPUy: /* enters the kernel */
		CPUy: work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED
		CPUy: seq = ct_state_inc(offset)
		CPUy: IPI
		CPUy: csd->func => runs by IPI`},
	{"valentin valentin-swapped-exit", "the entry wins the race for ct->work: an IPI", `
		CPUx: old_work = atomic_read(&ct->work)
		CPUy: /* enters the kernel */
		CPUy: work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED
		CPUx: ret = atomic_try_cmpxchg(&ct->work => refused
		CPUy: seq = ct_state_inc(offset)
		` + ipiServes},
	{"valentin-swapped valentin-swapped-enter", "the entry wins the race for ct->work: an IPI", `
		CPUx: old_work = atomic_read(&ct->work)
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUy: work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED
		CPUx: ret = atomic_try_cmpxchg(&ct->work => refused
		` + ipiServes},
	{"valentin valentin-swapped-exit", "an NMI from user mode flushes, and opens ct->work again", `
		CPUx: old_work = atomic_read(&ct->work)
		CPUx: ret = atomic_try_cmpxchg(&ct->work => deferred
		CPUy: NMI
		CPUy: rcu_dynticks_curr_cpu_in_eqs()
		CPUy: work = arch_atomic_fetch_or(CONTEXT_WORK_DISABLED
		CPUy: seq = ct_state_inc(offset)
		` + flushed + `
		CPUy: /* NMI handler */`},

	{"frederic", "the bit is seen by the exchange after the one that set it: deferred", `
		CPUx: state = atomic_read(&ct->state)
		CPUx: state = atomic_cmpxchg(&ct->state, old, old | work)
		CPUx: state = atomic_cmpxchg(&ct->state, old, old | work) => deferred
		CPUy: /* enters the kernel */
		CPUy: state = atomic_read(&ct->state)
		CPUy: state = atomic_cmpxchg(&ct->state, old, (old & ~CT_WORK_MASK) + offset)
		` + flushed + `
		CPUy: /* returns to user mode */
		CPUy: seq = ct_state_inc(offset)`},
	{"frederic-fixed", "set by the exchange and deferred, taken out by the entry's exchange", `
		CPUy: /* enters the kernel */
		CPUy: state = atomic_read(&ct->state)
		CPUx: old = atomic_read(&ct->state)
		CPUx: ret = atomic_try_cmpxchg => deferred
		CPUy: state = atomic_cmpxchg
		CPUy: state = atomic_cmpxchg
		` + flushed},
	{"frederic", "the target is in the kernel: the exchange fails, an IPI", `
		CPUy: /* enters the kernel */
		CPUy: state = atomic_read(&ct->state)
		CPUy: state = atomic_cmpxchg
		CPUx: state = atomic_read(&ct->state)
		CPUx: state = atomic_cmpxchg => refused
		` + ipiServes},
	{"frederic-fixed", "the target is in the kernel: the exchange fails, an IPI", `
		CPUy: /* enters the kernel */
		CPUy: state = atomic_read(&ct->state)
		CPUy: state = atomic_cmpxchg
		CPUx: old = atomic_read(&ct->state)
		CPUx: ret = atomic_try_cmpxchg => refused
		` + ipiServes},

	{"valentin-v2 valentin-v2-intended valentin-v3 valentin-v3-intended",
		"set while the context is USER, run by the entry", `
		CPUx: old = atomic_read(&ct->state)
		CPUx: ret = atomic_try_cmpxchg => deferred
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		` + flushed},
	{"valentin-v4 valentin-v7", "set while the target is in user mode, run by the entry", `
		CPUx: old = atomic_read(&ct->state) & ~
		CPUx: ret = atomic_try_cmpxchg => deferred
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		` + flushed},
	{"valentin-v5", "the first guess is wrong in user mode, the second attempt defers", `
		CPUx: old = atomic_read(&ct->state) | CT_RCU_WATCHING
		CPUx: ret = atomic_try_cmpxchg
		CPUx: ret = atomic_try_cmpxchg => deferred
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		` + flushed},
	{"valentin-v2 valentin-v2-intended", "the target is in the kernel: an IPI at once", `
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUx: old = atomic_read(&ct->state) => refused
		` + ipiServes},
	{"valentin-v2 valentin-v2-intended valentin-v3 valentin-v3-intended",
		"the target enters between the read and the exchange: an IPI", `
		CPUx: old = atomic_read(&ct->state)
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUx: ret = atomic_try_cmpxchg => refused
		` + ipiServes},
	{"valentin-v4 valentin-v7", "the target is in the kernel: the first guess fails, an IPI", `
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUx: old = atomic_read(&ct->state) & ~
		CPUx: ret = atomic_try_cmpxchg => refused
		` + ipiServes},
	{"valentin-v5", "the target enters after the read: the exchange finds RCU watching, an IPI", `
		CPUx: old = atomic_read(&ct->state) | CT_RCU_WATCHING
		CPUx: ret = atomic_try_cmpxchg
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUx: ret = atomic_try_cmpxchg => refused
		` + ipiServes},
	{"valentin-v2-intended valentin-v3-intended valentin-v4 valentin-v5 valentin-v7",
		"the exit clears the work with a loop of compare-and-exchange", `
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUy: /* returns to user mode */
		CPUy: state = atomic_read(&ct->state)
		CPUy: state = atomic_cmpxchg
		CPUy: /* enters the kernel */`},
	{"valentin-v2 valentin-v3", "the exit as posted is a plain addition", `
		CPUy: /* enters the kernel */
		CPUy: seq = ct_state_inc(offset)
		CPUy: /* returns to user mode */
		CPUy: seq = ct_state_inc(offset)
		CPUy: /* enters the kernel */`},
	{"valentin-v7 valentin-v5", "an NMI from user mode runs the work, without touching the context", `
		CPUy: NMI
		CPUy: rcu_is_watching_curr_cpu()
		CPUy: seq = ct_state_inc(offset)
		CPUy: /* NMI handler */
		CPUy: state = atomic_read(&ct->state)
		CPUy: state = atomic_cmpxchg
		CPUy: /* enters the kernel */`},
	{"valentin-v4", "an NMI that does not come from idle warns", `
		CPUy: NMI
		CPUy: rcu_is_watching_curr_cpu()
		CPUy: WARN_ON_ONCE(__ct_state() != CT_STATE_IDLE) => warns
		CPUy: seq = ct_state_inc(offset)`},

	{"tlb-v6", "flag 0: no IPI, and the entry's flush catches up", `
		CPUx: WRITE_ONCE(*ptep, pte_1)
		CPUx: loaded = per_cpu(kernel_cr3_loaded, cpu) => deferred
		CPUy: /* enters the kernel */
		CPUy: SWITCH_TO_KERNEL_CR3
		CPUy: __flush_tlb_all() => runs by flush
		CPUy: kernel_cr3_loaded = 1
		CPUy: /* returns to user mode */
		CPUy: kernel_cr3_loaded = 0
		CPUy: SWITCH_TO_USER_CR3`},
	{"tlb-hansen", "the flag before the flush: who still read 0 is caught up with", `
		CPUy: /* enters the kernel */
		CPUy: SWITCH_TO_KERNEL_CR3
		CPUx: WRITE_ONCE(*ptep, pte_1)
		CPUx: loaded = per_cpu(kernel_cr3_loaded, cpu) => deferred
		CPUy: kernel_cr3_loaded = 1
		CPUy: __flush_tlb_all() => runs by flush`},
	{"valentin-v8 valentin-v8-restore", "flag 0: no IPI, and the load of CR3 catches up", `
		CPUx: WRITE_ONCE(*ptep, pte_1)
		CPUx: loaded = per_cpu(kernel_cr3_loaded, cpu) => deferred
		CPUy: /* enters the kernel */
		CPUy: kernel_cr3_loaded = 1
		CPUy: SWITCH_TO_KERNEL_CR3 => runs by flush`},
	{"tlb-v6", "flag 1: an IPI", `
		CPUy: /* enters the kernel */
		CPUy: SWITCH_TO_KERNEL_CR3
		CPUy: __flush_tlb_all()
		CPUy: kernel_cr3_loaded = 1
		CPUx: WRITE_ONCE(*ptep, pte_1)
		CPUx: loaded = per_cpu(kernel_cr3_loaded, cpu) => refused
		` + ipiServes},
	{"tlb-hansen", "flag 1: an IPI, besides the flush", `
		CPUy: /* enters the kernel */
		CPUy: SWITCH_TO_KERNEL_CR3
		CPUy: kernel_cr3_loaded = 1
		CPUx: WRITE_ONCE(*ptep, pte_1)
		CPUx: loaded = per_cpu(kernel_cr3_loaded, cpu) => refused
		CPUy: __flush_tlb_all() => runs by flush
		` + ipiServes},
	{"valentin-v8 valentin-v8-restore", "flag 1: an IPI", `
		CPUy: /* enters the kernel */
		CPUy: kernel_cr3_loaded = 1
		CPUx: WRITE_ONCE(*ptep, pte_1)
		CPUx: loaded = per_cpu(kernel_cr3_loaded, cpu) => refused
		CPUy: SWITCH_TO_KERNEL_CR3 => runs by flush
		` + ipiServes},
	{"valentin-v8", "an NMI from user mode leaves flag 0 and the user's CR3", `
		CPUy: NMI
		CPUy: cr3 = __read_cr3()
		CPUy: kernel_cr3_loaded = 1
		CPUy: SWITCH_TO_KERNEL_CR3
		CPUy: /* NMI handler */
		CPUy: kernel_cr3_loaded = 0
		CPUy: SWITCH_TO_USER_CR3
		CPUy: /* enters the kernel */`},
	{"valentin-v8-restore", "an NMI from user mode restores the flag that it found", `
		CPUy: NMI
		CPUy: cr3 = __read_cr3()
		CPUy: saved = kernel_cr3_loaded
		CPUy: kernel_cr3_loaded = 1
		CPUy: SWITCH_TO_KERNEL_CR3
		CPUy: /* NMI handler */
		CPUy: kernel_cr3_loaded = saved
		CPUy: SWITCH_TO_USER_CR3
		CPUy: /* enters the kernel */`},
	{"tlb-v6 tlb-hansen", "an NMI that finds the kernel's CR3 does nothing", `
		CPUy: /* enters the kernel */
		CPUy: SWITCH_TO_KERNEL_CR3
		CPUy: NMI
		CPUy: cr3 = __read_cr3()
		CPUy: /* NMI handler */`},

	{"luto", "set while the status is USER, taken by the entry's exchange", `
		CPUx: old = atomic64_read(ct)
		CPUx: ret = atomic64_try_cmpxchg => deferred
		CPUy: /* enters the kernel */
		CPUy: old = xchg(ct, {0, KERNEL})
		` + flushed + `
		CPUy: /* returns to user mode */
		CPUy: atomic_set(&ct->status, USER)`},
	{"luto", "the status is KERNEL: an IPI", `
		CPUy: /* enters the kernel */
		CPUy: old = xchg(ct, {0, KERNEL})
		CPUx: old = atomic64_read(ct) => refused
		` + ipiServes},
}
