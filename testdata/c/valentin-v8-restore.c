/* valentin-v8-restore: valentin-v8, with NMIs restoring the flag; derived here; see ct_cr3.h. */
#define CR3_ENTRY() do { raise_flag(); load_kernel_cr3_and_flush(); } while (0)
#define CR3_RESTORES 1
#include "ct_cr3.h"
