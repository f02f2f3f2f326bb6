/* jsonpath.h: places in a JSON value, as a configuration names them: `$.response.score`,
 * `$.rows[0].id`, `$["a.b"]`; several, separated by ` | `, are alternatives. `$` alone is the whole
 * value. Keys are taken as they stand: there are no escapes. */
#ifndef FRAUDTOP_CONFIG_JSONPATH_H
#define FRAUDTOP_CONFIG_JSONPATH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/err.h"

#define JSONPATH_STEPS 16

struct jsonpath_step {
	const char *key; /* in the text that was read; NULL: an element of a list */
	size_t length;
	size_t index;
};

struct jsonpath {
	struct jsonpath_step steps[JSONPATH_STEPS];
	size_t count;
};

/* Reads the path at *text and moves on to the next alternative, or to the end of the text. False
 * and err (`in $.a[: ...`) if it makes no sense. */
bool jsonpath_read(const char **text, struct jsonpath *path, struct err *err);
/* Is each alternative of the text a path? */
bool jsonpath_check(const char *text, struct err *err);

#endif
