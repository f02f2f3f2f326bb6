/* dataset_labelled.c: what labelled tables of others come to as datasets; skipped where the shared
 * test data is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "core/ingest/dataset.h"

#define DATA "../shared/data/"

static struct dataset data;
static struct dataset_options options;
static struct err err;

static int
set_up(void **state)
{
	(void)state;
	data = (struct dataset){0};
	options = (struct dataset_options){0};
	err = (struct err){0};
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dataset_free(&data);
	return 0;
}

static void
need(const char *file)
{
	if (access(file, R_OK) == 0)
		return;
	print_message("SKIPPED: %s is not there\n", file);
	skip();
}

static void
the_card_transactions_are_all_numbers(void **state)
{
	(void)state;
	need(DATA "labelled/card_transdata_25k.csv");
	options.label = "fraud";
	assert_true(dataset_read(&data, DATA "labelled/card_transdata_25k.csv", &options, &err));
	assert_int_equal(data.rows, 24999);
	assert_int_equal(data.rejected, 0);
	assert_int_equal(data.features_count, 7);
	int frauds = 0;
	for (size_t i = 0; i < data.rows; i++)
		frauds += data.label[i] == 1;
	assert_int_equal(frauds, 2151);
	for (size_t i = 0; i < data.features_count; i++)
		assert_false(data.features[i].categorical);
	assert_true(dataset_feature(&data, "distance_from_home")->numbers[0] == 57.87785658);
}

static void
a_table_mangled_by_a_spreadsheet_is_refused_in_clear_words(void **state)
{
	(void)state;
	const char *file = DATA "labelled/sparkov_sample_fraudTest.csv";
	need(file);
	options.time = "trans_date_trans_time";
	assert_false(dataset_read(&data, file, &options, &err));
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, "none of the 2001 rows can be read; line 2002: "
					 "trans_date_trans_time: '9/10/20 23:37' is not a time"));
	dataset_free(&data);
	options =
	    (struct dataset_options){.label = "is_fraud", .time = "unix_time", .id = "trans_num"};
	assert_true(dataset_read(&data, file, &options, &err));
	assert_int_equal(data.rows, 2001);
	const struct dataset_column *times = dataset_feature(&data, "trans_date_trans_time");
	assert_true(times != NULL && times->categorical);
	assert_string_equal(times->categories[times->codes[0]], "6/21/20 12:14");
	assert_true(data.ts[0] == INT64_C(1371816865000000));
	options.label = "fraud";
	assert_false(dataset_read(&data, file, &options, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

static void
late_labels_of_aws_are_unknown_until_they_are_in(void **state)
{
	(void)state;
	const char *file = DATA "labelled/aws_fraud_detector/transaction_data_2K_coldstart.csv";
	need(file);
	options = (struct dataset_options){
	    .label = "EVENT_LABEL", .time = "EVENT_TIMESTAMP", .id = "EVENT_ID"};
	assert_true(dataset_read(&data, file, &options, &err));
	size_t unknown = 0;
	for (size_t i = 0; i < data.rows; i++)
		unknown += data.label[i] < 0;
	assert_int_equal(data.rows, 1611);
	assert_int_equal(unknown, 801);
	dataset_free(&data);
	options = (struct dataset_options){.label = "EVENT_LABEL"};
	file = DATA "labelled/aws_fraud_detector/registration_data_2K_coldstart.csv";
	/* 1,199 rows have labels in words (legit, fraud); the rest have none, which is no fault. */
	assert_true(dataset_read(&data, file, &options, &err));
	assert_int_equal(data.rows, 2000);
	size_t frauds = 0;
	unknown = 0;
	for (size_t i = 0; i < data.rows; i++) {
		unknown += data.label[i] < 0;
		frauds += data.label[i] == 1;
	}
	assert_int_equal(unknown, 801);
	assert_int_equal(frauds, 100);
	dataset_free(&data);
}

static void
a_label_file_of_its_own_joins_every_row(void **state)
{
	(void)state;
	need(DATA "nannyml/california_housing_analysis.csv");
	uint64_t joined, unmatched;
	options = (struct dataset_options){
	    .score = "y_pred_proba", .decision = "y_pred", .id = "id", .time = "timestamp"};
	assert_true(
	    dataset_read(&data, DATA "nannyml/california_housing_analysis.csv", &options, &err));
	options.label = "clf_target";
	assert_true(dataset_join_labels(&data, DATA "nannyml/california_housing_analysis_gt.csv",
	    &options, &joined, &unmatched, &err));
	assert_true(joined == 8232 && unmatched == 0);
	int positives = 0;
	for (size_t i = 0; i < data.rows; i++)
		positives += data.label[i];
	assert_int_equal(positives, 4315);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(the_card_transactions_are_all_numbers),
	    TEST(a_table_mangled_by_a_spreadsheet_is_refused_in_clear_words),
	    TEST(late_labels_of_aws_are_unknown_until_they_are_in),
	    TEST(a_label_file_of_its_own_joins_every_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
