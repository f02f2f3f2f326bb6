/* trees_program.h: runs a tree's program over a block of rows, in vectors of WIDTH bytes. Included
 * once for each width, with
 *   RUN (the function's name), TARGET (its attributes), NAME(x) (x of this width),
 *   MASK (the type of an answer of yes or no for each row), BELOW(bins, bytes) (yes where the byte
 *   is below the bin), CHOOSE(mask, no, yes) and COUNT(mask, first): first - 1 where yes, else
 * first.
 *
 * A complete subtree gives each row the number of its leaf, counted from the right and below 0: 0,
 * -1, -2... Its splits stand in the order root, right subtree, left subtree. */

typedef int8_t NAME(vector) __attribute__((vector_size(WIDTH)));

#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE MASK
NAME(compare)(const struct trees_cell *cell, const int8_t *bytes)
{
	NAME(vector) bins = cell->bin - (NAME(vector)){0};
	return BELOW(bins, *(const NAME(vector) *)(bytes + (size_t)cell->column * TREES_BLOCK));
}

INLINE
NAME(vector) NAME(settle1)(const struct trees_cell *cells, const int8_t *bytes, int8_t first)
{
	return COUNT(NAME(compare)(cells, bytes), first - (NAME(vector)){0});
}

INLINE
NAME(vector) NAME(settle2)(const struct trees_cell *cells, const int8_t *bytes, int8_t first)
{
	NAME(vector) right = NAME(settle1)(cells + 1, bytes, first);
	NAME(vector) left = NAME(settle1)(cells + 2, bytes, (int8_t)(first - 2));
	return CHOOSE(NAME(compare)(cells, bytes), right, left);
}

INLINE
NAME(vector) NAME(settle3)(const struct trees_cell *cells, const int8_t *bytes, int8_t first)
{
	NAME(vector) right = NAME(settle2)(cells + 1, bytes, first);
	NAME(vector) left = NAME(settle2)(cells + 4, bytes, (int8_t)(first - 4));
	return CHOOSE(NAME(compare)(cells, bytes), right, left);
}

INLINE
NAME(vector) NAME(settle4)(const struct trees_cell *cells, const int8_t *bytes, int8_t first)
{
	NAME(vector) right = NAME(settle3)(cells + 1, bytes, first);
	NAME(vector) left = NAME(settle3)(cells + 8, bytes, (int8_t)(first - 8));
	return CHOOSE(NAME(compare)(cells, bytes), right, left);
}

#define EACH_VECTOR(result)                                                                        \
	for (size_t row = 0; row < TREES_BLOCK; row += WIDTH)                                      \
	*(NAME(vector) *)(to + row) = (result)

TARGET static void
RUN(const struct trees_op *ops, size_t count, const struct trees_cell *cells, const int8_t *bytes,
    int8_t *to)
{
	for (size_t i = 0; i < count; i++) {
		NAME(vector) number = (int8_t)ops[i].number - (NAME(vector)){0};
		switch (ops[i].levels) {
		case 0:
			EACH_VECTOR(number);
			break;
		case 1:
			EACH_VECTOR(number - NAME(settle1)(cells, bytes + row, 0));
			break;
		case 2:
			EACH_VECTOR(number - NAME(settle2)(cells, bytes + row, 0));
			break;
		case 3:
			EACH_VECTOR(number - NAME(settle3)(cells, bytes + row, 0));
			break;
		case 4:
			EACH_VECTOR(number - NAME(settle4)(cells, bytes + row, 0));
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

#undef INLINE
#undef EACH_VECTOR
#undef WIDTH
#undef RUN
#undef TARGET
#undef NAME
#undef MASK
#undef BELOW
#undef CHOOSE
#undef COUNT
