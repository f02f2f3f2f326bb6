/* model_files.h: what the tests of core/model share. */
#ifndef FRAUDTOP_TESTS_MODEL_FILES_H
#define FRAUDTOP_TESTS_MODEL_FILES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "core/base/mem.h"
#include "core/model/model.h"

#define SHARED "../shared/data/"
#define MODELS "tests/data/models/"

/* Skips the test, loudly, if the file is not there. */
static inline void
need_file(const char *path)
{
	if (access(path, R_OK) == 0)
		return;
	print_message("%s is not there: not tested against it\n", path);
	skip();
}

static inline struct model *
load(const char *path)
{
	struct err err = {0};
	struct model *model = model_load(path, &err);
	if (model == NULL)
		fail_msg("%s", err.text);
	return model;
}

static inline char *
read_text(const char *path)
{
	struct buf text = {0};
	struct err err = {0};
	assert_true(buf_read_file(&text, path, 1 << 20, &err));
	return text.data;
}

/* The model of a file with the first `old` in its text replaced. NULL and the reason in *err if it
 * is refused. */
static inline struct model *
changed_in(const char *path, const char *old, const char *new, struct err *err)
{
	char *text = read_text(path);
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

static inline struct model *
changed(const char *old, const char *new, struct err *err)
{
	return changed_in(MODELS "sound.json", old, new, err);
}

#endif
