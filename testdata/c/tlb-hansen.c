/* tlb-hansen: tlb-v6, with the flag set before the flush; see ct_cr3.h. */
#define CR3_ENTRY() do { load_kernel_cr3(); raise_flag(); flush_all(); } while (0)
#define CR3_RESTORES 0
#include "ct_cr3.h"
