/* adwin.c: ADWIN (A. Bifet, R. Gavalda: Learning from time-changing data with adaptive windowing,
 * SDM 2007), to the number as river computes it.
 *
 * Row i holds buckets of 2^i values, the oldest first, each with its sum and its sum of squared
 * distances from its mean. A row of max_buckets + 1 gives its two oldest to the next row as one, so
 * that an add costs O(1) over time and the memory does not depend on the traffic. At every `clock`
 * values each border between buckets is tried, the oldest first, L = min_window, W the width:
 *   d = ln(2 ln(W) / delta), m = 1 / (n0 - L + 1) + 1 / (n1 - L + 1), s = V / W,
 *   epsilon = sqrt(2 m s d) + 2/3 d m, and a cut where |mean0 - mean1| > epsilon:
 * then the oldest bucket goes, and all is tried again until there is no cut. */
#include "core/stats/adwin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

enum { SOME = 32 }; /* values taken at a time */

struct bucket {
	double total, variance;
};

struct row { /* a ring */
	struct bucket *buckets; /* room for max_buckets + 1; NULL until the row is needed */
	unsigned first, count;
};

struct adwin {
	struct adwin_options options;
	uint64_t width, tick;
	double total, variance; /* of the whole window; variance is a sum, not yet divided */
	double before, after;
	unsigned rows; /* in use */
	bool detected; /* at the newest value */
	struct row row[ADWIN_ROWS];
};

struct adwin_options
adwin_defaults(void)
{
	return (struct adwin_options){
	    .delta = 0.002, .clock = 32, .max_buckets = 5, .min_window = 5, .grace = 10};
}

struct adwin *
adwin_new(const struct adwin_options *options)
{
	struct adwin *adwin = mem_alloc(sizeof(*adwin));
	adwin->options = *options;
	if (adwin->options.clock == 0)
		adwin->options.clock = 1;
	if (adwin->options.max_buckets < 2)
		adwin->options.max_buckets = 2;
	if (adwin->options.max_buckets > ADWIN_BUCKETS - 1)
		adwin->options.max_buckets = ADWIN_BUCKETS - 1;
	if (adwin->options.min_window == 0)
		adwin->options.min_window = 1;
	adwin->before = adwin->after = NAN;
	return adwin;
}

void
adwin_free(struct adwin *adwin)
{
	if (adwin == NULL)
		return;
	for (unsigned i = 0; i < ADWIN_ROWS; i++)
		free(adwin->row[i].buckets);
	free(adwin);
}

/* The rows keep their memory, so that nothing is allocated after a warm-up. */
static void
begin_anew(struct adwin *adwin)
{
	for (unsigned i = 0; i < adwin->rows; i++)
		adwin->row[i].count = 0;
	adwin->rows = 0;
	adwin->width = adwin->tick = 0;
	adwin->total = adwin->variance = 0;
}

static struct bucket *
bucket_at(const struct adwin *adwin, const struct row *row, unsigned k)
{
	unsigned room = adwin->options.max_buckets + 1, slot = row->first + k;
	return &row->buckets[slot < room ? slot : slot - room];
}

static struct bucket
take_oldest(const struct adwin *adwin, struct row *row)
{
	struct bucket oldest = *bucket_at(adwin, row, 0);
	row->first = row->first < adwin->options.max_buckets ? row->first + 1 : 0;
	row->count--;
	return oldest;
}

static void
put(struct adwin *adwin, unsigned index, struct bucket bucket)
{
	struct row *row = &adwin->row[index];
	if (row->buckets == NULL)
		row->buckets =
		    mem_grow(NULL, adwin->options.max_buckets + 1, sizeof(*row->buckets));
	if (index >= adwin->rows)
		adwin->rows = index + 1;
	*bucket_at(adwin, row, row->count++) = bucket;
}

static void
drop_oldest(struct adwin *adwin)
{
	struct row *row = &adwin->row[adwin->rows - 1];
	double n = (double)(UINT64_C(1) << (adwin->rows - 1));
	struct bucket oldest = take_oldest(adwin, row);
	adwin->width -= UINT64_C(1) << (adwin->rows - 1);
	adwin->total -= oldest.total;
	double rest = (double)adwin->width;
	double gap = rest > 0 ? oldest.total / n - adwin->total / rest : 0;
	adwin->variance -= oldest.variance + n * rest * gap * gap / (n + rest);
	while (adwin->rows > 0 && adwin->row[adwin->rows - 1].count == 0)
		adwin->rows--;
}

/* Two neighbours of a row. n and 1 / n are powers of two: to multiply by one is to divide by the
 * other. */
static struct bucket
merged(const struct bucket *a, const struct bucket *b, unsigned row)
{
	double n = (double)(UINT64_C(1) << row), share = 1 / n;
	double gap = a->total * share - b->total * share;
	return (struct bucket){
	    a->total + b->total, a->variance + b->variance + n * n * gap * gap * (share / 2)};
}

static void
merge_full_rows(struct adwin *adwin)
{
	for (unsigned i = 0; i < ADWIN_ROWS; i++) {
		struct row *row = &adwin->row[i];
		if (row->count <= adwin->options.max_buckets)
			return;
		if (i + 1 == ADWIN_ROWS) { /* 2^40 values: the oldest are forgotten */
			drop_oldest(adwin);
			return;
		}
		struct bucket a = take_oldest(adwin, row), b = take_oldest(adwin, row);
		put(adwin, i + 1, merged(&a, &b, i));
	}
}

static void
add_up(struct adwin *adwin, double value)
{
	if (++adwin->width > 1) {
		double old = (double)(adwin->width - 1), gap = value - adwin->total / old;
		adwin->variance += old * gap * gap / (double)adwin->width;
	}
	adwin->total += value;
}

/* Puts n buckets behind those of a row, and the pairs that it has too many of, each as one, into
 * `list` for the next row; returns how many. As if they had come one by one: a row gives away its
 * oldest pair whenever it has one bucket too many. */
static size_t
put_many(struct adwin *adwin, unsigned index, struct bucket *list, size_t n)
{
	struct bucket all[ADWIN_BUCKETS + SOME];
	struct row *row = &adwin->row[index];
	size_t count = 0, most = adwin->options.max_buckets;
	for (; count < row->count; count++)
		all[count] = *bucket_at(adwin, row, (unsigned)count);
	memcpy(all + count, list, n * sizeof(*list));
	count += n;
	size_t pairs = count > most ? (count - most + 1) / 2 : 0;
	for (size_t i = 0; i < pairs; i++)
		list[i] = merged(&all[2 * i], &all[2 * i + 1], index);
	row->first = row->count = 0;
	for (size_t i = 2 * pairs; i < count; i++)
		put(adwin, index, all[i]);
	return pairs;
}

static void
insert(struct adwin *adwin, const double *values, size_t n)
{
	struct bucket list[SOME];
	for (size_t i = 0; i < n; i++) {
		add_up(adwin, values[i]);
		list[i] = (struct bucket){values[i], 0};
	}
	for (unsigned i = 0; n > 0; i++)
		n = put_many(adwin, i, list, n);
}

static void
insert_one(struct adwin *adwin, double value)
{
	add_up(adwin, value);
	put(adwin, 0, (struct bucket){value, 0});
	merge_full_rows(adwin);
}

/* What the borders of one window have in common. */
struct cut {
	double d, spread; /* ln(2 ln(W) / delta), 2 V / W * d */
	double least; /* min_window */
};

static struct cut
cut_of(const struct adwin *adwin)
{
	double width = (double)adwin->width;
	double d = log(2 * log(width) / adwin->options.delta);
	double variance = fmax(adwin->variance / width, 0); /* rounding may leave it below 0 */
	return (struct cut){d, 2 * variance * d, adwin->options.min_window};
}

static double
epsilon(const struct cut *cut, double n0, double n1)
{
	double m = 1 / (n0 - cut->least + 1) + 1 / (n1 - cut->least + 1);
	return sqrt(cut->spread * m) + 2.0 / 3 * cut->d * m;
}

/* Is the gap certainly not above the square root in epsilon? Most borders are done with by this,
 * which takes no division and no root: |mean0 - mean1| n0 n1, with more than its rounding error,
 * against sqrt(spread m) n0 n1, both squared and times 1 / m, taken a hair too small. */
static bool
is_no_cut(const struct cut *cut, double n0, double n1, double u0, double u1)
{
	double a = n0 - cut->least + 1, b = n1 - cut->least + 1;
	double left = u0 * n1, right = u1 * n0, both = n0 * n1;
	double gap = fabs(left - right) + 1e-14 * (fabs(left) + fabs(right));
	return gap * gap * (a * b) <= cut->spread * (a + b) * (both * both) * (1 - 1e-9);
}

/* Looks for a cut, the oldest border first. */
static bool
find_cut(struct adwin *adwin)
{
	struct cut cut = cut_of(adwin);
	double n0 = 0, n1 = (double)adwin->width, u0 = 0, u1 = adwin->total;
	for (unsigned i = adwin->rows; i-- > 0;) {
		const struct row *row = &adwin->row[i];
		double n = (double)(UINT64_C(1) << i);
		unsigned tried = row->count - (adwin->options.legacy_scan && row->count > 0);
		for (unsigned k = 0; k < tried; k++) {
			double total = bucket_at(adwin, row, k)->total;
			n0 += n;
			n1 -= n;
			u0 += total;
			u1 -= total;
			if (n0 < cut.least || n1 < cut.least || n1 < 1 ||
			    is_no_cut(&cut, n0, n1, u0, u1))
				continue;
			double before = u0 / n0, after = u1 / n1;
			if (!(fabs(before - after) > epsilon(&cut, n0, n1)))
				continue;
			adwin->before = before;
			adwin->after = after;
			return true;
		}
	}
	return false;
}

bool
adwin_add_some(struct adwin *adwin, const double *values, size_t n, size_t *taken)
{
	const struct adwin_options *options = &adwin->options;
	if (adwin->detected && !options->keep)
		begin_anew(adwin);
	adwin->detected = false;
	size_t until = options->clock - (size_t)(adwin->tick % options->clock);
	n = n < until ? n : until;
	n = n < SOME ? n : SOME;
	if (n == 1 || adwin->rows + 1 >= ADWIN_ROWS) { /* its last row may have to forget */
		n = 1;
		insert_one(adwin, values[0]);
	} else {
		insert(adwin, values, n);
	}
	*taken = n;
	adwin->tick += n;
	if (adwin->tick % options->clock != 0 || adwin->width <= options->grace)
		return false;
	while (adwin->width > 1 && find_cut(adwin)) {
		adwin->detected = true;
		drop_oldest(adwin);
	}
	return adwin->detected;
}

bool
adwin_add(struct adwin *adwin, double value)
{
	size_t taken;
	return isfinite(value) && adwin_add_some(adwin, &value, 1, &taken);
}

uint64_t
adwin_width(const struct adwin *adwin)
{
	return adwin->width;
}

size_t
adwin_bytes(const struct adwin *adwin)
{
	size_t rows = 0;
	for (unsigned i = 0; i < ADWIN_ROWS; i++)
		rows += adwin->row[i].buckets != NULL;
	return sizeof(*adwin) + rows * (adwin->options.max_buckets + 1) * sizeof(struct bucket);
}

double
adwin_mean(const struct adwin *adwin)
{
	return adwin->width > 0 ? adwin->total / (double)adwin->width : NAN;
}

double
adwin_variance(const struct adwin *adwin)
{
	return adwin->width > 0 ? fmax(adwin->variance / (double)adwin->width, 0) : NAN;
}

void
adwin_last(const struct adwin *adwin, double *before, double *after)
{
	*before = adwin->before;
	*after = adwin->after;
}

enum change_direction
adwin_direction(const struct adwin *adwin)
{
	if (isnan(adwin->before))
		return CHANGE_NONE;
	return adwin->after > adwin->before ? CHANGE_UP : CHANGE_DOWN;
}

double
adwin_smallest_change(const struct adwin *adwin)
{
	double half = (double)(adwin->width / 2);
	if (adwin->width <= adwin->options.grace || half < adwin->options.min_window ||
	    adwin->width < 2)
		return NAN;
	struct cut cut = cut_of(adwin);
	return epsilon(&cut, (double)adwin->width - half, half);
}

void
adwin_save(const struct adwin *adwin, struct buf *pack)
{
	pack_varint(pack, adwin->rows);
	for (unsigned i = 0; i < adwin->rows; i++) {
		const struct row *row = &adwin->row[i];
		pack_varint(pack, row->count);
		for (unsigned k = 0; k < row->count; k++) {
			const struct bucket *bucket = bucket_at(adwin, row, k);
			pack_f64(pack, bucket->total);
			pack_f64(pack, bucket->variance);
		}
	}
	pack_varint(pack, adwin->tick);
	pack_f64(pack, adwin->total);
	pack_f64(pack, adwin->variance);
	pack_f64(pack, adwin->before);
	pack_f64(pack, adwin->after);
	pack_varint(pack, adwin->detected);
}

/* The width is the sum of the buckets': it is not kept. */
void
adwin_load(struct adwin *adwin, struct unpack *unpack)
{
	unsigned rows = (unsigned)unpack_varint(unpack, ADWIN_ROWS);
	for (unsigned i = 0; i < rows && !unpack->failed; i++) {
		unsigned count = (unsigned)unpack_varint(unpack, adwin->options.max_buckets);
		for (unsigned k = 0; k < count && !unpack->failed; k++) {
			struct bucket bucket = {.total = unpack_f64(unpack)};
			bucket.variance = unpack_f64(unpack);
			put(adwin, i, bucket);
			adwin->width += UINT64_C(1) << i;
		}
		if (i + 1 == rows && count == 0)
			unpack_fail(unpack); /* the last row is never an empty one */
	}
	adwin->tick = unpack_varint(unpack, UINT64_MAX);
	adwin->total = unpack_f64(unpack);
	adwin->variance = unpack_f64(unpack);
	adwin->before = unpack_f64(unpack);
	adwin->after = unpack_f64(unpack);
	adwin->detected = unpack_flag(unpack);
}
