/* pick.c: see pick.h. Of the paths that lead through where the scan stands one bit each is set, so
 * what no path leads to is passed over without being looked at. */
#include "core/format/pick.h"

#include <stdint.h>
#include <string.h>

bool
pick_add(struct pick *pick, unsigned field, const char *text, struct err *err)
{
	for (unsigned rank = 0; *text != '\0'; rank++) {
		if (pick->count == PICK_PATHS)
			return err_set(err, ERR_CONFIG, "more than %d paths", PICK_PATHS);
		if (!jsonpath_read(&text, &pick->paths[pick->count].path, err))
			return false;
		pick->paths[pick->count].field = field;
		pick->paths[pick->count++].rank = rank;
	}
	return true;
}

struct walk {
	const struct pick *pick;
	struct jsonscan *scan;
	struct picked *values;
};

/* Which of the paths go on with this key, or with this element of a list? */
static uint64_t
follow(const struct walk *walk, uint64_t paths, size_t depth, const char *key, size_t length,
    size_t index)
{
	uint64_t on = 0;
	for (uint64_t left = paths; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		const struct jsonpath *path = &walk->pick->paths[i].path;
		const struct jsonpath_step *step = &path->steps[depth];
		if (path->count > depth && (step->key != NULL) == (key != NULL) &&
		    (key != NULL ? step->length == length && memcmp(step->key, key, length) == 0
				 : step->index == index))
			on |= UINT64_C(1) << i;
	}
	return on;
}

/* Of the paths that end at this depth: keeps the value. */
static void
keep(const struct walk *walk, uint64_t paths, size_t depth, const char *from)
{
	bool is_null = walk->scan->at - from == 4 && memcmp(from, "null", 4) == 0;
	for (uint64_t left = paths; left != 0 && !is_null; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctzll(left);
		unsigned rank = walk->pick->paths[i].rank;
		struct picked *value = &walk->values[walk->pick->paths[i].field];
		if (walk->pick->paths[i].path.count == depth &&
		    (value->at == NULL || rank <= value->rank))
			*value = (struct picked){from, (size_t)(walk->scan->at - from), rank};
	}
}

static bool
leads_on(const struct walk *walk, uint64_t paths, size_t depth)
{
	for (uint64_t left = paths; left != 0; left &= left - 1)
		if (walk->pick->paths[__builtin_ctzll(left)].path.count > depth)
			return true;
	return false;
}

static bool walk_value(struct walk *walk, uint64_t paths, size_t depth);

static bool
walk_object(struct walk *walk, uint64_t paths, size_t depth)
{
	char key[JSONSCAN_MAX_TEXT + 1];
	size_t length;
	walk->scan->at++;
	for (bool first = true;; first = false) {
		enum jsonscan_step step = jsonscan_next(walk->scan, first);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		if (!jsonscan_key(walk->scan, key, &length) ||
		    !walk_value(walk, follow(walk, paths, depth, key, length, 0), depth + 1))
			return false;
	}
}

static bool
walk_list(struct walk *walk, uint64_t paths, size_t depth)
{
	walk->scan->at++;
	for (size_t i = 0;; i++) {
		enum jsonscan_step step = jsonscan_next_element(walk->scan, i == 0);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		if (!walk_value(walk, follow(walk, paths, depth, NULL, 0, i), depth + 1))
			return false;
	}
}

static bool
walk_value(struct walk *walk, uint64_t paths, size_t depth)
{
	char c = jsonscan_peek(walk->scan);
	const char *from = walk->scan->at;
	bool on = (c == '{' || c == '[') && leads_on(walk, paths, depth);
	bool read = !on	       ? jsonscan_skip(walk->scan, (unsigned)depth)
		    : c == '{' ? walk_object(walk, paths, depth)
			       : walk_list(walk, paths, depth);
	if (read)
		keep(walk, paths, depth, from);
	return read;
}

bool
pick_read(const struct pick *pick, struct jsonscan *scan, struct picked *values, size_t fields)
{
	struct walk walk = {pick, scan, values};
	memset(values, 0, fields * sizeof(*values));
	uint64_t all = pick->count == 64 ? UINT64_MAX : (UINT64_C(1) << pick->count) - 1;
	return walk_value(&walk, all, 0);
}
