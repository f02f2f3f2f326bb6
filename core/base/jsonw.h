/* jsonw.h: writes JSON text into a buffer, commas and nesting kept right by itself.
 *
 * Numbers are printed with 17 significant digits at most, the fewest that read back the same; a
 * number that is not finite is written as null, since JSON has no word for it. Strings are escaped;
 * they are taken to be clean already (text.h). Nesting deeper than 32 dies: it is a bug of the
 * caller. */
#ifndef FRAUDTOP_BASE_JSONW_H
#define FRAUDTOP_BASE_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buf.h"

struct jsonw {
	struct buf *out;
	bool pretty; /* one member a line, two spaces a level */
	unsigned depth;
	bool filled[32]; /* has this level a member already? */
};

void jsonw_open_object(
    struct jsonw *json, const char *key); /* key NULL inside an array or at top */
void jsonw_close_object(struct jsonw *json);
void jsonw_open_array(struct jsonw *json, const char *key);
void jsonw_close_array(struct jsonw *json);
void jsonw_string(struct jsonw *json, const char *key, const char *value); /* NULL: null */
void jsonw_number(struct jsonw *json, const char *key, double value);
void jsonw_int(struct jsonw *json, const char *key, int64_t value);
void jsonw_bool(struct jsonw *json, const char *key, bool value);
/* Text that is one JSON value already. */
void jsonw_raw(struct jsonw *json, const char *key, const char *value);
void jsonw_null(struct jsonw *json, const char *key);
void jsonw_time(struct jsonw *json, const char *key, int64_t wall_us); /* 0: null */

/* The fewest digits, at most 17, that strtod reads back as the same double; size >= 32. */
char *jsonw_format_double(char *dst, size_t size, double value);

#endif
