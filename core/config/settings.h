/* settings.h: the one table of everything the configuration file may hold.
 *
 * A path is `section.key`, or `key` at the top of the file. Reading, defaults, ranges, "did you
 * mean", --print-config and the manual all come from this table: a new setting is one line of
 * settings.c and one member of a struct in config.h or items.h. */
#ifndef FRAUDTOP_CONFIG_SETTINGS_H
#define FRAUDTOP_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
	SETTING_TEXT,
	SETTING_SECRET, /* a text that is never shown: struct config_secret */
	SETTING_URL, /* http:// or https://, without credentials; a trailing `/` is dropped */
	SETTING_PATH, /* relative to the file */
	SETTING_PATHS, /* a path or a list of them */
	SETTING_TEXTS, /* a list of texts */
	SETTING_PAIRS, /* name: text; the list holds name, text, name, text, ... */
	SETTING_WORD, /* one of `choices` */
	SETTING_BOOL,
	SETTING_NUMBER, /* double */
	SETTING_INTEGER, /* int64_t */
	SETTING_DURATION, /* int64_t of microseconds; its range is in seconds */
	SETTING_ONE_IN /* int64_t n, written 1/n; 1 is all */
};

struct setting {
	const char *path;
	enum setting_type type;
	size_t offset; /* in struct config, or in the struct of a list's item */
	size_t size; /* of a text; of a list the offset of its count */
	double least, most; /* of a number, both allowed */
	const char *fallback; /* the default as the file would have it; NULL: must be given */
	const char *unit; /* "" if none */
	const char *help;
	const char *choices; /* SETTING_WORD: separated by spaces */
};

extern const struct setting settings_table[];
extern const size_t settings_count;

/* What stands at the top of the file beside `version`, `rules` and the keys without a section. */
struct settings_section {
	const char *name;
	bool list; /* of items (items.h), else one mapping */
};
extern const struct settings_section settings_sections[];
extern const size_t settings_sections_count;
bool settings_is_list(const char *section, size_t length);

/* The length of the section in a path, 0 at the top of the file, and the key after it. */
size_t settings_section(const struct setting *setting);
const char *settings_key(const struct setting *setting);

/* The keys that may stand in a section ("" for the top), NULL at the end. Returns how many there
 * are. */
#define SETTINGS_KEYS 32
size_t settings_keys(const char *section, const char *keys[SETTINGS_KEYS]);

/* Why a key cannot stand in this section, for a person: it is of a later version, or misspelt, or
 * belongs elsewhere. */
void settings_advise(const char *section, const char *key, char *dst, size_t size);

/* Fills in all defaults of a section's settings that have one. */
void settings_defaults(const char *section, void *base);

#endif
