/* exposition.c: captures of real services, the OpenMetrics cases, and what must be refused. */
#include <dirent.h>
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
#include "core/poll/exposition.h"

#define DATA "../shared/data/prometheus"

static size_t
count_samples(const char *text, size_t length, struct err *err)
{
	size_t count;
	struct exposition *exposition = exposition_parse(text, length, err);
	if (exposition == NULL)
		return SIZE_MAX;
	exposition_samples(exposition, &count);
	exposition_free(exposition);
	return count;
}

static void
need_data(void)
{
	if (access(DATA, R_OK) != 0) {
		print_message("# %s is not there\n", DATA);
		skip();
	}
}

static void
captures_of_real_services_parse_with_every_sample(void **state)
{
	/* Counted with grep -cvE '^[[:space:]]*(#|$)'. */
	static const struct {
		const char *file;
		size_t samples;
	} cases[] = {
	    {"kserve_custom_server.prom", 70},
	    {"torchserve_0.prom", 17},
	    {"torchserve_1.prom", 2},
	    {"torchserve_cfn_0.prom", 3},
	    {"torchserve_cfn_1.prom", 3},
	    {"live_prometheus_client_004.prom", 95},
	    {"live_prometheus_client.openmetrics", 95},
	    {"cmd__promtool__testdata__metrics-test.prom", 27},
	    {"model__textparse__testdata__1histogram.om.txt", 42},
	    {"model__textparse__testdata__alltypes.5mfs.om.txt", 53},
	    {"model__textparse__testdata__alltypes.237mfs.prom.txt", 1857},
	    {"model__textparse__testdata__alltypes.237mfs.nometa.prom.txt", 1857},
	};
	(void)state;
	need_data();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[256];
		struct buf buf = {0};
		struct err err = {0};
		snprintf(path, sizeof(path), DATA "/%s", cases[i].file);
		assert_true(buf_read_file(&buf, path, 1 << 20, &err));
		size_t count = count_samples(buf.data, buf.length, &err);
		if (count != cases[i].samples)
			fail_msg("%s: %zu samples (%s)", path, count, err.text);
		buf_free(&buf);
	}
}

static bool
case_should_parse(const char *name)
{
	char path[512];
	struct buf buf = {0};
	snprintf(path, sizeof(path), DATA "/openmetrics/%s/test.json", name);
	assert_true(buf_read_file(&buf, path, 1 << 16, NULL));
	bool should = strstr(buf.data, "\"shouldParse\": true") != NULL;
	assert_true(should || strstr(buf.data, "\"shouldParse\": false") != NULL);
	buf_free(&buf);
	return should;
}

static bool
case_parses(const char *name, struct err *err)
{
	char path[512];
	struct buf buf = {0};
	snprintf(path, sizeof(path), DATA "/openmetrics/%s/metrics", name);
	assert_true(buf_read_file(&buf, path, 1 << 16, NULL));
	buf_append(&buf, "", 0);
	bool parses = count_samples(buf.data, buf.length, err) != SIZE_MAX;
	buf_free(&buf);
	return parses;
}

static void
every_openmetrics_case_that_must_parse_does(void **state)
{
	(void)state;
	need_data();
	DIR *folder = opendir(DATA "/openmetrics");
	assert_non_null(folder);
	unsigned good = 0, parsed = 0, bad = 0, refused = 0;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		struct err err = {0};
		if (entry->d_name[0] == '.')
			continue;
		bool parses = case_parses(entry->d_name, &err);
		if (case_should_parse(entry->d_name)) {
			good++;
			parsed += parses;
			if (!parses)
				print_message("# %s: %s\n", entry->d_name, err.text);
		} else {
			bad++;
			refused += !parses;
		}
	}
	closedir(folder);
	print_message("# openmetrics: %u of %u good cases parse; %u of %u bad ones are refused "
		      "(the others are bad for OpenMetrics only)\n",
	    parsed, good, refused, bad);
	assert_int_equal(good, 29);
	assert_int_equal(parsed, good);
	assert_int_equal(bad, 112);
}

static void
cases_that_are_bad_for_0_0_4_too_are_refused(void **state)
{
	static const char *const cases[] = {"bad_exemplars_0", "bad_exemplars_2",
	    "bad_exemplars_10", "bad_exemplars_11", "bad_grouping_or_ordering_1",
	    "bad_invalid_labels_0", "bad_invalid_labels_1", "bad_invalid_labels_3",
	    "bad_invalid_labels_4", "bad_invalid_labels_7", "bad_metric_names_0",
	    "bad_metric_names_2", "bad_missing_equal_or_label_value_0",
	    "bad_missing_equal_or_label_value_2", "bad_missing_equal_or_label_value_3",
	    "bad_missing_or_extra_commas_0", "bad_missing_or_extra_commas_1",
	    "bad_missing_or_wrong_quotes_on_label_value_1",
	    "bad_missing_or_wrong_quotes_on_label_value_2", "bad_missing_value_1",
	    "bad_text_after_eof_0", "bad_timestamp_0", "bad_timestamp_1", "bad_timestamp_3",
	    "bad_timestamp_4", "bad_timestamp_6", "bad_timestamp_7", "bad_type_4", "bad_value_0",
	    "bad_value_5", "bad_value_6", "bad_value_8", "bad_value_9", "bad_value_10",
	    "bad_value_11"};
	(void)state;
	need_data();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		if (case_parses(cases[i], &err))
			fail_msg("%s was accepted", cases[i]);
		assert_memory_equal(err.text, "line ", 5);
	}
}

static void
values_labels_and_escapes_arrive_as_written(void **state)
{
	static const char text[] =
	    "# HELP a_b:c What\\nit is.\n# TYPE a_b:c counter\n# a comment\n#\n\n"
	    "a_b:c{path=\"C:\\\\x\",quote=\"\\\"\",line=\"1\\n2\",odd=\"\\d\",empty=\"\"} 12.5\n"
	    "  b \t{ x = \"y\" , } +Inf 1395066363000\r\n"
	    "c -inf\nd NaN\ne 1e-3 -3982045 # {trace=\"}\"} 1\nf{}3\n"
	    "ctrl{v=\"a\x1b[2J\x80\xe2\x80\xae\"} 1\n# EOF";
	size_t count;
	struct err err = {0};
	(void)state;
	struct exposition *exposition = exposition_parse(text, sizeof(text) - 1, &err);
	assert_non_null(exposition);
	const struct exposition_sample *samples = exposition_samples(exposition, &count);
	assert_int_equal(count, 7);
	assert_string_equal(samples[0].name, "a_b:c");
	assert_int_equal(samples[0].labels_count, 5);
	assert_string_equal(exposition_label_of(&samples[0], "path"), "C:\\x");
	assert_string_equal(exposition_label_of(&samples[0], "quote"), "\"");
	assert_string_equal(exposition_label_of(&samples[0], "line"), "1 2");
	assert_string_equal(exposition_label_of(&samples[0], "odd"), "\\d");
	assert_string_equal(exposition_label_of(&samples[0], "empty"), "");
	assert_string_equal(exposition_label_of(&samples[0], "none"), "");
	assert_true(samples[0].value == 12.5);
	assert_string_equal(exposition_label_of(&samples[1], "x"), "y");
	assert_true(isinf(samples[1].value) && samples[1].value > 0);
	assert_true(isinf(samples[2].value) && samples[2].value < 0);
	assert_true(isnan(samples[3].value));
	assert_true(samples[4].value == 1e-3);
	assert_true(samples[5].value == 3);
	assert_int_equal(samples[5].labels_count, 0);
	assert_string_equal(
	    exposition_label_of(&samples[6], "v"), "a\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd");
	exposition_free(exposition);
}

static void
garbage_is_refused_with_the_line_and_the_reason(void **state)
{
	static const char *const cases[][2] = {
	    {"<html>", "line 1: a metric name must begin with a letter, _ or :"},
	    {"a 1\n\n{\"json\": 1}", "line 3: a metric name must begin with a letter, _ or :"},
	    {"a 1\na one", "line 2: the value of a sample is not a number"},
	    {"a 1 2 3", "line 1: something follows the value"},
	    {"a", "line 1: a sample without a value"},
	    {"a{", "line 1: a label name must begin with a letter or an underscore"},
	    {"a{b", "line 1: a label name must be followed by ="},
	    {"a{b=c} 1", "line 1: a label value must begin with a quote"},
	    {"a{b=\"c", "line 1: a label value has no closing quote"},
	    {"a{b=\"c\\", "line 1: a label value has no closing quote"},
	    {"a{b=\"c\\\"} 1", "line 1: a label value has no closing quote"},
	    {"a{b=\"c\"", "line 1: a label must be followed by , or }"},
	    {"a{,} 1", "line 1: a label name must begin with a letter or an underscore"},
	    {"a{b=\"1\",b=\"2\"} 1", "line 1: a label stands there twice"},
	    {"a{__name__=\"x\"} 1", "line 1: the label name __name__ is reserved"},
	    {"a{b:c=\"x\"} 1", "line 1: a label name must be followed by ="},
	    {"a-b 1", "line 1: a metric name holds a character that none can hold"},
	    {"a 1e999", "line 1: the value of a sample is not a number"},
	    {"a 1e", "line 1: the value of a sample is not a number"},
	    {"a 1_0", "line 1: the value of a sample is not a number"},
	    {"a 1 soon", "line 1: the time of a sample is not a number"},
	    {"a 1 #", "line 1: something follows the value"},
	    {"# TYPE a meh", "line 1: an unknown type of metric"},
	    {"# TYPE a counter x", "line 1: an unknown type of metric"},
	    {"# HELP 1a x", "line 1: a HELP or TYPE line without a metric's name"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = {0};
		if (exposition_parse(cases[i][0], strlen(cases[i][0]), &err) != NULL)
			fail_msg("accepted: %s", cases[i][0]);
		assert_string_equal(err.text, cases[i][1]);
		assert_int_equal(err.code, ERR_DATA);
	}
	struct err err = {0};
	assert_int_equal(count_samples("a\0b 1", 5, &err), SIZE_MAX);
	assert_int_equal(count_samples("a 1\0", 4, &err), SIZE_MAX);
	assert_int_equal(count_samples("\x1f\x8b\x08", 3, &err), SIZE_MAX);
	assert_int_equal(count_samples("", 0, &err), 0);
}

static void
sizes_have_bounds(void **state)
{
	struct buf buf = {0};
	struct err err = {0};
	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_printf(&buf, "a{i=\"%d\"} %d\n", i, i);
	assert_int_equal(count_samples(buf.data, buf.length, &err), 100000);
	buf_puts(&buf, "a 1\n");
	assert_int_equal(count_samples(buf.data, buf.length, &err), SIZE_MAX);
	assert_string_equal(err.text, "line 100001: more than 100,000 samples");

	buf_clear(&buf);
	buf_puts(&buf, "a{");
	for (int i = 0; i < 32; i++)
		buf_printf(&buf, "l%d=\"%d\",", i, i);
	size_t length = buf.length;
	buf_puts(&buf, "} 1");
	assert_int_equal(count_samples(buf.data, buf.length, &err), 1);
	buf.length = length;
	buf_puts(&buf, "more=\"1\"} 1");
	assert_int_equal(count_samples(buf.data, buf.length, &err), SIZE_MAX);
	assert_string_equal(err.text, "line 1: more than 32 labels");

	buf_clear(&buf);
	buf_puts(&buf, "a{b=\"");
	while (buf.length < 65536 - 4)
		buf_puts(&buf, "\x80"); /* each grows to three bytes */
	buf_puts(&buf, "\"} 1");
	assert_int_equal(buf.length, 65536);
	assert_int_equal(count_samples(buf.data, buf.length, &err), 1);
	buf_puts(&buf, "1\n");
	assert_int_equal(count_samples(buf.data, buf.length, &err), SIZE_MAX);
	assert_string_equal(err.text, "line 1: longer than 64 KiB");
	buf_free(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(captures_of_real_services_parse_with_every_sample),
	    cmocka_unit_test(every_openmetrics_case_that_must_parse_does),
	    cmocka_unit_test(cases_that_are_bad_for_0_0_4_too_are_refused),
	    cmocka_unit_test(values_labels_and_escapes_arrive_as_written),
	    cmocka_unit_test(garbage_is_refused_with_the_line_and_the_reason),
	    cmocka_unit_test(sizes_have_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
