/* shapes.h: logs whose lines are not all of one shape, made from one whose lines are, for parse.c.
 * A line is taken apart into its members, those of its features likewise, and put together again as
 * a `shape` says; which members come and go, and where, is seeded. */
#ifndef FRAUDTOP_TESTS_BENCH_PARSE_SHAPES_H
#define FRAUDTOP_TESTS_BENCH_PARSE_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/rng.h"

enum { PARSE_SHAPES = 6 };

struct parse_shape {
	const char *name;
	bool own_key; /* every line begins with a key that no other line has */
	bool any_order; /* members and features stand in any order */
	bool optional; /* three members and four features are lacking in a quarter of the lines each
			*/
	bool sparse; /* any but the time and the score is lacking in a tenth of the lines */
	bool nested; /* a third of the lines have an object more, in one of three places */
};

extern const struct parse_shape parse_shapes[PARSE_SHAPES];

/* The line in that shape, and a newline. Returns the byte behind it; *unasked gets the sum of the
 * numbers that it has more. */
char *parse_shape_line(const struct parse_shape *shape, struct rng *rng, const char *line,
    size_t number, char *to, double *unasked);

#endif
