/* config_files.c: the example, what --print-config prints, and where the files of the program are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/config/config.h"
#include "core/config/config_file.h"
#include "core/config/places.h"
#include "core/config/settings.h"

#define EXAMPLE "docs/config.example.yaml"

static char folder[] = "/tmp/fraudtop-config-XXXXXX";

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

/* Is the key of a list's item told of between its section and the next? */
static bool
is_told(const char *text, const struct setting *setting)
{
	char *heading = mem_printf("\n%.*s:", (int)settings_section(setting), setting->path);
	const char *from = strstr(text, heading), *end = from;
	bool told = false;
	while (end != NULL && *end != '\0' && (end <= from + 1 || end[-1] != '\n' || *end == ' '))
		end++;
	if (from != NULL) {
		char *section = mem_printf("%.*s", (int)(end - from), from);
		told = strstr(section, settings_key(setting)) != NULL;
		free(section);
	}
	free(heading);
	return told;
}

static void
the_example_tells_of_every_setting(void **state)
{
	(void)state;
	struct buf text = {0};
	struct err err;
	assert_true(buf_read_file(&text, EXAMPLE, 1 << 20, &err));
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings_table[i];
		if (settings_section(setting) > 0 && !is_told(text.data, setting))
			fail_msg("the example does not tell of %s", setting->path);
	}
	buf_free(&text);
}

static void
the_example_is_valid_and_holds_the_defaults(void **state)
{
	(void)state;
	struct buf errors = {0};
	struct err err;
	struct config *config = config_read(EXAMPLE, &errors, &err);
	if (config == NULL)
		fail_msg("%s", errors.data);
	struct config *fresh = config_new();
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings_table[i];
		const char *example = (const char *)config + setting->offset;
		const char *fallback = (const char *)fresh + setting->offset;
		if (settings_is_list(setting->path, settings_section(setting)))
			continue;
		if (config->lines[i] == 0)
			fail_msg("the example lacks %s", setting->path);
		if (strcmp(setting->path, "context") == 0)
			continue;
		bool same = setting->size < 9 ? memcmp(example, fallback, setting->size) == 0
					      : strcmp(example, fallback) == 0;
		if (!same)
			fail_msg("the example has not the default of %s", setting->path);
	}
	assert_int_equal(config->services_count, 2);
	assert_string_equal(config->services[1].url, "http://10.8.0.5:8001");
	assert_string_equal(config->references[0].profile, "docs/fraud_classifier.profile.json");
	config_free(config);
	config_free(fresh);
	buf_free(&errors);
}

static void
what_is_printed_can_be_read_back(void **state)
{
	(void)state;
	struct config *config = parse("version: 1\ncontext: \"a $$ \\\"q\\\" \\\\ #\"\n"
				      "windows: {quality: 90m, lateness: 1.5s}\n"
				      "services: [{name: 'é', url: http://h, log: [a, b]}]\n"
				      "features: [{name: amount, warning: 0.07}]\n"
				      "limits: {p95_ms: 0.1}\n");
	struct buf first = {0}, second = {0};
	config_print(config, &first);
	assert_non_null(strstr(first.data, "# from /etc/f/config.yaml\n"));
	assert_non_null(strstr(first.data, "context: \"a $$ \\\"q\\\" \\\\ #\" # line 2\n"));
	assert_non_null(strstr(first.data, "  quality: 90m # line 3\n"));
	assert_non_null(strstr(first.data, "  comparison: 1h # default\n"));
	assert_non_null(strstr(first.data, "  # line 4\n  - name: \"é\"\n"));
	assert_non_null(strstr(first.data, "    log: [\"/etc/f/a\", \"/etc/f/b\"]\n"));
	struct config *again = parse(first.data);
	assert_string_equal(again->context, config->context);
	assert_int_equal(again->quality_us, config->quality_us);
	assert_int_equal(again->lateness_us, config->lateness_us);
	assert_true(again->p95_ms == config->p95_ms);
	assert_string_equal(again->services[0].logs[1], "/etc/f/b");
	assert_true(isnan(again->features[0].critical));
	memcpy(again->lines, config->lines, settings_count * sizeof(*config->lines));
	again->services[0].line = config->services[0].line;
	again->features[0].line = config->features[0].line;
	config_print(again, &second);
	assert_string_equal(first.data, second.data);
	config_free(config);
	config_free(again);
	buf_free(&first);
	buf_free(&second);
}

static void
a_file_that_cannot_be_read_says_so(void **state)
{
	(void)state;
	struct buf errors = {0};
	struct err err;
	assert_null(config_read("/nowhere/config.yaml", &errors, &err));
	assert_int_equal(err.code, ERR_NO_INPUT);
	assert_string_equal(err.text, "/nowhere/config.yaml: No such file or directory");
	assert_string_equal(errors.data, "/nowhere/config.yaml: No such file or directory\n");
	assert_null(config_read(folder, NULL, NULL));
	buf_free(&errors);
}

static void
touch(const char *path)
{
	struct err err;
	if (!buf_write_file(path, "version: 1\n", 11, 0600, &err))
		fail_msg("%s", err.text);
}

static void
the_file_is_looked_for_in_order(void **state)
{
	(void)state;
	char path[1024], want[1024], dirs[1024];
	snprintf(dirs, sizeof(dirs), "relative:%s/x1:%s/x2", folder, folder);
	unsetenv("FRAUDTOP_CONFIG");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", folder, 1);
	setenv("XDG_CONFIG_DIRS", dirs, 1);
	snprintf(want, sizeof(want), "%s/.config/fraudtop/config.yaml", folder);
	if (access("/etc/fraudtop/config.yaml", F_OK) != 0)
		assert_false(places_find_config(path, sizeof(path)));
	else
		snprintf(path, sizeof(path), "%s", want);
	assert_string_equal(path, want);

	snprintf(want, sizeof(want), "%s/x2", folder);
	mkdir(want, 0700);
	snprintf(want, sizeof(want), "%s/x2/fraudtop", folder);
	mkdir(want, 0700);
	snprintf(want, sizeof(want), "%s/x2/fraudtop/config.yaml", folder);
	touch(want);
	assert_true(places_find_config(path, sizeof(path)));
	assert_string_equal(path, want);

	setenv("XDG_CONFIG_HOME", "relative", 1); /* to be ignored, by the XDG rules */
	assert_true(places_find_config(path, sizeof(path)));
	assert_string_equal(path, want);
	setenv("FRAUDTOP_CONFIG", "mine.yaml", 1);
	assert_true(places_find_config(path, sizeof(path)));
	assert_string_equal(path, "mine.yaml");
	unsetenv("FRAUDTOP_CONFIG");
	unlink(want);
}

static void
the_state_folder_is_made_for_its_owner_alone(void **state)
{
	(void)state;
	char path[1024], want[1024];
	struct err err;
	struct stat status;
	setenv("HOME", folder, 1);
	unsetenv("XDG_STATE_HOME");
	snprintf(want, sizeof(want), "%s/.local/state/fraudtop", folder);
	assert_true(places_state_folder(path, sizeof(path), &err));
	assert_string_equal(path, want);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_true(places_state_folder(path, sizeof(path), &err));

	snprintf(want, sizeof(want), "%s/file", folder);
	touch(want);
	setenv("XDG_STATE_HOME", want, 1);
	assert_false(places_state_folder(path, sizeof(path), &err));
	assert_int_equal(err.code, ERR_CREATE);
	assert_null(strstr(err.text, "No such file"));
	unsetenv("HOME");
	unsetenv("XDG_STATE_HOME");
	assert_false(places_state_folder(path, sizeof(path), &err));
	assert_string_equal(
	    err.text, "there is no place for the program's state: set HOME or XDG_STATE_HOME");
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	static const char *const made[] = {
	    "x2/fraudtop", "x2", ".local/state/fraudtop", ".local/state", ".local", "file", "."};
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		char *path = mem_printf("%s/%s", folder, made[i]);
		if (strcmp(made[i], ".") == 0)
			rmdir(folder);
		else if (rmdir(path) != 0)
			unlink(path);
		free(path);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_example_is_valid_and_holds_the_defaults),
	    cmocka_unit_test(the_example_tells_of_every_setting),
	    cmocka_unit_test(what_is_printed_can_be_read_back),
	    cmocka_unit_test(a_file_that_cannot_be_read_says_so),
	    cmocka_unit_test(the_file_is_looked_for_in_order),
	    cmocka_unit_test(the_state_folder_is_made_for_its_owner_alone),
	};
	return cmocka_run_group_tests_name("config_files", tests, make_folder, remove_folder);
}
