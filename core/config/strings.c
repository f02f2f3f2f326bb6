/* strings.c: see strings.h. */
#include "core/config/strings.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

#define MOST_PATHS 100
#define MOST_PAIRS 512
#define PATH_SIZE 1024

char *
strings_resolve(struct yaml *yaml, const yaml_node_t *node, const char *what, char *path)
{
	char *resolved = NULL;
	const char *slash = strrchr(yaml->path, '/');
	if (*path == '\0')
		yaml_error(yaml, node, "%s is empty", what);
	else if (*path == '~')
		yaml_error(yaml, node, "%s: `~` is not expanded; write ${HOME}", what);
	else if (*path == '/' || slash == NULL || strcmp(path, "-") == 0)
		resolved = mem_string(path);
	else
		resolved = mem_printf("%.*s/%s", (int)(slash - yaml->path), yaml->path, path);
	free(path);
	if (resolved != NULL && strlen(resolved) >= PATH_SIZE) {
		yaml_error(yaml, node, "%s is longer than %d bytes", what, PATH_SIZE - 1);
		free(resolved);
		return NULL;
	}
	return resolved;
}

/* The strings of a list as they are read. */
struct strings {
	char **list;
	size_t count, capacity;
};

static void
add_string(struct strings *strings, char *text)
{
	mem_reserve(&strings->list, &strings->capacity, strings->count + 1, sizeof(char *));
	strings->list[strings->count++] = text;
}

/* `name: text` of a mapping, both or none. */
static void
read_pairs(struct yaml *yaml, const yaml_node_t *node, const char *what, struct strings *strings)
{
	yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	for (; pair < node->data.mapping.pairs.top; pair++) {
		yaml_node_t *value = yaml_document_get_node(&yaml->document, pair->value);
		char *name =
		    yaml_text(yaml, yaml_document_get_node(&yaml->document, pair->key), what);
		char *text = yaml_text(yaml, value, what);
		if (name != NULL && text != NULL && strings->count < MOST_PAIRS * 2) {
			add_string(strings, name);
			add_string(strings, text);
			continue;
		}
		if (name != NULL && text != NULL)
			yaml_error(yaml, value, "%s: more than %d", what, MOST_PAIRS);
		free(name);
		free(text);
	}
}

static void
read_list_of(struct yaml *yaml, const struct setting *setting, yaml_node_t *node, const char *what,
    struct strings *strings)
{
	bool list = node->type == YAML_SEQUENCE_NODE, paths = setting->type == SETTING_PATHS;
	size_t most = paths ? MOST_PATHS : MOST_PAIRS;
	yaml_node_t *item = list ? yaml_item(yaml, node, 0) : node;
	for (size_t i = 1; item != NULL && i <= most; i++) {
		char *text = yaml_text(yaml, item, what);
		if (text != NULL && paths)
			text = strings_resolve(yaml, item, what, text);
		if (text != NULL)
			add_string(strings, text);
		item = list ? yaml_item(yaml, node, i) : NULL;
	}
	if (item != NULL)
		yaml_error(yaml, item, "%s: more than %zu", what, most);
}

void
strings_read(struct yaml *yaml, const struct setting *setting, void *base, yaml_node_t *node,
    const char *what)
{
	struct strings strings = {0};
	if (setting->type != SETTING_PAIRS)
		read_list_of(yaml, setting, node, what, &strings);
	else if (node->type == YAML_MAPPING_NODE)
		read_pairs(yaml, node, what, &strings);
	else
		yaml_error(yaml, node, "%s must be a mapping, `{name: path, ...}`", what);
	memcpy((char *)base + setting->offset, &strings.list, sizeof(strings.list));
	memcpy((char *)base + setting->size, &strings.count, sizeof(strings.count));
}
