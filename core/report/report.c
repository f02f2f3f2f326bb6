/* report.c: what a report is made of, and the figures of whole records: latency, errors, times,
 * duplicates. A block is computed over a list of rows: all of them, or those of one version. */
#include "core/report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/report/report_groups.h"
#include "core/report/report_parts.h"
#include "core/stats/sort.h"

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
		double value = data->latency_ms[rows_at(rows, i)];
		if (isnan(value))
			continue;
		values[n++] = value;
		sum += value;
	}
	sort_doubles(values, n);
	jsonw_open_object(json, "latency_ms");
	jsonw_int(json, "count", (int64_t)n);
	jsonw_number(json, "mean", sum / (double)n);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		jsonw_number(json, quantiles[i].name, sort_quantile(values, n, quantiles[i].q));
	jsonw_close_object(json);
	free(values);
}

static void
write_errors(struct jsonw *json, const struct dataset *data, const struct rows *rows)
{
	size_t known = 0, errors = 0;
	for (size_t i = 0; data->status != NULL && i < rows->count; i++) {
		known += data->status[rows_at(rows, i)] > 0;
		errors += data->status[rows_at(rows, i)] >= 500;
	}
	jsonw_open_object(json, "errors");
	if (known > 0)
		jsonw_int(json, "count", (int64_t)errors);
	else
		jsonw_null(json, "count");
	jsonw_number(json, "rate", known > 0 ? (double)errors / (double)known : NAN);
	jsonw_close_object(json);
}

static void
write_block(struct jsonw *json, const struct report *report, const struct report_block *block)
{
	write_latency(json, report->input->data, &block->rows);
	write_errors(json, report->input->data, &block->rows);
	report_drift_write(json, report, block);
	report_quality_write(json, report, block);
}

static void
write_versions(struct jsonw *json, const struct report *report)
{
	jsonw_open_array(json, "versions");
	for (size_t i = 1; i < report->blocks_count; i++) {
		const struct report_block *block = &report->blocks[i];
		jsonw_open_object(json, NULL);
		jsonw_string(json, "version", block->version);
		jsonw_int(json, "records", (int64_t)block->rows.count);
		write_block(json, report, block);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
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
find_times(struct report *report)
{
	const struct dataset *data = report->input->data;
	for (size_t i = 0; data->ts != NULL && i < data->rows; i++) {
		wall_us ts = data->ts[i];
		if (ts == 0)
			continue;
		report->first_ts =
		    report->first_ts == 0 || ts < report->first_ts ? ts : report->first_ts;
		report->last_ts =
		    report->last_ts == 0 || ts > report->last_ts ? ts : report->last_ts;
	}
}

static int
by_id(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

/* Records whose request id an earlier one has already. */
static void
write_duplicates(struct jsonw *json, const struct dataset *data)
{
	if (data->id == NULL) {
		jsonw_null(json, "duplicates");
		return;
	}
	uint64_t *ids = mem_grow(NULL, data->rows, sizeof(*ids));
	size_t n = 0, again = 0;
	for (size_t i = 0; i < data->rows; i++) {
		if (data->id[i] != 0)
			ids[n++] = data->id[i];
	}
	if (n > 1)
		qsort(ids, n, sizeof(*ids), by_id);
	for (size_t i = 1; i < n; i++)
		again += ids[i] == ids[i - 1];
	jsonw_open_object(json, "duplicates");
	jsonw_int(json, "count", (int64_t)again);
	jsonw_number(json, "share", n > 0 ? (double)again / (double)n : NAN);
	jsonw_close_object(json);
	free(ids);
}

/* The names of all features: the data's in their order, then those that the reference alone has. */
static void
find_names(struct report *report)
{
	const struct dataset *data = report->input->data, *reference = report->input->reference;
	const struct profile *profile = report->profile;
	size_t others = reference != NULL ? reference->features_count
			: profile != NULL ? profile->features_count
					  : 0;
	report->names = mem_alloc((data->features_count + others + 1) * sizeof(*report->names));
	for (size_t i = 0; i < data->features_count; i++)
		report->names[report->names_count++] = data->features[i].name;
	for (size_t i = 0; i < others; i++) {
		const char *name =
		    reference != NULL ? reference->features[i].name : profile->features[i].name;
		if (dataset_feature(data, name) == NULL)
			report->names[report->names_count++] = name;
	}
}

static void
make_blocks(struct report *report, struct report_groups *versions)
{
	const struct dataset *data = report->input->data;
	const struct dataset_column *column = data->version;
	size_t count = column != NULL ? column->categories_count : 0;
	report->blocks = mem_alloc((count + 1) * sizeof(*report->blocks));
	report->blocks[report->blocks_count++].rows.count = data->rows;
	if (column != NULL)
		*versions = report_groups_of(data->rows, column->codes, count);
	for (size_t i = 0; i < count; i++) {
		struct report_block *block = &report->blocks[report->blocks_count++];
		block->version = column->categories[i];
		block->rows = report_group(versions, i);
	}
}

/* A reference that is data is one reference, whatever versions are in it. */
static struct profile *
profile_of(const struct dataset *reference)
{
	struct dataset plain = *reference;
	plain.version = NULL;
	return profile_from_dataset(&plain);
}

static void
begin(struct report *report, const struct report_input *input, struct report_groups *versions)
{
	*report = (struct report){.input = input, .profile = input->profile};
	if (input->reference != NULL) {
		report->profile = report->own = profile_of(input->reference);
		report->reference_hours = report_hours(input->reference);
	}
	report->hours = report_hours(input->data);
	compat_parse(input->config->compat, &report->compat);
	find_times(report);
	find_names(report);
	make_blocks(report, versions);
}

static void
end(struct report *report)
{
	for (size_t i = 0; i < report->blocks_count; i++)
		free(report->blocks[i].columns);
	free(report->blocks);
	free(report->names);
	free(report->hours);
	free(report->reference_hours);
	profile_free(report->own);
}

static void
write_report(struct jsonw *json, const struct report *report)
{
	const struct dataset *data = report->input->data;
	jsonw_open_object(json, NULL);
	jsonw_string(json, "schema", "fraudtop.report/1");
	jsonw_int(json, "records", (int64_t)data->rows);
	jsonw_int(json, "rejected", (int64_t)data->rejected);
	jsonw_string(json, "last_reason", data->rejected > 0 ? data->last_reason : NULL);
	jsonw_int(json, "late", (int64_t)count_late(data, report->input->config->lateness_us));
	jsonw_time(json, "first_ts", report->first_ts);
	jsonw_time(json, "last_ts", report->last_ts);
	write_duplicates(json, data);
	write_block(json, report, &report->blocks[0]);
	write_versions(json, report);
	report_segments_write(json, report);
	report_attribution_write(json, report);
	jsonw_close_object(json);
}

bool
report_write(const struct report_input *input, bool pretty, struct buf *out, struct err *err)
{
	struct jsonw json = {.out = out, .pretty = pretty};
	struct report report;
	struct report_groups versions = {0};
	begin(&report, input, &versions);
	report_drift_compare(&report);
	write_report(&json, &report);
	buf_puts(out, "\n");
	end(&report);
	report_groups_free(&versions);
	return !dataset_failed(input->data, err) &&
	       (input->reference == NULL || !dataset_failed(input->reference, err));
}
