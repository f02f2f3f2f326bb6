/* column_store.c: a dataset over its budget of memory holds the same values as one under it, and a
 * disk that fails is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>

#include "core/base/buf.h"
#include "core/base/rng.h"
#include "core/ingest/column_store.h"
#include "core/ingest/dataset.h"
#include "core/ingest/rows.h"
#include "core/ingest/scratch.h"

static char path[64];

static int
set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/fraudtop-column-XXXXXX");
	close(mkstemp(path));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void
read_text(struct dataset *data, const struct buf *text, const struct dataset_options *options)
{
	struct err err;
	assert_true(buf_write_file(path, text->data, text->length, 0600, &err));
	if (!dataset_read(data, path, options, &err))
		fail_msg("%s", err.text);
}

static void
assert_same_columns(const struct dataset *whole, const struct dataset *tight)
{
	assert_null(whole->scratch);
	assert_non_null(tight->scratch);
	assert_int_equal(whole->rows, tight->rows);
	assert_int_equal(whole->features_count, tight->features_count);
	for (size_t i = 0; i < whole->features_count; i++) {
		const struct dataset_column *a = &whole->features[i], *b = &tight->features[i];
		struct dataset_values left, right;
		assert_string_equal(a->name, b->name);
		assert_int_equal(a->categorical, b->categorical);
		assert_int_equal(a->categories_count, b->categories_count);
		assert_true(dataset_load(a, &left) && dataset_load(b, &right));
		assert_ptr_equal(left.own, NULL);
		if (a->categorical)
			assert_memory_equal(left.codes, right.codes, whole->rows * 4);
		else
			assert_memory_equal(left.numbers, right.numbers, whole->rows * 8);
		for (size_t j = 0; j < a->categories_count; j++)
			assert_string_equal(a->categories[j], b->categories[j]);
		dataset_unload(&left);
		dataset_unload(&right);
	}
}

/* 5,000 rows: numbers with gaps, words, numbers among which a word comes late, and words that come
 * late where nothing was. */
static void
make_table(struct buf *text)
{
	struct rng rng;
	rng_seed(&rng, 42, 54);
	buf_puts(text, "a,b,late,last\n");
	for (int i = 0; i < 5000; i++) {
		if (i % 7 == 0)
			buf_puts(text, ",");
		else
			buf_printf(text, "%.17g,", rng_uniform(&rng));
		buf_printf(text, "w%d,", i % 13);
		if (i == 4321)
			buf_puts(text, "word,");
		else
			buf_printf(text, "%03d,", i % 500);
		buf_puts(text, i > 4000 ? "x\n" : "\n");
		if (i % 100 == 0)
			buf_puts(text, "a row,of another width\n");
	}
}

static void
a_table_on_disk_is_the_table_in_memory(void **state)
{
	(void)state;
	struct dataset whole = {0}, tight = {.budget = 1};
	struct buf text = {0};
	make_table(&text);
	for (int file = 0; file < 2; file++) {
		read_text(&whole, &text, NULL);
		read_text(&tight, &text, NULL);
		assert_same_columns(&whole, &tight);
		assert_int_equal(whole.rejected, tight.rejected);
	}
	assert_true(whole.rows == 10000 && whole.rejected == 100);
	buf_free(&text);
	dataset_free(&whole);
	dataset_free(&tight);
}

static void
a_log_on_disk_is_the_log_in_memory(void **state)
{
	(void)state;
	struct dataset whole = {0}, tight = {.budget = 20000};
	struct buf text = {0};
	for (int i = 0; i < 4000; i++) {
		buf_printf(&text,
		    "{\"ts\":\"2026-01-28T14:00:%02dZ\",\"score\":0.5,\"features\":{\"a\":%d",
		    i % 60, i);
		if (i > 3000)
			buf_printf(&text, ",\"new\":%d", i % 9);
		buf_printf(&text, ",\"b\":%s}}\n", i == 2500 ? "\"word\"" : "0.25");
	}
	read_text(&whole, &text, NULL);
	read_text(&tight, &text, NULL);
	assert_int_equal(whole.rows, 4000);
	assert_same_columns(&whole, &tight);
	buf_free(&text);
	dataset_free(&whole);
	dataset_free(&tight);
}

static void
a_folder_that_is_not_there_is_named(void **state)
{
	(void)state;
	struct dataset tight = {.budget = 1};
	struct buf text = {0};
	struct err err = {0};
	make_table(&text);
	assert_true(buf_write_file(path, text.data, text.length, 0600, &err));
	setenv("TMPDIR", "/nowhere/at/all", 1);
	assert_false(dataset_read(&tight, path, NULL, &err));
	unsetenv("TMPDIR");
	assert_int_equal(err.code, ERR_CREATE);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
	assert_non_null(strstr(err.text, "TMPDIR"));
	buf_free(&text);
	dataset_free(&tight);
}

static void
a_disk_that_is_full_is_said(void **state)
{
	(void)state;
	struct scratch scratch;
	scratch_init(&scratch);
	assert_true(scratch_append(&scratch, "x", 1));
	close(scratch.fd);
	FILE *full = fopen("/dev/full", "w");
	if (full == NULL) {
		print_message("skipped: there is no /dev/full\n");
		skip();
	}
	scratch.fd = dup(fileno(full));
	fclose(full);
	struct column_store *store = column_store_new(&scratch, sizeof(double), 4);
	for (size_t i = 0; i < 20; i++)
		*(double *)column_store_cell(store, i) = (double)i;
	assert_int_equal(scratch.failure.code, ERR_IO);
	assert_non_null(strstr(scratch.failure.text, "No space left"));
	double values[20];
	assert_false(column_store_load(store, values));
	column_store_free(store);
	scratch_close(&scratch);
}

static void *
fill_pipe(void *context)
{
	struct buf text = {0};
	FILE *pipe = fopen(context, "w");
	make_table(&text);
	fwrite(text.data, 1, text.length, pipe);
	fclose(pipe);
	buf_free(&text);
	return NULL;
}

static void
a_pipe_is_read_as_a_file_is(void **state)
{
	(void)state;
	struct dataset whole = {0}, piped = {.budget = 1};
	struct buf text = {0};
	struct err err;
	pthread_t writer;
	make_table(&text);
	read_text(&whole, &text, NULL);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(pthread_create(&writer, NULL, fill_pipe, path), 0);
	assert_true(dataset_read(&piped, path, NULL, &err));
	pthread_join(writer, NULL);
	assert_same_columns(&whole, &piped);
	buf_free(&text);
	dataset_free(&whole);
	dataset_free(&piped);
}

/* A word after 3,000 numbers makes them words; they are read back for it. When that failed, the
 * program once aborted: "a column store has no place for row 3000". */
static void
numbers_that_cannot_be_read_back_fail_the_dataset_and_not_the_program(void **state)
{
	(void)state;
	struct dataset data = {.budget = 1};
	struct row row = ROW_UNKNOWN;
	struct err err = {0};
	for (size_t i = 0; i < 3000; i++) {
		rows_append(&data, &row);
		rows_put_number(&data, rows_feature(&data, "x", 0), i, (double)i);
	}
	assert_non_null(data.scratch);
	assert_false(dataset_failed(&data, NULL));
	close(data.scratch->fd);
	data.scratch->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	rows_append(&data, &row);
	rows_put_text(&data, 0, 3000, "word", 4);
	assert_true(dataset_failed(&data, &err));
	dataset_free(&data);
}

int
main(void)
{
#define ON_FILE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    ON_FILE(a_table_on_disk_is_the_table_in_memory),
	    ON_FILE(a_log_on_disk_is_the_log_in_memory),
	    ON_FILE(a_folder_that_is_not_there_is_named),
	    ON_FILE(a_disk_that_is_full_is_said),
	    ON_FILE(a_pipe_is_read_as_a_file_is),
	    ON_FILE(numbers_that_cannot_be_read_back_fail_the_dataset_and_not_the_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
