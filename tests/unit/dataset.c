/* dataset.c: logs and CSVs become the columns that stand in them, and bad input is refused by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/ingest/dataset.h"

static struct dataset data;
static struct dataset_options options;
static struct err err;
static char path[64], labels[64];

static int
set_up(void **state)
{
	(void)state;
	data = (struct dataset){0};
	options = (struct dataset_options){0};
	err = (struct err){0};
	strcpy(path, "/tmp/fraudtop-dataset-XXXXXX");
	strcpy(labels, "/tmp/fraudtop-labels-XXXXXX");
	close(mkstemp(path));
	close(mkstemp(labels));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dataset_free(&data);
	unlink(path);
	unlink(labels);
	return 0;
}

static void
write_file(const char *file, const char *text, size_t length)
{
	struct err failure;
	if (!buf_write_file(file, text, length, 0600, &failure))
		fail_msg("%s", failure.text);
}

static bool
reads(const char *text)
{
	write_file(path, text, strlen(text));
	return dataset_read(&data, path, &options, &err);
}

static void
assert_reads(const char *text, size_t rows, size_t rejected)
{
	if (!reads(text))
		fail_msg("%s", err.text);
	assert_int_equal(data.rows, rows);
	assert_int_equal(data.rejected, rejected);
}

static void
assert_refused(const char *text, int code, const char *reason)
{
	assert_false(reads(text));
	assert_int_equal(err.code, code);
	if (strstr(err.text, reason) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, reason);
}

static struct dataset_column *
feature(const char *name)
{
	struct dataset_column *column = dataset_feature(&data, name);
	if (column == NULL)
		fail_msg("no feature %s", name);
	return column;
}

/* The category of a row, or NULL. */
static const char *
category(const struct dataset_column *column, size_t row)
{
	assert_true(column->categorical);
	assert_null(column->numbers);
	if (column->codes[row] == DATASET_MISSING)
		return NULL;
	assert_true(column->codes[row] < column->categories_count);
	return column->categories[column->codes[row]];
}

static void
a_csv_has_numbers_categories_and_gaps(void **state)
{
	(void)state;
	assert_reads("amount,kind,zip\r\n1.5,a,02139\r\n,b,NA\r\nnan,a,inf\r\n-2e3,None,-0", 4, 0);
	assert_int_equal(data.features_count, 3);
	const struct dataset_column *amount = feature("amount"), *kind = feature("kind");
	assert_false(amount->categorical);
	assert_true(amount->numbers[0] == 1.5 && amount->numbers[3] == -2000);
	assert_true(isnan(amount->numbers[1]) && isnan(amount->numbers[2]));
	assert_string_equal(category(kind, 0), "a");
	assert_string_equal(category(kind, 1), "b");
	assert_int_equal(kind->codes[2], 0);
	assert_null(category(kind, 3));
	assert_int_equal(kind->categories_count, 2);
	assert_true(isinf(feature("zip")->numbers[2]));
	assert_null(dataset_feature(&data, "nothing"));
	assert_null(data.score);
	assert_null(data.ts);
	assert_null(data.version);
}

static void
a_column_with_one_text_is_categorical_in_its_own_spelling(void **state)
{
	(void)state;
	assert_reads("zip,n\n02139,1\n,2\n1.50,3\n1.5,4\nW1A,5\n02139,6\n", 6, 0);
	const struct dataset_column *zip = feature("zip");
	assert_string_equal(category(zip, 0), "02139");
	assert_null(category(zip, 1));
	assert_string_equal(category(zip, 2), "1.50");
	assert_string_equal(category(zip, 3), "1.5");
	assert_string_equal(category(zip, 4), "W1A");
	assert_int_equal(zip->codes[5], 0);
	assert_string_equal(zip->categories[0], "02139");
	assert_int_equal(zip->categories_count, 4);
	assert_true(feature("n")->numbers[5] == 6);
}

static void
quotes_commas_and_newlines_are_read_by_rfc_4180(void **state)
{
	(void)state;
	assert_reads("\xEF\xBB\xBF\"a \"\"x\"\"\", b ,\n\"1,5\",\"two\nlines\",\"\"\r\n"
		     "\"say \"\"hi\"\"\",in\"ner,3\n\n\"\"\"\",\"\",4\n",
	    3, 0);
	assert_string_equal(data.features[0].name, "a \"x\"");
	assert_string_equal(data.features[1].name, "b");
	assert_string_equal(data.features[2].name, "column 3");
	assert_string_equal(category(&data.features[0], 0), "1,5");
	assert_string_equal(category(&data.features[1], 0), "two lines");
	assert_string_equal(category(&data.features[0], 1), "say \"hi\"");
	assert_string_equal(category(&data.features[1], 1), "in\"ner");
	assert_string_equal(category(&data.features[0], 2), "\"");
	assert_null(category(&data.features[1], 2));
	assert_true(isnan(data.features[2].numbers[0]) && data.features[2].numbers[2] == 4);
}

static void
broken_rows_are_rejected_with_their_line(void **state)
{
	(void)state;
	assert_reads("a,b\n1,2\n\"x\ny\",3,4\n5\n", 1, 2);
	assert_string_equal(data.last_reason, "line 5: 1 fields where the header has 2");
	dataset_free(&data);
	assert_reads("a,b\n1,2\n\"3\"x,4\n5,6\n", 2, 1);
	assert_string_equal(data.last_reason, "line 3: text after a closing quote");
	dataset_free(&data);
	/* A stray quote costs its row and no more. */
	assert_reads("a,b\n1,2\n\"3,4\n5,6\n7,8\n", 3, 1);
	assert_string_equal(data.last_reason, "line 3: a quote that is never closed");
	assert_true(feature("b")->numbers[2] == 8);
}

static void
the_options_say_what_is_no_feature(void **state)
{
	(void)state;
	options = (struct dataset_options){.score = "p",
	    .label = "y",
	    .decision = "flag",
	    .id = "id",
	    .time = "when",
	    .segment = "seg",
	    .version = "v",
	    .ignore = "junk, more",
	    .categorical = "code"};
	assert_reads("p,y,flag,id,when,seg,v,junk,more,code,x\n"
		     "0.25,1,true,r1,2026-01-28T14:06:04.5Z,retail,1,z,z,01,5\n"
		     ",,,,,,,,,,\n"
		     "1,0.0,False,r2,1769609164,,2,z,z,1,6\n"
		     "0,FALSE,0,r1,1769609164123,retail,1,z,z,01,7\n",
	    4, 0);
	assert_int_equal(data.features_count, 2);
	assert_true(data.score[0] == 0.25 && isnan(data.score[1]));
	assert_int_equal(data.label[0], 1);
	assert_int_equal(data.label[1], -1);
	assert_int_equal(data.label[2], 0);
	assert_int_equal(data.label[3], 0);
	assert_int_equal(data.decision[0], 1);
	assert_int_equal(data.decision[2], 0);
	assert_true(data.id[0] == data.id[3] && data.id[0] != data.id[2] && data.id[1] == 0);
	assert_true(data.ts[0] == INT64_C(1769609164500000) && data.ts[1] == 0);
	assert_true(data.ts[2] == INT64_C(1769609164000000));
	assert_true(data.ts[3] == INT64_C(1769609164123000));
	assert_string_equal(category(data.segment, 3), "retail");
	assert_null(category(data.segment, 2));
	assert_string_equal(category(data.version, 2), "2");
	assert_string_equal(category(feature("code"), 0), "01");
	assert_string_equal(category(feature("code"), 2), "1");
	assert_null(data.threshold);
	assert_null(data.service);
}

static void
wrong_options_are_refused_with_the_nearest_name(void **state)
{
	(void)state;
	const char *text = "score,label,amount\n0.5,1,3\n";
	options.score = "scor";
	assert_refused(text, ERR_USAGE, "no column scor; did you mean score?");
	options.score = "zzzzzzzzzz";
	assert_refused(text, ERR_USAGE, "no column zzzzzzzzzz; there are score, label, amount");
	options.score = "p, score"; /* any of them */
	assert_reads(text, 1, 0);
	assert_true(data.score[0] == 0.5);
	options.ignore = "amount,amont";
	assert_refused(text, ERR_USAGE, "no column amont; did you mean amount?");
	options.ignore = NULL;
	options.categorical = "Amount";
	assert_refused(text, ERR_USAGE, "did you mean amount?");
	options.categorical = NULL;
	options.label = "score";
	assert_refused(text, ERR_USAGE, "score cannot be both score and label");
}

static void
values_that_are_not_what_they_should_be_cost_their_row(void **state)
{
	(void)state;
	options = (struct dataset_options){.score = "p", .label = "y", .time = "t"};
	assert_reads(
	    "p,y,t\n0.5,1,2026-01-01\n0.5,1,2026-01-01 00:00:00\n1.5,1,\n0.5,perhaps,\nx,1,\n"
	    "nan,2,\n0.5,0,1e300\ninf,0,\n",
	    1, 7);
	assert_string_equal(data.last_reason, "line 9: p: 'inf' is not a score from 0 to 1");
	dataset_free(&data);
	assert_refused("p,y,t\n0.5,2,\n0.5,fraud\x1b[2J,\n", ERR_DATA,
	    "none of the 2 rows can be read; line 3: y: 'fraud\xEF\xBF\xBD[2J' is not 0, 1, true "
	    "or "
	    "false");
}

static void
files_that_are_no_table_are_refused(void **state)
{
	(void)state;
	assert_refused("a,b,a\n1,2,3\n", ERR_DATA, "the column a stands twice");
	assert_refused("\"a,b\n1,2\n", ERR_DATA, "the header: a quote that is never closed");
	write_file(path, "\xFD\x37zXZ\0\0\4\xE6", 9);
	assert_false(dataset_read(&data, path, NULL, &err));
	assert_non_null(strstr(err.text, "not a text file"));
	assert_false(dataset_read(&data, "/nowhere/at/all", NULL, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_false(dataset_read(&data, "/tmp", NULL, &err));
	assert_int_equal(err.code, ERR_IO);
	assert_reads("", 0, 0);
	assert_reads("\n\n  \n", 0, 0);
	dataset_free(&data);
	assert_reads("a,b\n", 0, 0);
	assert_int_equal(data.features_count, 2);
}

#define HEAD "{\"ts\":\"2026-01-28T14:06:04Z\",\"score\":0.5,"

static void
a_log_becomes_columns_in_order_of_first_appearance(void **state)
{
	(void)state;
	assert_reads(
	    "\xEF\xBB\xBF" HEAD
	    "\"request_id\":\"r1\",\"version\":\"12\",\"features\":{\"a\":1,\"b\":\"x\"}}\r\n"
	    "\n{\"ts\":\"2026-01-28T14:06:05Z\",\"status\":503,\"latency_ms\":7}\n"
	    "not a record\n" HEAD "\"label\":1,\"threshold\":0.4,\"decision\":true,"
	    "\"features\":{\"c\":true,\"b\":\"y\",\"a\":null}}\n" HEAD
	    "\"segment\":\"s\",\"service\":\"eu\",\"model\":\"m\","
	    "\"features\":{\"a\":2.5}}",
	    4, 1);
	assert_string_equal(data.last_reason, "line 4: offset 0: expected '{'");
	assert_int_equal(data.features_count, 3);
	assert_string_equal(data.features[2].name, "c");
	const struct dataset_column *a = feature("a"), *b = feature("b");
	assert_true(a->numbers[0] == 1 && isnan(a->numbers[1]) && isnan(a->numbers[2]));
	assert_true(a->numbers[3] == 2.5);
	assert_string_equal(category(b, 2), "y");
	assert_null(category(b, 1));
	assert_null(category(b, 3));
	assert_true(isnan(feature("c")->numbers[0]) && feature("c")->numbers[2] == 1);
	assert_true(data.score[0] == 0.5 && isnan(data.score[1]));
	assert_true(data.status[0] == 0 && data.status[1] == 503 && data.status[3] == 0);
	assert_true(isnan(data.latency_ms[0]) && data.latency_ms[1] == 7);
	assert_true(isnan(data.threshold[1]) && data.threshold[2] == 0.4);
	assert_true(data.decision[0] == -1 && data.decision[2] == 1);
	assert_true(data.label[0] == -1 && data.label[2] == 1 && data.label[3] == -1);
	assert_true(data.id[0] != 0 && data.id[1] == 0);
	assert_true(data.ts[1] - data.ts[0] == CLOCK_SECOND);
	assert_string_equal(category(data.version, 0), "12");
	assert_null(category(data.version, 3));
	assert_string_equal(category(data.segment, 3), "s");
	assert_string_equal(category(data.service, 3), "eu");
	assert_string_equal(category(data.model, 3), "m");
}

static void
a_feature_of_both_kinds_in_a_log_is_categorical(void **state)
{
	(void)state;
	options.ignore = "no";
	options.categorical = "code";
	assert_reads(HEAD "\"features\":{\"a\":0.1,\"code\":7,\"no\":1}}\n" HEAD
			  "\"features\":{\"a\":\"x\",\"code\":7.0}}\n" HEAD
			  "\"features\":{\"a\":1e21}}\n" HEAD "\"features\":{\"a\":\"0.1\"}}\n",
	    4, 0);
	const struct dataset_column *a = feature("a");
	assert_string_equal(category(a, 0), "0.1");
	assert_string_equal(category(a, 1), "x");
	assert_string_equal(category(a, 2), "1e+21");
	assert_int_equal(a->codes[3], 0);
	assert_string_equal(category(feature("code"), 1), "7");
	assert_null(dataset_feature(&data, "no"));
}

static void
attributions_are_summed_by_feature(void **state)
{
	(void)state;
	options.ignore = "no";
	assert_reads(HEAD "\"features\":{\"a\":1,\"b\":\"x\",\"no\":1},"
			  "\"attributions\":{\"a\":-0.5,\"b\":0.25,\"no\":3,\"base\":1}}\n" HEAD
			  "\"attributions\":{\"b\":-0.5,\"a\":null},\"features\":{\"c\":1}}\n",
	    2, 0);
	assert_int_equal(data.features_count, 3);
	assert_true(feature("a")->attribution_sum == 0.5 && feature("a")->attribution_count == 1);
	assert_true(feature("b")->attribution_sum == 0.75 && feature("b")->attribution_count == 2);
	assert_int_equal(feature("c")->attribution_count, 0);
}

static void
rows_before_a_time_are_left_out_and_counted(void **state)
{
	(void)state;
	assert_true(clock_parse("2026-01-28T12:00:00Z", 20, &options.since));
	options.time = "t";
	assert_reads("t,a\n2026-01-28T11:59:59Z,1\n2026-01-28T12:00:00Z,2\n,3\n", 1, 0);
	assert_int_equal(data.before, 2);
	assert_true(feature("a")->numbers[0] == 2);
	options.time = NULL;
	assert_reads("{\"ts\":\"2026-01-28T13:00:00Z\",\"score\":1,\"features\":{\"a\":4},"
		     "\"attributions\":{\"a\":2}}\n"
		     "{\"ts\":\"2026-01-28T11:00:00Z\",\"score\":1,\"features\":{\"a\":5},"
		     "\"attributions\":{\"a\":9}}\n",
	    2, 0);
	assert_int_equal(data.before, 3);
	assert_true(feature("a")->numbers[1] == 4 && feature("a")->attribution_sum == 2);
}

static void
several_files_make_one_dataset(void **state)
{
	(void)state;
	assert_reads("a,b\n1,2\n3,4\n", 2, 0);
	assert_reads("b,c\n5,x\n,y\n", 4, 0);
	assert_reads(HEAD "\"features\":{\"c\":9,\"a\":\"w\"}}\n", 5, 0);
	assert_int_equal(data.features_count, 3);
	const struct dataset_column *a = feature("a"), *b = feature("b"), *c = feature("c");
	assert_string_equal(category(a, 0), "1");
	assert_string_equal(category(a, 1), "3");
	assert_null(category(a, 2));
	assert_string_equal(category(a, 4), "w");
	assert_true(b->numbers[1] == 4 && b->numbers[2] == 5 && isnan(b->numbers[3]));
	assert_null(category(c, 0));
	assert_string_equal(category(c, 3), "y");
	assert_string_equal(category(c, 4), "9");
	assert_true(isnan(data.score[3]) && data.score[4] == 0.5);
	dataset_free(&data);
	/* Texts after numbers of a file before: those in their shortest form, these as written. */
	assert_reads("a\n1.50\n", 1, 0);
	assert_reads("a\n2.50\nz\n1.5\n", 4, 0);
	a = feature("a");
	assert_string_equal(category(a, 0), "1.5");
	assert_string_equal(category(a, 1), "2.50");
	assert_string_equal(category(a, 2), "z");
	assert_int_equal(a->codes[3], 0);
}

static void
labels_are_joined_by_id_and_the_last_wins(void **state)
{
	(void)state;
	uint64_t joined, unmatched;
	options.id = "id";
	assert_reads("id,x\nr1,1\nr2,2\n,3\nr1,4\n17,5\n", 5, 0);
	const char *feed =
	    "{\"request_id\":\"r1\",\"label\":1}\n{\"request_id\":17,\"label\":true}\n"
	    "{\"request_id\":\"zz\",\"label\":1}\nbroken\n"
	    "{\"request_id\":\"r1\",\"label\":0}\n";
	write_file(labels, feed, strlen(feed));
	assert_true(dataset_join_labels(&data, labels, NULL, &joined, &unmatched, &err));
	assert_true(joined == 3 && unmatched == 1);
	assert_int_equal(data.rejected, 1);
	assert_memory_equal(data.label, ((int8_t[]){0, -1, -1, 0, 1}), 5);
	const char *csv = "when,id,y\n-,r2,1\n-,r1,1\n-,r1,maybe\n-,,1\n-,none,0\n";
	write_file(labels, csv, strlen(csv));
	options.label = "y";
	assert_true(dataset_join_labels(&data, labels, &options, &joined, &unmatched, &err));
	assert_true(joined == 2 && unmatched == 1);
	assert_int_equal(data.rejected, 3);
	assert_memory_equal(data.label, ((int8_t[]){1, 1, -1, 1, 1}), 5);
	options.label = "yy";
	assert_false(dataset_join_labels(&data, labels, &options, &joined, &unmatched, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_false(dataset_join_labels(&data, "/nowhere", &options, NULL, NULL, &err));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(a_csv_has_numbers_categories_and_gaps),
	    TEST(a_column_with_one_text_is_categorical_in_its_own_spelling),
	    TEST(quotes_commas_and_newlines_are_read_by_rfc_4180),
	    TEST(broken_rows_are_rejected_with_their_line),
	    TEST(the_options_say_what_is_no_feature),
	    TEST(wrong_options_are_refused_with_the_nearest_name),
	    TEST(values_that_are_not_what_they_should_be_cost_their_row),
	    TEST(files_that_are_no_table_are_refused),
	    TEST(a_log_becomes_columns_in_order_of_first_appearance),
	    TEST(a_feature_of_both_kinds_in_a_log_is_categorical),
	    TEST(attributions_are_summed_by_feature),
	    TEST(rows_before_a_time_are_left_out_and_counted),
	    TEST(several_files_make_one_dataset),
	    TEST(labels_are_joined_by_id_and_the_last_wins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
