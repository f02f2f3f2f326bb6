/* targets.c: from names on the command line and in the configuration to one target. Where two are
 * possible none is chosen: the error lists them. */
#include "tui/commands/targets.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/access.h"
#include "core/config/config_file.h"
#include "core/config/places.h"

struct config *
targets_config(const struct args *args, struct err *err)
{
	char path[1024];
	struct buf errors = {0};
	const char *given = args_option(args, "config");
	if (given == NULL && !places_find_config(path, sizeof(path)))
		return config_new();
	struct config *config = config_read(given != NULL ? given : path, &errors, err);
	const char *rest = errors.length > 0 ? strchr(errors.data, '\n') : NULL;
	if (config == NULL && rest != NULL)
		fputs(rest + 1, stderr);
	buf_free(&errors);
	return config;
}

/* --- the registry --- */

static void
take(struct targets_registry *found, const struct config_registry *registry)
{
	text_copy(found->name, sizeof(found->name), registry->name);
	text_copy(found->kind, sizeof(found->kind), registry->kind);
	text_copy(found->location, sizeof(found->location), registry->location);
}

static bool
is_path(const char *name)
{
	size_t length = strlen(name);
	return strchr(name, '/') != NULL || (length > 3 && strcmp(name + length - 3, ".db") == 0);
}

/* A path that is a configured registry's is called by its name, so that its services are found. */
static bool
take_path(
    const struct config *config, const char *path, struct targets_registry *found, struct err *err)
{
	char *absolute = realpath(path, NULL);
	const char *location = absolute != NULL ? absolute : path;
	bool fits = strlen(location) < sizeof(found->location);
	text_copy(found->name, sizeof(found->name), location);
	text_copy(found->kind, sizeof(found->kind), "local");
	text_copy(found->location, sizeof(found->location), location);
	for (size_t i = 0; i < config->registries_count; i++) {
		const struct config_registry *registry = &config->registries[i];
		char *other = realpath(registry->location, NULL);
		if (other != NULL && absolute != NULL && strcmp(other, absolute) == 0)
			take(found, registry);
		free(other);
	}
	free(absolute);
	return fits || err_set(err, ERR_USAGE, "--registry: the path is too long");
}

static void
list_registries(const struct config *config, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < config->registries_count; i++)
		text_append(text, size, "%s%s", i > 0 ? ", " : "", config->registries[i].name);
	if (text[0] == '\0')
		text_append(text, size, "none is configured");
}

static bool
take_named(
    const struct config *config, const char *named, struct targets_registry *found, struct err *err)
{
	char list[256], clean[128];
	const struct config_registry *registry = config_registry(config, named);
	if (registry != NULL) {
		take(found, registry);
		return true;
	}
	if (is_path(named))
		return take_path(config, named, found, err);
	list_registries(config, list, sizeof(list));
	text_scrub(clean, sizeof(clean), named, strlen(named));
	return err_set(err, ERR_USAGE, "no registry `%s` (%s); a file is named with a / or as .db",
	    clean, list);
}

bool
targets_find_registry(const struct config *config, const char *named, const char *model,
    struct targets_registry *found, struct err *err)
{
	char list[256];
	const struct config_registry *one = NULL;
	if (named != NULL)
		return take_named(config, named, found, err);
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		const struct config_registry *its = config_registry_of(config, service);
		if (its == NULL || strcmp(service->model, model) != 0)
			continue;
		if (one != NULL && one != its)
			return err_set(err, ERR_USAGE,
			    "services of %s follow more than one registry (%s, %s): choose with "
			    "--registry",
			    model, one->name, its->name);
		one = its;
	}
	if (one == NULL && config->registries_count == 1)
		one = &config->registries[0];
	if (one != NULL) {
		take(found, one);
		return true;
	}
	list_registries(config, list, sizeof(list));
	return err_set(err, ERR_USAGE, "which registry? Name it with --registry (%s)", list);
}

struct registry *
targets_open_named(const char *name, void *context)
{
	struct targets_registry found;
	if (!take_named(context, name, &found, NULL))
		return NULL;
	return registry_open(found.name, found.kind, found.location, false, NULL);
}

/* --- the alias and the services --- */

static const char *
alias_of(const struct config_service *service)
{
	return service->alias[0] != '\0' ? service->alias : "production";
}

static bool
follows(const struct config *config, const struct config_service *service, const char *registry,
    const char *model)
{
	const struct config_registry *its = config_registry_of(config, service);
	return its != NULL && strcmp(its->name, registry) == 0 &&
	       strcmp(service->model, model) == 0;
}

bool
targets_find_alias(const struct config *config, const char *named,
    const struct targets_registry *registry, const char *model, char alias[128], struct err *err)
{
	char list[256] = "";
	size_t count = 0;
	text_copy(alias, 128, named != NULL ? named : "production");
	if (named != NULL && strlen(named) >= 128)
		return err_set(err, ERR_USAGE, "--alias: at most 127 bytes");
	for (size_t i = 0; named == NULL && i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		if (!follows(config, service, registry->name, model) ||
		    (count > 0 && strcmp(alias, alias_of(service)) == 0))
			continue;
		text_append(list, sizeof(list), "%s%s (%s)", count > 0 ? ", " : "",
		    alias_of(service), service->name);
		text_copy(alias, 128, alias_of(service));
		count++;
	}
	if (count > 1)
		return err_set(err, ERR_USAGE,
		    "services of %s follow more than one alias: %s; choose with --alias", model,
		    list);
	return true;
}

/* What the service at a URL wants to see. */
static const struct config_access *
access_of(const struct config *config, const char *url)
{
	for (size_t i = 0; i < config->services_count; i++) {
		if (strcmp(config->services[i].url, url) == 0 &&
		    config->services[i].access[0] != '\0')
			return config_access(config, config->services[i].access);
	}
	return NULL;
}

static bool
add_service(const struct config *config, struct rollout_plan *plan, const char *name,
    const char *url, struct err *err)
{
	if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
		return err_set(
		    err, ERR_USAGE, "--service-url: `%.200s` is no http:// or https:// URL", url);
	for (unsigned i = 0; i < plan->services; i++) {
		if (strcmp(plan->service_urls[i], url) == 0)
			return true;
	}
	if (plan->services == ROLLOUT_MAX_SERVICES)
		return err_set(
		    err, ERR_USAGE, "more than %d services to verify with", ROLLOUT_MAX_SERVICES);
	plan->service_names[plan->services] = name;
	plan->service_access[plan->services] = access_of(config, url);
	plan->service_urls[plan->services++] = url;
	return true;
}

static bool
add_urls(const struct config *config, struct rollout_plan *plan, char *list, struct err *err)
{
	for (char *at = list; at != NULL && *at != '\0';) {
		char *comma = strchr(at, ',');
		if (comma != NULL)
			*comma = '\0';
		char *scheme = strstr(at, "://"), *equals = strchr(at, '=');
		char *url = at;
		if (equals != NULL && scheme != NULL && equals < scheme) {
			*equals = '\0';
			url = equals + 1;
		}
		if (!add_service(config, plan, at, url, err))
			return false;
		at = comma != NULL ? comma + 1 : NULL;
	}
	return true;
}

bool
targets_find_services(const struct config *config, const char *urls, struct rollout_plan *plan,
    char **memory, struct err *err)
{
	*memory = NULL;
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		if (follows(config, service, plan->registry, plan->model) &&
		    strcmp(alias_of(service), plan->alias) == 0 && service->url[0] != '\0' &&
		    !add_service(config, plan, service->name, service->url, err))
			return false;
	}
	if (urls == NULL)
		return true;
	*memory = mem_string(urls);
	return add_urls(config, plan, *memory, err);
}
