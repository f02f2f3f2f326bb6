/* events.h: halves of exchanges that wait for their other half, by id, in bounded memory. For
 * core/format alone.
 *
 * What is too many or too much, or waits longer than EVENTS_AGE of event time, goes unread and is
 * counted: the oldest first. */
#ifndef FRAUDTOP_FORMAT_EVENTS_H
#define FRAUDTOP_FORMAT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"
#include "core/base/pack.h"

#define EVENTS_MOST 65536
#define EVENTS_BYTES (32 * 1024 * 1024)
#define EVENTS_AGE (10 * CLOCK_MINUTE)

struct event {
	bool response;
	wall_us ts;
	const char *id, *service, *model, *segment;
	const char *payload;
	size_t length;
	/* Of events.c. */
	struct event *older, *newer, *next;
	size_t size;
};

struct events;

struct events *events_new(void);
void events_free(struct events *events); /* NULL is fine */

/* Takes out the other half of this event, to be freed with free(). NULL: it did not come yet. */
struct event *events_take(struct events *events, const struct event *half);
/* Keeps a copy of a half that waits; one of the same id and kind is gone unread. */
void events_keep(struct events *events, const struct event *half);

uint64_t events_waiting(const struct events *events);
uint64_t events_orphans(const struct events *events);

/* For a checkpoint; events_load fills new ones. */
void events_save(const struct events *events, struct buf *pack);
void events_load(struct events *events, struct unpack *unpack);

#endif
