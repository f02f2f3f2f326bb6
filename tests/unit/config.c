/* config.c: reading the configuration: what is good, each kind of error with its words and place,
 * where the file is looked for, and that what --print-config prints can be read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/config/config.h"
#include "core/config/config_file.h"
#include "core/config/settings.h"

static struct config *
parse(const char *text)
{
	struct buf errors = {0};
	struct err err = {0};
	struct config *config =
	    config_parse("/etc/f/config.yaml", text, strlen(text), &errors, &err);
	if (config == NULL)
		fail_msg("%s", errors.data);
	assert_int_equal(errors.length, 0);
	buf_free(&errors);
	return config;
}

/* Reads `body` after the version, in the file `f`, and compares all errors it gives. */
static void
refuse(const char *body, const char *expected)
{
	struct buf errors = {0};
	struct err err = {0};
	char *text = mem_printf("version: 1\n%s", body);
	assert_null(config_parse("f", text, strlen(text), &errors, &err));
	assert_string_equal(errors.data, expected);
	assert_int_equal(err.code, ERR_CONFIG);
	size_t first = strcspn(expected, "\n");
	assert_int_equal(strlen(err.text), first);
	assert_memory_equal(err.text, expected, first);
	free(text);
	buf_free(&errors);
}

/* --- what is good --- */

static void
an_empty_configuration_is_all_defaults(void **state)
{
	(void)state;
	struct config *config = parse("version: 1\n");
	assert_int_equal(config->comparison_us, CLOCK_HOUR);
	assert_int_equal(config->quality_us, 7 * CLOCK_DAY);
	assert_int_equal(config->lateness_us, 60 * CLOCK_SECOND);
	assert_int_equal(config->idle_after_us, 10 * CLOCK_SECOND);
	assert_int_equal(config->label_ttl_us, 90 * CLOCK_DAY);
	assert_true(config->psi_warning == 0.1 && config->psi_critical == 0.2);
	assert_true(config->score_psi_warning == 0.05 && config->score_psi_critical == 0.1);
	assert_true(config->drift_share == 0.15 && config->drift_share_severe == 0.2);
	assert_true(config->p95_ms == 100);
	assert_true(config->p99_warning_ms == 200 && config->p99_critical_ms == 500);
	assert_true(config->error_warning == 0.01 && config->error_critical == 0.05);
	assert_true(config->maturity == 0.8 && config->quality_drop == 0.05);
	assert_int_equal(config->min_samples, 1000);
	assert_int_equal(config->min_labels, 30);
	assert_int_equal(config->reference_records, 10000);
	assert_int_equal(config->poll_interval_us, CLOCK_SECOND);
	assert_int_equal(config->poll_timeout_us, 2 * CLOCK_SECOND);
	assert_int_equal(config->verify_timeout_us, 30 * CLOCK_SECOND);
	assert_int_equal(config->delay_us, CLOCK_SECOND);
	assert_int_equal(config->join_memory, 64);
	assert_int_equal(config->replay_rows, 5000);
	assert_string_equal(config->theme, "default");
	assert_string_equal(config->graph, "braille");
	assert_string_equal(config->context, "");
	assert_false(config->readonly);
	assert_int_equal(config->services_count, 0);
	assert_int_equal(config->assume_negative_us, 0);
	assert_true(config->alpha == 0.01 && config->concept_delta == 0.002);
	assert_int_equal(config->confirm_windows, 2);
	assert_int_equal(config->of_windows, 3);
	assert_string_equal(config->score_season, "auto");
	assert_string_equal(config->rate_season, "auto");
	assert_string_equal(config->compat, "none");
	assert_string_equal(config->detector, "adwin");
	assert_false(config->legacy_scan);
	assert_string_equal(config->cohort_by, "segment");
	assert_int_equal(config->cohort_most, 20);
	assert_int_equal(config->bias_least, 100);
	assert_int_equal(config->expectations_count, 0);
	config_free(config);
	config_free(parse("---\nversion: 1\nservices:\nwindows: ~\nrules: []\n...\n"));
}

static void
everything_of_a_file_is_read(void **state)
{
	(void)state;
	struct config *config =
	    parse("version: 1\ncontext: prod\nreadonly: true\n"
		  "services:\n"
		  "  - {name: eu, url: \"http://h:1/\", log: a.jsonl, labels: [/l/1, ./2],\n"
		  "     model: m, alias: production-eu, registry: r}\n"
		  "  - {name: ap, url: 'https://[::1]:8001/x//', log: []}\n"
		  "registries: [{name: r, kind: local, path: r.db}]\n"
		  "references: [{model: m, profile: ../m.json}]\n"
		  "windows: {comparison: 15m, lateness: 0}\n"
		  "features: [{name: amount, critical: 0.5, min_samples: 200, comparison: 1d,\n"
		  "  season: hour-of-week}]\n"
		  "expectations: [{model: m, suite: s.json}]\n"
		  "verdict: {confirm: 3, of: 4, rate_season: none}\n"
		  "concept: {detector: ddm}\n"
		  "limits: {min_samples: 5, p95_ms: 12.5}\n"
		  "screen: {graph: ascii, delay: 500ms}\n");
	assert_string_equal(config->path, "/etc/f/config.yaml");
	assert_string_equal(config->context, "prod");
	assert_true(config->readonly);
	assert_int_equal(config->services_count, 2);
	const struct config_service *eu = config_service(config, "eu");
	assert_string_equal(eu->url, "http://h:1");
	assert_int_equal(eu->logs_count, 1);
	assert_string_equal(eu->logs[0], "/etc/f/a.jsonl");
	assert_int_equal(eu->labels_count, 2);
	assert_string_equal(eu->labels[0], "/l/1");
	assert_string_equal(eu->labels[1], "/etc/f/./2");
	assert_string_equal(eu->alias, "production-eu");
	assert_int_equal(eu->line, 5);
	assert_string_equal(config->services[1].url, "https://[::1]:8001/x");
	assert_string_equal(config->services[1].alias, "production");
	assert_int_equal(config->services[1].logs_count, 0);
	assert_null(config_service(config, "no"));
	assert_string_equal(config_registry(config, "r")->location, "/etc/f/r.db");
	assert_string_equal(config->references[0].profile, "/etc/f/../m.json");
	assert_int_equal(config->comparison_us, 15 * CLOCK_MINUTE);
	assert_int_equal(config->lateness_us, 0);
	assert_true(isnan(config->features[0].warning));
	assert_true(config->features[0].critical == 0.5);
	assert_int_equal(config->features[0].min_samples, 200);
	assert_int_equal(config->features[0].window_us, CLOCK_DAY);
	assert_string_equal(config->features[0].season, "hour-of-week");
	assert_string_equal(config->expectations[0].suite, "/etc/f/s.json");
	assert_int_equal(config->confirm_windows, 3);
	assert_int_equal(config->of_windows, 4);
	assert_string_equal(config->rate_season, "none");
	assert_string_equal(config->detector, "ddm");
	assert_int_equal(config->min_samples, 5);
	assert_true(config->p95_ms == 12.5);
	assert_int_equal(config->delay_us, CLOCK_SECOND / 2);
	config_free(config);
}

static void
variables_are_expanded_in_every_value(void **state)
{
	(void)state;
	setenv("FT_NAME", "eu", 1);
	setenv("FT_EMPTY", "", 1);
	unsetenv("FT_NONE");
	struct config *config =
	    parse("version: ${FT_ONE:-1}\ncontext: a$$b-${FT_NAME}-${FT_EMPTY}.\n"
		  "services:\n"
		  " - name: ${FT_NAME}\n"
		  "   url: http://${FT_NONE:-host}:${FT_EMPTY:-80}\n"
		  "   log: ${FT_NAME}/${FT_NAME}.jsonl\n"
		  "limits: {p95_ms: \"${FT_NONE:-7}\"}\n"
		  "screen: {theme: '${FT_EMPTY}'}\n");
	assert_string_equal(config->context, "a$b-eu-.");
	assert_string_equal(config->services[0].name, "eu");
	assert_string_equal(config->services[0].url, "http://host:80");
	assert_string_equal(config->services[0].logs[0], "/etc/f/eu/eu.jsonl");
	assert_true(config->p95_ms == 7);
	assert_string_equal(config->theme, "default");
	config_free(config);
}

/* --- what is not --- */

static void
unknown_keys_get_the_nearest_right_one(void **state)
{
	(void)state;
	refuse("window: {}\n", "f:2:1: unknown key `window`; did you mean `windows`?\n");
	refuse("windows:\n  comparision: 1h\n",
	    "f:3:3: unknown key `comparision`; did you mean `comparison`?\n");
	refuse("services:\n- name: a\n  url: http://h\n  labls: x\n",
	    "f:5:3: unknown key `labls`; did you mean `labels`?\n");
	refuse("services:\n- name: a\n  ulr: http://h\n",
	    "f:4:3: unknown key `ulr`; did you mean `url`?\n");
	refuse("poll: {delay: 1s}\n", "f:2:8: unknown key `delay`; it belongs under `screen`\n");
	refuse("screen: {readonly: true}\n",
	    "f:2:10: unknown key `readonly`; it belongs at the top of the file\n");
	refuse("verify: {zzzzzzzz: 1}\n", "f:2:10: unknown key `zzzzzzzz`; known here: timeout\n");
	refuse("verify: {? [a] : 1}\n", "f:2:12: a key must be a word\n");
}

static void
a_key_may_stand_once(void **state)
{
	(void)state;
	refuse(
	    "screen: {delay: 1s, delay: 2s}\n", "f:2:21: `delay` stands here already, in line 2\n");
	refuse("version: 1\n", "f:2:1: `version` stands here already, in line 1\n");
}

static void
values_of_the_wrong_type_are_refused(void **state)
{
	(void)state;
	refuse("readonly: yes\n", "f:2:11: `readonly` must be true or false, not `yes`\n");
	refuse(
	    "limits:\n  p95_ms: fast\n", "f:3:11: `limits.p95_ms` must be a number, not `fast`\n");
	refuse(
	    "limits:\n  p95_ms: .nan\n", "f:3:11: `limits.p95_ms` must be a number, not `.nan`\n");
	refuse("limits: {min_samples: 1.5}\n",
	    "f:2:23: `limits.min_samples` must be a whole number, not `1.5`\n");
	refuse("windows: {quality: soon}\n",
	    "f:2:20: `windows.quality` must be a duration such as 500ms, 30s, 1h or 7d, not "
	    "`soon`\n");
	refuse("screen: {graph: sixel}\n",
	    "f:2:17: `screen.graph` must be one of braille block ascii, not `sixel`\n");
	refuse("screen: dark\n", "f:2:9: `screen` must hold keys and values\n");
	refuse("screen: {theme: [a]}\n", "f:2:17: `screen.theme` must be one value, not a list\n");
	refuse("screen: {delay: }\n", "f:2:17: `screen.delay` has no value\n");
	refuse("services: {}\n", "f:2:11: `services` must be a list\n");
	refuse("services: [eu, ~]\n", "f:2:12: an item of `services` must hold keys and values\n"
				      "f:2:16: `services`: an empty item\n");
	refuse("features: [{name: {a: b}}]\n",
	    "f:2:19: `features.name` must be one value, not a mapping\n");
}

static void
values_out_of_range_are_refused(void **state)
{
	(void)state;
	refuse("screen: {delay: 100ms}\n",
	    "f:2:17: `screen.delay` must be between 250ms and 1h, not `100ms`\n");
	refuse("limits: {maturity: 80}\n",
	    "f:2:20: `limits.maturity` must be between 0 and 1, not `80`\n");
	refuse("memory: {join_memory: 0}\n",
	    "f:2:23: `memory.join_memory` must be between 1 and 65536 MiB, not `0`\n");
	refuse("memory: {join_sample: 0.1}\n",
	    "f:2:23: `memory.join_sample` must be one in so many, such as 1/10, at most 1/1000000, "
	    "not `0.1`\n");
	refuse("limits: {min_samples: 99999999999999999999}\n",
	    "f:2:23: `limits.min_samples` must be a whole number, not `99999999999999999999`\n");
	char *path = mem_printf("services: [{name: a, url: http://h, log: [/a, /%01023d]}]\n", 0);
	refuse(path, "f:2:47: `services.log` is longer than 1023 bytes\n");
	free(path);
	char *text = mem_printf("context: %0130d\n", 0);
	struct err err;
	char *whole = mem_printf("version: 1\n%s", text);
	assert_null(config_parse("f", whole, strlen(whole), NULL, &err));
	assert_memory_equal(err.text, "f:2:10: `context` is longer than 127 bytes, not `0000", 48);
	free(whole);
	free(text);
}

static void
warnings_above_critical_limits_are_refused(void **state)
{
	(void)state;
	refuse("limits: {psi_warning: 0.3}\n",
	    "f:2:23: `limits.psi_warning`, 0.3, is above `limits.psi_critical`, 0.2\n");
	refuse("limits: {p99_critical_ms: 150}\n",
	    "f:2:27: `limits.p99_warning_ms`, 200, is above `limits.p99_critical_ms`, 150\n");
	refuse(
	    "verdict: {confirm: 4}\n", "f:2:20: `verdict.confirm`, 4, is above `verdict.of`, 3\n");
	refuse("verdict: {of: 1}\n", "f:2:15: `verdict.confirm`, 2, is above `verdict.of`, 1\n");
	refuse("features: [{name: a}, {name: b, warning: 0.5}]\n",
	    "f:2:30: `features`: the warning of `b`, 0.5, is above its critical, 0.2\n");
}

static void
services_must_be_whole_and_fit_together(void **state)
{
	(void)state;
	refuse("services:\n- url: http://h\n", "f:3:3: `services.name` is missing\n");
	refuse("services:\n- {name: '', url: http://h}\n", "f:3:10: `services.name` is empty\n");
	refuse("services:\n- {name: , url: http://h}\n", "f:3:10: `services.name` has no value\n");
	refuse("services: [{name: a, url: http://h, model: m, registry: prd}]\n"
	       "registries: [{name: prod, path: x}]\n",
	    "f:2:57: `services.registry`: there is no registry `prd`\n");
	refuse("services: [{name: a, url: http://h, registry: prod}]\n"
	       "registries: [{name: prod, path: x}]\n",
	    "f:2:47: `services.registry` needs a `model` beside it\n");
	refuse("services:\n- {name: a, url: http://h}\n- {name: b, url: http://h}\n"
	       "- {name: a, url: http://h}\n",
	    "f:5:10: `services.name`: `a` stands here already, in line 3\n");
	refuse("references: [{model: m, profile: a}, {model: m, profile: b}]\n",
	    "f:2:46: `references.model`: `m` stands here already, in line 2\n");
}

static void
urls_must_be_plain_http(void **state)
{
	(void)state;
	static const char *const bad[][2] = {
	    {"10.0.0.5:8001", "must begin with http:// or https://"},
	    {"ftp://h", "must begin with http:// or https://"},
	    {"http://", "has no host"},
	    {"http://:80", "has no host"},
	    {"https:///x", "has no host"},
	    {"http://user:word@h", "must not hold a user or password"},
	    {"http://h/a?b=c", "must be a plain base URL"},
	    {"http://h h", "must be a plain base URL"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *body = mem_printf("services: [{name: a, url: '%s'}]\n", bad[i][0]);
		char *want =
		    strchr(bad[i][0], '@') != NULL
			? mem_printf("f:2:27: `services.url` %s\n", bad[i][1])
			: mem_printf("f:2:27: `services.url` %s, not `%s`\n", bad[i][1], bad[i][0]);
		refuse(body, want);
		free(body);
		free(want);
	}
}

static void
what_is_of_a_later_version_is_named(void **state)
{
	(void)state;
	refuse("registries:\n"
	       "  - {name: prod, kind: mlflow, url: http://x, token_file: /run/t}\n",
	    "f:3:32: `url`: this version knows registries of kind `local` only, which have a "
	    "`path`\n"
	    "f:3:47: `token_file`: this version knows registries of kind `local` only, which have "
	    "a `path`\n"
	    "f:3:24: `registries.kind` must be `local`, the only one this version knows, not "
	    "`mlflow`\n"
	    "f:3:5: `registries.path` is missing\n");
	refuse("memory: {join_entries: 9}\n",
	    "f:2:10: `join_entries`: it is a number of bytes now: `join_memory`\n");
	refuse("rules:\n  - {name: x}\n",
	    "f:3:5: alert rules are not in this version; `rules` must be an empty list\n");
	refuse("rules: none\n", "f:2:8: `rules` must be a list\n");
}

static void
bad_variables_are_refused(void **state)
{
	(void)state;
	unsetenv("FT_NONE");
	refuse("context: ${FT_NONE}\n",
	    "f:2:10: `context`: the environment variable FT_NONE is not set\n");
	static const char *const bad[] = {
	    "$x", "a$", "${", "${}", "${1A}", "${A", "${A-b}", "${A:-"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *body = mem_printf("context: '%s'\n", bad[i]);
		refuse(body, "f:2:10: `context`: a `$` begins ${NAME} or ${NAME:-default}, or is "
			     "written $$\n");
		free(body);
	}
}

static void
a_refusal_does_not_tell_what_a_variable_holds(void **state)
{
	(void)state;
	setenv("FT_SECRET", "hunter2", 1);
	refuse("services: [{name: a, url: 'http://me:${FT_SECRET}@h'}]\n",
	    "f:2:27: `services.url` must not hold a user or password\n");
	refuse("limits: {p95_ms: '${FT_SECRET}'}\n",
	    "f:2:18: `limits.p95_ms` must be a number, not `${FT_SECRET}`\n");
	unsetenv("FT_SECRET");
}

static void
text_that_cannot_be_shown_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"\\e[31m", "\\0", "\\t", "\\u202e", "a\\nb"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char *body = mem_printf("context: \"%s\"\n", bad[i]);
		refuse(body, "f:2:10: `context` holds a character that cannot be shown\n");
		free(body);
	}
	refuse("\"\\e]0;x\": 1\n",
	    "f:2:1: unknown key `\xEF\xBF\xBD]0;x`; known here: version, services, access, "
	    "mappings, "
	    "registries, "
	    "references, windows, features, expectations, limits, verdict, concept, cohorts, poll, "
	    "verify, screen, replay, memory, ingest, rules, context, readonly\n");
	refuse("references: [{model: m, profile: ~/x}]\n",
	    "f:2:34: `references.profile`: `~` is not expanded; write ${HOME}\n");
}

static void
what_is_not_yaml_is_refused_with_its_place(void **state)
{
	(void)state;
	refuse("services: [\n", "f:3:1: not YAML: while parsing a flow node, did not find expected "
				"node content\n");
	refuse("a: b: c\n", "f:2:5: not YAML: mapping values are not allowed in this context\n");
	refuse("context: *x\n", "f:2:10: not YAML: found undefined alias\n");
	refuse("context: \xff\n", "f:2:10: not YAML: invalid leading UTF-8 octet\n");
	refuse(
	    "---\nversion: 1\n", "f:3:1: a second document: the configuration is one document\n");
}

static void
the_version_must_be_one(void **state)
{
	(void)state;
	static const char *const texts[][2] = {
	    {"", "f:1:1: `version: 1` is missing\n"},
	    {"context: a\n", "f:1:1: `version: 1` is missing\n"},
	    {"version: 2\n", "f:1:10: `version` must be 1, not `2`\n"},
	    {"- a\n", "f:1:1: the configuration must be a mapping of keys\n"},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct buf errors = {0};
		assert_null(config_parse("f", texts[i][0], strlen(texts[i][0]), &errors, NULL));
		assert_string_equal(errors.data, texts[i][1]);
		buf_free(&errors);
	}
}

static void
all_errors_of_a_file_are_found(void **state)
{
	(void)state;
	refuse("contxt: a\nlimits: {maturity: 7, p95_ms: x}\nservices: [{name: a, url: h}, {}]\n",
	    "f:2:1: unknown key `contxt`; did you mean `context`?\n"
	    "f:3:31: `limits.p95_ms` must be a number, not `x`\n"
	    "f:3:20: `limits.maturity` must be between 0 and 1, not `7`\n"
	    "f:4:27: `services.url` must begin with http:// or https://, not `h`\n"
	    "f:4:31: `services.name` is missing\n");
	struct buf text = {0}, errors = {0};
	buf_puts(&text, "version: 1\nservices:\n");
	for (int i = 0; i < 300; i++)
		buf_puts(&text, "- x\n");
	assert_null(config_parse("f", text.data, text.length, &errors, NULL));
	size_t lines = 0;
	for (size_t i = 0; i < errors.length; i++)
		lines += errors.data[i] == '\n';
	assert_int_equal(lines, 101);
	assert_non_null(strstr(errors.data, "f: and 200 more errors\n"));
	buf_free(&text);
	buf_free(&errors);
}

static void
every_setting_has_a_path_of_its_own_and_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < settings_count; i++) {
		assert_true(strlen(settings_table[i].help) > 5);
		assert_non_null(settings_table[i].unit);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(settings_table[i].path, settings_table[j].path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_empty_configuration_is_all_defaults),
	    cmocka_unit_test(everything_of_a_file_is_read),
	    cmocka_unit_test(variables_are_expanded_in_every_value),
	    cmocka_unit_test(unknown_keys_get_the_nearest_right_one),
	    cmocka_unit_test(a_key_may_stand_once),
	    cmocka_unit_test(values_of_the_wrong_type_are_refused),
	    cmocka_unit_test(values_out_of_range_are_refused),
	    cmocka_unit_test(warnings_above_critical_limits_are_refused),
	    cmocka_unit_test(services_must_be_whole_and_fit_together),
	    cmocka_unit_test(urls_must_be_plain_http),
	    cmocka_unit_test(what_is_of_a_later_version_is_named),
	    cmocka_unit_test(bad_variables_are_refused),
	    cmocka_unit_test(a_refusal_does_not_tell_what_a_variable_holds),
	    cmocka_unit_test(text_that_cannot_be_shown_is_refused),
	    cmocka_unit_test(what_is_not_yaml_is_refused_with_its_place),
	    cmocka_unit_test(the_version_must_be_one),
	    cmocka_unit_test(all_errors_of_a_file_are_found),
	    cmocka_unit_test(every_setting_has_a_path_of_its_own_and_help),
	};
	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
