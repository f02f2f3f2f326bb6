/* report_attribution.c: does the data still owe its scores to the features that the reference owed
 * them to (METRICS.md 1.13). NDCG hardly sees the lower ranks, so all ranks are listed. */
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/report/report_parts.h"
#include "core/stats/ndcg.h"

struct attribution {
	const char *name;
	double reference, current; /* mean of |attribution| */
};

/* The place among all, 1 the greatest; equal ones share the better place. */
static size_t
rank_of(const struct attribution *list, size_t count, size_t i, bool current)
{
	size_t rank = 1;
	for (size_t j = 0; j < count; j++) {
		rank += current ? list[j].current > list[i].current
				: list[j].reference > list[i].reference;
	}
	return rank;
}

static size_t
find_attributions(const struct report *report, struct attribution *list)
{
	const struct dataset *data = report->input->data;
	size_t count = 0;
	for (size_t i = 0; i < data->features_count && report->profile != NULL; i++) {
		const struct dataset_column *column = &data->features[i];
		const struct profile_feature *before =
		    profile_feature_of(report->profile, column->name);
		if (before == NULL || isnan(before->attribution) || column->attribution_count == 0)
			continue;
		list[count++] = (struct attribution){column->name, before->attribution,
		    column->attribution_sum / (double)column->attribution_count};
	}
	return count;
}

void
report_attribution_write(struct jsonw *json, const struct report *report)
{
	size_t most = report->input->data->features_count + 1;
	struct attribution *list = mem_alloc(most * sizeof(*list));
	double *before = mem_alloc(most * sizeof(*before)), *now = mem_alloc(most * sizeof(*now));
	size_t count = find_attributions(report, list);
	for (size_t i = 0; i < count; i++) {
		before[i] = list[i].reference;
		now[i] = list[i].current;
	}
	double ndcg = count > 0 ? ndcg_attribution(before, now, count) : NAN;
	if (count == 0) {
		jsonw_null(json, "attribution_drift");
	} else {
		jsonw_open_object(json, "attribution_drift");
		jsonw_number(json, "ndcg", ndcg);
		jsonw_number(json, "limit", NDCG_LIMIT);
		if (isnan(ndcg))
			jsonw_null(json, "drifted");
		else
			jsonw_bool(json, "drifted", ndcg < NDCG_LIMIT);
		jsonw_open_array(json, "features");
		for (size_t i = 0; i < count; i++) {
			jsonw_open_object(json, NULL);
			jsonw_string(json, "name", list[i].name);
			jsonw_number(json, "reference", list[i].reference);
			jsonw_number(json, "current", list[i].current);
			jsonw_int(json, "rank_reference", (int64_t)rank_of(list, count, i, false));
			jsonw_int(json, "rank_current", (int64_t)rank_of(list, count, i, true));
			jsonw_close_object(json);
		}
		jsonw_close_array(json);
		jsonw_close_object(json);
	}
	free(list);
	free(before);
	free(now);
}
