/* profile_parts.h: what the files of a profile share. For profile*.c alone. */
#ifndef FRAUDTOP_REFERENCE_PROFILE_PARTS_H
#define FRAUDTOP_REFERENCE_PROFILE_PARTS_H

#include <cjson/cJSON.h>

#include "core/base/jsonw.h"
#include "core/reference/profile.h"

#define PROFILE_SCHEMA "fraudtop.profile/1"
#define PROFILE_MAX_LIST 4096 /* features, or versions */
#define PROFILE_MAX_FILE (64 * 1024 * 1024)
#define PROFILE_MAX_COUNT 9007199254740992.0 /* 2^53: every count up to it is a double */

extern const char *const profile_kinds[3]; /* what a file calls each enum bins_kind */

/* Sets hours_seen by first_ts and last_ts. */
void profile_see_hours(struct profile *profile);

/* Reads the tree of a profile's JSON. */
bool profile_parse(struct profile *profile, const cJSON *root, struct err *err);

/* Members of an object: clean text, "" if there is none; a whole number from 0 to 2^53; a number,
 * or NaN. */
void profile_take_text(const cJSON *object, const char *key, char *dst, size_t size);
bool profile_take_count(const cJSON *object, const char *key, uint64_t *value, struct err *err);
double profile_take_number(const cJSON *object, const char *key);

/* Counts by hour of the week, SEASON_HOURS rows of `columns`, as one string: of each count, row by
 * row, its difference from the row before, zigzag (0, -1, 1, -2, ...), as LEB128; after a zero, how
 * many zeros more there are, again LEB128; all of it in base64. Reading returns false if the text
 * is not exactly that, or a count is above `most`. */
void profile_write_hours(
    struct jsonw *json, const char *key, const uint64_t *counts, size_t columns);
bool profile_read_hours(const char *text, uint64_t *counts, size_t columns, uint64_t most);

#endif
