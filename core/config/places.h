/* places.h: where the program's files are, by the XDG rules: relative values of the variables are
 * ignored. */
#ifndef FRAUDTOP_CONFIG_PLACES_H
#define FRAUDTOP_CONFIG_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

/* Where the configuration is: $FRAUDTOP_CONFIG (whether the file is there or not), then
 * $XDG_CONFIG_HOME (~/.config)/fraudtop/config.yaml, $XDG_CONFIG_DIRS (/etc/xdg),
 * /etc/fraudtop/config.yaml. False if there is none; path gets the first place looked at. */
bool places_find_config(char *path, size_t size);

/* ${XDG_STATE_HOME:-~/.local/state}/fraudtop, made 0700 if it is not there. */
bool places_state_folder(char *path, size_t size, struct err *err);
/* The same, and nothing is made: for what only reads. */
bool places_state_path(char *path, size_t size, struct err *err);

#endif
