/* suite.h: Great Expectations suites, held against records as they come.
 *
 * A suite is read from JSON in its layouts old and new: an object with `expectations`, a bare list
 * of them, or a validation result with `results`; the type under `expectation_type` or `type`. What
 * this version cannot check (an unknown type or argument, an evaluation parameter, a row condition)
 * is kept by name and is EXPECTATION_UNKNOWN, never passed in silence.
 *
 * Counts are mergeable and bounded: an expectation costs some hundred bytes, one about distinct
 * values up to SUITE_DISTINCT of them (more: unknown, unless what is counted decides it). Medians
 * and quantiles are judged exactly by counts on either side of their limits. A value is missing
 * when it is absent or null; as in Great Expectations such rows are passed over except where nulls
 * are the question. A word where a number is due is unexpected. */
#ifndef FRAUDTOP_EXPECT_SUITE_H
#define FRAUDTOP_EXPECT_SUITE_H

#include <stddef.h>

#include "core/base/err.h"
#include "core/ingest/record.h"

#define SUITE_MOST 1024 /* expectations in one suite */
#define SUITE_DISTINCT 1024 /* distinct values counted apart in one stretch */
#define SUITE_NAME 128 /* bytes of a column's name */
#define SUITE_TEXT 160 /* bytes of what is said of an expectation */

enum expectation_state {
	EXPECTATION_NONE,
	EXPECTATION_MET,
	EXPECTATION_FAILED,
	EXPECTATION_UNKNOWN
};

/* One expectation of a Great Expectations suite on the window. */
struct expectation_view {
	char type[96], column[SUITE_NAME];
	char arguments[SUITE_TEXT], observed[SUITE_TEXT];
	enum expectation_state state; /* NONE: no data yet; UNKNOWN: this version cannot check it */
	uint64_t n, unexpected;
};

struct suite;
struct suite_counts; /* of all expectations over some records */

struct suite *suite_parse(const char *text, size_t length, const char *name, struct err *err);
struct suite *suite_read(const char *path, struct err *err);
void suite_free(struct suite *suite); /* NULL is fine */
size_t suite_size(const struct suite *suite);
const char *suite_print(const struct suite *suite); /* SHA-256 of its text */

struct suite_counts *suite_counts_new(const struct suite *suite);
void suite_counts_free(struct suite_counts *counts); /* NULL is fine */
void suite_counts_clear(struct suite_counts *counts);
void suite_observe(const struct suite *suite, struct suite_counts *counts,
    const struct feature_value *features, size_t count);
/* Adds the counts of later records. */
void suite_merge(struct suite_counts *into, const struct suite_counts *later);

/* Fills suite_size() views. */
void suite_judge(
    const struct suite *suite, const struct suite_counts *counts, struct expectation_view *views);

#endif
