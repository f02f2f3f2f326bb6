/* shapes.c: see shapes.h. */
#include "tests/bench/parse/shapes.h"

#include <stdio.h>
#include <string.h>

enum { SHAPE_MEMBERS = 32, SHAPE_GROWTH = 256 /* bytes a line may grow by */ };

const struct parse_shape parse_shapes[PARSE_SHAPES] = {
    {.name = "no two lines of a shape", .own_key = true},
    {.name = "keys in any order", .any_order = true},
    {.name = "optional keys", .optional = true},
    {.name = "any key lacking", .sparse = true},
    {.name = "an object more in some", .nested = true},
    {.name = "optional keys and objects", .optional = true, .nested = true},
};

struct parse_part {
	const char *at;
	size_t length;
};

/* The members of the compact object that begins at `at`. Returns their number. */
static size_t
split_members(const char *at, struct parse_part *parts)
{
	size_t count = 0;
	for (at++; *at != '}'; at += *at == ',') {
		const char *start = at;
		for (int depth = 0; depth > 0 || (*at != ',' && *at != '}'); at++) {
			if (*at == '"')
				at = strchr(at + 1, '"');
			depth += (*at == '{') - (*at == '}');
		}
		parts[count++] = (struct parse_part){start, (size_t)(at - start)};
	}
	return count;
}

static void
shuffle(struct rng *rng, struct parse_part *parts, size_t count)
{
	for (size_t i = count; i > 1; i--) {
		size_t j = rng_below(rng, (uint32_t)i);
		struct parse_part other = parts[j];
		parts[j] = parts[i - 1];
		parts[i - 1] = other;
	}
}

static bool
is_lacking(const struct parse_shape *shape, struct rng *rng, const struct parse_part *part)
{
	static const char *const optional[] = {"\"threshold\"", "\"decision\"", "\"segment\"",
	    "\"distance", "\"since_last\"", "\"entry\"", "\"device_days\""};
	if (shape->sparse)
		return strncmp(part->at, "\"ts\"", 4) != 0 &&
		       strncmp(part->at, "\"score\"", 7) != 0 &&
		       strncmp(part->at, "\"features\"", 10) != 0 && rng_below(rng, 10) == 0;
	for (size_t i = 0; shape->optional && i < sizeof(optional) / sizeof(optional[0]); i++)
		if (strncmp(part->at, optional[i], strlen(optional[i])) == 0)
			return rng_below(rng, 4) == 0;
	return false;
}

static char *
join_members(const struct parse_shape *shape, struct rng *rng, struct parse_part *parts,
    size_t count, char *to)
{
	*to++ = '{';
	if (shape->any_order)
		shuffle(rng, parts, count);
	for (size_t i = 0; i < count; i++) {
		struct parse_part inner[SHAPE_MEMBERS], *part = &parts[i];
		if (is_lacking(shape, rng, part))
			continue;
		if (strncmp(part->at, "\"features\":", 11) == 0) {
			memcpy(to, part->at, 11);
			to = join_members(
			    shape, rng, inner, split_members(part->at + 11, inner), to + 11);
		} else {
			memcpy(to, part->at, part->length);
			to += part->length;
		}
		*to++ = ',';
	}
	to[-1] = '}';
	return to;
}

char *
parse_shape_line(const struct parse_shape *shape, struct rng *rng, const char *line, size_t number,
    char *to, double *unasked)
{
	static const char *const before[] = {"\"service\"", "\"status\"", "\"features\""};
	struct parse_part parts[SHAPE_MEMBERS];
	char trace[SHAPE_GROWTH], own[24] = "";
	size_t count = split_members(line, parts), place = 0;
	if (shape->own_key)
		snprintf(own, sizeof(own), "%zu", number);
	if (shape->own_key || (shape->nested && rng_below(rng, 3) == 0)) {
		const char *next = shape->own_key ? "" : before[rng_below(rng, 3)];
		while (strncmp(parts[place].at, next, strlen(next)) != 0)
			place++;
		memmove(parts + place + 1, parts + place, (count - place) * sizeof(parts[0]));
		int length = snprintf(trace, sizeof(trace),
		    "\"trace%s\":{\"span\":%zu,\"sampled\":true,\"host\":\"scoring-%zu.internal\"}",
		    own, number * 7919, number % 17);
		parts[place] = (struct parse_part){trace, (size_t)length};
		count++;
		*unasked += (double)(number * 7919) + 1;
	}
	to = join_members(shape, rng, parts, count, to);
	*to++ = '\n';
	return to;
}
