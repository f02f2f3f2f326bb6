/* registry_driver.h: what one kind of registry must offer. registry.c holds the list of drivers.
 *
 * Functions mean what their namesakes in registry.h mean; `state` is what open returned. */
#ifndef FRAUDTOP_REGISTRY_REGISTRY_DRIVER_H
#define FRAUDTOP_REGISTRY_REGISTRY_DRIVER_H

#include "core/registry/registry.h"

struct registry_move { /* of an alias */
	const char *model, *alias, *version, *by, *reason;
	int64_t expect_epoch;
};

struct registry_driver {
	const char *kind;
	void *(*open)(const char *location, bool create, struct err *err);
	void (*close)(void *state);
	const char *(*location)(const void *state);
	bool (*versions)(void *state, const char *model, struct registry_version **list,
	    size_t *count, struct err *err);
	bool (*aliases)(void *state, const char *model, struct registry_alias **list, size_t *count,
	    struct err *err);
	bool (*history)(void *state, const char *model, const char *alias, size_t limit,
	    struct registry_change **list, size_t *count, struct err *err);
	bool (*get_alias)(void *state, const char *model, const char *alias,
	    struct registry_alias *out, struct err *err);
	bool (*get_version)(void *state, const char *model, const char *version,
	    struct registry_version *out, struct err *err);
	char *(*metadata)(void *state, const char *model, const char *version, struct err *err);
	/* path is absolute, sha256 taken; metadata is JSON */
	bool (*add_version)(void *state, const struct registry_version *version,
	    const char *metadata, struct err *err);
	bool (*set_alias)(
	    void *state, const struct registry_move *move, int64_t *epoch, struct err *err);
};

extern const struct registry_driver registry_local;

#endif
