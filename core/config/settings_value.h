/* settings_value.h: the value of a setting, from the text of the file into its place and back. */
#ifndef FRAUDTOP_CONFIG_SETTINGS_VALUE_H
#define FRAUDTOP_CONFIG_SETTINGS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/config/settings.h"

/* Is its value a list, in a `char **` and a count? */
bool settings_holds_list(const struct setting *setting);

/* Reads a value (any type but a list) into its place in `base`. On failure `why` gets what
 * it must be, as in `must be a number`. */
bool settings_store(
    const struct setting *setting, void *base, const char *text, char *why, size_t size);

/* A duration as the file has it: `90s`, `1h`, `0.25s`; size >= 32. */
char *settings_format_duration(char *dst, size_t size, int64_t us);

#endif
