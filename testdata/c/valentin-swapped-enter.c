// SPDX-License-Identifier: GPL-2.0
/* valentin-swapped-enter: valentin, with the steps on ct->state and ct->work swapped in the entry only; derived here. */
#define SWAP_ENTER 1
#define SWAP_EXIT 0
#include "ct_swapped.h"
