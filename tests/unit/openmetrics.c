/* openmetrics.c and points.c: the rules of OpenMetrics, one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/unit/exposition_count.h"

/* Expects the reason, "" if the text is to be read, for it and `# EOF`. */
static void
expect_verdict(const char *lines, const char *reason)
{
	struct buf text = {0};
	struct err err = {0};
	buf_printf(&text, "%s# EOF\n", lines);
	count_as(text.data, text.length, EXPOSITION_OPENMETRICS, &err);
	const char *said = strstr(err.text, ": ");
	said = said != NULL ? said + 2 : err.text;
	if (strcmp(said, reason) != 0)
		fail_msg("%s(%s instead of %s)", lines, said, reason);
	buf_free(&text);
}

static void
openmetrics_lines_are_read_to_the_letter(void **state)
{
	static const char space[] = "a space must stand before the value";
	static const char *const cases[][2] = {
	    {"a{b=\"c\"} 1\n", ""},
	    {"a 1 1.5\n", ""},
	    {"a +1e3\n", ""},
	    {"a .5\nb 5.\n", ""},
	    {"a -INF\nb Infinity\nc nan\n", ""},
	    {"a{b=\"\xe2\x98\x83\"} 1\n", ""},
	    {"a{b=\"c\", d=\"e\"} 1\n", "a label name must begin with a letter or an underscore"},
	    {"a{b=\"c\",} 1\n", "a label name must begin with a letter or an underscore"},
	    {"a{,} 1\n", "a label name must begin with a letter or an underscore"},
	    {"a{b =\"c\"} 1\n", "a label name must be followed by ="},
	    {"a {b=\"c\"} 1\n", "the value of a sample is not a number"},
	    {"a{b=\"c\"}1\n", space},
	    {"a{b=\"c\"}\t1\n", space},
	    {"a  1\n", "the value of a sample is not a number"},
	    {"a 1\t1\n", "something follows the value"},
	    {"a 1 1\t# {} 1\n", "something follows the time"},
	    {"a 1 1 1\n", "something follows the value"},
	    {"a 1\r\n", "the value of a sample is not a number"},
	    {"a 1 \n", "a blank at the end of the line"},
	    {" a 1\n", "a metric name must begin with a letter, _ or :"},
	    {"a{b=\"\xff\"} 1\n", "not UTF-8"},
	    {"# HELP a \xc0\x80\n", "not UTF-8"},
	    {"a 1e400\n", "the value of a sample is not a number"},
	    {"a -nan\n", "the value of a sample is not a number"},
	    {"a .\n", "the value of a sample is not a number"},
	    {"#\n", "a comment that is no HELP, TYPE, UNIT or EOF"},
	    {"# TYPE  a gauge\n", "a HELP, TYPE or UNIT line without a metric's name, or nothing "
				  "after it"},
	    {"{\"a\"} 1\na 2\n", "a series stands there twice"}, /* one name in two ways */
	    {"{\"a\",} 1\n", ""},
	    {"# TYPE \"a gauge\n",
		"a HELP, TYPE or UNIT line without a metric's name, or nothing after it"},
	    {"# EOF\n", "something follows # EOF"},
	    {"# EOF\na 1\n", "something follows # EOF"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_verdict(cases[i][0], cases[i][1]);
}

static void
quoted_names_are_read_in_both_formats(void **state)
{
	static const char text[] = "# HELP \"my.requests\" What\n# TYPE \"my.requests\" counter\n"
				   "{\"my.requests_total\",\"http.status\"=\"200\",x=\"1\"} 5\n"
				   "{\"my.requests_total\",\"http.status\"=\"200\",x=\"2\"} 6\n"
				   "{\"gr\xc3\xb6\xc3\x9f\x65\"} 7\nplain{\"a b\"=\"\"} 8\n# EOF\n";
	static const enum exposition_format formats[] = {EXPOSITION_TEXT, EXPOSITION_OPENMETRICS};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t count;
		struct err err = {0};
		struct exposition *exposition =
		    exposition_parse(text, sizeof(text) - 1, formats[i], NULL, NULL, &err);
		assert_string_equal(err.text, "");
		const struct exposition_sample *samples = exposition_samples(exposition, &count);
		assert_int_equal(count, 4);
		assert_string_equal(samples[1].name, "my.requests_total");
		assert_string_equal(exposition_label_of(&samples[1], "http.status"), "200");
		assert_string_equal(exposition_label_of(&samples[1], "x"), "2");
		assert_string_equal(samples[2].name, "gr\xc3\xb6\xc3\x9f\x65");
		assert_int_equal(samples[2].labels_count, 0);
		assert_string_equal(samples[3].name, "plain");
		assert_string_equal(samples[3].labels[0].name, "a b");
		exposition_free(exposition);
	}
}

static void
openmetrics_metadata_comes_once_and_first(void **state)
{
	static const char there[] = "the name of the metric before it, or of its series, was there";
	static const char unit[] =
	    "the unit of the metric before it is not the end of its name, or not for it";
	static const char *const cases[][2] = {
	    {"# UNIT a_s s\n# HELP a_s x\n# TYPE a_s gauge\na_s 1\n", ""},
	    {"# TYPE a counter\n# TYPE b counter\na_total 1\n# TYPE a counter\n", there},
	    {"a 1\nb 1\na 1\n", there},
	    {"# TYPE a counter\na_total 1\n# TYPE a_total gauge\n", there},
	    {"# TYPE a summary\n# TYPE a_sum gauge\n", there},
	    {"# TYPE a histogram\n# TYPE a_total gauge\n", ""},
	    {"a 1\n# TYPE a gauge\n", "a HELP, TYPE or UNIT line after the metric's samples"},
	    {"# UNIT a_s s\n# UNIT a_s s\n", "a second UNIT of one metric"},
	    {"# UNIT as s\n", unit},
	    {"# UNIT s s\n", unit},
	    {"# TYPE a_s info\n# UNIT a_s s\n", unit},
	    {"# UNIT a_s s\n# TYPE a_s stateset\n", unit},
	    {"# TYPE a Gauge\n", "an unknown type of metric"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_verdict(cases[i][0], cases[i][1]);
}

static void
openmetrics_groups_are_together_and_in_time(void **state)
{
	static const char apart[] = "samples of one group are not together";
	static const char *const cases[][2] = {
	    {"# TYPE a gauge\na{b=\"1\"} 1\na{b=\"2\"} 1\n", ""},
	    {"# TYPE a gauge\na{b=\"1\"} 1\na{b=\"2\"} 1\na{b=\"1\"} 1\n", apart},
	    {"# TYPE a counter\na_total{b=\"1\",c=\"2\"} 1\na_created{c=\"2\",b=\"1\"} 1\n", ""},
	    {"# TYPE a counter\na_total{b=\"1\"} 1\na_total{b=\"2\"} 1\na_created{b=\"1\"} 1\n",
		apart},
	    {"# TYPE a gauge\na 1\na 1\n", "a series stands there twice"},
	    {"# TYPE a gauge\na 1 1\na 1 1\na 2 2\n", ""},
	    {"# TYPE a gauge\na 1 1\na 1\n", "times at some samples of a group and not at others"},
	    {"# TYPE a gauge\na 1 2\na 1 1.999\n",
		"the time of a group's sample is before the last one's"},
	    {"# TYPE a stateset\na{a=\"x\"} 1\na{a=\"y\"} 0\n", ""},
	    {"# TYPE a stateset\na{a=\"x\"} 1\na{a=\"x\"} 0\n", "a series stands there twice"},
	    {"# TYPE a info\na_info{v=\"1\"} 1\na_info{v=\"2\"} 1\n", ""},
	    {"# TYPE a info\na_info{v=\"1\"} 1 9\na_info{v=\"2\"} 1 8\n", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_verdict(cases[i][0], cases[i][1]);
}

#define H "# TYPE a histogram\n"
#define S "# TYPE a summary\n"

static void
openmetrics_types_hold_what_they_may(void **state)
{
	static const char inf[] = "the histogram before it has no +Inf bucket";
	static const char *const cases[][2] = {
	    {H "a_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 2\na_count 2\na_sum 1\n", ""},
	    {H "a_bucket{b=\"1\",le=\"+Inf\"} 1\na_bucket{b=\"2\",le=\"1\"} 1\n", inf},
	    {H "a_bucket{b=\"1\",le=\"1\"} 1\na_bucket{b=\"2\",le=\"+Inf\"} 1\n", inf},
	    {H "a_bucket{le=\"+Inf\"} 1 1\na_bucket{le=\"1\"} 0 2\na_bucket{le=\"+Inf\"} 1 2\n",
		""},
	    {H "a_bucket{le=\"+Inf\"} 0.5\n", "a bucket or a count is no whole number"},
	    {H "a_bucket{le=\"+Inf\"} +Inf\n", "a bucket or a count is no whole number"},
	    {H "a_bucket{le=\"x\"} 1\n", "a bucket without a number as its le"},
	    {H "a_bucket{le=\"NaN\"} 1\n", "a bucket without a number as its le"},
	    {H "a_bucket{le=\"1\"} 1\na_bucket{le=\"1.0\"} 1\n",
		"the buckets of a histogram are not in order"},
	    {H "a_bucket{le=\"+Inf\"} 1\na_sum 1\n",
		"the histogram before it has one of sum and count without the other"},
	    /* client_golang's, where observations are below zero. */
	    {H "a_bucket{le=\"-1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum -2\na_count 1\n", ""},
	    {H "a_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum -2\na_count 1\n",
		"the sum of the histogram before it is below zero, but no bucket is"},
	    {S "a{quantile=\"0.5\"} -1\na_sum -1\na_count 1\n", ""},
	    {S "a{quantile=\"0.5\"} -1\na_sum -1\na_count 0\n",
		"the summary before it is below zero, but counts nothing"},
	    {S "a{quantile=\"0.5\"} 1\na{quantile=\"0.5\"} 1\n", "a series stands there twice"},
	    {"# TYPE a counter\na_total -1\n", "what counts is below zero"},
	    {"# TYPE a counter\na 1\n",
		"the name of the metric before it, or of its series, was there"},
	    {"# TYPE a gauge\na 1 # {} 1\n", "only buckets and counters have exemplars"},
	    {"# TYPE a counter\na_created 1 # {} 1\n", "only buckets and counters have exemplars"},
	    {"# TYPE a counter\na_total 1 # {b=\"\\n\",c=\"\"} 1 1\n", ""},
	    {"# TYPE a counter\na_total 1 # {b=\"1\",b=\"2\"} 1\n", "a label stands there twice"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_verdict(cases[i][0], cases[i][1]);
	expect_verdict("", "");
	struct err err = {0};
	assert_int_equal(count_as("a 1\n", 4, EXPOSITION_OPENMETRICS, &err), SIZE_MAX);
	assert_string_equal(err.text, "line 2: # EOF is missing");
}

static void
native_histograms_are_passed_over_and_named(void **state)
{
	static const char text[] = H "a{b=\"1\"} {count:2,sum:1.5,schema:0,zero_count:0} 5\n"
				     "a_bucket{b=\"1\",le=\"+Inf\"} 2\n"
				     "# TYPE g gauge\ng 1\n# EOF\n";
	static const char bare[] = H "a {count:2,sum:1.5,schema:0}\n# EOF\n";
	static const char gauge[] = "# TYPE a gauge\na {count:2,sum:1.5,schema:0}\n# EOF\n";
	size_t count;
	struct err err = {0};
	(void)state;
	for (int format = EXPOSITION_TEXT; format <= EXPOSITION_OPENMETRICS; format++) {
		struct exposition *exposition = exposition_parse(
		    text, sizeof(text) - 1, (enum exposition_format)format, NULL, NULL, &err);
		assert_non_null(exposition);
		assert_string_equal(exposition_native(exposition), "a");
		exposition_samples(exposition, &count);
		assert_int_equal(count, 2);
		exposition_free(exposition);
		assert_int_equal(
		    count_as(bare, sizeof(bare) - 1, (enum exposition_format)format, &err), 0);
	}
	/* Found by the fuzzer: only the name was the same as that of the line before. */
	assert_int_equal(count_samples("a{b=\"1\"} 1\na{sum:1}\n", 20, &err), 1);
	assert_int_equal(
	    count_as(gauge, sizeof(gauge) - 1, EXPOSITION_OPENMETRICS, &err), SIZE_MAX);
	assert_string_equal(err.text, "line 2: the value of a sample is not a number");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(openmetrics_lines_are_read_to_the_letter),
	    cmocka_unit_test(quoted_names_are_read_in_both_formats),
	    cmocka_unit_test(openmetrics_metadata_comes_once_and_first),
	    cmocka_unit_test(openmetrics_groups_are_together_and_in_time),
	    cmocka_unit_test(openmetrics_types_hold_what_they_may),
	    cmocka_unit_test(native_histograms_are_passed_over_and_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
