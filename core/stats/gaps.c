/* gaps.c: a cell of the table is a stretch of bit patterns of equal length, and holds few of the
 * values where they are spread; within it the search is binary. */
#include "core/stats/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/stats/sort.h"

#define TABLE_BITS 16

/* Bits that compare as the numbers do. Adding 0 makes the two zeros one. */
static inline uint64_t
key_of(double value)
{
	uint64_t bits;
	value += 0.0;
	memcpy(&bits, &value, sizeof(bits));
	return bits ^ ((uint64_t)((int64_t)bits >> 63) | (uint64_t)1 << 63);
}

static size_t
cell_of(const struct gaps *gaps, uint64_t key)
{
	return (size_t)((key - gaps->first_key) >> gaps->shift);
}

/* table[c] is the first value of cell c or a later one; the last entry is past the values. */
static void
fill_table(struct gaps *gaps)
{
	uint64_t span = gaps->last_key - gaps->first_key;
	while (span >> gaps->shift >> TABLE_BITS > 0)
		gaps->shift++;
	size_t cells = cell_of(gaps, gaps->last_key) + 1, next = 0;
	gaps->table = mem_grow(NULL, cells + 1, sizeof(*gaps->table));
	for (size_t c = 0; c <= cells; c++) {
		while (next < gaps->count && cell_of(gaps, key_of(gaps->values[next])) < c)
			next++;
		gaps->table[c] = (uint32_t)next;
	}
}

void
gaps_init(struct gaps *gaps, double *values, size_t n)
{
	sort_doubles(values, n);
	*gaps = (struct gaps){.values = values};
	gaps->own = mem_alloc(n * sizeof(*gaps->own));
	for (size_t i = 0; i < n; i++) {
		if (gaps->count == 0 || values[gaps->count - 1] != values[i])
			values[gaps->count++] = values[i];
		gaps->own[gaps->count - 1]++;
	}
	gaps->tied = mem_alloc(gaps->count * sizeof(*gaps->tied));
	gaps->below = mem_alloc((gaps->count + 1) * sizeof(*gaps->below));
	gaps->first_key = key_of(values[0]);
	gaps->last_key = key_of(values[gaps->count - 1]);
	fill_table(gaps);
}

void
gaps_add(struct gaps *gaps, double value)
{
	uint64_t key = key_of(value);
	if (key < gaps->first_key || key > gaps->last_key) {
		gaps->below[key < gaps->first_key ? 0 : gaps->count]++;
		return;
	}
	size_t cell = cell_of(gaps, key), at = gaps->table[cell], end = gaps->table[cell + 1];
	while (at < end) {
		size_t middle = at + (end - at) / 2;
		if (gaps->values[middle] < value)
			at = middle + 1;
		else
			end = middle;
	}
	++*(gaps->values[at] == value ? &gaps->tied[at] : &gaps->below[at]);
}

void
gaps_free(struct gaps *gaps)
{
	free(gaps->values);
	free(gaps->own);
	free(gaps->tied);
	free(gaps->below);
	free(gaps->table);
}
