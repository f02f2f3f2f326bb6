/* views_estimate.c: quality without labels (CBPE), over all predictions of the quality window. It
 * never alarms. Counts come from sums; AUC and average precision from the score histogram, a row
 * taking its bin's middle. */
#include <math.h>
#include <stdio.h>

#include "core/base/text.h"
#include "core/monitor/views.h"

/* More of the scores than this beyond the reference's least and greatest: it knows nothing of
 * them. */
#define OUTSIDE_LIMIT 0.01

static struct cbpe
sum_slots(const struct window *window, size_t first, size_t end)
{
	struct cbpe sums = {0};
	for (size_t slot = first; slot < end; slot++) {
		if (window->quality[slot] != NULL)
			cbpe_merge(&sums, &window->quality[slot]->expected);
	}
	return sums;
}

static void
fill_curves(struct estimate_view *view, const struct window *window)
{
	for (size_t slot = 0; slot < SERIES_QUALITY_BUCKETS; slot++) {
		size_t first = slot >= VIEWS_CURVE_SPAN ? slot - VIEWS_CURVE_SPAN + 1 : 0;
		struct cbpe span = sum_slots(window, first, slot + 1);
		view->precision_curve[slot] =
		    span.flagged >= VIEWS_CURVE_LEAST ? cbpe_precision(&span).value : NAN;
		view->recall_curve[slot] =
		    span.tp + span.fn >= VIEWS_CURVE_LEAST ? cbpe_recall(&span).value : NAN;
	}
}

struct scores {
	double positives[QUALITY_BINS], negatives[QUALITY_BINS]; /* expected */
	uint64_t n, outside; /* of those with a reference: beyond it */
};

static void
add_series(struct scores *scores, const struct window *window, const struct monitor *monitor,
    struct series *series)
{
	const struct model_state *model = monitor->models[series->model_index];
	const struct reference_column *reference = &model->versions[series->version_index].score;
	bool known = reference->ready && isfinite(reference->feature.low) &&
		     isfinite(reference->feature.high);
	size_t least = known ? quality_bin(reference->feature.low) : 0;
	size_t most = known ? quality_bin(reference->feature.high) : QUALITY_BINS;
	uint64_t all[QUALITY_BINS];
	kept_scores(series, window->end, all);
	for (size_t i = 0; i < QUALITY_BINS; i++) {
		double p = (quality_bin_floor(i) + quality_bin_floor(i + 1)) / 2;
		if (series->quality.map != NULL)
			p = calibration_apply(series->quality.map, p);
		scores->positives[i] += (double)all[i] * p;
		scores->negatives[i] += (double)all[i] * (1 - p);
		scores->n += all[i];
		scores->outside += i < least || i > most ? all[i] : 0;
	}
}

static struct metric
figure(struct cbpe_figure from, uint64_t n, bool muted)
{
	struct metric metric = metric_bounded(from.value, from.low, from.high, n);
	if (muted && metric.state == METRIC_OK)
		metric.state = METRIC_WARMING;
	return metric;
}

static void
say_what_it_assumes(
    struct estimate_view *view, const struct series_view *series, const struct scores *scores)
{
	char *words = view->assumption;
	size_t size = sizeof(view->assumption);
	if (scores->n == 0)
		snprintf(words, size, "no predictions in the window");
	else if (series->score_severity == SEVERITY_CRITICAL)
		snprintf(words, size,
		    "worth nothing: the scores have left the reference (PSI %.2f)",
		    series->score.psi.value);
	else if (view->muted)
		snprintf(words, size,
		    "worth nothing: %.1f %% of the scores are outside the reference",
		    100 * (double)scores->outside / (double)scores->n);
	else
		snprintf(words, size, "if fraud behaves as in the reference%s",
		    view->calibrated ? "; scores calibrated on its labels"
				     : " and the scores are probabilities (not calibrated)");
}

void
views_estimate(
    struct series_view *series, const struct window *window, const struct monitor *monitor)
{
	struct estimate_view *view = &series->estimated;
	struct cbpe sums = sum_slots(window, 0, SERIES_QUALITY_BUCKETS);
	struct scores scores = {0};
	view->calibrated = true;
	for (size_t i = 0; i < window->list_count; i++) {
		add_series(&scores, window, monitor, window->list[i]);
		view->calibrated &= window->list[i]->quality.map != NULL;
	}
	view->n = scores.n;
	view->muted = series->score_severity == SEVERITY_CRITICAL ||
		      (double)scores.outside > OUTSIDE_LIMIT * (double)scores.n;
	view->precision = figure(cbpe_precision(&sums), sums.flagged, view->muted);
	view->recall = figure(cbpe_recall(&sums), sums.flagged + sums.passed, view->muted);
	view->fpr = figure(cbpe_fpr(&sums), sums.flagged + sums.passed, view->muted);
	struct cbpe_figure f1 = {cbpe_f1(&sums), NAN, NAN};
	view->f1 = figure(f1, sums.flagged + sums.passed, view->muted);
	struct cbpe_rank rank = cbpe_rank_bins(scores.positives, scores.negatives, QUALITY_BINS);
	view->roc_auc = figure((struct cbpe_figure){rank.roc_auc, NAN, NAN}, scores.n, view->muted);
	view->average_precision =
	    figure((struct cbpe_figure){rank.average_precision, NAN, NAN}, scores.n, view->muted);
	fill_curves(view, window);
	say_what_it_assumes(view, series, &scores);
}
