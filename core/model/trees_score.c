/* trees_score.c: scores rows by the layout of trees_batch.h: turns their values into bytes, then
 * runs programs over blocks of rows or walks several trees at a time for one. Takes no memory but
 * the stack's. */
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "core/model/trees_batch.h"

enum {
	STACK = 26, /* numbers of a block that wait to be joined: see PROGRAM_LEVELS */
	FEW = 16 /* fewer rows than this are scored one by one */
};

/* --- values to bytes --- */
/* As trees_next finds it; `none` where it is in no set. */
static inline __attribute__((always_inline)) uint32_t
find_category(uint32_t none, bool single, double x)
{
	if (single)
		x = (double)(float)x;
	if (!(x > -1.0 && x < (double)none) || (single && x < 0))
		return none;
	return x < 0 ? 0 : (uint32_t)x;
}

static inline __attribute__((always_inline)) uint32_t
find_place(const struct trees_gauge *gauge, const double *thresholds, bool single, double x)
{
	uint32_t place = 0;
	if ((gauge->feature & TREES_SET) != 0)
		place = find_category(gauge->missing - 1, single, x);
	else
		for (uint32_t half = gauge->missing / 2; half > 0; half /= 2)
			place += x >= thresholds[place + half - 1] ? half : 0;
	bool zero = (gauge->feature & TREES_ZERO_MISSING) != 0 && fabs(x) <= TREES_NEAR_ZERO;
	return isnan(x) || zero ? gauge->missing : place;
}

/* Of `rows` rows into columns `apart` bytes from each other. */
static inline __attribute__((always_inline)) void
turn_values(const struct trees_batch *batch, const double *values, size_t features, size_t rows,
    int8_t *bytes, size_t apart)
{
	bool single = batch->singles != NULL;
	for (size_t i = 0; i < batch->gauges_count; i++) {
		const struct trees_gauge *gauge = &batch->gauges[i];
		const double *thresholds = batch->thresholds + gauge->first;
		const double *value = values + (gauge->feature & TREES_FEATURE);
		uint32_t places[TREES_BLOCK];
		for (size_t row = 0; row < rows; row++)
			places[row] = find_place(gauge, thresholds, single, value[row * features]);
		const int8_t *map = batch->maps + gauge->map;
		for (size_t c = 0; c < gauge->columns; c++) {
			for (size_t row = 0; row < rows; row++)
				bytes[row] = map[places[row]];
			map += gauge->missing + 1;
			bytes += apart;
		}
	}
}

/* --- walks --- */
/* From at[] on, `levels` steps or until all have come to leaves. The byte of column c that lane l
 * goes by is bytes[c * apart + l * next]. */
static inline __attribute__((always_inline)) void
walk(const struct trees_step *steps, uint32_t levels, const int8_t *bytes, size_t apart,
    size_t next, uint32_t at[TREES_LANES])
{
	bool moving = true;
	while (levels > 0 && moving) {
		uint32_t some = levels < 8 ? levels : 8;
		levels -= some;
		for (; some > 0; some--) {
#pragma GCC unroll 8
			for (size_t l = 0; l < TREES_LANES; l++) {
				const struct trees_step *step = &steps[at[l]];
				int8_t byte = bytes[step->cell.column * apart + l * next];
				at[l] = step->child + (byte > step->cell.bin);
			}
		}
		moving = false;
		for (size_t l = 0; levels > 0 && l < TREES_LANES; l++)
			moving = moving || steps[at[l]].child != at[l];
	}
}

static double
score_one(const struct trees *trees, double base, const double *row)
{
	const struct trees_batch *batch = trees->batch;
	int8_t bytes[TREES_COLUMNS_MAX];
	turn_values(batch, row, 0, 1, bytes, 1);
	double sum = base;
	float single = (float)base;
	for (size_t t = 0; t < trees->used; t += TREES_LANES) {
		const struct trees_layout *group = &batch->trees[t];
		size_t count =
		    trees->used - t < TREES_LANES ? trees->used - t : (size_t)TREES_LANES;
		uint32_t at[TREES_LANES];
		for (size_t l = 0; l < TREES_LANES; l++)
			at[l] = group[l < count ? l : 0].root;
		walk(batch->steps, group->levels, bytes, 1, 0, at);
		for (size_t l = 0; l < count; l++) {
			if (trees->single)
				single += batch->singles[at[l] + group[l].leaf];
			else
				sum += batch->doubles[at[l] + group[l].leaf];
		}
	}
	return trees->single ? (double)single : sum;
}

/* --- programs --- */
#define GLUE(a, b) a##b
#define WIDTH 16
#define NAME(x) GLUE(x, _16)
#define RUN run_16
#define TARGET
#define CHOOSE(mask, left, right) (((right) & (mask)) | ((left) & ~(mask)))
#include "core/model/trees_program.h"

#if defined(__x86_64__)
#define WIDTH 32
#define NAME(x) GLUE(x, _32)
#define RUN run_32
#define TARGET __attribute__((target("avx2")))
#define CHOOSE(mask, left, right)                                                                  \
	(vector_32) _mm256_blendv_epi8((__m256i)(left), (__m256i)(right), (__m256i)(mask))
#include "core/model/trees_program.h"

#define WIDTH 64
#define NAME(x) GLUE(x, _64)
#define RUN run_64
#define TARGET __attribute__((target("avx512bw")))
#define CHOOSE(mask, left, right) (((right) & (mask)) | ((left) & ~(mask)))
#include "core/model/trees_program.h"
#endif

static void
run(const struct trees_batch *batch, const struct trees_layout *tree, const int8_t *bytes,
    int8_t *stack)
{
	const struct trees_op *ops = batch->ops + tree->op;
	const struct trees_cell *cells = batch->cells + tree->cell;
#if defined(__x86_64__)
	if (batch->width == 64)
		run_64(ops, tree->ops, cells, bytes, stack);
	else if (batch->width == 32)
		run_32(ops, tree->ops, cells, bytes, stack);
	else
#endif
		run_16(ops, tree->ops, cells, bytes, stack);
}

/* Where the outputs of a tree are for each row of a block. */
static void
find_outputs(const struct trees_batch *batch, const struct trees_layout *tree, const int8_t *bytes,
    uint32_t *outputs)
{
	for (size_t row = 0; row < TREES_BLOCK; row += TREES_LANES) {
		uint32_t *at = outputs + row;
		for (size_t l = 0; l < TREES_LANES; l++)
			at[l] = tree->root;
		walk(batch->steps, tree->levels, bytes + row, TREES_BLOCK, 1, at);
		for (size_t l = 0; l < TREES_LANES; l++)
			at[l] += tree->leaf;
	}
}

static void
score_block(const struct trees *trees, double base, const double *values, size_t features,
    size_t rows, double *margins)
{
	const struct trees_batch *batch = trees->batch;
	int8_t bytes[TREES_COLUMNS_MAX * TREES_BLOCK] __attribute__((aligned(64)));
	int8_t stack[STACK * TREES_BLOCK] __attribute__((aligned(64)));
	uint32_t outputs[TREES_BLOCK];
	float singles[TREES_BLOCK];
	if (rows < TREES_BLOCK)
		memset(bytes, 0, batch->columns * TREES_BLOCK);
	turn_values(batch, values, features, rows, bytes, TREES_BLOCK);
	for (size_t row = 0; row < rows; row++) {
		singles[row] = (float)base;
		margins[row] = base;
	}
	for (size_t t = 0; t < trees->used; t++) {
		const struct trees_layout *tree = &batch->trees[t];
		if (tree->ops == 0) {
			find_outputs(batch, tree, bytes, outputs);
			for (size_t row = 0; row < rows; row++) {
				if (trees->single)
					singles[row] += batch->singles[outputs[row]];
				else
					margins[row] += batch->doubles[outputs[row]];
			}
			continue;
		}
		run(batch, tree, bytes, stack);
		const uint8_t *numbers = (const uint8_t *)stack;
		if (trees->single) {
			const float *table = batch->singles + tree->numbered;
			for (size_t row = 0; row < rows; row++)
				singles[row] += table[numbers[row]];
		} else {
			const double *table = batch->doubles + tree->numbered;
			for (size_t row = 0; row < rows; row++)
				margins[row] += table[numbers[row]];
		}
	}
	for (size_t row = 0; row < rows && trees->single; row++)
		margins[row] = (double)singles[row];
}

void
trees_batch_score(const struct trees *trees, double base, const double *values, size_t features,
    size_t rows, double *margins)
{
	while (rows >= FEW) {
		size_t block = rows < TREES_BLOCK ? rows : TREES_BLOCK;
		score_block(trees, base, values, features, block, margins);
		values += block * features;
		margins += block;
		rows -= block;
	}
	for (size_t row = 0; row < rows; row++)
		margins[row] = score_one(trees, base, values + row * features);
}
