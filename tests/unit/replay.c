/* replay.c: two sides of a replay by hand and against the parts they are made of, and what the
 * verdict says in each case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/base/mem.h"
#include "core/base/rng.h"
#include "core/replay/replay.h"
#include "core/replay/verdict.h"
#include "core/stats/average_precision.h"

static struct rng rng;

static struct replay_row
row_of(double logged, double other, int label)
{
	return (struct replay_row){.ts = 1,
	    .id = "",
	    .logged = logged,
	    .other = other,
	    .logged_flag = logged >= 0.5,
	    .other_flag = other >= 0.5,
	    .label = label};
}

static void
add(struct replay *replay, double logged, double other, int label)
{
	struct replay_row row = row_of(logged, other, label);
	replay_add(replay, &row);
}

static void
every_row_is_counted_once(void **state)
{
	(void)state;
	struct replay *replay = replay_new(3);
	struct replay_result result;
	static const double rows[][3] = {{0.9, 0.8, 1}, {0.9, 0.1, 0}, {0.2, 0.7, 1}, {0.1, 0.2, 0},
	    {0.3, 0.6, 0}, {0.4, 0.1, -1}, {0.6, 0.6, -1}, {0.7, 0.3, 1}};
	for (size_t i = 0; i < 8; i++)
		add(replay, rows[i][0], rows[i][1], (int)rows[i][2]);
	struct replay_row row = row_of(NAN, 0.5, -1);
	row.reason = REPLAY_FAILED;
	replay_add(replay, &row);
	row = row_of(0.5, NAN, 1);
	row.reason = REPLAY_NO_INPUT;
	replay_add(replay, &row);
	add(replay, 0.5, 4.2, 1); /* a margin is no score */
	add(replay, 0.5, NAN, 1);
	add(replay, NAN, 0.5, 1);
	row = row_of(0.8, 0.8, 0);
	row.logged_flag = -1;
	replay_add(replay, &row);
	replay_result(replay, &result);
	assert_int_equal(result.rows, 14);
	assert_int_equal(result.scored, 9);
	assert_int_equal(result.unscored[REPLAY_FAILED], 2);
	assert_int_equal(result.unscored[REPLAY_NO_INPUT], 1);
	assert_int_equal(result.unscored[REPLAY_NO_SCORE], 2);
	assert_int_equal(result.unscored[REPLAY_SCORED], 0);
	assert_int_equal(result.labelled, 7);
	assert_int_equal(result.positives, 3);
	assert_int_equal(result.agree, 4);
	assert_int_equal(result.to_flagged, 2);
	assert_int_equal(result.to_passed, 2);
	assert_int_equal(result.logged.decided, 8);
	assert_int_equal(result.logged.flagged, 4);
	assert_int_equal(result.other.decided, 9);
	assert_int_equal(result.other.flagged, 5);
	struct quality_confusion *counts = &result.other.counts;
	assert_true(counts->tp == 2 && counts->fp == 2 && counts->fn == 1 && counts->tn == 2);
	assert_true(result.other.precision == 0.5 && result.other.recall == 2.0 / 3);
	assert_true(result.logged.precision == 2.0 / 3 && result.logged.recall == 2.0 / 3);
	/* Of the six labelled rows that both decided, the other alone is right in two and wrong in
	 * two. */
	assert_int_equal(result.mcnemar.only_first, 2);
	assert_int_equal(result.mcnemar.only_second, 2);
	replay_result_free(&result);
	replay_free(replay);
}

static void
the_largest_changes_come_first_and_bear_their_ids(void **state)
{
	(void)state;
	struct replay *replay = replay_new(5), *all = replay_new(2000), *none = replay_new(0);
	struct replay_result result, whole, empty;
	for (int i = 0; i < 1000; i++) {
		char id[16];
		snprintf(id, sizeof(id), "r%d", i);
		struct replay_row row = row_of(0.5, floor(rng_uniform(&rng) * 200) / 200, -1);
		row.id = id;
		row.ts = i;
		replay_add(replay, &row);
		replay_add(all, &row);
		replay_add(none, &row);
	}
	replay_result(replay, &result);
	replay_result(all, &whole);
	replay_result(none, &empty);
	assert_int_equal(empty.changes_count, 0);
	assert_int_equal(result.changes_count, 5);
	assert_true(whole.changes_count > 950 && whole.changes_count < 1000); /* 0.5 is none */
	for (size_t i = 0; i < whole.changes_count; i++) {
		struct replay_change *change = &whole.changes[i];
		char id[16];
		snprintf(id, sizeof(id), "r%zu", change->row);
		assert_string_equal(change->id, id);
		assert_int_equal(change->ts, change->row);
		if (i < 5)
			assert_int_equal(result.changes[i].row, change->row);
		if (i == 0)
			continue;
		double before = fabs(change[-1].other - 0.5), now = fabs(change->other - 0.5);
		assert_true(before > now || (before == now && change[-1].row < change->row));
	}
	replay_result_free(&result);
	replay_result_free(&whole);
	replay_result_free(&empty);
	replay_free(replay);
	replay_free(all);
	replay_free(none);
}

/* Ten rows a decile of the log, of which the other model moves all of the lowest to the top. */
static void
psi_is_that_of_the_deciles_of_the_log(void **state)
{
	(void)state;
	struct replay *replay = replay_new(0), *even = replay_new(0);
	struct replay_result result;
	double n = 1000;
	for (int i = 0; i < 1000; i++) {
		double score = (i + 0.5) / 1000;
		add(replay, score, i < 100 ? 0.95 : score, -1);
		add(even, score, (999.5 - i) / 1000, -1);
	}
	replay_result(replay, &result);
	double rest = 100.5 / (n + 5), empty = 0.5 / (n + 5), twice = 200.5 / (n + 5);
	double psi = (empty - rest) * log(empty / rest) + (twice - rest) * log(twice / rest);
	assert_true(fabs(result.psi - psi) < 1e-12);
	assert_true(result.psi_null > 0.04 && result.psi_null < 0.045); /* 2/1000 chi2isf(.01,9) */
	replay_result_free(&result);
	replay_result(even, &result);
	assert_true(result.psi == 0);
	replay_result_free(&result);
	replay_free(replay);
	replay_free(even);
}

/* Rows of log-odds: the log's are `logged` apart between the classes, the other's `other`. The
 * decisions are at 0.5; `bias` moves those of the other model. */
static struct replay *
draw(size_t n, double logged, double other, double bias)
{
	struct replay *replay = replay_new(0);
	replay_name(replay, "v1", "v2");
	for (size_t i = 0; i < n; i++) {
		int label = rng_uniform(&rng) < 0.2;
		double common = rng_normal(&rng) - 1;
		double a = common + 0.5 * rng_normal(&rng) + logged * label;
		double b = common + 0.5 * rng_normal(&rng) + other * label;
		struct replay_row row = row_of(1 / (1 + exp(-a)), 1 / (1 + exp(-b)), label);
		row.other_flag = b >= bias;
		replay_add(replay, &row);
	}
	return replay;
}

static void
assert_says(struct replay *replay, enum replay_better better, const char *const *words)
{
	struct replay_result result;
	replay_result(replay, &result);
	print_message("%s\n", result.verdict);
	assert_int_equal(result.better, better);
	for (size_t i = 0; words[i] != NULL; i++) {
		if (strstr(result.verdict, words[i]) == NULL)
			fail_msg("not in it: %s", words[i]);
	}
	assert_true(strlen(result.verdict) < sizeof(result.verdict) - 1);
	assert_true(result.verdict[strlen(result.verdict) - 1] == '.');
	assert_true(result.headline > 0 && result.verdict[result.headline - 1] == '.');
	assert_true(strchr(" ", result.verdict[result.headline]) != NULL); /* or the end */
	replay_result_free(&result);
	replay_free(replay);
}

#define SAYS(replay, better, ...)                                                                  \
	assert_says(replay, better, (const char *const[]){__VA_ARGS__, NULL})

static void
the_verdict_says_which_is_better_and_how_sure(void **state)
{
	(void)state;
	SAYS(draw(4000, 1, 2, 0), REPLAY_OTHER, "v2 is better: AUC 0.", "difference +0.",
	    "p < 1e-9 by DeLong. Decisions: ", " more of 4,000 labelled, p ", " by McNemar. ",
	    "Average precision 0.");
	SAYS(draw(4000, 2, 1, 0), REPLAY_LOGGED, "v1 is better: AUC 0.", "difference +0.",
	    " more of 4,000 labelled, p ");
	SAYS(draw(4000, 1.5, 1.5, 0), REPLAY_UNDECIDED,
	    "Neither is shown to be better by 4,000 labels. For v2: AUC 0.", " by DeLong");
	/* The same ranking, other decisions. */
	SAYS(draw(4000, 1.5, 1.5, -1), REPLAY_LOGGED, "v1 decides better: right on ",
	    " more of 4,000 labelled, p < 1e-9 by McNemar. The ranking does not tell: AUC "
	    "0.");
	SAYS(draw(4000, 1.5, 2, -1.5), REPLAY_UNDECIDED,
	    "Undecided: v2 ranks better, v1 decides better, v2 has the higher average precision. "
	    "For v2: AUC 0.",
	    "; decisions: right on ", " fewer of 4,000 labelled, p ");
}

/* The log has half of the frauds at its very top and loses the others; the other model has all of
 * them rather high, under some good rows. */
static void
an_average_precision_that_differs_leaves_it_undecided(void **state)
{
	(void)state;
	struct replay *replay = replay_new(0);
	replay_name(replay, "v1", "v2");
	for (int i = 0; i < 4000; i++) {
		int label = i < 400;
		double noise = rng_uniform(&rng);
		double logged = i < 200 ? 0.9 + 0.1 * noise : 0.9 * noise;
		double other = label ? 0.7 + 0.1 * noise : noise * (i % 4 ? 0.7 : 1);
		struct replay_row row = row_of(logged, other, label);
		row.logged_flag = row.other_flag = 0;
		replay_add(replay, &row);
	}
	SAYS(replay, REPLAY_UNDECIDED,
	    "Undecided: v2 ranks better, v1 has the higher average precision. For v2: AUC 0.",
	    ". Average precision 0.");
}

/* Both p under 5 % are not enough: the smaller one must be under 2.5 %. */
static void
two_tests_are_adjusted_by_holm(void **state)
{
	(void)state;
	static const struct {
		double rank, decisions;
		enum replay_better better;
	} cases[] = {
	    {0.04, 0.04, REPLAY_UNDECIDED},
	    {0.026, 0.049, REPLAY_UNDECIDED},
	    {0.02, 0.04, REPLAY_OTHER},
	    {0.04, 0.02, REPLAY_OTHER},
	    {0.02, 0.9, REPLAY_OTHER},
	    {0.9, 0.03, REPLAY_UNDECIDED},
	    {NAN, 0.04, REPLAY_OTHER},
	    {0.04, NAN, REPLAY_OTHER},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct replay_result result = {
		    .scored = 1000,
		    .labelled = 1000,
		    .positives = 100,
		    .delong = {.p_value = cases[i].rank, .difference = 0.01},
		    .mcnemar = {.p_value = cases[i].decisions, .difference = 0.01},
		    .average_precision = {.p_value = NAN},
		};
		replay_judge(&result, "v1", "v2");
		if (result.better != cases[i].better)
			fail_msg("case %zu: %s", i, result.verdict);
	}
}

static void
a_few_frauds_do_not_decide(void **state)
{
	(void)state;
	struct replay *replay = replay_new(0);
	for (int i = 0; i < 1000; i++) {
		double even = (i * 37 % 1000) / 1000.0;
		struct replay_row row = row_of(i < 19 ? 0.5 : even, i < 19 ? 0.99 : even, i < 19);
		row.logged_flag = row.other_flag = 0;
		replay_add(replay, &row);
	}
	SAYS(replay, REPLAY_UNDECIDED, "Neither is shown to be better by 1,000 labels",
	    "p < 1e-9 by DeLong (too few of a class to go by)");
	replay = replay_new(0);
	for (int i = 0; i < 1000; i++)
		add(replay, i < 19 ? 0.3 : 0.1, i < 19 ? 0.9 : 0.1, i < 19);
	SAYS(replay, REPLAY_OTHER,
	    "The other model decides better: right on 19 more of 1,000 labelled, p = ");
}

static void
without_two_classes_nothing_says_which_is_better(void **state)
{
	(void)state;
	struct replay *replay = replay_new(0);
	for (int i = 0; i < 100; i++)
		add(replay, i / 100.0, (99 - i) / 100.0, -1);
	SAYS(replay, REPLAY_UNDECIDED, "Nothing says which is better: no row is labelled",
	    "agree in 0.00 % of 100 rows", "PSI of the scores ");
	replay = replay_new(0);
	for (int i = 0; i < 100; i++)
		add(replay, i / 100.0, i / 200.0, 0);
	SAYS(replay, REPLAY_UNDECIDED, "all 100 labels are honest");
	SAYS(replay_new(3), REPLAY_UNDECIDED, "Nothing to compare: no row was scored by both.");
	replay = replay_new(0);
	for (int i = 0; i < 100; i++) {
		struct replay_row row = row_of(i / 100.0, i % 2 ? 0.9 : 0.1, i % 2);
		row.other_flag = row.logged_flag = -1;
		replay_add(replay, &row);
	}
	SAYS(replay, REPLAY_OTHER, "The other model ranks better: AUC 1.000",
	    "Decisions: none to compare");
}

static void
rows_may_be_added_after_a_result(void **state)
{
	(void)state;
	static const double scores[] = {0.1, 0.9, 0.8, 0.3};
	static const int8_t labels[] = {0, 1, 0, 1};
	struct replay *replay = replay_new(1);
	struct replay_result result;
	for (size_t i = 0; i < 4; i++) {
		add(replay, scores[i], scores[3 - i], labels[i]);
		replay_result(replay, &result);
		assert_int_equal(result.rows, i + 1);
		if (i < 3)
			replay_result_free(&result);
	}
	struct interval interval = average_precision_interval(scores, labels, 4);
	struct quality_rank rank = quality_rank_exact(scores, labels, 4);
	assert_true(result.logged.average_precision_interval.low == interval.low);
	assert_true(result.logged.rank.average_precision == rank.average_precision);
	assert_true(result.logged.rank.roc_auc == 0.75 && result.other.rank.roc_auc == 0.25);
	assert_true(result.delong.difference == -0.5);
	assert_true(fabs(result.logged.mean_score - 0.525) < 1e-15);
	replay_result_free(&result);
	replay_free(replay);
}

static void
decisions_follow_their_thresholds(void **state)
{
	(void)state;
	assert_int_equal(replay_flag_logged(0, 0.9, 0.5, 0.5), 0);
	assert_int_equal(replay_flag_logged(-1, 0.6, 0.7, 0.5), 0);
	assert_int_equal(replay_flag_logged(-1, 0.6, NAN, 0.6), 1);
	assert_int_equal(replay_flag_logged(-1, 0.6, NAN, NAN), -1);
	assert_int_equal(replay_flag_logged(-1, NAN, 0.5, NAN), -1);
	assert_int_equal(replay_flag_other(0.6, 0.6, 0.7, 0.7), 1);
	assert_int_equal(replay_flag_other(0.6, NAN, 0.7, 0.5), 0);
	assert_int_equal(replay_flag_other(0.6, NAN, NAN, 0.5), 1);
	assert_int_equal(replay_flag_other(0.6, NAN, NAN, NAN), -1);
}

int
main(void)
{
	rng_seed(&rng, 20261121, 6);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_is_counted_once),
	    cmocka_unit_test(the_largest_changes_come_first_and_bear_their_ids),
	    cmocka_unit_test(psi_is_that_of_the_deciles_of_the_log),
	    cmocka_unit_test(the_verdict_says_which_is_better_and_how_sure),
	    cmocka_unit_test(an_average_precision_that_differs_leaves_it_undecided),
	    cmocka_unit_test(two_tests_are_adjusted_by_holm),
	    cmocka_unit_test(a_few_frauds_do_not_decide),
	    cmocka_unit_test(without_two_classes_nothing_says_which_is_better),
	    cmocka_unit_test(rows_may_be_added_after_a_result),
	    cmocka_unit_test(decisions_follow_their_thresholds),
	};
	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
