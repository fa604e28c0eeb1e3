// SPDX-License-Identifier: GPL-2.0
/* valentin-swapped-exit: valentin, with the steps on ct->state and ct->work swapped in the exit only; derived here. */
#define SWAP_ENTER 0
#define SWAP_EXIT 1
#include "ct_swapped.h"
