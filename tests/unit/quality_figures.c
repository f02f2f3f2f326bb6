/* quality_figures.c: figures of a confusion matrix and the losses, against hand-counted ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/base/rng.h"
#include "core/stats/quality.h"

static bool
near(double a, double b)
{
	return fabs(a - b) < 1e-12;
}

static void
figures_are_what_their_definitions_say(void **state)
{
	(void)state;
	struct quality_confusion c = {.tp = 30, .fp = 10, .tn = 50, .fn = 20};
	assert_true(near(quality_precision(&c), 0.75));
	assert_true(near(quality_recall(&c), 0.6));
	assert_true(near(quality_fnr(&c), 0.4));
	assert_true(near(quality_specificity(&c), 50.0 / 60));
	assert_true(near(quality_fpr(&c), 10.0 / 60));
	assert_true(near(quality_accuracy(&c), 80.0 / 110));
	assert_true(near(quality_flag_rate(&c), 40.0 / 110));
	assert_true(near(quality_f1(&c), 2 * 0.75 * 0.6 / 1.35));
	assert_true(near(quality_f(&c, 1), quality_f1(&c)));
	assert_true(near(quality_f(&c, 2), 5 * 0.75 * 0.6 / (4 * 0.75 + 0.6)));
	assert_true(near(quality_f(&c, 0.5), 1.25 * 0.75 * 0.6 / (0.25 * 0.75 + 0.6)));
}

static void
nothing_over_nothing_is_undefined(void **state)
{
	(void)state;
	struct quality_confusion none = {0}, passed = {.tn = 4, .fn = 1}, caught = {.tp = 3};
	double (*const figures[])(const struct quality_confusion *) = {quality_precision,
	    quality_recall, quality_specificity, quality_fpr, quality_fnr, quality_accuracy,
	    quality_flag_rate, quality_f1};
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		assert_true(isnan(figures[i](&none)));
	assert_true(isnan(quality_f(&none, 2)));
	assert_true(isnan(quality_precision(&passed)) && quality_recall(&passed) == 0);
	assert_true(quality_f1(&passed) == 0 && quality_flag_rate(&passed) == 0);
	assert_true(isnan(quality_fpr(&caught)) && isnan(quality_specificity(&caught)));
}

static void
a_score_on_the_threshold_is_flagged(void **state)
{
	(void)state;
	double scores[] = {0.5, 0.5, 0.49999999999999994, 1, 0, NAN, 0.7, 0.7};
	int8_t labels[] = {1, 0, 1, 0, 0, 1, -1, 2};
	struct quality_confusion c = quality_confusion_at(scores, labels, 8, 0.5);
	assert_int_equal(c.tp, 1);
	assert_int_equal(c.fp, 2);
	assert_int_equal(c.fn, 1);
	assert_int_equal(c.tn, 1);
	c = quality_confusion_at(scores, labels, 8, 0);
	assert_int_equal(c.tp + c.fp, 5);
	c = quality_confusion_at(scores, labels, 8, NAN); /* no score is above what is not there */
	assert_int_equal(c.tp + c.fp, 0);
}

static void
each_class_is_counted_against_all_others(void **state)
{
	(void)state;
	const uint64_t matrix[9] = {5, 2, 1, 0, 7, 3, 4, 0, 9};
	struct quality_confusion c = quality_confusion_of(matrix, 3, 0);
	assert_int_equal(c.tp, 5);
	assert_int_equal(c.fn, 3);
	assert_int_equal(c.fp, 4);
	assert_int_equal(c.tn, 19);
	uint64_t hits = 0;
	for (size_t i = 0; i < 3; i++) {
		c = quality_confusion_of(matrix, 3, i);
		hits += c.tp;
		assert_int_equal(c.tp + c.fn + c.fp + c.tn, 31);
	}
	assert_int_equal(hits, 21);
}

static void
losses_count_the_rows_they_clip(void **state)
{
	(void)state;
	double scores[] = {0, 1, 1, 0.25, NAN, 0.5, 1e-17};
	int8_t labels[] = {1, 1, 0, 0, 1, -1, 0};
	struct quality_loss loss = quality_loss_of(scores, labels, 7);
	assert_int_equal(loss.rows, 5);
	assert_int_equal(loss.clipped, 4);
	assert_true(near(quality_brier(scores, labels, 7), (1 + 0 + 1 + 0.0625) / 5));
	double wrong = -log(2.220446049250313e-16);
	/* 1 - CLIP is the double below 1; its distance to 1 is CLIP again. */
	assert_true(fabs(quality_log_loss(scores, labels, 7) - (2 * wrong - log(0.75)) / 5) < 1e-9);
	struct quality_loss none = quality_loss_of(scores, labels, 0);
	assert_true(isnan(quality_loss_brier(&none)) && isnan(quality_loss_log(&none)));
}

static void
losses_merge_in_any_order(void **state)
{
	(void)state;
	enum { N = 1000, PARTS = 8 };
	struct rng rng;
	rng_seed(&rng, 5, 1);
	struct quality_loss whole = {0}, parts[PARTS], forth = {0}, back = {0};
	memset(parts, 0, sizeof(parts));
	for (size_t i = 0; i < N; i++) {
		double score = rng_uniform(&rng);
		int8_t label = rng_uniform(&rng) < score;
		quality_loss_add(&whole, score, label);
		quality_loss_add(&parts[i % PARTS], score, label);
	}
	for (size_t i = 0; i < PARTS; i++) {
		quality_loss_merge(&forth, &parts[i]);
		quality_loss_merge(&back, &parts[PARTS - 1 - i]);
	}
	assert_int_equal(forth.rows, N);
	assert_int_equal(back.rows, N);
	assert_true(near(quality_loss_brier(&forth), quality_loss_brier(&whole)));
	assert_true(near(quality_loss_log(&forth), quality_loss_log(&back)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(figures_are_what_their_definitions_say),
	    cmocka_unit_test(nothing_over_nothing_is_undefined),
	    cmocka_unit_test(a_score_on_the_threshold_is_flagged),
	    cmocka_unit_test(each_class_is_counted_against_all_others),
	    cmocka_unit_test(losses_count_the_rows_they_clip),
	    cmocka_unit_test(losses_merge_in_any_order),
	};
	return cmocka_run_group_tests_name("quality_figures", tests, NULL, NULL);
}
