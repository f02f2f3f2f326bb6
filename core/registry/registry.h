/* registry.h: one interface for every model registry; a driver each behind it. Blocking, bounded by
 * time-outs: SQLite's busy time-out (2 s) here; call it off the hot path.
 * A target is (registry, model, alias). Capabilities tell what a driver cannot guarantee, so that
 * the action sheet can say so. Arrays are freed by the caller with free(). All text is clean. */
#ifndef FRAUDTOP_REGISTRY_REGISTRY_H
#define FRAUDTOP_REGISTRY_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/err.h"

struct registry;

struct registry_version {
	char model[128], version[128], path[1024], sha256[65], created_by[128];
	double threshold; /* NaN if none */
	wall_us created_at;
};

struct registry_alias {
	char model[128], alias[128], version[128], changed_by[128], reason[256];
	int64_t epoch;
	wall_us changed_at;
};

struct registry_change { /* of an alias */
	int64_t seq, epoch;
	char model[128], alias[128], from_version[128], to_version[128], by[128], reason[256];
	wall_us at;
};

/* kind: "local" (location: path of the SQLite file). create: make the file if it is not there. A
 * file that may only be read is opened so; a write is then refused with ERR_PERMISSION. */
struct registry *registry_open(
    const char *name, const char *kind, const char *location, bool create, struct err *err);
void registry_close(struct registry *registry); /* NULL is fine */
const char *registry_name(const struct registry *registry);
const char *registry_location(const struct registry *registry); /* local: the absolute path */

/* model NULL: of all models. Newest first. */
bool registry_versions(struct registry *registry, const char *model, struct registry_version **list,
    size_t *count, struct err *err);
bool registry_aliases(struct registry *registry, const char *model, struct registry_alias **list,
    size_t *count, struct err *err);
/* Newest first, at most limit. */
bool registry_history(struct registry *registry, const char *model, const char *alias, size_t limit,
    struct registry_change **list, size_t *count, struct err *err);

/* ERR_NO_INPUT if there is no such alias or version. */
bool registry_get_alias(struct registry *registry, const char *model, const char *alias,
    struct registry_alias *out, struct err *err);
bool registry_get_version(struct registry *registry, const char *model, const char *version,
    struct registry_version *out, struct err *err);
/* The metadata JSON of a version, "{}" if none; free() it. NULL on failure. */
char *registry_metadata(
    struct registry *registry, const char *model, const char *version, struct err *err);
/* The newest version other than the present one that the alias pointed at, by the history: its own
 * undo, so a second call after a rollback leads forth again. ERR_NO_INPUT if it never moved. */
bool registry_previous(struct registry *registry, const char *model, const char *alias,
    char version[128], struct err *err);

/* Adds a version; path is made absolute, its SHA-256 taken. metadata NULL: the file beside it. */
bool registry_add_version(struct registry *registry, const char *model, const char *version,
    const char *path, double threshold, const char *metadata, const char *by, struct err *err);

/* Moves the alias to `version` if its epoch is still expect_epoch (0: the alias must not exist yet)
 * and writes the history row in the same transaction; sets *epoch. ERR_CHANGED if it moved
 * meanwhile (err says to what, when and by whom), ERR_NO_INPUT if there is no such version. */
bool registry_set_alias(struct registry *registry, const char *model, const char *alias,
    const char *version, int64_t expect_epoch, const char *by, const char *reason, int64_t *epoch,
    struct err *err);

#endif
