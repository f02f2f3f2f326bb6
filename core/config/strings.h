/* strings.h: values of the configuration that are lists of texts. For core/config alone. */
#ifndef FRAUDTOP_CONFIG_STRINGS_H
#define FRAUDTOP_CONFIG_STRINGS_H

#include "core/config/settings.h"
#include "core/config/yaml.h"

/* Puts the folder of the file before a relative path, which is taken. NULL after an error. */
char *strings_resolve(struct yaml *yaml, const yaml_node_t *node, const char *what, char *path);
/* Reads a setting that holds a list into its place in `base`. */
void strings_read(struct yaml *yaml, const struct setting *setting, void *base, yaml_node_t *node,
    const char *what);

#endif
