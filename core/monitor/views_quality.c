/* views_quality.c: how right the decisions of a window were, by its labels, with label maturity.
 *
 * Exact, from sums kept a bucket: the confusion counts and what follows from them, Brier, log loss,
 * ECE of equal width, observed/expected (scores to 24 bits). From the score histogram, with its
 * bound: AUC, average precision, ECE of equal count. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/views.h"
#include "core/monitor/views_ece.h"

/* A point of a curve covers this many buckets up to it, and needs this many cases. */
enum { CURVE_SPAN = VIEWS_CURVE_SPAN, CURVE_LEAST = VIEWS_CURVE_LEAST };

struct sums {
	uint64_t predictions, labelled, positives;
	struct quality_confusion confusion;
};

static void
add(struct sums *sums, const struct quality_bucket *bucket, int sign)
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
or_warming(struct metric metric, bool mature)
{
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
		const struct quality_bucket *bucket = window->quality[slot];
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
		const struct quality_bucket *bucket = window->quality[slot];
		if (bucket != NULL &&
		    (double)(window->end - (bucket->index + 1) * length) >= lag_us)
			add(&old, bucket, 1);
	}
	return old.predictions > 0 &&
	       (double)old.labelled >= config->maturity * (double)old.predictions &&
	       old.labelled >= (uint64_t)config->min_labels;
}

/* Against the model's baseline: a warning when the value is below it by more than the allowed drop,
 * critical when the whole interval is. Too few cases say nothing, whatever their number shows. */
static enum severity
judge(const struct metric *value, double baseline, const struct config *config)
{
	if (value->state != METRIC_OK || value->n < (uint64_t)config->min_labels)
		return SEVERITY_INSUFFICIENT;
	double least = baseline * (1 - config->quality_drop);
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

/* What rests on the sums over the window's buckets. */
static void
fill_sums(struct quality_view *view, const struct quality_bucket *sum, bool mature)
{
	view->assumed = sum->assumed;
	uint64_t n = sum->loss.rows;
	view->brier = or_warming(metric_ok(quality_loss_brier(&sum->loss), n), mature);
	view->log_loss = or_warming(metric_ok(quality_loss_log(&sum->loss), n), mature);
	view->ece = or_warming(metric_ok(views_ece_width(sum->width), n), mature);
	view->ece_count = or_warming(views_ece_count(&sum->scores), mature);
	double expected = 0;
	for (size_t i = 0; i < QUALITY_WIDTH_BINS; i++)
		expected += sum->width[i].scores;
	view->observed_expected = metric_none();
	if (expected <= 0)
		return;
	struct interval observed = proportion_wilson(view->positives, n);
	double scale = (double)n / expected;
	view->observed_expected = or_warming(metric_bounded((double)view->positives / expected,
						 observed.low * scale, observed.high * scale, n),
	    mature);
}

static void
fill_rank(struct quality_view *view, const struct quality_scores *scores, bool mature)
{
	uint64_t positives[QUALITY_BINS], negatives[QUALITY_BINS];
	for (size_t i = 0; i < QUALITY_BINS; i++) {
		positives[i] = scores->positives[i];
		negatives[i] = scores->negatives[i];
	}
	struct quality_rank rank = quality_rank_binned(positives, negatives, QUALITY_BINS);
	view->roc_auc = or_warming(metric_bounded(rank.roc_auc, rank.roc_auc_interval.low,
				       rank.roc_auc_interval.high, view->labelled),
	    mature);
	view->average_precision =
	    or_warming(metric_bounded(rank.average_precision, rank.average_precision_binning.low,
			   rank.average_precision_binning.high, view->labelled),
		mature);
}

static struct metric
lag_of(const struct latency *lag, double q)
{
	double s = latency_quantile(lag, q) * 0.01;
	return metric_bounded(s, s * 0.99, s * 1.01, lag->count); /* the sketch's error */
}

/* The positive share of the quickest tenth of the labels. If it is far from that of all of them,
 * what is in yet is no fair sample. */
static struct metric
early_positives(const struct latency *all, const struct latency *positive)
{
	uint64_t wanted = (all->count + 9) / 10, n = 0, k = 0;
	for (size_t i = 0; i < LATENCY_BUCKETS && n < wanted; i++) {
		n += all->buckets[i];
		k += positive->buckets[i];
	}
	return metric_share(k, n);
}

static void
fill_lag(struct quality_view *view, const struct window *window)
{
	view->label_lag_s = lag_of(&window->label_lag, 0.5);
	view->label_lag_p90_s = lag_of(&window->label_lag, 0.9);
	view->early_positives = early_positives(&window->label_lag, &window->positive_lag);
}

static void
fill_shares(struct quality_view *view, const struct quality_confusion *c, bool mature)
{
	view->tp = c->tp;
	view->fp = c->fp;
	view->tn = c->tn;
	view->fn = c->fn;
	view->precision = or_warming(metric_share(c->tp, c->tp + c->fp), mature);
	view->recall = or_warming(metric_share(c->tp, c->tp + c->fn), mature);
	view->fpr = or_warming(metric_share(c->fp, c->fp + c->tn), mature);
	view->specificity = or_warming(metric_share(c->tn, c->fp + c->tn), mature);
	view->f1 = or_warming(metric_ok(quality_f1(c), c->tp + c->fp + c->fn), mature);
}

static void
say_part(struct quality_view *view, const char *name, const char *rows, const struct metric *value,
    double baseline, const struct config *config)
{
	const char *separator = view->reason[0] != '\0' ? ", " : "";
	if (!metric_known(value) || value->n < (uint64_t)config->min_labels)
		text_append(view->reason, sizeof(view->reason),
		    "%s%s not judged: %llu %s of the %lld needed", separator, name,
		    (unsigned long long)value->n, rows, (long long)config->min_labels);
	else
		text_append(view->reason, sizeof(view->reason), "%s%s %.1f %% (reference %.1f %%)",
		    separator, name, value->value * 100, baseline * 100);
}

static void
say_why(struct quality_view *view, const struct window *window,
    const struct profile_score *baseline, const struct quality_confusion *base,
    const struct config *config)
{
	char *reason = view->reason, assumed[32];
	size_t size = sizeof(view->reason);
	if (view->labelled == 0)
		snprintf(reason, size, "not judged: no labels yet");
	else if (view->labelled < (uint64_t)config->min_labels)
		snprintf(reason, size, "not judged: %llu labels of the %lld needed",
		    (unsigned long long)view->labelled, (long long)config->min_labels);
	else if (!view->mature)
		snprintf(reason, size,
		    "not judged: labels of %.0f %% of the predictions are in, %.0f %% needed",
		    view->maturity.value * 100, config->maturity * 100);
	else if (baseline == NULL)
		snprintf(reason, size, "nothing to judge by: the reference has no labels");
	if (reason[0] != '\0')
		return;
	say_part(view, "precision", "flagged", &view->precision, quality_precision(base), config);
	say_part(view, "recall", "frauds", &view->recall, quality_recall(base), config);
	if (baseline->version[0] != '\0' &&
	    strcmp(baseline->version, window->version->version) != 0)
		text_append(reason, size, "; the reference is of version %.40s", baseline->version);
	if (view->assumed > 0)
		text_append(reason, size, "; %s assumed honest",
		    text_grouped(assumed, (double)view->assumed));
}

void
views_quality(struct series_view *series, const struct window *window, const struct config *config,
    struct snapshot *snapshot)
{
	struct quality_view *view = &series->quality;
	struct sums sums = {0};
	struct quality_bucket *sum = mem_alloc(sizeof(*sum));
	for (size_t slot = 0; slot < SERIES_QUALITY_BUCKETS; slot++)
		add(&sums, window->quality[slot], 1);
	kept_quality(window->kept, window, sum);
	bool mature = is_mature(window, &sums, config);
	view->predictions = sums.predictions;
	view->labelled = sums.labelled;
	view->positives = sums.positives;
	view->mature = mature;
	view->sample = config->join_sample > 1 ? (uint32_t)config->join_sample : 1;
	view->maturity = metric_share(sums.labelled, sums.predictions);
	view->threshold = metric_ok(window->threshold, 1);
	fill_shares(view, &sums.confusion, mature);
	fill_sums(view, sum, mature);
	fill_rank(view, &sum->scores, mature);
	fill_lag(view, window);
	fill_curves(view, window);
	if (snapshot != NULL) {
		view->scores = snapshot_alloc(snapshot, sizeof(*view->scores));
		*view->scores = sum->scores;
	}
	free(sum);

	const struct profile_score *baseline = baseline_of(window);
	struct quality_confusion base = {0};
	if (baseline != NULL)
		base = (struct quality_confusion){
		    baseline->tp, baseline->fp, baseline->tn, baseline->fn};
	series->precision_severity = judge(&view->precision, quality_precision(&base), config);
	series->recall_severity = judge(&view->recall, quality_recall(&base), config);
	series->quality_severity =
	    severity_worse(series->precision_severity, series->recall_severity);
	say_why(view, window, baseline, &base, config);
}
