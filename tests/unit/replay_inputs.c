/* replay_inputs.c: a model's row from a dataset's columns and from records: the same values by both
 * ways, and what counts as missing. */
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

#include "core/base/buf.h"
#include "core/ingest/dataset.h"
#include "core/ingest/record_reader.h"
#include "core/replay/inputs.h"
#include "tests/kit/model_files.h"

static struct model *model;
static struct record_reader *reader;
static char folder[] = "/tmp/fraudtop-inputs-XXXXXX";
static char path[64];

static int
set_up(void **state)
{
	(void)state;
	static const char text[] =
	    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":-1,\"features\":["
	    "{\"name\":\"amount\",\"weight\":0.01},{\"name\":\"country\",\"weight\":1},"
	    "{\"name\":\"hour\",\"weight\":0.1}]}";
	struct err err = {0};
	model = model_parse(text, strlen(text), "inputs", &err);
	assert_non_null(model);
	assert_true(model_set_metadata(
	    model, "{\"categories\":{\"country\":{\"de\":1,\"fr\":2,\"7\":3}}}", &err));
	reader = record_reader_new();
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/data", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	model_free(model);
	record_reader_free(reader);
	unlink(path);
	rmdir(folder);
	return 0;
}

static void
read_data(struct dataset *data, const char *text)
{
	struct err err = {0};
	assert_true(buf_write_file(path, text, strlen(text), 0600, &err));
	if (!dataset_read(data, path, NULL, &err))
		fail_msg("%s", err.text);
}

static size_t
read_record(struct inputs *inputs, const char *features, double *row)
{
	char line[512];
	struct prediction prediction;
	struct err err = {0};
	int length = snprintf(line, sizeof(line),
	    "{\"ts\":\"2026-01-28T14:06:04Z\",\"score\":0.5,\"features\":{%s}}", features);
	if (!record_read_prediction(reader, line, (size_t)length, &prediction, &err))
		fail_msg("%s", err.text);
	return inputs_record(inputs, &prediction, row);
}

static void
assert_row(const double *row, double amount, double country, double hour)
{
	const double wanted[] = {amount, country, hour};
	for (size_t i = 0; i < 3; i++) {
		if (isnan(wanted[i]) ? !isnan(row[i]) : row[i] != wanted[i])
			fail_msg("input %zu is %g and not %g", i, row[i], wanted[i]);
	}
}

static void
columns_are_found_by_name_and_words_become_codes(void **state)
{
	(void)state;
	struct dataset data = {0};
	struct inputs *inputs = inputs_new(model);
	struct err err = {0};
	double rows[12];
	read_data(&data, "hour,other,country,amount\n1,x,fr,10\n,y,xx,20\n3,z,,abc\n4,x,7,40\n");
	assert_true(inputs_bind(inputs, &data, &err));
	inputs_fill(inputs, 0, 4, rows);
	assert_row(rows, 10, 2, 1);
	assert_row(rows + 3, 20, NAN, NAN);
	assert_row(rows + 6, NAN, NAN, 3);
	assert_row(rows + 9, 40, 3, 4);
	const uint64_t unknown[] = {1, 1, 0}, empty[] = {0, 1, 1};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(inputs_unknown(inputs, i), unknown[i]);
		assert_int_equal(inputs_empty(inputs, i), empty[i]);
		assert_int_equal(inputs_absent(inputs, i), 0);
	}
	inputs_fill(inputs, 2, 1, rows);
	assert_row(rows, NAN, NAN, 3);
	inputs_free(inputs);
	dataset_free(&data);
}

static void
a_column_of_numbers_may_be_one_of_categories(void **state)
{
	(void)state;
	struct dataset data = {0};
	struct inputs *inputs = inputs_new(model);
	struct err err = {0};
	double rows[6];
	read_data(&data, "amount,country,hour\n1,7,2\n1,8,2\n");
	assert_true(inputs_bind(inputs, &data, &err));
	inputs_fill(inputs, 0, 2, rows);
	assert_row(rows, 1, 3, 2);
	assert_row(rows + 3, 1, NAN, 2);
	assert_int_equal(inputs_unknown(inputs, 1), 1);
	assert_true(inputs_number(model, 1, 7.0) == 3 && inputs_number(model, 0, 7.5) == 7.5);
	assert_true(inputs_word(model, 1, "de") == 1 && inputs_word(model, 0, "1e3") == 1000);
	assert_true(isnan(inputs_word(model, 0, "1e3x")) && isnan(inputs_number(model, 1, NAN)));
	inputs_free(inputs);
	dataset_free(&data);
}

static void
booleans_of_a_log_are_the_words_true_and_false(void **state)
{
	(void)state;
	static const char text[] = "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":0,"
				   "\"features\":[{\"name\":\"a\",\"weight\":1},"
				   "{\"name\":\"b\",\"weight\":1},{\"name\":\"c\",\"weight\":1}]}";
	struct err err = {0};
	double row[3];
	struct model *booleans = model_parse(text, strlen(text), "booleans", &err);
	assert_non_null(booleans);
	assert_true(model_set_metadata(booleans,
	    "{\"categories\":{\"b\":{\"true\":5,\"false\":6},\"c\":{\"1\":7,\"true\":8}}}", &err));
	struct inputs *inputs = inputs_new(booleans);
	read_record(inputs, "\"a\":true,\"b\":true,\"c\":true", row);
	assert_row(row, 1, 5, 7); /* of two words the number's own */
	read_record(inputs, "\"a\":false,\"b\":false,\"c\":\"true\"", row);
	assert_row(row, 0, 6, 8);
	read_record(inputs, "\"a\":2,\"b\":2,\"c\":0", row);
	assert_row(row, 2, NAN, NAN);
	assert_true(inputs_unknown(inputs, 1) == 1 && inputs_unknown(inputs, 2) == 1);
	inputs_free(inputs);
	model_free(booleans);
}

static void
a_dataset_on_disk_gives_the_same_rows(void **state)
{
	(void)state;
	struct dataset memory = {0}, disk = {.budget = 1};
	struct inputs *one = inputs_new(model), *two = inputs_new(model);
	struct buf text = {0};
	struct err err = {0};
	static double rows[3000 * 3], same[3000 * 3];
	buf_puts(&text, "amount,country,hour\n");
	for (int i = 0; i < 3000; i++)
		buf_printf(&text, "%d.5,%s,%d\n", i, i % 3 ? "de" : "fr", i % 24);
	read_data(&memory, text.data);
	read_data(&disk, text.data);
	assert_non_null(disk.scratch);
	assert_true(inputs_bind(one, &memory, &err) && inputs_bind(two, &disk, &err));
	inputs_fill(one, 0, 3000, rows);
	inputs_fill(two, 0, 3000, same);
	assert_memory_equal(rows, same, sizeof(rows));
	inputs_free(one);
	inputs_free(two);
	dataset_free(&memory);
	dataset_free(&disk);
	buf_free(&text);
}

static void
a_column_that_is_not_there_is_named_with_the_nearest(void **state)
{
	(void)state;
	struct dataset data = {0};
	struct inputs *inputs = inputs_new(model);
	struct err err = {0};
	double row[3];
	read_data(&data, "amount,contry,hour\n1,de,2\n");
	assert_false(inputs_bind(inputs, &data, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_string_equal(err.text, "the data has no column `country`, an input of the model; "
				      "the nearest is `contry`");
	inputs_allow_absent(inputs);
	assert_true(inputs_bind(inputs, &data, &err));
	inputs_fill(inputs, 0, 1, row);
	assert_row(row, 1, NAN, 2);
	assert_int_equal(inputs_absent(inputs, 1), 1);
	assert_int_equal(inputs_unknown(inputs, 1), 0);
	inputs_free(inputs);
	dataset_free(&data);
}

static void
a_record_gives_the_row_that_a_column_would(void **state)
{
	(void)state;
	struct inputs *inputs = inputs_new(model);
	double row[3];
	assert_int_equal(
	    read_record(inputs, "\"x\":9,\"hour\":1,\"country\":\"fr\",\"amount\":10", row), 0);
	assert_row(row, 10, 2, 1);
	/* In another order, and another name where an input stood. */
	assert_int_equal(
	    read_record(inputs, "\"amount\":11,\"x\":9,\"hour\":\"2\",\"country\":7", row), 0);
	assert_row(row, 11, 3, 2);
	assert_int_equal(
	    read_record(inputs, "\"amount\":\"much\",\"country\":\"xx\",\"hour\":null", row), 0);
	assert_row(row, NAN, NAN, NAN);
	assert_int_equal(read_record(inputs, "\"amount\":true", row), 2);
	assert_row(row, 1, NAN, NAN);
	const uint64_t unknown[] = {1, 1, 0}, empty[] = {0, 0, 1}, absent[] = {0, 1, 1};
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(inputs_unknown(inputs, i), unknown[i]);
		assert_int_equal(inputs_empty(inputs, i), empty[i]);
		assert_int_equal(inputs_absent(inputs, i), absent[i]);
	}
	inputs_free(inputs);
}

static void
an_input_that_no_record_names_is_told_with_the_nearest(void **state)
{
	(void)state;
	struct inputs *inputs = inputs_new(model);
	struct err err = {0};
	double row[3];
	assert_true(inputs_named(inputs, &err));
	assert_int_equal(read_record(inputs, "\"amount\":1,\"countries\":2,\"hour\":3", row), 1);
	assert_int_equal(read_record(inputs, "\"amount\":1", row), 2);
	assert_false(inputs_named(inputs, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_string_equal(err.text, "no record of the log names `country`, an input of the "
				      "model; the nearest is `countries`");
	assert_int_equal(read_record(inputs, "\"country\":\"de\"", row), 2);
	assert_true(inputs_named(inputs, &err));
	inputs_free(inputs);
}

/* A block of the widest model there is: its values take no more than 8 MB, and there is a row. */
static void
blocks_of_wide_models_are_short(void **state)
{
	(void)state;
	enum { WIDEST = 65536 };
	struct buf text = {0};
	struct err err = {0};
	buf_puts(&text, "{\"kind\":\"sklearn\",\"class\":\"Ridge\",\"intercept_\":1,\"coef_\":[0");
	for (size_t i = 1; i < WIDEST; i++)
		buf_puts(&text, ",0");
	buf_puts(&text, "]}");
	struct model *wide = model_parse(text.data, text.length, "wide", &err);
	assert_non_null(wide);
	struct inputs *of_wide = inputs_new(wide);
	assert_in_range(inputs_block(of_wide), 1, 16);
	inputs_free(of_wide);
	model_free(wide);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_are_found_by_name_and_words_become_codes),
	    cmocka_unit_test(a_column_of_numbers_may_be_one_of_categories),
	    cmocka_unit_test(booleans_of_a_log_are_the_words_true_and_false),
	    cmocka_unit_test(a_dataset_on_disk_gives_the_same_rows),
	    cmocka_unit_test(a_column_that_is_not_there_is_named_with_the_nearest),
	    cmocka_unit_test(a_record_gives_the_row_that_a_column_would),
	    cmocka_unit_test(blocks_of_wide_models_are_short),
	    cmocka_unit_test(an_input_that_no_record_names_is_told_with_the_nearest),
	};
	return cmocka_run_group_tests_name("replay_inputs", tests, set_up, tear_down);
}
