/* pick.c: see pick.h. A record that is made as one before is known by its stencil. Of the others,
 * of the paths that lead through where the scan stands one bit each is set, so what no path leads
 * to is passed over without being looked at. */
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
	size_t length, count = 0;
	enum jsonscan_step step;
	walk->scan->at++;
	while ((step = jsonscan_member(walk->scan, &count, key, &length)) == JSONSCAN_MEMBER)
		if (!walk_value(walk, follow(walk, paths, depth, key, length, 0), depth + 1))
			return false;
	return step == JSONSCAN_END;
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

/* --- records that are like ones before --- */

static bool
read_known(struct pick_known *known, struct jsonscan *scan, struct picked *values, size_t fields)
{
	const char *from = scan->at;
	const char *after = stencil_fit(&known->stencil, from, scan->end);
	if (after == NULL)
		return false;
	for (size_t i = 0; i < fields; i++) {
		const struct picked *value = &known->fields[i].value;
		values[i] = *value;
		if (value->at == NULL)
			continue;
		int64_t begin = known->stencil.shifts[known->fields[i].begin];
		int64_t end = known->stencil.shifts[known->fields[i].end];
		values[i].at = from + (value->at - known->stencil.text.data) + begin;
		values[i].length = (size_t)((int64_t)value->length + end - begin);
	}
	scan->at = after;
	return true;
}

static void
find_holes(struct pick_known *known, size_t fields)
{
	for (size_t i = 0; i < fields; i++) {
		const struct picked *value = &known->fields[i].value;
		if (value->at == NULL)
			continue;
		size_t at = (size_t)(value->at - known->stencil.text.data);
		known->fields[i].begin = stencil_open_before(&known->stencil, at);
		known->fields[i].end = stencil_open_before(&known->stencil, at + value->length);
	}
}

/* What was of use long ago is forgotten in the end. */
static size_t
least_worth(struct pick_memory *memory)
{
	size_t least = (memory->last + 1) % PICK_KNOWN;
	for (size_t i = 0; i < PICK_KNOWN; i++) {
		struct pick_known *known = &memory->known[i];
		known->worth = known->stencil.whole ? known->worth / 2 : 0;
		if (known->worth < memory->known[least].worth ||
		    (!known->stencil.whole && memory->known[least].stencil.whole))
			least = i;
	}
	return least;
}

/* After a record was read the long way. */
static void
learn(struct pick_memory *memory, const char *from, const char *end, const struct picked *values,
    size_t fields)
{
	for (size_t i = 0; i < PICK_KNOWN; i++) {
		if (!stencil_widen(&memory->known[i].stencil, from, end))
			continue;
		find_holes(&memory->known[i], fields);
		memory->last = i;
		return;
	}
	size_t place = least_worth(memory);
	struct pick_known *known = &memory->known[place];
	if (!stencil_begin(&known->stencil, from, (size_t)(end - from)) ||
	    !stencil_add_json(&known->stencil))
		return;
	stencil_end(&known->stencil);
	for (size_t i = 0; i < fields; i++) {
		known->fields[i].value = values[i];
		if (values[i].at != NULL)
			known->fields[i].value.at =
			    known->stencil.text.data + (values[i].at - from);
	}
	find_holes(known, fields);
	memory->last = place;
}

bool
pick_read(const struct pick *pick, struct pick_memory *memory, struct jsonscan *scan,
    struct picked *values, size_t fields)
{
	/* The two events of a request take turns. */
	for (size_t i = 1; i <= PICK_KNOWN; i++) {
		size_t next = (memory->last + i) % PICK_KNOWN;
		if (read_known(&memory->known[next], scan, values, fields)) {
			memory->last = next;
			memory->known[next].worth++;
			return true;
		}
	}
	struct walk walk = {pick, scan, values};
	const char *from = scan->at;
	memset(values, 0, fields * sizeof(*values));
	uint64_t all = pick->count == 64 ? UINT64_MAX : (UINT64_C(1) << pick->count) - 1;
	if (!walk_value(&walk, all, 0))
		return false;
	learn(memory, from, scan->at, values, fields);
	return true;
}

void
pick_forget(struct pick_memory *memory)
{
	for (size_t i = 0; i < PICK_KNOWN; i++)
		stencil_free(&memory->known[i].stencil);
}
