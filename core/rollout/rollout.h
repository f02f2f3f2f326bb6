/* rollout.h: carries out one promote or rollback: gates, audit, the compare-and-set write, and
 * watching the services until they serve the wanted version. Runs in a process of its own session
 * (the commands, or one the screen started); blocks until the verdict. The states are ROLLOUT.md's,
 * as far as this program has them: PLANNED, PREFLIGHT, INTENT, APPLYING, VERIFYING, and a terminal
 * one. */
#ifndef FRAUDTOP_ROLLOUT_ROLLOUT_H
#define FRAUDTOP_ROLLOUT_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/registry/registry.h"
#include "core/rollout/audit.h"

#define ROLLOUT_MAX_SERVICES 64
#define ROLLOUT_MAX_CHECKS 16

struct rollout_check { /* shown on the sheet, and written to the audit log */
	char name[40], text[160];
	enum { ROLLOUT_PASS, ROLLOUT_WARN, ROLLOUT_FAIL } verdict;
};

struct rollout_plan {
	char operation[16]; /* "rollback" or "promote" */
	char action_id[40]; /* "" : a new one */
	char registry[1024], model[128], alias[128]; /* registry "": as the open one is called */
	char from[128], to[128]; /* from: as shown; to "" for a rollback: the previous one */
	int64_t epoch; /* the alias's epoch that the operator was shown; 0: as read now */
	char reason[256];
	const char
	    *service_urls[ROLLOUT_MAX_SERVICES]; /* base URLs of those that follow the alias */
	const char *service_names[ROLLOUT_MAX_SERVICES];
	const struct config_access *service_access[ROLLOUT_MAX_SERVICES]; /* NULL: none */
	unsigned services;
	int64_t verify_timeout_us; /* 0: 30 s */
	bool dry_run; /* stop before INTENT; nothing is written but the PLAN */
	struct rollout_check checks[ROLLOUT_MAX_CHECKS]; /* filled by rollout_run */
	unsigned checks_count;
};

enum rollout_outcome {
	ROLLOUT_VERIFIED, /* every service answers with the wanted version: exit 0 */
	ROLLOUT_DRY_RUN, /* exit 0 */
	ROLLOUT_REFUSED, /* by the registry or a check; err->code says which exit */
	ROLLOUT_UNVERIFIED, /* written, but not seen served in time, or no service is known: exit 75
			     */
	ROLLOUT_SUPERSEDED /* someone else moved the alias meanwhile: exit 76 */
};

/* Reads the registry, fills plan->from, to and epoch where empty, and makes up to
 * ROLLOUT_MAX_CHECKS checks: not already serving, target exists, artifact there, SHA-256 matches,
 * model file loads, same features as the present version, threshold. Writes nothing. False if a
 * check failed hard or the plan makes no sense; err->code: ERR_CHANGED (not what was shown),
 * ERR_FAILED (no such model, alias or version, no previous version, already serving), ERR_GATE
 * (another check failed), ERR_USAGE. A present version that cannot be read to compare features with
 * warns for a rollback and fails for a promote. */
bool rollout_prepare(struct rollout_plan *plan, struct registry *registry,
    struct rollout_check *checks, unsigned *count, struct err *err);

/* Does it. `say` (NULL is fine) gets each change of state, one line for a person. err is filled for
 * every outcome but VERIFIED and DRY_RUN. Another rollout under way on the same target refuses with
 * ERR_GATE. SIGINT and SIGTERM end the watching, not the write. */
enum rollout_outcome rollout_run(struct rollout_plan *plan, struct registry *registry,
    struct audit *audit, void (*say)(const char *state, const char *line, void *context),
    void *context, struct err *err);

/* The exit code of an outcome. */
int rollout_exit_code(enum rollout_outcome outcome, const struct err *err);

/* At start: every INTENT in the log without RESULT, and whose target nobody is working on, is
 * compared with its registry and gets its RESULT row (ok, changed, or aborted), marked as
 * recovered. `open` opens a registry by name (NULL: unknown); it is closed here. Returns how many;
 * err if the log fails. */
unsigned rollout_recover(struct audit *audit,
    struct registry *(*open)(const char *name, void *context), void *context, struct err *err);

#endif
