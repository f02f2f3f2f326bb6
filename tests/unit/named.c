/* named.c: the configuration that logs come to which are only named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/config/config_file.h"
#include "core/format/named.h"
#include "tests/kit/place.h"

#define RECORD "{\"ts\":\"2026-01-28T14:06:04Z\",\"request_id\":\"a\",\"score\":0.5"
#define LABEL "{\"request_id\":\"a\",\"label\":1}\n"

static char folder[FOLDER_SIZE];

static int
set_up(void **state)
{
	(void)state;
	place_make(folder, "named");
	place_write(folder, "plain.jsonl", RECORD "}\n");
	place_write(folder, "own.jsonl", RECORD ",\"service\":\"eu\"}\n");
	place_write(folder, "more.jsonl", RECORD ",\"service\":\"eu\"}\n");
	place_write(folder, "labels.jsonl", LABEL);
	place_write(folder, "a.csv", "ts;score;amount\n2026-01-28T14:06:04Z;0,5;1,5\n");
	place_write(folder, "b.csv", "ts;score;amount\n2026-01-28T14:06:04Z;0,5;1,5\n");
	place_write(folder, "page", "<html>\n");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	place_remove(folder);
	return 0;
}

/* Up to four names in the folder. */
static struct config *
name(const char *const names[], struct err *err)
{
	char *paths[4] = {NULL};
	size_t count = 0;
	for (; names[count] != NULL; count++)
		paths[count] = place_path(folder, names[count]);
	struct config *config = named_config((const char *const *)paths, count, err);
	while (count-- > 0)
		free(paths[count]);
	return config;
}

#define NAME(err, ...) name((const char *const[]){__VA_ARGS__, NULL}, err)

static void
logs_of_one_service_are_one_and_labels_go_to_it(void **state)
{
	(void)state;
	struct err err = {0};
	struct config *config = NAME(&err, "labels.jsonl", "own.jsonl", "more.jsonl");
	assert_non_null(config);
	assert_int_equal(config->services_count, 1);
	assert_string_equal(config->services[0].name, "eu");
	assert_string_equal(config->services[0].format, "fraudtop");
	assert_string_equal(config->services[0].alias, "production");
	assert_int_equal(config->services[0].sample, 1);
	assert_int_equal(config->services[0].logs_count, 2);
	assert_int_equal(config->services[0].labels_count, 1);
	assert_int_equal(config->mappings_count, 0);
	assert_int_equal(config->checkpoint_us, 0);
	assert_string_equal(config->path, "");
	config_free(config);
}

static void
a_layout_that_is_no_preset_is_one_mapping(void **state)
{
	(void)state;
	struct err err = {0};
	struct config *config = NAME(&err, "a.csv", "b.csv", "plain.jsonl");
	assert_non_null(config);
	assert_int_equal(config->services_count, 3);
	assert_string_equal(config->services[0].name, "a.csv");
	assert_string_equal(config->services[1].name, "b.csv");
	assert_int_equal(config->mappings_count, 1);
	assert_string_equal(config->mappings[0].preset, "csv");
	assert_string_equal(config->mappings[0].delimiter, "semicolon");
	assert_string_equal(config->mappings[0].decimal, "comma");
	assert_string_equal(config->services[0].format, config->mappings[0].name);
	assert_string_equal(config->services[1].format, config->mappings[0].name);
	assert_string_equal(config->services[2].format, "fraudtop");
	config_free(config);
}

static void
it_is_what_a_file_of_it_is_read_into(void **state)
{
	(void)state;
	struct err err = {0};
	struct buf printed = {0}, errors = {0};
	struct config *config = NAME(&err, "a.csv", "own.jsonl", "labels.jsonl");
	assert_non_null(config);
	config_print(config, &printed);
	struct config *read = config_parse("f", printed.data, printed.length, &errors, &err);
	assert_non_null(read);
	assert_int_equal(read->services_count, config->services_count);
	for (size_t i = 0; i < read->services_count; i++) {
		assert_string_equal(read->services[i].name, config->services[i].name);
		assert_string_equal(read->services[i].format, config->services[i].format);
		assert_int_equal(read->services[i].logs_count, config->services[i].logs_count);
	}
	assert_int_equal(read->checkpoint_us, 0);
	config_free(read);
	config_free(config);
	buf_free(&printed);
	buf_free(&errors);
}

static void
a_folder_of_more_than_one_format_is_its_files_and_a_glob_of_one_is_one(void **state)
{
	(void)state;
	struct err err = {0};
	struct config *config = NAME(&err, "");
	assert_non_null(config);
	assert_int_equal(config->services_count, 4);
	config_free(config);
	config = NAME(&err, "*.csv");
	assert_non_null(config);
	assert_int_equal(config->services_count, 1);
	assert_string_equal(config->services[0].name, "*.csv");
	assert_int_equal(config->services[0].logs_count, 1);
	config_free(config);
}

static void
what_is_no_log_or_not_there_is_refused(void **state)
{
	(void)state;
	struct err err = {0};
	assert_null(NAME(&err, "plain.jsonl", "page"));
	assert_int_equal(err.code, ERR_DATA);
	assert_non_null(strstr(err.text, "neither JSON nor a table"));
	assert_null(NAME(&err, "none"));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_null(NAME(&err, "none*"));
	assert_int_equal(err.code, ERR_NO_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(logs_of_one_service_are_one_and_labels_go_to_it),
	    cmocka_unit_test(a_layout_that_is_no_preset_is_one_mapping),
	    cmocka_unit_test(it_is_what_a_file_of_it_is_read_into),
	    cmocka_unit_test(
		a_folder_of_more_than_one_format_is_its_files_and_a_glob_of_one_is_one),
	    cmocka_unit_test(what_is_no_log_or_not_there_is_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
