/* peterz-retry: derived here, set_work tries again while the target is in user mode; see ct_seq.h. */
#define RETRY 1
#include "ct_seq.h"
