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
#define SETTLED(levels)                                                                            \
	case levels:                                                                               \
		EACH_NUMBER(NAME(settle##levels)(cells, bytes + row, 0));                          \
		break

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
			SETTLED(1);
			SETTLED(2);
			SETTLED(3);
			SETTLED(4);
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

#include "core/model/trees_ask.h"

#undef INLINE
#undef EACH_VECTOR
#undef EACH_NUMBER
#undef SETTLED
#undef WIDTH
#undef RUN
#undef TARGET
#undef NAME
#undef MASK
#undef BELOW
#undef CHOOSE
#undef COUNT
