#include "core/replay/why.h"

#include <stdlib.h>

#include "core/base/mem.h"

void
replay_explain(struct replay_why *why, const struct model *model, struct explainer *explainer,
    const double *row, size_t limit)
{
	size_t count = model_features(model);
	double *contributions = mem_grow(NULL, count + 1, sizeof(*contributions));
	explainer_rows(explainer, row, 1, contributions);
	why->base = why->margin = contributions[count];
	for (size_t i = 0; i < count; i++)
		why->margin += contributions[i];
	why->count = reasons_of(model, row, contributions, why->reasons,
	    limit < REPLAY_REASONS_MOST ? limit : REPLAY_REASONS_MOST);
	why->rest = why->margin - why->base;
	for (size_t i = 0; i < why->count; i++)
		why->rest -= why->reasons[i].contribution;
	free(contributions);
}
