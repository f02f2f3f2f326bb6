/* quality_rows.h: rows with scores, decisions and labels, fed to a monitor: for the tests of what
 * it says of them. */
#ifndef FRAUDTOP_TESTS_QUALITY_ROWS_H
#define FRAUDTOP_TESTS_QUALITY_ROWS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/base/text.h"
#include "core/monitor/monitor.h"
#include "core/stats/calibration.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

struct row {
	wall_us ts;
	double score;
	int decision, label;
	const char *service, *segment;
	struct feature_value attributions[3];
	size_t attributions_count;
};

static struct config *config;
static struct monitor *monitor;
static size_t source;
static struct rng rng;
static struct snapshot *snapshot;

static inline void
restart(void)
{
	monitor_free(monitor);
	monitor = monitor_new(config);
	source = monitor_add_source(monitor);
}

static inline int
set_up(void **state)
{
	(void)state;
	config = config_new();
	clock_freeze(START + 60 * CLOCK_DAY);
	rng_seed(&rng, 42, 54);
	monitor = NULL;
	restart();
	snapshot = NULL;
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	snapshot_free(snapshot);
	monitor_free(monitor);
	config_free(config);
	return 0;
}

static inline struct row
row_of(size_t i, double score)
{
	return (struct row){.ts = START + (wall_us)i * CLOCK_SECOND,
	    .score = score,
	    .decision = score >= 0.5,
	    .label = -1,
	    .service = "eu",
	    .segment = ""};
}

static inline void
add(size_t i, const struct row *row)
{
	char id[24];
	snprintf(id, sizeof(id), "r%zu", i);
	struct prediction prediction = {.ts = row->ts,
	    .request_id = id,
	    .service = row->service,
	    .model = "m",
	    .version = "1",
	    .segment = row->segment,
	    .score = row->score,
	    .threshold = 0.5,
	    .decision = row->decision,
	    .latency_ms = 10,
	    .status = 200,
	    .label = row->label,
	    .attributions = row->attributions,
	    .attributions_count = row->attributions_count};
	struct err err = {0};
	assert_int_equal(
	    monitor_prediction(monitor, source, &prediction, "", "", &err), MONITOR_ACCEPTED);
}

static inline void
say(size_t i, int value, wall_us ts)
{
	char id[24];
	snprintf(id, sizeof(id), "r%zu", i);
	struct label label = {.ts = ts, .request_id = id, .value = value};
	monitor_label(monitor, &label);
}

static inline const struct series_view *
look(void)
{
	snapshot_free(snapshot);
	snapshot = snapshot_new();
	monitor_tick(monitor);
	monitor_view(monitor, snapshot);
	assert_true(snapshot->series_count > 0);
	return &snapshot->series[0];
}

static inline void
assert_near(double got, double wanted, double within)
{
	if (!(fabs(got - wanted) <= within))
		print_error("%.17g is not within %g of %.17g\n", got, within, wanted);
	assert_true(fabs(got - wanted) <= within);
}

/* A profile of even scores whose labels are drawn by P(label | score) = score^2. */
static inline void
set_reference(size_t n, const char *const *features, const double *attributions)
{
	struct profile *profile = mem_alloc(sizeof(*profile));
	text_copy(profile->model, sizeof(profile->model), "m");
	profile->records = n;
	profile->scores = mem_alloc(sizeof(*profile->scores));
	profile->scores_count = 1;
	struct profile_score *score = profile->scores;
	text_copy(score->version, sizeof(score->version), "1");
	double *values = mem_alloc(n * sizeof(*values));
	int8_t *labels = mem_alloc(n * sizeof(*labels));
	for (size_t i = 0; i < n; i++) {
		values[i] = 0.05 + 0.9 * rng_uniform(&rng);
		labels[i] = rng_uniform(&rng) < values[i] * values[i];
		bool flagged = values[i] >= 0.5;
		uint64_t *cells[] = {&score->tn, &score->fn, &score->fp, &score->tp};
		++*cells[2 * flagged + labels[i]];
		score->flagged += flagged;
	}
	score->decided = score->labelled = n;
	calibration_fit(&score->calibration, values, labels, n);
	score->calibrated = true;
	profile_feature_from_numbers(&score->score, "score", values, n);
	free(values);
	free(labels);
	for (size_t i = 0; features != NULL && features[i] != NULL; i++) {
		profile->features = mem_grow(profile->features, i + 1, sizeof(*profile->features));
		struct profile_feature *feature = &profile->features[i];
		double numbers[] = {1, 2, 3};
		profile_feature_init(feature, features[i]);
		profile_feature_from_numbers(feature, features[i], numbers, 3);
		feature->attribution = attributions[i];
		profile->features_count = i + 1;
	}
	monitor_set_profile(monitor, "m", "test", profile);
}

#endif
