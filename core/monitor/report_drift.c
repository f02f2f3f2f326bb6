/* report_drift.c: drift of whole columns, exact: PSI, JS and chi-square on the reference's bins, KS
 * on the values themselves where the reference is data (a profile has only bins: then KS bears its
 * bound). */
#include "core/monitor/report_drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/monitor/snapshot.h"
#include "core/stats/drift.h"

struct side { /* one side of a comparison: either a column's values, or a profile's feature */
	double *numbers; /* present ones; NULL if categorical or of a profile */
	size_t n, missing;
};

struct comparison {
	const char *name;
	bool categorical, comparable;
	bool in_reference; /* the reference has such a column, be it empty */
	struct side reference, current;
	struct profile_feature feature; /* bins and counts of the reference */
	bool own_feature;
	uint64_t *counts; /* the current data in the reference's fine bins */
	double warning, critical;
};

static void
limits_of(const struct config *config, struct comparison *c, bool score)
{
	c->warning = score ? config->score_psi_warning : config->psi_warning;
	c->critical = score ? config->score_psi_critical : config->psi_critical;
	for (size_t i = 0; !score && i < config->features_count; i++) {
		const struct config_feature *feature = &config->features[i];
		if (strcmp(feature->name, c->name) != 0)
			continue;
		c->warning = isnan(feature->warning) ? c->warning : feature->warning;
		c->critical = isnan(feature->critical) ? c->critical : feature->critical;
	}
}

static void
take_numbers(struct side *side, const double *values, const struct rows *rows, size_t all)
{
	size_t count = rows != NULL ? rows->count : all;
	side->numbers = mem_grow(NULL, count, sizeof(*side->numbers));
	for (size_t i = 0; i < count; i++) {
		double value = values[rows != NULL ? rows->list[i] : i];
		if (isfinite(value))
			side->numbers[side->n++] = value;
		else
			side->missing++;
	}
}

static void
count_numbers(struct comparison *c)
{
	const struct bins *bins = &c->feature.bins;
	c->counts = mem_alloc(bins->count * sizeof(*c->counts));
	for (size_t i = 0; i < c->current.n; i++)
		c->counts[bins_find_number(bins, c->current.numbers[i])]++;
}

static void
count_words(struct comparison *c, const struct dataset_column *column, const struct rows *rows)
{
	const struct bins *bins = &c->feature.bins;
	c->counts = mem_alloc(bins->count * sizeof(*c->counts));
	size_t *bin_of = mem_grow(NULL, column->categories_count, sizeof(*bin_of));
	for (size_t i = 0; i < column->categories_count; i++)
		bin_of[i] = bins_find_word(bins, column->categories[i]);
	for (size_t i = 0; i < rows->count; i++) {
		uint32_t code = column->codes[rows->list[i]];
		if (code != DATASET_MISSING)
			c->counts[bin_of[code]]++;
	}
	free(bin_of);
}

static void
take_current(struct comparison *c, const struct dataset_column *column, const struct rows *rows)
{
	if (!column->categorical) {
		take_numbers(&c->current, column->numbers, rows, 0);
		return;
	}
	for (size_t i = 0; i < rows->count; i++) {
		bool missing = column->codes[rows->list[i]] == DATASET_MISSING;
		c->current.missing += missing;
		c->current.n += !missing;
	}
}

/* Makes ready what the reference knows of a column: bins and, if it is data, values. */
static bool
take_reference(
    struct comparison *c, const struct report_input *input, const struct dataset_column *column)
{
	if (input->profile != NULL) {
		const struct profile_feature *feature =
		    profile_feature_of(input->profile, column->name);
		if (feature == NULL)
			return false;
		c->feature = *feature;
	} else {
		const struct dataset_column *other =
		    dataset_feature(input->reference, column->name);
		if (other == NULL)
			return false;
		c->own_feature = true;
		bool present =
		    profile_feature_from_column(&c->feature, other, input->reference->rows);
		if (present && !other->categorical)
			take_numbers(&c->reference, other->numbers, NULL, input->reference->rows);
	}
	c->in_reference = true;
	c->reference.n = c->feature.n;
	c->reference.missing = c->feature.missing;
	if (c->feature.n == 0) /* nothing but nulls: there are no bins */
		return false;
	c->comparable = (c->feature.bins.kind == BINS_CATEGORIES_KIND) == column->categorical;
	return true;
}

static void
release(struct comparison *c)
{
	if (c->own_feature)
		profile_feature_free(&c->feature);
	free(c->reference.numbers);
	free(c->current.numbers);
	free(c->counts);
}

static void
write_test(struct jsonw *json, const char *key, const struct drift_test *test, bool with_dof)
{
	jsonw_open_object(json, key);
	jsonw_number(json, "statistic", test->statistic);
	if (with_dof)
		jsonw_number(json, "dof", test->dof);
	jsonw_number(json, "p_value", test->p_value);
	jsonw_close_object(json);
}

static void
write_count(struct jsonw *json, const char *key, size_t count, bool known)
{
	if (known)
		jsonw_int(json, key, (int64_t)count);
	else
		jsonw_null(json, key);
}

static enum severity
severity_of(const struct comparison *c, double psi, double null_level, int64_t min_samples)
{
	if (isnan(psi) || c->reference.n < (uint64_t)min_samples ||
	    c->current.n < (uint64_t)min_samples)
		return SEVERITY_INSUFFICIENT;
	if (psi < c->warning || psi <= null_level)
		return SEVERITY_OK;
	return psi >= c->critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

/* Writes the object of one column; `key` NULL inside an array. */
static enum severity
write_comparison(
    struct jsonw *json, const char *key, struct comparison *c, const struct config *config)
{
	static const struct drift_test unknown = {NAN, NAN, NAN, NAN, NAN};
	static const char *const later[] = {"wasserstein", "wasserstein_norm"};
	const struct bins *bins = &c->feature.bins;
	uint64_t reference[BINS_MAX + 1], current[BINS_MAX + 1];
	double psi = NAN, js = NAN, null_level = NAN;
	struct drift_test ks = unknown, chi2 = unknown;
	if (c->comparable) {
		bins_to_coarse(bins, c->feature.counts, reference);
		bins_to_coarse(bins, c->counts, current);
		size_t coarse = bins_in_use(bins, reference, current);
		psi = drift_psi(reference, current, coarse);
		js = drift_js_distance(reference, current, coarse);
		chi2 = drift_chi2(reference, current, coarse);
		null_level = drift_psi_null(c->reference.n, c->current.n, coarse);
		if (c->reference.numbers != NULL && c->current.n > 0)
			ks = drift_ks(
			    c->reference.numbers, c->reference.n, c->current.numbers, c->current.n);
		else if (!c->categorical)
			ks = drift_ks_bins(bins, c->feature.counts, c->counts);
	}
	enum severity severity = severity_of(c, psi, null_level, config->min_samples);
	jsonw_open_object(json, key);
	jsonw_string(json, "name", c->name);
	jsonw_string(json, "kind", c->categorical ? "categorical" : "numeric");
	write_count(json, "n_reference", c->reference.n, c->in_reference);
	write_count(json, "n_current", c->current.n, true);
	write_count(json, "missing_reference", c->reference.missing, c->in_reference);
	write_count(json, "missing_current", c->current.missing, true);
	jsonw_number(json, "psi", psi);
	jsonw_number(json, "psi_no_drift_level", null_level);
	jsonw_null(json, "kl");
	jsonw_number(json, "js_distance", js);
	jsonw_null(json, "hellinger");
	for (size_t i = 0; i < 2; i++)
		jsonw_null(json, later[i]);
	write_test(json, "ks", &ks, false);
	write_test(json, "chi2", &chi2, true);
	write_test(json, "z", &unknown, false);
	write_test(json, "anderson", &unknown, false);
	jsonw_string(json, "severity", severity_name(severity));
	jsonw_close_object(json);
	return severity;
}

static enum severity
write_column(struct jsonw *json, const struct report_input *input, const struct rows *rows,
    const struct dataset_column *column)
{
	struct comparison c = {.name = column->name, .categorical = column->categorical};
	limits_of(input->config, &c, false);
	bool known = take_reference(&c, input, column);
	take_current(&c, column, rows);
	c.comparable &= known;
	if (c.comparable && column->categorical)
		count_words(&c, column, rows);
	else if (c.comparable)
		count_numbers(&c);
	enum severity severity = write_comparison(json, NULL, &c, input->config);
	release(&c);
	return severity;
}

static void
write_features(struct jsonw *json, const struct report_input *input, const struct rows *rows)
{
	size_t judged = 0, drifted = 0;
	jsonw_open_object(json, "drift");
	jsonw_open_array(json, "features");
	for (size_t i = 0; i < input->data->features_count; i++) {
		enum severity severity = write_column(json, input, rows, &input->data->features[i]);
		judged += severity != SEVERITY_INSUFFICIENT;
		drifted += severity >= SEVERITY_WARNING;
	}
	jsonw_close_array(json);
	double share = judged > 0 ? (double)drifted / (double)judged : NAN;
	jsonw_number(json, "share", share);
	if (judged > 0)
		jsonw_bool(json, "dataset_drift", share >= input->config->drift_share);
	else
		jsonw_null(json, "dataset_drift");
	jsonw_close_object(json);
}

/* The scores of a profile to compare with: those of the rows' version if they are of one, else the
 * profile's newest. NULL: it has none. */
static const struct profile_score *
profile_score_for(const struct report_input *input, const struct rows *rows)
{
	const struct profile *profile = input->profile;
	const struct dataset_column *version = input->data->version;
	if (profile == NULL || profile->scores_count == 0)
		return NULL;
	const struct profile_score *score = NULL;
	if (version != NULL && rows->count > 0) {
		uint32_t code = version->codes[rows->list[0]];
		size_t i = 0;
		while (i < rows->count && version->codes[rows->list[i]] == code)
			i++;
		if (i == rows->count && code != DATASET_MISSING)
			score = profile_score_of(profile, version->categories[code]);
	}
	return score != NULL ? score : &profile->scores[profile->scores_count - 1];
}

static bool
take_score_reference(
    struct comparison *c, const struct report_input *input, const struct rows *rows)
{
	const struct dataset *reference = input->reference;
	if (reference != NULL && reference->score != NULL) {
		c->own_feature = true;
		take_numbers(&c->reference, reference->score, NULL, reference->rows);
		return profile_feature_from_numbers(
		    &c->feature, "score", reference->score, reference->rows);
	}
	const struct profile_score *score = profile_score_for(input, rows);
	if (score != NULL)
		c->feature = score->score;
	return score != NULL;
}

static void
count_decisions(const struct report_input *input, const struct dataset *data,
    const struct rows *rows, uint64_t *flagged, uint64_t *decided)
{
	size_t count = rows != NULL ? rows->count : data->rows;
	for (size_t i = 0; i < count; i++) {
		int decision = report_decision(input, data, rows != NULL ? rows->list[i] : i);
		*decided += decision >= 0;
		*flagged += decision == 1;
	}
}

static void
write_decision_rate(struct jsonw *json, const struct report_input *input, const struct rows *rows)
{
	uint64_t flagged = 0, decided = 0, base_flagged = 0, base_decided = 0;
	count_decisions(input, input->data, rows, &flagged, &decided);
	if (input->reference != NULL)
		count_decisions(input, input->reference, NULL, &base_flagged, &base_decided);
	const struct profile_score *score = profile_score_for(input, rows);
	if (input->reference == NULL && score != NULL) {
		base_flagged = score->flagged;
		base_decided = score->decided;
	}
	struct drift_test z = drift_ztest(base_flagged, base_decided, flagged, decided);
	jsonw_open_object(json, "decision_rate");
	jsonw_number(json, "reference",
	    base_decided > 0 ? (double)base_flagged / (double)base_decided : NAN);
	jsonw_number(json, "current", decided > 0 ? (double)flagged / (double)decided : NAN);
	write_test(json, "z", &z, false);
	jsonw_null(json, "severity");
	jsonw_close_object(json);
}

void
report_write_drift(struct jsonw *json, const struct report_input *input, const struct rows *rows)
{
	bool known = input->reference != NULL || input->profile != NULL;
	if (!known) {
		jsonw_null(json, "drift");
		jsonw_null(json, "prediction_drift");
		return;
	}
	write_features(json, input, rows);
	jsonw_open_object(json, "prediction_drift");
	struct comparison c = {.name = "score"};
	limits_of(input->config, &c, true);
	if (input->data->score != NULL && take_score_reference(&c, input, rows)) {
		c.comparable = c.in_reference = true;
		c.reference.n = c.feature.n;
		c.reference.missing = c.feature.missing;
		take_numbers(&c.current, input->data->score, rows, 0);
		count_numbers(&c);
		write_comparison(json, "score", &c, input->config);
	} else {
		jsonw_null(json, "score");
	}
	release(&c);
	write_decision_rate(json, input, rows);
	jsonw_close_object(json);
}
