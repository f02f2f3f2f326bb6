/* expectation.h: what an expectation is. For suite*.c alone. */
#ifndef FRAUDTOP_EXPECT_EXPECTATION_H
#define FRAUDTOP_EXPECT_EXPECTATION_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/expect/check.h"
#include "core/expect/suite.h"

struct literal {
	double number;
	char *word; /* NULL: a number */
};

struct bound {
	bool set, strict;
	struct literal value;
};

struct quantile {
	double q;
	struct bound low, high;
};

enum { TYPE_WHOLE = 1, TYPE_NUMBER = 2, TYPE_WORD = 4, TYPE_FLAG = 8 };

struct expectation {
	enum check check;
	char type[96], column[SUITE_NAME], other[SUITE_NAME];
	char arguments[SUITE_TEXT];
	char unknown[SUITE_TEXT]; /* why it cannot be checked */
	double mostly;
	struct bound low, high;
	struct literal *set;
	size_t set_count;
	bool set_given;
	pcre2_code **patterns;
	size_t patterns_count;
	bool all; /* patterns: all must match */
	struct quantile *quantiles;
	size_t quantiles_count;
	unsigned types;
	bool falling, strictly, ties, double_sided;
	double threshold;
	char *format;
};

#endif
