/* folder.c: see folder.h. */
#include "core/join/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

#define PREFIX "join-"

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static bool
has(const struct folder_set *set, uint64_t number)
{
	return set->count > 0 &&
	       bsearch(&number, set->numbers, set->count, sizeof(number), compare) != NULL;
}

static void
add(struct folder_set *set, uint64_t number)
{
	mem_reserve(&set->numbers, &set->capacity, set->count + 1, sizeof(*set->numbers));
	set->numbers[set->count++] = number;
	for (size_t i = set->count - 1; i > 0 && set->numbers[i - 1] > set->numbers[i]; i--) {
		uint64_t other = set->numbers[i];
		set->numbers[i] = set->numbers[i - 1];
		set->numbers[i - 1] = other;
	}
}

/* The number in a file's name. False: it is not ours. */
static bool
read_name(const char *name, uint64_t *number)
{
	size_t prefix = strlen(PREFIX);
	if (strncmp(name, PREFIX, prefix) != 0 || strlen(name) != prefix + 16 ||
	    strspn(name + prefix, "0123456789abcdef") != 16)
		return false;
	*number = strtoull(name + prefix, NULL, 16);
	return true;
}

/* Shows every file of ours: the next number is behind theirs. With `before`, removes those of
 * lower numbers that no save refers to. */
static void
look_around(struct folder *folder, uint64_t before)
{
	DIR *dir = opendir(folder->path);
	if (dir == NULL)
		return;
	const struct dirent *file;
	uint64_t number;
	while ((file = readdir(dir)) != NULL) {
		if (!read_name(file->d_name, &number))
			continue;
		if (number >= folder->next && number < UINT64_MAX)
			folder->next = number + 1;
		if (number < before && !has(&folder->saved, number) &&
		    !has(&folder->saving, number))
			removal_add(folder->removal, number);
	}
	closedir(dir);
}

struct folder *
folder_new(const char *path)
{
	struct folder *folder = mem_alloc(sizeof(*folder));
	folder->path = mem_string(path);
	folder->next = 1;
	folder->removal = removal_new(folder->path);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		snprintf(folder->error, sizeof(folder->error), "%s: %s", path, strerror(errno));
	look_around(folder, 0);
	folder->former = folder->next;
	return folder;
}

void
folder_free(struct folder *folder)
{
	if (folder == NULL)
		return;
	for (size_t i = 0; i < folder->dropped.count; i++) {
		uint64_t number = folder->dropped.numbers[i];
		if (!has(&folder->saved, number) && !has(&folder->saving, number))
			removal_add(folder->removal, number);
	}
	removal_free(folder->removal);
	free(folder->saved.numbers);
	free(folder->saving.numbers);
	free(folder->dropped.numbers);
	free(folder->path);
	free(folder);
}

void
folder_path(const char *folder, uint64_t number, char path[FOLDER_PATH])
{
	snprintf(path, FOLDER_PATH, "%s/" PREFIX "%016llx", folder, (unsigned long long)number);
}

void
folder_file(const struct folder *folder, uint64_t number, char path[FOLDER_PATH])
{
	folder_path(folder->path, number, path);
}

void
folder_drop(struct folder *folder, uint64_t number)
{
	if (has(&folder->saved, number) || has(&folder->saving, number))
		add(&folder->dropped, number);
	else
		removal_add(folder->removal, number);
}

void
folder_begin_save(struct folder *folder)
{
	folder->saving.count = 0;
}

void
folder_refer(struct folder *folder, uint64_t number)
{
	add(&folder->saving, number);
}

void
folder_saved(struct folder *folder)
{
	struct folder_set former = folder->saved;
	folder->saved = folder->saving;
	folder->saving = (struct folder_set){0};
	free(former.numbers);
	size_t kept = 0;
	for (size_t i = 0; i < folder->dropped.count; i++) {
		uint64_t number = folder->dropped.numbers[i];
		if (has(&folder->saved, number))
			folder->dropped.numbers[kept++] = number;
		else
			removal_add(folder->removal, number);
	}
	folder->dropped.count = kept;
	if (folder->former > 0)
		look_around(folder, folder->former);
	folder->former = 0;
}

uint64_t
folder_memory(const struct folder *folder)
{
	size_t numbers =
	    folder->saved.capacity + folder->saving.capacity + folder->dropped.capacity;
	return sizeof(*folder) + removal_memory() + numbers * sizeof(uint64_t);
}

void
folder_fail(struct folder *folder, const struct err *err)
{
	snprintf(folder->error, sizeof(folder->error), "%.159s", err->text);
}
