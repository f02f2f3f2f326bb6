/* join.c: see join.h. Entries (slot.h, 20 bytes) stand in a table in memory (table.h) until it is
 * 90 % full; then a pass over it takes the older ones to a file (sweep.c, files.h). 59 bits of the
 * id's hash are kept. How many wait is told by counts by age (ages.h), so that what expires is
 * counted at its time, wherever it stands, and taken away when its place is passed by. */
#include "core/join/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/join/state.h"

#define MEMORY_MIN ((size_t)1 << 20)

static void
make_parts(struct join *join)
{
	bool assumes = join->options.assume_us > 0;
	struct budget budget = budget_share(join->options.memory, join->folder != NULL, assumes);
	budget.files.entries = join->options.file_bytes / JOIN_ENTRY_BYTES;
	ages_init(&join->ages, join->options.ttl_us, budget.ages);
	files_init(&join->files, join->folder, &budget.files);
	table_init(&join->table, budget.table);
	join->high = join->table.capacity / 10 * 9;
	if (assumes)
		join->due = due_new(join->folder, budget.due);
}

static void
free_parts(struct join *join)
{
	files_free(&join->files);
	due_free(join->due);
	join->due = NULL;
	if (join->journal != NULL) {
		uint64_t number = join->journal->seq;
		journal_free(join->journal);
		folder_drop(join->folder, number);
	}
	join->journal = NULL;
	while (join->former_count > 0)
		folder_drop(join->folder, join->former[--join->former_count].seq);
	table_free(&join->table);
	ages_free(&join->ages);
}

struct join *
join_new(const struct join_options *options)
{
	struct join *join = mem_alloc(sizeof(*join));
	join->options = *options;
	join->options.folder = NULL; /* the caller's */
	if (join->options.memory < MEMORY_MIN)
		join->options.memory = MEMORY_MIN;
	if (options->folder != NULL)
		join->folder = folder_new(options->folder);
	make_parts(join);
	return join;
}

void
join_free(struct join *join)
{
	if (join == NULL)
		return;
	free_parts(join);
	folder_free(join->folder);
	free(join);
}

void
join_clear(struct join *join)
{
	free_parts(join);
	join->newest = 0;
	join->lacks = false;
	join->stats = (struct join_stats){0};
	join->sweep = (struct sweep){.on = false};
	make_parts(join);
}

double
join_score(double score)
{
	return slot_unpack_score(slot_pack_score(score));
}

uint64_t
join_hash(const char *request_id)
{
	return *request_id == '\0' ? 0 : hash_bytes(request_id, strlen(request_id), 0);
}

/* By the hash's lower half: its upper bits say where an entry stands. */
bool
join_sampled(const struct join *join, uint64_t hash)
{
	uint32_t sample = join->options.sample;
	return sample <= 1 || (hash & UINT32_MAX) * sample >> 32 == 0;
}

void
join_prefetch(const struct join *join, uint64_t hash)
{
	uint64_t key = slot_key_of(hash);
	table_prefetch(&join->table, key);
	if (join->folder != NULL)
		files_prefetch(&join->files, key);
}

struct join_stats
join_stats(const struct join *join)
{
	struct join_stats stats = join->stats;
	stats.pending = join->ages.totals[STATE_PENDING];
	stats.waiting_labels = join->ages.totals[STATE_LABEL];
	stats.assumed = join->ages.totals[STATE_ASSUMED];
	stats.grain_us = join->ages.grain_ms * 1000;
	stats.memory_bytes = sizeof(*join) + join->table.size * sizeof(struct slot) +
			     ages_memory(&join->ages) + files_memory(&join->files);
	stats.in_files = files_entries(&join->files);
	stats.file_bytes = files_bytes(&join->files);
	stats.reads = join->files.reads;
	if (join->folder != NULL)
		stats.memory_bytes += folder_memory(join->folder);
	if (join->journal != NULL) {
		stats.memory_bytes += sizeof(*join->journal) + JOURNAL_BUFFER;
		stats.file_bytes += join->journal->length;
	}
	for (size_t i = 0; i < join->former_count; i++)
		stats.file_bytes += join->former[i].length;
	if (join->due != NULL) {
		stats.memory_bytes += due_memory(join->due);
		stats.evicted += due_dropped(join->due);
		stats.file_bytes += due_file_bytes(join->due);
	}
	const char *error = join->files.error;
	if (join->folder != NULL && join->folder->error[0] != '\0')
		error = join->folder->error;
	snprintf(stats.error, sizeof(stats.error), "%s", error);
	return stats;
}

/* --- entries ------------------------------------------------------------------------------------
 */

struct found {
	bool known; /* and alive */
	struct slot slot;
	struct slot *place; /* in memory: of the key, or where it belongs */
};

static struct found
find(struct join *join, uint64_t key, bool hoped)
{
	struct found found = {.place = table_place(&join->table, key)};
	if (table_is_at(found.place, key)) {
		found.slot = *found.place;
		found.known = ages_alive(&join->ages, slot_ms(&found.slot));
	} else if (join->folder != NULL) {
		found.known = files_find(&join->files, key, hoped, &found.slot) &&
			      ages_alive(&join->ages, slot_ms(&found.slot));
	}
	return found;
}

/* The newest of what is known of its key. What finds no room at all is evicted. */
static void
put(struct join *join, const struct found *found, struct slot slot)
{
	struct table *table = &join->table;
	if (!table_put(table, found->place, &slot)) {
		join_make_room(join);
		if (!table_put(table, table_place(table, slot_key(&slot)), &slot)) {
			ages_remove(&join->ages, slot_ms(&slot), slot_state(&slot));
			join->stats.evicted += slot_state(&slot) != STATE_JOINED;
			return;
		}
	}
	if (join->journal != NULL)
		journal_add(join->journal, &slot);
	join_work(join);
}

/* In the same time: of another state. */
static void
change(struct join *join, const struct found *found, enum slot_state state, int label)
{
	int64_t ms = slot_ms(&found->slot);
	ages_remove(&join->ages, ms, slot_state(&found->slot));
	ages_add(&join->ages, ms, state);
	put(join, found, slot_with_label(found->slot, state, label));
}

/* What came too late to be kept, or from too far ahead. */
static void
refuse(struct join *join, int64_t ms, uint64_t *expired)
{
	if (ages_grain(&join->ages, ms) <= join->ages.expired)
		++*expired;
	else
		join->stats.evicted++;
}

static void
see_time(struct join *join, wall_us ts)
{
	if (ts > join->newest)
		join->newest = ts;
}

static void
add_due(struct join *join, uint64_t key, wall_us ts)
{
	if (join->due == NULL)
		return;
	wall_us second = ts / CLOCK_SECOND + (ts % CLOCK_SECOND > 0);
	due_add(join->due, key,
	    second < 0		   ? 0
	    : second >= UINT32_MAX ? UINT32_MAX
				   : (uint32_t)second);
}

/* --- what join.h promises --- */

/* A prediction that is not known; its label may be. */
static bool
keep_prediction(struct join *join, uint64_t key, struct found *found, struct join_entry *prediction)
{
	int64_t ms = slot_ms_of(prediction->ts);
	if (found->known) {
		prediction->label = (int8_t)slot_label(&found->slot);
		prediction->label_ts = slot_ms(&found->slot) * 1000;
		ages_remove(&join->ages, slot_ms(&found->slot), STATE_LABEL);
	}
	bool joined = prediction->label >= 0, holds = ages_holds(&join->ages, ms);
	struct slot slot =
	    slot_of_prediction(key, prediction, joined ? STATE_JOINED : STATE_PENDING);
	join->stats.joined += joined;
	if (holds) {
		ages_add(&join->ages, ms, slot_state(&slot));
		if (!joined)
			add_due(join, key, prediction->ts);
		put(join, found, slot);
	} else if (found->known) {
		/* Dead as it comes, but its label must not be found again. */
		put(join, found, slot_at(slot, 0));
	} else if (!joined) {
		refuse(join, ms, &join->stats.expired);
	}
	return joined;
}

bool
join_prediction(struct join *join, uint64_t hash, struct join_entry *prediction, bool *duplicate)
{
	if (duplicate != NULL)
		*duplicate = false;
	see_time(join, prediction->ts);
	if (hash == 0)
		return false;
	if (!join_sampled(join, hash)) {
		join->stats.sampled_out++;
		return false;
	}
	uint64_t key = slot_key_of(hash);
	struct found found = find(join, key, false);
	if (!found.known || slot_state(&found.slot) == STATE_LABEL)
		return keep_prediction(join, key, &found, prediction);
	join->stats.duplicate_predictions++;
	if (duplicate != NULL)
		*duplicate = true;
	return false;
}

/* A label whose prediction is not known, or a second one for such. */
static bool
keep_label(struct join *join, uint64_t key, const struct found *found, wall_us ts, int label)
{
	int64_t ms = slot_ms_of(ts);
	if (found->known) {
		join->stats.duplicate_labels++;
		int64_t before = slot_ms(&found->slot);
		if (ms <= before || !ages_holds(&join->ages, ms)) {
			change(join, found, STATE_LABEL, label);
			return false;
		}
		ages_remove(&join->ages, before, STATE_LABEL);
	} else if (!ages_holds(&join->ages, ms)) {
		refuse(join, ms, &join->stats.expired_labels);
		return false;
	}
	ages_add(&join->ages, ms, STATE_LABEL);
	put(join, found, slot_of_label(key, ms, label));
	return false;
}

bool
join_label(struct join *join, uint64_t hash, wall_us ts, int label, struct join_entry *prediction,
    int *previous)
{
	if (hash == 0 || !join_sampled(join, hash))
		return false;
	if (ts == 0)
		ts = join->newest;
	uint64_t key = slot_key_of(hash);
	struct found found = find(join, key, true);
	enum slot_state state = slot_state(&found.slot);
	if (!found.known || state == STATE_LABEL)
		return keep_label(join, key, &found, ts, label);
	*previous = slot_label(&found.slot);
	if (state == STATE_JOINED)
		join->stats.duplicate_labels++;
	else
		join->stats.joined++;
	*prediction = slot_entry(&found.slot);
	prediction->label = (int8_t)label;
	prediction->label_ts = ts;
	prediction->assumed = state == STATE_ASSUMED;
	if (state != STATE_JOINED || label != *previous)
		change(join, &found, STATE_JOINED, label);
	return true;
}

bool
join_due(struct join *join, wall_us now, struct join_entry *prediction)
{
	if (join->due == NULL || now < join->options.assume_us)
		return false;
	wall_us limit = (now - join->options.assume_us) / CLOCK_SECOND;
	uint32_t second = limit >= UINT32_MAX ? UINT32_MAX - 1 : (uint32_t)limit;
	struct due_item item;
	while (due_next(join->due, second, &item)) {
		struct found found = find(join, item.key, true);
		if (!found.known || slot_state(&found.slot) != STATE_PENDING ||
		    slot_ms(&found.slot) > (int64_t)item.second * 1000)
			continue;
		*prediction = slot_entry(&found.slot);
		prediction->label = 0;
		change(join, &found, STATE_ASSUMED, 0);
		return true;
	}
	return false;
}

void
join_expire(struct join *join, wall_us now)
{
	see_time(join, now);
	int64_t grain = ages_expired(&join->ages, now);
	if (grain <= join->ages.expired)
		return;
	join->ages.expired = grain;
	if (grain <= join->ages.floor)
		return;
	uint64_t gone[STATES] = {0};
	ages_raise(&join->ages, grain, gone);
	join->stats.expired += gone[STATE_PENDING];
	join->stats.expired_labels += gone[STATE_LABEL];
	if (join->folder != NULL)
		files_drop_dead(&join->files, &join->ages);
}
