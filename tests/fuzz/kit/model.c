#include "tests/fuzz/kit/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/explain.h"
#include "core/model/parts.h"
#include "core/model/reason.h"

enum { FUZZ_CELLS = 2048, FUZZ_ROWS = MODEL_BLOCK + 77, FUZZ_REASONS = 8 };

void
must(bool good)
{
	if (!good)
		abort();
}

void
must_be_clean(const char *text)
{
	for (const char *at = text; *at != '\0'; at++)
		must((unsigned char)*at >= ' ' && *at != '\x7f');
}

void
must_be_refusal(const struct err *err)
{
	must(err->code != ERR_NONE && err->text[0] != '\0');
	must_be_clean(err->text);
}

/* More than margins can be in sum, and less than what rounds to something else in it. */
static double
margin_scale(const struct model *model)
{
	double leaf = 0;
	for (size_t i = 0; i < model->trees.nodes_count; i++) {
		const struct trees_node *node = &model->trees.nodes[i];
		if (node->child == 0)
			leaf = fmax(leaf, fabs(node->value));
	}
	return fabs(model->base) + leaf * (double)model->trees.used;
}

/* The parts of a margin are numbers and sum to it, but for what its library's own arithmetic
 * rounds. */
static void
must_explain(const struct model *model, const double *row, double margin)
{
	struct err err = {0};
	struct explainer *explainer = explainer_new(model, &err);
	if (explainer == NULL) {
		must_be_refusal(&err);
		return;
	}
	size_t features = model_features(model);
	double *parts = mem_alloc((features + 1) * sizeof(*parts));
	explainer_rows(explainer, row, 1, parts);
	double sum = 0, scale = isfinite(margin) ? fabs(margin) : INFINITY;
	for (size_t i = 0; i <= features; i++) {
		sum += parts[i];
		scale = fmax(scale, fabs(parts[i]));
	}
	scale = fmax(scale, margin_scale(model));
	double rounding = model->trees.single ? 6e-8 * (double)model->trees.used : 0;
	if (scale <
	    1e30) /* else leaves are near the end of the numbers, and their sums behind it */
		must(fabs(sum - margin) <= (1e-6 + rounding) * (1 + scale));
	must(memcmp(&parts[features], &(double){explainer_base(explainer)}, sizeof(double)) == 0);
	struct reason reasons[FUZZ_REASONS];
	size_t count = reasons_of(model, row, parts, reasons, FUZZ_REASONS);
	must(count <= FUZZ_REASONS);
	for (size_t i = 0; i < count; i++) {
		must(reasons[i].feature < features && strlen(reasons[i].text) < REASON_TEXT);
		must_be_clean(reasons[i].text);
	}
	free(parts);
	explainer_free(explainer);
}

void
must_score(const struct model *model)
{
	static const double samples[] = {NAN, 0, -1, -0.5, 2.99999999999, 1e30, 0.5, 7, -0.0, 3, 1,
	    NAN, -1e300, INFINITY, 2, 1e-36, 0.1, 31, 32, 4294967296.0, 5};
	size_t features = model_features(model), rows = FUZZ_CELLS / features;
	rows = rows < 3 ? 3 : rows > FUZZ_ROWS ? FUZZ_ROWS : rows;
	double *values = mem_alloc(rows * features * sizeof(*values));
	for (size_t i = 0; i < rows * features; i++)
		values[i] = i < features ? NAN : samples[(i + i / 21) % 21];
	double margins[FUZZ_ROWS], scores[FUZZ_ROWS], one;
	model_score_rows(model, values, rows, margins, scores);
	for (size_t row = 0; row < rows; row++) {
		double margin = model_score(model, values + row * features, &one);
		must(memcmp(&margin, &margins[row], sizeof(margin)) == 0);
		must(memcmp(&one, &scores[row], sizeof(one)) == 0);
		must(!model_gives_probability(model) || !(one < 0 || one > 1));
	}
	must_explain(model, values, margins[0]);
	must_explain(model, values + features, margins[1]);
	for (size_t i = 0; i < features; i++) {
		must(model_find(model, model_feature(model, i)) == (int)i);
		must_be_clean(model_feature(model, i));
	}
	free(values);
}

void
must_parse(const uint8_t *data, size_t size)
{
	struct err err = {0};
	char *text = mem_alloc(size + 1); /* of just this size, for the sanitizer */
	memcpy(text, data, size);
	struct model *model = model_parse(text, size, "fuzz", &err);
	free(text);
	if (model != NULL)
		must_score(model);
	else
		must_be_refusal(&err);
	model_free(model);
}
