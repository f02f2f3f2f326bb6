/* jsonpath.c: see jsonpath.h. */
#include "core/config/jsonpath.h"

#include <string.h>

/* `at`: where in the text the sense ends. */
static bool
fail(const char *text, const char *at, const char *why, struct err *err)
{
	return err_set(err, ERR_CONFIG, "in %.*s: %s", (int)(at - text), text, why);
}

/* After a dot. */
static const char *
read_name(const char *at, struct jsonpath_step *step)
{
	step->key = at;
	step->length = strcspn(at, ".[]| \t\"'");
	return step->length > 0 ? at + step->length : NULL;
}

/* After a bracket. */
static const char *
read_bracket(const char *at, struct jsonpath_step *step)
{
	if (*at == '"' || *at == '\'') {
		const char *close = strchr(at + 1, *at);
		if (close == NULL || close[1] != ']')
			return NULL;
		step->key = at + 1;
		step->length = (size_t)(close - at - 1);
		return close + 2;
	}
	size_t digits = strspn(at, "0123456789");
	if (digits == 0 || digits > 6 || at[digits] != ']')
		return NULL;
	step->key = NULL;
	step->index = 0;
	for (; *at != ']'; at++)
		step->index = step->index * 10 + (size_t)(*at - '0');
	return at + 1;
}

bool
jsonpath_read(const char **text, struct jsonpath *path, struct err *err)
{
	const char *start = *text + strspn(*text, " \t"), *at = start;
	path->count = 0;
	if (*at != '$')
		return err_set(err, ERR_CONFIG, "a path begins with $, as in $.response.score");
	at++;
	while (*at == '.' || *at == '[') {
		if (path->count == JSONPATH_STEPS)
			return fail(start, at, "too many steps", err);
		struct jsonpath_step *step = &path->steps[path->count++];
		const char *next =
		    *at == '.' ? read_name(at + 1, step) : read_bracket(at + 1, step);
		if (next == NULL)
			return fail(start, at + 1,
			    *at == '.' ? "expected a key"
				       : "expected a number or a key in quotes, and ]",
			    err);
		at = next;
	}
	const char *after = at + strspn(at, " \t");
	if (*after == '|' && after > at && after[1] != '\0') {
		*text = after + 1;
		return true;
	}
	*text = after;
	return *after == '\0' || fail(start, after + 1, "expected ., [ or ` | `", err);
}

bool
jsonpath_check(const char *text, struct err *err)
{
	struct jsonpath path;
	do {
		if (!jsonpath_read(&text, &path, err))
			return false;
	} while (*text != '\0');
	return true;
}
