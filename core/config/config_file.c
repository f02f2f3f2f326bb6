/* config_file.c: settings.h says what may stand where, yaml.h where it stood. */
#include "core/config/config_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/config/access_check.h"
#include "core/config/mappings.h"
#include "core/config/settings.h"
#include "core/config/settings_value.h"
#include "core/config/strings.h"
#include "core/config/yaml.h"

#define MOST_BYTES (1 << 20)
#define MOST_ITEMS 1000

/* --- one value --- */

/* Shows the value as the file has it: what a variable holds may be a secret, and so may what stands
 * before the @ of a URL. */
static void
refuse_value(
    struct yaml *yaml, const yaml_node_t *node, bool secret, const char *what, const char *why)
{
	const char *value = (const char *)node->data.scalar.value;
	if (secret || (strchr(value, '@') != NULL && strstr(value, "://") != NULL))
		yaml_error(yaml, node, "%s %s", what, why);
	else
		yaml_error(yaml, node, "%s %s, not `%.80s`", what, why, value);
}

static void
read_value(struct yaml *yaml, const struct setting *setting, void *base, yaml_node_t *node)
{
	char what[64], why[160];
	snprintf(what, sizeof(what), "`%s`", setting->path);
	bool optional = setting->fallback != NULL;
	if (yaml_is_null(node)) {
		if (!optional || setting->type != SETTING_TEXT)
			yaml_error(yaml, node, "%s has no value", what);
		return;
	}
	if (settings_holds_list(setting)) {
		strings_read(yaml, setting, base, node, what);
		return;
	}
	char *text = yaml_text(yaml, node, what);
	if (text != NULL && setting->type == SETTING_PATH)
		text = strings_resolve(yaml, node, what, text);
	if (text == NULL)
		return;
	if (*text == '\0' && !optional)
		yaml_error(yaml, node, "%s is empty", what);
	else if (!(*text == '\0' && setting->type == SETTING_TEXT) &&
		 !settings_store(setting, base, text, why, sizeof(why)))
		refuse_value(yaml, node, setting->type == SETTING_SECRET, what, why);
	else if (setting->type == SETTING_SECRET)
		access_read_secret(yaml, setting, base, node);
	free(text);
}

/* Reads all settings of a section from its mapping. `lines` (NULL is fine) gets where each was set.
 */
static void
read_section(
    struct yaml *yaml, const char *section, const yaml_node_t *map, void *base, size_t *lines)
{
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *setting = &settings_table[i];
		size_t length = settings_section(setting);
		if (strlen(section) != length || memcmp(setting->path, section, length) != 0)
			continue;
		yaml_node_t *node = yaml_find(yaml, map, settings_key(setting));
		if (node == NULL && setting->fallback == NULL)
			yaml_error(yaml, map, "`%s` is missing", setting->path);
		if (node == NULL)
			continue;
		read_value(yaml, setting, base, node);
		if (lines != NULL)
			lines[i] = yaml_line(node);
	}
}

/* --- lists --- */

/* The list under a key of the top, if it is there and is one. */
static yaml_node_t *
find_list(struct yaml *yaml, const yaml_node_t *top, const char *section)
{
	yaml_node_t *list = yaml_find(yaml, top, section);
	if (list == NULL || yaml_is_null(list))
		return NULL;
	if (list->type != YAML_SEQUENCE_NODE) {
		yaml_error(yaml, list, "`%s` must be a list", section);
		return NULL;
	}
	return list;
}

/* Reads the items of a list into an array of items of `size` bytes; *count gets how many there are.
 */
static void *
read_list(struct yaml *yaml, const yaml_node_t *top, const char *section, size_t size,
    size_t line_offset, size_t *count)
{
	yaml_node_t *list = find_list(yaml, top, section), *node;
	char *items = NULL;
	size_t capacity = 0;
	*count = 0;
	for (size_t i = 0; list != NULL && (node = yaml_item(yaml, list, i)) != NULL; i++) {
		if (i == MOST_ITEMS) {
			yaml_error(yaml, node, "`%s`: more than %d", section, MOST_ITEMS);
			break;
		}
		if (!yaml_check_map(yaml, node, section)) {
			if (yaml_is_null(node))
				yaml_error(yaml, node, "`%s`: an empty item", section);
			continue;
		}
		mem_reserve(&items, &capacity, *count + 1, size);
		char *item = items + size * (*count)++;
		memset(item, 0, size);
		size_t line = yaml_line(node);
		memcpy(item + line_offset, &line, sizeof(line));
		settings_defaults(section, item);
		read_section(yaml, section, node, item, NULL);
	}
	return items;
}

/* Refuses two items with the same first member, which is their name. */
static void
check_names(struct yaml *yaml, const yaml_node_t *top, const char *section, const char *key,
    const void *items, size_t size, size_t line_offset, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const char *item = (const char *)items + i * size;
		for (size_t j = 0; j < i && *item != '\0'; j++) {
			const char *before = (const char *)items + j * size;
			size_t line;
			if (strcmp(item, before) != 0)
				continue;
			memcpy(&line, before + line_offset, sizeof(line));
			yaml_error(yaml, yaml_member(yaml, top, section, i, key),
			    "`%s.%s`: `%s` stands here already, in line %zu", section, key, item,
			    line);
			break;
		}
	}
}

#define READ_LIST(yaml, top, section, type, key, config)                                           \
	do {                                                                                       \
		(config)->section = read_list(yaml, top, #section, sizeof(struct type),            \
		    offsetof(struct type, line), &(config)->section##_count);                      \
		check_names(yaml, top, #section, key, (config)->section, sizeof(struct type),      \
		    offsetof(struct type, line), (config)->section##_count);                       \
	} while (0)

/* --- what must fit together --- */

static void
check_services(struct yaml *yaml, const yaml_node_t *top, const struct config *config)
{
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		if (*service->registry == '\0')
			continue;
		if (config_registry(config, service->registry) == NULL)
			yaml_error(yaml, yaml_member(yaml, top, "services", i, "registry"),
			    "`services.registry`: there is no registry `%s`", service->registry);
		if (*service->model == '\0')
			yaml_error(yaml, yaml_member(yaml, top, "services", i, "registry"),
			    "`services.registry` needs a `model` beside it");
	}
}

static void
check_features(struct yaml *yaml, const yaml_node_t *top, const struct config *config)
{
	for (size_t i = 0; i < config->features_count; i++) {
		const struct config_feature *feature = &config->features[i];
		double warning = isnan(feature->warning) ? config->psi_warning : feature->warning;
		double critical =
		    isnan(feature->critical) ? config->psi_critical : feature->critical;
		if (warning > critical)
			yaml_error(yaml, yaml_member(yaml, top, "features", i, "name"),
			    "`features`: the warning of `%s`, %.6g, is above its critical, %.6g",
			    feature->name, warning, critical);
	}
}

static void
check_limits(struct yaml *yaml, const yaml_node_t *top, const struct config *config)
{
	const struct {
		const char *low, *high;
		double least, most;
	} pairs[] = {
	    {"psi_warning", "psi_critical", config->psi_warning, config->psi_critical},
	    {"score_psi_warning", "score_psi_critical", config->score_psi_warning,
		config->score_psi_critical},
	    {"drift_share", "drift_share_severe", config->drift_share, config->drift_share_severe},
	    {"p99_warning_ms", "p99_critical_ms", config->p99_warning_ms, config->p99_critical_ms},
	    {"error_warning", "error_critical", config->error_warning, config->error_critical},
	};
	const yaml_node_t *limits = yaml_find(yaml, top, "limits");
	if (limits == NULL || limits->type != YAML_MAPPING_NODE)
		return;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		if (!(pairs[i].least > pairs[i].most))
			continue;
		const yaml_node_t *at = yaml_find(yaml, limits, pairs[i].low);
		if (at == NULL)
			at = yaml_find(yaml, limits, pairs[i].high);
		yaml_error(yaml, at, "`limits.%s`, %.6g, is above `limits.%s`, %.6g", pairs[i].low,
		    pairs[i].least, pairs[i].high, pairs[i].most);
	}
}

static void
check_verdict(struct yaml *yaml, const yaml_node_t *top, const struct config *config)
{
	const yaml_node_t *verdict = yaml_find(yaml, top, "verdict");
	if (verdict == NULL || verdict->type != YAML_MAPPING_NODE ||
	    config->confirm_windows <= config->of_windows)
		return;
	const yaml_node_t *at = yaml_find(yaml, verdict, "confirm");
	yaml_error(yaml, at != NULL ? at : yaml_find(yaml, verdict, "of"),
	    "`verdict.confirm`, %lld, is above `verdict.of`, %lld",
	    (long long)config->confirm_windows, (long long)config->of_windows);
}

/* --- the whole --- */

static void
check_version(struct yaml *yaml, const yaml_node_t *top)
{
	const yaml_node_t *node = top != NULL ? yaml_find(yaml, top, "version") : NULL;
	if (node == NULL) {
		yaml_error(yaml, NULL, "`version: 1` is missing");
		return;
	}
	char *text = yaml_text(yaml, node, "`version`");
	if (text != NULL && strcmp(text, "1") != 0)
		yaml_error(yaml, node, "`version` must be 1, not `%.80s`", text);
	free(text);
}

static void
check_rules(struct yaml *yaml, const yaml_node_t *top)
{
	const yaml_node_t *list = find_list(yaml, top, "rules");
	const yaml_node_t *rule = list != NULL ? yaml_item(yaml, list, 0) : NULL;
	if (rule != NULL)
		yaml_error(yaml, rule,
		    "alert rules are not in this version; `rules` must be an empty list");
}

static void
read_sections(struct yaml *yaml, const yaml_node_t *top, struct config *config)
{
	read_section(yaml, "", top, config, config->lines);
	for (size_t i = 0; i < settings_sections_count; i++) {
		const char *section = settings_sections[i].name;
		yaml_node_t *map = settings_sections[i].list ? NULL : yaml_find(yaml, top, section);
		if (map != NULL && yaml_check_map(yaml, map, section))
			read_section(yaml, section, map, config, config->lines);
	}
	READ_LIST(yaml, top, services, config_service, "name", config);
	READ_LIST(yaml, top, access, config_access, "name", config);
	READ_LIST(yaml, top, mappings, config_mapping, "name", config);
	READ_LIST(yaml, top, registries, config_registry, "name", config);
	READ_LIST(yaml, top, references, config_reference, "model", config);
	READ_LIST(yaml, top, features, config_feature, "name", config);
	config->expectations =
	    read_list(yaml, top, "expectations", sizeof(struct config_expectations),
		offsetof(struct config_expectations, line), &config->expectations_count);
	check_rules(yaml, top);
	check_limits(yaml, top, config);
	check_verdict(yaml, top, config);
	check_services(yaml, top, config);
	access_check(yaml, top, config);
	mappings_check(yaml, top, config);
	check_features(yaml, top, config);
}

static struct config *
parse(const char *path, const struct buf *text, bool shared, struct buf *errors, struct err *err)
{
	struct yaml yaml = {.path = path, .shared = shared, .errors = errors, .err = err};
	struct config *config = config_new();
	yaml_node_t *top;
	snprintf(config->path, sizeof(config->path), "%s", path);
	if (yaml_open(&yaml, text->data, text->length, &top)) {
		check_version(&yaml, top);
		if (top != NULL && yaml_check_map(&yaml, top, ""))
			read_sections(&yaml, top, config);
	}
	yaml_close(&yaml);
	if (yaml.errors_count == 0)
		return config;
	config_free(config);
	return NULL;
}

struct config *
config_parse(const char *path, const char *text, size_t length, struct buf *errors, struct err *err)
{
	struct buf whole = {0};
	buf_append(&whole, text, length);
	struct config *config = parse(path, &whole, false, errors, err);
	buf_free(&whole);
	return config;
}

struct config *
config_read(const char *path, struct buf *errors, struct err *err)
{
	struct buf text = {0};
	struct err failure;
	struct config *config = NULL;
	if (strlen(path) >= sizeof(config->path))
		err_set(&failure, ERR_CONFIG, "the path of the configuration is too long");
	else if (buf_read_file(&text, path, MOST_BYTES, &failure)) {
		struct stat file;
		bool shared = stat(path, &file) == 0 && S_ISREG(file.st_mode) &&
			      (file.st_mode & (S_IRGRP | S_IROTH)) != 0;
		config = parse(path, &text, shared, errors, err);
		buf_free(&text);
		return config;
	}
	buf_free(&text);
	if (errors != NULL)
		buf_printf(errors, "%s\n", failure.text);
	err_set(err, failure.code, "%s", failure.text);
	return NULL;
}
