/* batch.h: the records of one stretch on their way into the windows.
 *
 * A worker reads a stretch and adds its records here: what can be done without the monitor's state
 * (which bin a value is in, which bucket a latency, an id's hash) is done then, side by side with
 * other workers, by an immutable plan (plan.h). monitor_commit, one batch at a time and in the
 * order of the stretches, counts and judges row by row: so the windows are the same, to the bit,
 * however many workers there are, and the same as by monitor_prediction record by record. What is
 * out of the ordinary (a series or a reference that is not ready) is kept whole and takes that way;
 * what is for the ring of recent rows is kept whole for that beside what was prepared of it. */
#ifndef FRAUDTOP_MONITOR_BATCH_H
#define FRAUDTOP_MONITOR_BATCH_H

#include "core/ingest/record.h"
#include "core/monitor/monitor.h"

struct batch;

struct batch *batch_new(void); /* used again and again */
void batch_free(struct batch *batch); /* NULL is fine */

/* Empties it for records of that source of the monitor (SIZE_MAX: of a label feed). keep: its rows
 * are new enough for the ring of recent rows and are kept whole for it. May be called while
 * another thread commits. default_service and default_model stand in where a record names none. */
void batch_begin(struct batch *batch, struct monitor *monitor, size_t source, bool keep,
    const char *default_service, const char *default_model);
/* Copies what it needs. `offset` and `line` come back with a refusal. */
void batch_prediction(
    struct batch *batch, const struct prediction *prediction, uint64_t offset, uint64_t line);
void batch_label(struct batch *batch, const struct label *label);

struct batch_result {
	uint64_t accepted, late, refused, labels;
	wall_us newest; /* of predictions and labels; 0: none */
};

/* `refused` (NULL is fine) is called for each record that the monitor refuses. Not while another
 * thread commits or reads the monitor. */
void monitor_commit(struct monitor *monitor, struct batch *batch, struct batch_result *result,
    void (*refused)(const char *reason, uint64_t offset, uint64_t line, void *context),
    void *context);

#endif
