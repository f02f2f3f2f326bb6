/* model.c: any bytes as a model file and as metadata. What is taken must be scorable. Good first
 * inputs: tests/data/models. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/model.h"

enum { ROWS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A score ends, is the same for one row and for many, and a missing value does it no harm. */
static void
score(const struct model *model)
{
	static const double samples[] = {0, -1, 1e30f, 0.5f, 7};
	size_t features = model_features(model);
	double *values = mem_alloc(ROWS * features * sizeof(*values));
	for (size_t i = 0; i < ROWS * features; i++)
		values[i] = i < features ? NAN : samples[i % 5];
	double margins[ROWS], scores[ROWS], one;
	model_score_rows(model, values, ROWS, margins, scores);
	for (size_t row = 0; row < ROWS; row++) {
		double margin = model_score(model, values + row * features, &one);
		if (memcmp(&margin, &margins[row], sizeof(margin)) != 0)
			abort();
	}
	for (size_t i = 0; i < features; i++) {
		if (model_find(model, model_feature(model, i)) != (int)i)
			abort();
	}
	free(values);
}

static void
check_refusal(const struct err *err)
{
	if (err->code == ERR_NONE || err->text[0] == '\0' || strpbrk(err->text, "\n\x1b") != NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char linear[] = "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":0,"
				     "\"features\":[{\"name\":\"a\",\"weight\":1}]}";
	struct err err = {0};
	char *text = mem_alloc(size + 1);
	memcpy(text, data, size);
	struct model *model = model_parse(text, size, "fuzz", &err);
	if (model != NULL)
		score(model);
	else
		check_refusal(&err);
	model_free(model);
	err = (struct err){0};
	model = model_parse(linear, sizeof(linear) - 1, "linear", &err);
	if (model == NULL)
		abort();
	if (!model_set_metadata(model, text, &err))
		check_refusal(&err);
	model_free(model);
	free(text);
	return 0;
}
