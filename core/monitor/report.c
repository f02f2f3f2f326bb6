/* report.c: the blocks of a report. A block is computed over a list of rows: all of them, those of
 * one version, those of one segment. */
#include "core/monitor/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/monitor/report_drift.h"
#include "core/stats/quality.h"

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

/* Quantile by linear interpolation (type 7) of sorted values. */
static double
quantile(const double *sorted, size_t n, double q)
{
	if (n == 0)
		return NAN;
	double place = q * (double)(n - 1);
	size_t low = (size_t)place;
	size_t high = low + 1 < n ? low + 1 : low;
	return sorted[low] + (place - (double)low) * (sorted[high] - sorted[low]);
}

static void
write_latency(struct jsonw *json, const struct dataset *data, const struct rows *rows)
{
	static const struct {
		const char *name;
		double q;
	} quantiles[] = {
	    {"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
	double *values = mem_grow(NULL, rows->count, sizeof(*values)), sum = 0;
	size_t n = 0;
	for (size_t i = 0; data->latency_ms != NULL && i < rows->count; i++) {
		double value = data->latency_ms[rows->list[i]];
		if (isnan(value))
			continue;
		values[n++] = value;
		sum += value;
	}
	qsort(values, n, sizeof(*values), by_value);
	jsonw_open_object(json, "latency_ms");
	jsonw_int(json, "count", (int64_t)n);
	jsonw_number(json, "mean", sum / (double)n);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		jsonw_number(json, quantiles[i].name, quantile(values, n, quantiles[i].q));
	jsonw_close_object(json);
	free(values);
}

static void
write_errors(struct jsonw *json, const struct dataset *data, const struct rows *rows)
{
	size_t known = 0, errors = 0;
	for (size_t i = 0; data->status != NULL && i < rows->count; i++) {
		known += data->status[rows->list[i]] > 0;
		errors += data->status[rows->list[i]] >= 500;
	}
	jsonw_open_object(json, "errors");
	if (known > 0)
		jsonw_int(json, "count", (int64_t)errors);
	else
		jsonw_null(json, "count");
	jsonw_number(json, "rate", known > 0 ? (double)errors / (double)known : NAN);
	jsonw_close_object(json);
}

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

struct quality {
	uint64_t scored, labelled, positives, decided, flagged;
	uint64_t bare_labelled, bare_positives; /* of rows with neither score nor decision */
	struct quality_confusion counts;
	double *scores; /* of labelled, scored rows */
	int8_t *labels;
	size_t n;
	double threshold; /* the one logged, NaN if none or several */
	bool several;
};

static void
note_threshold(struct quality *quality, double threshold)
{
	if (isnan(threshold) || quality->several)
		return;
	if (!isnan(quality->threshold) && quality->threshold != threshold) {
		quality->several = true;
		quality->threshold = NAN;
		return;
	}
	quality->threshold = threshold;
}

static void
count_row(struct quality *quality, const struct report_input *input, size_t row)
{
	const struct dataset *data = input->data;
	int decision = report_decision(input, data, row);
	bool scored = data->score != NULL && !isnan(data->score[row]);
	int label = data->label != NULL ? data->label[row] : -1;
	if (!scored && decision < 0) {
		quality->bare_labelled += label >= 0;
		quality->bare_positives += label == 1;
		return;
	}
	quality->scored++;
	quality->decided += decision >= 0;
	quality->flagged += decision == 1;
	if (data->threshold != NULL)
		note_threshold(quality, data->threshold[row]);
	if (label < 0)
		return;
	quality->labelled++;
	quality->positives += label == 1;
	if (scored) {
		quality->scores[quality->n] = data->score[row];
		quality->labels[quality->n++] = (int8_t)label;
	}
	if (decision < 0)
		return;
	uint64_t *cells[] = {
	    &quality->counts.tn, &quality->counts.fn, &quality->counts.fp, &quality->counts.tp};
	++*cells[2 * decision + label];
}

static void
quality_count(struct quality *quality, const struct report_input *input, const struct rows *rows)
{
	*quality = (struct quality){.threshold = NAN};
	quality->scores = mem_grow(NULL, rows->count, sizeof(*quality->scores));
	quality->labels = mem_grow(NULL, rows->count, sizeof(*quality->labels));
	for (size_t i = 0; i < rows->count; i++)
		count_row(quality, input, rows->list[i]);
	if (isnan(quality->threshold) && !quality->several)
		quality->threshold = input->threshold;
}

static void
quality_release(struct quality *quality)
{
	free(quality->scores);
	free(quality->labels);
}

static void
write_interval(struct jsonw *json, const char *key, uint64_t k, uint64_t n)
{
	struct interval interval = proportion_wilson(k, n);
	jsonw_open_array(json, key);
	jsonw_number(json, NULL, interval.low);
	jsonw_number(json, NULL, interval.high);
	jsonw_close_array(json);
}

/* Without a single decision the four cells are not 0 but unknown. */
static void
write_cells(struct jsonw *json, const struct quality *quality)
{
	const struct quality_confusion *c = &quality->counts;
	const struct {
		const char *key;
		uint64_t value;
	} cells[] = {{"tp", c->tp}, {"fp", c->fp}, {"tn", c->tn}, {"fn", c->fn}};
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		if (quality->decided > 0)
			jsonw_int(json, cells[i].key, (int64_t)cells[i].value);
		else
			jsonw_null(json, cells[i].key);
	}
}

static void
write_quality(struct jsonw *json, const struct report_input *input, const struct rows *rows)
{
	struct quality q;
	quality_count(&q, input, rows);
	const struct quality_confusion *c = &q.counts;
	struct quality_rank rank = quality_rank_exact(q.scores, q.labels, q.n);
	jsonw_open_object(json, "quality");
	jsonw_int(json, "labelled", (int64_t)(q.scored > 0 ? q.labelled : q.bare_labelled));
	jsonw_int(json, "positives", (int64_t)(q.scored > 0 ? q.positives : q.bare_positives));
	jsonw_number(json, "maturity", q.scored > 0 ? (double)q.labelled / (double)q.scored : NAN);
	jsonw_number(json, "threshold", q.threshold);
	write_cells(json, &q);
	jsonw_number(json, "precision", quality_precision(c));
	jsonw_number(json, "recall", quality_recall(c));
	jsonw_number(json, "f1", quality_f1(c));
	jsonw_number(json, "fpr", quality_fpr(c));
	jsonw_number(json, "roc_auc", rank.roc_auc);
	jsonw_number(json, "average_precision", rank.average_precision);
	jsonw_number(json, "brier", quality_brier(q.scores, q.labels, q.n));
	jsonw_number(json, "log_loss", quality_log_loss(q.scores, q.labels, q.n));
	jsonw_null(json, "ece");
	jsonw_open_object(json, "ci");
	write_interval(json, "precision", c->tp, c->tp + c->fp);
	write_interval(json, "recall", c->tp, c->tp + c->fn);
	jsonw_close_object(json);
	jsonw_close_object(json);
	quality_release(&q);
}

static void
write_block(struct jsonw *json, const struct report_input *input, const struct rows *rows)
{
	write_latency(json, input->data, rows);
	write_errors(json, input->data, rows);
	report_write_drift(json, input, rows);
	write_quality(json, input, rows);
	jsonw_null(json, "estimated_quality");
}

/* The rows of each category of a column, in order: one list, cut into stretches. */
struct groups {
	size_t *list;
	size_t *ends; /* a category */
};

static struct groups
groups_of(const struct dataset *data, const struct dataset_column *column)
{
	size_t count = column->categories_count;
	struct groups groups = {.list = mem_grow(NULL, data->rows, sizeof(*groups.list)),
	    .ends = mem_alloc((count + 1) * sizeof(*groups.ends))};
	for (size_t i = 0; i < data->rows; i++) {
		if (column->codes[i] != DATASET_MISSING)
			groups.ends[column->codes[i] + 1]++;
	}
	for (size_t i = 1; i < count; i++)
		groups.ends[i] += groups.ends[i - 1];
	for (size_t i = 0; i < data->rows; i++) { /* a beginning moves on to become the end */
		if (column->codes[i] != DATASET_MISSING)
			groups.list[groups.ends[column->codes[i]]++] = i;
	}
	return groups;
}

static struct rows
group_rows(const struct groups *groups, size_t code)
{
	size_t first = code > 0 ? groups->ends[code - 1] : 0;
	return (struct rows){.list = groups->list + first, .count = groups->ends[code] - first};
}

static void
groups_release(struct groups *groups)
{
	free(groups->list);
	free(groups->ends);
}

static void
write_versions(struct jsonw *json, const struct report_input *input)
{
	const struct dataset_column *column = input->data->version;
	struct groups groups = {NULL, NULL};
	if (column != NULL)
		groups = groups_of(input->data, column);
	jsonw_open_array(json, "versions");
	for (size_t i = 0; column != NULL && i < column->categories_count; i++) {
		struct rows rows = group_rows(&groups, i);
		jsonw_open_object(json, NULL);
		jsonw_string(json, "version", column->categories[i]);
		jsonw_int(json, "records", (int64_t)rows.count);
		write_block(json, input, &rows);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
	groups_release(&groups);
}

static void
write_segments(struct jsonw *json, const struct report_input *input)
{
	const struct dataset_column *column = input->data->segment;
	struct groups groups = {NULL, NULL};
	if (column != NULL)
		groups = groups_of(input->data, column);
	jsonw_open_array(json, "segments");
	for (size_t i = 0; column != NULL && i < column->categories_count; i++) {
		struct rows rows = group_rows(&groups, i);
		struct quality q;
		quality_count(&q, input, &rows);
		jsonw_open_object(json, NULL);
		jsonw_string(json, "name", column->categories[i]);
		jsonw_int(json, "n", (int64_t)rows.count);
		jsonw_int(json, "labelled", (int64_t)q.labelled);
		jsonw_number(json, "precision", quality_precision(&q.counts));
		jsonw_number(json, "recall", quality_recall(&q.counts));
		jsonw_number(json, "fpr", quality_fpr(&q.counts));
		jsonw_number(json, "selection_rate",
		    q.decided > 0 ? (double)q.flagged / (double)q.decided : NAN);
		jsonw_close_object(json);
		quality_release(&q);
	}
	jsonw_close_array(json);
	groups_release(&groups);
}

/* Counts only; the figures are over all records, however late. */
static size_t
count_late(const struct dataset *data, int64_t lateness_us)
{
	size_t late = 0;
	wall_us newest = INT64_MIN;
	for (size_t i = 0; data->ts != NULL && i < data->rows; i++) {
		if (data->ts[i] == 0)
			continue;
		late += newest != INT64_MIN && data->ts[i] < newest - lateness_us;
		newest = data->ts[i] > newest ? data->ts[i] : newest;
	}
	return late;
}

static void
write_times(struct jsonw *json, const struct dataset *data)
{
	wall_us first = 0, last = 0;
	for (size_t i = 0; data->ts != NULL && i < data->rows; i++) {
		if (data->ts[i] == 0)
			continue;
		first = first == 0 || data->ts[i] < first ? data->ts[i] : first;
		last = data->ts[i] > last ? data->ts[i] : last;
	}
	jsonw_time(json, "first_ts", first);
	jsonw_time(json, "last_ts", last);
}

void
report_write(const struct report_input *input, bool pretty, struct buf *out)
{
	const struct dataset *data = input->data;
	struct jsonw json = {.out = out, .pretty = pretty};
	struct rows all = {.list = mem_grow(NULL, data->rows, sizeof(*all.list))};
	for (all.count = 0; all.count < data->rows; all.count++)
		all.list[all.count] = all.count;
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop.report/1");
	jsonw_int(&json, "records", (int64_t)data->rows);
	jsonw_int(&json, "rejected", (int64_t)data->rejected);
	jsonw_string(&json, "last_reason", data->rejected > 0 ? data->last_reason : NULL);
	jsonw_int(&json, "late", (int64_t)count_late(data, input->config->lateness_us));
	write_times(&json, data);
	write_block(&json, input, &all);
	write_versions(&json, input);
	write_segments(&json, input);
	jsonw_open_object(&json, "bias");
	jsonw_null(&json, "demographic_parity_difference");
	jsonw_null(&json, "disparate_impact");
	jsonw_null(&json, "equal_opportunity_difference");
	jsonw_close_object(&json);
	jsonw_close_object(&json);
	buf_puts(out, "\n");
	free(all.list);
}
