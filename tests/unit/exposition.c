/* exposition.c: captures of real services, the OpenMetrics cases, and what must be refused.
 *
 * With names of files it prints for each its samples, or why it is refused, and fails if one is. A
 * file's format is told by its name (.prom and .prom.txt: text 0.0.4; .openmetrics and .om.txt:
 * OpenMetrics); by another name, by a line that begins with `# EOF`; what is empty is taken for
 * OpenMetrics, in which it is none. --text and --openmetrics before a name settle it. */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "tests/unit/exposition_count.h"

#define DATA "../shared/data/prometheus"

/* --- files --- */
static bool
ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length >= tail && strcasecmp(text + length - tail, end) == 0;
}

static enum exposition_format
format_of_file(const char *path, const struct buf *text)
{
	if (ends_in(path, ".prom") || ends_in(path, ".prom.txt"))
		return EXPOSITION_TEXT;
	if (ends_in(path, ".openmetrics") || ends_in(path, ".om.txt") || text->length == 0)
		return EXPOSITION_OPENMETRICS;
	bool eof = strncmp(text->data, "# EOF", 5) == 0 || strstr(text->data, "\n# EOF") != NULL;
	return eof ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT;
}

static void
print_sample(const struct exposition_sample *sample)
{
	printf("\t%s", sample->name);
	for (size_t i = 0; i < sample->labels_count; i++) {
		printf("%s%s=\"", i == 0 ? "{" : ",", sample->labels[i].name);
		for (const char *at = sample->labels[i].value; *at != '\0'; at++)
			printf("%s%c", *at == '"' || *at == '\\' ? "\\" : "", *at);
		putchar('"');
	}
	printf("%s %.17g\n", sample->labels_count > 0 ? "}" : "", sample->value);
}

static bool
judge_file(const char *path, const enum exposition_format *forced)
{
	struct buf text = {0};
	struct err err = {0};
	struct exposition *exposition = NULL;
	size_t count = 0;
	const char *format = "";
	if (buf_read_file(&text, path, 16 << 20, &err)) {
		buf_append(&text, "", 0);
		enum exposition_format told =
		    forced != NULL ? *forced : format_of_file(path, &text);
		format = told == EXPOSITION_TEXT ? "text 0.0.4" : "OpenMetrics";
		exposition = exposition_parse(text.data, text.length, told, NULL, NULL, &err);
	}
	if (exposition == NULL) {
		printf("%s: %s%srefused: %s\n", path, format, format[0] ? ", " : "", err.text);
	} else {
		const struct exposition_sample *samples = exposition_samples(exposition, &count);
		const char *native = exposition_native(exposition);
		printf("%s: %s, %zu samples%s%s\n", path, format, count,
		    native[0] ? ", unread native histogram " : "", native);
		for (size_t i = 0; i < count; i++)
			print_sample(&samples[i]);
	}
	buf_free(&text);
	exposition_free(exposition);
	return exposition != NULL;
}

static int
judge_files(char **arguments)
{
	enum exposition_format format;
	const enum exposition_format *forced = NULL;
	int status = 0;
	for (; *arguments != NULL; arguments++) {
		bool open = strcmp(*arguments, "--openmetrics") == 0;
		if (open || strcmp(*arguments, "--text") == 0) {
			format = open ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT;
			forced = &format;
		} else if (!judge_file(*arguments, forced)) {
			status = 1;
		}
	}
	return status;
}

/* --- tests --- */
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
		enum exposition_format format;
	} cases[] = {
	    {"kserve_custom_server.prom", 70, EXPOSITION_TEXT},
	    {"torchserve_0.prom", 17, EXPOSITION_TEXT},
	    {"torchserve_1.prom", 2, EXPOSITION_TEXT},
	    {"torchserve_cfn_0.prom", 3, EXPOSITION_TEXT},
	    {"torchserve_cfn_1.prom", 3, EXPOSITION_TEXT},
	    {"live_prometheus_client_004.prom", 95, EXPOSITION_TEXT},
	    {"live_prometheus_client.openmetrics", 95, EXPOSITION_OPENMETRICS},
	    {"cmd__promtool__testdata__metrics-test.prom", 27, EXPOSITION_TEXT},
	    {"cmd__promtool__testdata__dump-openmetrics-test.prom", 10, EXPOSITION_TEXT},
	    {"cmd__promtool__testdata__dump-openmetrics-roundtrip-test.prom", 14, EXPOSITION_TEXT},
	    {"model__textparse__testdata__1histogram.om.txt", 42, EXPOSITION_OPENMETRICS},
	    {"model__textparse__testdata__alltypes.5mfs.om.txt", 53, EXPOSITION_OPENMETRICS},
	    {"model__textparse__testdata__alltypes.237mfs.prom.txt", 1857, EXPOSITION_TEXT},
	    {"model__textparse__testdata__alltypes.237mfs.nometa.prom.txt", 1857, EXPOSITION_TEXT},
	};
	(void)state;
	need_data();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[256];
		struct buf buf = {0};
		struct err err = {0};
		snprintf(path, sizeof(path), DATA "/%s", cases[i].file);
		assert_true(buf_read_file(&buf, path, 1 << 20, &err));
		buf_append(&buf, "", 0);
		assert_int_equal(format_of_file(path, &buf), cases[i].format);
		size_t count = count_as(buf.data, buf.length, cases[i].format, &err);
		if (count != cases[i].samples)
			fail_msg("%s: %zu samples (%s)", path, count, err.text);
		if (cases[i].format == EXPOSITION_OPENMETRICS) /* its liberties are 0.0.4's, too */
			assert_int_equal(count_samples(buf.data, buf.length, &err), count);
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
	assert_int_equal(format_of_file(path, &buf), EXPOSITION_OPENMETRICS);
	bool parses = count_as(buf.data, buf.length, EXPOSITION_OPENMETRICS, err) != SIZE_MAX;
	buf_free(&buf);
	return parses;
}

static void
every_openmetrics_case_gets_its_verdict(void **state)
{
	(void)state;
	need_data();
	DIR *folder = opendir(DATA "/openmetrics");
	assert_non_null(folder);
	unsigned good = 0, bad = 0, wrong = 0;
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		struct err err = {0};
		if (entry->d_name[0] == '.')
			continue;
		bool should = case_should_parse(entry->d_name);
		bool parses = case_parses(entry->d_name, &err);
		*(should ? &good : &bad) += 1;
		wrong += parses != should;
		if (parses != should)
			print_message("# %s: %s\n", entry->d_name, parses ? "read" : err.text);
		if (!parses)
			assert_memory_equal(err.text, "line ", 5);
	}
	closedir(folder);
	assert_int_equal(good, 29);
	assert_int_equal(bad, 112);
	assert_int_equal(wrong, 0);
}

static void
the_content_type_tells_the_format(void **state)
{
	static const struct {
		const char *type;
		enum exposition_format format;
	} cases[] = {
	    {"", EXPOSITION_TEXT},
	    {"text/plain; version=0.0.4; charset=utf-8", EXPOSITION_TEXT},
	    {"text/plain", EXPOSITION_TEXT},
	    {"application/json", EXPOSITION_TEXT},
	    {"application/openmetrics-text", EXPOSITION_OPENMETRICS},
	    {"Application/OpenMetrics-Text; version=1.0.0; charset=utf-8", EXPOSITION_OPENMETRICS},
	    {"application/openmetrics-texts", EXPOSITION_TEXT},
	};
	enum exposition_format format;
	struct err err = {0};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(exposition_format_of(cases[i].type, &format, &err));
		assert_int_equal(format, cases[i].format);
	}
	assert_false(exposition_format_of(
	    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily", &format,
	    &err));
	assert_string_equal(
	    err.text, "protocol buffers, which native histograms come in, are not read");
}

static bool
wants_b(const char *name, size_t length)
{
	return length == 1 && name[0] == 'b';
}

static void
only_what_is_wanted_is_kept_but_all_is_judged(void **state)
{
	static const char text[] = "a{x=\"1\"} 1\nb{x=\"1\"} 2\nb{x=\"2\"} 3\nbb 4\n";
	static const char bad[] = "b 1\na{x=} 1\n";
	size_t count;
	struct err err = {0};
	(void)state;
	struct exposition *exposition =
	    exposition_parse(text, sizeof(text) - 1, EXPOSITION_TEXT, wants_b, NULL, &err);
	assert_non_null(exposition);
	const struct exposition_sample *samples = exposition_samples(exposition, &count);
	assert_int_equal(count, 2);
	assert_string_equal(samples[1].name, "b");
	assert_string_equal(exposition_label_of(&samples[1], "x"), "2");
	assert_true(samples[0].value == 2 && samples[1].value == 3);
	exposition_free(exposition);
	assert_null(exposition_parse(bad, sizeof(bad) - 1, EXPOSITION_TEXT, wants_b, NULL, &err));
	assert_string_equal(err.text, "line 2: a label value must begin with a quote");
}

/* The line before is a help, never a reason: lines that begin alike and differ in the middle of a
 * name, of a label, of an escape. */
static void
a_line_is_read_the_same_whatever_stood_before_it(void **state)
{
	static const char *const lines[] = {"a{b=\"1\",c=\"2\"} 1", "a{b=\"1\",c=\"2\",d=\"3\"} 1",
	    "a{b=\"1\",c=\"3\"} 2", "a{b=\"1\"} 3", "a{b=\"1\",} 3", "a{b=\"1\",bb=\"2\"} 4",
	    "a{b=\"1\",b=\"2\"} 4", "a{b=\"1,\",c=\"2\"} 5", "a{b=\"1\\\",c=\",d=\"\"} 6",
	    "ab{b=\"1\",c=\"2\"} 7", "a{} 8", "a 9", "a{b=\"1\", c=\"2\"} 10", "a{b=\"1\",c=\"2\"}",
	    "a{b=\"1\",c=", "a {b=\"1\",c=\"2\"} 12", "a{b=\"1\",c=\"2\"} 12345.678 9"};
	enum { LINES = sizeof(lines) / sizeof(lines[0]) };
	struct err alone, after;
	(void)state;
	for (size_t i = 0; i < LINES * LINES; i++) {
		const char *first = lines[i / LINES], *second = lines[i % LINES];
		struct buf both = {0};
		size_t count = 0, pair = 0;
		alone = after = (struct err){0};
		buf_printf(&both, "%s\n%s\n", first, second);
		struct exposition *one =
		    exposition_parse(second, strlen(second), EXPOSITION_TEXT, NULL, NULL, &alone);
		struct exposition *two =
		    exposition_parse(both.data, both.length, EXPOSITION_TEXT, NULL, NULL, &after);
		if (two != NULL) {
			const struct exposition_sample *x = exposition_samples(one, &count);
			const struct exposition_sample *y = exposition_samples(two, &pair);
			assert_int_equal(count, 1);
			assert_int_equal(pair, 2);
			assert_string_equal(x->name, y[1].name);
			assert_true(x->value == y[1].value);
			assert_int_equal(x->labels_count, y[1].labels_count);
			for (size_t j = 0; j < x->labels_count; j++) {
				assert_string_equal(x->labels[j].name, y[1].labels[j].name);
				assert_string_equal(x->labels[j].value, y[1].labels[j].value);
			}
		} else if (strncmp(after.text, "line 2", 6) == 0) {
			assert_string_equal(after.text + 6, alone.text + 6);
		}
		exposition_free(one);
		exposition_free(two);
		buf_free(&both);
	}
}

static void
numbers_are_those_of_strtod(void **state)
{
	static const char *const numbers[] = {"0", "-0", "1", "0.1", "1e22", "1e23",
	    "9007199254740993", "123456789012345678901234567890", "1.7976931348623157e308",
	    "5e-324", "2.2250738585072011e-308", "1.6710664789786139e+09", "0.30000000000000004",
	    "8.9e-22", "4.35", "0.000001", "0000000000000000000000000000000001.5", "1e-400",
	    "0e999", "12345678901234567.8", "3.14159265358979323846264338327950288"};
	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char text[128];
		size_t count;
		struct err err = {0};
		snprintf(text, sizeof(text), "a %s\nb -%s\n", numbers[i], numbers[i]);
		struct exposition *exposition =
		    exposition_parse(text, strlen(text), EXPOSITION_TEXT, NULL, NULL, &err);
		if (numbers[i][0] == '-') {
			assert_null(exposition); /* two signs */
			continue;
		}
		assert_non_null(exposition);
		const struct exposition_sample *samples = exposition_samples(exposition, &count);
		double wanted = strtod(numbers[i], NULL), minus = -wanted;
		assert_memory_equal(&samples[0].value, &wanted, sizeof(wanted));
		assert_memory_equal(&samples[1].value, &minus, sizeof(minus));
		exposition_free(exposition);
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
	struct exposition *exposition =
	    exposition_parse(text, sizeof(text) - 1, EXPOSITION_TEXT, NULL, NULL, &err);
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
	    {"a 1\n\n{\"json\": 1}", "line 3: a quoted metric name must be followed by , or }"},
	    {"{a=\"b\"} 1",
		"line 1: labels without a metric's name before them or quoted among them"},
	    {"{\"\"} 1", "line 1: a quoted metric name is empty or has no closing quote"},
	    {"{\"a} 1", "line 1: a quoted metric name is empty or has no closing quote"},
	    {"{\"a\"", "line 1: a quoted metric name must be followed by , or }"},
	    {"{\"a\",\"b\"} 1", "line 1: a label name must be followed by ="},
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
		if (count_samples(cases[i][0], strlen(cases[i][0]), &err) != SIZE_MAX)
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
main(int count, char **arguments)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(captures_of_real_services_parse_with_every_sample),
	    cmocka_unit_test(every_openmetrics_case_gets_its_verdict),
	    cmocka_unit_test(the_content_type_tells_the_format),
	    cmocka_unit_test(only_what_is_wanted_is_kept_but_all_is_judged),
	    cmocka_unit_test(a_line_is_read_the_same_whatever_stood_before_it),
	    cmocka_unit_test(numbers_are_those_of_strtod),
	    cmocka_unit_test(values_labels_and_escapes_arrive_as_written),
	    cmocka_unit_test(garbage_is_refused_with_the_line_and_the_reason),
	    cmocka_unit_test(sizes_have_bounds),
	};
	if (count > 1)
		return judge_files(arguments + 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
