/* record_ways.c: every way to read a line gives the same, to the bit: learned or not, by any kind
 * of vector; and the corpus of nasty values, tests/data/lines/nasty.txt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/rng.h"
#include "core/ingest/record_reader.h"
#include "core/ingest/walkers.h"
#include "core/source/stretch.h"
#include "tests/support/same_record.h"

static const char *const ways[] = {"plain", "base", "avx2", "none"};
enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static struct record_reader *
open_reader(const char *way)
{
	struct record_reader *reader = walkers_force(way) ? record_reader_new() : NULL;
	walkers_force(NULL);
	return reader;
}

static void
there_is_a_way_for_every_processor_and_it_can_be_forced(void **state)
{
	(void)state;
	assert_true(walkers_force("plain"));
	assert_ptr_equal(walkers_best(), walk_plain);
	assert_false(walkers_force("mmx"));
	assert_true(walkers_force(NULL));
	assert_true(walkers_force("base"));
	assert_true(walkers_force(NULL));
}

/* By a reader that never saw such a line, by one that saw it before, and by one that knows the line
 * with another value in its place. */
static void
assert_verdict(const char *way, const char *value, bool expected)
{
	static const char *const frames[][2] = {{"{\"ts\":1,\"score\":0,\"x\":", "}"},
	    {"{\"x\":", ",\"ts\":1,\"score\":0}"}, {"{\"ts\":1,\"x\":{\"k\":", "},\"score\":0}"}};
	struct record_reader *reader = open_reader(way);
	struct prediction prediction;
	struct err err;
	char line[1024];
	if (reader == NULL)
		return;
	for (size_t i = 0; i < 3 * sizeof(frames) / sizeof(frames[0]); i++) {
		memset(line, 0, sizeof(line));
		const char *const *frame = frames[i / 3];
		int length =
		    snprintf(line, sizeof(line) - STRETCH_PAD, "%s7%s", frame[0], frame[1]);
		assert_true(
		    record_read_prediction(reader, line, (size_t)length, &prediction, &err));
		length =
		    snprintf(line, sizeof(line) - STRETCH_PAD, "%s%s%s", frame[0], value, frame[1]);
		if (record_read_prediction(reader, line, (size_t)length, &prediction, &err) !=
		    expected)
			fail_msg("%s, %s: %s", way, expected ? err.text : "taken", line);
	}
	record_reader_free(reader);
}

static void
nasty_values_get_their_verdict_by_every_way(void **state)
{
	(void)state;
	struct buf corpus = {0};
	struct err err;
	size_t values = 0;
	if (!buf_read_file(&corpus, "tests/data/lines/nasty.txt", 1 << 20, &err))
		fail_msg("%s", err.text);
	for (char *at = corpus.data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
		*end = '\0';
		bool taken = *at == '+' || *at == '?';
		assert_non_null(strchr("+-!?", *at));
		for (size_t i = 0; i < WAYS; i++)
			assert_verdict(ways[i], at + 1, taken);
		values++;
	}
	assert_true(values == 146);
	buf_free(&corpus);
}

static const char *
random_number(struct rng *rng, char text[64])
{
	double value = rng_normal(rng) * 1000;
	switch (rng_below(rng, 8)) {
	case 0:
		snprintf(text, 64, "%.17g", rng_uniform(rng));
		break;
	case 1:
		snprintf(text, 64, "%d", (int)value);
		break;
	case 2:
		snprintf(text, 64, "%u%09u", rng_below(rng, 1000000), rng_below(rng, 1000000000));
		break;
	case 3:
		snprintf(text, 64, "%.*e", (int)rng_below(rng, 20), value);
		break;
	case 4:
		snprintf(text, 64, "%.*f", (int)rng_below(rng, 25), rng_uniform(rng));
		break;
	case 5:
		snprintf(text, 64, "0.%0*u", (int)rng_below(rng, 18) + 1, rng_below(rng, 1000));
		break;
	default:
		snprintf(text, 64, "%.*f", (int)rng_below(rng, 6), value);
	}
	return text;
}

/* The features of a line that the reader has seen often are still read as strtod reads them. */
static void
numbers_are_those_of_strtod_by_every_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < WAYS; i++) {
		struct record_reader *reader = open_reader(ways[i]);
		struct rng rng;
		rng_seed(&rng, 5, 9);
		for (int round = 0; reader != NULL && round < 40000; round++) {
			char line[512] = "", a[64], b[64];
			struct prediction prediction;
			struct err err;
			int length = snprintf(line, sizeof(line) - STRETCH_PAD,
			    "{\"ts\":1,\"score\":0,\"features\":{\"a\":%s,\"b\":%s}}",
			    random_number(&rng, a), random_number(&rng, b));
			if (!record_read_prediction(
				reader, line, (size_t)length, &prediction, &err))
				fail_msg("%s: %s", err.text, line);
			if (!same_bits(prediction.features[0].number, strtod(a, NULL)) ||
			    !same_bits(prediction.features[1].number, strtod(b, NULL)))
				fail_msg("%s: %s", ways[i], line);
		}
		record_reader_free(reader);
	}
}

/* Reads the line by every reader there is, and by one that never saw a line. Was it taken? */
static bool
read_alike(struct record_reader *const *readers, const char *line, size_t length)
{
	struct record_reader *fresh = record_reader_new();
	struct prediction first, other;
	struct err err, other_err;
	bool done = record_read_prediction(fresh, line, length, &first, &err);
	for (size_t i = 0; i < WAYS; i++) {
		if (readers[i] == NULL)
			continue;
		bool same =
		    done == record_read_prediction(readers[i], line, length, &other, &other_err);
		if (!same || (done ? !same_prediction(&first, &other)
				   : strcmp(err.text, other_err.text) != 0))
			fail_msg("%s: %.*s", ways[i], (int)length, line);
	}
	record_reader_free(fresh);
	return done;
}

/* Lines of a few shapes with values that change in kind, by all ways at once. */
static void
all_ways_read_a_changing_log_alike(void **state)
{
	(void)state;
	static const char *const values[] = {"1", "null", "\"x\"", "true", "-2.5e3", "\"\\u00e9\"",
	    "0.125", "\"a longer text that does not fit into one block of thirty-two\"", "false",
	    "\"\xE2\x82\xAC\"", "12345678901234567890", "\"\""};
	static const char *const times[] = {"\"2026-01-28T14:06:04.123Z\"",
	    "\"2026-01-28T14:06:59.999Z\"", "\"2026-01-28T14:07:00.000Z\"", "1769609164",
	    "\"2026-01-28T15:07:00.000001+01:00\"", "\"2026-01-28 14:07:00Z\"",
	    "\"2026-01-28T14:07:60.000Z\"", "\"2026-01-28T14:07:61.000Z\""};
	struct record_reader *readers[WAYS];
	struct rng rng;
	size_t taken = 0;
	rng_seed(&rng, 3, 1);
	for (size_t i = 0; i < WAYS; i++)
		readers[i] = open_reader(ways[i]);
	for (int round = 0; round < 20000; round++) {
		char line[1024] = "";
		int length = snprintf(line, sizeof(line) - STRETCH_PAD,
		    "{\"ts\":%s,\"score\":0.%u%s,\"segment\":%s,\"features\":{\"a\":%s,\"b\":%s}"
		    "%s}",
		    times[rng_below(&rng, 8)], rng_u32(&rng),
		    rng_below(&rng, 4) > 0 ? "" : ",\"label\":1", values[rng_below(&rng, 3)],
		    values[rng_below(&rng, 12)], values[rng_below(&rng, 12)],
		    rng_below(&rng, 2) > 0 ? "" : ",\"u\":[{\"v\":\"}\"}]");
		taken += read_alike(readers, line, (size_t)length);
	}
	assert_true(taken > 2000);
	for (size_t i = 0; i < WAYS; i++)
		record_reader_free(readers[i]);
}

/* Lines with members in any order, some twice, some lacking, with blanks or without, keys written
 * as they are or escaped, and some cut short. */
static void
all_ways_read_keys_in_any_order_alike(void **state)
{
	(void)state;
	static const char *const members[] = {"\"ts\":\"2026-01-28T14:06:04.123Z\"",
	    "\"score\":0.25", "\"sc\\u006fre\": 1", "\"segment\":\"retail\"", "\"segment\" : 3",
	    "\"a key that is longer than one block of bytes\":[{}]",
	    "\"features\":{\"x\":1,\"y\":2}",
	    "\"features\": {\"y\": 2.5, \"\": \"t\", \"x\": null}",
	    "\"features\":{\"\\u0078\":true}", "\"features\":null", "\"\":{\"ts\":1}",
	    "\"t\":-0.5e1", "\"decision\":true", "\"\xC3\xA9\":\"\xC3\xA9\"",
	    "\"twenty_nine_bytes_of_one_key_.\":1", "\"thirty_bytes_of_a_longer_key_.\":1",
	    "\"a\\\"b\":\"\\\\\""};
	enum { MEMBERS = sizeof(members) / sizeof(members[0]) };
	struct record_reader *readers[WAYS];
	struct rng rng;
	size_t taken = 0;
	rng_seed(&rng, 6, 1);
	for (size_t i = 0; i < WAYS; i++)
		readers[i] = open_reader(ways[i]);
	for (int round = 0; round < 20000; round++) {
		struct buf line = {0};
		buf_puts(&line, "{");
		for (uint32_t i = 0, count = 1 + rng_below(&rng, 12); i < count; i++)
			buf_printf(&line, "%s%s", i > 0 ? rng_below(&rng, 4) > 0 ? "," : " , " : "",
			    members[rng_below(&rng, i < 2 ? 2 : MEMBERS)]);
		buf_puts(&line, "}");
		size_t length = line.length;
		if (rng_below(&rng, 4) == 0)
			length = rng_below(&rng, (uint32_t)length);
		for (int i = 0; i < STRETCH_PAD / 2; i++)
			buf_puts(&line, "\"1");
		taken += read_alike(readers, line.data, length);
		buf_free(&line);
	}
	assert_true(taken > 2000);
	for (size_t i = 0; i < WAYS; i++)
		record_reader_free(readers[i]);
}

/* A log whose lines all differ in their keys is read right, and does not fill the memory. */
static void
a_log_without_a_shape_is_read_all_the_same(void **state)
{
	(void)state;
	struct record_reader *reader = record_reader_new();
	struct rng rng;
	rng_seed(&rng, 4, 1);
	for (int round = 0; round < 30000; round++) {
		char line[512] = "";
		struct prediction prediction;
		struct err err;
		unsigned key = rng_below(&rng, 100000);
		int length = snprintf(line, sizeof(line) - STRETCH_PAD,
		    "{\"k%u\":1,\"ts\":%d,\"l%u\":[%u],\"score\":0.5,\"features\":{\"f\":%u}}", key,
		    round + 1, rng_below(&rng, 100000), key, key);
		assert_true(
		    record_read_prediction(reader, line, (size_t)length, &prediction, &err));
		assert_true(prediction.ts == (round + 1) * CLOCK_SECOND);
		assert_true(prediction.features[0].number == key);
	}
	assert_true(reader->outline.count <= OUTLINE_MOST);
	record_reader_free(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_is_a_way_for_every_processor_and_it_can_be_forced),
	    cmocka_unit_test(nasty_values_get_their_verdict_by_every_way),
	    cmocka_unit_test(numbers_are_those_of_strtod_by_every_way),
	    cmocka_unit_test(all_ways_read_a_changing_log_alike),
	    cmocka_unit_test(all_ways_read_keys_in_any_order_alike),
	    cmocka_unit_test(a_log_without_a_shape_is_read_all_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
