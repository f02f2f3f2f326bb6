/* allocations.h: how often memory was asked for, by AddressSanitizer's hooks. */
#ifndef FRAUDTOP_TESTS_KIT_ALLOCATIONS_H
#define FRAUDTOP_TESTS_KIT_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Counts from now on. False: the hooks are not to be had. */
bool allocations_count(void);
size_t allocations_made(void);

#endif
