/* views_attribution.c: does the model still decide by what it decided by: the ranking of its
 * features by mean |attribution| against the reference's (NDCG, METRICS.md 1.13). */
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/views.h"
#include "core/stats/ndcg.h"

enum {
	MOVED = sizeof(((struct attribution_view *)0)->moved) /
		sizeof(((struct attribution_view *)0)->moved[0])
};

/* Those features the baseline knows. */
struct features {
	const struct profile_feature **list;
	double *baseline, *live;
	size_t count;
};

/* From 1; of equal ones the first in the profile is ranked first. */
static int
rank_of(const double *values, size_t count, size_t at)
{
	int rank = 1;
	for (size_t i = 0; i < count; i++)
		rank += values[i] > values[at] || (i < at && values[i] >= values[at]);
	return rank;
}

/* The largest changes first, of equal ones that of the feature that meant more. */
static void
fill_moved(struct attribution_view *view, const struct features *features)
{
	for (size_t at = 0; at < features->count; at++) {
		int before = rank_of(features->baseline, features->count, at);
		int now = rank_of(features->live, features->count, at);
		int change = abs(now - before);
		size_t place = view->moved_count;
		while (place > 0) {
			int other = view->moved[place - 1].rank_reference;
			int other_change = abs(view->moved[place - 1].rank - other);
			if (other_change > change || (other_change == change && other < before))
				break;
			place--;
		}
		if (change == 0 || place == MOVED)
			continue;
		if (view->moved_count < MOVED)
			view->moved_count++;
		for (size_t i = view->moved_count - 1; i > place; i--)
			view->moved[i] = view->moved[i - 1];
		text_copy(view->moved[place].name, sizeof(view->moved[place].name),
		    features->list[at]->name);
		view->moved[place].rank_reference = before;
		view->moved[place].rank = now;
	}
}

static void
fill(struct attribution_view *view, const struct features *features, const struct config *config)
{
	double ndcg = ndcg_attribution(features->baseline, features->live, features->count);
	view->ndcg = metric_ok(ndcg, view->n);
	if (isnan(ndcg))
		return;
	if (view->n < (uint64_t)config->min_samples)
		view->ndcg.state = METRIC_WARMING;
	else
		view->severity = ndcg < NDCG_LIMIT ? SEVERITY_WARNING : SEVERITY_OK;
	fill_moved(view, features);
}

void
views_attribution(
    struct series_view *series, const struct window *window, const struct config *config)
{
	struct attribution_view *view = &series->attribution;
	const struct profile *profile =
	    window->model != NULL ? window->list[0]->attributions.profile : NULL;
	view->ndcg = metric_none();
	if (profile == NULL)
		return;
	int64_t last = window->end / window->list[0]->bucket_us;
	size_t size = profile->features_count;
	double *sums = mem_alloc(3 * size * sizeof(*sums));
	struct features features = {.list = mem_alloc(size * sizeof(*features.list)),
	    .baseline = sums + size,
	    .live = sums + 2 * size};
	for (size_t i = 0; i < window->list_count; i++)
		view->n += attributions_sum(
		    &window->list[i]->attributions, last - SERIES_BUCKETS + 1, last, sums);
	for (size_t i = 0; i < size; i++) {
		const struct profile_feature *feature = &profile->features[i];
		if (isnan(feature->attribution))
			continue;
		features.list[features.count] = feature;
		features.baseline[features.count] = feature->attribution;
		features.live[features.count++] = view->n > 0 ? sums[i] / (double)view->n : 0;
	}
	if (view->n > 0)
		fill(view, &features, config);
	free(features.list);
	free(sums);
}
