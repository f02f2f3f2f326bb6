/* trees_aside.h: settles trees side by side for one row: each lane of a vector is a tree, and every
 * node of complete trees of up to TREES_ASIDE levels is asked, without a branch. Included for
 * processors that look bytes up in registers, with RUN, TARGET, NAME, MASK, BELOW, CHOOSE and COUNT
 * as in trees_program.h, and
 *   VECTOR, TABLE (the row's bytes in registers), TAKE(bytes) (a table of them) and
 *   FIND(table, columns) (the bytes of these columns). */

#define INLINE static inline __attribute__((always_inline)) TARGET

struct NAME(cell) {
	VECTOR columns, bins;
};

INLINE MASK
NAME(compare)(const struct NAME(cell) * cell, const TABLE *table)
{
	return BELOW(cell->bins, FIND(table, cell->columns));
}

#define CELL struct NAME(cell)
#define BYTES const TABLE *
#define COMPARE NAME(compare)
typedef VECTOR NAME(vector);
#include "core/model/trees_settle.h"

TARGET static void
RUN(const void *first, uint32_t levels, const int8_t *bytes, uint8_t *numbers)
{
	const struct NAME(cell) *cells = first;
	TABLE table = TAKE(bytes);
	NAME(vector) zero = {0}, *to = (NAME(vector) *)numbers;
	switch (levels) {
	case 1:
		*to = zero - NAME(settle1)(cells, &table, 0);
		break;
	case 2:
		*to = zero - NAME(settle2)(cells, &table, 0);
		break;
	case 3:
		*to = zero - NAME(settle3)(cells, &table, 0);
		break;
	case 4:
		*to = zero - NAME(settle4)(cells, &table, 0);
		break;
	case 5:
		*to = zero - NAME(settle5)(cells, &table, 0);
		break;
	default:
		*to = zero - NAME(settle6)(cells, &table, 0);
		break;
	}
}

#undef INLINE
#undef RUN
#undef TARGET
#undef NAME
#undef MASK
#undef BELOW
#undef CHOOSE
#undef COUNT
#undef TABLE
#undef TAKE
#undef FIND
