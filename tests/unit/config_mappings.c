/* config_mappings.c: `mappings` of the configuration: what is read, what is refused where, and that
 * it is printed so that it can be read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/config/config.h"
#include "core/config/config_file.h"
#include "core/config/jsonpath.h"

static void
refuse(const char *body, const char *expected)
{
	struct buf errors = {0};
	struct err err = {0};
	char *text = mem_printf("version: 1\n%s", body);
	struct config *config = config_parse("f", text, strlen(text), &errors, &err);
	assert_null(config);
	assert_string_equal(errors.data, expected);
	free(text);
	buf_free(&errors);
}

static const char sound[] = "version: 1\n"
			    "mappings:\n"
			    "- name: gateway\n"
			    "  preset: mlserver-v2\n"
			    "  inside: $.log\n"
			    "  score: $.risk[1] | $$ | $['a.b']\n"
			    "  columns: [a, b]\n"
			    "  positive: [review, -1]\n"
			    "  negative: waved\n"
			    "- name: other\n"
			    "  named: {amount: $.request.amount, \"odd name\": '$[\"x y\"]'}\n"
			    "  flat: true\n"
			    "services:\n"
			    "- {name: s, format: gateway}\n";

static void
assert_sound(const char *text)
{
	struct err err = {0};
	struct config *config = config_parse("f", text, strlen(text), NULL, &err);
	if (config == NULL)
		fail_msg("%s\n%s", err.text, text);
	assert_int_equal(config->mappings_count, 2);
	const struct config_mapping *mapping = config_mapping(config, "gateway");
	assert_non_null(mapping);
	assert_null(config_mapping(config, "none"));
	assert_string_equal(mapping->preset, "mlserver-v2");
	assert_string_equal(mapping->score, "$.risk[1] | $ | $['a.b']");
	assert_string_equal(mapping->inside, "$.log");
	assert_string_equal(mapping->ts, "");
	assert_int_equal(mapping->columns_count, 2);
	assert_string_equal(mapping->columns[1], "b");
	assert_int_equal(mapping->positive_count, 2);
	assert_string_equal(mapping->positive[1], "-1");
	assert_int_equal(mapping->negative_count, 1);
	assert_string_equal(mapping->negative[0], "waved");
	assert_false(mapping->flat);
	mapping = config_mapping(config, "other");
	assert_int_equal(mapping->named_count, 4);
	assert_string_equal(mapping->named[0], "amount");
	assert_string_equal(mapping->named[1], "$.request.amount");
	assert_string_equal(mapping->named[2], "odd name");
	assert_string_equal(mapping->named[3], "$[\"x y\"]");
	assert_true(mapping->flat);
	config_free(config);
}

static void
a_mapping_is_read_whole_and_printed_again(void **state)
{
	(void)state;
	struct buf printed = {0};
	struct err err = {0};
	assert_sound(sound);
	struct config *config = config_parse("f", sound, sizeof(sound) - 1, NULL, &err);
	config_print(config, &printed);
	assert_sound(printed.data);
	config_free(config);
	buf_free(&printed);
}

static void
what_makes_no_sense_is_refused_at_its_place(void **state)
{
	(void)state;
	refuse("mappings: [{name: a, skore: $.x}]\n",
	    "f:2:22: unknown key `skore`; did you mean `score`?\n");
	refuse("mappings: [{preset: csv}]\n", "f:2:12: `mappings.name` is missing\n");
	refuse("mappings: [{name: csv}]\n", "f:2:19: `mappings.name`: `csv` is a preset\n");
	refuse("mappings: [{name: a, preset: cvs}]\n",
	    "f:2:30: `mappings.preset` must be one of fraudtop fastapi sagemaker-capture "
	    "cloudevents mlserver-v2 csv, not `cvs`\n");
	refuse("mappings:\n- name: a\n  score: answer\n",
	    "f:4:10: `mappings.score`: a path begins with $, as in $.response.score\n");
	refuse("mappings:\n- name: a\n  score: $.a[x]\n",
	    "f:4:10: `mappings.score`: in $.a[: expected a number or a key in quotes, and ]\n");
	refuse("mappings:\n- name: a\n  named: {b: $.a..c}\n",
	    "f:4:10: `mappings.named`: b: in $.a.: expected a key\n");
	refuse("mappings:\n- name: a\n  named: [b]\n",
	    "f:4:10: `mappings.named` must be a mapping, `{name: path, ...}`\n");
	refuse("mappings: [{name: a}, {name: a}]\n",
	    "f:2:30: `mappings.name`: `a` stands here already, in line 2\n");
	refuse("services: [{name: s, format: fasapi}]\n",
	    "f:2:30: `services.format`: there is no format `fasapi`; did you mean `fastapi`?\n");
	refuse("mappings: [{name: gateway}]\nservices: [{name: s, format: gatway}]\n",
	    "f:3:30: `services.format`: there is no format `gatway`; did you mean `gateway`?\n");
	refuse("services: [{name: s, format: protobuf}]\n",
	    "f:2:30: `services.format`: there is no format `protobuf`; known: fraudtop, fastapi, "
	    "sagemaker-capture, cloudevents, mlserver-v2, csv\n");
	refuse("mappings:\n- {name: a, preset: fraudtop, output: $.a}\n- {name: b, preset: csv, "
	       "features: x}\n- {name: c, preset: cloudevents, features: $.a}\n",
	    "f:3:39: `mappings.output` means nothing to `fraudtop`\n"
	    "f:4:36: `mappings.features` means nothing to `csv`\n"
	    "f:5:44: `mappings.features` means nothing to `cloudevents`\n");
	refuse("mappings:\n- {name: b, preset: csv, delimiter: colon}\n",
	    "f:3:37: `mappings.delimiter` must be one of comma semicolon tab bar, not `colon`\n");
	refuse("mappings:\n- {name: a, delimiter: tab}\n- {name: b, preset: csv, decimal: comma}\n",
	    "f:3:24: `mappings.delimiter` means nothing to `fraudtop`\n"
	    "f:4:35: `mappings.decimal`: a comma stands between the columns: give another "
	    "`delimiter`\n");
	refuse("mappings:\n- {name: a, inside: txt}\n- {name: b, preset: csv, inside: text}\n"
	       "- {name: c, preset: sagemaker-capture, inside: $.log}\n",
	    "f:3:21: `mappings.inside`: `text`, or a path, which begins with $\n"
	    "f:4:34: `mappings.inside` means nothing to `csv`\n"
	    "f:5:48: `mappings.inside` means nothing to `sagemaker-capture`\n");
	refuse("mappings:\n- {name: a, positive: [Fraud, b], negative: [c, FRAUD]}\n"
	       "- {name: b, negative: ['', a word of more than thirty-two letters]}\n",
	    "f:3:45: `mappings.negative`: `fraud` is also in `positive`\n"
	    "f:4:23: `mappings.negative`: a word of no letters, or of more than 32\n"
	    "f:4:23: `mappings.negative`: a word of no letters, or of more than 32\n");
}

static void
a_path_is_what_it_says(void **state)
{
	(void)state;
	struct jsonpath path;
	struct err err;
	const char *text = "$.a-b[12][\"c.d|\"] | $";
	assert_true(jsonpath_read(&text, &path, &err));
	assert_int_equal(path.count, 3);
	assert_int_equal(path.steps[0].length, 3);
	assert_null(path.steps[1].key);
	assert_int_equal(path.steps[1].index, 12);
	assert_memory_equal(path.steps[2].key, "c.d|", 4);
	assert_true(jsonpath_read(&text, &path, &err));
	assert_int_equal(path.count, 0);
	assert_string_equal(text, "");
	const char *const wrong[] = {"", "a", "$a", "$.", "$.a b", "$[", "$[]", "$[-1]", "$[1",
	    "$['a", "$['a'", "$.a |", "$.a|$.b", "$.a | ", "$.a | b", "$[9999999]",
	    "$.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (jsonpath_check(wrong[i], &err))
			fail_msg("%s", wrong[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_mapping_is_read_whole_and_printed_again),
	    cmocka_unit_test(what_makes_no_sense_is_refused_at_its_place),
	    cmocka_unit_test(a_path_is_what_it_says),
	};
	return cmocka_run_group_tests_name("config_mappings", tests, NULL, NULL);
}
