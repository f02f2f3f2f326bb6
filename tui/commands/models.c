/* models.c: `fraudtop models`: what the registries hold: versions, the aliases on them, who and
 * when. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/text.h"
#include "tui/commands/targets.h"

/* One registry's contents. */
struct listing {
	const char *registry;
	struct registry *open;
	struct registry_version *versions;
	struct registry_alias *aliases;
	size_t versions_count, aliases_count;
};

static bool
is_on(const struct registry_alias *alias, const struct registry_version *version)
{
	return strcmp(alias->model, version->model) == 0 &&
	       strcmp(alias->version, version->version) == 0;
}

/* Is this the first version of its model in the list? The list is by time, models are mixed in it.
 */
static bool
is_first(const struct listing *listing, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(listing->versions[i].model, listing->versions[index].model) == 0)
			return false;
	}
	return true;
}

/* --- JSON --- */

static void
json_version(
    struct jsonw *json, const struct listing *listing, const struct registry_version *version)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "version", version->version);
	jsonw_open_array(json, "aliases");
	for (size_t i = 0; i < listing->aliases_count; i++) {
		if (is_on(&listing->aliases[i], version))
			jsonw_string(json, NULL, listing->aliases[i].alias);
	}
	jsonw_close_array(json);
	jsonw_number(json, "threshold", version->threshold);
	jsonw_string(json, "path", version->path);
	jsonw_string(json, "sha256", version->sha256);
	jsonw_time(json, "created_at", version->created_at);
	jsonw_string(json, "created_by", version->created_by);
	jsonw_close_object(json);
}

static void
json_alias(struct jsonw *json, const struct listing *listing, const struct registry_alias *alias)
{
	char previous[128];
	bool known = registry_previous(listing->open, alias->model, alias->alias, previous, NULL);
	jsonw_open_object(json, NULL);
	jsonw_string(json, "alias", alias->alias);
	jsonw_string(json, "version", alias->version);
	jsonw_string(json, "previous", known ? previous : NULL);
	jsonw_int(json, "epoch", alias->epoch);
	jsonw_time(json, "changed_at", alias->changed_at);
	jsonw_string(json, "changed_by", alias->changed_by);
	jsonw_string(json, "reason", alias->reason);
	jsonw_close_object(json);
}

static void
json_model(struct jsonw *json, const struct listing *listing, const char *model)
{
	jsonw_open_object(json, NULL);
	jsonw_string(json, "registry", listing->registry);
	jsonw_string(json, "model", model);
	jsonw_open_array(json, "aliases");
	for (size_t i = 0; i < listing->aliases_count; i++) {
		if (strcmp(listing->aliases[i].model, model) == 0)
			json_alias(json, listing, &listing->aliases[i]);
	}
	jsonw_close_array(json);
	jsonw_open_array(json, "versions");
	for (size_t i = 0; i < listing->versions_count; i++) {
		if (strcmp(listing->versions[i].model, model) == 0)
			json_version(json, listing, &listing->versions[i]);
	}
	jsonw_close_array(json);
	jsonw_close_object(json);
}

/* --- text --- */

static void
print_version(const struct listing *listing, const struct registry_version *version)
{
	char at[32], threshold[32] = "-", aliases[256] = "";
	for (size_t i = 0; i < listing->aliases_count; i++) {
		if (is_on(&listing->aliases[i], version))
			text_append(aliases, sizeof(aliases), "%s%s", aliases[0] != '\0' ? "," : "",
			    listing->aliases[i].alias);
	}
	if (!isnan(version->threshold))
		snprintf(threshold, sizeof(threshold), "%g", version->threshold);
	clock_format(at, sizeof(at), version->created_at);
	printf("  %-10s %-22s %-9s %.12s  %.10s %-12s %s\n", version->version,
	    aliases[0] != '\0' ? aliases : "-", threshold, version->sha256, at, version->created_by,
	    version->path);
}

static void
print_alias(const struct listing *listing, const struct registry_alias *alias)
{
	char at[32], previous[128];
	bool known = registry_previous(listing->open, alias->model, alias->alias, previous, NULL);
	clock_format(at, sizeof(at), alias->changed_at);
	printf("  %s is at %s since %.10s %.8s UTC, by %s, epoch %lld", alias->alias,
	    alias->version, at, at + 11, alias->changed_by, (long long)alias->epoch);
	if (known)
		printf(", before it %s", previous);
	if (alias->reason[0] != '\0')
		printf(": %s", alias->reason);
	putchar('\n');
}

static void
print_model(const struct listing *listing, const char *model)
{
	printf("%s (%s)\n", model, listing->registry);
	for (size_t i = 0; i < listing->aliases_count; i++) {
		if (strcmp(listing->aliases[i].model, model) == 0)
			print_alias(listing, &listing->aliases[i]);
	}
	printf("  %-10s %-22s %-9s %-12s  %-10s %-12s %s\n", "VERSION", "ALIASES", "THRESHOLD",
	    "SHA-256", "CREATED", "BY", "FILE");
	for (size_t i = 0; i < listing->versions_count; i++) {
		if (strcmp(listing->versions[i].model, model) == 0)
			print_version(listing, &listing->versions[i]);
	}
}

/* --- the command --- */

/* Prints one registry's models; adds to *found how many. */
static bool
list_registry(const struct targets_registry *where, const char *model, struct jsonw *json,
    size_t *found, struct err *err)
{
	struct listing listing = {.registry = where->name};
	listing.open = registry_open(where->name, where->kind, where->location, false, err);
	bool good =
	    listing.open != NULL &&
	    registry_versions(
		listing.open, model, &listing.versions, &listing.versions_count, err) &&
	    registry_aliases(listing.open, model, &listing.aliases, &listing.aliases_count, err);
	for (size_t i = 0; good && i < listing.versions_count; i++) {
		if (!is_first(&listing, i))
			continue;
		++*found;
		if (json != NULL)
			json_model(json, &listing, listing.versions[i].model);
		else
			print_model(&listing, listing.versions[i].model);
	}
	free(listing.versions);
	free(listing.aliases);
	registry_close(listing.open);
	return good;
}

/* The named registry, or all that are configured. One that fails does not hide the others. */
static bool
list_all(const struct config *config, const struct args *args, struct jsonw *json, size_t *found,
    struct err *err)
{
	const char *named = args_option(args, "registry"), *model = args_operand(args, 0);
	struct targets_registry where;
	bool good = true;
	if (named != NULL || config->registries_count == 0)
		return targets_find_registry(
			   config, named, model != NULL ? model : "", &where, err) &&
		       list_registry(&where, model, json, found, err);
	for (size_t i = 0; i < config->registries_count; i++) {
		struct err failure = {0};
		const struct config_registry *registry = &config->registries[i];
		text_copy(where.name, sizeof(where.name), registry->name);
		text_copy(where.kind, sizeof(where.kind), registry->kind);
		text_copy(where.location, sizeof(where.location), registry->location);
		if (list_registry(&where, model, json, found, &failure))
			continue;
		if (!good)
			fprintf(stderr, "fraudtop: %s\n", err->text);
		good = err_set(err, failure.code, "%s", failure.text);
	}
	return good;
}

static int
run(const struct args *args)
{
	struct err err = {0};
	struct buf out = {0};
	struct jsonw json = {.out = &out};
	size_t found = 0;
	const char *model = args_operand(args, 0);
	bool as_json = args_flag(args, "json");
	struct config *config = targets_config(args, &err);
	if (config == NULL)
		return command_fail(&err);
	jsonw_open_object(&json, NULL);
	jsonw_string(&json, "schema", "fraudtop.models/1");
	jsonw_open_array(&json, "models");
	bool good = list_all(config, args, as_json ? &json : NULL, &found, &err);
	jsonw_close_array(&json);
	jsonw_close_object(&json);
	if (as_json && (good || found > 0))
		printf("%s\n", out.data);
	if (good && found == 0 && model != NULL)
		good = err_set(&err, ERR_NO_INPUT, "no registry has a model %s", model);
	else if (good && found == 0)
		fprintf(stderr, "fraudtop: no model is registered\n");
	buf_free(&out);
	config_free(config);
	return good ? 0 : command_fail(&err);
}

static const char *const examples[] = {"fraudtop models", "fraudtop models fraud_classifier --json",
    "fraudtop models --registry ./registry.db", NULL};

static const struct command_option options[] = {
    {"registry", 0, "R", "a configured registry, or the path of a local one (default: all)"},
    {"json", 0, NULL, "print one JSON object"}, {"config", 'c', "FILE", "the configuration"}, {0}};

const struct command command_models = {
    .name = "models",
    .operands = "[MODEL]",
    .operands_max = 1,
    .summary = "List the registered models: versions, aliases, who moved them and when.",
    .description = "Versions are listed newest first. Times are UTC.",
    .examples = examples,
    .options = options,
    .run = run,
};
