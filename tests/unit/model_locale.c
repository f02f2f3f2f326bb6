/* model_locale.c: a program that uses the library may have a locale with a decimal comma: models,
 * metadata and sentences have a point all the same, and the program's locale stays what it was.
 * The locale is made for the test. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/mem.h"
#include "core/model/metadata.h"
#include "core/model/reason.h"
#include "tests/kit/model_files.h"

enum { ROWS = 40, FEATURES_MAX = 16 };

static char folder[] = "/tmp/fraudtop-locale-XXXXXX";

/* False, said loudly: this machine has nothing to make a locale from. */
static bool
use_comma(void)
{
	char *command = mem_printf("localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8", folder);
	int made = system(command);
	free(command);
	setenv("LOCPATH", folder, 1);
	if (made == 0 && setlocale(LC_ALL, "de_DE.UTF-8") != NULL)
		return true;
	print_message("localedef makes no locale with a decimal comma here: not tested\n");
	return false;
}

static void
score_all(const char *path, double scores[ROWS])
{
	struct model *model = model_files_load(path);
	double row[FEATURES_MAX];
	assert_true(model_features(model) <= FEATURES_MAX);
	for (size_t i = 0; i < ROWS; i++) {
		for (size_t f = 0; f < FEATURES_MAX; f++)
			row[f] = (double)((i * 7 + f * 13) % 29) / 4 - 1;
		model_score(model, row, &scores[i]);
	}
	model_free(model);
}

static void
numbers_have_a_point_under_every_locale(void **state)
{
	(void)state;
	static const char *const paths[] = {MODELS "words.json", MODELS "sound.json",
	    MODELS "words.ubj", MODELS "linear.json", "tests/data/lightgbms/small.txt"};
	enum { PATHS = sizeof(paths) / sizeof(paths[0]) };
	double scores[PATHS][ROWS], commas[ROWS];
	struct err err = {0};
	for (size_t i = 0; i < PATHS; i++)
		score_all(paths[i], scores[i]);
	if (!use_comma())
		skip();
	for (size_t i = 0; i < PATHS; i++) {
		score_all(paths[i], commas);
		assert_memory_equal(commas, scores[i], sizeof(commas));
	}
	struct model *model = model_files_load(MODELS "linear.json");
	assert_true(model_set_metadata(model,
	    "{\"threshold\":0.25,\"version\":1.5,\"features\":[\"amount\","
	    "{\"name\":\"hour\",\"mean\":2.5}]}",
	    &err));
	assert_true(model_threshold(model) == 0.25);
	assert_string_equal(model_version(model), "1.5");
	struct reason reason;
	char number[REASON_NUMBER];
	assert_int_equal(
	    reasons_of(model, (const double[]){0, 7.875}, (const double[]){0, 1.25}, &reason, 1),
	    1);
	assert_string_equal(reason.text, "hour 7.88 is 3.2 times its training mean: +1.2");
	assert_string_equal(reason_number(number, 1.25), "+1.2");
	assert_false(model_set_metadata(model, "{\"features\":[1.5]}", &err));
	assert_true(strtod("1,5", NULL) == 1.5);
	model_free(model);
}

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C");
	char *command = mem_printf("rm -r %s", folder);
	int removed = system(command);
	free(command);
	return removed;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
	    numbers_have_a_point_under_every_locale, set_up, tear_down)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
