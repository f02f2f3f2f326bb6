/* views_drift.c: drift of each feature and of the score, from bucket counts against the reference.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/views.h"
#include "core/stats/drift.h"

/* A point of the PSI curve is the PSI of this many buckets up to it. */
enum { CURVE_SPAN = 10 };

/* Statistic and bound. */
static struct metric
ks_of(const struct bins *bins, const uint64_t *reference, const uint64_t *current, uint64_t n)
{
	struct drift_test ks = drift_ks_bins(bins, reference, current);
	struct metric metric = metric_ok(ks.statistic, n);
	metric.low = ks.low;
	metric.high = ks.high;
	return metric;
}

static enum severity
severity_of(const struct drift_view *view, double warning, double critical)
{
	if (view->psi.state != METRIC_OK)
		return SEVERITY_INSUFFICIENT;
	if (!(view->chance > 1) || view->psi.value < warning)
		return SEVERITY_OK;
	return view->psi.value >= critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

static void
fill_bins(struct drift_view *view, const struct bins *bins, const uint64_t *reference,
    const uint64_t *current, struct snapshot *snapshot)
{
	view->bins = bins_in_use(bins, reference, current);
	view->labels = snapshot_alloc(snapshot, view->bins * sizeof(*view->labels));
	view->reference = snapshot_alloc(snapshot, view->bins * sizeof(*view->reference));
	view->current = snapshot_alloc(snapshot, view->bins * sizeof(*view->current));
	double sums[2] = {0, 0};
	for (size_t i = 0; i < view->bins; i++) {
		sums[0] += (double)reference[i];
		sums[1] += (double)current[i];
	}
	for (size_t i = 0; i < view->bins; i++) {
		bins_label(bins, i, view->labels[i], sizeof(view->labels[i]));
		view->reference[i] = sums[0] > 0 ? (double)reference[i] / sums[0] : 0;
		view->current[i] = sums[1] > 0 ? (double)current[i] / sums[1] : 0;
	}
}

/* One column's figures from counts over its reference's fine bins. */
static void
compare_column(struct drift_view *view, const struct profile_feature *reference,
    const uint64_t *current, uint64_t missing, double warning, double critical,
    uint64_t min_samples, struct snapshot *snapshot)
{
	const struct bins *bins = &reference->bins;
	uint64_t n = 0, coarse_reference[BINS_MAX + 1], coarse_current[BINS_MAX + 1];
	for (size_t i = 0; i < bins->count; i++)
		n += current[i];
	bins_to_coarse(bins, reference->counts, coarse_reference);
	bins_to_coarse(bins, current, coarse_current);
	text_copy(view->name, sizeof(view->name), reference->name);
	view->categorical = bins->kind == BINS_CATEGORIES_KIND;
	size_t in_use = bins_in_use(bins, coarse_reference, coarse_current);
	view->psi = metric_ok(drift_psi(coarse_reference, coarse_current, in_use), n);
	view->js = metric_ok(drift_js_distance(coarse_reference, coarse_current, in_use), n);
	view->ks = ks_of(bins, reference->counts, current, n);
	if (n < min_samples || reference->n < min_samples) {
		struct metric *metrics[] = {&view->psi, &view->js, &view->ks};
		for (size_t i = 0; i < 3; i++) {
			if (metrics[i]->state == METRIC_OK)
				metrics[i]->state = METRIC_WARMING;
		}
	}
	view->chance = view->psi.value / drift_psi_null(reference->n, n, in_use);
	view->p_value = drift_chi2(coarse_reference, coarse_current, in_use).p_value;
	uint64_t all_reference = reference->n + reference->missing, all = n + missing;
	view->data.nulls_reference =
	    all_reference > 0
		? metric_ok((double)reference->missing / (double)all_reference, all_reference)
		: metric_none();
	view->data.nulls =
	    all > 0 ? metric_ok((double)missing / (double)all, all) : metric_none();
	view->severity = severity_of(view, warning, critical);
	fill_bins(view, bins, coarse_reference, coarse_current, snapshot);
}

/* Counts of one column in one bucket, or NULL: features at `offset`, or the score. */
static const uint32_t *
counts_of(const struct series_bucket *bucket, bool score, size_t offset, size_t size)
{
	if (bucket == NULL)
		return NULL;
	if (score)
		return bucket->score_size >= size ? bucket->score : NULL;
	return bucket->features_size >= offset + size ? bucket->features + offset : NULL;
}

/* Every point is the PSI of the CURVE_SPAN buckets up to it: the newest comes in, the oldest goes.
 */
static void
fill_curve(struct drift_view *view, const struct window *window,
    const struct profile_feature *reference, bool score, size_t offset, uint64_t least)
{
	const struct bins *bins = &reference->bins;
	uint64_t coarse_reference[BINS_MAX + 1], span[BINS_MAX + 1], n = 0;
	bins_to_coarse(bins, reference->counts, coarse_reference);
	memset(span, 0, sizeof(span));
	view->curve_points = SNAPSHOT_SPARK;
	for (size_t slot = 0; slot < SERIES_BUCKETS; slot++) {
		bool changed = slot == 0;
		for (int sign = 1; sign >= -1; sign -= 2) {
			if (sign < 0 && slot < CURVE_SPAN)
				break;
			const uint32_t *counts =
			    counts_of(window->slots[sign > 0 ? slot : slot - CURVE_SPAN], score,
				offset, bins->count);
			changed |= counts != NULL;
			for (size_t i = 0; counts != NULL && i < bins->count; i++) {
				uint64_t change = sign > 0 ? counts[i] : -(uint64_t)counts[i];
				span[bins->coarse[i]] += change;
				n += change;
			}
		}
		if (!changed)
			view->psi_curve[slot] = view->psi_curve[slot - 1];
		else
			view->psi_curve[slot] = n >= least && n > 0
						    ? drift_psi(coarse_reference, span,
							  bins_in_use(bins, coarse_reference, span))
						    : NAN;
	}
}

/* All that is in the window is too little for a point. */
static void
clear_curve(struct drift_view *view)
{
	view->curve_points = SNAPSHOT_SPARK;
	for (size_t slot = 0; slot < SERIES_BUCKETS; slot++)
		view->psi_curve[slot] = NAN;
}

static void
column_view(struct drift_view *view, const struct window *window,
    const struct reference_column *column, bool score, size_t offset, double warning,
    double critical, uint64_t min_samples, struct snapshot *snapshot)
{
	if (!column->ready) {
		text_copy(view->name, sizeof(view->name), column->feature.name);
		view->psi = view->js = view->ks = metric_none();
		view->data.nulls_reference = view->data.nulls = metric_none();
		view->chance = view->p_value = NAN;
		view->severity = SEVERITY_INSUFFICIENT;
		return;
	}
	size_t bins = column->feature.bins.count;
	uint64_t current[BINS_MAX + 1], missing = 0;
	memset(current, 0, sizeof(current));
	for (size_t slot = 0; slot < SERIES_BUCKETS; slot++) {
		const uint32_t *counts =
		    counts_of(window->slots[slot], score, offset, bins + !score);
		for (size_t i = 0; counts != NULL && i < bins; i++)
			current[i] += counts[i];
		missing += counts != NULL && !score ? counts[bins] : 0;
	}
	compare_column(
	    view, &column->feature, current, missing, warning, critical, min_samples, snapshot);
	uint64_t least = min_samples / 2, n = 0;
	for (size_t i = 0; i < bins; i++)
		n += current[i];
	if (n < least)
		clear_curve(view);
	else
		fill_curve(view, window, &column->feature, score, offset, least);
}

static int
worse_first(const void *a, const void *b)
{
	const struct drift_view *left = a, *right = b;
	if (left->severity != right->severity)
		return left->severity > right->severity ? -1 : 1;
	double x = metric_known(&left->psi) ? left->psi.value : -1;
	double y = metric_known(&right->psi) ? right->psi.value : -1;
	if (x != y)
		return x > y ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void
limits_of(const struct config *config, const char *name, double *warning, double *critical)
{
	*warning = config->psi_warning;
	*critical = config->psi_critical;
	for (size_t i = 0; i < config->features_count; i++) {
		const struct config_feature *feature = &config->features[i];
		if (strcmp(feature->name, name) != 0)
			continue;
		*warning = isnan(feature->warning) ? *warning : feature->warning;
		*critical = isnan(feature->critical) ? *critical : feature->critical;
	}
}

/* Share of drifted features, the worst one, and the verdict over all. */
static void
summarise(struct series_view *view)
{
	uint64_t judged = 0, drifted = 0;
	view->drift_severity = SEVERITY_INSUFFICIENT;
	view->worst_psi = metric_none();
	for (size_t i = 0; i < view->features_count; i++) {
		const struct drift_view *feature = &view->features[i];
		if (feature->severity > view->drift_severity)
			view->drift_severity = feature->severity;
		judged += feature->severity != SEVERITY_INSUFFICIENT;
		drifted += feature->severity >= SEVERITY_WARNING;
		/* They stand worst first; a larger PSI that is not judged does not take its place.
		 */
		if (metric_known(&feature->psi) && !metric_known(&view->worst_psi)) {
			view->worst_psi = feature->psi;
			text_copy(view->worst_feature, sizeof(view->worst_feature), feature->name);
		}
	}
	view->drift_share =
	    judged > 0 ? metric_ok((double)drifted / (double)judged, judged) : metric_none();
}

void
views_drift(struct series_view *view, const struct window *window, const struct config *config,
    struct snapshot *snapshot)
{
	const struct model_state *model = window->model;
	uint64_t least = (uint64_t)config->min_samples;
	view->features_count = model->features_count;
	view->features = snapshot_alloc(snapshot, view->features_count * sizeof(*view->features));
	for (size_t i = 0; i < model->features_count; i++) {
		double warning, critical;
		limits_of(config, model->features[i].feature.name, &warning, &critical);
		column_view(&view->features[i], window, &model->features[i], false,
		    model->offsets[i], warning, critical, least, snapshot);
	}
	qsort(view->features, view->features_count, sizeof(*view->features), worse_first);
	column_view(&view->score, window, &window->version->score, true, 0,
	    config->score_psi_warning, config->score_psi_critical, least, snapshot);
	view->score_severity = view->score.severity;
	summarise(view);
}
