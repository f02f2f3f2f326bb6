/* events.c: see events.h. A table of chains by the id's hash, and a list by age through all of
 * them. Each half is one block: the struct, its texts and its payload. */
#include "core/format/events.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#define CHAINS 16384 /* a power of two */

struct events {
	struct event *chains[CHAINS];
	struct event *oldest, *newest;
	size_t count, bytes;
	wall_us now; /* the newest time seen */
	uint64_t orphans;
};

struct events *
events_new(void)
{
	return mem_alloc(sizeof(struct events));
}

void
events_free(struct events *events)
{
	if (events == NULL)
		return;
	for (struct event *event = events->oldest, *newer; event != NULL; event = newer) {
		newer = event->newer;
		free(event);
	}
	free(events);
}

static struct event **
chain_of(struct events *events, const char *id)
{
	return &events->chains[hash_bytes(id, strlen(id), 0) & (CHAINS - 1)];
}

static void
unlink_event(struct events *events, struct event *event)
{
	struct event **link = chain_of(events, event->id);
	while (*link != event)
		link = &(*link)->next;
	*link = event->next;
	*(event->older != NULL ? &event->older->newer : &events->oldest) = event->newer;
	*(event->newer != NULL ? &event->newer->older : &events->newest) = event->older;
	events->count--;
	events->bytes -= event->size;
}

static void
drop(struct events *events, struct event *event)
{
	unlink_event(events, event);
	free(event);
	events->orphans++;
}

static struct event *
find(struct events *events, const char *id, bool response)
{
	struct event *event = *chain_of(events, id);
	while (event != NULL && (event->response != response || strcmp(event->id, id) != 0))
		event = event->next;
	return event;
}

struct event *
events_take(struct events *events, const struct event *half)
{
	struct event *other = find(events, half->id, !half->response);
	if (other != NULL)
		unlink_event(events, other);
	return other;
}

static const char *
put_text(char **at, const char *text, size_t length)
{
	char *put = *at;
	if (length > 0)
		memcpy(put, text, length);
	put[length] = '\0';
	*at += length + 1;
	return put;
}

void
events_keep(struct events *events, const struct event *half)
{
	struct event *before = find(events, half->id, half->response);
	if (before != NULL)
		drop(events, before);
	size_t size = sizeof(*half) + strlen(half->id) + strlen(half->service) +
		      strlen(half->model) + strlen(half->segment) + half->length + 5;
	if (half->ts > events->now)
		events->now = half->ts;
	while (events->oldest != NULL &&
	       (events->count >= EVENTS_MOST || events->bytes + size > EVENTS_BYTES ||
		   events->oldest->ts < events->now - EVENTS_AGE))
		drop(events, events->oldest);
	struct event *event = mem_alloc(size);
	char *at = (char *)(event + 1);
	*event = *half;
	event->id = put_text(&at, half->id, strlen(half->id));
	event->service = put_text(&at, half->service, strlen(half->service));
	event->model = put_text(&at, half->model, strlen(half->model));
	event->segment = put_text(&at, half->segment, strlen(half->segment));
	event->payload = put_text(&at, half->payload, half->length);
	event->size = size;
	struct event **chain = chain_of(events, event->id);
	event->next = *chain;
	*chain = event;
	event->newer = NULL;
	event->older = events->newest;
	*(events->newest != NULL ? &events->newest->newer : &events->oldest) = event;
	events->newest = event;
	events->count++;
	events->bytes += size;
}

uint64_t
events_waiting(const struct events *events)
{
	return events->count;
}

uint64_t
events_orphans(const struct events *events)
{
	return events->orphans;
}

void
events_save(const struct events *events, struct buf *pack)
{
	pack_varint(pack, events->count);
	for (const struct event *event = events->oldest; event != NULL; event = event->newer) {
		pack_varint(pack, event->response);
		pack_i64(pack, event->ts);
		pack_text(pack, event->id);
		pack_text(pack, event->service);
		pack_text(pack, event->model);
		pack_text(pack, event->segment);
		pack_varint(pack, event->length);
		pack_bytes(pack, event->payload, event->length);
	}
	pack_i64(pack, events->now);
	pack_varint(pack, events->orphans);
}

static void
load_event(struct events *events, struct unpack *unpack)
{
	struct event half = {.response = unpack_flag(unpack), .ts = unpack_time(unpack)};
	char *texts[4];
	for (int i = 0; i < 4; i++)
		texts[i] = unpack_string(unpack);
	half.id = texts[0];
	half.service = texts[1];
	half.model = texts[2];
	half.segment = texts[3];
	half.length = (size_t)unpack_varint(unpack, EVENTS_BYTES);
	if (half.length > (size_t)(unpack->end - unpack->at))
		unpack_fail(unpack);
	if (!unpack->failed) {
		half.payload = unpack->at;
		unpack->at += half.length;
		events_keep(events, &half);
	}
	for (int i = 0; i < 4; i++)
		free(texts[i]);
}

void
events_load(struct events *events, struct unpack *unpack)
{
	size_t count = (size_t)unpack_varint(unpack, EVENTS_MOST);
	for (size_t i = 0; i < count && !unpack->failed; i++)
		load_event(events, unpack);
	events->now = unpack_time(unpack);
	events->orphans = unpack_varint(unpack, UINT64_MAX);
}
