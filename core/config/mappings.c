/* mappings.c: see mappings.h. */
#include "core/config/mappings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/jsonpath.h"
#include "core/config/settings.h"
#include "core/config/flagwords.h"

static const char *const presets[] = {
#define PRESET(name, text, help) text,
#include "core/config/presets.def"
#undef PRESET
};
enum { PRESETS = sizeof(presets) / sizeof(*presets) };

static bool
is_preset(const char *name)
{
	for (size_t i = 0; i < PRESETS; i++) {
		if (strcmp(presets[i], name) == 0)
			return true;
	}
	return false;
}

/* A path; of a CSV the names of columns do as well, and of `inside` the word for any text. */
static bool
is_place(const struct config_mapping *mapping, const char *text, struct err *err)
{
	if (text == mapping->inside && *text != '$')
		return strcmp(text, "text") == 0 ||
		       err_set(err, ERR_CONFIG, "`text`, or a path, which begins with $");
	return (strcmp(mapping->preset, "csv") == 0 && *text != '$') || jsonpath_check(text, err);
}

/* Does a preset of this kind take the path at all? */
static bool
is_taken(const char *preset, const char *key)
{
	bool csv = strcmp(preset, "csv") == 0;
	bool lines = strcmp(preset, "fraudtop") == 0 || strcmp(preset, "fastapi") == 0;
	if (strcmp(key, "inside") == 0)
		return !csv && strcmp(preset, "sagemaker-capture") != 0;
	if (strcmp(key, "input") == 0)
		return !lines && !csv;
	if (strcmp(key, "output") == 0)
		return !lines && !csv && strcmp(preset, "cloudevents") != 0;
	bool whole = strcmp(key, "features") == 0 || strcmp(key, "attributions") == 0 ||
		     strcmp(key, "flat") == 0;
	return !whole || lines;
}

static void
check_places(
    struct yaml *yaml, const yaml_node_t *top, const struct config_mapping *mapping, size_t index)
{
	struct err err;
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings_table[i];
		const char *text = (const char *)mapping + setting->offset, *key;
		if (strncmp(setting->path, "mappings.", 9) != 0 || setting->type != SETTING_TEXT)
			continue;
		key = settings_key(setting);
		if (*text != '\0' && !is_taken(mapping->preset, key))
			yaml_error(yaml, yaml_member(yaml, top, "mappings", index, key),
			    "`%s` means nothing to `%s`", setting->path, mapping->preset);
		else if (strcmp(key, "name") != 0 && *text != '\0' &&
			 !is_place(mapping, text, &err))
			yaml_error(yaml, yaml_member(yaml, top, "mappings", index, key), "`%s`: %s",
			    setting->path, err.text);
	}
	if (mapping->flat && !is_taken(mapping->preset, "flat"))
		yaml_error(yaml, yaml_member(yaml, top, "mappings", index, "flat"),
		    "`mappings.flat` means nothing to `%s`", mapping->preset);
	for (size_t i = 1; i < mapping->named_count; i += 2)
		if (!is_place(mapping, mapping->named[i], &err))
			yaml_error(yaml, yaml_member(yaml, top, "mappings", index, "named"),
			    "`mappings.named`: %s: %s", mapping->named[i - 1], err.text);
}

/* They are a CSV's alone, and not the same. */
static void
check_table(
    struct yaml *yaml, const yaml_node_t *top, const struct config_mapping *mapping, size_t index)
{
	bool csv = strcmp(mapping->preset, "csv") == 0;
	bool commas = strcmp(mapping->delimiter, "comma") == 0;
	bool decimal = strcmp(mapping->decimal, "comma") == 0;
	if (!csv && !commas)
		yaml_error(yaml, yaml_member(yaml, top, "mappings", index, "delimiter"),
		    "`mappings.delimiter` means nothing to `%s`", mapping->preset);
	if (!csv && decimal)
		yaml_error(yaml, yaml_member(yaml, top, "mappings", index, "decimal"),
		    "`mappings.decimal` means nothing to `%s`", mapping->preset);
	if (csv && commas && decimal)
		yaml_error(yaml, yaml_member(yaml, top, "mappings", index, "decimal"),
		    "`mappings.decimal`: a comma stands between the columns: give another "
		    "`delimiter`");
}

/* Is the word also among the others? */
static bool
is_word_of(char *const *list, size_t count, const char *folded)
{
	char other[FLAGWORDS_LENGTH + 1];
	for (size_t i = 0; i < count; i++)
		if (flagwords_fold(other, list[i], strlen(list[i])) && strcmp(other, folded) == 0)
			return true;
	return false;
}

static void
check_words(
    struct yaml *yaml, const yaml_node_t *top, const struct config_mapping *mapping, size_t index)
{
	char folded[FLAGWORDS_LENGTH + 1];
	size_t count = mapping->positive_count + mapping->negative_count;
	if (count > FLAGWORDS_MOST)
		yaml_error(yaml, yaml_member(yaml, top, "mappings", index, "positive"),
		    "`mappings.positive` and `mappings.negative` have more than %d words",
		    FLAGWORDS_MOST);
	for (size_t i = 0; i < count; i++) {
		bool positive = i < mapping->positive_count;
		const char *key = positive ? "positive" : "negative";
		const char *word = positive ? mapping->positive[i]
					    : mapping->negative[i - mapping->positive_count];
		bool good = flagwords_fold(folded, word, strlen(word));
		if (!good)
			yaml_error(yaml, yaml_member(yaml, top, "mappings", index, key),
			    "`mappings.%s`: a word of no letters, or of more than %d", key,
			    FLAGWORDS_LENGTH);
		else if (positive && is_word_of(mapping->negative, mapping->negative_count, folded))
			yaml_error(yaml, yaml_member(yaml, top, "mappings", index, "negative"),
			    "`mappings.negative`: `%s` is also in `positive`", folded);
	}
}

static void
check_format(struct yaml *yaml, const yaml_node_t *top, const struct config *config, size_t index)
{
	const char *format = config->services[index].format;
	if (is_preset(format) || config_mapping(config, format) != NULL)
		return;
	size_t count = PRESETS;
	const char **names = mem_alloc((config->mappings_count + PRESETS + 1) * sizeof(*names));
	memcpy(names, presets, sizeof(presets));
	for (size_t i = 0; i < config->mappings_count; i++)
		names[count++] = config->mappings[i].name;
	const char *nearest = text_nearest(format, names);
	char known[512] = "";
	for (size_t i = 0; i < count; i++)
		text_append(known, sizeof(known), "%s%s", i > 0 ? ", " : "; known: ", names[i]);
	yaml_error(yaml, yaml_member(yaml, top, "services", index, "format"),
	    "`services.format`: there is no format `%s`%s%s%s", format,
	    nearest != NULL ? "; did you mean `" : known, nearest != NULL ? nearest : "",
	    nearest != NULL ? "`?" : "");
	free(names);
}

void
mappings_check(struct yaml *yaml, const yaml_node_t *top, const struct config *config)
{
	for (size_t i = 0; i < config->mappings_count; i++) {
		if (is_preset(config->mappings[i].name))
			yaml_error(yaml, yaml_member(yaml, top, "mappings", i, "name"),
			    "`mappings.name`: `%s` is a preset", config->mappings[i].name);
		check_places(yaml, top, &config->mappings[i], i);
		check_words(yaml, top, &config->mappings[i], i);
		check_table(yaml, top, &config->mappings[i], i);
	}
	for (size_t i = 0; i < config->services_count; i++)
		check_format(yaml, top, config, i);
}
