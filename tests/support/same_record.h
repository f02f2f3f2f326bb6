/* same_record.h: are two records the same to the bit? For tests of the ways to read one. */
#ifndef FRAUDTOP_TESTS_SAME_RECORD_H
#define FRAUDTOP_TESTS_SAME_RECORD_H

#include <stdbool.h>
#include <string.h>

#include "core/ingest/record.h"

static inline bool
same_bits(double a, double b)
{
	return memcmp(&a, &b, sizeof(a)) == 0 || (a != a && b != b);
}

static inline bool
same_values(
    const struct feature_value *a, size_t a_count, const struct feature_value *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (strcmp(a[i].name, b[i].name) != 0 || a[i].kind != b[i].kind ||
		    !same_bits(a[i].number, b[i].number) || strcmp(a[i].text, b[i].text) != 0)
			return false;
	return true;
}

static inline bool
same_prediction(const struct prediction *a, const struct prediction *b)
{
	return a->ts == b->ts && strcmp(a->request_id, b->request_id) == 0 &&
	       strcmp(a->service, b->service) == 0 && strcmp(a->model, b->model) == 0 &&
	       strcmp(a->version, b->version) == 0 && strcmp(a->segment, b->segment) == 0 &&
	       same_bits(a->score, b->score) && same_bits(a->threshold, b->threshold) &&
	       a->decision == b->decision && same_bits(a->latency_ms, b->latency_ms) &&
	       a->status == b->status && a->label == b->label &&
	       same_values(a->features, a->features_count, b->features, b->features_count) &&
	       same_values(
		   a->attributions, a->attributions_count, b->attributions, b->attributions_count);
}

#endif
