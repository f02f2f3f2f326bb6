/* access.h: what a service wants to see before it answers, by the name the configuration gives it.
 */
#ifndef FRAUDTOP_CONFIG_ACCESS_H
#define FRAUDTOP_CONFIG_ACCESS_H

#include "core/base/http_access.h"
#include "core/config/config.h"

/* NULL: there is none of that name. */
const struct config_access *config_access(const struct config *config, const char *name);
/* Ready for requests; NULL of a NULL. http_access_free ends it. */
struct http_access *config_access_open(const struct config_access *access);

#endif
