/* tlb-v6: the flag is set after CR3 is switched and the TLB is flushed; see ct_cr3.h. */
#define CR3_ENTRY() do { load_kernel_cr3(); flush_all(); raise_flag(); } while (0)
#define CR3_RESTORES 0
#include "ct_cr3.h"
