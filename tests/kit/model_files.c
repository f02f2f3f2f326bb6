#include "tests/kit/model_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"

void
model_files_need(const char *path)
{
	if (access(path, R_OK) == 0)
		return;
	print_message("%s is not there: not tested against it\n", path);
	skip();
}

struct model *
model_files_load(const char *path)
{
	struct err err = {0};
	struct model *model = model_load(path, &err);
	if (model == NULL)
		fail_msg("%s", err.text);
	return model;
}

char *
model_files_text(const char *path)
{
	struct buf text = {0};
	struct err err = {0};
	assert_true(buf_read_file(&text, path, 1 << 20, &err));
	return text.data;
}

struct model *
model_files_changed_in(const char *path, const char *old, const char *new, struct err *err)
{
	char *text = model_files_text(path);
	char *place = strstr(text, old);
	if (place == NULL)
		fail_msg("%s has no `%s`", path, old);
	struct buf out = {0};
	buf_append(&out, text, (size_t)(place - text));
	buf_puts(&out, new);
	buf_puts(&out, place + strlen(old));
	struct model *model = model_parse(out.data, out.length, "changed.json", err);
	buf_free(&out);
	free(text);
	return model;
}

struct model *
model_files_changed(const char *old, const char *new, struct err *err)
{
	return model_files_changed_in(MODELS "sound.json", old, new, err);
}
