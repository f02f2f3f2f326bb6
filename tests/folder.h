/* folder.h: a folder of a test's own, and its end. */
#ifndef FRAUDTOP_TESTS_FOLDER_H
#define FRAUDTOP_TESTS_FOLDER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER_SIZE 64

/* A new one in /tmp whose name bears `name`. False: there is none to be had. */
static inline bool
folder_make(char folder[FOLDER_SIZE], const char *name)
{
	snprintf(folder, FOLDER_SIZE, "/tmp/fraudtop-%s-XXXXXX", name);
	return mkdtemp(folder) != NULL;
}

/* With all that is in it; 0, or what is not 0. */
static inline int
folder_remove(const char *folder)
{
	char command[2 * FOLDER_SIZE];
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

#endif
