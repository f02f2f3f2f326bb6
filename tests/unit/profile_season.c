/* profile_season.c: profiles of whole months: how large they are, and which features of real data
 * follow the calendar. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/reference/profile.h"
#include "core/reference/reference.h"

#define HANDBOOK "../shared/data/handbook/"
#define CALIFORNIA "../shared/data/nannyml/california_housing_reference.csv"

enum { ROWS = 1000000, FEATURES = 30, NUMBERS = 16, VALUES = 8, WORDS = 12, DAYS = 28 };

/* Traffic has its days and nights; no record is further than DAYS from the first. */
static wall_us
draw_time(struct rng *rng)
{
	for (;;) {
		double day = rng_uniform(rng);
		if (rng_uniform(rng) < 0.6 + 0.4 * cos(6.283185307179586 * (day - 0.6)))
			return INT64_C(1767571200000000) +
			       (wall_us)((rng_below(rng, DAYS) + day) * (double)CLOCK_DAY);
	}
}

static void
fill(struct dataset *data, size_t i, char (*names)[16], char **words, struct rng *rng)
{
	struct dataset_column *column = &data->features[i];
	snprintf(names[i], sizeof(names[i]), "feature %zu", i);
	column->name = names[i];
	column->categorical = i >= NUMBERS + VALUES;
	column->categories = words;
	column->categories_count = WORDS;
	if (column->categorical)
		column->codes = mem_grow(NULL, ROWS, sizeof(*column->codes));
	else
		column->numbers = mem_grow(NULL, ROWS, sizeof(*column->numbers));
	for (size_t row = 0; row < ROWS; row++) {
		double hour = (double)(data->ts[row] % CLOCK_DAY) / (double)CLOCK_HOUR;
		if (column->categorical)
			column->codes[row] = rng_below(rng, WORDS);
		else if (i < NUMBERS)
			column->numbers[row] =
			    rng_lognormal(rng, 50, 1.5) * (i % 4 == 0 && hour < 6 ? 2 : 1);
		else
			column->numbers[row] = floor(rng_uniform(rng) * (double)(i % 8 + 3));
	}
}

static struct dataset
make(char (*names)[16], char **words)
{
	struct dataset data = {.rows = ROWS, .features_count = FEATURES};
	struct rng rng;
	rng_seed(&rng, 9, 1);
	data.ts = mem_grow(NULL, ROWS, sizeof(*data.ts));
	data.score = mem_grow(NULL, ROWS, sizeof(*data.score));
	data.decision = mem_alloc(ROWS);
	data.label = mem_alloc(ROWS);
	for (size_t row = 0; row < ROWS; row++) {
		data.ts[row] = draw_time(&rng);
		data.score[row] = pow(rng_uniform(&rng), 4);
		data.decision[row] = data.score[row] >= 0.5;
		data.label[row] = rng_uniform(&rng) < data.score[row] * data.score[row];
	}
	data.features = mem_alloc(FEATURES * sizeof(*data.features));
	for (size_t i = 0; i < FEATURES; i++)
		fill(&data, i, names, words, &rng);
	return data;
}

static void
drop(struct dataset *data)
{
	for (size_t i = 0; i < FEATURES; i++) {
		free(data->features[i].numbers);
		free(data->features[i].codes);
	}
	free(data->features);
	free(data->ts);
	free(data->score);
	free(data->decision);
	free(data->label);
}

static void
a_month_of_a_million_records_by_thirty_features_is_under_200_kb(void **state)
{
	(void)state;
	static char names[FEATURES][16], texts[WORDS][16];
	char *words[WORDS];
	for (size_t i = 0; i < WORDS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "category %zu", i);
		words[i] = texts[i];
	}
	struct dataset data = make(names, words);
	struct profile *profile = profile_from_dataset(&data);
	drop(&data);
	struct buf first = {0}, second = {0};
	struct err err = {0};
	profile_to_json(profile, &first);
	print_message("# %zu bytes\n", first.length);
	assert_true(first.length < 200 * 1000);
	assert_int_equal(profile->features_count, FEATURES);
	assert_true(profile->scores[0].calibrated && profile->scores[0].calibration.knots > 0);
	for (size_t i = 0; i < FEATURES; i++) {
		assert_true(i >= NUMBERS || profile->features[i].bins.count == BINS_MAX);
		assert_int_equal(profile->features[i].season,
		    i < NUMBERS && i % 4 == 0 ? SEASON_HOUR_OF_WEEK : SEASON_NONE);
	}
	struct profile *again = profile_from_json(first.data, "again", &err);
	if (again == NULL)
		fail_msg("%s", err.text);
	profile_to_json(again, &second);
	assert_string_equal(first.data, second.data);
	for (size_t i = 0; i < SEASON_HOURS; i++) {
		assert_true(again->hours_seen[i] == profile->hours_seen[i]);
		assert_true(fabs(again->hours_seen[i] - 4) < 0.05);
		assert_int_equal(again->hours_records[i], profile->hours_records[i]);
	}
	buf_free(&first);
	buf_free(&second);
	profile_free(again);
	profile_free(profile);
}

static void
a_reference_that_grew_says_none_and_one_that_is_set_has_its_own_hours(void **state)
{
	(void)state;
	struct reference_column grown, set;
	struct feature_value value = {.name = "a", .kind = VALUE_NUMBER, .text = ""};
	reference_column_init(&grown, "a");
	for (int i = 0; i < REFERENCE_MINIMUM; i++) {
		value.number = i % 2;
		reference_column_add(&grown, &value, 10000);
	}
	assert_true(grown.ready);
	assert_int_equal(grown.feature.season, SEASON_NONE);
	assert_null(grown.feature.hours);
	assert_true(isnan(grown.feature.attribution));
	struct err err = {0};
	struct profile *profile = profile_read("tests/data/profile/seasons.json", &err);
	if (profile == NULL)
		fail_msg("%s", err.text);
	reference_column_init(&set, "night");
	reference_column_set(&set, profile_feature_of(profile, "night"));
	profile_free(profile);
	assert_int_equal(set.feature.season, SEASON_HOUR_OF_WEEK);
	assert_true(set.feature.hours[0] == 2 && set.feature.hours[12 * 3 + 1] == 1);
	assert_true(set.feature.attribution == 0.25);
	reference_column_free(&grown);
	reference_column_free(&set);
}

static struct profile *
profile_of(const char *path, const struct dataset_options *options)
{
	struct dataset data = {0};
	struct err err = {0};
	if (!dataset_read(&data, path, options, &err))
		fail_msg("%s", err.text);
	struct profile *profile = profile_from_dataset(&data);
	dataset_free(&data);
	return profile;
}

static void
check_handbook(const char *xz, uint64_t records, enum season weekend, enum season night)
{
	char path[] = "/tmp/fraudtop-handbook-XXXXXX", command[128];
	close(mkstemp(path));
	snprintf(command, sizeof(command), "xz -dc %s > %s", xz, path);
	assert_int_equal(system(command), 0);
	struct profile *profile = profile_of(
	    path, &(struct dataset_options){.time = "TX_DATETIME",
		      .label = "TX_FRAUD",
		      .ignore = "TRANSACTION_ID,CUSTOMER_ID,TERMINAL_ID,TX_FRAUD_SCENARIO,"
				"TX_TIME_SECONDS,TX_TIME_DAYS"});
	unlink(path);
	assert_int_equal(profile->records, records);
	assert_int_equal(profile->features_count, 15);
	for (size_t i = 0; i < profile->features_count; i++) {
		const struct profile_feature *feature = &profile->features[i];
		enum season season = strcmp(feature->name, "TX_DURING_WEEKEND") == 0 ? weekend
				     : strcmp(feature->name, "TX_DURING_NIGHT") == 0 ? night
										     : SEASON_NONE;
		if (feature->season != season)
			fail_msg("%s: %s", feature->name, season_name(feature->season));
	}
	profile_free(profile);
}

static void
of_the_handbooks_features_those_of_the_calendar_follow_it(void **state)
{
	(void)state;
	if (access(HANDBOOK "features_d040-054.csv.xz", R_OK) != 0) {
		print_message("# SKIP %s is not there\n", HANDBOOK);
		skip();
	}
	check_handbook(
	    HANDBOOK "features_d040-054.csv.xz", 143745, SEASON_HOUR_OF_WEEK, SEASON_HOUR_OF_WEEK);
	check_handbook(
	    HANDBOOK "features_d090-104.csv.xz", 143978, SEASON_HOUR_OF_WEEK, SEASON_HOUR_OF_WEEK);
	/* Ten days hold one weekend, or two ends of one: nothing is said of weeks. */
	check_handbook(HANDBOOK "features_d010-019.csv.xz", 95796, SEASON_NONE, SEASON_HOUR_OF_DAY);
}

static void
assigned_times_make_no_season(void **state)
{
	(void)state;
	if (access(CALIFORNIA, R_OK) != 0) {
		print_message("# SKIP %s is not there\n", CALIFORNIA);
		skip();
	}
	struct profile *profile =
	    profile_of(CALIFORNIA, &(struct dataset_options){.time = "timestamp",
				       .score = "y_pred_proba",
				       .label = "clf_target",
				       .decision = "y_pred",
				       .ignore = "id"});
	assert_int_equal(profile->records, 5832);
	assert_int_equal(profile->features_count, 8);
	for (size_t i = 0; i < profile->features_count; i++)
		assert_int_equal(profile->features[i].season, SEASON_NONE);
	const struct profile_score *score = &profile->scores[0];
	assert_int_equal(score->score.season, SEASON_NONE);
	assert_true(fabs(score->roc_auc - 0.908) < 0.0005);
	assert_true(score->calibrated);
	profile_free(profile);
}

/* 64 categories by 168 hours, 30 times: only what follows the calendar keeps its hours. */
static void
a_profile_of_many_categories_is_under_200_kb_too(void **state)
{
	(void)state;
	enum { KINDS = 300, FEW = 50000 };
	static char texts[KINDS][24], hour[] = "hour";
	static struct dataset_column columns[FEATURES];
	char *words[KINDS];
	struct dataset data = {.rows = FEW, .features_count = FEATURES, .features = columns};
	struct rng rng;
	rng_seed(&rng, 9, 2);
	for (size_t i = 0; i < KINDS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "category %zu", i);
		words[i] = texts[i];
	}
	data.ts = mem_grow(NULL, FEW, sizeof(*data.ts));
	uint32_t *codes = mem_grow(NULL, 2 * FEW, sizeof(*codes));
	for (size_t row = 0; row < FEW; row++) {
		data.ts[row] = draw_time(&rng);
		codes[row] = rng_below(&rng, KINDS);
		codes[FEW + row] = (uint32_t)(data.ts[row] / CLOCK_HOUR % 24);
	}
	for (size_t i = 0; i < FEATURES; i++)
		columns[i] = (struct dataset_column){.name = i == 0 ? hour : texts[i],
		    .categorical = true,
		    .categories = words,
		    .categories_count = KINDS,
		    .codes = codes + (i == 0 ? FEW : 0)};
	struct profile *profile = profile_from_dataset(&data);
	struct buf text = {0};
	struct err err = {0};
	profile_to_json(profile, &text);
	print_message("# %zu bytes\n", text.length);
	assert_true(text.length < 200 * 1000);
	struct profile *again = profile_from_json(text.data, "again", &err);
	if (again == NULL)
		fail_msg("%s", err.text);
	assert_non_null(profile_feature_of(again, "hour")->hours);
	assert_null(again->features[1].hours);
	profile_free(again);
	profile_free(profile);
	buf_free(&text);
	free(data.ts);
	free(codes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_month_of_a_million_records_by_thirty_features_is_under_200_kb),
	    cmocka_unit_test(a_profile_of_many_categories_is_under_200_kb_too),
	    cmocka_unit_test(a_reference_that_grew_says_none_and_one_that_is_set_has_its_own_hours),
	    cmocka_unit_test(of_the_handbooks_features_those_of_the_calendar_follow_it),
	    cmocka_unit_test(assigned_times_make_no_season),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
