#include "core/rollout/lock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

/* A lock's file is named by the hash of its target. */
static char *
lock_path(const char *audit_path, const char *location, const char *model, const char *alias)
{
	char hex[HASH_HEX_SIZE];
	char *target = mem_printf("%s\n%s\n%s", location, model, alias);
	const char *slash = strrchr(audit_path, '/');
	int length = slash != NULL ? (int)(slash - audit_path) : 1;
	char *folder = mem_printf("%.*s/locks", length, slash != NULL ? audit_path : ".");
	hash_sha256(target, strlen(target), hex);
	mkdir(folder, 0700); /* a failure shows at open */
	char *path = mem_printf("%s/%.32s.lock", folder, hex);
	free(folder);
	free(target);
	return path;
}

struct lock *
lock_take(const char *audit_path, const char *registry_location, const char *model,
    const char *alias, const char *holder, struct err *err)
{
	struct err held = {0};
	char *path = lock_path(audit_path, registry_location, model, alias);
	struct lock *lock = lock_file(path, holder, &held);
	free(path);
	if (lock == NULL && held.code == ERR_GATE)
		err_set(
		    err, ERR_GATE, "%s of %s is being moved already: %s", alias, model, held.text);
	else if (lock == NULL)
		err_set(err, held.code, "%s", held.text);
	return lock;
}
