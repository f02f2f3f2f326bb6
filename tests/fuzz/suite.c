/* suite.c: any bytes as a Great Expectations suite, and some records held against it. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/expect/suite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct suite *suite = suite_parse((const char *)data, size, "fuzz", &err);
	if (suite == NULL)
		return 0;
	struct suite_counts *counts = suite_counts_new(suite), *later = suite_counts_new(suite);
	struct expectation_view *views = mem_alloc((suite_size(suite) + 1) * sizeof(*views));
	for (int i = 0; i < 6; i++) {
		const struct feature_value features[] = {
		    {"x", i == 3 ? VALUE_MISSING : VALUE_NUMBER, i == 3 ? NAN : i * 0.5, ""},
		    {"y", VALUE_TEXT, NAN, i % 2 ? "a" : "bb"},
		};
		suite_observe(suite, i < 3 ? counts : later, features, 2);
	}
	suite_merge(counts, later);
	suite_judge(suite, counts, views);
	free(views);
	suite_counts_free(counts);
	suite_counts_free(later);
	suite_free(suite);
	return 0;
}
