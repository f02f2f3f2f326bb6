/* recover.c: what became of operations whose process died between INTENT and RESULT. The registry
 * is read, memory is not trusted, and nothing is ever written to it from here (ROLLOUT.md 5). */
#include "core/rollout/rollout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/rollout/actor.h"
#include "core/rollout/lock.h"

enum { HISTORY_LIMIT = 10000 };

/* Keeps of the rows the INTENTs that have no RESULT behind them; returns how many. */
static size_t
keep_open(struct audit_row *rows, size_t count)
{
	size_t open = 0;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].event, "INTENT") == 0) {
			struct audit_row intent = rows[i];
			rows[open++] = intent;
			continue;
		}
		for (size_t at = 0; at < open && strcmp(rows[i].event, "RESULT") == 0; at++) {
			if (strcmp(rows[at].action_id, rows[i].action_id) == 0) {
				memmove(&rows[at], &rows[at + 1], (open - at - 1) * sizeof(*rows));
				open--;
				break;
			}
		}
	}
	return open;
}

/* Is it still without RESULT, now that the lock is ours? */
static bool
is_open(struct audit *audit, const char *action_id)
{
	struct audit_row *rows = NULL;
	size_t count = 0;
	if (!audit_rows(audit, 0, action_id, &rows, &count, NULL))
		return false;
	bool open = keep_open(rows, count) > 0;
	free(rows);
	return open;
}

/* Finds the move that followed the epoch of the intent, if there was one. False: unknown. */
static bool
find_move(struct registry *registry, const struct audit_row *intent, struct registry_change *move,
    bool *found)
{
	struct registry_change *list = NULL;
	size_t count = 0;
	*found = false;
	if (!registry_history(
		registry, intent->model, intent->alias, HISTORY_LIMIT, &list, &count, NULL))
		return false;
	for (size_t i = 0; i < count && !*found; i++) {
		if (list[i].epoch == intent->epoch + 1) {
			*move = list[i];
			*found = true;
		}
	}
	free(list);
	return true;
}

static bool
judge(struct registry *registry, const struct audit_row *intent, struct audit_row *result)
{
	struct registry_alias now;
	struct registry_change move;
	struct err err = {0};
	bool found = false;
	bool there = registry_get_alias(registry, intent->model, intent->alias, &now, &err);
	if ((!there && err.code != ERR_NO_INPUT) || !find_move(registry, intent, &move, &found))
		return false;
	bool ours = found && strcmp(move.to_version, intent->to_version) == 0 &&
		    strcmp(move.reason, intent->reason) == 0;
	text_copy(result->outcome, sizeof(result->outcome),
	    ours					    ? "ok"
	    : found || !there || now.epoch != intent->epoch ? "changed"
							    : "aborted");
	text_copy(result->detail, sizeof(result->detail), "recovered: ");
	if (ours)
		text_append(result->detail, sizeof(result->detail), "the write is in the registry");
	else if (found)
		text_append(result->detail, sizeof(result->detail),
		    "not written: %s moved it to %s first", move.by, move.to_version);
	else
		text_append(result->detail, sizeof(result->detail), "not written");
	if (there)
		text_append(result->detail, sizeof(result->detail),
		    "; %s of %s is at %s now, epoch %lld, by %s", intent->alias, intent->model,
		    now.version, (long long)now.epoch, now.changed_by);
	else
		text_append(result->detail, sizeof(result->detail), "; the alias is gone");
	result->epoch = there ? now.epoch : 0;
	return true;
}

static bool
recover_locked(struct audit *audit, struct registry *registry, const struct audit_row *intent)
{
	struct audit_row row = *intent;
	text_copy(row.event, sizeof(row.event), "RESULT");
	if (!is_open(audit, intent->action_id) || !judge(registry, intent, &row) ||
	    !audit_append(audit, &row, NULL))
		return false;
	if (strcmp(row.outcome, "ok") == 0) {
		text_copy(row.event, sizeof(row.event), "STATE");
		text_copy(row.outcome, sizeof(row.outcome), "unverified");
		text_copy(row.detail, sizeof(row.detail),
		    "recovered: the process died before it could watch the services");
		audit_append(audit, &row, NULL);
	}
	return true;
}

static bool
recover_one(struct audit *audit, struct registry *registry, const struct audit_row *intent)
{
	char holder[256], by[128];
	snprintf(holder, sizeof(holder), "recovery by %s", actor_name(by, sizeof(by)));
	/* A lock that is held means a process that is alive: it will write its own RESULT. */
	struct lock *lock = lock_take(audit_path(audit), registry_location(registry), intent->model,
	    intent->alias, holder, NULL);
	if (lock == NULL)
		return false;
	bool recovered = recover_locked(audit, registry, intent);
	lock_release(lock);
	return recovered;
}

unsigned
rollout_recover(struct audit *audit, struct registry *(*open)(const char *name, void *context),
    void *context, struct err *err)
{
	struct audit_row *rows = NULL;
	size_t count = 0;
	unsigned recovered = 0;
	if (!audit_rows(audit, 0, NULL, &rows, &count, err))
		return 0;
	count = keep_open(rows, count);
	for (size_t i = 0; i < count; i++) {
		struct registry *registry = open(rows[i].registry, context);
		if (registry != NULL && recover_one(audit, registry, &rows[i]))
			recovered++;
		registry_close(registry);
	}
	free(rows);
	return recovered;
}
