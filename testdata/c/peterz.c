/* peterz: one attempt to set WORK; see ct_seq.h. */
#define RETRY 0
#include "ct_seq.h"
