/* Fuzzes the ways to read a log against each other: what a reader finds that has learned from the
 * lines before, by every kind of vector that this processor has, is to the bit what one finds that
 * sees the line for the first time. The first byte says which paths lead to the fields. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ingest/record_reader.h"
#include "core/ingest/walkers.h"
#include "core/source/stretch.h"
#include "tests/support/same_record.h"
#include "tests/fuzz/check.h"

static const char *const ways[] = {"plain", "base", "avx2", "none"};

static const char *const named[] = {"n", "$.n[0] | $.m", "o", "$.o", NULL};

static const struct record_paths layouts[] = {{.fields = {[RECORD_TS] = "$.ts",
						   [RECORD_SCORE] = "$.score | $.p",
						   [RECORD_VERSION] = "$.v",
						   [RECORD_MODEL] = "$.v",
						   [RECORD_FEATURES] = "$.features | $.x",
						   [RECORD_LABEL] = "$.x.label"},
						  .named = named,
						  .flat = true},
    {.fields = {[RECORD_TS] = "$.ts", [RECORD_REQUEST_ID] = "$.a.b[1]", [RECORD_STATUS] = "$.a.s"},
	.flat = true,
	.scoreless = true}};

/* Lines that are learned before, so that the fuzzer need not find them. */
static const char first_lines[] =
    "{\"ts\":\"2026-01-28T14:06:04.123Z\",\"request_id\":\"8b1f\",\"service\":\"eu\",\"model\":"
    "\"m\","
    "\"version\":12,\"latency_ms\":23.4,\"status\":200,\"score\":0.012345678901234567,"
    "\"threshold\":0.5,\"decision\":false,\"segment\":\"retail\",\"features\":{\"amount\":120.5,"
    "\"category\":\"retail\",\"hour\":14,\"card\":null,\"new\":true},\"u\":[1,{}],\"w\":\"x\"}\n"
    "{\"ts\":1769609164,\"score\":1,\"v\":\"x\",\"x\":{\"label\":1,\"a\":-2.5},\"n\":[3],\"a\":{"
    "\"b\":"
    "[0,\"r\"],\"s\":200}}\n";

static struct record_reader *
open_reader(unsigned layout)
{
	struct err err;
	struct record_reader *reader =
	    layout == 0 ? record_reader_new() : record_reader_new_paths(&layouts[layout - 1], &err);
	CHECK(reader != NULL);
	return reader;
}

/* One that has learned nothing. */
static struct record_reader *
fresh_reader(unsigned layout)
{
	static struct record_reader *readers[3];
	if (readers[layout] == NULL)
		readers[layout] = open_reader(layout);
	outline_clear(&readers[layout]->outline);
	record_forget_keys(readers[layout]);
	return readers[layout];
}

/* Reads the text line by line; each line also as one that has learned nothing does. */
static void
read_lines(
    struct record_reader *learned, unsigned layout, const char *at, const char *end, bool check)
{
	while (at < end) {
		struct prediction ours, theirs;
		struct err our_err = {0}, their_err = {0};
		const char *next, *other;
		size_t length, their_length;
		bool taken =
		    record_next_prediction(learned, at, end, &next, &length, &ours, &our_err);
		if (check) {
			struct record_reader *fresh = fresh_reader(layout);
			CHECK(taken == record_next_prediction(fresh, at, end, &other, &their_length,
					   &theirs, &their_err));
			CHECK(next == other && length == their_length);
			CHECK(taken ? same_prediction(&ours, &theirs)
				    : strcmp(our_err.text, their_err.text) == 0);
		}
		CHECK(next > at);
		at = next;
	}
}

static void
check_label(struct record_reader *learned, unsigned layout, const char *text, size_t length)
{
	struct record_reader *fresh = fresh_reader(layout);
	struct label ours, theirs;
	struct err our_err, their_err;
	bool taken = record_read_label(learned, text, length, &ours, &our_err);
	CHECK(taken == record_read_label(fresh, text, length, &theirs, &their_err));
	CHECK(!taken || (ours.ts == theirs.ts && ours.value == theirs.value &&
			    strcmp(ours.request_id, theirs.request_id) == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	unsigned layout = *data++ % 3;
	size--;
	/* Behind the text stands what goes on as the text may, so that nothing past its end helps.
	 */
	char *text = malloc(size + STRETCH_PAD);
	memcpy(text, data, size);
	for (size_t i = 0; i < STRETCH_PAD; i++)
		text[size + i] = "0\"}}\n"[(size + i / 8) % 5];
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!walkers_force(ways[i]))
			continue;
		struct record_reader *learned = open_reader(layout);
		char first[sizeof(first_lines) + STRETCH_PAD] = "";
		memcpy(first, first_lines, sizeof(first_lines) - 1);
		for (int times = 0; times < 2; times++)
			read_lines(learned, layout, first, first + sizeof(first_lines) - 1, false);
		for (int times = 0; times < 3; times++)
			read_lines(learned, layout, text, text + size, true);
		check_label(learned, layout, text, size);
		check_label(learned, layout, text, size);
		record_reader_free(learned);
	}
	walkers_force(NULL);
	free(text);
	return 0;
}
