/* yaml.h: a YAML document with the places of its nodes, and the collecting of errors at them.
 *
 * Built on libyaml's document loader. Every error becomes a line `file:line:column: what`; the
 * first one is also kept as the `struct err` of the reader. Lines and columns count from 1. */
#ifndef FRAUDTOP_CONFIG_YAML_H
#define FRAUDTOP_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "core/base/buf.h"
#include "core/base/err.h"

struct yaml {
	const char *path;
	yaml_document_t document;
	bool loaded;
	bool shared; /* others than its owner can read the file */
	struct buf *errors; /* a line each; NULL is fine */
	struct err *err; /* the first; NULL is fine */
	size_t errors_count;
};

/* Loads one document. False if the text is not one YAML document whose top is a mapping (an empty
 * one is a mapping of nothing: *top NULL). yaml_close in either case. */
bool yaml_open(struct yaml *yaml, const char *text, size_t length, yaml_node_t **top);
void yaml_close(struct yaml *yaml);

/* Notes an error at a node (NULL: at the start of the file). */
void yaml_error(struct yaml *yaml, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
size_t yaml_line(const yaml_node_t *node);

/* A scalar that says nothing: empty or null, not quoted. */
bool yaml_is_null(const yaml_node_t *node);

/* Checks that a node is a mapping with plain, known (settings.h) keys, none twice. False: not a
 * mapping, which is an error unless it is null. */
bool yaml_check_map(struct yaml *yaml, yaml_node_t *node, const char *section);
/* The value of a key, or NULL. */
yaml_node_t *yaml_find(struct yaml *yaml, const yaml_node_t *map, const char *key);
yaml_node_t *yaml_item(
    struct yaml *yaml, const yaml_node_t *list, size_t index); /* NULL: no more */

/* The node of a member of an item, for errors that only show later. Items that are no mappings were
 * not kept and do not count. */
const yaml_node_t *yaml_member(
    struct yaml *yaml, const yaml_node_t *top, const char *section, size_t index, const char *key);

/* The text of a scalar, ${NAME} expanded, checked to be printable; free() it. NULL after an error,
 * which names the setting by `what`. */
char *yaml_text(struct yaml *yaml, const yaml_node_t *node, const char *what);

#endif
