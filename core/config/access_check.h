/* access_check.h: what the configuration says of access to services: secrets, and what fits
 * together. For core/config alone. */
#ifndef FRAUDTOP_CONFIG_ACCESS_CHECK_H
#define FRAUDTOP_CONFIG_ACCESS_CHECK_H

#include <yaml.h>

#include "core/config/config.h"
#include "core/config/settings.h"
#include "core/config/yaml.h"

/* Keeps where a secret came from. One that stands in the file itself is an error if others can read
 * that. */
void access_read_secret(
    struct yaml *yaml, const struct setting *setting, void *base, const yaml_node_t *node);
void access_check(struct yaml *yaml, const yaml_node_t *top, const struct config *config);

#endif
