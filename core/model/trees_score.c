/* trees_score.c: scores rows by the layout of trees_batch.h: turns their values into bytes, then
 * runs programs over blocks of rows or walks several trees at a time for one. Takes no memory but
 * the stack's. */
#include <math.h>
#include <string.h>

#include "core/model/trees_batch.h"
#include "core/model/trees_vectors.h"

enum { FEW = 24 }; /* fewer rows than this are scored one by one */

/* --- values to bytes --- */
/* How many of its table's 2^halvings - 1 keys each key has passed. Without branches, and the
 * searches of all lanes overlap. */
static inline __attribute__((always_inline)) void
count_passed(const int64_t *const tables[TREES_SEARCHES], uint32_t halvings,
    const int64_t keys[TREES_SEARCHES], int64_t passed[TREES_SEARCHES])
{
	for (size_t l = 0; l < TREES_SEARCHES; l++)
		passed[l] = 0;
	for (int64_t half = ((int64_t)1 << halvings) / 2; half > 0; half /= 2) {
#pragma GCC unroll 4
		for (size_t l = 0; l < TREES_SEARCHES; l++) {
			int64_t next = passed[l] + half;
			passed[l] = keys[l] >= tables[l][next - 1] ? next : passed[l];
		}
	}
}

static inline __attribute__((always_inline)) int64_t
make_key(const struct trees_gauge *gauge, double x)
{
	int64_t key = trees_key(x);
	if ((gauge->feature & TREES_ZERO_MISSING) != 0 && fabs(x) <= TREES_NEAR_ZERO)
		key = TREES_KEY_MISSING;
	return key;
}

/* Of a gauge of sets, as trees_next finds it. */
static uint32_t
find_category(const struct trees_gauge *gauge, bool single, double x)
{
	double none = gauge->missing - 1;
	if (make_key(gauge, x) == TREES_KEY_MISSING)
		return gauge->missing;
	x = trees_category(single, x);
	return x > -1.0 && x < none ? (uint32_t)(x < 0 ? 0 : x) : gauge->missing - 1;
}

/* One row: several gauges side by side. Its bytes are without a sign, for a shorter walk. */
static void
turn_row(const struct trees_batch *batch, const double *row, uint8_t *bytes)
{
	for (size_t i = 0; i < batch->gauges_count; i += TREES_SEARCHES) {
		const struct trees_gauge *group = &batch->gauges[i];
		const int64_t *tables[TREES_SEARCHES];
		int64_t keys[TREES_SEARCHES];
		int64_t places[TREES_SEARCHES];
		size_t rest = batch->gauges_count - i;
		for (size_t l = 0; l < TREES_SEARCHES; l++) {
			const struct trees_gauge *gauge = &group[l < rest ? l : 0];
			tables[l] = batch->keys + gauge->first;
			keys[l] = make_key(gauge, row[gauge->feature & TREES_FEATURE]);
		}
		count_passed(tables, group->halvings, keys, places);
		for (size_t l = 0; l < TREES_SEARCHES && l < rest; l++) {
			const struct trees_gauge *gauge = &group[l];
			if ((gauge->feature & TREES_SET) != 0)
				places[l] = find_category(gauge, batch->singles != NULL,
				    row[gauge->feature & TREES_FEATURE]);
			const int8_t *map = batch->maps + gauge->map + places[l];
			for (size_t c = 0; c < gauge->columns; c++) {
				bytes[gauge->column + c] = (uint8_t)(*map - INT8_MIN);
				map += gauge->missing + 1;
			}
		}
	}
}

/* --- walks --- */
/* From at[] on, `levels` steps or until all have come to leaves. The byte of column c that lane l
 * goes by is bytes[c * apart + l * next] + bias. */
static inline __attribute__((always_inline)) void
walk(const struct trees_step *steps, uint32_t levels, const uint8_t *bytes, size_t apart,
    size_t next, uint8_t bias, uint32_t at[TREES_LANES])
{
	bool moving = true;
	while (levels > 0 && moving) {
		uint32_t some = levels < 8 ? levels : 8;
		levels -= some;
		for (; some > 0; some--) {
#pragma GCC unroll 8
			for (size_t l = 0; l < TREES_LANES; l++) {
				const struct trees_step *step = &steps[at[l]];
				uint8_t byte = bytes[step->column * apart + l * next] + bias;
				at[l] = step->right - (byte < step->bin);
			}
		}
		moving = false;
		for (size_t l = 0; levels > 0 && l < TREES_LANES; l++)
			moving = moving || steps[at[l]].right != at[l];
	}
}

/* Where the outputs of `count` trees are for one row. */
static void
walk_trees(const struct trees_batch *batch, size_t first, size_t count, const uint8_t *bytes,
    uint32_t *outputs)
{
	for (size_t t = 0; t < count; t += TREES_LANES) {
		const struct trees_layout *group = &batch->trees[first + t];
		size_t rest = count - t;
		uint32_t at[TREES_LANES];
		for (size_t l = 0; l < TREES_LANES; l++)
			at[l] = group[l < rest ? l : 0].root;
		walk(batch->steps, group->levels, bytes, 1, 0, 0, at);
		for (size_t l = 0; l < TREES_LANES && l < rest; l++)
			outputs[t + l] = at[l] + group[l].leaf;
	}
}

static void
settle_trees(const struct trees_batch *batch, const struct trees_aside *aside, size_t count,
    const int8_t *bytes, uint32_t *outputs)
{
	uint8_t numbers[TREES_ASIDE_LANES] __attribute__((aligned(64)));
	trees_aside_run(
	    batch->aside, batch->aside_cells + aside->cell, aside->levels, bytes, numbers);
	for (size_t t = 0; t < count; t++)
		outputs[t] = aside->numbered + (uint32_t)(t << aside->levels) + numbers[t];
}

static double
score_one(const struct trees *trees, double base, const double *row)
{
	const struct trees_batch *batch = trees->batch;
	uint8_t bytes[TREES_COLUMNS_MAX];
	int8_t table[TREES_ASIDE_LANES] __attribute__((aligned(64)));
	uint32_t outputs[TREES_ASIDE_LANES];
	size_t lanes = batch->aside != 0 ? batch->aside : (size_t)TREES_ASIDE_LANES;
	double sum = base;
	float single = (float)base;
	turn_row(batch, row, bytes);
	for (size_t c = 0; c < batch->aside; c++)
		table[c] = (int8_t)(c < batch->columns ? bytes[c] + INT8_MIN : 0);
	for (size_t t = 0; t < trees->used; t += lanes) {
		size_t count = trees->used - t < lanes ? trees->used - t : lanes;
		if (batch->aside != 0 && batch->asides[t / lanes].levels > 0)
			settle_trees(batch, &batch->asides[t / lanes], count, table, outputs);
		else
			walk_trees(batch, t, count, bytes, outputs);
		for (size_t l = 0; l < count && trees->single; l++)
			single += batch->singles[outputs[l]];
		for (size_t l = 0; l < count && !trees->single; l++)
			sum += batch->doubles[outputs[l]];
	}
	return trees->single ? (double)single : sum;
}

/* --- blocks to bytes --- */
static void
search_all(
    const int64_t *table, uint32_t halvings, const int64_t *keys, size_t rows, int64_t *passed)
{
	const int64_t *const tables[TREES_SEARCHES] = {table, table, table, table};
	for (size_t row = 0; row < rows; row += TREES_SEARCHES)
		count_passed(tables, halvings, keys + row, passed + row);
}

/* One gauge after the other; `rows` is a multiple of TREES_LANES. */
static void
turn_block(const struct trees_batch *batch, const struct trees_vectors *by, const double *values,
    size_t features, size_t rows, int8_t *bytes)
{
	int64_t keys[TREES_BLOCK] __attribute__((aligned(64)));
	int64_t places[TREES_BLOCK] __attribute__((aligned(64)));
	for (size_t i = 0; i < batch->gauges_count; i++) {
		const struct trees_gauge *gauge = &batch->gauges[i];
		const double *value = values + (gauge->feature & TREES_FEATURE);
		if ((gauge->feature & TREES_SET) != 0) {
			for (size_t row = 0; row < rows; row++)
				places[row] = find_category(
				    gauge, batch->singles != NULL, value[row * features]);
		} else if ((gauge->feature & TREES_ZERO_MISSING) != 0) {
			for (size_t row = 0; row < rows; row++)
				keys[row] = make_key(gauge, value[row * features]);
		} else {
			for (size_t row = 0; row < rows; row++)
				keys[row] = trees_key(value[row * features]);
		}
		if ((gauge->feature & TREES_SET) == 0) {
			const int64_t *table = batch->keys + gauge->first;
			if (gauge->missing <= by->asked)
				by->ask_all(table, gauge->missing, keys, rows, places);
			else
				search_all(table, gauge->halvings, keys, rows, places);
		}
		const int8_t *map = batch->maps + gauge->map;
		int8_t *column = bytes + gauge->column * TREES_BLOCK;
		for (size_t c = 0; c < gauge->columns; c++) {
			for (size_t row = 0; row < rows; row++)
				column[row] = map[places[row]];
			map += gauge->missing + 1;
			column += TREES_BLOCK;
		}
	}
}

/* Adds the outputs of a tree that is walked. */
static void
add_walked(const struct trees *trees, const struct trees_layout *tree, size_t rows,
    const int8_t *bytes, float *restrict singles, double *restrict doubles)
{
	const struct trees_batch *batch = trees->batch;
	for (size_t row = 0; row < rows; row += TREES_LANES) {
		uint32_t at[TREES_LANES];
		for (size_t l = 0; l < TREES_LANES; l++)
			at[l] = tree->root;
		walk(batch->steps, tree->levels, (const uint8_t *)bytes + row, TREES_BLOCK, 1,
		    (uint8_t)INT8_MIN, at);
		for (size_t l = 0; l < TREES_LANES && trees->single; l++)
			singles[row + l] += batch->singles[at[l] + tree->leaf];
		for (size_t l = 0; l < TREES_LANES && !trees->single; l++)
			doubles[row + l] += batch->doubles[at[l] + tree->leaf];
	}
}

/* Adds the outputs of a tree whose program has numbered the rows' leaves. */
static void
add_numbered(const struct trees *trees, const struct trees_layout *tree, size_t rows,
    const uint8_t *restrict numbers, float *restrict singles, double *restrict doubles)
{
	if (trees->single) {
		const float *table = trees->batch->singles + tree->numbered;
		for (size_t row = 0; row < rows; row++)
			singles[row] += table[numbers[row]];
	} else {
		const double *table = trees->batch->doubles + tree->numbered;
		for (size_t row = 0; row < rows; row++)
			doubles[row] += table[numbers[row]];
	}
}

/* `rows` is a multiple of TREES_LANES. */
static void
score_block(const struct trees *trees, double base, const double *values, size_t features,
    size_t rows, double *margins)
{
	const struct trees_batch *batch = trees->batch;
	int8_t bytes[TREES_COLUMNS_MAX * TREES_BLOCK] __attribute__((aligned(64)));
	int8_t stack[(TREES_PROGRAM_LEVELS + 1) * TREES_BLOCK] __attribute__((aligned(64)));
	float singles[TREES_BLOCK];
	const struct trees_vectors *by = trees_vectors_find(batch->width);
	turn_block(batch, by, values, features, rows, bytes);
	for (size_t row = 0; row < rows; row++) {
		singles[row] = (float)base;
		margins[row] = base;
	}
	for (size_t t = 0; t < trees->used; t++) {
		const struct trees_layout *tree = &batch->trees[t];
		if (tree->ops == 0) {
			add_walked(trees, tree, rows, bytes, singles, margins);
			continue;
		}
		by->run(batch->ops + tree->op, tree->ops, batch->cells + tree->cell, bytes, rows,
		    stack);
		add_numbered(trees, tree, rows, (const uint8_t *)stack, singles, margins);
	}
	for (size_t row = 0; row < rows && trees->single; row++)
		margins[row] = (double)singles[row];
}

size_t
trees_batch_score(const struct trees *trees, double base, const double *values, size_t features,
    size_t rows, double *margins)
{
	size_t done = 0;
	if (trees->batch == NULL)
		return 0;
	while (rows - done >= FEW) {
		size_t rest = rows - done;
		size_t block = rest < TREES_BLOCK ? rest - rest % TREES_LANES : TREES_BLOCK;
		score_block(trees, base, values + done * features, features, block, margins + done);
		done += block;
	}
	for (; trees->batch->few && done < rows; done++)
		margins[done] = score_one(trees, base, values + done * features);
	return done;
}
