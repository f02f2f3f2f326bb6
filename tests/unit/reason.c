/* reason.c: contributions in words. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "core/model/reason.h"
#include "tests/kit/model_files.h"

enum { AMOUNT, RATIO, MEAN, DISTANCE, CATEGORY, RISK, FEATURES };

static const char file[] =
    "{\"kind\":\"linear\",\"link\":\"logistic\",\"intercept\":0,\"features\":["
    "{\"name\":\"amount\",\"weight\":1},{\"name\":\"ratio\",\"weight\":1},"
    "{\"name\":\"customer_mean\",\"weight\":1},{\"name\":\"distance\",\"weight\":1},"
    "{\"name\":\"category\",\"weight\":1},{\"name\":\"risk\",\"weight\":1}]}";

static const char by_ratio[] =
    "{\"features\":[{\"name\":\"amount\",\"mean\":80,"
    "\"compare\":{\"ratio\":\"ratio\",\"words\":\"this customer's mean\"}},\"ratio\","
    "\"customer_mean\",{\"name\":\"distance\",\"label\":\"way from home\",\"mean\":100,\"low\":0,"
    "\"high\":310},\"category\",{\"name\":\"risk\",\"low\":0.05,\"high\":0.9}],"
    "\"categories\":{\"category\":{\"cash\":0,\"fuel\":3}}}";

static const char by_mean[] =
    "{\"features\":[{\"name\":\"amount\",\"mean\":80,"
    "\"compare\":{\"mean\":\"customer_mean\",\"words\":\"what they spend\"}},\"ratio\","
    "\"customer_mean\",\"distance\",\"category\",\"risk\"]}";

static struct model *
model_noted(const char *metadata)
{
	struct err err = {0};
	struct model *model = model_parse(file, strlen(file), "test", &err);
	if (model == NULL || (metadata != NULL && !model_set_metadata(model, metadata, &err)))
		fail_msg("%s", err.text);
	return model;
}

/* What is said of one input of the row that gave this much. */
static void
expect(const char *metadata, const double row[FEATURES], size_t feature, double contribution,
    const char *text)
{
	struct model *model = model_noted(metadata);
	double contributions[FEATURES + 1] = {0};
	struct reason reason;
	contributions[feature] = contribution;
	assert_int_equal(reasons_of(model, row, contributions, &reason, 1), 1);
	assert_int_equal(reason.feature, feature);
	assert_true(reason.contribution == contribution);
	assert_string_equal(reason.text, text);
	model_free(model);
}

static void
an_amount_is_held_against_what_the_customer_spends(void **state)
{
	(void)state;
	const double row[FEATURES] = {4210, 31.02, 136, 1, 0, 0.5};
	expect(by_ratio, row, AMOUNT, 1.84, "amount 4,210 is 31 times this customer's mean: +1.8");
	expect(by_mean, row, AMOUNT, -0.42, "amount 4,210 is 31 times what they spend: -0.42");
	const double less[FEATURES] = {12.5, 0.251, 100, 1, 0, 0.5};
	expect(by_ratio, less, AMOUNT, -0.03, "amount 12.5 is 25 % of this customer's mean: -0.03");
	expect(by_mean, less, AMOUNT, 12.34, "amount 12.5 is 12 % of what they spend: +12.3");
	const double same[FEATURES] = {1234567.8, 1.04, 1e9, 1, 0, 0.5};
	expect(
	    by_ratio, same, AMOUNT, 0.2, "amount 1,234,568 is about this customer's mean: +0.20");
	expect(
	    by_mean, same, AMOUNT, 0.2, "amount 1,234,568 is under 1 % of what they spend: +0.20");
}

static void
without_that_it_is_held_against_the_training_data(void **state)
{
	(void)state;
	const double unknown[FEATURES] = {248, (double)NAN, (double)NAN, 1, 0, 0.5};
	expect(by_ratio, unknown, AMOUNT, 0.5, "amount 248 is 3.1 times its training mean: +0.50");
	const double none[FEATURES] = {248, 0, 0, 412.25, 0, 0.01};
	expect(by_ratio, none, AMOUNT, 0.5, "amount 248 is 3.1 times its training mean: +0.50");
	expect(by_mean, none, AMOUNT, 0.5, "amount 248 is 3.1 times its training mean: +0.50");
	expect(by_ratio, none, DISTANCE, 2,
	    "way from home 412.2 is 4.1 times its training mean, above what it was trained on "
	    "(up to 310): +2.0");
	expect(by_ratio, none, RISK, -2,
	    "risk 0.01 is below what it was trained on (from 0.05): -2.0");
}

static void
without_notes_its_value_stands_alone(void **state)
{
	(void)state;
	const double row[FEATURES] = {-4210.4, 0.123456, 7, -1, 3, 0.5};
	expect(NULL, row, AMOUNT, 1, "amount is -4,210: +1.0");
	expect(NULL, row, RATIO, 1, "ratio is 0.123: +1.0");
	expect(NULL, row, MEAN, 0.996, "customer_mean is 7: +1.0");
	expect(by_ratio, row, AMOUNT, 1, "amount -4,210 is 12 % of this customer's mean: +1.0");
	expect(by_mean, row, AMOUNT, 1, "amount is -4,210: +1.0");
	expect(by_ratio, row, RISK, 1, "risk is 0.5: +1.0");
}

static void
categories_are_told_by_their_words_and_missing_values_as_missing(void **state)
{
	(void)state;
	const double row[FEATURES] = {(double)NAN, 1, 1, (double)NAN, 3, 0.5};
	expect(by_ratio, row, CATEGORY, 1, "category is fuel: +1.0");
	expect(NULL, row, CATEGORY, 1, "category is 3: +1.0");
	expect(by_ratio, row, AMOUNT, 1, "amount is missing: +1.0");
	expect(by_ratio, row, DISTANCE, -1e-5, "way from home is missing: -1e-05");
}

static void
the_largest_come_first_and_nothing_gives_no_reason(void **state)
{
	(void)state;
	struct model *model = model_noted(NULL);
	const double row[FEATURES] = {1, 2, 3, 4, 5, 6};
	const double contributions[FEATURES + 1] = {0.5, -2, 0, 0.5, 1, -0.1, 99};
	static const size_t order[] = {RATIO, CATEGORY, AMOUNT, DISTANCE, RISK};
	struct reason reasons[FEATURES + 2];
	for (size_t limit = 0; limit <= FEATURES + 2; limit++) {
		memset(reasons, 0xFF, sizeof(reasons));
		size_t count = reasons_of(model, row, contributions, reasons, limit);
		assert_int_equal(count, limit < 5 ? limit : 5);
		for (size_t i = 0; i < count; i++) {
			assert_int_equal(reasons[i].feature, order[i]);
			assert_true(reasons[i].contribution == contributions[order[i]]);
		}
	}
	model_free(model);
}

static void
a_long_text_is_cut_at_a_character_and_keeps_the_contribution(void **state)
{
	(void)state;
	struct buf metadata = {0};
	buf_puts(&metadata, "{\"features\":[{\"name\":\"amount\",\"label\":\"");
	for (int i = 0; i < 100; i++)
		buf_puts(&metadata, "é");
	buf_puts(&metadata, "\",\"compare\":{\"ratio\":\"ratio\",\"words\":\"x");
	for (int i = 0; i < 80; i++)
		buf_puts(&metadata, "€");
	buf_puts(
	    &metadata, "\"}},\"ratio\",\"customer_mean\",\"distance\",\"category\",\"risk\"]}");
	struct model *model = model_noted(metadata.data);
	const double row[FEATURES] = {4, 2, 1, 1, 1, 1};
	const double contributions[FEATURES + 1] = {-1.5};
	struct reason reason;
	assert_int_equal(reasons_of(model, row, contributions, &reason, 1), 1);
	size_t length = strlen(reason.text);
	assert_in_range(length, 150, REASON_TEXT - 1);
	assert_string_equal(reason.text + length - 6, ": -1.5");
	assert_non_null(strstr(reason.text, "é 4 is 2 times x€"));
	uint32_t code;
	for (const char *at = reason.text; *at != '\0';) {
		size_t step = text_decode(at, strlen(at), &code);
		assert_int_not_equal(step, 0);
		at += step;
	}
	model_free(model);
	buf_free(&metadata);
}

static void
the_demos_models_tell_an_amount_by_the_customers_mean(void **state)
{
	(void)state;
	static const char *const paths[] = {"core/service/models/fraud_classifier_12.json",
	    "core/service/models/fraud_classifier_13.json"};
	for (size_t i = 0; i < 2; i++) {
		struct model *model = model_files_load(paths[i]);
		double row[12], contributions[13] = {0};
		struct reason reason;
		assert_int_equal(model_features(model), 12);
		for (size_t f = 0; f < 12; f++)
			row[f] = 1;
		int amount = model_find(model, "amount");
		row[amount] = 2210;
		row[model_find(model, "amount_vs_mean_30d")] = 31;
		contributions[amount] = 1.8;
		assert_int_equal(reasons_of(model, row, contributions, &reason, 1), 1);
		assert_string_equal(
		    reason.text, "amount 2,210 is 31 times this customer's mean: +1.8");
		model_free(model);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_amount_is_held_against_what_the_customer_spends),
	    cmocka_unit_test(without_that_it_is_held_against_the_training_data),
	    cmocka_unit_test(without_notes_its_value_stands_alone),
	    cmocka_unit_test(categories_are_told_by_their_words_and_missing_values_as_missing),
	    cmocka_unit_test(the_largest_come_first_and_nothing_gives_no_reason),
	    cmocka_unit_test(a_long_text_is_cut_at_a_character_and_keeps_the_contribution),
	    cmocka_unit_test(the_demos_models_tell_an_amount_by_the_customers_mean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
