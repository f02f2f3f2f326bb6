/* model_files.h: the files that the tests of core/model read, as they are and changed. */
#ifndef FRAUDTOP_TESTS_KIT_MODEL_FILES_H
#define FRAUDTOP_TESTS_KIT_MODEL_FILES_H

#include "core/model/model.h"

#define SHARED "../shared/data/"
#define MODELS "tests/data/models/"

/* Skips the test, loudly, if the file is not there. */
void model_files_need(const char *path);

/* The test fails if they cannot be read. Free the text with free(). */
struct model *model_files_load(const char *path);
char *model_files_text(const char *path);

/* The model of a file with the first `old` in its text replaced. NULL and the reason in *err if it
 * is refused. */
struct model *model_files_changed_in(
    const char *path, const char *old, const char *new, struct err *err);
/* Of tests/data/models/sound.json. */
struct model *model_files_changed(const char *old, const char *new, struct err *err);

#endif
