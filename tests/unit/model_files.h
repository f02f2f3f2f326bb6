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

#endif
