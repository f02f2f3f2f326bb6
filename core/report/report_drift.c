/* report_drift.c: the drift blocks of a report. Each column is loaded once and compared for all
 * blocks; verdicts come when all columns of a block are there, since p is adjusted over them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/report/report_parts.h"
#include "core/stats/divergence.h"

/* The limits and the season of a feature. */
static void
set_feature_limits(struct report_column *column, const struct config *config,
    const struct profile_feature *feature)
{
	const struct config_feature *own = config_feature(config, column->name);
	column->limits = verdict_limits_feature(config, own);
	column->season.season = season_chosen(
	    own != NULL ? own->season : "auto", feature != NULL ? feature->season : SEASON_NONE);
}

/* The share of a profile's values that spell a number; NaN if it has not kept them all. */
static double
numeric_share(const struct profile_feature *feature)
{
	const struct bins *bins = &feature->bins;
	uint64_t numeric = 0;
	double number;
	if (bins->kind != BINS_CATEGORIES_KIND)
		return 1;
	for (size_t i = 0; i + 1 < bins->count && !bins->has_other; i++) {
		if (text_to_double(bins->categories[i], &number))
			numeric += feature->counts[i];
	}
	return bins->has_other || feature->n == 0 ? NAN : (double)numeric / (double)feature->n;
}

/* What is known of a feature before. `side` holds the reference's values, if there are some. */
static struct report_base
take_base(const struct report *report, const char *name, struct report_side *side)
{
	struct report_base base = {
	    .numeric_share = NAN, .compat = report->compat, .compat_limit = NAN};
	base.feature = profile_feature_of(report->profile, name);
	base.known = base.feature != NULL;
	const struct dataset *reference = report->input->reference;
	const struct dataset_column *column =
	    reference != NULL ? dataset_feature(reference, name) : NULL;
	struct dataset_values values;
	if (column != NULL && dataset_load(column, &values)) {
		struct rows all = {.count = reference->rows};
		base.known = true;
		report_side_take(side, column, &values, &all, NULL);
		base.side = side;
		base.n = side->n;
		base.missing = side->missing;
		base.numeric_share = report_side_numeric_share(side);
		base.compat_limit =
		    report_compat_limit(report->compat, column, &values, reference->rows, side);
		dataset_unload(&values);
	} else if (base.feature != NULL) {
		base.n = base.feature->n;
		base.missing = base.feature->missing;
		base.numeric_share = numeric_share(base.feature);
	}
	return base;
}

/* A column of the reference that the data has not. */
static void
compare_absent(
    const struct report *report, const struct report_base *base, size_t at, const char *name)
{
	for (size_t i = 0; i < report->blocks_count; i++) {
		struct report_block *block = &report->blocks[i];
		struct report_column *column = &block->columns[at];
		struct report_side nothing = {.missing = block->rows.count};
		column->name = name;
		column->absent = true;
		nothing.categorical =
		    base->feature != NULL && base->feature->bins.kind == BINS_CATEGORIES_KIND;
		set_feature_limits(column, report->input->config, base->feature);
		report_column_compare(column, base, &nothing, report->input->config);
	}
}

/* A word or two made the reference's column one of words, and the data's is one of numbers: then it
 * is one of numbers. `own` holds its bins. */
static void
mend_base(struct report_base *base, struct report_side *side, const struct dataset_column *column,
    struct profile_feature *own)
{
	if (base->side == NULL || !side->categorical || column == NULL || column->categorical)
		return;
	report_side_to_numbers(side);
	if (!side->categorical &&
	    profile_feature_from_numbers(own, column->name, side->numbers, side->n)) {
		base->feature = own;
		base->n = side->n;
	}
}

static void
compare_feature(const struct report *report, size_t at)
{
	const struct dataset *data = report->input->data;
	const char *name = report->names[at];
	struct report_side side = {0};
	struct report_base base = take_base(report, name, &side);
	const struct dataset_column *column =
	    at < data->features_count ? &data->features[at] : NULL;
	struct dataset_values values = {0};
	struct profile_feature own = {0};
	mend_base(&base, &side, column, &own);
	if (column == NULL)
		compare_absent(report, &base, at, name);
	else if (dataset_load(column, &values)) {
		for (size_t i = 0; i < report->blocks_count; i++) {
			struct report_block *block = &report->blocks[i];
			struct report_column *result = &block->columns[at];
			struct report_side current;
			result->name = name;
			set_feature_limits(result, report->input->config, base.feature);
			report_side_take(&current, column, &values, &block->rows, report->hours);
			report_column_compare(result, &base, &current, report->input->config);
			report_side_free(&current);
		}
		dataset_unload(&values);
	}
	profile_feature_free(&own);
	report_side_free(&side);
}

const struct profile_score *
report_score_for(const struct report *report, const struct rows *rows)
{
	const struct profile *profile = report->profile;
	const struct dataset_column *version = report->input->data->version;
	if (profile == NULL || profile->scores_count == 0)
		return NULL;
	const struct profile_score *score = NULL;
	if (version != NULL && rows->count > 0) {
		uint32_t code = version->codes[rows_at(rows, 0)];
		size_t i = 0;
		while (i < rows->count && version->codes[rows_at(rows, i)] == code)
			i++;
		if (i == rows->count && code != DATASET_MISSING)
			score = profile_score_of(profile, version->categories[code]);
	}
	return score != NULL ? score : &profile->scores[profile->scores_count - 1];
}

static void
compare_scores(const struct report *report)
{
	const struct report_input *input = report->input;
	const struct dataset *reference = input->reference;
	struct report_side side = {0}, current;
	const struct dataset_column numbers = {.name = NULL};
	bool values = reference != NULL && reference->score != NULL;
	double limit = NAN;
	if (values) {
		struct rows all = {.count = reference->rows};
		struct dataset_values scores = {.numbers = reference->score};
		report_side_take(&side, &numbers, &scores, &all, NULL);
		limit =
		    report_compat_limit(report->compat, &numbers, &scores, reference->rows, &side);
	}
	for (size_t i = 0; i < report->blocks_count && input->data->score != NULL; i++) {
		struct report_block *block = &report->blocks[i];
		const struct profile_score *score = report_score_for(report, &block->rows);
		if (score == NULL)
			continue;
		struct report_base base = {.known = true,
		    .n = score->score.n,
		    .missing = values ? side.missing : score->score.missing,
		    .feature = &score->score,
		    .side = values ? &side : NULL,
		    .numeric_share = 1,
		    .compat = report->compat,
		    .compat_limit = limit};
		struct report_column *column = &block->score;
		column->name = "score";
		column->limits = verdict_limits_score(input->config);
		column->season.season =
		    season_chosen(input->config->score_season, score->score.season);
		report_side_take_numbers(&current, input->data->score, &block->rows, report->hours);
		report_column_compare(column, &base, &current, input->config);
		report_side_free(&current);
		report_column_judge(column, 1);
		block->scored = true;
	}
	report_side_free(&side);
}

/* Decisions by hour of the week: rows of passed and flagged. */
struct decisions {
	uint64_t flagged, decided, hours[SEASON_HOURS], timed;
	uint32_t table[SEASON_HOURS][2];
};

static void
count_decision(struct decisions *decisions, int decision, uint8_t hour)
{
	if (decision < 0)
		return;
	decisions->decided++;
	decisions->flagged += decision == 1;
	if (hour == REPORT_NO_HOUR)
		return;
	decisions->timed++;
	decisions->hours[hour]++;
	decisions->table[hour][decision]++;
}

static void
count_decisions(struct decisions *decisions, const struct report_input *input,
    const struct dataset *data, const struct rows *rows, const uint8_t *hours)
{
	*decisions = (struct decisions){0};
	for (size_t i = 0; i < rows->count; i++) {
		size_t row = rows_at(rows, i);
		count_decision(decisions, report_decision(input, data, row),
		    hours != NULL ? hours[row] : REPORT_NO_HOUR);
	}
}

static void
take_profile_decisions(struct decisions *decisions, const struct profile_score *score)
{
	*decisions = (struct decisions){.flagged = score->flagged, .decided = score->decided};
	for (size_t i = 0; i < SEASON_HOURS; i++) {
		decisions->table[i][1] = score->hours_flagged[i];
		decisions->table[i][0] = score->hours_decided[i] - score->hours_flagged[i];
		decisions->timed += score->hours_decided[i];
	}
}

static double
share_of(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

/* By what hours: as configured, else by the hour of the week if the reference has two of them. */
static enum season
rate_season(const struct report *report)
{
	const struct profile *profile = report->profile;
	return season_chosen(report->input->config->rate_season,
	    season_of_span(profile->last_ts - profile->first_ts));
}

static void
compare_rates(struct report_rate *rate, const struct report *report, const struct decisions *before,
    const struct decisions *now)
{
	const struct config *config = report->input->config;
	double n = (double)before->decided, flagged = (double)before->flagged, counts[2];
	double p;
	*rate = (struct report_rate){.reference_flagged = before->flagged,
	    .reference_decided = before->decided,
	    .flagged = now->flagged,
	    .decided = now->decided,
	    .season = rate_season(report)};
	rate->z = test_proportions(flagged, n, (double)now->flagged, (double)now->decided);
	p = rate->z.p_value;
	if (before->timed == 0 || before->timed < before->decided || now->timed < now->decided)
		rate->season = SEASON_NONE;
	if (rate->season != SEASON_NONE) {
		rate->lacking =
		    !season_mix(before->table[0], 2, rate->season, now->hours, counts, &n);
		flagged = counts[1];
		rate->season_n = n;
		rate->season_reference = rate->lacking ? NAN : flagged / n;
		rate->season_z =
		    test_proportions(flagged, n, (double)now->flagged, (double)now->decided);
		p = rate->season_z.p_value;
	}
	rate->severity = verdict_rate(n > 0 ? flagged / n : NAN, n,
	    share_of(now->flagged, now->decided), now->decided, p, config->alpha,
	    (uint64_t)config->min_samples, rate->reason, sizeof(rate->reason));
	if (rate->lacking)
		text_copy(
		    rate->reason, sizeof(rate->reason), "the reference has nothing in these hours");
}

static void
compare_decisions(const struct report *report)
{
	const struct report_input *input = report->input;
	struct decisions before = {0}, now;
	if (input->reference != NULL) {
		struct rows all = {.count = input->reference->rows};
		count_decisions(&before, input, input->reference, &all, report->reference_hours);
	}
	for (size_t i = 0; i < report->blocks_count; i++) {
		struct report_block *block = &report->blocks[i];
		const struct profile_score *score = report_score_for(report, &block->rows);
		if (input->reference == NULL && score != NULL)
			take_profile_decisions(&before, score);
		count_decisions(&now, input, input->data, &block->rows, report->hours);
		compare_rates(&block->rate, report, &before, &now);
	}
}

void
report_drift_compare(struct report *report)
{
	if (report->profile == NULL)
		return;
	for (size_t i = 0; i < report->blocks_count; i++)
		report->blocks[i].columns =
		    mem_alloc((report->names_count + 1) * sizeof(*report->blocks[i].columns));
	for (size_t i = 0; i < report->names_count; i++)
		compare_feature(report, i);
	for (size_t i = 0; i < report->blocks_count; i++)
		report_column_judge(report->blocks[i].columns, report->names_count);
	compare_scores(report);
	compare_decisions(report);
}

static void
write_rate(struct jsonw *json, const struct report_rate *rate)
{
	jsonw_open_object(json, "decision_rate");
	jsonw_number(json, "reference", share_of(rate->reference_flagged, rate->reference_decided));
	jsonw_number(json, "current", share_of(rate->flagged, rate->decided));
	report_write_test(json, "z", &rate->z);
	if (rate->season != SEASON_NONE) {
		jsonw_open_object(json, "season");
		jsonw_string(json, "kind", season_name(rate->season));
		jsonw_number(json, "reference", rate->season_reference);
		jsonw_number(json, "n_reference", rate->season_n);
		report_write_test(json, "z", &rate->season_z);
		jsonw_close_object(json);
	}
	jsonw_string(json, "severity", severity_name(rate->severity));
	jsonw_string(json, "reason", rate->reason);
	jsonw_close_object(json);
}

void
report_drift_write(
    struct jsonw *json, const struct report *report, const struct report_block *block)
{
	size_t judged = 0, drifted = 0;
	if (report->profile == NULL) {
		jsonw_null(json, "drift");
		jsonw_null(json, "prediction_drift");
		return;
	}
	jsonw_open_object(json, "drift");
	jsonw_open_array(json, "features");
	for (size_t i = 0; i < report->names_count; i++) {
		const struct report_column *column = &block->columns[i];
		report_column_write(json, NULL, column);
		judged += column->severity != SEVERITY_INSUFFICIENT;
		drifted += column->severity >= SEVERITY_WARNING;
	}
	jsonw_close_array(json);
	const struct config *config = report->input->config;
	double share = judged > 0 ? (double)drifted / (double)judged : NAN;
	enum severity severity = judged == 0			       ? SEVERITY_INSUFFICIENT
				 : share >= config->drift_share_severe ? SEVERITY_CRITICAL
				 : share >= config->drift_share	       ? SEVERITY_WARNING
								       : SEVERITY_OK;
	jsonw_number(json, "share", share);
	if (judged > 0)
		jsonw_bool(json, "dataset_drift", share >= config->drift_share);
	else
		jsonw_null(json, "dataset_drift");
	jsonw_string(json, "severity", severity_name(severity));
	jsonw_close_object(json);
	jsonw_open_object(json, "prediction_drift");
	if (block->scored)
		report_column_write(json, "score", &block->score);
	else
		jsonw_null(json, "score");
	write_rate(json, &block->rate);
	jsonw_close_object(json);
}
