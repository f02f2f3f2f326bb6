/* report_groups.c: how groups of rows fare beside each other: cohorts and bias. Cohorts are the
 * segments, all of them, or the values of a feature that the configuration names, the rarer ones
 * together as `other`. */
#include "core/report/report_groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/record.h"
#include "core/report/report_parts.h"
#include "core/stats/bias.h"

struct report_groups
report_groups_of(size_t rows, const uint32_t *codes, size_t categories)
{
	struct report_groups groups = {.list = mem_grow(NULL, rows, sizeof(*groups.list)),
	    .ends = mem_alloc((categories + 1) * sizeof(*groups.ends))};
	for (size_t i = 0; i < rows; i++) {
		if (codes[i] != DATASET_MISSING)
			groups.ends[codes[i] + 1]++;
	}
	for (size_t i = 1; i < categories; i++)
		groups.ends[i] += groups.ends[i - 1];
	for (size_t i = 0; i < rows; i++) { /* a beginning moves on to become the end */
		if (codes[i] != DATASET_MISSING)
			groups.list[groups.ends[codes[i]]++] = i;
	}
	return groups;
}

struct rows
report_group(const struct report_groups *groups, size_t category)
{
	size_t first = category > 0 ? groups->ends[category - 1] : 0;
	return (struct rows){.list = groups->list + first, .count = groups->ends[category] - first};
}

void
report_groups_free(struct report_groups *groups)
{
	free(groups->list);
	free(groups->ends);
	*groups = (struct report_groups){0};
}

struct cohorts {
	char (*names)[RECORD_MAX_TEXT + 1];
	size_t count;
	uint32_t *codes; /* a row */
};

static void
take_segments(struct cohorts *cohorts, const struct dataset *data)
{
	const struct dataset_column *column = data->segment;
	if (column == NULL)
		return;
	cohorts->count = column->categories_count;
	cohorts->names = mem_alloc(cohorts->count * sizeof(*cohorts->names));
	cohorts->codes = mem_grow(NULL, data->rows, sizeof(*cohorts->codes));
	for (size_t i = 0; i < cohorts->count; i++)
		text_copy(cohorts->names[i], sizeof(cohorts->names[i]), column->categories[i]);
	memcpy(cohorts->codes, column->codes, data->rows * sizeof(*cohorts->codes));
}

static int
by_count(const void *left, const void *right)
{
	const struct report_word *a = left, *b = right;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return strcmp(a->text, b->text);
}

/* The cohort of a text; `other` is the last. */
static uint32_t
find_cohort(const struct cohorts *cohorts, size_t kept, const char *text)
{
	for (size_t i = 0; i < kept; i++) {
		if (strcmp(cohorts->names[i], text) == 0)
			return (uint32_t)i;
	}
	return (uint32_t)(cohorts->count - 1);
}

static void
set_codes(struct cohorts *cohorts, size_t kept, const struct dataset_column *column,
    const struct dataset_values *values, size_t rows)
{
	cohorts->codes = mem_grow(NULL, rows, sizeof(*cohorts->codes));
	uint32_t *of = mem_grow(NULL, column->categories_count, sizeof(*of));
	for (size_t i = 0; i < column->categories_count && column->categorical; i++)
		of[i] = find_cohort(cohorts, kept, column->categories[i]);
	for (size_t row = 0; row < rows; row++) {
		char text[32];
		bool known = column->categorical ? values->codes[row] != DATASET_MISSING
						 : isfinite(values->numbers[row]);
		cohorts->codes[row] =
		    !known ? DATASET_MISSING
		    : column->categorical
			? of[values->codes[row]]
			: find_cohort(cohorts, kept,
			      jsonw_format_double(text, sizeof(text), values->numbers[row]));
	}
	free(of);
}

static void
take_feature(struct cohorts *cohorts, const struct report *report, const char *name)
{
	const struct dataset *data = report->input->data;
	const struct dataset_column *column = dataset_feature(data, name);
	struct dataset_values values;
	struct report_side side;
	struct rows all = {.count = data->rows};
	if (column == NULL || !dataset_load(column, &values))
		return;
	report_side_take(&side, column, &values, &all, NULL);
	report_side_to_words(&side);
	qsort(side.words, side.words_count, sizeof(*side.words), by_count);
	size_t most = (size_t)report->input->config->cohort_most, kept = side.words_count;
	if (kept > most)
		kept = most;
	cohorts->count = kept + (kept < side.words_count);
	cohorts->names = mem_alloc((cohorts->count + 1) * sizeof(*cohorts->names));
	for (size_t i = 0; i < kept; i++)
		text_copy(cohorts->names[i], sizeof(cohorts->names[i]), side.words[i].text);
	if (kept < cohorts->count)
		text_copy(cohorts->names[kept], sizeof(cohorts->names[kept]), "other");
	set_codes(cohorts, kept, column, &values, data->rows);
	report_side_free(&side);
	dataset_unload(&values);
}

static double
share_of(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

static void
write_segment(struct jsonw *json, const char *name, size_t n, const struct report_tally *tally)
{
	const struct quality_confusion *c = &tally->counts;
	struct interval precision = proportion_wilson(c->tp, c->tp + c->fp);
	struct interval recall = proportion_wilson(c->tp, c->tp + c->fn);
	struct interval fpr = proportion_wilson(c->fp, c->fp + c->tn);
	struct interval rate = proportion_wilson(tally->flagged, tally->decided);
	jsonw_open_object(json, NULL);
	jsonw_string(json, "name", name);
	jsonw_int(json, "n", (int64_t)n);
	jsonw_int(json, "labelled", (int64_t)tally->labelled);
	jsonw_number(json, "precision", quality_precision(c));
	jsonw_number(json, "recall", quality_recall(c));
	jsonw_number(json, "fpr", quality_fpr(c));
	jsonw_number(json, "selection_rate", share_of(tally->flagged, tally->decided));
	jsonw_open_object(json, "ci");
	report_write_interval(json, "precision", precision.low, precision.high);
	report_write_interval(json, "recall", recall.low, recall.high);
	report_write_interval(json, "fpr", fpr.low, fpr.high);
	report_write_interval(json, "selection_rate", rate.low, rate.high);
	jsonw_close_object(json);
	jsonw_close_object(json);
}

static void
write_figure(struct jsonw *json, const char *key, const struct bias_figure *figure,
    const struct cohorts *cohorts)
{
	jsonw_open_object(json, key);
	report_write_interval(json, "ci", figure->low, figure->high);
	bool known = !isnan(figure->value);
	jsonw_string(json, "most", known ? cohorts->names[figure->most] : NULL);
	jsonw_string(json, "least", known ? cohorts->names[figure->least] : NULL);
	jsonw_close_object(json);
}

static void
write_excluded(struct jsonw *json, const struct cohorts *cohorts, const struct bias_group *groups,
    uint64_t least)
{
	jsonw_open_array(json, "excluded");
	for (size_t i = 0; i < cohorts->count; i++) {
		const struct quality_confusion *c = &groups[i].counts;
		uint64_t labelled = c->tp + c->fp + c->tn + c->fn;
		if (groups[i].decided >= least && labelled >= least)
			continue;
		jsonw_open_object(json, NULL);
		jsonw_string(json, "name", cohorts->names[i]);
		jsonw_int(json, "decided", (int64_t)groups[i].decided);
		jsonw_int(json, "labelled", (int64_t)labelled);
		jsonw_close_object(json);
	}
	jsonw_close_array(json);
}

static void
write_bias(struct jsonw *json, const struct report *report, const struct cohorts *cohorts,
    const struct bias_group *groups)
{
	uint64_t least = (uint64_t)report->input->config->bias_least;
	struct bias bias = bias_of(groups, cohorts->count, least);
	const struct {
		const char *key;
		const struct bias_figure *figure;
	} figures[] = {{"demographic_parity_difference", &bias.demographic_parity_difference},
	    {"disparate_impact", &bias.disparate_impact},
	    {"equal_opportunity_difference", &bias.equal_opportunity_difference},
	    {"fpr_difference", &bias.fpr_difference}};
	jsonw_open_object(json, "bias");
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		jsonw_number(json, figures[i].key, figures[i].figure->value);
	jsonw_number(json, "equalized_odds_difference", bias.equalized_odds_difference);
	jsonw_string(json, "by", report->input->config->cohort_by);
	jsonw_open_object(json, "groups");
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		write_figure(json, figures[i].key, figures[i].figure, cohorts);
	jsonw_close_object(json);
	jsonw_int(json, "least", (int64_t)least);
	write_excluded(json, cohorts, groups, least);
	jsonw_close_object(json);
}

void
report_segments_write(struct jsonw *json, const struct report *report)
{
	const struct dataset *data = report->input->data;
	const char *by = report->input->config->cohort_by;
	struct cohorts cohorts = {0};
	struct report_groups groups = {0};
	if (strcmp(by, "segment") == 0)
		take_segments(&cohorts, data);
	else if (by[0] != '\0')
		take_feature(&cohorts, report, by);
	struct bias_group *bias = mem_alloc((cohorts.count + 1) * sizeof(*bias));
	if (cohorts.count > 0)
		groups = report_groups_of(data->rows, cohorts.codes, cohorts.count);
	jsonw_open_array(json, "segments");
	for (size_t i = 0; i < cohorts.count; i++) {
		struct rows rows = report_group(&groups, i);
		struct report_tally tally = {0};
		for (size_t j = 0; j < rows.count; j++)
			report_tally_add(&tally, report, rows_at(&rows, j));
		write_segment(json, cohorts.names[i], rows.count, &tally);
		bias[i] = (struct bias_group){tally.decided, tally.flagged, tally.counts};
	}
	jsonw_close_array(json);
	write_bias(json, report, &cohorts, bias);
	report_groups_free(&groups);
	free(bias);
	free(cohorts.names);
	free(cohorts.codes);
}
