/* access_check.c: no message of it shows a value. */
#include "core/config/access_check.h"

#include <string.h>

#include "core/base/text.h"
#include "core/config/access.h"

/* `${NAME}` and nothing else. */
static size_t
variable_length(const char *text)
{
	size_t length = strlen(text);
	if (length < 4 || strncmp(text, "${", 2) != 0 || strcspn(text, "}:") != length - 1)
		return 0;
	return length - 3;
}

void
access_read_secret(
    struct yaml *yaml, const struct setting *setting, void *base, const yaml_node_t *node)
{
	struct config_secret *secret = (void *)((char *)base + setting->offset);
	const char *written = (const char *)node->data.scalar.value;
	size_t length = variable_length(written);
	if (length > 0 && length < sizeof(secret->variable))
		text_copy(secret->variable, length + 1, written + 2);
	else if (yaml->shared && secret->text[0] != '\0')
		yaml_error(yaml, node,
		    "`%s` stands in a file that others can read: chmod 600 it, or give `%s_file` "
		    "or "
		    "${NAME}",
		    setting->path, settings_key(setting));
}

/* A field name of RFC 9110. */
static bool
is_header(const char *name)
{
	static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789!#$%&'*+-.^_`|~";
	return name[strspn(name, token)] == '\0';
}

/* Why the item at `index` cannot be, at which of its keys; NULL if it can. */
static const char *
find_fault(const struct config_access *access, const char **key)
{
	bool token = access->token.text[0] != '\0', password = access->password.text[0] != '\0';
	bool token_file = access->token_file[0] != '\0', user = access->user[0] != '\0';
	bool password_file = access->password_file[0] != '\0';
	*key = "token_file";
	if (token && token_file)
		return "one of `token` and `token_file`, not both";
	*key = "user";
	if (user && (token || token_file))
		return "a token or a user, not both";
	if (user && !password && !password_file)
		return "a user without `password` or `password_file`";
	if (strchr(access->user, ':') != NULL)
		return "a user's name cannot hold a `:`";
	*key = "password_file";
	if (password && password_file)
		return "one of `password` and `password_file`, not both";
	if (!user && (password || password_file))
		return "a password without a `user`";
	*key = "header";
	if (access->header[0] != '\0' && !token && !token_file)
		return "a header without `token` or `token_file`";
	if (!is_header(access->header))
		return "no name of a header";
	*key = "key_file";
	if (access->key_file[0] != '\0' && access->cert_file[0] == '\0')
		return "a key without its `cert_file`";
	return NULL;
}

void
access_check(struct yaml *yaml, const yaml_node_t *top, const struct config *config)
{
	const char *key;
	for (size_t i = 0; i < config->access_count; i++) {
		const char *fault = find_fault(&config->access[i], &key);
		if (fault != NULL)
			yaml_error(
			    yaml, yaml_member(yaml, top, "access", i, key), "`access`: %s", fault);
	}
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		if (service->access[0] == '\0')
			continue;
		if (config_access(config, service->access) == NULL)
			yaml_error(yaml, yaml_member(yaml, top, "services", i, "access"),
			    "`services.access`: there is no access `%s`", service->access);
		if (service->url[0] == '\0')
			yaml_error(yaml, yaml_member(yaml, top, "services", i, "access"),
			    "`services.access` needs a `url` beside it");
	}
}
