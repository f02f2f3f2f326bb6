/* verdict.c: the rule from numbers to a verdict, case by case. How often it errs is measured in
 * false_alarms.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/monitor/verdict.h"
#include "core/stats/dist.h"

static const struct verdict_limits limits = {0.1, 0.2, 0.01, 1000};

static struct verdict_evidence
evidence_of(double psi)
{
	return (struct verdict_evidence){.psi = psi,
	    .null_level = 0.012,
	    .p_chi2 = 1e-9,
	    .p_ks = NAN,
	    .n_reference = 10000,
	    .n_current = 1812};
}

static void
drift_is_an_effect_that_is_significant(void **state)
{
	(void)state;
	struct verdict_evidence e = evidence_of(0.0999);
	assert_int_equal(verdict_of(&e, 1e-9, &limits), SEVERITY_OK);
	e.psi = 0.1;
	assert_int_equal(verdict_of(&e, 1e-9, &limits), SEVERITY_WARNING);
	e.psi = 0.2;
	assert_int_equal(verdict_of(&e, 1e-9, &limits), SEVERITY_CRITICAL);
	assert_int_equal(verdict_of(&e, 0.01, &limits), SEVERITY_CRITICAL);
	assert_int_equal(verdict_of(&e, 0.0100001, &limits), SEVERITY_OK);
	e.null_level = 0.2; /* no more than chance gives */
	assert_int_equal(verdict_of(&e, 1e-9, &limits), SEVERITY_OK);
}

static void
too_few_on_a_side_are_insufficient(void **state)
{
	(void)state;
	struct verdict_evidence e = evidence_of(3);
	e.n_current = 999;
	assert_int_equal(verdict_of(&e, 0, &limits), SEVERITY_INSUFFICIENT);
	assert_true(isnan(verdict_p(&e, &limits)));
	e.n_current = 1000;
	assert_int_equal(verdict_of(&e, 0, &limits), SEVERITY_CRITICAL);
	assert_false(isnan(verdict_p(&e, &limits)));
	e.n_reference = 999.5;
	assert_int_equal(verdict_of(&e, 0, &limits), SEVERITY_INSUFFICIENT);
	e.n_reference = NAN;
	assert_int_equal(verdict_of(&e, 0, &limits), SEVERITY_INSUFFICIENT);
}

static void
what_cannot_be_compared_is_insufficient(void **state)
{
	(void)state;
	struct verdict_evidence e = evidence_of(NAN);
	assert_int_equal(verdict_of(&e, 0, &limits), SEVERITY_INSUFFICIENT);
	e = evidence_of(0.3); /* an effect, and no test of it */
	assert_int_equal(verdict_of(&e, NAN, &limits), SEVERITY_INSUFFICIENT);
	e = evidence_of(0.02); /* no effect: no test is needed */
	assert_int_equal(verdict_of(&e, NAN, &limits), SEVERITY_OK);
}

static void
the_p_of_two_tests_is_twice_the_lesser(void **state)
{
	(void)state;
	struct verdict_evidence e = evidence_of(0.3);
	e.p_chi2 = 0.03;
	assert_true(verdict_p(&e, &limits) == 0.03);
	e.p_ks = 0.02;
	assert_true(verdict_p(&e, &limits) == 0.04);
	e.p_ks = e.p_chi2 = 0.8;
	assert_true(verdict_p(&e, &limits) == 1);
	e.p_chi2 = NAN;
	assert_true(verdict_p(&e, &limits) == 0.8);
	e.p_ks = NAN;
	assert_true(isnan(verdict_p(&e, &limits)));
}

/* i, o, w, c: insufficient, ok, warning, critical. */
static enum severity
severity_of(char letter)
{
	static const char letters[] = "iowc";
	static const enum severity all[] = {
	    SEVERITY_INSUFFICIENT, SEVERITY_OK, SEVERITY_WARNING, SEVERITY_CRITICAL};
	return all[strchr(letters, letter) - letters];
}

static void
so_many_of_the_last_windows_must_agree(void **state)
{
	(void)state;
	static const struct {
		const char *windows; /* the newest first */
		unsigned confirm;
		char expected;
	} cases[] = {
	    {"w", 2, 'o'},
	    {"w", 1, 'w'},
	    {"ww", 2, 'w'},
	    {"wow", 2, 'w'},
	    {"owc", 2, 'w'},
	    {"coo", 2, 'o'},
	    {"cwo", 2, 'w'},
	    {"coc", 2, 'c'},
	    {"wwc", 3, 'w'},
	    {"icc", 2, 'i'},
	    {"cic", 2, 'c'},
	    {"cii", 2, 'o'},
	    {"", 2, 'i'},
	    {"w", 0, 'w'},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		enum severity windows[VERDICT_WINDOWS];
		size_t count = strlen(cases[i].windows);
		for (size_t j = 0; j < count; j++)
			windows[j] = severity_of(cases[i].windows[j]);
		assert_int_equal(verdict_confirmed(windows, count, cases[i].confirm),
		    severity_of(cases[i].expected));
	}
}

static void
nulls_warn_at_a_significant_rise_of_a_point(void **state)
{
	(void)state;
	/* of 100,000 and 10,000: 1 % before */
	assert_int_equal(
	    verdict_nulls(1000, 100000, 199, 10000, 0.01, 0.01, 0.05, 1000), SEVERITY_OK);
	assert_int_equal(
	    verdict_nulls(1000, 100000, 200, 10000, 0.01, 0.01, 0.05, 1000), SEVERITY_WARNING);
	assert_int_equal(
	    verdict_nulls(1000, 100000, 500, 10000, 0.01, 0.01, 0.05, 1000), SEVERITY_WARNING);
	assert_int_equal(
	    verdict_nulls(1000, 100000, 501, 10000, 0.01, 0.01, 0.05, 1000), SEVERITY_CRITICAL);
	/* Many before, as many now, or fewer: nothing rose. */
	assert_int_equal(
	    verdict_nulls(90000, 100000, 9000, 10000, 0.01, 0.01, 0.05, 1000), SEVERITY_OK);
	assert_int_equal(
	    verdict_nulls(90000, 100000, 100, 10000, 0.01, 0.01, 0.05, 1000), SEVERITY_OK);
	/* A rise that chance may give. */
	assert_int_equal(verdict_nulls(500, 1000, 520, 1000, 0.01, 0.01, 0.05, 1000), SEVERITY_OK);
	assert_int_equal(
	    verdict_nulls(0, 100000, 999, 999, 0.01, 0.01, 0.05, 1000), SEVERITY_INSUFFICIENT);
	assert_int_equal(verdict_nulls(0, 0, 0, 0, 0.01, 0.01, 0.05, 0), SEVERITY_INSUFFICIENT);
}

static void
false_alarms_are_bounded_by_both_conditions(void **state)
{
	(void)state;
	/* At n = 1,000 a PSI of 0.1 is far beyond chance. */
	double large = verdict_false_alarm(&limits, 10, 10000, 1000, 12);
	assert_true(fabs(large / dist_chi2_sf(0.1 / 0.0011, 9) - 1) < 1e-12);
	assert_true(large < 1e-14);
	struct verdict_limits any = limits;
	any.min_samples = 1; /* at n = 100 it is not: alpha holds it */
	assert_true(verdict_false_alarm(&any, 10, 10000, 100, 12) == 0.01 / 12);
	assert_true(verdict_false_alarm(&limits, 10, 10000, 100, 12) == 0);
	assert_true(verdict_false_alarm(&limits, 1, 10000, 1000, 12) == 0);
	assert_true(verdict_false_alarm(&limits, 10, 0, 1000, 12) == 0);
	assert_true(verdict_false_alarm(&limits, 10, 10000, 1000, 0) == 0);
}

static const char *
words_of(const struct verdict_evidence *e, double p, const enum severity *windows, size_t count)
{
	static char text[160];
	verdict_words(e, p, &limits, windows, count, 2, text, sizeof(text));
	return text;
}

static void
the_verdict_is_said_in_words(void **state)
{
	(void)state;
	static const enum severity calm[3] = {SEVERITY_OK, SEVERITY_OK, SEVERITY_OK};
	static const enum severity first[3] = {SEVERITY_WARNING, SEVERITY_OK, SEVERITY_OK};
	static const enum severity both[2] = {SEVERITY_WARNING, SEVERITY_WARNING};
	static const enum severity past[3] = {SEVERITY_OK, SEVERITY_WARNING, SEVERITY_WARNING};
	struct verdict_evidence e = evidence_of(0.18);
	assert_string_equal(
	    words_of(&e, 1e-9, both, 2), "PSI 0.18, 15 times what chance gives at n = 1,812");
	assert_string_equal(words_of(&e, 1e-9, first, 3),
	    "PSI 0.18, 15 times what chance gives at n = 1,812; over "
	    "in 1 of 3 windows, alarms at 2");
	assert_string_equal(words_of(&e, 0.04, calm, 3),
	    "PSI 0.18, 15 times what chance gives at n = 1,812; not significant (p 0.04)");
	e = evidence_of(0.04);
	assert_string_equal(words_of(&e, 1e-9, calm, 3),
	    "PSI 0.04, 3.3 times what chance gives at n = 1,812; significant, but small");
	assert_string_equal(words_of(&e, 0.5, past, 3),
	    "PSI 0.04, 3.3 times what chance gives at n = 1,812; over in 2 of 3 windows");
	e = evidence_of(0.0042);
	e.n_current = 1234567;
	assert_string_equal(
	    words_of(&e, 0.5, calm, 3), "PSI 0.004, within what chance gives at n = 1,234,567");
	e.n_current = 400;
	assert_string_equal(words_of(&e, NAN, calm, 3),
	    "PSI 0.004, within what chance gives at n = 400; too few to judge: 400 of the "
	    "1,000 needed");
	e = evidence_of(0.18);
	e.n_reference = 400.7;
	assert_string_equal(words_of(&e, NAN, calm, 3),
	    "PSI 0.18, 15 times what chance gives at n = 1,812; too few to judge: 400 of the "
	    "1,000 needed in the reference");
	e = evidence_of(NAN);
	e.n_current = 0;
	assert_string_equal(words_of(&e, NAN, calm, 3), "no value in the window");
	e = evidence_of(NAN);
	assert_string_equal(words_of(&e, NAN, calm, 3), "not comparable at n = 1,812");
}

static void
words_are_cut_to_their_room(void **state)
{
	(void)state;
	struct verdict_evidence e = evidence_of(0.18);
	enum severity now = SEVERITY_WARNING;
	char text[12];
	verdict_words(&e, 1e-9, &limits, &now, 1, 2, text, sizeof(text));
	assert_string_equal(text, "PSI 0.18, 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(drift_is_an_effect_that_is_significant),
	    cmocka_unit_test(too_few_on_a_side_are_insufficient),
	    cmocka_unit_test(what_cannot_be_compared_is_insufficient),
	    cmocka_unit_test(the_p_of_two_tests_is_twice_the_lesser),
	    cmocka_unit_test(so_many_of_the_last_windows_must_agree),
	    cmocka_unit_test(nulls_warn_at_a_significant_rise_of_a_point),
	    cmocka_unit_test(false_alarms_are_bounded_by_both_conditions),
	    cmocka_unit_test(the_verdict_is_said_in_words),
	    cmocka_unit_test(words_are_cut_to_their_room),
	};
	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
