/* report_column.c: see report_column.h. What rests on bins takes those of the reference; KS,
 * Wasserstein, Anderson-Darling and z take the values themselves. Against a profile KS and
 * Wasserstein bear the bound of its bins. */
#include "core/report/report_column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stats/divergence.h"
#include "core/stats/multiple.h"
#include "core/stats/wasserstein.h"

/* The share of a block's values whose hour must be known for a season. */
#define TIMED_LEAST 0.99

static struct test_result
no_test(void)
{
	return (struct test_result){NAN, NAN, NAN, NAN, NAN};
}

/* Counts of both sides in the reference's fine bins. */
struct counts {
	double *reference, *current;
};

static struct counts
count_fine(const struct profile_feature *feature, const struct report_side *side)
{
	const struct bins *bins = &feature->bins;
	struct counts counts = {
	    mem_alloc(bins->count * sizeof(double)), mem_alloc(bins->count * sizeof(double))};
	for (size_t i = 0; i < bins->count; i++)
		counts.reference[i] = (double)feature->counts[i];
	for (size_t i = 0; i < side->words_count; i++)
		counts.current[bins_find_word(bins, side->words[i].text)] +=
		    (double)side->words[i].count;
	for (uint64_t i = 0; i < side->n && !side->categorical; i++)
		counts.current[bins_find_number(bins, side->numbers[i])]++;
	return counts;
}

/* The bins keep the common words alone, so a word that is new counts as `other`. Where the
 * reference's own words are there, and more are new than its rare ones explain, they are unseen. */
static void
part_unseen(struct counts *counts, const struct bins *bins, const struct report_data *data)
{
	if (!bins->has_other || !data->unseen_known || !data->unseen_beyond)
		return;
	counts->current[bins->count - 2] -= (double)data->unseen;
	counts->current[bins->count - 1] += (double)data->unseen;
}

static void
compare_bins(
    struct report_column *column, const struct bins *bins, const double *reference, double *current)
{
	size_t used = bins_in_use_real(bins, reference, current);
	column->psi = divergence_psi(reference, current, used, ZERO_JEFFREYS);
	column->kl = divergence_kl(reference, current, used, ZERO_JEFFREYS);
	column->js = divergence_js_distance(reference, current, used);
	column->hellinger = divergence_hellinger(reference, current, used);
	column->linf = divergence_linf(reference, current, used);
	column->tvd = divergence_tvd(reference, current, used);
	column->chi2 = test_chi2_merged(reference, current, used);
	column->null_level =
	    divergence_psi_null((double)column->n_reference, (double)column->n_current, used);
}

static void
compare_season(struct report_column *column, const struct profile_feature *feature,
    const struct report_side *side, const double *current)
{
	struct report_season *season = &column->season;
	const struct bins *bins = &feature->bins;
	if (season->season == SEASON_NONE || feature->hours == NULL ||
	    (double)side->timed < TIMED_LEAST * (double)side->n || side->timed == 0) {
		season->season = SEASON_NONE;
		return;
	}
	double *mixed = mem_alloc(bins->coarse_count * sizeof(*mixed));
	season->lacking = !season_mix(feature->hours, bins->coarse_count, season->season,
	    side->hours, mixed, &season->n_reference);
	if (season->lacking) {
		season->psi = season->null_level = season->p_chi2 = NAN;
	} else {
		size_t used = bins_in_use_real(bins, mixed, current);
		season->psi = divergence_psi(mixed, current, used, ZERO_JEFFREYS);
		season->null_level =
		    divergence_psi_null(season->n_reference, (double)column->n_current, used);
		season->p_chi2 = test_chi2_merged(mixed, current, used).p_value;
	}
	free(mixed);
}

static void
compare_values(
    struct report_column *column, const struct report_base *base, const struct report_side *current)
{
	const double *const samples[] = {base->side->numbers, current->numbers};
	const size_t sizes[] = {base->side->n, current->n};
	column->ks = test_ks(samples[0], sizes[0], samples[1], sizes[1]);
	column->anderson = test_anderson(samples, sizes, 2, 1, NULL);
	column->wasserstein = wasserstein(samples[0], sizes[0], samples[1], sizes[1]);
	column->wasserstein_low = column->wasserstein_high = column->wasserstein;
}

static void
compare_fine(struct report_column *column, const struct profile_feature *feature,
    const struct report_side *current, const struct counts *counts)
{
	if (current->n == 0)
		return;
	struct wasserstein_binned binned =
	    wasserstein_bins(&feature->bins, counts->reference, feature->low, feature->high,
		counts->current, current->numbers[0], current->numbers[current->n - 1]);
	column->ks = test_ks_bins(&feature->bins, counts->reference, counts->current);
	column->wasserstein = binned.distance;
	column->wasserstein_low = binned.low;
	column->wasserstein_high = binned.high;
}

static uint64_t
count_equal(const struct report_side *side, double value)
{
	uint64_t count = 0;
	for (uint64_t i = 0; i < side->n; i++)
		count += side->numbers[i] == value;
	return count;
}

/* The greater value's share, where both sides together have no more than two values, or one of 0
 * and 1. */
static struct test_result
z_of_numbers(const struct report_base *base, const struct report_side *current)
{
	const struct bins *bins = &base->feature->bins;
	double low = base->feature->low, high = base->feature->high, before;
	low = fmin(low, current->numbers[0]);
	high = fmax(high, current->numbers[current->n - 1]);
	if (low == high && (low == 0 || low == 1)) {
		low = 0;
		high = 1;
	}
	if (low == high || bins->kind != BINS_VALUES || bins->count > 3 ||
	    count_equal(current, low) + count_equal(current, high) != current->n)
		return no_test();
	for (size_t i = 0; i + 1 < bins->count; i++) {
		if (bins->edges[i] != low && bins->edges[i] != high)
			return no_test();
	}
	size_t bin = bins_find_number(bins, high);
	before = bin + 1 < bins->count ? (double)base->feature->counts[bin] : 0;
	return test_proportions(
	    before, (double)base->n, (double)count_equal(current, high), (double)current->n);
}

/* The same of the word that is last by its letters. */
static struct test_result
z_of_words(const struct report_base *base, const struct report_side *current)
{
	const struct bins *bins = &base->feature->bins;
	const char *words[3];
	size_t count = 0;
	if (bins->has_other || bins->count > 3)
		return no_test();
	for (size_t i = 0; i + 1 < bins->count; i++)
		words[count++] = bins->categories[i];
	for (size_t i = 0; i < current->words_count && count < 3; i++) {
		if (bins_find_word(bins, current->words[i].text) + 1 == bins->count)
			words[count++] = current->words[i].text;
	}
	if (count != 2)
		return no_test();
	const char *last = strcmp(words[0], words[1]) > 0 ? words[0] : words[1];
	size_t bin = bins_find_word(bins, last);
	double before = bin + 1 < bins->count ? (double)base->feature->counts[bin] : 0, now = 0;
	for (size_t i = 0; i < current->words_count; i++) {
		if (strcmp(current->words[i].text, last) == 0)
			now = (double)current->words[i].count;
	}
	return test_proportions(before, (double)base->n, now, (double)current->n);
}

static void
compare_sides(
    struct report_column *column, const struct report_base *base, const struct report_side *current)
{
	const struct profile_feature *feature = base->feature;
	const struct bins *bins = &feature->bins;
	struct counts counts = count_fine(feature, current);
	part_unseen(&counts, bins, &column->data);
	double *reference = mem_alloc(bins->coarse_count * sizeof(*reference));
	double *coarse = mem_alloc(bins->coarse_count * sizeof(*coarse));
	bins_to_coarse_real(bins, counts.reference, reference);
	bins_to_coarse_real(bins, counts.current, coarse);
	compare_bins(column, bins, reference, coarse);
	compare_season(column, feature, current, coarse);
	if (!current->categorical && base->side != NULL)
		compare_values(column, base, current);
	else if (!current->categorical)
		compare_fine(column, feature, current, &counts);
	column->wasserstein_norm = wasserstein_normed(column->wasserstein, feature->deviation);
	if (current->n > 0)
		column->z =
		    current->categorical ? z_of_words(base, current) : z_of_numbers(base, current);
	if (base->side != NULL && base->compat != COMPAT_NONE) {
		column->compat = base->compat;
		column->compat_verdict =
		    report_compat(base->compat, base->side, current, base->compat_limit);
	}
	free(reference);
	free(coarse);
	free(counts.reference);
	free(counts.current);
}

void
report_column_compare(struct report_column *column, const struct report_base *base,
    struct report_side *current, const struct config *config)
{
	column->psi = column->null_level = column->kl = column->js = column->hellinger = NAN;
	column->linf = column->tvd = column->wasserstein = column->wasserstein_norm = NAN;
	column->wasserstein_low = column->wasserstein_high = NAN;
	column->ks = column->chi2 = column->z = column->anderson = no_test();
	double numeric = report_side_numeric_share(current);
	bool absent = column->absent;
	bool words = base->feature != NULL && base->feature->bins.kind == BINS_CATEGORIES_KIND;
	if (base->feature != NULL && words)
		report_side_to_words(current);
	else if (base->feature != NULL)
		report_side_to_numbers(current);
	column->categorical = current->categorical;
	column->in_reference = base->known;
	column->n_reference = base->n;
	column->missing_reference = base->missing;
	column->n_current = current->n;
	column->missing_current = current->missing;
	column->data =
	    report_data_of(base, current, numeric, absent, config, column->limits.min_samples);
	bool comparable = base->feature != NULL && words == current->categorical && !absent;
	if (comparable)
		compare_sides(column, base, current);
	else
		column->season.season = SEASON_NONE;
	bool seasonal = column->season.season != SEASON_NONE;
	column->evidence =
	    (struct verdict_evidence){.psi = seasonal ? column->season.psi : column->psi,
		.null_level = seasonal ? column->season.null_level : column->null_level,
		.p_chi2 = seasonal ? column->season.p_chi2 : column->chi2.p_value,
		.p_ks = seasonal ? NAN : column->ks.p_value,
		.n_reference = seasonal ? column->season.n_reference : (double)column->n_reference,
		.n_current = column->n_current};
}

static void
find_reason(struct report_column *column)
{
	const struct report_season *season = &column->season;
	char words[sizeof(column->reason)];
	if (column->absent || !column->in_reference) {
		text_copy(column->reason, sizeof(column->reason), column->data.reason);
		return;
	}
	if (season->season != SEASON_NONE && season->lacking) {
		text_copy(column->reason, sizeof(column->reason),
		    "the reference has nothing in these hours");
		return;
	}
	verdict_words(&column->evidence, column->p_adjusted, &column->limits, &column->severity, 1,
	    1, words, sizeof(words));
	text_copy(column->reason, sizeof(column->reason), words);
	if (season->season != SEASON_NONE)
		text_append(
		    column->reason, sizeof(column->reason), ", by %s", season_name(season->season));
}

void
report_column_judge(struct report_column *columns, size_t count)
{
	double *p = mem_alloc((count + 1) * sizeof(*p));
	for (size_t i = 0; i < count; i++)
		p[i] = verdict_p(&columns[i].evidence, &columns[i].limits);
	multiple_bh(p, p, count);
	for (size_t i = 0; i < count; i++) {
		struct report_column *column = &columns[i];
		column->p_adjusted = p[i];
		column->severity = verdict_of(&column->evidence, p[i], &column->limits);
		find_reason(column);
	}
	free(p);
}

void
report_write_test(struct jsonw *json, const char *key, const struct test_result *test)
{
	jsonw_open_object(json, key);
	jsonw_number(json, "statistic", test->statistic);
	jsonw_number(json, "p_value", test->p_value);
	jsonw_close_object(json);
}

static void
write_count(struct jsonw *json, const char *key, uint64_t count, bool known)
{
	if (known)
		jsonw_int(json, key, (int64_t)count);
	else
		jsonw_null(json, key);
}

/* Bounds of what rests on a profile's bins. */
static void
write_bounds(struct jsonw *json, const char *key, double low, double high)
{
	if (isnan(low) || low == high)
		return;
	jsonw_open_array(json, key);
	jsonw_number(json, NULL, low);
	jsonw_number(json, NULL, high);
	jsonw_close_array(json);
}

static void
write_tests(struct jsonw *json, const struct report_column *column)
{
	report_write_test(json, "ks", &column->ks);
	write_bounds(json, "ks_bounds", column->ks.low, column->ks.high);
	jsonw_open_object(json, "chi2");
	jsonw_number(json, "statistic", column->chi2.statistic);
	jsonw_number(json, "dof", column->chi2.dof);
	jsonw_number(json, "p_value", column->chi2.p_value);
	jsonw_close_object(json);
	report_write_test(json, "z", &column->z);
	jsonw_open_object(json, "anderson");
	jsonw_number(json, "statistic", column->anderson.statistic);
	jsonw_number(json, "p_value", column->anderson.p_value);
	jsonw_string(json, "p_value_is",
	    isnan(column->anderson.p_value) ? NULL : test_anderson_mark(column->anderson.p_value));
	jsonw_close_object(json);
}

static void
write_season(struct jsonw *json, const struct report_season *season)
{
	if (season->season == SEASON_NONE)
		return;
	jsonw_open_object(json, "season");
	jsonw_string(json, "kind", season_name(season->season));
	jsonw_number(json, "psi", season->psi);
	jsonw_number(json, "psi_no_drift_level", season->null_level);
	jsonw_number(json, "n_reference", season->n_reference);
	jsonw_close_object(json);
}

static void
write_compat(struct jsonw *json, const struct report_column *column)
{
	const struct compat_verdict *verdict = &column->compat_verdict;
	if (column->compat == COMPAT_NONE)
		return;
	jsonw_open_object(json, "compat");
	jsonw_string(json, "tool", compat_name(column->compat));
	jsonw_string(json, "test", verdict->test[0] != '\0' ? verdict->test : NULL);
	jsonw_number(json, "value", verdict->value);
	jsonw_number(json, "threshold", verdict->threshold);
	if (verdict->drifted >= 0)
		jsonw_bool(json, "drifted", verdict->drifted == 1);
	else
		jsonw_null(json, "drifted");
	jsonw_close_object(json);
}

void
report_column_write(struct jsonw *json, const char *key, const struct report_column *column)
{
	jsonw_open_object(json, key);
	jsonw_string(json, "name", column->name);
	jsonw_string(json, "kind", column->categorical ? "categorical" : "numeric");
	write_count(json, "n_reference", column->n_reference, column->in_reference);
	jsonw_int(json, "n_current", (int64_t)column->n_current);
	write_count(json, "missing_reference", column->missing_reference, column->in_reference);
	jsonw_int(json, "missing_current", (int64_t)column->missing_current);
	jsonw_number(json, "psi", column->psi);
	jsonw_number(json, "psi_no_drift_level", column->null_level);
	jsonw_number(json, "kl", column->kl);
	jsonw_number(json, "js_distance", column->js);
	jsonw_number(json, "hellinger", column->hellinger);
	jsonw_number(json, "linf", column->linf);
	jsonw_number(json, "tvd", column->tvd);
	jsonw_number(json, "wasserstein", column->wasserstein);
	write_bounds(json, "wasserstein_bounds", column->wasserstein_low, column->wasserstein_high);
	jsonw_number(json, "wasserstein_norm", column->wasserstein_norm);
	write_tests(json, column);
	write_season(json, &column->season);
	write_compat(json, column);
	jsonw_number(json, "p_adjusted", column->p_adjusted);
	jsonw_string(json, "severity", severity_name(column->severity));
	jsonw_string(json, "reason", column->reason);
	report_data_write(json, &column->data, column->n_current);
	jsonw_close_object(json);
}
