/* run.h: one rollout under way, shared by the files that carry it out. */
#ifndef FRAUDTOP_ROLLOUT_RUN_H
#define FRAUDTOP_ROLLOUT_RUN_H

#include "core/rollout/rollout.h"

struct run {
	struct rollout_plan *plan;
	struct registry *registry;
	struct audit *audit;
	void (*say)(const char *state, const char *line, void *context);
	void *context;
	char by[128]; /* what the registry keeps as changed_by */
	int64_t epoch; /* of the alias after the write */
	bool written;
	struct err audit_failure; /* the first row that could not be written after the INTENT */
};

/* Appends a row about the plan. After the write a failure is also kept in audit_failure: the
 * verdict must then not be `verified`. */
bool run_append(
    struct run *run, const char *event, const char *outcome, const char *detail, struct err *err);
void run_say(struct run *run, const char *state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Watches the services and the alias. watch_new comes before the INTENT, so that from then on a
 * signal ends the watching and not the process; watch_run after the RESULT. */
struct watch;
struct watch *watch_new(struct run *run);
void watch_free(struct watch *watch); /* NULL is fine */
enum rollout_outcome watch_run(struct watch *watch, struct err *err);

#endif
