#include "core/monitor/why.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"

/* The largest contributions in words; what is not told of is the rest. */
static void
fill_reasons(struct why_view *why, const struct replay_file *file, const double *row)
{
	size_t features = model_features(file->model);
	double *contributions = mem_alloc((features + 1) * sizeof(*contributions));
	explainer_rows(file->explainer, row, 1, contributions);
	why->base = contributions[features];
	why->reasons_count = reasons_of(file->model, row, contributions, why->reasons, WHY_REASONS);
	why->rest = why->margin - why->base;
	for (size_t i = 0; i < why->reasons_count; i++)
		why->rest -= why->reasons[i].contribution;
	free(contributions);
}

void
why_fill(struct why_view *why, const struct replay_file *file, const struct prediction *prediction,
    double threshold)
{
	why->known = false;
	why->score = why->margin = why->base = why->rest = NAN;
	why->threshold = threshold;
	why->reasons_count = 0;
	why->problem[0] = '\0';
	if (file == NULL || file->loading || file->model == NULL) {
		text_copy(why->problem, sizeof(why->problem),
		    file == NULL    ? "no registry tells where its model file is"
		    : file->loading ? "its model file is being read"
				    : file->problem.text);
		return;
	}
	double *row = mem_alloc((model_features(file->model) + 1) * sizeof(*row));
	size_t lacking = inputs_record(file->inputs, prediction, row);
	if (lacking > 0) {
		snprintf(why->problem, sizeof(why->problem),
		    "the record does not name %zu of the %zu inputs of its model", lacking,
		    model_features(file->model));
	} else {
		why->known = true;
		why->margin = model_score(file->model, row, &why->score);
		if (file->explainer != NULL)
			fill_reasons(why, file, row);
		else
			text_copy(why->problem, sizeof(why->problem), file->unexplained.text);
	}
	free(row);
}
