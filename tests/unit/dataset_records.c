/* dataset_records.c: a log's records handed over while they are read, and request ids as texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/ingest/dataset.h"
#include "core/ingest/record.h"

static char folder[] = "/tmp/fraudtop-records-XXXXXX";
static char path[64];

struct seen {
	size_t count, rows[8], features[8];
	char ids[8][32];
};

static void
see(const struct prediction *prediction, size_t row, void *context)
{
	struct seen *seen = context;
	seen->rows[seen->count] = row;
	seen->features[seen->count] = prediction->features_count;
	snprintf(seen->ids[seen->count++], sizeof(seen->ids[0]), "%s", prediction->request_id);
}

static void
read_text(struct dataset *data, const char *text, const struct dataset_options *options)
{
	struct err err = {0};
	assert_true(buf_write_file(path, text, strlen(text), 0600, &err));
	if (!dataset_read(data, path, options, &err))
		fail_msg("%s", err.text);
}

static const char lines[] =
    "{\"ts\":\"2026-01-28T14:00:00Z\",\"request_id\":\"a\",\"score\":0.1,\"features\":{\"x\":1}}\n"
    "broken\n"
    "{\"ts\":\"2026-01-28T14:00:01Z\",\"score\":0.2,\"label\":1,\"features\":{\"x\":1,\"y\":\"w\"}}"
    "\n"
    "{\"ts\":\"2026-01-28T13:00:00Z\",\"request_id\":\"b\",\"score\":0.3}\n"
    "{\"ts\":\"2026-01-28T14:00:02Z\",\"request_id\":\"a\",\"status\":503}\n";

static void
records_are_handed_over_with_their_rows_and_leave_no_features(void **state)
{
	(void)state;
	struct seen seen = {0};
	struct dataset_options options = {.record = see, .context = &seen};
	struct dataset data = {.keep_ids = true};
	assert_true(clock_parse("2026-01-28T13:30:00Z", 20, &options.since));
	read_text(&data, lines, &options);
	assert_int_equal(data.rows, 3);
	assert_int_equal(data.rejected, 1);
	assert_int_equal(data.before, 1);
	assert_int_equal(data.features_count, 0);
	assert_int_equal(seen.count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(seen.rows[i], i);
		assert_int_equal(seen.features[i], i == 2 ? 0 : i + 1);
	}
	assert_string_equal(seen.ids[0], "a");
	assert_string_equal(seen.ids[1], "");
	assert_true(data.score[1] == 0.2 && data.label[1] == 1 && data.label[0] == -1);
	assert_int_equal(data.request->categories_count, 1);
	assert_string_equal(data.request->categories[data.request->codes[2]], "a");
	assert_true(data.request->codes[1] == DATASET_MISSING);
	assert_true(data.id[0] == data.id[2] && data.id[1] == 0);
	dataset_free(&data);
}

static void
ids_of_a_csv_are_kept_too_where_asked_for(void **state)
{
	(void)state;
	static const char table[] = "id,x,p\nr1,1,0.5\n,2,0.6\nr3,3,0.7\n";
	struct seen seen = {0};
	struct dataset_options options = {
	    .id = "id", .score = "p", .record = see, .context = &seen};
	struct dataset data = {.keep_ids = true}, plain = {0};
	read_text(&data, table, &options);
	read_text(&plain, table, &options);
	assert_null(plain.request);
	assert_int_equal(seen.count, 0);
	assert_int_equal(data.features_count, 1);
	assert_string_equal(data.request->categories[data.request->codes[2]], "r3");
	assert_true(data.request->codes[1] == DATASET_MISSING);
	/* Appended to, by another file. */
	read_text(&data, lines, NULL);
	assert_string_equal(data.request->categories[data.request->codes[3]], "a");
	assert_string_equal(data.request->categories[data.request->codes[0]], "r1");
	dataset_free(&data);
	dataset_free(&plain);
}

static int
set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/data", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	rmdir(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(records_are_handed_over_with_their_rows_and_leave_no_features),
	    cmocka_unit_test(ids_of_a_csv_are_kept_too_where_asked_for),
	};
	return cmocka_run_group_tests_name("dataset_records", tests, set_up, tear_down);
}
