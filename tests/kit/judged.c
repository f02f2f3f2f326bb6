#include "tests/kit/judged.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/stats/calibration.h"
#include "tests/kit/monitored.h"

struct judged judged;

void
judged_restart(void)
{
	monitor_free(judged.monitor);
	judged.monitor = monitor_new(judged.config);
	judged.source = monitor_add_source(judged.monitor);
}

int
judged_set_up(void **state)
{
	(void)state;
	judged.config = config_new();
	clock_freeze(JUDGED_START + 60 * CLOCK_DAY);
	rng_seed(&judged.rng, 42, 54);
	judged.monitor = NULL;
	judged_restart();
	judged.snapshot = NULL;
	return 0;
}

int
judged_tear_down(void **state)
{
	(void)state;
	snapshot_free(judged.snapshot);
	monitor_free(judged.monitor);
	config_free(judged.config);
	return 0;
}

struct judged_row
judged_row(size_t i, double score)
{
	return (struct judged_row){.ts = JUDGED_START + (wall_us)i * CLOCK_SECOND,
	    .score = score,
	    .decision = score >= 0.5,
	    .label = -1,
	    .service = "eu",
	    .segment = ""};
}

void
judged_add(size_t i, const struct judged_row *row)
{
	char id[24];
	snprintf(id, sizeof(id), "r%zu", i);
	struct prediction prediction = monitored_prediction(row->ts);
	prediction.request_id = id;
	prediction.service = row->service;
	prediction.segment = row->segment;
	prediction.score = row->score;
	prediction.decision = row->decision;
	prediction.label = row->label;
	prediction.attributions = row->attributions;
	prediction.attributions_count = row->attributions_count;
	monitored_send(judged.monitor, judged.source, &prediction);
}

void
judged_say(size_t i, int value, wall_us ts)
{
	char id[24];
	snprintf(id, sizeof(id), "r%zu", i);
	struct label label = {.ts = ts, .request_id = id, .value = value};
	monitor_label(judged.monitor, &label);
}

const struct series_view *
judged_look(void)
{
	snapshot_free(judged.snapshot);
	judged.snapshot = monitored_view(judged.monitor);
	assert_true(judged.snapshot->series_count > 0);
	return &judged.snapshot->series[0];
}

void
judged_near(double got, double wanted, double within)
{
	if (!(fabs(got - wanted) <= within))
		print_error("%.17g is not within %g of %.17g\n", got, within, wanted);
	assert_true(fabs(got - wanted) <= within);
}

void
judged_set_reference(size_t n, const char *const *features, const double *attributions)
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
		values[i] = 0.05 + 0.9 * rng_uniform(&judged.rng);
		labels[i] = rng_uniform(&judged.rng) < values[i] * values[i];
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
	monitor_set_profile(judged.monitor, "m", "test", profile);
}
