/* form.c: what is taken for the exposition before with other values would be read in full with
 * those very values; whatever else changes is left to be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/poll/form.h"

/* Of every type, with comments, escapes, an exemplar and numbers of every kind. */
static const char open_text[] =
    "# HELP a_seconds Time, \\\"of it\\\"\n# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n"
    "a_seconds_bucket{le=\"-1\"} 2\n"
    "a_seconds_bucket{le=\"0.5\"} 3 # {trace=\"x1\"} 0.25 1\n"
    "a_seconds_bucket{le=\"+Inf\"} 17.0\na_seconds_count 17\na_seconds_sum 3.25e+00\n"
    "a_seconds_created 1.6710664789786139e+09\n"
    "# TYPE b counter\nb_total{p=\"a\\\\b\\\"c\"} 1200\nb_total{p=\"\xc3\xa9\"} 7\n"
    "# TYPE c summary\nc{quantile=\"0.5\"} 0.25\nc_count 4\nc_sum 1\n"
    "# TYPE d stateset\nd{d=\"on\"} 1\nd{d=\"off\"} 0\n"
    "# TYPE e info\ne_info{v=\"1\"} 1\n# TYPE f gauge\nf -3.5e-3\ng NaN\nh{x=\"1\"} +Inf\n# EOF\n";

static const char old_text[] =
    "# TYPE a counter\n\n  a_total { x = \"1\" , }\t12  \r\n# free words\n"
    "b 1 # {trace=\"1\"} 2\nc{le=\"+Inf\"}5\nd +Inf\n# EOF\ne{} -0.00\n\nf 1e3";

/* Whether `text` is taken for what the form has. If so, it is what reading in full says. */
static bool
matches(struct form *form, const char *text, size_t length, enum exposition_format format)
{
	struct err err = {0};
	char *exact = malloc(length + 1); /* so that no byte beyond is read unseen */
	memcpy(exact, text, length);
	char *shorter = realloc(exact, length > 0 ? length : 1);
	bool match = form_match(form, shorter, length, format);
	if (match) {
		size_t count;
		struct exposition *full =
		    exposition_parse(shorter, length, format, NULL, NULL, &err);
		assert_non_null(full);
		const struct exposition_sample *samples = exposition_samples(full, &count);
		assert_int_equal(count, form->wanted);
		for (size_t i = 0; i < count; i++)
			assert_memory_equal(&samples[i].value, &form->values[i], sizeof(double));
		exposition_free(full);
	}
	free(shorter);
	return match;
}

static void
fill(struct form *form, const char *text, enum exposition_format format)
{
	struct err err = {0};
	struct exposition *full = exposition_parse(text, strlen(text), format, NULL, form, &err);
	assert_string_equal(err.text, "");
	exposition_free(full);
}

static bool
is_taken_for(const char *first, const char *second, enum exposition_format format)
{
	struct form form = {0};
	fill(&form, first, format);
	bool match = matches(&form, second, strlen(second), format);
	form_free(&form);
	return match;
}

static void
other_values_are_taken_and_read(void **state)
{
	(void)state;
	struct form form = {0};
	fill(&form, "a{x=\"1\"} 1\nb 2\n", EXPOSITION_TEXT);
	static const char other[] = "a{x=\"1\"} -17.5e3\nb NaN\n";
	assert_true(matches(&form, other, strlen(other), EXPOSITION_TEXT));
	assert_true(form.values[0] == -17500 && form.values[1] != form.values[1]);
	assert_false(matches(&form, other, strlen(other), EXPOSITION_OPENMETRICS));
	form_free(&form);
	assert_true(is_taken_for("\n", "\n", EXPOSITION_TEXT)); /* no value at all */
	assert_true(is_taken_for(open_text, open_text, EXPOSITION_OPENMETRICS));
	assert_true(is_taken_for(old_text, old_text, EXPOSITION_TEXT));
}

static void
an_exemplar_may_change_come_and_go(void **state)
{
	static const char one[] = "# TYPE b counter\nb_total 1 # {t=\"1\"} 1 2.5\n# EOF\n";
	static const char other[] = "# TYPE b counter\nb_total 21 # {u=\"abc\",v=\"\"} 17\n# EOF\n";
	static const char none[] = "# TYPE b counter\nb_total 300\n# EOF\n";
	static const char bad[] = "# TYPE b counter\nb_total 300 # {t=1} 1\n# EOF\n";
	static const char timed[] = "# TYPE b counter\nb_total 300 5\n# EOF\n";
	(void)state;
	assert_true(is_taken_for(one, other, EXPOSITION_OPENMETRICS));
	assert_true(is_taken_for(one, none, EXPOSITION_OPENMETRICS));
	assert_true(is_taken_for(none, one, EXPOSITION_OPENMETRICS));
	assert_false(is_taken_for(one, bad, EXPOSITION_OPENMETRICS));
	assert_false(is_taken_for(none, timed, EXPOSITION_OPENMETRICS));
	assert_false(is_taken_for(timed, timed, EXPOSITION_OPENMETRICS)); /* times have an order */
	assert_false(is_taken_for("# TYPE f gauge\nf 1\n# EOF\n",
	    "# TYPE f gauge\nf 1 # {t=\"1\"} 1\n# EOF\n", EXPOSITION_OPENMETRICS));
}

/* The same lines with values that the rules refuse: each is one change of open_text. */
static void
values_against_the_rules_are_not_taken(void **state)
{
	static const char *const changes[][2] = {
	    {"le=\"-1\"} 2", "le=\"-1\"} 0"}, /* nothing below zero, but buckets */
	    {"le=\"0.5\"} 3", "le=\"0.5\"} 18"}, /* less in the bucket after it */
	    {"+Inf\"} 17.0", "+Inf\"} 18"}, /* not the count */
	    {"a_seconds_count 17", "a_seconds_count 16"},
	    {"a_seconds_count 17", "a_seconds_count NaN"},
	    {"le=\"0.5\"} 3", "le=\"0.5\"} 2.5"},
	    {"b_total{p=\"\xc3\xa9\"} 7", "b_total{p=\"\xc3\xa9\"} -7"},
	    {"b_total{p=\"\xc3\xa9\"} 7", "b_total{p=\"\xc3\xa9\"} NaN"},
	    {"c_count 4\nc_sum 1", "c_count 0\nc_sum -1"},
	    {"d{d=\"on\"} 1", "d{d=\"on\"} 2"},
	    {"e_info{v=\"1\"} 1", "e_info{v=\"1\"} 0"},
	    {"f -3.5e-3", "f -3.5e-3x"},
	    {"f -3.5e-3", "f 0x10"},
	    {"f -3.5e-3", "f 1e999"},
	    {"g NaN", "g {count:1}"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct buf text = {0};
		const char *at = strstr(open_text, changes[i][0]);
		assert_non_null(at);
		buf_append(&text, open_text, (size_t)(at - open_text));
		buf_puts(&text, changes[i][1]);
		buf_puts(&text, at + strlen(changes[i][0]));
		assert_false(is_taken_for(open_text, text.data, EXPOSITION_OPENMETRICS));
		buf_free(&text);
	}
}

static void
what_was_refused_is_no_form(void **state)
{
	struct form form = {0};
	struct err err = {0};
	static const char bad[] = "a 1\nb x\n";
	(void)state;
	fill(&form, "a 1\n", EXPOSITION_TEXT);
	assert_null(exposition_parse(bad, strlen(bad), EXPOSITION_TEXT, NULL, &form, &err));
	assert_false(form_match(&form, bad, strlen(bad), EXPOSITION_TEXT));
	assert_false(form_match(&form, "a 1\n", 4, EXPOSITION_TEXT));
	form_free(&form);
}

/* Changes each byte to others, leaves it out, and ends the text there. */
static size_t
try_every_change(const char *text, enum exposition_format format)
{
	static const char bytes[] = "019.-+eN {}\"#\\,\r\n\xff";
	struct form form = {0};
	size_t length = strlen(text), taken = 0;
	char *changed = malloc(length + 1);
	fill(&form, text, format);
	for (size_t at = 0; at < length; at++) {
		for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
			memcpy(changed, text, length);
			changed[at] = bytes[i];
			taken += bytes[i] != text[at] && matches(&form, changed, length, format);
			memmove(changed + at + 1, text + at, length - at);
			taken += matches(&form, changed, length + 1, format);
		}
		memcpy(changed, text, at);
		memcpy(changed + at, text + at + 1, length - at - 1);
		taken += matches(&form, changed, length - 1, format);
		taken += matches(&form, text, at, format);
	}
	free(changed);
	form_free(&form);
	return taken;
}

static void
no_change_is_taken_that_reading_in_full_would_see_otherwise(void **state)
{
	(void)state;
	assert_in_range(try_every_change(open_text, EXPOSITION_OPENMETRICS), 200, 2000);
	assert_in_range(try_every_change(old_text, EXPOSITION_TEXT), 50, 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(other_values_are_taken_and_read),
	    cmocka_unit_test(an_exemplar_may_change_come_and_go),
	    cmocka_unit_test(values_against_the_rules_are_not_taken),
	    cmocka_unit_test(what_was_refused_is_no_form),
	    cmocka_unit_test(no_change_is_taken_that_reading_in_full_would_see_otherwise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
