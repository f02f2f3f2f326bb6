/* trees_program.h: runs a tree's program over a block of rows, in vectors of WIDTH bytes. Included
 * once for each width, with
 *   RUN (the function's name), TARGET (its attributes), NAME(x) (x of this width),
 *   MASK (the type of an answer of yes or no for each byte),
 *   BELOW(bins, bytes): yes where the byte is below the bin,
 *   CHOOSE(mask, no, yes), and
 *   COUNT(mask, first): first - 1 where yes, else first. */

typedef int8_t NAME(vector) __attribute__((vector_size(WIDTH)));
/* Numbers of leaves go past 127: they are added without a sign. */
typedef uint8_t NAME(numbers) __attribute__((vector_size(WIDTH)));
typedef int64_t NAME(keys) __attribute__((vector_size(WIDTH)));

#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE MASK
NAME(compare)(const struct trees_cell *cell, const int8_t *bytes)
{
	NAME(vector) bins = cell->bin - (NAME(vector)){0};
	return BELOW(bins, *(const NAME(vector) *)(bytes + (size_t)cell->column * TREES_BLOCK));
}

#define VECTOR NAME(vector)
#define CELL struct trees_cell
#define BYTES const int8_t *
#define COMPARE NAME(compare)
#include "core/model/trees_settle.h"

#define EACH_VECTOR(result)                                                                        \
	for (size_t row = 0; row < rows; row += WIDTH)                                             \
	*(NAME(vector) *)(to + row) = (result)
#define EACH_NUMBER(below) EACH_VECTOR((NAME(vector))(number - (NAME(numbers))(below)))

TARGET static void
RUN(const struct trees_op *ops, size_t count, const struct trees_cell *cells, const int8_t *bytes,
    size_t rows, int8_t *restrict to)
{
	for (size_t i = 0; i < count; i++) {
		NAME(numbers) number = ops[i].number - (NAME(numbers)){0};
		switch (ops[i].levels) {
		case 0:
			EACH_VECTOR((NAME(vector))number);
			break;
		case 1:
			EACH_NUMBER(NAME(settle1)(cells, bytes + row, 0));
			break;
		case 2:
			EACH_NUMBER(NAME(settle2)(cells, bytes + row, 0));
			break;
		case 3:
			EACH_NUMBER(NAME(settle3)(cells, bytes + row, 0));
			break;
		case 4:
			EACH_NUMBER(NAME(settle4)(cells, bytes + row, 0));
			break;
		default: /* TREES_JOIN */
			to -= 2 * TREES_BLOCK;
			EACH_VECTOR(
			    CHOOSE(NAME(compare)(cells, bytes + row), *(NAME(vector) *)(to + row),
				*(NAME(vector) *)(to + row + TREES_BLOCK)));
			cells++;
			to += TREES_BLOCK;
			continue;
		}
		cells += (1 << ops[i].levels) - 1;
		to += TREES_BLOCK;
	}
}

/* How many keys of a short table each key has passed: each of them is asked about each, which is
 * what vectors do faster than a search. */
TARGET static void
NAME(ask_all)(
    const int64_t *table, size_t count, const int64_t *keys, size_t rows, int64_t *restrict passed)
{
	enum { EACH = WIDTH / sizeof(int64_t) };
	for (size_t row = 0; row < rows; row += 4 * (size_t)EACH) {
		const NAME(keys) *key = (const NAME(keys) *)(keys + row);
		NAME(keys) a = {0}, b = {0}, c = {0}, d = {0};
		for (size_t i = 0; i < count; i++) {
			NAME(keys) asked = table[i] - (NAME(keys)){0};
			a += asked > key[0];
			b += asked > key[1];
			c += asked > key[2];
			d += asked > key[3];
		}
		NAME(keys) *to = (NAME(keys) *)(passed + row);
		int64_t all = (int64_t)count;
		to[0] = a + all;
		to[1] = b + all;
		to[2] = c + all;
		to[3] = d + all;
	}
}

#undef INLINE
#undef EACH_VECTOR
#undef EACH_NUMBER
#undef WIDTH
#undef RUN
#undef TARGET
#undef NAME
#undef MASK
#undef BELOW
#undef CHOOSE
#undef COUNT
