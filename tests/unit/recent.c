/* recent.c: the newest predictions with their features: what is kept is what was read, and no more
 * than was promised. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "core/join/join.h"
#include "core/monitor/recent.h"
#include "tests/kit/monitored.h"

enum { FEATURES = 500 };

static struct prediction
prediction_of(const char *id, wall_us ts, const struct feature_value *features, size_t count)
{
	return (struct prediction){.ts = ts,
	    .request_id = id,
	    .score = 0.25,
	    .threshold = 0.5,
	    .decision = 0,
	    .label = -1,
	    .features = features,
	    .features_count = count};
}

static void
add(struct recent *recent, const char *id, wall_us ts, const struct feature_value *features,
    size_t count)
{
	struct prediction prediction = prediction_of(id, ts, features, count);
	recent_add(recent, &prediction, join_hash(id), 0, -1, false);
}

static const struct feature_value *
find(const struct prediction *prediction, const char *name)
{
	for (size_t i = 0; i < prediction->features_count; i++) {
		if (strcmp(prediction->features[i].name, name) == 0)
			return &prediction->features[i];
	}
	return NULL;
}

static void
a_row_comes_back_as_it_was_read(void **state)
{
	(void)state;
	struct recent *recent = recent_new(10);
	const struct feature_value first[] = {monitored_number("amount", 120.5),
	    monitored_word("country", "NZ"), monitored_missing("age"), monitored_word("", "")};
	const struct feature_value second[] = {monitored_word("country", "a longer word"),
	    monitored_number("amount", -INFINITY), monitored_number("fresh", 0)};
	add(recent, "r1", 1, first, 4);
	add(recent, "r2", 2, second, 3);
	const struct prediction *row = recent_prediction(recent, 0);
	assert_string_equal(row->request_id, "r1");
	assert_int_equal(row->features_count, 4);
	assert_true(find(row, "amount")->number == 120.5);
	assert_string_equal(find(row, "country")->text, "NZ");
	assert_int_equal(find(row, "age")->kind, VALUE_MISSING);
	assert_int_equal(find(row, "")->kind, VALUE_TEXT);
	assert_null(find(row, "fresh"));
	row = recent_prediction(recent, 1);
	assert_int_equal(row->features_count, 3); /* `age` is not named, which is not missing */
	assert_null(find(row, "age"));
	assert_true(isinf(find(row, "amount")->number));
	assert_string_equal(find(row, "country")->text, "a longer word");
	assert_true(find(row, "fresh")->number == 0);
	assert_true(recent_get(recent, 1).threshold == 0.5);
	recent_free(recent);
}

static void
of_a_name_that_stands_twice_the_last_counts(void **state)
{
	(void)state;
	struct recent *recent = recent_new(4);
	const struct feature_value features[] = {
	    monitored_word("a", "a rather long word that goes first"), monitored_word("a", "x")};
	add(recent, "", 1, features, 2);
	const struct prediction *row = recent_prediction(recent, 0);
	assert_int_equal(row->features_count, 1);
	assert_string_equal(row->features[0].text, "x");
	recent_free(recent);
}

static void
the_oldest_goes_and_numbers_stay(void **state)
{
	(void)state;
	struct recent *recent = recent_new(100);
	char id[32];
	for (int i = 0; i < 1050; i++) {
		const struct feature_value features[] = {
		    monitored_number("i", i), monitored_word("w", i % 7 ? "b" : "")};
		snprintf(id, sizeof(id), "r%d", i);
		add(recent, id, i, features, 2);
	}
	assert_int_equal(recent_first(recent), 950);
	assert_int_equal(recent_end(recent), 1050);
	for (uint64_t at = 950; at < 1050; at++) {
		const struct prediction *row = recent_prediction(recent, at);
		assert_int_equal(row->ts, at);
		assert_true(find(row, "i")->number == (double)at);
		snprintf(id, sizeof(id), "r%d", (int)at);
		assert_string_equal(row->request_id, id);
		assert_int_equal(recent_find(recent, id, 0), at);
	}
	assert_int_equal(recent_find(recent, "r949", 0), 1050);
	assert_false(recent_label(recent, "r949", join_hash("r949"), 1));
	recent_free(recent);
}

static void
labels_find_the_newest_row_of_their_id(void **state)
{
	(void)state;
	struct recent *recent = recent_new(3);
	add(recent, "same", 1, NULL, 0);
	add(recent, "", 2, NULL, 0);
	add(recent, "same", 3, NULL, 0);
	uint64_t before = recent_changes(recent);
	assert_true(recent_label(recent, "same", join_hash("same"), 1));
	assert_true(recent_changes(recent) > before);
	assert_int_equal(recent_get(recent, 0).label, -1);
	assert_int_equal(recent_get(recent, 2).label, 1);
	assert_true(recent_label(recent, "same", join_hash("same"), 0)); /* corrected */
	assert_int_equal(recent_get(recent, 2).label, 0);
	assert_false(recent_label(recent, "", join_hash(""), 1));
	assert_false(recent_label(recent, "other", join_hash("other"), 1));
	add(recent, "x", 4, NULL, 0); /* the first of them goes, the chain stays whole */
	assert_true(recent_label(recent, "same", join_hash("same"), 1));
	assert_int_equal(recent_find(recent, "same", 0), 2);
	recent_free(recent);
}

static void
a_row_without_an_id_or_with_half_of_it_is_found_by_its_time(void **state)
{
	(void)state;
	struct recent *recent = recent_new(10);
	add(recent, "abcdef", 7, NULL, 0);
	add(recent, "", 7, NULL, 0);
	add(recent, "abcdef2", 8, NULL, 0);
	assert_int_equal(recent_find(recent, "", 7), 1);
	assert_int_equal(recent_find(recent, "", 8), 3);
	assert_int_equal(recent_find(recent, "abcd", 7), 0);
	assert_int_equal(recent_find(recent, "abcdef", 0), 0);
	assert_int_equal(recent_find(recent, "abx", 7), 3);
	recent_free(recent);
}

static void
memory_is_bounded_however_wide_rows_are(void **state)
{
	(void)state;
	enum { ROWS = 200 };
	static struct feature_value features[FEATURES];
	static char names[FEATURES][16];
	static char text[RECORD_MAX_TEXT];
	struct recent *recent = recent_new(ROWS);
	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < FEATURES; i++) {
		snprintf(names[i], sizeof(names[i]), "f%d", i);
		features[i] =
		    i % 2 ? monitored_number(names[i], i) : monitored_word(names[i], text);
	}
	for (int i = 0; i < 1000; i++) {
		add(recent, "id", i, features, i % 3 == 0 ? FEATURES : 3);
		assert_true(recent_bytes(recent) <= ROWS * RECENT_ROW_BYTES ||
			    recent_end(recent) - recent_first(recent) == 1);
	}
	uint64_t kept = recent_end(recent) - recent_first(recent);
	assert_true(kept >= 3 && kept < ROWS);
	/* What went for want of room is told of. */
	assert_true(recent_lost(recent) == recent_get(recent, recent_first(recent)).ts - 1);
	assert_string_equal(
	    find(recent_prediction(recent, recent_end(recent) - 1), "f498")->text, text);
	for (int i = 1000; i < 2000; i++) /* narrow again: all of them fit */
		add(recent, "id", i, NULL, 0);
	assert_true(recent_end(recent) - recent_first(recent) < ROWS); /* still 500 columns wide */
	recent_free(recent);
}

static void
an_ordinary_row_takes_what_it_holds(void **state)
{
	(void)state;
	enum { ROWS = 5000 };
	struct recent *recent = recent_new(ROWS);
	struct feature_value features[12];
	static const char *const names[12] = {
	    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
	for (int i = 0; i < 12; i++)
		features[i] = monitored_number(names[i], i);
	for (int i = 0; i < 2 * ROWS; i++)
		add(recent, "01234567-89ab-cdef-0123-456789abcdef", i, features, 12);
	assert_int_equal(recent_end(recent) - recent_first(recent), ROWS);
	assert_true(recent_bytes(recent) <= ROWS * 240);
	recent_free(recent);
}

static void
what_leaves_the_window_gives_its_memory_back(void **state)
{
	(void)state;
	struct recent *recent = recent_new(50);
	const struct feature_value features[] = {monitored_number("a", 1)};
	for (int i = 0; i < 70; i++)
		add(recent, "id", i, features, 1);
	recent_expire(recent, 60);
	assert_int_equal(recent_first(recent), 60);
	recent_expire(recent, 70);
	assert_int_equal(recent_first(recent), recent_end(recent));
	assert_int_equal(recent_bytes(recent), 0);
	assert_false(recent_label(recent, "id", join_hash("id"), 1));
	add(recent, "new", 71, features, 1);
	assert_int_equal(recent_find(recent, "new", 0), 70);
	recent_free(recent);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_row_comes_back_as_it_was_read),
	    cmocka_unit_test(of_a_name_that_stands_twice_the_last_counts),
	    cmocka_unit_test(the_oldest_goes_and_numbers_stay),
	    cmocka_unit_test(labels_find_the_newest_row_of_their_id),
	    cmocka_unit_test(a_row_without_an_id_or_with_half_of_it_is_found_by_its_time),
	    cmocka_unit_test(memory_is_bounded_however_wide_rows_are),
	    cmocka_unit_test(an_ordinary_row_takes_what_it_holds),
	    cmocka_unit_test(what_leaves_the_window_gives_its_memory_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
