/* trees_program.h: runs a tree's program over a block of rows, in vectors of WIDTH bytes. Included
 * once for each width, with
 *   WIDTH, RUN (the function's name), TARGET (its attributes), NAME(x) (x of this width), and
 *   CHOOSE(mask, left, right): right where the mask is all ones, left where it is 0.
 *
 * A complete subtree of h levels gives each row the number of its leaf below 0: -1 for the second
 * leaf, -2 for the third. A mask, 0 or -1, is such a number already. */

typedef int8_t NAME(vector) __attribute__((vector_size(WIDTH)));

static inline __attribute__((always_inline)) TARGET
NAME(vector) NAME(compare)(const struct trees_cell *cell, const int8_t *bytes)
{
	NAME(vector) bins = cell->bin - (NAME(vector)){0};
	return *(const NAME(vector) *)(bytes + (size_t)cell->column * TREES_BLOCK) > bins;
}

static inline __attribute__((always_inline)) TARGET
NAME(vector) NAME(settle2)(const struct trees_cell *cells, const int8_t *bytes)
{
	NAME(vector) left = NAME(compare)(cells + 1, bytes);
	NAME(vector) right = NAME(compare)(cells + 2, bytes) - 2;
	NAME(vector) mask = NAME(compare)(cells, bytes);
	return CHOOSE(mask, left, right);
}

static inline __attribute__((always_inline)) TARGET
NAME(vector) NAME(settle3)(const struct trees_cell *cells, const int8_t *bytes)
{
	NAME(vector) left = NAME(settle2)(cells + 1, bytes);
	NAME(vector) right = NAME(settle2)(cells + 4, bytes) - 4;
	NAME(vector) mask = NAME(compare)(cells, bytes);
	return CHOOSE(mask, left, right);
}

static inline __attribute__((always_inline)) TARGET
NAME(vector) NAME(settle4)(const struct trees_cell *cells, const int8_t *bytes)
{
	NAME(vector) left = NAME(settle3)(cells + 1, bytes);
	NAME(vector) right = NAME(settle3)(cells + 8, bytes) - 8;
	NAME(vector) mask = NAME(compare)(cells, bytes);
	return CHOOSE(mask, left, right);
}

#define EACH_VECTOR(result)                                                                        \
	for (size_t row = 0; row < TREES_BLOCK; row += WIDTH)                                      \
	*(NAME(vector) *)(to + row) = (result)

TARGET static void
RUN(const struct trees_op *ops, size_t count, const struct trees_cell *cells, const int8_t *bytes,
    int8_t *to)
{
	for (size_t i = 0; i < count; i++) {
		int8_t number = (int8_t)ops[i].number;
		switch (ops[i].levels) {
		case 0:
			EACH_VECTOR(number - (NAME(vector)){0});
			break;
		case 1:
			EACH_VECTOR(number - NAME(compare)(cells, bytes + row));
			break;
		case 2:
			EACH_VECTOR(number - NAME(settle2)(cells, bytes + row));
			break;
		case 3:
			EACH_VECTOR(number - NAME(settle3)(cells, bytes + row));
			break;
		case 4:
			EACH_VECTOR(number - NAME(settle4)(cells, bytes + row));
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

#undef EACH_VECTOR
#undef WIDTH
#undef RUN
#undef TARGET
#undef NAME
#undef CHOOSE
