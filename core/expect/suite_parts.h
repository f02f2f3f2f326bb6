/* suite_parts.h: what a suite is made of, and what suite*.c have of each other. For them alone. */
#ifndef FRAUDTOP_EXPECT_SUITE_PARTS_H
#define FRAUDTOP_EXPECT_SUITE_PARTS_H

#include <cjson/cJSON.h>

#include "core/base/hash.h"
#include "core/expect/expectation.h"

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
