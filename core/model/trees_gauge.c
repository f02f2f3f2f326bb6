/* trees_gauge.c: finds, for all splits of a forest, the gauges and columns that turn values into
 * bytes. See trees_batch.h.
 *
 * Splits of one feature and one treatment of missing values share a gauge. A column of it holds a
 * stretch of its thresholds and one side for what is missing: the thresholds of a stretch are
 * numbered from LOWEST up, a value below all of them has the byte LOWEST, above all of them
 * HIGHEST - 1, and a missing one LOWEST or HIGHEST. A set is a column of two bytes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/model/trees_batch.h"

enum {
	LOWEST = INT8_MIN,
	HIGHEST = INT8_MAX - 1,
	STRETCH = 253, /* thresholds a column */
	CATEGORIES_MAX = 4096, /* a gauge */
	SETS_SIZE_MAX = 1 << 26 /* categories of all its sets */
};

#define DIRECTIONS (TREES_MISSING_LEFT | TREES_SET_LEFT)

struct split {
	double threshold; /* 0 of a set */
	uint32_t gauge; /* feature and flags but for the DIRECTIONS */
	uint32_t node;
};

static int
compare_splits(const void *left, const void *right)
{
	const struct split *a = left, *b = right;
	if (a->gauge != b->gauge)
		return a->gauge < b->gauge ? -1 : 1;
	if (a->threshold != b->threshold)
		return a->threshold < b->threshold ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

/* All splits of the trees that make a score, gauge by gauge, thresholds ascending. */
static struct split *
sort_splits(const struct trees *trees, size_t *count)
{
	struct split *splits = NULL;
	size_t capacity = 0;
	*count = 0;
	for (size_t t = 0; t < trees->used; t++) {
		uint32_t end = trees_end(trees, trees->roots[t]);
		for (uint32_t node = trees->roots[t]; node < end; node++) {
			const struct trees_node *split = &trees->nodes[node];
			if (split->child == 0)
				continue;
			mem_reserve(&splits, &capacity, *count + 1, sizeof(*splits));
			splits[(*count)++] = (struct split){
			    .gauge = split->feature & ~DIRECTIONS,
			    .threshold = (split->feature & TREES_SET) != 0 ? 0 : split->value,
			    .node = node,
			};
		}
	}
	if (*count > 0)
		qsort(splits, *count, sizeof(*splits), compare_splits);
	return splits;
}

/* Another column of the gauge; its map, or NULL if there is no room. */
static int8_t *
add_column(struct trees_batch *batch, struct trees_gauge *gauge)
{
	size_t places = (size_t)gauge->missing + 1;
	if (batch->columns == TREES_COLUMNS_MAX || places > TREES_MAPS_MAX - batch->maps_count)
		return NULL;
	mem_reserve(&batch->maps, &batch->maps_capacity, batch->maps_count + places, 1);
	int8_t *map = batch->maps + batch->maps_count;
	batch->maps_count += places;
	batch->columns++;
	gauge->columns++;
	return map;
}

/* Puts the keys of the gauge's distinct thresholds behind the others'. */
static void
add_keys(
    struct trees_batch *batch, struct trees_gauge *gauge, const struct split *splits, size_t count)
{
	gauge->first = batch->keys_count;
	mem_reserve(&batch->keys, &batch->keys_capacity, batch->keys_count + count + 1,
	    sizeof(*batch->keys));
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || splits[i].threshold != splits[i - 1].threshold)
			batch->keys[batch->keys_count++] = trees_key(splits[i].threshold);
	}
	batch->keys[batch->keys_count++] = TREES_KEY_MISSING;
	gauge->missing = (uint32_t)(batch->keys_count - gauge->first);
	while (gauge->missing >> gauge->halvings != 0)
		gauge->halvings++;
}

/* The bytes of the stretch that begins with threshold `from`. */
static bool
add_stretch(struct trees_batch *batch, struct trees_gauge *gauge, size_t from, bool missing_left)
{
	int8_t *map = add_column(batch, gauge);
	if (map == NULL)
		return false;
	for (size_t place = 0; place < gauge->missing; place++) {
		size_t above = place < from ? 0 : place - from;
		map[place] = (int8_t)(LOWEST + (int)(above < STRETCH ? above : STRETCH));
	}
	map[gauge->missing] = missing_left ? LOWEST : HIGHEST;
	return true;
}

static bool
add_threshold_columns(struct trees_batch *batch, const struct trees *trees,
    struct trees_gauge *gauge, const struct split *splits, size_t count, struct trees_cell *cells)
{
	size_t index = 0;
	add_keys(batch, gauge, splits, count);
	size_t columns[2] = {SIZE_MAX, SIZE_MAX}; /* of this stretch; by the side of the missing */
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && splits[i].threshold != splits[i - 1].threshold &&
		    ++index % STRETCH == 0)
			columns[0] = columns[1] = SIZE_MAX;
		bool left = (trees->nodes[splits[i].node].feature & TREES_MISSING_LEFT) != 0;
		if (columns[left] == SIZE_MAX) {
			columns[left] = batch->columns;
			if (!add_stretch(batch, gauge, index - index % STRETCH, left))
				return false;
		}
		cells[splits[i].node] = (struct trees_cell){
		    .column = (uint16_t)columns[left],
		    .bin = (int8_t)(LOWEST + 1 + (int)(index % STRETCH)),
		};
	}
	return true;
}

/* Category by category where a split by a set sends it. */
static void
map_set(const struct trees *trees, const struct trees_node *split, const struct trees_gauge *gauge,
    int8_t *map)
{
	const struct trees_set *set = &trees->sets[split->set];
	bool left = (split->feature & TREES_SET_LEFT) != 0;
	int8_t in = left ? LOWEST : HIGHEST, out = left ? HIGHEST : LOWEST;
	memset(map, out, gauge->missing);
	for (size_t i = 0; i < (size_t)set->words * 32; i++) {
		if ((trees->bits[set->first + i / 32] >> (i % 32) & 1) != 0)
			map[i] = in;
	}
	map[gauge->missing] = (split->feature & TREES_MISSING_LEFT) != 0 ? LOWEST : HIGHEST;
}

/* Sets that do the same share a column: the one before the last that is like it, or the last. */
static size_t
find_column(
    const struct trees_batch *batch, const struct trees_gauge *gauge, const uint64_t *hashes)
{
	size_t places = (size_t)gauge->missing + 1, last = gauge->columns - 1, same = 0;
	const int8_t *maps = batch->maps + gauge->map;
	while (hashes[same] != hashes[last] ||
	       memcmp(maps + same * places, maps + last * places, places) != 0)
		same++;
	return same;
}

static bool
add_set_columns(struct trees_batch *batch, const struct trees *trees, struct trees_gauge *gauge,
    const struct split *splits, size_t count, struct trees_cell *cells)
{
	uint64_t hashes[TREES_COLUMNS_MAX];
	uint32_t words = 0;
	for (size_t i = 0; i < count; i++) {
		const struct trees_set *set = &trees->sets[trees->nodes[splits[i].node].set];
		words = set->words > words ? set->words : words;
	}
	if (words > CATEGORIES_MAX / 32 || count > SETS_SIZE_MAX / (words * 32 + 1))
		return false;
	gauge->missing = words * 32 + 1;
	size_t places = (size_t)gauge->missing + 1;
	for (size_t i = 0; i < count; i++) {
		int8_t *map = add_column(batch, gauge);
		if (map == NULL)
			return false;
		map_set(trees, &trees->nodes[splits[i].node], gauge, map);
		hashes[gauge->columns - 1] = hash_bytes(map, places, 1);
		size_t column = find_column(batch, gauge, hashes);
		if (column < gauge->columns - 1) {
			batch->columns--;
			gauge->columns--;
			batch->maps_count -= places;
		}
		cells[splits[i].node] = (struct trees_cell){
		    .column = (uint16_t)(gauge->column + column), .bin = LOWEST + 1};
	}
	return true;
}

static int
compare_gauges(const void *left, const void *right)
{
	const struct trees_gauge *a = left, *b = right;
	if (a->halvings != b->halvings)
		return a->halvings > b->halvings ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

/* Gives each gauge the room that its group is searched in. */
static void
group_gauges(struct trees_batch *batch)
{
	size_t room = 0, count = 0;
	if (batch->gauges_count > 0)
		qsort(batch->gauges, batch->gauges_count, sizeof(*batch->gauges), compare_gauges);
	for (size_t i = 0; i < batch->gauges_count; i++)
		room += (size_t)1 << batch->gauges[i - i % TREES_SEARCHES].halvings;
	int64_t *keys = mem_grow(NULL, room, sizeof(*keys));
	for (size_t i = 0; i < batch->gauges_count; i++) {
		struct trees_gauge *gauge = &batch->gauges[i];
		size_t size = (size_t)1 << batch->gauges[i - i % TREES_SEARCHES].halvings;
		size_t own = (gauge->feature & TREES_SET) != 0 ? 0 : gauge->missing;
		for (size_t k = 0; k < size; k++)
			keys[count + k] = k < own ? batch->keys[gauge->first + k] : TREES_KEY_NEVER;
		gauge->first = count;
		count += size;
	}
	free(batch->keys);
	batch->keys = keys;
	batch->keys_count = batch->keys_capacity = room;
}

bool
trees_gauges_make(struct trees_batch *batch, const struct trees *trees, struct trees_cell *cells)
{
	size_t count, end;
	struct split *splits = sort_splits(trees, &count);
	bool done = true;
	for (size_t i = 0; i < count && done; i = end) {
		for (end = i + 1; end < count && splits[end].gauge == splits[i].gauge;)
			end++;
		mem_reserve(&batch->gauges, &batch->gauges_capacity, batch->gauges_count + 1,
		    sizeof(*batch->gauges));
		struct trees_gauge *gauge = &batch->gauges[batch->gauges_count++];
		*gauge = (struct trees_gauge){.feature = splits[i].gauge,
		    .column = (uint32_t)batch->columns,
		    .map = batch->maps_count};
		bool set = (gauge->feature & TREES_SET) != 0;
		done = (set ? add_set_columns : add_threshold_columns)(
		    batch, trees, gauge, splits + i, end - i, cells);
	}
	free(splits);
	if (done && batch->gauges_count > 0)
		group_gauges(batch);
	return done;
}
