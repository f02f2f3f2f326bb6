/* join.c: see join.h. Entries stand in a pool; a table of open addressing finds one by its id's
 * hash, and a heap (of four children a node, the time beside the entry's number) knows the oldest.
 * Entries come nearly in the order of time, so to add one is to append. A second heap, there only
 * if negatives are to be assumed, has the predictions that wait, by the second they are due. 24
 * bytes of entry, 16 and 8 of heaps and at most 11 of table each. */
#include "core/join/join.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#define CHILDREN 4
#define NONE UINT32_MAX

enum state { STATE_PENDING, STATE_JOINED, STATE_LABEL, STATE_ASSUMED };

struct entry {
	uint64_t hash;
	float score; /* packed */
	uint32_t series;
	uint32_t place; /* in the heap */
	int8_t decision, label;
	uint8_t state; /* enum state */
	uint8_t cohort;
};

struct node {
	wall_us ts;
	uint32_t entry;
	uint32_t due; /* the entry's place in that heap, or NONE */
};

struct due {
	uint32_t second; /* of the prediction, rounded up */
	uint32_t entry;
};

struct join {
	struct entry *pool; /* the first `count` are in use */
	struct node *heap; /* as many; a parent is never younger than its children */
	uint32_t *table; /* numbers of entries, or NONE; linear probing without gaps */
	size_t mask;
	uint32_t count, max;
	int64_t ttl_us;
	int64_t assume_us; /* 0: never */
	struct due *due; /* as many at most; NULL: never */
	uint32_t due_count;
	wall_us newest; /* the latest event time seen, for labels that have none */
	struct join_stats stats;
};

struct join *
join_new(const struct join_options *options)
{
	struct join *join = mem_alloc(sizeof(*join));
	size_t max_entries = options->memory / 64;
	join->max = max_entries < 1 ? 1 : max_entries > NONE / 2 ? NONE / 2 : (uint32_t)max_entries;
	join->ttl_us = options->ttl_us;
	join->assume_us = options->assume_us;
	size_t size = 16;
	while (size / 4 * 3 < join->max)
		size *= 2;
	join->mask = size - 1;
	join->pool = mem_alloc(join->max * sizeof(*join->pool));
	join->heap = mem_alloc(join->max * sizeof(*join->heap));
	join->table = mem_grow(NULL, size, sizeof(*join->table));
	memset(join->table, 0xFF, size * sizeof(*join->table));
	if (join->assume_us > 0)
		join->due = mem_alloc(join->max * sizeof(*join->due));
	return join;
}

void
join_free(struct join *join)
{
	if (join == NULL)
		return;
	free(join->pool);
	free(join->heap);
	free(join->table);
	free(join->due);
	free(join);
}

/* A float is fine near 0 and coarse near 1, so what is nearer to 1 is kept by its distance to it,
 * with the sign to tell. */
static float
pack_score(double score)
{
	return score > 0.5 ? -(float)(1 - score) : (float)score;
}

static double
unpack_score(float packed)
{
	return signbit(packed) ? 1 + (double)packed : (double)packed;
}

double
join_score(double score)
{
	return unpack_score(pack_score(score));
}

uint64_t
join_hash(const char *request_id)
{
	return *request_id == '\0' ? 0 : hash_bytes(request_id, strlen(request_id), 0);
}

bool
join_sampled(const struct join *join, uint64_t hash)
{
	(void)join;
	(void)hash;
	return true;
}

void
join_prefetch(const struct join *join, uint64_t hash)
{
	(void)join;
	(void)hash;
}

struct join_stats
join_stats(const struct join *join)
{
	return join->stats;
}

/* --- the table ------------------------------------------------------------------------------- */

/* The place of the hash in the table, or the free one where it belongs. */
static size_t
find_place(const struct join *join, uint64_t hash)
{
	size_t at = hash & join->mask;
	while (join->table[at] != NONE && join->pool[join->table[at]].hash != hash)
		at = (at + 1) & join->mask;
	return at;
}

static struct entry *
find_entry(const struct join *join, uint64_t hash)
{
	uint32_t number = join->table[find_place(join, hash)];
	return number == NONE ? NULL : &join->pool[number];
}

/* Empties a place and moves what stands behind it up, so that every search still ends at a gap that
 * was one when its entry came (Knuth, TAOCP 3, algorithm 6.4R). */
static void
clear_place(struct join *join, size_t gap)
{
	join->table[gap] = NONE;
	for (size_t at = (gap + 1) & join->mask; join->table[at] != NONE;
	     at = (at + 1) & join->mask) {
		size_t home = join->pool[join->table[at]].hash & join->mask;
		if (((at - home) & join->mask) < ((at - gap) & join->mask))
			continue;
		join->table[gap] = join->table[at];
		join->table[at] = NONE;
		gap = at;
	}
}

/* --- the heap -------------------------------------------------------------------------------- */

static void
set_node(struct join *join, uint32_t place, struct node node)
{
	join->heap[place] = node;
	join->pool[node.entry].place = place;
}

static void
sift_up(struct join *join, uint32_t place, struct node node)
{
	while (place > 0 && join->heap[(place - 1) / CHILDREN].ts > node.ts) {
		set_node(join, place, join->heap[(place - 1) / CHILDREN]);
		place = (place - 1) / CHILDREN;
	}
	set_node(join, place, node);
}

static void
sift_down(struct join *join, uint32_t place, uint32_t count, struct node node)
{
	for (;;) {
		uint64_t first = (uint64_t)place * CHILDREN + 1, least = first;
		if (first >= count)
			break;
		for (uint64_t i = first + 1; i < first + CHILDREN && i < count; i++)
			if (join->heap[i].ts < join->heap[least].ts)
				least = i;
		if (join->heap[least].ts >= node.ts)
			break;
		set_node(join, place, join->heap[least]);
		place = (uint32_t)least;
	}
	set_node(join, place, node);
}

/* Puts a node where it belongs, beginning at `place`, in a heap of `count`. */
static void
place_node(struct join *join, uint32_t place, uint32_t count, struct node node)
{
	if (place > 0 && join->heap[(place - 1) / CHILDREN].ts > node.ts)
		sift_up(join, place, node);
	else
		sift_down(join, place, count, node);
}

/* --- what is due ----------------------------------------------------------------------------- */

static uint32_t
second_of(wall_us ts)
{
	wall_us second = ts / CLOCK_SECOND + (ts % CLOCK_SECOND > 0);
	return second < 0 ? 0 : second >= NONE ? NONE : (uint32_t)second;
}

static void
set_due(struct join *join, uint32_t place, struct due due)
{
	join->due[place] = due;
	join->heap[join->pool[due.entry].place].due = place;
}

/* Puts one where it belongs, beginning at `place`, in a heap (of two children a node). */
static void
place_due(struct join *join, uint32_t place, struct due due)
{
	while (place > 0 && join->due[(place - 1) / 2].second > due.second) {
		set_due(join, place, join->due[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	for (;;) {
		uint64_t child = 2 * (uint64_t)place + 1;
		if (child + 1 < join->due_count &&
		    join->due[child + 1].second < join->due[child].second)
			child++;
		if (child >= join->due_count || join->due[child].second >= due.second)
			break;
		set_due(join, place, join->due[child]);
		place = (uint32_t)child;
	}
	set_due(join, place, due);
}

static void
add_due(struct join *join, const struct entry *entry)
{
	if (join->assume_us <= 0)
		return;
	struct due due = {second_of(join->heap[entry->place].ts), (uint32_t)(entry - join->pool)};
	place_due(join, join->due_count++, due);
}

static void
remove_due(struct join *join, const struct entry *entry)
{
	struct node *node = &join->heap[entry->place];
	uint32_t place = node->due;
	if (place == NONE)
		return;
	node->due = NONE;
	struct due last = join->due[--join->due_count];
	if (place < join->due_count)
		place_due(join, place, last);
}

/* --- entries --------------------------------------------------------------------------------- */

/* Takes the oldest entry out, wherever it is counted as waiting. */
static void
drop_oldest(struct join *join, uint64_t *prediction_count, uint64_t *label_count)
{
	uint32_t number = join->heap[0].entry, last = join->count - 1;
	struct entry *entry = &join->pool[number];
	remove_due(join, entry);
	if (entry->state == STATE_ASSUMED)
		join->stats.assumed--;
	if (entry->state == STATE_PENDING) {
		join->stats.pending--;
		(*prediction_count)++;
	} else if (entry->state == STATE_LABEL) {
		join->stats.waiting_labels--;
		(*label_count)++;
	}
	clear_place(join, find_place(join, entry->hash));
	if (last > 0)
		place_node(join, 0, last, join->heap[last]);
	if (number != last) {
		/* The pool stays without gaps: its last entry moves into this one. */
		join->table[find_place(join, join->pool[last].hash)] = number;
		*entry = join->pool[last];
		struct node *node = &join->heap[entry->place];
		node->entry = number;
		if (node->due != NONE)
			join->due[node->due].entry = number;
	}
	join->count = last;
}

static struct entry *
add_entry(struct join *join, uint64_t hash, wall_us ts, enum state state)
{
	if (join->count == join->max)
		drop_oldest(join, &join->stats.evicted, &join->stats.evicted);
	uint32_t number = join->count++;
	struct entry *entry = &join->pool[number];
	*entry = (struct entry){.hash = hash, .label = -1, .state = (uint8_t)state};
	join->table[find_place(join, hash)] = number;
	sift_up(join, number, (struct node){.ts = ts, .entry = number, .due = NONE});
	return entry;
}

/* A label's; nothing that is due moves. */
static void
move_in_time(struct join *join, const struct entry *entry, wall_us ts)
{
	uint32_t number = (uint32_t)(entry - join->pool);
	struct node node = {.ts = ts, .entry = number, .due = NONE};
	place_node(join, entry->place, join->count, node);
}

static void
see_time(struct join *join, wall_us ts)
{
	if (ts > join->newest)
		join->newest = ts;
}

/* --- what join.h promises --- */

static void
set_duplicate(bool *duplicate, bool value)
{
	if (duplicate != NULL)
		*duplicate = value;
}

bool
join_prediction(struct join *join, uint64_t hash, struct join_entry *prediction, bool *duplicate)
{
	set_duplicate(duplicate, false);
	see_time(join, prediction->ts);
	if (hash == 0)
		return false;
	struct entry *entry = find_entry(join, hash);
	if (entry != NULL && entry->state != STATE_LABEL) {
		join->stats.duplicate_predictions++;
		set_duplicate(duplicate, true);
		return false;
	}
	if (entry != NULL) {
		join->stats.waiting_labels--;
		prediction->label = entry->label;
		prediction->label_ts = join->heap[entry->place].ts;
		move_in_time(join, entry, prediction->ts);
	} else {
		entry = add_entry(join, hash, prediction->ts, STATE_PENDING);
	}
	bool joined = prediction->label >= 0;
	entry->state = joined ? STATE_JOINED : STATE_PENDING;
	entry->score = pack_score(prediction->score);
	entry->series = prediction->series;
	entry->cohort = prediction->cohort;
	entry->decision = prediction->decision;
	entry->label = prediction->label;
	join->stats.joined += joined;
	join->stats.pending += !joined;
	if (!joined)
		add_due(join, entry);
	return joined;
}

/* A label whose prediction is not known, or a second one for such. */
static bool
keep_label(struct join *join, struct entry *entry, uint64_t hash, wall_us ts, int label)
{
	if (entry == NULL) {
		entry = add_entry(join, hash, ts, STATE_LABEL);
		join->stats.waiting_labels++;
	} else {
		join->stats.duplicate_labels++;
		if (ts > join->heap[entry->place].ts)
			move_in_time(join, entry, ts);
	}
	entry->label = (int8_t)label;
	return false;
}

static struct join_entry
what_is_kept(const struct join *join, const struct entry *entry)
{
	return (struct join_entry){.ts = join->heap[entry->place].ts,
	    .score = unpack_score(entry->score),
	    .series = entry->series,
	    .cohort = entry->cohort,
	    .decision = entry->decision,
	    .label = entry->label};
}

bool
join_label(struct join *join, uint64_t hash, wall_us ts, int label, struct join_entry *prediction,
    int *previous)
{
	if (hash == 0)
		return false;
	if (ts == 0)
		ts = join->newest;
	struct entry *entry = find_entry(join, hash);
	if (entry == NULL || entry->state == STATE_LABEL)
		return keep_label(join, entry, hash, ts, label);
	*previous = entry->state == STATE_PENDING ? -1 : entry->label;
	bool assumed = entry->state == STATE_ASSUMED;
	if (entry->state == STATE_JOINED) {
		join->stats.duplicate_labels++;
	} else {
		remove_due(join, entry);
		join->stats.joined++;
		join->stats.assumed -= assumed;
		join->stats.pending -= !assumed;
	}
	entry->state = STATE_JOINED;
	entry->label = (int8_t)label;
	*prediction = what_is_kept(join, entry);
	prediction->label_ts = ts;
	prediction->assumed = assumed;
	return true;
}

bool
join_due(struct join *join, wall_us now, struct join_entry *prediction)
{
	if (join->due_count == 0 || join->due[0].second * CLOCK_SECOND + join->assume_us > now)
		return false;
	struct entry *entry = &join->pool[join->due[0].entry];
	remove_due(join, entry);
	join->stats.pending--;
	join->stats.assumed++;
	entry->state = STATE_ASSUMED;
	entry->label = 0;
	*prediction = what_is_kept(join, entry);
	return true;
}

void
join_expire(struct join *join, wall_us now)
{
	see_time(join, now);
	while (join->count > 0 && now - join->heap[0].ts >= join->ttl_us)
		drop_oldest(join, &join->stats.expired, &join->stats.expired_labels);
}
