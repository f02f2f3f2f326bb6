#include "core/config/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/files.h"
#include "core/base/mem.h"

/* The value of a variable if it is an absolute path. */
static const char *
absolute(const char *variable)
{
	const char *value = getenv(variable);
	return value != NULL && *value == '/' ? value : NULL;
}

/* $variable, or `below` under the home folder; NULL if there is neither. free() it. */
static char *
base_folder(const char *variable, const char *below)
{
	const char *value = absolute(variable), *home = absolute("HOME");
	if (value != NULL)
		return mem_string(value);
	return home != NULL ? mem_printf("%s/%s", home, below) : NULL;
}

/* Is there a configuration below this folder? `first` (size bytes) gets the first place looked at.
 */
static bool
try_folder(const char *folder, int length, char *found, char *first, size_t size)
{
	snprintf(found, size, "%.*s/fraudtop/config.yaml", length, folder);
	if (*first == '\0')
		snprintf(first, size, "%s", found);
	return access(found, F_OK) == 0;
}

static bool
try_all(char *found, char *first, size_t size)
{
	char *home = base_folder("XDG_CONFIG_HOME", ".config");
	bool done = home != NULL && try_folder(home, (int)strlen(home), found, first, size);
	free(home);
	const char *folders = getenv("XDG_CONFIG_DIRS");
	if (folders == NULL || *folders == '\0')
		folders = "/etc/xdg";
	while (!done && *folders != '\0') {
		size_t length = strcspn(folders, ":");
		done = *folders == '/' && try_folder(folders, (int)length, found, first, size);
		folders += length + (folders[length] == ':');
	}
	return done || try_folder("/etc", 4, found, first, size);
}

bool
places_find_config(char *path, size_t size)
{
	const char *given = getenv("FRAUDTOP_CONFIG");
	if (given != NULL && *given != '\0') {
		snprintf(path, size, "%s", given);
		return true;
	}
	char *found = mem_alloc(size);
	*path = '\0';
	bool done = try_all(found, path, size);
	if (done)
		snprintf(path, size, "%s", found);
	free(found);
	return done;
}

bool
places_state_path(char *path, size_t size, struct err *err)
{
	char *base = base_folder("XDG_STATE_HOME", ".local/state");
	if (base == NULL)
		return err_set(err, ERR_CREATE,
		    "there is no place for the program's state: set HOME or XDG_STATE_HOME");
	int length = snprintf(path, size, "%s/fraudtop", base);
	free(base);
	if (length < 0 || (size_t)length >= size)
		return err_set(err, ERR_CREATE, "the path of the state folder is too long");
	return true;
}

bool
places_state_folder(char *path, size_t size, struct err *err)
{
	return places_state_path(path, size, err) && files_make_folder(path, err);
}
