/* report_large.c: a report of data that are not kept whole is that of all of them: the same from
 * disk as from memory, and by a profile the same bins and bounds for the rest. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/rng.h"
#include "tests/kit/report_json.h"

static struct config *config;
static struct dataset data, reference;

static int
set_up(void **state)
{
	(void)state;
	config = config_new();
	config->min_samples = 1;
	data = reference = (struct dataset){0};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	config_free(config);
	dataset_free(&data);
	dataset_free(&reference);
	return 0;
}

/* One month beside another, moved in x, with a word among the numbers of `late`. */
static void
make_months(void)
{
	struct rng rng;
	rng_seed(&rng, 42, 54);
	for (int side = 0; side < 2; side++) {
		struct buf text = {0};
		buf_puts(&text, "i,t,p,y,v,s,x,k,late\n");
		for (int i = 0; i < 3000; i++) {
			double score = rng_uniform(&rng);
			buf_printf(&text, "%d,%d,%.4f,%d,v%d,s%d,", i, 1704067200 + i * 600, score,
			    rng_uniform(&rng) < score, i % 3, i % 5);
			buf_printf(
			    &text, "%.6g,k%u,", rng_normal(&rng) + side * 0.3, rng_below(&rng, 7));
			buf_printf(&text, i == 2900 ? "word\n" : "%d\n", i % 40);
		}
		report_json_read(side ? &data : &reference, text.data,
		    &(struct dataset_options){.score = "p",
			.label = "y",
			.id = "i",
			.time = "t",
			.version = "v",
			.segment = "s"});
		buf_free(&text);
	}
}

static char *
whole_report(void)
{
	struct report_input input = {
	    .data = &data, .reference = &reference, .threshold = 0.5, .config = config};
	struct buf out = {0};
	struct err err = {0};
	assert_true(report_write(&input, false, &out, &err));
	return out.data;
}

static void
a_report_from_disk_is_the_report_from_memory_bit_for_bit(void **state)
{
	(void)state;
	snprintf(config->cohort_by, sizeof(config->cohort_by), "late");
	snprintf(config->compat, sizeof(config->compat), "nannyml");
	make_months();
	char *whole = whole_report();
	dataset_free(&data);
	dataset_free(&reference);
	data.budget = reference.budget = 1;
	make_months();
	assert_true(data.scratch != NULL && reference.scratch != NULL);
	char *tight = whole_report();
	assert_string_equal(whole, tight);
	free(whole);
	free(tight);
}

static void
a_profile_gives_the_same_bins_and_bounds_the_rest(void **state)
{
	(void)state;
	make_months();
	struct profile *profile = profile_from_dataset(&reference);
	cJSON *exact = report_json_by(config, &data, &reference, NULL, 0.5),
	      *bound = report_json_by(config, &data, NULL, profile, 0.5);
	static const char *const same[] = {"psi", "kl", "js_distance", "hellinger",
	    "chi2/statistic", "n_reference", "missing_reference"};
	for (int i = 0; i < 2; i++) {
		for (size_t j = 0; j < sizeof(same) / sizeof(same[0]); j++) {
			char path[64];
			snprintf(path, sizeof(path), "drift/features/%d/%s", i, same[j]);
			assert_true(report_json_at(exact, path)->valuedouble ==
				    report_json_at(bound, path)->valuedouble);
		}
	}
	double distance = report_json_at(exact, "drift/features/0/wasserstein")->valuedouble;
	double ks = report_json_at(exact, "drift/features/0/ks/statistic")->valuedouble;
	assert_true(report_json_at(bound, "drift/features/0/wasserstein_bounds/0")->valuedouble <=
		    distance);
	assert_true(report_json_at(bound, "drift/features/0/wasserstein_bounds/1")->valuedouble >=
		    distance);
	assert_true(
	    report_json_at(bound, "drift/features/0/ks_bounds/0")->valuedouble <= ks + 1e-12);
	assert_true(
	    report_json_at(bound, "drift/features/0/ks_bounds/1")->valuedouble >= ks - 1e-12);
	REPORT_EXPECT(bound, {"drift/features/0/anderson/statistic", NAN});
	cJSON_Delete(exact);
	cJSON_Delete(bound);
	profile_free(profile);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(a_report_from_disk_is_the_report_from_memory_bit_for_bit),
	    CASE(a_profile_gives_the_same_bins_and_bounds_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
