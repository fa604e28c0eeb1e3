// SPDX-License-Identifier: GPL-2.0
/* valentin-swapped: valentin, with the steps on ct->state and ct->work swapped in both routines; derived here. */
#define SWAP_ENTER 1
#define SWAP_EXIT 1
#include "ct_swapped.h"
