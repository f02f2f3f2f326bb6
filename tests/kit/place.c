#include "tests/kit/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those first */
#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/config/config_file.h"

void
place_make(char folder[FOLDER_SIZE], const char *name)
{
	assert_true(folder_make(folder, name));
}

void
place_remove(const char *folder)
{
	assert_int_equal(folder_remove(folder), 0);
}

char *
place_path(const char *folder, const char *name)
{
	return mem_printf("%s/%s", folder, name);
}

FILE *
place_open(const char *folder, const char *name, const char *mode)
{
	char *path = place_path(folder, name);
	FILE *file = fopen(path, mode);
	assert_non_null(file);
	free(path);
	return file;
}

void
place_close(FILE *file)
{
	assert_int_equal(fclose(file), 0);
}

void
place_write(const char *folder, const char *name, const char *text)
{
	FILE *file = place_open(folder, name, "w");
	assert_int_not_equal(fputs(text, file), EOF);
	place_close(file);
}

struct config *
place_config(const char *folder, const char *yaml)
{
	struct err err = {0};
	struct buf text = {0};
	buf_puts(&text, "version: 1\n");
	for (const char *at = yaml; *at != '\0'; at++) {
		if (*at == '@')
			buf_puts(&text, folder);
		else
			buf_append(&text, at, 1);
	}
	struct config *config = config_parse("test", text.data, text.length, NULL, &err);
	if (config == NULL)
		fail_msg("%s", err.text);
	buf_free(&text);
	return config;
}
