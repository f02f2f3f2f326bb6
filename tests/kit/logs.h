/* logs.h: logs and labels in a folder of their own, and an intake that reads them into a monitor.
 */
#ifndef FRAUDTOP_TESTS_KIT_LOGS_H
#define FRAUDTOP_TESTS_KIT_LOGS_H

#include "core/base/rng.h"
#include "core/monitor/intake.h"
#include "core/monitor/intake_view.h"
#include "tests/kit/place.h"

enum { LOGS_SLICE = 128 * 1024, LOGS_BEGIN = 1769608800 }; /* 2026-01-28T14:00:00Z */

struct logs {
	char folder[FOLDER_SIZE];
	struct config *config;
	struct monitor *monitor;
	struct intake *intake;
};

void logs_make(struct logs *logs);
void logs_end(struct logs *logs); /* with the folder */
/* `services`: the list of the configuration, with @ for the folder. */
void logs_configure(struct logs *logs, const char *services);
void logs_open(struct logs *logs); /* the monitor and the intake, as configured */
void logs_close(struct logs *logs); /* the two */
/* To the end: slice by slice on this thread, or by so many workers. */
void logs_read(struct logs *logs, unsigned workers);

/* Record i, so many ms after LOGS_BEGIN, of service eu, model m, version 12 or 13 and request
 * `prefix`i. Every 97th failed. */
void logs_put(FILE *file, struct rng *rng, const char *prefix, int i, int64_t ms);
/* Records i = 0, 1, ... a step apart in time; after every so many (0: never) a line is none. */
void logs_write(const struct logs *logs, const char *name, const char *prefix, int count,
    int64_t step_ms, int bad_every);
/* Their labels, a step apart too, from a minute later on. */
void logs_write_labels(
    const struct logs *logs, const char *name, const char *prefix, int count, int64_t step_ms);

#endif
