/* mappings.h: what must fit together in `mappings`, and that each format a service names is one.
 * For core/config alone. */
#ifndef FRAUDTOP_CONFIG_MAPPINGS_H
#define FRAUDTOP_CONFIG_MAPPINGS_H

#include "core/config/config.h"
#include "core/config/yaml.h"

void mappings_check(struct yaml *yaml, const yaml_node_t *top, const struct config *config);

#endif
