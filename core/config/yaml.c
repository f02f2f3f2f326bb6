#include "core/config/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/settings.h"

#define MOST_ERRORS 100

static void
add_error(struct yaml *yaml, size_t line, size_t column, const char *message)
{
	if (yaml->errors_count++ >= MOST_ERRORS)
		return;
	char raw[2048], clean[2048];
	snprintf(raw, sizeof(raw), "%.1024s:%zu:%zu: %s", yaml->path, line, column, message);
	text_scrub(clean, sizeof(clean), raw, strlen(raw));
	if (yaml->errors_count == 1)
		err_set(yaml->err, ERR_CONFIG, "%s", clean);
	if (yaml->errors != NULL)
		buf_printf(yaml->errors, "%s\n", clean);
}

size_t
yaml_line(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

void
yaml_error(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
{
	char message[512];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (node != NULL)
		add_error(yaml, yaml_line(node), node->start_mark.column + 1, message);
	else
		add_error(yaml, 1, 1, message);
}

/* What libyaml says when it cannot go on. A broken byte has an offset, the rest has a mark. */
static void
add_parser_error(struct yaml *yaml, const yaml_parser_t *parser, const char *text)
{
	char message[256];
	const char *problem = parser->problem != NULL ? parser->problem : "it cannot be read";
	const char *context = parser->context != NULL ? parser->context : "";
	snprintf(
	    message, sizeof(message), "not YAML: %s%s%s", context, *context ? ", " : "", problem);
	size_t line = parser->problem_mark.line + 1, column = parser->problem_mark.column + 1;
	if (parser->error == YAML_READER_ERROR) {
		line = column = 1;
		for (size_t i = 0; i < parser->problem_offset; i++) {
			column = text[i] == '\n' ? 1 : column + 1;
			line += text[i] == '\n';
		}
	}
	add_error(yaml, line, column, message);
}

/* The loader stops at the end of the first document; a second one would be ignored in silence. */
static bool
check_end(struct yaml *yaml, yaml_parser_t *parser, const char *text)
{
	yaml_document_t rest;
	if (!yaml_parser_load(parser, &rest)) {
		add_parser_error(yaml, parser, text);
		return false;
	}
	const yaml_node_t *second = yaml_document_get_root_node(&rest);
	if (second != NULL)
		yaml_error(yaml, second, "a second document: the configuration is one document");
	yaml_document_delete(&rest);
	return second == NULL;
}

bool
yaml_open(struct yaml *yaml, const char *text, size_t length, yaml_node_t **top)
{
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		mem_die("out of memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
	yaml->loaded = yaml_parser_load(&parser, &yaml->document);
	bool done = yaml->loaded;
	if (!yaml->loaded)
		add_parser_error(yaml, &parser, text);
	*top = done ? yaml_document_get_root_node(&yaml->document) : NULL;
	if (*top != NULL)
		done = check_end(yaml, &parser, text);
	yaml_parser_delete(&parser);
	if (done && *top != NULL && yaml_is_null(*top))
		*top = NULL;
	if (done && *top != NULL && (*top)->type != YAML_MAPPING_NODE) {
		yaml_error(yaml, *top, "the configuration must be a mapping of keys");
		return false;
	}
	return done;
}

void
yaml_close(struct yaml *yaml)
{
	if (yaml->errors_count > MOST_ERRORS && yaml->errors != NULL)
		buf_printf(yaml->errors, "%s: and %zu more errors\n", yaml->path,
		    yaml->errors_count - MOST_ERRORS);
	if (yaml->loaded)
		yaml_document_delete(&yaml->document);
	yaml->loaded = false;
}

/* The bytes of a node, which may hold a NUL: then they equal no word. */
static bool
equals(const yaml_node_t *node, const char *word)
{
	size_t length = strlen(word);
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length == length &&
	       memcmp(node->data.scalar.value, word, length) == 0;
}

bool
yaml_is_null(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE &&
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (equals(node, "") || equals(node, "~") || equals(node, "null"));
}

static void
check_key(
    struct yaml *yaml, const yaml_node_t *map, const yaml_node_pair_t *pair, const char *section)
{
	const yaml_node_t *key = yaml_document_get_node(&yaml->document, pair->key);
	if (key->type != YAML_SCALAR_NODE) {
		yaml_error(yaml, key, "a key must be a word");
		return;
	}
	char word[64], advice[400];
	text_scrub(
	    word, sizeof(word), (const char *)key->data.scalar.value, key->data.scalar.length);
	const yaml_node_pair_t *other = map->data.mapping.pairs.start;
	for (; other < pair; other++) {
		const yaml_node_t *before = yaml_document_get_node(&yaml->document, other->key);
		if (!equals(before, word))
			continue;
		yaml_error(
		    yaml, key, "`%s` stands here already, in line %zu", word, yaml_line(before));
		return;
	}
	const char *known[SETTINGS_KEYS];
	settings_keys(section, known);
	for (size_t i = 0; known[i] != NULL; i++) {
		if (equals(key, known[i]))
			return;
	}
	settings_advise(section, word, advice, sizeof(advice));
	yaml_error(yaml, key, "%s", advice);
}

bool
yaml_check_map(struct yaml *yaml, yaml_node_t *node, const char *section)
{
	if (node->type != YAML_MAPPING_NODE) {
		if (!yaml_is_null(node))
			yaml_error(yaml, node, "%s`%s` must hold keys and values",
			    settings_is_list(section, strlen(section)) ? "an item of " : "",
			    section);
		return false;
	}
	const yaml_node_pair_t *end = node->data.mapping.pairs.top;
	if (end - node->data.mapping.pairs.start > 1000) {
		yaml_error(yaml, node, "too many keys");
		return false;
	}
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++)
		check_key(yaml, node, pair, section);
	return true;
}

yaml_node_t *
yaml_find(struct yaml *yaml, const yaml_node_t *map, const char *key)
{
	const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
	for (; pair < map->data.mapping.pairs.top; pair++) {
		if (equals(yaml_document_get_node(&yaml->document, pair->key), key))
			return yaml_document_get_node(&yaml->document, pair->value);
	}
	return NULL;
}

yaml_node_t *
yaml_item(struct yaml *yaml, const yaml_node_t *list, size_t index)
{
	const yaml_node_item_t *items = list->data.sequence.items.start;
	if (index >= (size_t)(list->data.sequence.items.top - items))
		return NULL;
	return yaml_document_get_node(&yaml->document, items[index]);
}

const yaml_node_t *
yaml_member(
    struct yaml *yaml, const yaml_node_t *top, const char *section, size_t index, const char *key)
{
	const yaml_node_t *list = yaml_find(yaml, top, section), *item;
	for (size_t i = 0; (item = yaml_item(yaml, list, i)) != NULL; i++) {
		if (item->type != YAML_MAPPING_NODE || index-- > 0)
			continue;
		const yaml_node_t *member = yaml_find(yaml, item, key);
		return member != NULL ? member : item;
	}
	return list;
}

static bool
is_name(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (!first && c >= '0' && c <= '9');
}

/* Expands the `${...}` that begins at src; returns its end, or NULL after an error. */
static const char *
expand_variable(
    struct yaml *yaml, const yaml_node_t *node, const char *what, const char *src, struct buf *out)
{
	const char *name = src + 2, *after = name;
	while (is_name(*after, after == name))
		after++;
	const char *end = strchr(after, '}');
	bool has_default = strncmp(after, ":-", 2) == 0;
	if (after == name || end == NULL || (!has_default && *after != '}')) {
		yaml_error(yaml, node,
		    "%s: a `$` begins ${NAME} or ${NAME:-default}, or is written $$", what);
		return NULL;
	}
	char *variable = mem_printf("%.*s", (int)(after - name), name);
	const char *value = getenv(variable);
	if (value != NULL && (*value != '\0' || !has_default))
		buf_puts(out, value);
	else if (has_default)
		buf_append(out, after + 2, (size_t)(end - after - 2));
	else
		yaml_error(
		    yaml, node, "%s: the environment variable %.64s is not set", what, variable);
	bool done = value != NULL || has_default;
	free(variable);
	return done ? end + 1 : NULL;
}

static bool
expand(
    struct yaml *yaml, const yaml_node_t *node, const char *what, const char *src, struct buf *out)
{
	while (*src != '\0') {
		size_t plain = strcspn(src, "$");
		buf_append(out, src, plain);
		src += plain;
		if (*src == '\0')
			break;
		if (src[1] == '$') {
			buf_puts(out, "$");
			src += 2;
			continue;
		}
		if (src[1] == '.' || src[1] == '[') { /* a path into JSON */
			buf_puts(out, "$");
			src++;
			continue;
		}
		if (src[1] != '{') {
			yaml_error(yaml, node,
			    "%s: a `$` begins ${NAME} or ${NAME:-default}, or is written $$", what);
			return false;
		}
		src = expand_variable(yaml, node, what, src, out);
		if (src == NULL)
			return false;
	}
	return true;
}

/* Whether text_scrub would leave the text as it is. */
static bool
is_clean(const char *text, size_t length)
{
	char *scrubbed = mem_alloc(3 * length + 1);
	bool clean = text_scrub(scrubbed, 3 * length + 1, text, length) == length &&
		     memcmp(scrubbed, text, length) == 0;
	free(scrubbed);
	return clean;
}

char *
yaml_text(struct yaml *yaml, const yaml_node_t *node, const char *what)
{
	if (node->type != YAML_SCALAR_NODE) {
		yaml_error(yaml, node, "%s must be one value, not a %s", what,
		    node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
		return NULL;
	}
	const char *value = (const char *)node->data.scalar.value;
	struct buf out = {0};
	buf_puts(&out, "");
	bool done = true;
	if (strlen(value) == node->data.scalar.length)
		done = expand(yaml, node, what, value, &out);
	else
		buf_append(&out, value, node->data.scalar.length);
	if (done && !is_clean(out.data, out.length)) {
		yaml_error(yaml, node, "%s holds a character that cannot be shown", what);
		done = false;
	}
	if (!done)
		buf_free(&out);
	return out.data;
}
