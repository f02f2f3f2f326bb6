/* access.c: from the items of `access` to what requests use. */
#include "core/config/access.h"

#include <string.h>

const struct config_access *
config_access(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->access_count; i++) {
		if (strcmp(config->access[i].name, name) == 0)
			return &config->access[i];
	}
	return NULL;
}

struct http_access *
config_access_open(const struct config_access *access)
{
	if (access == NULL)
		return NULL;
	const struct http_access_options options = {
	    .token = access->token.text,
	    .token_file = access->token_file,
	    .header = access->header,
	    .user = access->user,
	    .password = access->password.text,
	    .password_file = access->password_file,
	    .ca_file = access->ca_file,
	    .cert_file = access->cert_file,
	    .key_file = access->key_file,
	};
	return http_access_new(&options);
}
