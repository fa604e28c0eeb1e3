/* valentin-v8: the flag is set before CR3 is switched, which is the flush; see ct_cr3.h. */
#define CR3_ENTRY() do { raise_flag(); load_kernel_cr3_and_flush(); } while (0)
#define CR3_RESTORES 0
#include "ct_cr3.h"
