/* report_quality.c: right and wrong over a list of rows: as the labels say, and as calibrated
 * probabilities expect while there are none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/report/report_parts.h"
#include "core/stats/cbpe.h"
#include "core/stats/quality_cut.h"

enum { ECE_BINS = 10 };

int
report_decision(const struct report_input *input, const struct dataset *data, size_t row)
{
	if (data->decision != NULL && data->decision[row] >= 0)
		return data->decision[row];
	double threshold = input->threshold;
	if (data->threshold != NULL && !isnan(data->threshold[row]))
		threshold = data->threshold[row];
	if (data->score == NULL || isnan(data->score[row]) || isnan(threshold))
		return -1;
	return data->score[row] >= threshold;
}

/* 1, 0, or -1 unknown; with windows.assume_negative_after an old row without one is a 0. */
static int
label_of(const struct report *report, size_t row)
{
	const struct dataset *data = report->input->data;
	int64_t age = report->input->config->assume_negative_us;
	int label = data->label != NULL ? data->label[row] : -1;
	if (label < 0 && age > 0 && data->ts != NULL && data->ts[row] != 0 &&
	    report->last_ts - data->ts[row] >= age)
		return 0;
	return label;
}

int
report_tally_add(struct report_tally *tally, const struct report *report, size_t row)
{
	const struct dataset *data = report->input->data;
	int decision = report_decision(report->input, data, row);
	bool scored = data->score != NULL && !isnan(data->score[row]);
	int label = label_of(report, row);
	if (!scored && decision < 0) {
		tally->bare_labelled += label >= 0;
		tally->bare_positives += label == 1;
		return -1;
	}
	tally->scored++;
	tally->decided += decision >= 0;
	tally->flagged += decision == 1;
	if (label < 0)
		return -1;
	tally->labelled++;
	tally->positives += label == 1;
	tally->assumed += data->label == NULL || data->label[row] < 0;
	if (decision < 0)
		return label;
	uint64_t *cells[] = {
	    &tally->counts.tn, &tally->counts.fn, &tally->counts.fp, &tally->counts.tp};
	++*cells[2 * decision + label];
	return label;
}

/* The threshold that the rows log, the input's if they log none, NaN if they log several. */
static double
threshold_of(const struct report *report, const struct rows *rows)
{
	const double *logged = report->input->data->threshold;
	double found = NAN;
	for (size_t i = 0; logged != NULL && i < rows->count; i++) {
		double threshold = logged[rows_at(rows, i)];
		if (!isnan(threshold) && !isnan(found) && threshold != found)
			return NAN;
		if (!isnan(threshold))
			found = threshold;
	}
	return isnan(found) ? report->input->threshold : found;
}

struct quality {
	struct report_tally tally;
	double *scores; /* of labelled, scored rows */
	int8_t *labels;
	size_t n;
};

static void
quality_count(struct quality *quality, const struct report *report, const struct rows *rows)
{
	const double *scores = report->input->data->score;
	*quality = (struct quality){0};
	quality->scores = mem_grow(NULL, rows->count, sizeof(*quality->scores));
	quality->labels = mem_grow(NULL, rows->count, sizeof(*quality->labels));
	for (size_t i = 0; i < rows->count; i++) {
		size_t row = rows_at(rows, i);
		int label = report_tally_add(&quality->tally, report, row);
		if (label < 0 || scores == NULL || isnan(scores[row]))
			continue;
		quality->scores[quality->n] = scores[row];
		quality->labels[quality->n++] = (int8_t)label;
	}
}

static void
quality_release(struct quality *quality)
{
	free(quality->scores);
	free(quality->labels);
}

void
report_write_interval(struct jsonw *json, const char *key, double low, double high)
{
	jsonw_open_array(json, key);
	jsonw_number(json, NULL, low);
	jsonw_number(json, NULL, high);
	jsonw_close_array(json);
}

static void
write_wilson(struct jsonw *json, const char *key, uint64_t k, uint64_t n)
{
	struct interval interval = proportion_wilson(k, n);
	report_write_interval(json, key, interval.low, interval.high);
}

/* Without a single decision the four cells are not 0 but unknown. */
static void
write_cells(struct jsonw *json, const struct quality *quality)
{
	const struct quality_confusion *c = &quality->tally.counts;
	const struct {
		const char *key;
		uint64_t value;
	} cells[] = {{"tp", c->tp}, {"fp", c->fp}, {"tn", c->tn}, {"fn", c->fn}};
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		if (quality->tally.decided > 0)
			jsonw_int(json, cells[i].key, (int64_t)cells[i].value);
		else
			jsonw_null(json, cells[i].key);
	}
}

static void
write_intervals(struct jsonw *json, const struct quality *quality, const struct quality_rank *rank)
{
	const struct quality_confusion *c = &quality->tally.counts;
	jsonw_open_object(json, "ci");
	write_wilson(json, "precision", c->tp, c->tp + c->fp);
	write_wilson(json, "recall", c->tp, c->tp + c->fn);
	write_wilson(json, "fpr", c->fp, c->fp + c->tn);
	write_wilson(json, "specificity", c->tn, c->fp + c->tn);
	report_write_interval(
	    json, "roc_auc", rank->roc_auc_interval.low, rank->roc_auc_interval.high);
	jsonw_close_object(json);
}

static void
write_bars(struct jsonw *json, const char *key, const uint64_t bars[QUALITY_BARS])
{
	jsonw_open_array(json, key);
	for (size_t i = 0; i < QUALITY_BARS; i++)
		jsonw_int(json, NULL, (int64_t)bars[i]);
	jsonw_close_array(json);
}

static void
write_histogram(struct jsonw *json, const struct quality *quality)
{
	struct quality_bars bars = quality_bars_of(quality->scores, quality->labels, quality->n);
	jsonw_open_object(json, "score_histogram");
	jsonw_open_array(json, "edges");
	for (size_t i = 0; i <= QUALITY_BARS; i++)
		jsonw_number(json, NULL, (double)i / QUALITY_BARS);
	jsonw_close_array(json);
	write_bars(json, "positives", bars.positives);
	write_bars(json, "negatives", bars.negatives);
	jsonw_close_object(json);
}

static void
write_losses(struct jsonw *json, const struct quality *q)
{
	struct quality_loss loss = quality_loss_of(q->scores, q->labels, q->n);
	jsonw_number(json, "brier", quality_loss_brier(&loss));
	jsonw_number(json, "log_loss", quality_loss_log(&loss));
	jsonw_int(json, "log_loss_clipped", (int64_t)loss.clipped);
	jsonw_number(json, "ece", calibration_ece_width(q->scores, q->labels, q->n, NULL).ece);
	jsonw_number(json, "ece_count", calibration_ece_count(q->scores, q->labels, q->n).ece);
	jsonw_number(json, "observed_expected", calibration_ratio(q->scores, q->labels, q->n));
}

/* The share of predictions whose label is in; of rows without score and decision, of the rows. */
static double
maturity_of(const struct report_tally *tally, size_t rows)
{
	if (tally->scored > 0)
		return (double)tally->labelled / (double)tally->scored;
	return rows > 0 ? (double)tally->bare_labelled / (double)rows : NAN;
}

static void
write_realised(struct jsonw *json, const struct report *report, const struct rows *rows)
{
	struct quality q;
	quality_count(&q, report, rows);
	const struct report_tally *t = &q.tally;
	const struct quality_confusion *c = &t->counts;
	struct quality_rank rank = quality_rank_exact(q.scores, q.labels, q.n);
	jsonw_open_object(json, "quality");
	jsonw_int(json, "labelled", (int64_t)(t->scored > 0 ? t->labelled : t->bare_labelled));
	jsonw_int(json, "positives", (int64_t)(t->scored > 0 ? t->positives : t->bare_positives));
	jsonw_int(json, "assumed_negative", (int64_t)t->assumed);
	jsonw_number(json, "maturity", maturity_of(t, rows->count));
	jsonw_number(json, "threshold", threshold_of(report, rows));
	write_cells(json, &q);
	jsonw_number(json, "precision", quality_precision(c));
	jsonw_number(json, "recall", quality_recall(c));
	jsonw_number(json, "f1", quality_f1(c));
	jsonw_number(json, "fpr", quality_fpr(c));
	jsonw_number(json, "specificity", quality_specificity(c));
	jsonw_number(json, "roc_auc", rank.roc_auc);
	jsonw_number(json, "average_precision", rank.average_precision);
	write_losses(json, &q);
	write_intervals(json, &q, &rank);
	write_histogram(json, &q);
	jsonw_close_object(json);
	quality_release(&q);
}

struct estimate {
	struct cbpe sums;
	double *probabilities, *scores;
	size_t n;
	bool calibrated;
};

/* How far the scores are from the probabilities, in bins of equal width of the score. */
static double
expected_ece(const struct estimate *estimate)
{
	double gaps[ECE_BINS] = {0}, sum = 0;
	for (size_t i = 0; i < estimate->n; i++) {
		double place = ceil(estimate->scores[i] * ECE_BINS) - 1;
		size_t bin = place > 0 ? (size_t)place : 0;
		gaps[bin] += estimate->probabilities[i] - estimate->scores[i];
	}
	for (size_t i = 0; i < ECE_BINS; i++)
		sum += fabs(gaps[i]);
	return estimate->n > 0 ? sum / (double)estimate->n : NAN;
}

static void
estimate_rows(
    struct estimate *estimate, const struct report *report, const struct report_block *block)
{
	const struct dataset *data = report->input->data;
	const struct rows *rows = &block->rows;
	const struct profile_score *score = report_score_for(report, rows);
	const struct calibration_map none = {0};
	const struct calibration_map *map = score != NULL ? &score->calibration : &none;
	*estimate = (struct estimate){.calibrated = score != NULL && score->calibrated};
	estimate->probabilities = mem_grow(NULL, rows->count, sizeof(double));
	estimate->scores = mem_grow(NULL, rows->count, sizeof(double));
	for (size_t i = 0; i < rows->count && data->score != NULL; i++) {
		size_t row = rows_at(rows, i);
		if (isnan(data->score[row]))
			continue;
		double probability = calibration_apply(map, data->score[row]);
		int decision = report_decision(report->input, data, row);
		estimate->scores[estimate->n] = data->score[row];
		estimate->probabilities[estimate->n++] = probability;
		if (decision >= 0)
			cbpe_add(&estimate->sums, probability, decision);
	}
}

static void
write_expected_cells(struct jsonw *json, const struct cbpe *sums)
{
	bool known = sums->flagged + sums->passed > 0;
	jsonw_number(json, "tp", known ? sums->tp : NAN);
	jsonw_number(json, "fp", known ? sums->fp : NAN);
	jsonw_number(json, "tn", known ? sums->tn : NAN);
	jsonw_number(json, "fn", known ? sums->fn : NAN);
}

static void
write_band(struct jsonw *json, const char *key, const struct cbpe_figure *figure)
{
	report_write_interval(json, key, figure->low, figure->high);
}

/* Beyond the scores of the reference the map that was fitted there says nothing. */
static void
write_assumptions(
    struct jsonw *json, const struct estimate *estimate, const struct report_block *block)
{
	jsonw_bool(json, "calibrated", estimate->calibrated);
	jsonw_string(json, "assumes",
	    estimate->calibrated
		? "a score means what it meant in the reference: that fraud behaves otherwise "
		  "cannot be seen"
		: "the scores are true probabilities: there was no labelled reference to check");
	if (block->scored && block->score.severity != SEVERITY_INSUFFICIENT)
		jsonw_bool(json, "in_support", block->score.severity != SEVERITY_CRITICAL);
	else
		jsonw_null(json, "in_support");
}

static void
write_estimated(struct jsonw *json, const struct report *report, const struct report_block *block)
{
	struct estimate e;
	estimate_rows(&e, report, block);
	double positives = 0;
	for (size_t i = 0; i < e.n; i++)
		positives += e.probabilities[i];
	struct cbpe_figure precision = cbpe_precision(&e.sums), recall = cbpe_recall(&e.sums);
	struct cbpe_figure fpr = cbpe_fpr(&e.sums);
	struct cbpe_rank rank = cbpe_rank_exact(e.probabilities, e.scores, e.n);
	jsonw_open_object(json, "estimated_quality");
	jsonw_int(json, "n", (int64_t)e.n);
	jsonw_int(json, "labelled", 0);
	jsonw_number(json, "positives", e.n > 0 ? positives : NAN);
	jsonw_number(json, "maturity", e.n > 0 ? 0 : NAN);
	jsonw_number(json, "threshold", threshold_of(report, &block->rows));
	write_expected_cells(json, &e.sums);
	jsonw_number(json, "precision", precision.value);
	jsonw_number(json, "recall", recall.value);
	jsonw_number(json, "f1", cbpe_f1(&e.sums));
	jsonw_number(json, "fpr", fpr.value);
	jsonw_number(json, "specificity", cbpe_specificity(&e.sums));
	jsonw_number(json, "roc_auc", rank.roc_auc);
	jsonw_number(json, "average_precision", rank.average_precision);
	jsonw_number(json, "brier", cbpe_brier(e.probabilities, e.n));
	jsonw_number(json, "log_loss", cbpe_log_loss(e.probabilities, e.n));
	jsonw_number(json, "ece", expected_ece(&e));
	jsonw_open_object(json, "ci");
	write_band(json, "precision", &precision);
	write_band(json, "recall", &recall);
	write_band(json, "fpr", &fpr);
	jsonw_close_object(json);
	write_assumptions(json, &e, block);
	jsonw_close_object(json);
	free(e.probabilities);
	free(e.scores);
}

void
report_quality_write(
    struct jsonw *json, const struct report *report, const struct report_block *block)
{
	write_realised(json, report, &block->rows);
	write_estimated(json, report, block);
}
