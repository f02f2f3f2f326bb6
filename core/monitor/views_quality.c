/* views_quality.c: precision and recall of the labelled records of a window, with label maturity.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/monitor/views.h"

/* A point of a curve covers this many buckets up to it, and needs this many cases. */
enum { CURVE_SPAN = 21, CURVE_LEAST = 10 };

struct sums {
	uint64_t predictions, labelled, positives;
	struct quality_confusion confusion;
};

static void
add(struct sums *sums, const struct series_quality *bucket, int sign)
{
	if (bucket == NULL)
		return;
	uint64_t s = (uint64_t)(int64_t)sign;
	sums->predictions += s * bucket->predictions;
	sums->labelled += s * bucket->labelled;
	sums->positives += s * bucket->positives;
	sums->confusion.tp += s * bucket->confusion.tp;
	sums->confusion.fp += s * bucket->confusion.fp;
	sums->confusion.tn += s * bucket->confusion.tn;
	sums->confusion.fn += s * bucket->confusion.fn;
}

static struct metric
proportion(uint64_t k, uint64_t n, bool mature)
{
	struct metric metric = n > 0 ? metric_ok((double)k / (double)n, n) : metric_none();
	if (metric.state == METRIC_NONE)
		return metric;
	struct interval interval = proportion_wilson(k, n);
	metric.low = interval.low;
	metric.high = interval.high;
	metric.state = mature ? METRIC_OK : METRIC_WARMING;
	return metric;
}

static struct metric
bounded(double value, double low, double high, uint64_t n, bool mature)
{
	struct metric metric = metric_ok(value, n);
	metric.low = low;
	metric.high = high;
	if (metric.state == METRIC_OK && !mature)
		metric.state = METRIC_WARMING;
	return metric;
}

static void
fill_curves(struct quality_view *view, const struct window *window)
{
	struct sums span = {0};
	view->curve_points = SNAPSHOT_CURVE;
	for (size_t slot = 0; slot < SERIES_QUALITY_BUCKETS; slot++) {
		add(&span, window->quality[slot], 1);
		if (slot >= CURVE_SPAN)
			add(&span, window->quality[slot - CURVE_SPAN], -1);
		const struct quality_confusion *c = &span.confusion;
		view->precision_curve[slot] =
		    c->tp + c->fp >= CURVE_LEAST ? quality_precision(c) : NAN;
		view->recall_curve[slot] = c->tp + c->fn >= CURVE_LEAST ? quality_recall(c) : NAN;
		const struct series_quality *bucket = window->quality[slot];
		view->maturity_curve[slot] =
		    bucket != NULL && bucket->predictions > 0
			? (double)bucket->labelled / (double)bucket->predictions
			: NAN;
	}
}

/* Are the labels that could be here, here? Young records cannot have theirs yet: those younger than
 * the 95 % quantile of the label lag seen so far are left out of the judgement. */
static bool
is_mature(const struct window *window, const struct sums *sums, const struct config *config)
{
	if (sums->labelled < (uint64_t)config->min_labels || sums->predictions == 0)
		return false;
	double share = (double)sums->labelled / (double)sums->predictions;
	if (share >= config->maturity)
		return true;
	double lag_us = latency_quantile(&window->label_lag, 0.95) * 10000;
	if (isnan(lag_us))
		return false;
	struct sums old = {0};
	int64_t length = config->quality_us / SERIES_QUALITY_BUCKETS;
	for (size_t slot = 0; slot < SERIES_QUALITY_BUCKETS; slot++) {
		const struct series_quality *bucket = window->quality[slot];
		if (bucket != NULL &&
		    (double)(window->end - (bucket->index + 1) * length) >= lag_us)
			add(&old, bucket, 1);
	}
	return old.predictions > 0 &&
	       (double)old.labelled >= config->maturity * (double)old.predictions &&
	       old.labelled >= (uint64_t)config->min_labels;
}

/* Against the model's baseline: a warning when the value is below it by more than the allowed drop,
 * critical when the whole interval is. */
static enum severity
judge(const struct metric *value, double baseline, double drop)
{
	if (value->state != METRIC_OK)
		return SEVERITY_INSUFFICIENT;
	double least = baseline * (1 - drop);
	if (isnan(baseline) || value->value >= least)
		return SEVERITY_OK;
	return value->high < least ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

static const struct profile_score *
baseline_of(const struct window *window)
{
	const struct profile *profile = window->model != NULL ? window->model->profile : NULL;
	if (profile == NULL || profile->scores_count == 0)
		return NULL;
	const struct profile_score *score = profile_score_of(profile, window->version->version);
	if (score == NULL ||
	    score->labelled == 0) /* a version never profiled: the model's newest */
		score = &profile->scores[profile->scores_count - 1];
	return score->labelled > 0 ? score : NULL;
}

static void
rank(struct quality_view *view, const struct window *window)
{
	uint64_t *positives = mem_alloc(2 * QUALITY_BINS * sizeof(*positives));
	uint64_t *negatives = positives + QUALITY_BINS;
	for (size_t slot = 0; slot < SERIES_QUALITY_BUCKETS; slot++) {
		const struct series_quality *bucket = window->quality[slot];
		for (size_t i = 0; bucket != NULL && i < QUALITY_BINS; i++) {
			positives[i] += bucket->scores.positives[i];
			negatives[i] += bucket->scores.negatives[i];
		}
	}
	struct quality_rank rank = quality_rank_binned(positives, negatives, QUALITY_BINS);
	view->roc_auc = bounded(rank.roc_auc, rank.roc_auc_interval.low, rank.roc_auc_interval.high,
	    view->labelled, view->mature);
	view->average_precision =
	    bounded(rank.average_precision, rank.average_precision_binning.low,
		rank.average_precision_binning.high, view->labelled, view->mature);
	free(positives);
}

void
views_quality(struct series_view *series, const struct window *window, const struct config *config)
{
	struct quality_view *view = &series->quality;
	struct sums sums = {0};
	for (size_t slot = 0; slot < SERIES_QUALITY_BUCKETS; slot++)
		add(&sums, window->quality[slot], 1);
	const struct quality_confusion *c = &sums.confusion;
	bool mature = is_mature(window, &sums, config);
	view->predictions = sums.predictions;
	view->labelled = sums.labelled;
	view->positives = sums.positives;
	view->mature = mature;
	view->maturity = proportion(sums.labelled, sums.predictions, true);
	view->threshold = metric_ok(window->threshold, 1);
	view->tp = c->tp;
	view->fp = c->fp;
	view->tn = c->tn;
	view->fn = c->fn;
	view->precision = proportion(c->tp, c->tp + c->fp, mature);
	view->recall = proportion(c->tp, c->tp + c->fn, mature);
	view->fpr = proportion(c->fp, c->fp + c->tn, mature);
	view->f1 = bounded(quality_f1(c), NAN, NAN, c->tp + c->fp + c->fn, mature);
	double lag = latency_quantile(&window->label_lag, 0.5) * 0.01;
	view->label_lag_s = metric_ok(lag, window->label_lag.count);
	rank(view, window);
	fill_curves(view, window);

	const struct profile_score *baseline = baseline_of(window);
	struct quality_confusion base = {0};
	if (baseline != NULL)
		base = (struct quality_confusion){
		    baseline->tp, baseline->fp, baseline->tn, baseline->fn};
	double drop = config->quality_drop;
	series->precision_severity = judge(&view->precision, quality_precision(&base), drop);
	series->recall_severity = judge(&view->recall, quality_recall(&base), drop);
	series->quality_severity = series->precision_severity > series->recall_severity
				       ? series->precision_severity
				       : series->recall_severity;
}
