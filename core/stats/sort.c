/* sort.c: a radix sort from the least digit up, of digits of 10 bits (more would not fit the first
 * level of the cache and of the page table), on the bit pattern of a double made to sort as an
 * integer: a positive number gets its sign bit set, a negative one all bits turned.
 *
 * Only the bits that differ anywhere between two values count. Of those the upper digits are
 * sorted, as many as tell most of n values apart, and insertion finishes the few that are still out
 * of place, unless they are many: then all digits are sorted. */
#include "core/stats/sort.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/base/mem.h"

#define DIGIT_BITS 10
#define BUCKETS (1 << DIGIT_BITS)
#define DIGITS_MAX 7
#define DIGITS_LEAST 3
#define MANTISSA_BITS 52
#define HUGE_PAGE ((size_t)2 << 20)
#define INSERT_BELOW 128
#define MOVES_A_VALUE 4 /* before insertion gives up */

/* A row is a value and, where they are there, its label or its number. */
struct rows {
	double *values;
	int8_t *labels;
	uint32_t *numbers;
};

static inline uint64_t
key_of(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	return bits ^ ((uint64_t)((int64_t)bits >> 63) | (uint64_t)1 << 63);
}

static inline unsigned
digit_of(double value, unsigned shift)
{
	return (unsigned)(key_of(value) >> shift) & (BUCKETS - 1);
}

static bool
is_sorted(const double *values, size_t n)
{
	size_t i = 1;
	while (i < n && values[i - 1] <= values[i])
		i++;
	return i >= n;
}

/* Copies what is from row `first` on; the two may be the same. */
static void
copy_rows(struct rows from, struct rows to, size_t first, size_t n)
{
	memmove(to.values + first, from.values + first, (n - first) * sizeof(*to.values));
	if (to.labels != NULL)
		memmove(to.labels + first, from.labels + first, n - first);
	if (to.numbers != NULL)
		memmove(
		    to.numbers + first, from.numbers + first, (n - first) * sizeof(*to.numbers));
}

/* Puts rows of `from` into `to`, which may be the same, in order. Gives up (false) after `moves`
 * steps of a row; `to` then holds all rows, in some order. */
static bool
insert_rows(struct rows from, struct rows to, size_t n, size_t moves)
{
	for (size_t i = 0; i < n; i++) {
		double value = from.values[i];
		int8_t label = from.labels != NULL ? from.labels[i] : 0;
		uint32_t number = from.numbers != NULL ? from.numbers[i] : 0;
		size_t at = i;
		for (; at > 0 && to.values[at - 1] > value && moves > 0; at--, moves--) {
			to.values[at] = to.values[at - 1];
			if (to.labels != NULL)
				to.labels[at] = to.labels[at - 1];
			if (to.numbers != NULL)
				to.numbers[at] = to.numbers[at - 1];
		}
		to.values[at] = value;
		if (to.labels != NULL)
			to.labels[at] = label;
		if (to.numbers != NULL)
			to.numbers[at] = number;
		if (moves == 0) {
			copy_rows(from, to, i + 1, n);
			return false;
		}
	}
	return true;
}

/* Turns the counts of a digit into where its rows begin. False if all rows have the same digit. */
static bool
place_buckets(size_t *counts, size_t n)
{
	size_t sum = 0;
	for (unsigned i = 0; i < BUCKETS; i++) {
		size_t count = counts[i];
		if (count == n)
			return false;
		counts[i] = sum;
		sum += count;
	}
	return true;
}

static void
scatter(struct rows from, struct rows to, size_t n, unsigned shift, size_t *places)
{
	if (from.labels == NULL && from.numbers == NULL) {
		for (size_t i = 0; i < n; i++) {
			double value = from.values[i];
			to.values[places[digit_of(value, shift)]++] = value;
		}
		return;
	}
	if (from.numbers != NULL) {
		for (size_t i = 0; i < n; i++) {
			double value = from.values[i];
			size_t place = places[digit_of(value, shift)]++;
			to.values[place] = value;
			to.numbers[place] = from.numbers[i];
		}
		return;
	}
	for (size_t i = 0; i < n; i++) {
		double value = from.values[i];
		size_t place = places[digit_of(value, shift)]++;
		to.values[place] = value;
		to.labels[place] = from.labels[i];
	}
}

/* Sorts by `digits` digits from bit `shift` on. The result is in `rows`, the other is `spare`. */
static void
sort_digits(struct rows *rows, struct rows *spare, size_t n, unsigned shift, unsigned digits)
{
	size_t counts[DIGITS_MAX][BUCKETS];
	memset(counts, 0, digits * sizeof(counts[0]));
	for (size_t i = 0; i < n; i++) {
		uint64_t key = key_of(rows->values[i]) >> shift;
		for (unsigned d = 0; d < digits; d++, key >>= DIGIT_BITS)
			counts[d][key & (BUCKETS - 1)]++;
	}
	for (unsigned d = 0; d < digits; d++) {
		if (!place_buckets(counts[d], n))
			continue;
		scatter(*rows, *spare, n, shift + d * DIGIT_BITS, counts[d]);
		struct rows sorted = *spare;
		*spare = *rows;
		*rows = sorted;
	}
}

static uint64_t
differing_bits(const double *values, size_t n)
{
	uint64_t first = key_of(values[0]), bits = 0;
	for (size_t i = 1; i < n; i++)
		bits |= key_of(values[i]) ^ first;
	return bits;
}

/* How many digits from bit `top` down tell most of n values apart: those of sign and exponent, and
 * of the mantissa about as many bits as there are values of one exponent, a quarter of all. */
static unsigned
digits_wanted(size_t n, unsigned top)
{
	unsigned bits = top > MANTISSA_BITS ? top - MANTISSA_BITS : 0;
	bits += 64 - (unsigned)__builtin_clzll(n) - 2;
	unsigned digits = (bits + DIGIT_BITS - 1) / DIGIT_BITS;
	return digits < DIGITS_LEAST ? DIGITS_LEAST : digits;
}

/* Sorts `given` with the help of `scratch`, from bit `low` up to bit `top`. */
static void
sort_bits(struct rows given, struct rows scratch, size_t n, unsigned low, unsigned top)
{
	unsigned digits = (top - low + DIGIT_BITS - 1) / DIGIT_BITS;
	struct rows rows = given, spare = scratch;
	unsigned wanted = digits_wanted(n, top);
	if (digits > wanted) {
		sort_digits(&rows, &spare, n, top - wanted * DIGIT_BITS, wanted);
		if (insert_rows(rows, given, n, MOVES_A_VALUE * n))
			return;
		rows = given;
		spare = scratch;
	}
	sort_digits(&rows, &spare, n, low, digits);
	if (rows.values != given.values)
		copy_rows(rows, given, 0, n);
}

/* Room for n numbers. A third of the time would go into faults of small pages. */
static double *
new_scratch(size_t n)
{
	size_t size = n * sizeof(double);
	void *memory;
	if (size < HUGE_PAGE || posix_memalign(&memory, HUGE_PAGE, size) != 0)
		return mem_grow(NULL, n, sizeof(double));
#ifdef MADV_HUGEPAGE
	madvise(memory, size, MADV_HUGEPAGE);
#endif
	return memory;
}

static void
sort_rows(struct rows given, size_t n)
{
	if (n < 2 || is_sorted(given.values, n))
		return;
	if (n < INSERT_BELOW) {
		insert_rows(given, given, n, n * n);
		return;
	}
	/* Not sorted, hence not all alike. */
	uint64_t bits = differing_bits(given.values, n);
	struct rows scratch = {.values = new_scratch(n)};
	if (given.labels != NULL)
		scratch.labels = mem_grow(NULL, n, sizeof(*scratch.labels));
	if (given.numbers != NULL)
		scratch.numbers = mem_grow(NULL, n, sizeof(*scratch.numbers));
	sort_bits(given, scratch, n, (unsigned)__builtin_ctzll(bits),
	    64 - (unsigned)__builtin_clzll(bits));
	free(scratch.values);
	free(scratch.labels);
	free(scratch.numbers);
}

void
sort_doubles(double *values, size_t n)
{
	sort_rows((struct rows){.values = values}, n);
}

void
sort_labelled(double *scores, int8_t *labels, size_t n)
{
	sort_rows((struct rows){.values = scores, .labels = labels}, n);
}

void
sort_numbered(double *values, uint32_t *numbers, size_t n)
{
	sort_rows((struct rows){.values = values, .numbers = numbers}, n);
}

double
sort_quantile(const double *sorted, size_t n, double q)
{
	if (n == 0 || !(q >= 0 && q <= 1))
		return NAN;
	double rank = (double)(n - 1) * q;
	size_t below = (size_t)rank;
	if (below >= n - 1)
		return sorted[n - 1];
	double t = rank - (double)below, a = sorted[below], b = sorted[below + 1];
	if (t == 0 || a == b)
		return a;
	/* The difference of two huge numbers overflows where their weighted sum does not. */
	if (!isfinite(b - a))
		return isinf(a) ? a : a * (1 - t) + b * t;
	return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}
