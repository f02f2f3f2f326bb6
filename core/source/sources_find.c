/* sources_find.c: which files a path, a folder or a glob comes to. */
#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/source/sources_state.h"
#include "core/source/tail.h"

static bool
is_followed(const struct sources *sources, const struct source_spec *spec, const char *path)
{
	for (size_t i = 0; i < sources->files_count; i++) {
		const struct source_file *file = sources->files[i];
		if (file->spec->labels == spec->labels && strcmp(file->stats.path, path) == 0)
			return true;
	}
	return false;
}

static void
follow_path(struct sources *sources, const struct source_spec *spec, const char *path)
{
	struct tail *tail = tail_new(path, spec->labels, &sources->bodies);
	tail_look(tail);
	sources_open(sources, spec, path, &origin_tail, tail);
}

/* What a folder or a glob has come to name. A log that is rotated comes by under new names: what it
 * holds is being read to its end, or has been. */
static void
found(struct sources *sources, const struct source_spec *spec, const char *path)
{
	struct stat status;
	if (is_followed(sources, spec, path) || stat(path, &status) != 0 ||
	    !S_ISREG(status.st_mode) || bodies_known(&sources->bodies, path, spec->labels, &status))
		return;
	follow_path(sources, spec, path);
}

static void
find_in_folder(struct sources *sources, const struct source_spec *spec)
{
	struct dirent **names = NULL;
	int count = scandir(spec->path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			char *path = mem_printf("%s/%s", spec->path, names[i]->d_name);
			found(sources, spec, path);
			free(path);
		}
		free(names[i]);
	}
	free(names);
}

static void
find_by_glob(struct sources *sources, const struct source_spec *spec)
{
	glob_t names;
	if (glob(spec->path, 0, NULL, &names) != 0)
		return;
	for (size_t i = 0; i < names.gl_pathc; i++)
		found(sources, spec, names.gl_pathv[i]);
	globfree(&names);
}

void
sources_find(struct sources *sources, const struct source_spec *spec)
{
	struct stat status;
	bool there = stat(spec->path, &status) == 0;
	if (there && S_ISDIR(status.st_mode))
		find_in_folder(sources, spec);
	else if (!there && strpbrk(spec->path, "*?[") != NULL)
		find_by_glob(sources, spec);
	else if (!is_followed(sources, spec, spec->path))
		follow_path(sources, spec, spec->path);
}
