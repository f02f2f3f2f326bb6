/* rollout.h: carries out one promote or rollback: gates, audit, the compare-and-set write, and watching
 * the services until they serve the wanted version. Runs in a process of its own session (the commands,
 * or one the screen started); blocks until the verdict. The states are ROLLOUT.md's, as far as this
 * program has them: PLANNED, PREFLIGHT, INTENT, APPLYING, VERIFYING, and a terminal one. */
#ifndef FRAUDTOP_ROLLOUT_ROLLOUT_H
#define FRAUDTOP_ROLLOUT_ROLLOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/registry/registry.h"
#include "core/rollout/audit.h"

#define ROLLOUT_MAX_SERVICES 64

struct rollout_plan {
	char operation[16];	/* "rollback" or "promote" */
	char action_id[40];	/* "" : a new one */
	char registry[128], model[128], alias[128];
	char from[128], to[128]; /* from: what the operator was shown; to "" for a rollback: the previous one */
	int64_t epoch;		/* the alias's epoch that the operator was shown; 0: as read now */
	char reason[256];
	const char *service_urls[ROLLOUT_MAX_SERVICES]; /* base URLs of the services that follow the alias */
	const char *service_names[ROLLOUT_MAX_SERVICES];
	unsigned services;
	int64_t verify_timeout_us; /* 0: 30 s */
	bool dry_run;		/* stop before INTENT; nothing is written but the PLAN */
};

enum rollout_outcome {
	ROLLOUT_VERIFIED,	/* every service answers with the wanted version: exit 0 */
	ROLLOUT_DRY_RUN,	/* exit 0 */
	ROLLOUT_REFUSED,	/* by the registry or a check; err->code says which exit */
	ROLLOUT_UNVERIFIED,	/* written, but a service did not serve it in time: exit 75 */
	ROLLOUT_SUPERSEDED	/* someone else moved the alias meanwhile: exit 76 */
};

struct rollout_check { /* shown on the sheet, and written to the audit log */
	char name[40], text[160];
	enum { ROLLOUT_PASS, ROLLOUT_WARN, ROLLOUT_FAIL } verdict;
};

/* Reads the registry and fills plan->from, to and epoch where empty, and up to 16 checks: target exists,
 * artifact there and SHA-256 matches, model file loads, same features as the present version, not already
 * serving. Writes nothing. False if a check failed hard or the plan makes no sense (err says why). */
bool rollout_prepare(struct rollout_plan *plan, struct registry *registry, struct rollout_check *checks,
    unsigned *count, struct err *err);

/* Does it. `say` (NULL is fine) gets each change of state, one line for a person. */
enum rollout_outcome rollout_run(struct rollout_plan *plan, struct registry *registry,
    struct audit *audit, void (*say)(const char *state, const char *line, void *context),
    void *context, struct err *err);

/* The exit code of an outcome. */
int rollout_exit_code(enum rollout_outcome outcome, const struct err *err);

/* At start: every INTENT in the log without RESULT is compared with its registry and gets its RESULT row,
 * marked as recovered. `open` opens a registry by name (NULL: unknown). Returns how many. */
unsigned rollout_recover(struct audit *audit,
    struct registry *(*open)(const char *name, void *context), void *context, struct err *err);

#endif
