/* What the monitor knows, as bytes and back: random records into one, saved, loaded into another;
 * both answer alike, and go on alike whatever comes. And no bytes make it stumble. */
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
#include "core/base/text.h"
#include "core/monitor/monitor_save.h"
#include "core/monitor/state.h"
#include "core/monitor/monitor_view.h"
#include "tui/json.h"

#define START INT64_C(1769600000000000) /* 2026-01-28 */

enum { FEATURES = 5, SOURCES = 2 };

static const char *const words[] = {"retail", "travel", "online", "", "grocery", "a rarer word"};
static const char suite[] =
    "{\"expectations\":["
    "{\"expectation_type\":\"expect_column_values_to_be_between\",\"kwargs\":{\"column\":\"f0\","
    "\"min_value\":-1,\"max_value\":1}},"
    "{\"expectation_type\":\"expect_column_median_to_be_between\",\"kwargs\":{\"column\":\"f1\","
    "\"min_value\":-1,\"max_value\":1}},"
    "{\"expectation_type\":\"expect_column_distinct_values_to_be_in_set\",\"kwargs\":{\"column\":"
    "\"f3\",\"value_set\":[\"retail\",\"travel\"]}},"
    "{\"expectation_type\":\"expect_column_values_to_be_unique\",\"kwargs\":{\"column\":\"f2\"}},"
    "{\"expectation_type\":\"expect_column_values_to_be_increasing\",\"kwargs\":{\"column\":"
    "\"f1\"}},"
    "{\"expectation_type\":\"expect_column_values_to_not_be_null\",\"kwargs\":{\"column\":\"f4\"}}"
    "]}";

struct stream { /* of records, the same for who has the same state */
	struct rng rng;
	wall_us ts;
	uint64_t number;
};

struct stage {
	struct config *config;
	char *profile; /* JSON, or NULL: references grow */
	bool with_suite;
};

static struct profile *
profile_of(const struct stage *stage)
{
	struct err err = {0};
	struct profile *profile = profile_from_json(stage->profile, "profile", &err);
	assert_string_equal(err.text, "");
	return profile;
}

static struct monitor *
new_monitor(const struct stage *stage, bool sources)
{
	struct err err = {0};
	struct monitor *monitor = monitor_new(stage->config);
	if (stage->profile != NULL)
		monitor_set_profile(monitor, "m0", "profile.json", profile_of(stage));
	if (stage->with_suite)
		monitor_add_suite(monitor, "m1", suite_parse(suite, strlen(suite), "suite", &err));
	assert_string_equal(err.text, "");
	for (int i = 0; sources && i < SOURCES; i++)
		monitor_weigh_source(monitor, monitor_add_source(monitor), 1 + 2 * (uint32_t)i);
	return monitor;
}

static void
fill_features(struct rng *rng, struct feature_value *features, uint64_t number)
{
	static const char *const names[] = {"f0", "f1", "f2", "f3", "f4"};
	for (size_t i = 0; i < FEATURES; i++) {
		double value = rng_normal(rng);
		uint32_t kind = rng_below(rng, 40);
		features[i] = (struct feature_value){
		    .name = names[i], .kind = VALUE_NUMBER, .number = value, .text = ""};
		if (i == 2)
			features[i].number = (double)rng_below(rng, 7);
		if (i == 3) {
			features[i].kind = VALUE_TEXT;
			features[i].number = NAN;
			features[i].text = words[rng_below(rng, number < 3000 ? 4 : 6)];
		}
		if (kind == 0) {
			features[i].kind = VALUE_MISSING;
			features[i].number = NAN;
			features[i].text = "";
		} else if (kind == 1 && i < 2) {
			features[i].number = INFINITY;
		}
	}
}

static void
predict(struct monitor *monitor, struct stream *stream)
{
	static const char *const segments[] = {"", "web", "app", "branch", "phone", "partner"};
	struct rng *rng = &stream->rng;
	char id[32], model[8], version[8];
	struct feature_value features[FEATURES];
	fill_features(rng, features, stream->number);
	struct feature_value given[] = {
	    {.name = "f0", .kind = VALUE_NUMBER, .number = rng_normal(rng), .text = ""},
	    {.name = "f1", .kind = VALUE_NUMBER, .number = rng_normal(rng), .text = ""}};
	stream->ts += rng_below(rng, 50) == 0 ? 30 * CLOCK_SECOND : rng_below(rng, 900000);
	snprintf(id, sizeof(id), "id-%llu", (unsigned long long)stream->number);
	snprintf(model, sizeof(model), "m%u", rng_below(rng, 4) == 0);
	snprintf(version, sizeof(version), "%u", 1 + (rng_below(rng, 10) == 0));
	bool failed = rng_below(rng, 50) == 0;
	double score = failed ? NAN : rng_uniform(rng) * rng_uniform(rng);
	struct prediction prediction = {
	    .ts = stream->ts - (rng_below(rng, 20) == 0 ? 50 * CLOCK_SECOND : 0),
	    .request_id = rng_below(rng, 100) == 0 ? "" : id,
	    .service = rng_below(rng, 3) == 0 ? "us" : "eu",
	    .model = model,
	    .version = version,
	    .segment = segments[rng_below(rng, 6)],
	    .score = score,
	    .threshold = 0.5,
	    .decision = failed ? -1 : score >= 0.5,
	    .latency_ms = rng_lognormal(rng, 20, 0.6),
	    .status = failed ? 503 : 200,
	    .label = rng_below(rng, 5) == 0 ? (int)rng_below(rng, 2) : -1,
	    .features = features,
	    .features_count = FEATURES - rng_below(rng, 2),
	    .attributions = given,
	    .attributions_count = 2};
	stream->number++;
	monitor_prediction(
	    monitor, rng_below(rng, SOURCES), &prediction, "default", "default", NULL);
}

static void
label(struct monitor *monitor, struct stream *stream, uint64_t from)
{
	char id[32];
	uint64_t span = stream->number - from;
	if (span == 0)
		return;
	snprintf(id, sizeof(id), "id-%llu",
	    (unsigned long long)(from + rng_below(&stream->rng, (uint32_t)span)));
	struct label given = {
	    .ts = stream->ts, .request_id = id, .value = (int)rng_below(&stream->rng, 2)};
	monitor_label(monitor, &given);
}

/* Labels are of predictions numbered `from` or later. */
static void
feed(struct monitor *monitor, struct stream *stream, size_t count, uint64_t from)
{
	for (size_t i = 0; i < count; i++) {
		predict(monitor, stream);
		if (rng_below(&stream->rng, 3) == 0)
			label(monitor, stream, from);
		if (rng_below(&stream->rng, 200) == 0)
			monitor_tick(monitor);
	}
	monitor_tick(monitor);
}

static struct buf
saved(const struct monitor *monitor)
{
	struct buf pack = {0};
	monitor_save(monitor, &pack);
	return pack;
}

static struct monitor *
loaded(const struct stage *stage, const struct buf *pack)
{
	struct monitor *monitor = new_monitor(stage, false);
	struct unpack unpack = {.at = pack->data, .end = pack->data + pack->length};
	assert_true(monitor_load(monitor, &unpack));
	return monitor;
}

static void
same_bytes(const struct buf *a, const struct buf *b)
{
	size_t at = 0;
	while (at < a->length && at < b->length && a->data[at] == b->data[at])
		at++;
	if (at < a->length || at < b->length)
		print_error("byte %zu of %zu and %zu differs\n", at, a->length, b->length);
	assert_true(at == a->length && at == b->length);
}

/* What the faces are told is the same, to the last digit. */
static void
same_answers(struct monitor *a, struct monitor *b)
{
	struct buf texts[2] = {0};
	struct monitor *both[] = {a, b};
	for (int i = 0; i < 2; i++) {
		struct snapshot *snapshot = snapshot_new();
		monitor_view(both[i], snapshot);
		snapshot->join = (struct join_view){0}; /* the join saves itself */
		json_snapshot(snapshot, NULL, 0, false, &texts[i]);
		snapshot_free(snapshot);
	}
	same_bytes(&texts[0], &texts[1]);
	buf_free(&texts[0]);
	buf_free(&texts[1]);
}

static void
same_rows(const struct monitor *a, const struct monitor *b)
{
	assert_int_equal(a->series_count, b->series_count);
	for (size_t i = 0; i < a->series_count; i++) {
		struct recent *one = a->series[i]->recent, *two = b->series[i]->recent;
		assert_true(recent_first(one) == recent_first(two));
		assert_true(recent_end(one) == recent_end(two));
		assert_true(recent_bytes(one) == recent_bytes(two));
		assert_true(recent_lost(one) == recent_lost(two));
		for (uint64_t k = recent_first(one); k < recent_end(one); k++) {
			const struct prediction *row = recent_prediction(one, k);
			const struct prediction *other = recent_prediction(two, k);
			assert_string_equal(row->request_id, other->request_id);
			assert_int_equal(row->label, other->label);
			assert_int_equal(row->features_count, other->features_count);
			for (size_t n = 0; n < row->features_count; n++)
				assert_string_equal(row->features[n].text, other->features[n].text);
			assert_true(recent_find(one, row->request_id, row->ts) ==
				    recent_find(two, row->request_id, row->ts));
		}
	}
}

static void
same(struct monitor *a, struct monitor *b)
{
	struct buf one = saved(a), two = saved(b);
	same_bytes(&one, &two);
	same_answers(a, b);
	same_rows(a, b);
	buf_free(&one);
	buf_free(&two);
}

static void
run_stage(const struct stage *stage, size_t before, size_t after, uint64_t seed)
{
	struct stream stream = {.ts = START};
	rng_seed(&stream.rng, seed, 1);
	clock_freeze(START + CLOCK_DAY);
	struct monitor *first = new_monitor(stage, true);
	feed(first, &stream, before, 0);
	struct buf pack = saved(first);
	struct monitor *second = loaded(stage, &pack);
	same(first, second);
	struct stream again = stream;
	feed(first, &stream, after, stream.number);
	feed(second, &again, after, again.number);
	same(first, second);
	monitor_free(first);
	monitor_free(second);
	buf_free(&pack);
}

static struct config *
small_config(const char *detector)
{
	struct config *config = config_new();
	config->comparison_us = CLOCK_HOUR / 4;
	config->quality_us = CLOCK_HOUR;
	config->reference_records = 2500;
	config->replay_rows = 300;
	config->cohort_most = 4;
	text_copy(config->detector, sizeof(config->detector), detector);
	return config;
}

static void
nothing_yet_comes_back_as_nothing_yet(void **state)
{
	(void)state;
	struct stage stage = {.config = small_config("adwin")};
	run_stage(&stage, 0, 2000, 1);
	config_free(stage.config);
}

static void
it_goes_on_alike_wherever_it_was_cut(void **state)
{
	(void)state;
	static const char *const detectors[] = {"adwin", "page-hinkley", "ddm"};
	static const size_t cuts[] = {1, 500, 1200, 2600, 9000};
	for (size_t i = 0; i < 3; i++) {
		struct stage stage = {.config = small_config(detectors[i]), .with_suite = true};
		for (size_t k = 0; k < (i == 0 ? 5 : 1); k++)
			run_stage(&stage, cuts[i == 0 ? k : 4], 3000, 7 * i + k);
		config_free(stage.config);
	}
}

static void
windows_of_their_own_and_other_cohorts_come_back(void **state)
{
	(void)state;
	struct stage stage = {.config = small_config("adwin")};
	struct config_feature features[] = {
	    {.name = "f1", .window_us = CLOCK_HOUR / 2, .warning = NAN, .critical = NAN},
	    {.name = "f3", .window_us = CLOCK_HOUR, .warning = NAN, .critical = NAN}};
	stage.config->features = features;
	stage.config->features_count = 2;
	text_copy(stage.config->cohort_by, sizeof(stage.config->cohort_by), "f2");
	run_stage(&stage, 6000, 3000, 40);
	stage.config->features = NULL;
	stage.config->features_count = 0;
	config_free(stage.config);
}

/* A log of the same kind, as a profile. */
static char *
make_profile(void)
{
	char log[64] = "/tmp/fraudtop-save-XXXXXX", path[80];
	struct rng rng;
	struct err err = {0};
	struct buf text = {0}, json = {0};
	int fd = mkstemp(log);
	assert_true(fd >= 0);
	close(fd);
	snprintf(path, sizeof(path), "%s.json", log);
	rng_seed(&rng, 5, 5);
	for (int i = 0; i < 3000; i++)
		buf_printf(&text,
		    "{\"ts\":\"2026-01-0%dT0%d:00:00Z\",\"request_id\":\"%d\",\"model\":\"m0\","
		    "\"version\":\"1\",\"score\":%.4f,\"decision\":false,\"label\":%d,\"features\":"
		    "{\"f0\":%.6f,\"f1\":%.6f,\"f2\":%d,\"f3\":\"%s\"},\"attributions\":{\"f0\":"
		    "%.5f,\"f1\":%.5f}}\n",
		    1 + i / 1000, i / 100 % 10, i, rng_uniform(&rng), rng_below(&rng, 9) == 0,
		    rng_normal(&rng), rng_normal(&rng), (int)rng_below(&rng, 7),
		    words[rng_below(&rng, 3)], rng_normal(&rng), rng_normal(&rng));
	assert_true(buf_write_file(log, text.data, text.length, 0600, &err));
	assert_true(profile_build_file(log, path, &err));
	assert_true(buf_read_file(&json, path, 1 << 24, &err));
	unlink(log);
	unlink(path);
	buf_free(&text);
	return json.data;
}

static void
a_profiles_reference_is_its_own_and_the_rest_comes_back(void **state)
{
	(void)state;
	struct stage stage = {
	    .config = small_config("adwin"), .profile = make_profile(), .with_suite = true};
	struct profile *profile = profile_of(&stage);
	assert_false(isnan(profile->features[0].attribution)); /* or it would not be tried */
	profile_free(profile);
	run_stage(&stage, 5000, 3000, 50);
	config_free(stage.config);
	free(stage.profile);
}

static void
what_a_checkpoint_depends_on_is_in_its_print(void **state)
{
	(void)state;
	struct stage stage = {.config = small_config("adwin")};
	char prints[6][65];
	struct monitor *monitor = new_monitor(&stage, true);
	monitor_print(monitor, prints[0]);
	struct stream stream = {.ts = START};
	rng_seed(&stream.rng, 3, 1);
	feed(monitor, &stream, 100, 0);
	monitor_print(monitor, prints[1]);
	assert_string_equal(prints[0], prints[1]); /* records are not */
	monitor_free(monitor);
	stage.config->comparison_us *= 2;
	monitor = new_monitor(&stage, true);
	monitor_print(monitor, prints[1]);
	monitor_free(monitor);
	stage.with_suite = true;
	monitor = new_monitor(&stage, true);
	monitor_print(monitor, prints[2]);
	monitor_free(monitor);
	stage.profile = make_profile();
	monitor = new_monitor(&stage, true);
	monitor_print(monitor, prints[3]);
	monitor_free(monitor);
	char *digit = strstr(stage.profile, "\"mean\":");
	assert_non_null(digit);
	digit += strcspn(digit, "0123456789");
	*digit = *digit == '1' ? '2' : '1';
	monitor = new_monitor(&stage, true);
	monitor_print(monitor, prints[4]);
	monitor_free(monitor);
	text_copy(stage.config->detector, sizeof(stage.config->detector), "ddm");
	monitor = new_monitor(&stage, true);
	monitor_print(monitor, prints[5]);
	monitor_free(monitor);
	for (int i = 0; i < 6; i++) {
		for (int k = 0; k < i; k++)
			assert_string_not_equal(prints[i], prints[k]);
	}
	config_free(stage.config);
	free(stage.profile);
}

/* Whatever was changed: it is refused, or it is a monitor like any other. */
static void
damaged_bytes_are_refused_or_harmless(void **state)
{
	(void)state;
	struct stage stage = {.config = small_config("adwin"), .with_suite = true};
	struct stream stream = {.ts = START};
	rng_seed(&stream.rng, 9, 1);
	clock_freeze(START + CLOCK_DAY);
	struct monitor *monitor = new_monitor(&stage, true);
	feed(monitor, &stream, 1500, 0);
	struct buf pack = saved(monitor);
	monitor_free(monitor);
	int refused = 0, taken = 0;
	for (int round = 0; round < 150; round++) {
		struct buf copy = {0};
		buf_append(&copy, pack.data, pack.length);
		for (uint32_t i = 0, n = 1 + rng_below(&stream.rng, 4); i < n; i++)
			copy.data[rng_below(&stream.rng, (uint32_t)copy.length)] =
			    (char)rng_below(&stream.rng, 256);
		if (round % 5 == 0)
			copy.length = rng_below(&stream.rng, (uint32_t)copy.length);
		struct unpack unpack = {.at = copy.data, .end = copy.data + copy.length};
		monitor = new_monitor(&stage, false);
		if (monitor_load(monitor, &unpack)) {
			struct stream more = stream;
			while (monitor->sources_count < SOURCES)
				monitor_add_source(monitor);
			feed(monitor, &more, 50, more.number);
			same_answers(monitor, monitor);
			taken++;
		} else {
			refused++;
		}
		monitor_free(monitor);
		buf_free(&copy);
	}
	assert_true(refused > 30 && taken > 0);
	buf_free(&pack);
	config_free(stage.config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_yet_comes_back_as_nothing_yet),
	    cmocka_unit_test(it_goes_on_alike_wherever_it_was_cut),
	    cmocka_unit_test(windows_of_their_own_and_other_cohorts_come_back),
	    cmocka_unit_test(a_profiles_reference_is_its_own_and_the_rest_comes_back),
	    cmocka_unit_test(what_a_checkpoint_depends_on_is_in_its_print),
	    cmocka_unit_test(damaged_bytes_are_refused_or_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
