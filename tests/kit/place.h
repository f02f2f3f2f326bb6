/* place.h: a folder of a test's own, the files in it, and a configuration that names them. What
 * cannot be made fails the test. */
#ifndef FRAUDTOP_TESTS_KIT_PLACE_H
#define FRAUDTOP_TESTS_KIT_PLACE_H

#include <stdio.h>

#include "core/config/config.h"
#include "tests/folder.h"

void place_make(char folder[FOLDER_SIZE], const char *name);
void place_remove(const char *folder);

char *place_path(const char *folder, const char *name); /* free() it */
/* Opened as fopen does; to be closed with place_close. */
FILE *place_open(const char *folder, const char *name, const char *mode);
void place_close(FILE *file);
void place_write(const char *folder, const char *name, const char *text);

/* Of the YAML behind its version, with @ for the folder. */
struct config *place_config(const char *folder, const char *yaml);

#endif
