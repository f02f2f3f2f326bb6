/* theme_find.c: a theme by its name: compiled in, in the user's or the system's folders, or a path.
 * A file lays itself over the default theme, so that it may name only the roles that it changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/buf.h"
#include "core/base/text.h"
#include "tui/theme.h"

enum { THEME_FILE_LIMIT = 65536 };

static const unsigned char theme_default[] = {
#include "themes/default.theme.inc"
};
static const unsigned char theme_light[] = {
#include "themes/light.theme.inc"
};
static const unsigned char theme_mono[] = {
#include "themes/mono.theme.inc"
};
static const unsigned char theme_high_contrast[] = {
#include "themes/high-contrast.theme.inc"
};
static const unsigned char theme_deuteranopia[] = {
#include "themes/deuteranopia.theme.inc"
};

static const struct {
	const char *name;
	const unsigned char *text;
	size_t length;
} built_in[] = {
    {"default", theme_default, sizeof(theme_default)},
    {"light", theme_light, sizeof(theme_light)},
    {"mono", theme_mono, sizeof(theme_mono)},
    {"high-contrast", theme_high_contrast, sizeof(theme_high_contrast)},
    {"deuteranopia", theme_deuteranopia, sizeof(theme_deuteranopia)},
};
static const char *const built_in_names[] = {
    "default", "light", "mono", "high-contrast", "deuteranopia", NULL};

static bool
parse_built_in(struct theme *theme, size_t index, struct err *err)
{
	return theme_parse(theme, (const char *)built_in[index].text, built_in[index].length,
	    built_in[index].name, err);
}

static bool
load_file(struct theme *theme, const char *path, struct err *err)
{
	struct buf text = {0};
	struct theme loaded = *theme;
	bool good =
	    parse_built_in(&loaded, 0, err) && buf_read_file(&text, path, THEME_FILE_LIMIT, err) &&
	    theme_parse(&loaded, text.data != NULL ? text.data : "", text.length, path, err);
	buf_free(&text);
	if (good)
		*theme = loaded;
	return good;
}

static bool
try_folder(
    char *path, size_t size, const char *folder, size_t length, const char *below, const char *name)
{
	if (length == 0 || folder[0] != '/') /* the XDG specification: relative ones do not count */
		return false;
	int written = snprintf(
	    path, size, "%.*s%s/fraudtop/themes/%s.theme", (int)length, folder, below, name);
	return written > 0 && (size_t)written < size && access(path, R_OK) == 0;
}

/* A folder from a variable, or if that is unset or relative, one below the home folder. */
static bool
try_home(char *path, size_t size, const char *variable, const char *below, const char *name)
{
	const char *folder = getenv(variable), *home = getenv("HOME");
	if (folder != NULL && folder[0] == '/')
		return try_folder(path, size, folder, strlen(folder), "", name);
	return home != NULL && try_folder(path, size, home, strlen(home), below, name);
}

static bool
try_list(char *path, size_t size, const char *variable, const char *otherwise, const char *name)
{
	const char *list = getenv(variable);
	if (list == NULL || list[0] == '\0')
		list = otherwise;
	while (*list != '\0') {
		size_t length = strcspn(list, ":");
		if (try_folder(path, size, list, length, "", name))
			return true;
		list += length + (list[length] == ':');
	}
	return false;
}

bool
theme_load(struct theme *theme, const char *name, struct err *err)
{
	char path[4096];
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]); i++)
		if (strcmp(name, built_in[i].name) == 0)
			return parse_built_in(theme, i, err);
	if (strchr(name, '/') != NULL)
		return load_file(theme, name, err);
	if (name[0] != '\0' &&
	    (try_home(path, sizeof(path), "XDG_CONFIG_HOME", "/.config", name) ||
		try_list(path, sizeof(path), "XDG_CONFIG_DIRS", "/etc/xdg", name) ||
		try_home(path, sizeof(path), "XDG_DATA_HOME", "/.local/share", name) ||
		try_list(path, sizeof(path), "XDG_DATA_DIRS", "/usr/local/share:/usr/share", name)))
		return load_file(theme, path, err);
	const char *near = text_nearest(name, built_in_names);
	return err_set(err, ERR_NO_INPUT,
	    "no theme `%s`%s%s%s (there are default, light, mono, high-contrast, deuteranopia, and"
	    " NAME.theme in ~/.config/fraudtop/themes)",
	    name, near != NULL ? "; did you mean `" : "", near != NULL ? near : "",
	    near != NULL ? "`?" : "");
}
