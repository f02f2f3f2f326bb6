/* follow.c: the line at the top that follows an action through the audit log, which its executor, a
 * process of its own, writes. What the log does not say is not claimed: an executor that ends
 * without a verdict is told as such. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "tui/actions.h"

static void
say(struct follow *follow, enum follow_state state, const char *text, const char *detail)
{
	follow->state = state;
	snprintf(follow->text, sizeof(follow->text), "%s%s%s", text, detail[0] != '\0' ? ": " : "",
	    detail);
}

static void
say_verified(struct follow *follow, const struct audit_row *row)
{
	follow->verified_at = row->at;
	say(follow, FOLLOW_GOOD, "verified", "");
}

static const struct outcome {
	const char *word, *text;
	enum follow_state state;
} outcomes[] = {
    {"unverified", "not verified in time", FOLLOW_WARN},
    {"superseded", "superseded", FOLLOW_WARN},
    {"changed", "refused, changed since it was shown", FOLLOW_BAD},
    {"refused", "refused", FOLLOW_BAD},
};

static void
read_row(struct follow *follow, const struct audit_row *row)
{
	if (row->seq > follow->seq)
		follow->seq = row->seq;
	if (strcmp(row->outcome, "verified") == 0) {
		say_verified(follow, row);
		return;
	}
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (strcmp(row->outcome, outcomes[i].word) == 0) {
			say(follow, outcomes[i].state, outcomes[i].text, row->detail);
			return;
		}
	}
	if (strcmp(row->event, "REFUSED") == 0)
		say(follow, FOLLOW_BAD, "refused", row->detail);
	else if (strcmp(row->event, "INTENT") == 0)
		say(follow, FOLLOW_RUNNING, "applying", "");
	else if (strcmp(row->event, "RESULT") == 0)
		say(follow, FOLLOW_RUNNING, "verifying", "");
	else if (strcmp(row->event, "OBSERVE") == 0)
		say(follow, FOLLOW_RUNNING, "verifying", row->detail);
	else if (strcmp(row->event, "PREFLIGHT") == 0)
		say(follow, FOLLOW_RUNNING, "checking", "");
}

bool
actions_in_flight(const struct actions *actions)
{
	return actions->follow.state == FOLLOW_RUNNING;
}

bool
actions_follow(struct actions *actions)
{
	struct follow *follow = &actions->follow, before = *follow;
	const struct driver *driver = &actions->driver;
	struct audit_row *list = NULL;
	size_t count = 0;
	struct err err = {0};
	int code = 0;
	if (follow->state != FOLLOW_RUNNING)
		return false;
	/* Asked before the rows are read: a row written just before the end is then not missed. */
	bool running = driver->running == NULL || driver->running(driver->context, &code);
	if (driver->rows == NULL ||
	    !driver->rows(driver->context, follow->action_id, follow->seq, &list, &count, &err)) {
		say(follow, FOLLOW_RUNNING, "the audit log cannot be read", err.text);
	}
	for (size_t i = 0; i < count; i++)
		read_row(follow, &list[i]);
	free(list);
	if (!running && follow->state == FOLLOW_RUNNING) {
		char detail[64];
		snprintf(detail, sizeof(detail), "exit %d; see `fraudtop audit`", code);
		say(follow, FOLLOW_BAD, "its process ended without a verdict", detail);
	}
	return memcmp(&before, follow, sizeof(before)) != 0;
}
