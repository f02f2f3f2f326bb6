#include "tests/kit/fixture_judged.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/monitor/snapshot.h"

struct metric
fixture_between(double value, double half, uint64_t n)
{
	struct metric metric = metric_ok(value, n);
	metric.low = value - half;
	metric.high = value + half;
	return metric;
}

void
fixture_verdict(struct drift_view *feature, double psi, enum severity severity, uint64_t n)
{
	char times[24];
	if (!feature->categorical && strcmp(feature->name, "hour_of_day") != 0) {
		feature->ks = fixture_between(psi * 0.58, 0.01, n);
		feature->wasserstein = fixture_between(psi * 14.2, 0.12, n);
		feature->wasserstein_norm = fixture_between(psi * 1.42, 0.012, n);
	}
	feature->season =
	    strcmp(feature->name, "hour_of_day") == 0 ? SEASON_HOUR_OF_DAY : SEASON_NONE;
	feature->null_level = 0.0083;
	feature->curve_null_level = 0.0421;
	feature->curve_span_us = 10 * CLOCK_MINUTE;
	feature->chance = psi / 0.0083;
	feature->p_value = psi > 0.1 ? 0 : 0.04;
	feature->p_adjusted = psi > 0.1 ? 0 : 0.08;
	feature->n_reference = feature->season == SEASON_NONE ? 10000 : 1432;
	feature->window_us = CLOCK_HOUR;
	feature->warning = strcmp(feature->name, "score") == 0 ? 0.05 : 0.1;
	feature->critical = 2 * feature->warning;
	feature->severity = severity;
	feature->windows_count = 3;
	feature->windows_confirm = 2;
	feature->windows[0] = feature->windows[1] = severity;
	feature->windows[2] = SEVERITY_OK;
	snprintf(
	    times, sizeof(times), "%.*f times", feature->chance < 9.95 ? 1 : 0, feature->chance);
	snprintf(feature->reason, sizeof(feature->reason),
	    "PSI %.2f, %s what chance gives at n = 2,610%s", psi,
	    feature->chance < 1 ? "within" : times,
	    psi > 0.02 && psi < 0.1 ? "; significant, but small" : "");
}

void
fixture_data(struct data_view *data, bool categorical, double psi, uint64_t n)
{
	data->nulls_reference = metric_share(0, 10000);
	data->nulls = metric_share(psi > 0.3 ? 3 : 0, n);
	data->type_changed = metric_share(0, n);
	data->nonfinite = categorical ? metric_none() : metric_share(0, n);
	data->out_of_range = categorical ? metric_none() : metric_share(psi > 0.3 ? 31 : 0, n);
	data->unseen = categorical ? metric_share(1, n) : metric_none();
	data->severity = SEVERITY_OK;
	if (categorical)
		text_copy(data->unseen_words[0], sizeof(data->unseen_words[0]), "crypto");
	if (psi <= 0.3)
		return;
	data->severity = SEVERITY_WARNING;
	text_copy(data->reason, sizeof(data->reason),
	    "1.2 % are outside of the reference's 0 to 40; 0.1 % warns");
}

/* Scores of `positives` frauds, high, and of the honest, low: what what-if is asked of. */
static struct quality_scores *
fixture_scores(struct snapshot *snapshot, uint64_t positives, uint64_t negatives)
{
	struct quality_scores *scores = snapshot_alloc(snapshot, sizeof(*scores));
	for (uint64_t i = 0; i < positives; i++)
		scores->positives[quality_bin(
		    1 / (1 + exp(-6.0 + 6.8 * (double)i / (double)positives)))]++;
	for (uint64_t i = 0; i < negatives; i++) {
		double at = (double)i / (double)negatives;
		scores->negatives[quality_bin(1 / (1 + exp(9 - 6 * at - 5.5 * pow(at, 40))))]++;
	}
	return scores;
}

static void
fixture_losses(struct quality_view *quality)
{
	uint64_t n = quality->labelled;
	quality->specificity = fixture_between(0.9879, 0.002, n - quality->positives);
	quality->brier = metric_ok(0.01523, n);
	quality->log_loss = metric_ok(0.06131, n);
	quality->ece = metric_ok(0.0072, n);
	quality->ece_count = metric_ok(0.0068, n);
	quality->observed_expected = fixture_between(1.184, 0.09, n);
	quality->label_lag_p90_s = metric_ok(5 * 86400, n);
	quality->early_positives = metric_share(n / 80, n / 10);
	snprintf(quality->reason, sizeof(quality->reason),
	    quality->mature
		? "precision 61.0 %% (reference 92.1 %%), recall 86.0 %% (reference "
		  "87.4 %%); the reference is of version 12"
		: "not judged: labels of 38 %% of the predictions are in, 80 %% needed");
}

static void
fixture_estimate(struct estimate_view *estimate, double precision, double recall, bool muted)
{
	estimate->calibrated = true;
	estimate->muted = muted;
	estimate->n = 6340;
	estimate->precision = fixture_between(precision, 0.021, 6340);
	estimate->recall = fixture_between(recall, 0.027, 6340);
	estimate->fpr = metric_ok(0.0019, 6340);
	estimate->f1 = metric_ok(2 * precision * recall / (precision + recall), 6340);
	estimate->roc_auc = metric_ok(0.9791, 6340);
	estimate->average_precision = metric_ok(0.8702, 6340);
	for (size_t i = 0; i < SNAPSHOT_CURVE; i++) {
		estimate->precision_curve[i] = precision + 0.004 * (double)(i / 12 % 3);
		estimate->recall_curve[i] = recall - 0.004 * (double)(i / 9 % 3);
	}
	text_copy(estimate->assumption, sizeof(estimate->assumption),
	    muted ? "worth nothing: 6.1 % of the scores are outside the reference"
		  : "if fraud behaves as in the reference; scores calibrated on its labels");
}

static void
fixture_stream(struct concept_view *concept, const char *stream, double mean, bool changed)
{
	*concept = (struct concept_view){.stream = stream, .detector = "ADWIN", .n = 58213};
	concept->mean = metric_ok(mean, changed ? 1824 : 41216);
	concept->smallest_change = changed ? 0.0291 : 0.0061;
	concept->before = concept->after = NAN;
	concept->severity = SEVERITY_OK;
	if (!changed)
		return;
	concept->changes = 1;
	concept->changed_at = FIXTURE_NOW - 14 * CLOCK_MINUTE;
	concept->changed_prediction = FIXTURE_NOW - 23 * CLOCK_HOUR;
	concept->before = mean / 3;
	concept->after = mean;
	concept->direction = CHANGE_UP;
	concept->worse = true;
	concept->severity = SEVERITY_WARNING;
}

static void
fixture_groups(struct snapshot *snapshot, struct series_view *series, enum severity severity)
{
	static const char *const names[] = {"retail", "online", "travel", "other"};
	static const uint64_t counts[] = {1402, 803, 315, 90};
	struct bias_view *bias = &series->bias;
	series->cohorts_count = 4;
	series->cohorts = snapshot_alloc(snapshot, sizeof(*series->cohorts) * 4);
	for (size_t i = 0; i < 4; i++) {
		struct cohort_view *cohort = &series->cohorts[i];
		text_copy(cohort->name, sizeof(cohort->name), names[i]);
		cohort->n = cohort->decided = counts[i];
		cohort->flagged = counts[i] * (i + 1) / 90;
		cohort->labelled = counts[i] * 9 / 10;
		cohort->share = metric_ok((double)counts[i] / 2610, 2610);
		cohort->selection_rate = metric_share(cohort->flagged, cohort->decided);
		cohort->precision = metric_share(cohort->flagged * 6 / 10, cohort->flagged);
		cohort->recall = metric_share(cohort->flagged * 6 / 10, cohort->flagged * 7 / 10);
		cohort->fpr = metric_share(cohort->flagged * 4 / 10, cohort->labelled);
	}
	text_copy(bias->by, sizeof(bias->by), "segment");
	bias->demographic_parity_difference = fixture_between(0.0222, 0.012, 1717);
	bias->disparate_impact = fixture_between(0.333, 0.11, 1717);
	bias->equal_opportunity_difference = fixture_between(0.031, 0.09, 97);
	bias->fpr_difference = fixture_between(0.0071, 0.006, 1545);
	for (size_t i = 0; i < 4; i++) {
		text_copy(bias->extremes[i][0], 32, "retail");
		text_copy(bias->extremes[i][1], 32, "travel");
	}
	bias->severity = severity;
	text_copy(bias->reason, sizeof(bias->reason),
	    severity >= SEVERITY_WARNING
		? "disparate impact 0.33 (0.22 to 0.44): all of that is below 4/5"
		: "disparate impact 0.94 (0.81 to 1.09): warns when all of that is below 4/5");
}

static void
fixture_expectation(struct series_view *series, const char *type, const char *column,
    const char *arguments, const char *observed, enum expectation_state state)
{
	struct expectation_view *one = &series->expectations[series->expectations_count++];
	text_copy(one->type, sizeof(one->type), type);
	text_copy(one->column, sizeof(one->column), column);
	text_copy(one->arguments, sizeof(one->arguments), arguments);
	text_copy(one->observed, sizeof(one->observed), observed);
	one->state = state;
	one->n = 2610;
	one->unexpected = state == EXPECTATION_FAILED ? 31 : 0;
}

static void
fixture_expectations(struct snapshot *snapshot, struct series_view *series)
{
	series->expectations = snapshot_alloc(snapshot, sizeof(*series->expectations) * 4);
	fixture_expectation(series, "expect_column_values_to_not_be_null", "amount", "",
	    "none null", EXPECTATION_MET);
	fixture_expectation(series, "expect_column_values_to_be_between", "transactions_24h",
	    "from 0 to 40", "31 of 2,610 outside, the most 66", EXPECTATION_FAILED);
	fixture_expectation(series, "expect_column_values_to_be_in_set", "merchant_category",
	    "grocery, retail, travel, online, other", "all of them", EXPECTATION_MET);
	fixture_expectation(series, "expect_column_pair_values_a_to_be_greater_than_b", "", "",
	    "this version cannot check it", EXPECTATION_UNKNOWN);
	series->attribution.ndcg = metric_ok(0.9613, 500);
	series->attribution.n = 500;
	series->attribution.severity = SEVERITY_OK;
	series->attribution.moved_count = 2;
	text_copy(series->attribution.moved[0].name, SNAPSHOT_NAME, "transactions_24h");
	series->attribution.moved[0].rank_reference = 3;
	series->attribution.moved[0].rank = 1;
	text_copy(series->attribution.moved[1].name, SNAPSHOT_NAME, "amount");
	series->attribution.moved[1].rank_reference = 1;
	series->attribution.moved[1].rank = 2;
}

void
fixture_judged(struct snapshot *snapshot, struct series_view *series, bool bad)
{
	struct quality_view *quality = &series->quality;
	series->decisions = (struct rate_view){.reference = metric_ok(0.0118, 10000),
	    .current = metric_share(bad ? 80 : 32, 2610),
	    .statistic = bad ? 7.6 : 0.2,
	    .p_value = bad ? 3e-14 : 0.84,
	    .season = SEASON_HOUR_OF_WEEK,
	    .severity = bad ? SEVERITY_WARNING : SEVERITY_OK};
	text_copy(series->decisions.reason, SNAPSHOT_WORDS,
	    bad ? "3.07 % flagged, 1.18 % in the reference" : "");
	series->volume = (struct rate_view){.reference = metric_ok(0.71, 4),
	    .current = metric_ok(0.725, 2610),
	    .statistic = NAN,
	    .p_value = NAN,
	    .season = SEASON_HOUR_OF_WEEK,
	    .severity = SEVERITY_OK};
	series->duplicates = metric_share(0, 2610);
	series->data_severity = bad ? SEVERITY_WARNING : SEVERITY_OK;
	series->concept_severity = bad ? SEVERITY_WARNING : SEVERITY_OK;
	fixture_stream(&series->concept[CONCEPT_ERROR], "label error", bad ? 0.0631 : 0.0202, bad);
	fixture_stream(&series->concept[CONCEPT_DECISION_RATE], "decision rate", 0.0121, false);
	fixture_stream(&series->concept[CONCEPT_SCORE_MEAN], "score mean", 0.0418, false);
	quality->scores =
	    fixture_scores(snapshot, quality->positives, quality->labelled - quality->positives);
	fixture_losses(quality);
	fixture_estimate(&series->estimated, bad ? 0.905 : 0.912, bad ? 0.861 : 0.868, bad);
	fixture_groups(snapshot, series, bad ? SEVERITY_WARNING : SEVERITY_OK);
	if (bad)
		fixture_expectations(snapshot, series);
}
