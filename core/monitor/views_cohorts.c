/* views_cohorts.c: the groups of the quality window beside one another, and whether they fare
 * alike.
 *
 * Several series are added up by the cohorts' names. `other` and `missing` are listed, and compared
 * with nobody: they are no group. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/views.h"
#include "core/stats/bias.h"

struct group {
	char name[SNAPSHOT_NAME];
	bool apart; /* neither other nor missing */
	uint64_t n, labelled;
	struct bias_group counts;
};

struct groups {
	struct group *list;
	size_t count;
};

static struct group *
find_group(struct groups *groups, const char *name, bool apart)
{
	for (size_t i = 0; i < groups->count; i++) {
		struct group *group = &groups->list[i];
		if (group->apart == apart && strcmp(group->name, name) == 0)
			return group;
	}
	struct group *group = &groups->list[groups->count++];
	text_copy(group->name, sizeof(group->name), name);
	group->apart = apart;
	return group;
}

static void
add_counts(struct group *group, const struct cohort_counts *counts)
{
	group->n += counts->n;
	group->labelled += counts->labelled;
	group->counts.decided += counts->decided;
	group->counts.flagged += counts->flagged;
	group->counts.counts.tp += counts->tp;
	group->counts.counts.fp += counts->fp;
	group->counts.counts.tn += counts->tn;
	group->counts.counts.fn += counts->fn;
}

static void
add_series(struct groups *groups, const struct window *window, const struct series *series)
{
	const struct series_quality *quality = &series->quality;
	int64_t last = series_quality_index(quality, window->end);
	for (size_t number = 0; number < cohorts_room(&quality->cohorts); number++) {
		const char *name = cohorts_name(&quality->cohorts, number);
		if (name == NULL)
			continue;
		bool apart = number < quality->cohorts.most;
		struct group *group = find_group(groups, name, apart);
		for (int64_t at = last - SERIES_QUALITY_BUCKETS + 1; at <= last; at++) {
			const struct quality_bucket *bucket = series_quality_find(quality, at);
			if (bucket != NULL)
				add_counts(group, &bucket->cohorts[number]);
		}
	}
}

static bool
is_other(const struct group *group)
{
	return !group->apart && strcmp(group->name, "other") == 0;
}

static int
by_volume(const void *a, const void *b)
{
	const struct group *left = a, *right = b;
	if (is_other(left) != is_other(right))
		return is_other(left) ? 1 : -1;
	if (left->n != right->n)
		return left->n > right->n ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* Empty ones go; and all of them if no record bears the field. */
static void
settle(struct groups *groups)
{
	size_t count = 0;
	bool any = false;
	for (size_t i = 0; i < groups->count; i++) {
		if (groups->list[i].n == 0)
			continue;
		any |= groups->list[i].apart || is_other(&groups->list[i]);
		groups->list[count++] = groups->list[i];
	}
	groups->count = any ? count : 0;
	if (groups->count > 1)
		qsort(groups->list, groups->count, sizeof(*groups->list), by_volume);
}

static void
fill_cohort(struct cohort_view *view, const struct group *group, uint64_t predictions)
{
	const struct quality_confusion *c = &group->counts.counts;
	text_copy(view->name, sizeof(view->name), group->name);
	view->n = group->n;
	view->decided = group->counts.decided;
	view->flagged = group->counts.flagged;
	view->labelled = group->labelled;
	view->share = metric_share(group->n, predictions);
	view->selection_rate = metric_share(view->flagged, view->decided);
	view->precision = metric_share(c->tp, c->tp + c->fp);
	view->recall = metric_share(c->tp, c->tp + c->fn);
	view->fpr = metric_share(c->fp, c->fp + c->tn);
}

/* Its n is that of the smaller of the two groups. */
static struct metric
figure(const struct bias_figure *from, const struct group *const *compared, char extremes[2][32])
{
	if (isnan(from->value))
		return metric_none();
	const struct group *most = compared[from->most], *least = compared[from->least];
	text_copy(extremes[0], 32, most->name);
	text_copy(extremes[1], 32, least->name);
	return metric_bounded(
	    from->value, from->low, from->high, most->n < least->n ? most->n : least->n);
}

/* Only the ratio has a limit that is not a matter of taste; the differences are shown. */
static void
judge(struct bias_view *view, const struct bias *bias, const struct config *config)
{
	const struct bias_figure *impact = &bias->disparate_impact;
	if (isnan(impact->value)) {
		view->severity = SEVERITY_INSUFFICIENT;
		snprintf(view->reason, sizeof(view->reason),
		    "not compared: it wants two groups of %lld decisions, and some flagged",
		    (long long)config->bias_least);
	} else if (isnan(impact->high)) {
		view->severity = SEVERITY_INSUFFICIENT;
		snprintf(view->reason, sizeof(view->reason),
		    "not judged: nobody is flagged in %.60s, so the ratio has no interval",
		    view->extremes[1][1]);
	} else {
		bool beyond = bias_below(impact, BIAS_FOUR_FIFTHS);
		view->severity = beyond ? SEVERITY_WARNING : SEVERITY_OK;
		snprintf(view->reason, sizeof(view->reason),
		    "disparate impact %.2f (%.2f to %.2f)%s: warns when all of that is below 4/5",
		    impact->value, impact->low, impact->high,
		    beyond			       ? " is below"
		    : impact->value < BIAS_FOUR_FIFTHS ? " may be chance"
						       : "");
	}
}

static void
fill_bias(struct bias_view *view, const struct groups *groups, const struct config *config)
{
	const struct group **compared = mem_alloc((groups->count + 1) * sizeof(*compared));
	struct bias_group *counts = mem_alloc((groups->count + 1) * sizeof(*counts));
	size_t count = 0;
	for (size_t i = 0; i < groups->count; i++) {
		if (!groups->list[i].apart)
			continue;
		compared[count] = &groups->list[i];
		counts[count++] = groups->list[i].counts;
	}
	struct bias bias = bias_of(counts, count, (uint64_t)config->bias_least);
	view->demographic_parity_difference =
	    figure(&bias.demographic_parity_difference, compared, view->extremes[0]);
	view->disparate_impact = figure(&bias.disparate_impact, compared, view->extremes[1]);
	view->equal_opportunity_difference =
	    figure(&bias.equal_opportunity_difference, compared, view->extremes[2]);
	view->fpr_difference = figure(&bias.fpr_difference, compared, view->extremes[3]);
	if (groups->count > 0) {
		text_copy(view->by, sizeof(view->by), config->cohort_by);
		judge(view, &bias, config);
	}
	free(compared);
	free(counts);
}

void
views_cohorts(struct series_view *view, const struct window *window, const struct config *config,
    struct snapshot *snapshot)
{
	size_t room = 0;
	for (size_t i = 0; i < window->list_count; i++)
		room += cohorts_room(&window->list[i]->quality.cohorts);
	struct groups groups = {.list = mem_alloc((room + 1) * sizeof(*groups.list))};
	for (size_t i = 0; i < window->list_count; i++)
		add_series(&groups, window, window->list[i]);
	settle(&groups);
	if (snapshot != NULL) {
		view->cohorts = snapshot_alloc(snapshot, groups.count * sizeof(*view->cohorts));
		view->cohorts_count = groups.count;
		for (size_t i = 0; i < groups.count; i++)
			fill_cohort(&view->cohorts[i], &groups.list[i], view->quality.predictions);
	}
	fill_bias(&view->bias, &groups, config);
	free(groups.list);
}
