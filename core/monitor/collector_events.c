/* collector_events.c: what changed, as it happened: a ring, told newest first. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/monitor/collector_parts.h"

void
collector_event(struct collector *collector, enum event_kind kind, enum severity severity,
    const char *service, wall_us at, const char *format, ...)
{
	struct event_view *event = &collector->events[collector->events_count++ % COLLECTOR_EVENTS];
	*event = (struct event_view){.at = at, .kind = kind, .severity = severity};
	text_copy(event->service, sizeof(event->service), service);
	va_list args;
	va_start(args, format);
	vsnprintf(event->text, sizeof(event->text), format, args);
	va_end(args);
}

void
collector_event_concept(struct collector *collector, const char *service,
    const struct series_view *series, wall_us at, wall_us *told)
{
	const struct concept_view *error = &series->concept[CONCEPT_ERROR];
	if (error->severity < SEVERITY_WARNING || error->changed_at <= *told)
		return;
	*told = error->changed_at;
	char since[32];
	collector_event(collector, EVENT_QUALITY, error->severity, service, at,
	    "wrong decisions rose from %.1f %% to %.1f %% of the labels, since %s (%s)",
	    error->before * 100, error->after * 100,
	    clock_format(since, sizeof(since), error->changed_prediction), error->detector);
}

void
collector_event_join(struct collector *collector, const struct join_view *join)
{
	char *told = collector->join_reason;
	/* The preview's join has no files. */
	if (collector->monitor != collector->main.monitor || strcmp(told, join->reason) == 0)
		return;
	if (join->reason[0] == '\0')
		collector_event(collector, EVENT_JOIN, SEVERITY_OK, "", clock_wall(),
		    "predictions wait for their labels in files again");
	else if (told[0] == '\0')
		collector_event(collector, EVENT_JOIN, SEVERITY_WARNING, "", clock_wall(),
		    "predictions may miss their labels: %s", join->reason);
	text_copy(told, sizeof(collector->join_reason), join->reason);
}

static int
newest_first(const void *a, const void *b)
{
	const struct event_view *left = a, *right = b;
	return left->at > right->at ? -1 : left->at < right->at;
}

void
collector_events_view(const struct collector *collector, struct snapshot *snapshot)
{
	size_t count = collector->events_count < COLLECTOR_EVENTS ? (size_t)collector->events_count
								  : COLLECTOR_EVENTS;
	snapshot->events = snapshot_alloc(snapshot, count * sizeof(*snapshot->events));
	snapshot->events_count = count;
	for (size_t i = 0; i < count; i++)
		snapshot->events[i] =
		    collector->events[(collector->events_count - 1 - i) % COLLECTOR_EVENTS];
	qsort(snapshot->events, count, sizeof(*snapshot->events), newest_first);
}
