/* vectors.h: what the runner of known answers (tests/unit/vectors.c) is made of.
 *
 * A case is {id, metric, inputs, params, expected, tolerance} (METRICS.md, section 4). A metric's
 * function decodes the inputs, calls core, and checks what came out. What it reads or checks is
 * marked: an expected number never checked, an input or a number among the params never looked at
 * make the case fail. */
#ifndef FRAUDTOP_TESTS_SUPPORT_VECTORS_H
#define FRAUDTOP_TESTS_SUPPORT_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "core/base/buf.h"

struct vector {
	const char *id;
	const cJSON *inputs, *params, *expected;
	double abs, rel;
	const cJSON **seen;
	char **words; /* made of what is no text */
	size_t seen_count, seen_capacity, word_count, word_capacity;
	struct buf faults; /* a line each */
};

struct vector_metric {
	const char *name;
	void (*run)(struct vector *v);
};

extern const struct vector_metric vectors_of_distributions[], vectors_of_drift[],
    vectors_of_counts[], vectors_of_quality[], vectors_of_estimates[], vectors_of_sketches[],
    vectors_of_streams[]; /* each ends with a NULL */
const cJSON *vector_item(const cJSON *object, const char *key);
double vector_number(const cJSON *json); /* null and what is no number: NaN */
const char *vector_text(const cJSON *json); /* what is no text: "" */
const char *vector_word(struct vector *v, const cJSON *json); /* a category; NULL: none */
void vector_fault(struct vector *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* An input or param, marked as read; NULL, NaN, the default if it is not there or null. */
const cJSON *vector_input(struct vector *v, const char *key);
double vector_input_number(struct vector *v, const char *key);
uint64_t vector_input_count(struct vector *v, const char *key); /* a fault if it is no count */
const cJSON *vector_param(struct vector *v, const char *key);
double vector_param_number(struct vector *v, const char *key, double otherwise);
const char *vector_param_text(struct vector *v, const char *key, const char *otherwise);
/* A fault unless the param, if it is there, is this: core has no choice. */
void vector_param_is(struct vector *v, const char *key, double only);

/* Of an expected key; nothing if the case does not have it. */
bool vector_wants(const struct vector *v, const char *key);
void vector_check(struct vector *v, const char *key, double got);
void vector_check_list(struct vector *v, const char *key, const double *got, size_t n);
void vector_check_text(struct vector *v, const char *key, const char *got);
/* Words in any order. A flag of a number: may be null where the number is NaN. */
void vector_check_words(struct vector *v, const char *key, const char *const *got, size_t n);
void vector_check_flag(struct vector *v, const char *key, bool got, double of);
/* A key of an object within `expected`; exact: whatever the tolerance. */
void vector_check_in(struct vector *v, const cJSON *object, const char *key, double got);
void vector_check_exact(struct vector *v, const char *key, const double *got, size_t n);
void vector_compare(struct vector *v, const char *key, double got, const cJSON *expected);
void vector_finish(struct vector *v); /* a fault for all that nobody looked at */
/* Samples: literal arrays, {repeat}, {digits} and generator specs. */
struct sample {
	double *values;
	size_t count, capacity;
};

void sample_add(struct sample *sample, double value);
/* labels: of `score` pairs, one a value; may be NULL. */
void sample_read(struct vector *v, struct sample *sample, struct sample *labels, const cJSON *json);
struct sample sample_input(struct vector *v, const char *key); /* everything */
/* Two that belong together, of one length: a fault if they are not, and the shorter length. */
size_t sample_pairs(
    struct vector *v, const char *a_key, const char *b_key, struct sample *a, struct sample *b);
struct sample sample_finite(struct vector *v, const char *key); /* sorted, only finite values */

#endif
