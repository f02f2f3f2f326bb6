/* expectation.h: what an expectation is. For suite*.c alone. */
#ifndef FRAUDTOP_EXPECT_EXPECTATION_H
#define FRAUDTOP_EXPECT_EXPECTATION_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <cjson/cJSON.h>
#include <pcre2.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/hash.h"
#include "core/expect/suite.h"

enum check {
	CHECK_UNKNOWN,
	/* of rows */
	CHECK_RANGE,
	CHECK_IN_SET,
	CHECK_NOT_IN_SET,
	CHECK_NULL,
	CHECK_NOT_NULL,
	CHECK_MATCH,
	CHECK_NOT_MATCH,
	CHECK_LENGTH,
	CHECK_TYPE,
	CHECK_ORDER,
	CHECK_UNIQUE,
	CHECK_JSON,
	CHECK_TIME,
	CHECK_Z_SCORE,
	/* of a column */
	CHECK_MIN,
	CHECK_MAX,
	CHECK_MEAN,
	CHECK_SUM,
	CHECK_STDEV,
	CHECK_MEDIAN,
	CHECK_QUANTILES,
	CHECK_DISTINCT_IN,
	CHECK_DISTINCT_CONTAIN,
	CHECK_DISTINCT_EQUAL,
	CHECK_DISTINCT_COUNT,
	CHECK_DISTINCT_SHARE,
	CHECK_COMMONEST,
	CHECK_PHI,
	CHECK_EXISTS,
	/* of the table */
	CHECK_ROWS
};

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

struct suite {
	struct expectation *list;
	size_t count;
	pcre2_match_data *match;
	pcre2_match_context *limits; /* a pattern from outside may not take for ever */
	char print[HASH_HEX_SIZE]; /* of its text */
};

/* suite_judge.c: is the value less than (-1), equal to (0) or above (1) the literal? False if one
 * is a word and the other a number. */
bool suite_compare(const struct feature_value *value, const struct literal *literal, int *order);
/* Is the value of the limits' kind and on the right side of both? */
bool suite_within(const struct expectation *e, const struct feature_value *value);

/* suite_arguments.c: takes the arguments of an expectation whose type and check are known. */
void expectation_arguments(struct expectation *e, const cJSON *kwargs);
/* It cannot be checked, and why; the first reason stands. */
void expectation_refuse(struct expectation *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void expectation_free(struct expectation *e); /* what it owns */
/* Is the word one of a list of words? */
bool suite_has_word(const char *list, const char *word);
/* A string, clean; "" if it is none. */
void suite_text(char *dst, size_t size, const cJSON *json);

#endif
