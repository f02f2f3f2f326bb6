/* registry.c: finds the driver of a registry and passes calls on to it; what is the same for every
 * kind (previous version, the artifact's hash and metadata) is done here. */
#include "core/registry/registry.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/model/metadata_file.h"
#include "core/registry/registry_driver.h"

enum { HISTORY_LIMIT = 10000 };

struct registry {
	const struct registry_driver *driver;
	void *state;
	char name[1024];
};

static const struct registry_driver *const drivers[] = {&registry_local, NULL};

struct registry *
registry_open(
    const char *name, const char *kind, const char *location, bool create, struct err *err)
{
	const struct registry_driver *driver = NULL;
	char known[128] = "";
	for (size_t i = 0; drivers[i] != NULL; i++) {
		text_append(known, sizeof(known), "%s%s", i > 0 ? ", " : "", drivers[i]->kind);
		if (strcmp(drivers[i]->kind, kind) == 0)
			driver = drivers[i];
	}
	if (driver == NULL) {
		err_set(err, ERR_CONFIG, "registry %s: the kind `%s` is not known; known: %s", name,
		    kind, known);
		return NULL;
	}
	void *state = driver->open(location, create, err);
	if (state == NULL) {
		err_prefix(err, "registry %s", name);
		return NULL;
	}
	struct registry *registry = mem_alloc(sizeof(*registry));
	registry->driver = driver;
	registry->state = state;
	text_scrub(registry->name, sizeof(registry->name), name, strlen(name));
	return registry;
}

void
registry_close(struct registry *registry)
{
	if (registry == NULL)
		return;
	registry->driver->close(registry->state);
	free(registry);
}

const char *
registry_name(const struct registry *registry)
{
	return registry->name;
}

const char *
registry_location(const struct registry *registry)
{
	return registry->driver->location(registry->state);
}

bool
registry_versions(struct registry *registry, const char *model, struct registry_version **list,
    size_t *count, struct err *err)
{
	return registry->driver->versions(registry->state, model, list, count, err);
}

bool
registry_aliases(struct registry *registry, const char *model, struct registry_alias **list,
    size_t *count, struct err *err)
{
	return registry->driver->aliases(registry->state, model, list, count, err);
}

bool
registry_history(struct registry *registry, const char *model, const char *alias, size_t limit,
    struct registry_change **list, size_t *count, struct err *err)
{
	return registry->driver->history(registry->state, model, alias, limit, list, count, err);
}

bool
registry_get_alias(struct registry *registry, const char *model, const char *alias,
    struct registry_alias *out, struct err *err)
{
	return registry->driver->get_alias(registry->state, model, alias, out, err);
}

bool
registry_get_version(struct registry *registry, const char *model, const char *version,
    struct registry_version *out, struct err *err)
{
	return registry->driver->get_version(registry->state, model, version, out, err);
}

char *
registry_metadata(
    struct registry *registry, const char *model, const char *version, struct err *err)
{
	return registry->driver->metadata(registry->state, model, version, err);
}

/* The newest version in the history that is not `present`. Both ends of a move are looked at: an
 * alias changed around this program has no row for its last move. */
static bool
find_other(const struct registry_change *list, size_t count, const char *present, char version[128])
{
	for (size_t i = 0; i < count; i++) {
		const char *ends[] = {list[i].to_version, list[i].from_version};
		for (size_t end = 0; end < 2; end++) {
			if (ends[end][0] != '\0' && strcmp(ends[end], present) != 0) {
				text_copy(version, 128, ends[end]);
				return true;
			}
		}
	}
	return false;
}

bool
registry_previous(struct registry *registry, const char *model, const char *alias,
    char version[128], struct err *err)
{
	struct registry_alias now;
	struct registry_change *list = NULL;
	size_t count = 0;
	if (!registry_get_alias(registry, model, alias, &now, err) ||
	    !registry_history(registry, model, alias, HISTORY_LIMIT, &list, &count, err))
		return false;
	bool found = find_other(list, count, now.version, version);
	free(list);
	if (!found)
		return err_set(err, ERR_NO_INPUT,
		    "%s of %s never pointed at another version than %s", alias, model, now.version);
	return true;
}

/* The metadata that stand beside the file; without them they are `{}`. */
static bool
read_metadata(const char *path, struct buf *out, struct err *err)
{
	char *found = NULL;
	bool read = model_metadata_read(path, out, &found, err);
	if (read && found == NULL)
		buf_puts(out, "{}");
	free(found);
	return read;
}

static bool
check_metadata(const char *text, struct err *err)
{
	cJSON *json = cJSON_ParseWithOpts(text, NULL, 1);
	bool good = cJSON_IsObject(json);
	cJSON_Delete(json);
	if (!good)
		return err_set(err, ERR_DATA, "the metadata are not one JSON object");
	return true;
}

bool
registry_add_version(struct registry *registry, const char *model, const char *version,
    const char *path, double threshold, const char *metadata, const char *by, struct err *err)
{
	struct registry_version row = {.threshold = threshold, .created_at = clock_wall()};
	struct buf text = {0};
	bool added = false;
	text_scrub(row.model, sizeof(row.model), model, strlen(model));
	text_scrub(row.version, sizeof(row.version), version, strlen(version));
	text_scrub(row.created_by, sizeof(row.created_by), by, strlen(by));
	if (strcmp(row.model, model) != 0 || strcmp(row.version, version) != 0 ||
	    model[0] == '\0' || version[0] == '\0')
		return err_set(err, ERR_USAGE,
		    "a model and a version need names of 1 to 127 bytes without invisible "
		    "characters; not `%s` `%s`",
		    row.model, row.version);
	char *absolute = realpath(path, NULL);
	if (absolute == NULL)
		err_set(err, ERR_NO_INPUT, "%s: %s", path, strerror(errno));
	else if (strlen(absolute) >= sizeof(row.path))
		err_set(err, ERR_USAGE, "%s: the path is too long", path);
	else if (hash_sha256_file(absolute, row.sha256, err)) {
		text_copy(row.path, sizeof(row.path), absolute);
		if (metadata != NULL)
			buf_puts(&text, metadata);
		added = (metadata != NULL || read_metadata(absolute, &text, err)) &&
			check_metadata(text.data, err) &&
			registry->driver->add_version(registry->state, &row, text.data, err);
	}
	buf_free(&text);
	free(absolute);
	return added;
}

bool
registry_set_alias(struct registry *registry, const char *model, const char *alias,
    const char *version, int64_t expect_epoch, const char *by, const char *reason, int64_t *epoch,
    struct err *err)
{
	char clean_alias[128], clean_by[128], clean_reason[256];
	text_scrub(clean_alias, sizeof(clean_alias), alias, strlen(alias));
	text_scrub(clean_by, sizeof(clean_by), by, strlen(by));
	text_scrub(clean_reason, sizeof(clean_reason), reason, strlen(reason));
	if (alias[0] == '\0' || strcmp(clean_alias, alias) != 0)
		return err_set(err, ERR_USAGE,
		    "an alias needs a name of 1 to 127 bytes without invisible characters; not "
		    "`%s`",
		    clean_alias);
	struct registry_move move = {.model = model,
	    .alias = alias,
	    .version = version,
	    .by = clean_by,
	    .reason = clean_reason,
	    .expect_epoch = expect_epoch};
	return registry->driver->set_alias(registry->state, &move, epoch, err);
}
