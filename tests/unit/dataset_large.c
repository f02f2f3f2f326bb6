/* dataset_large.c: files of many columns, of too long lines, and of many rows, packed or cut short.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/buf.h"
#include "core/ingest/dataset.h"
#include "core/source/stretch.h"
#include "tests/kit/place.h"

#define HEAD "{\"ts\":\"2026-01-28T14:06:04Z\",\"score\":0.5,"

static struct dataset data;
static struct dataset_options options;
static struct err err;
static char folder[FOLDER_SIZE], *path;

static int
set_up(void **state)
{
	(void)state;
	place_make(folder, "dataset");
	path = place_path(folder, "data");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	dataset_free(&data);
	data = (struct dataset){0};
	free(path);
	place_remove(folder);
	return 0;
}

static void
write_text(const struct buf *text)
{
	if (!buf_write_file(path, text->data, text->length, 0600, &err))
		fail_msg("%s", err.text);
}

static void
too_many_features_and_too_long_lines_are_rejected(void **state)
{
	(void)state;
	struct buf text = {0};
	for (int line = 0; line < 9; line++) {
		buf_puts(&text, HEAD "\"features\":{");
		for (int i = 0; i < 500; i++)
			buf_printf(&text, "%s\"f%d\":%d", i ? "," : "", line * 500 + i, i);
		buf_puts(&text, "}}\n");
	}
	size_t before = text.length;
	buf_puts(&text, HEAD "\"x\":\"");
	while (text.length < before + STRETCH_MAX_RECORD)
		buf_puts(&text, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	buf_puts(&text, "\"}\n" HEAD "\"features\":{\"f0\":1}}\n");
	write_text(&text);
	buf_free(&text);
	assert_true(dataset_read(&data, path, NULL, &err));
	assert_int_equal(data.rows, 9);
	assert_int_equal(data.rejected, 2);
	assert_int_equal(data.features_count, DATASET_MAX_FEATURES);
	assert_true(dataset_feature(&data, "f0")->numbers[8] == 1);
	assert_string_equal(data.last_reason, "line 10: longer than 1048576 bytes");
}

/* Puts what the shell's words make of the text of `path` in its place. */
static void
filter(const char *words)
{
	char command[512];
	snprintf(command, sizeof(command), "%s < %s > %s.new && mv %s.new %s", words, path, path,
	    path, path);
	assert_int_equal(system(command), 0);
}

static void
packed_files_are_unpacked(void **state)
{
	(void)state;
	struct buf text = {0};
	buf_puts(&text, "\xEF\xBB\xBF"
			"a,fraud\n");
	for (int i = 0; i < 100000; i++)
		buf_printf(&text, "%d,%d\n", i, i % 3 == 0);
	options.label = "fraud";
	static const char *const packers[] = {"gzip -c", "zstd -qc"};
	for (size_t i = 0; i < 2; i++) {
		write_text(&text);
		filter(packers[i]);
		assert_true(dataset_read(&data, path, &options, &err));
		assert_int_equal(data.rows, 100000);
		assert_true(dataset_feature(&data, "a") != NULL && data.label[99999] == 1);
		dataset_free(&data);
		data = (struct dataset){0};
		filter("head -c 20000");
		assert_false(dataset_read(&data, path, &options, &err));
		assert_int_equal(err.code, ERR_DATA);
		assert_non_null(strstr(err.text, "cut short"));
		dataset_free(&data);
		data = (struct dataset){0};
	}
	buf_free(&text);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(too_many_features_and_too_long_lines_are_rejected),
	    TEST(packed_files_are_unpacked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
