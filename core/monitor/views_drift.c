/* views_drift.c: drift of each feature and of the score, from bucket counts against the reference:
 * the figures of the newest window, and the verdicts of the last ones, which together confirm. A
 * pure function of the buckets. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/views.h"
#include "core/stats/divergence.h"
#include "core/stats/multiple.h"
#include "core/stats/tests.h"
#include "core/stats/wasserstein.h"

/* A point of the PSI curve is the PSI of this many buckets up to it. */
enum { CURVE_SPAN = 10 };

struct judged { /* a column's way to its verdict */
	struct verdict_limits limits;
	struct verdict_evidence evidence[VERDICT_WINDOWS];
	bool ready, knows_hours, lacks_hours;
};

double
views_reference(const struct views_column *column, size_t from, size_t until, double *reference)
{
	if (column->season == SEASON_NONE) {
		memcpy(reference, column->all, column->history.bins * sizeof(*reference));
		return (double)column->feature->n;
	}
	uint64_t hours[SEASON_HOURS];
	double effective = 0;
	memset(reference, 0, column->history.bins * sizeof(*reference));
	if (column->feature->hours == NULL)
		return 0;
	history_hours(&column->history, from, until, hours);
	season_mix(column->feature->hours, column->history.bins, column->season, hours, reference,
	    &effective);
	return effective;
}

/* Leaves out what neither side has: an unseen bin; in season any bin, as the hours may have none of
 * it. Returns how many bins are left. */
static size_t
pack(const struct views_column *column, double *reference, double *current)
{
	size_t used = 0, count = column->history.bins;
	for (size_t i = 0; i < count; i++) {
		bool may_lack = column->season != SEASON_NONE ||
				(i + 1 == count && column->feature->bins.kind != BINS_EDGES);
		if (may_lack && reference[i] == 0 && current[i] == 0)
			continue;
		reference[used] = reference[i];
		current[used++] = current[i];
	}
	return used;
}

/* What a stretch of buckets shows. reference and current are left packed: returns their bins. */
static size_t
weigh(const struct views_column *column, size_t from, size_t until,
    struct verdict_evidence *evidence, double *reference, double *current)
{
	*evidence =
	    (struct verdict_evidence){.psi = NAN, .null_level = NAN, .p_chi2 = NAN, .p_ks = NAN};
	evidence->n_current = history_counts(&column->history, from, until, current);
	evidence->n_reference = views_reference(column, from, until, reference);
	if (!(evidence->n_reference > 0) || evidence->n_current == 0)
		return 0;
	size_t bins = pack(column, reference, current);
	evidence->psi = divergence_psi(reference, current, bins, ZERO_JEFFREYS);
	evidence->null_level =
	    divergence_psi_null(evidence->n_reference, (double)evidence->n_current, bins);
	evidence->p_chi2 = test_chi2_merged(reference, current, bins).p_value;
	return bins;
}

/* KS and Wasserstein from the fine bins; in season the reference has none of those. */
static void
fill_distances(struct drift_view *view, const struct views_column *column, uint64_t n)
{
	const struct bins *bins = &column->feature->bins;
	const struct cell_sum *sum = &column->history.newest;
	if (column->season != SEASON_NONE || bins->kind == BINS_CATEGORIES_KIND || n == 0)
		return;
	double reference[BINS_MAX + 1], current[BINS_MAX + 1];
	for (size_t i = 0; i < bins->count; i++) {
		reference[i] = (double)column->feature->counts[i];
		current[i] = (double)sum->counts[i];
	}
	struct test_result ks = test_ks_bins(bins, reference, current);
	view->ks = metric_bounded(ks.statistic, ks.low, ks.high, n);
	if (!isfinite(column->feature->low) || !isfinite(column->feature->high))
		return;
	struct wasserstein_binned moved = wasserstein_bins(bins, reference, column->feature->low,
	    column->feature->high, current, sum->low, sum->high);
	view->wasserstein = metric_bounded(moved.distance, moved.low, moved.high, n);
	double deviation = column->feature->deviation;
	if (isfinite(deviation))
		view->wasserstein_norm =
		    metric_bounded(wasserstein_normed(moved.distance, deviation),
			wasserstein_normed(moved.low, deviation),
			wasserstein_normed(moved.high, deviation), n);
}

static void
fill_bins(struct drift_view *view, const struct views_column *column, struct snapshot *snapshot)
{
	size_t begin = history_begin(&column->history, 0), count = column->history.bins;
	double reference[BINS_MAX + 1], current[BINS_MAX + 1], sums[2] = {0, 0};
	history_counts(&column->history, begin, column->history.buckets, current);
	views_reference(column, begin, column->history.buckets, reference);
	size_t last = count - 1;
	bool unseen =
	    column->feature->bins.kind != BINS_EDGES && reference[last] == 0 && current[last] == 0;
	view->bins = unseen ? last : count;
	view->labels = snapshot_alloc(snapshot, view->bins * sizeof(*view->labels));
	view->reference = snapshot_alloc(snapshot, view->bins * sizeof(*view->reference));
	view->current = snapshot_alloc(snapshot, view->bins * sizeof(*view->current));
	for (size_t i = 0; i < view->bins; i++) {
		sums[0] += reference[i];
		sums[1] += current[i];
	}
	for (size_t i = 0; i < view->bins; i++) {
		bins_label(&column->feature->bins, i, view->labels[i], sizeof(view->labels[i]));
		view->reference[i] = sums[0] > 0 ? reference[i] / sums[0] : 0;
		view->current[i] = sums[1] > 0 ? current[i] / sums[1] : 0;
	}
}

/* Every point is the PSI of the CURVE_SPAN buckets of the window up to it: of fewer records, so
 * with a no-drift level of their own. */
static void
fill_curve(struct drift_view *view, const struct views_column *column)
{
	size_t begin = history_begin(&column->history, 0);
	uint64_t least = column->min_samples / 2 > 0 ? column->min_samples / 2 : 1;
	double levels = 0;
	size_t known = 0;
	for (size_t slot = 0; slot < RING_WINDOW; slot++) {
		double reference[BINS_MAX + 1], current[BINS_MAX + 1];
		size_t from = begin + (slot < CURVE_SPAN ? 0 : slot + 1 - CURVE_SPAN);
		uint64_t n = history_counts(&column->history, from, begin + slot + 1, current);
		double m = views_reference(column, from, begin + slot + 1, reference);
		if (n < least || !(m > 0))
			continue;
		size_t bins = pack(column, reference, current);
		view->psi_curve[slot] = divergence_psi(reference, current, bins, ZERO_JEFFREYS);
		levels += divergence_psi_null(m, (double)n, bins);
		known++;
	}
	view->curve_null_level = known > 0 ? levels / (double)known : NAN;
}

/* The figures of the newest window. */
static void
fill_figures(struct drift_view *view, const struct views_column *column, struct judged *judged,
    struct snapshot *snapshot)
{
	double reference[BINS_MAX + 1], current[BINS_MAX + 1];
	struct verdict_evidence *now = &judged->evidence[0];
	size_t begin = history_begin(&column->history, 0);
	size_t bins = weigh(column, begin, column->history.buckets, now, reference, current);
	uint64_t n = now->n_current;
	view->n_reference = now->n_reference;
	view->null_level = now->null_level;
	view->chance = now->psi / now->null_level;
	view->p_value = now->p_chi2;
	if (bins > 0) {
		view->psi = metric_ok(now->psi, n);
		view->js = metric_ok(divergence_js_distance(reference, current, bins), n);
		view->hellinger = metric_ok(divergence_hellinger(reference, current, bins), n);
		view->kl = metric_ok(divergence_kl(reference, current, bins, ZERO_JEFFREYS), n);
	}
	fill_distances(view, column, n);
	struct metric *metrics[] = {&view->psi, &view->js, &view->hellinger, &view->kl, &view->ks,
	    &view->wasserstein, &view->wasserstein_norm};
	bool few = n < column->min_samples || now->n_reference < (double)column->min_samples;
	for (size_t i = 0; few && i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		if (metrics[i]->state == METRIC_OK)
			metrics[i]->state = METRIC_WARMING;
	}
	judged->lacks_hours = column->season != SEASON_NONE && n > 0 && now->n_reference == 0;
	fill_bins(view, column, snapshot);
	fill_curve(view, column);
}

/* What a column is compared by: declared, or as its profile recognised. */
static enum season
season_of(const char *declared, const struct profile_feature *feature, bool *is_declared)
{
	enum season season;
	*is_declared = season_parse(declared, &season) && season != SEASON_AUTO;
	return season_chosen(declared, feature->hours != NULL ? feature->season : SEASON_NONE);
}

/* Nothing is known yet but the limits. */
static void
clear_view(struct drift_view *view, const struct views_column *column, const struct judged *judged,
    const struct config *config)
{
	const struct config_feature *own = column->place != NULL ? column->place->config : NULL;
	text_copy(view->name, sizeof(view->name), column->feature->name);
	view->categorical = column->feature->bins.kind == BINS_CATEGORIES_KIND;
	view->psi = view->js = view->hellinger = view->kl = metric_none();
	view->ks = view->wasserstein = view->wasserstein_norm = metric_none();
	view->null_level = view->chance = view->p_value = view->p_adjusted = NAN;
	view->season = column->season;
	view->window_us = config_feature_window(config, own);
	view->windows_count = (unsigned)config->of_windows;
	view->windows_confirm = (unsigned)config->confirm_windows;
	view->warning = judged->limits.warning;
	view->critical = judged->limits.critical;
	view->curve_points = SNAPSHOT_SPARK;
	view->curve_span_us = view->window_us * CURVE_SPAN / RING_WINDOW;
	view->curve_null_level = NAN;
	for (size_t i = 0; i < SNAPSHOT_SPARK; i++)
		view->psi_curve[i] = NAN;
}

static void
say_growing(struct drift_view *view, const struct reference_column *reference,
    const struct model_place *place)
{
	if (place != NULL && place->extra)
		text_copy(view->reason, sizeof(view->reason), "the reference has no such feature");
	else
		snprintf(view->reason, sizeof(view->reason),
		    "no reference yet: %llu of its first %d records",
		    (unsigned long long)(reference->seen < UINT64_MAX ? reference->seen : 0),
		    REFERENCE_MINIMUM);
}

/* Figures, evidence of each window and data of one column, HISTORY_SCORES the score. */
static void
fill_column(struct drift_view *view, struct judged *judged, const struct window *window,
    size_t number, const struct config *config, struct snapshot *snapshot)
{
	bool score = number == HISTORY_SCORES;
	const struct reference_column *reference =
	    score ? &window->version->score : &window->model->features[number];
	const struct model_place *place = score ? NULL : &window->model->places[number];
	struct views_column column = {.feature = &reference->feature,
	    .place = place,
	    .number = number,
	    .ready = reference->ready};
	const char *declared = place == NULL	       ? config->score_season
			       : place->config != NULL ? place->config->season
						       : "auto";
	column.season = season_of(declared, &reference->feature, &view->season_declared);
	judged->limits =
	    score ? verdict_limits_score(config) : verdict_limits_feature(config, place->config);
	view->own_reference =
	    window->model->profile == NULL ||
	    (score && profile_score_of(window->model->profile, window->version->version) == NULL);
	judged->ready = reference->ready;
	judged->knows_hours = reference->feature.hours != NULL;
	column.min_samples = judged->limits.min_samples;
	clear_view(view, &column, judged, config);
	column.window_us = view->window_us;
	const struct bins *bins = &reference->feature.bins;
	history_init(&column.history, window, place != NULL ? place->ring : HISTORY_SCORES,
	    place != NULL ? place->offset : 0, bins, (size_t)view->windows_count,
	    column.season != SEASON_NONE);
	for (size_t i = 0; i < bins->count; i++)
		column.all[bins->coarse[i]] += (double)reference->feature.counts[i];
	if (column.ready) {
		double before[BINS_MAX + 1], now[BINS_MAX + 1];
		for (size_t w = 1; w < view->windows_count; w++) {
			size_t from = history_begin(&column.history, w);
			weigh(&column, from, from + RING_WINDOW, &judged->evidence[w], before, now);
		}
		fill_figures(view, &column, judged, snapshot);
	} else {
		say_growing(view, reference, place);
	}
	if (place != NULL)
		views_data(&view->data, &column, window, config);
	history_free(&column.history);
}

/* Does KS see what the PSI bins hide? Where one value is most of the reference, all its deciles are
 * one bin. It is told, not judged by. */
static bool
moved_within_bins(const struct drift_view *view, const struct judged *judged, size_t columns)
{
	if (view->severity != SEVERITY_OK || view->ks.state != METRIC_OK ||
	    view->p_adjusted <= judged->limits.alpha)
		return false;
	double p = test_ks_stephens_p(view->ks.low, view->n_reference, (double)view->ks.n);
	return p * (double)columns <= judged->limits.alpha;
}

/* The verdict in words. */
static void
say(struct drift_view *view, const struct judged *judged, size_t columns)
{
	verdict_words(&judged->evidence[0], view->p_adjusted, &judged->limits, view->windows,
	    view->windows_count, view->windows_confirm, view->reason, sizeof(view->reason));
	if (judged->lacks_hours)
		snprintf(view->reason, sizeof(view->reason),
		    "not comparable: the reference %s (season %s)",
		    judged->knows_hours ? "has nothing of these hours" : "does not know its hours",
		    season_name(view->season));
	else if (moved_within_bins(view, judged, columns))
		text_append(
		    view->reason, sizeof(view->reason), "; it moved within a bin of PSI, says KS");
	else if (view->season != SEASON_NONE)
		text_append(view->reason, sizeof(view->reason), "; beside the same hours of the %s",
		    view->season == SEASON_HOUR_OF_WEEK ? "week" : "day");
}

/* The verdicts of each window, adjusted over the columns of it, and what they come to. */
static void
judge(struct drift_view *const *views, struct judged *judged, size_t count,
    const struct config *config)
{
	double *p = mem_alloc(count * sizeof(*p));
	size_t windows = (size_t)config->of_windows;
	for (size_t w = windows; w-- > 0;) {
		for (size_t i = 0; i < count; i++)
			p[i] = judged[i].ready
				   ? verdict_p(&judged[i].evidence[w], &judged[i].limits)
				   : NAN;
		multiple_bh(p, p, count);
		for (size_t i = 0; i < count; i++) {
			views[i]->windows[w] = judged[i].ready ? verdict_of(&judged[i].evidence[w],
								     p[i], &judged[i].limits)
							       : SEVERITY_INSUFFICIENT;
		}
	}
	for (size_t i = 0; i < count; i++) {
		struct drift_view *view = views[i];
		view->p_adjusted = p[i];
		view->severity = verdict_confirmed(view->windows, windows, view->windows_confirm);
		if (judged[i].ready)
			say(view, &judged[i], count);
	}
	free(p);
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
	size_t count = window->model->features_count;
	struct judged *judged = mem_alloc((count + 1) * sizeof(*judged));
	struct drift_view **views = mem_alloc((count + 1) * sizeof(struct drift_view *));
	view->features_count = count;
	view->features = snapshot_alloc(snapshot, count * sizeof(*view->features));
	for (size_t i = 0; i < count; i++) {
		views[i] = &view->features[i];
		fill_column(views[i], &judged[i], window, i, config, snapshot);
	}
	judge(views, judged, count, config);
	views[count] = &view->score;
	fill_column(views[count], &judged[count], window, HISTORY_SCORES, config, snapshot);
	judge(&views[count], &judged[count], 1, config);
	qsort(view->features, count, sizeof(*view->features), worse_first);
	view->score_severity = view->score.severity;
	summarise(view);
	free(views);
	free(judged);
}
