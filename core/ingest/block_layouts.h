/* block_layouts.h: where the digits of a short number stand, by its length and how many of its
 * bytes stand before its point. Part of block_join.h.
 *
 * For each: which bytes a shuffle puts to the right of eight, without the point; what to divide
 * them by then; and how much they come to at least, for 0 begins no number but 0, and where there
 * is no digit before the point or behind it, there is no number. */
struct block_layout {
	char from[16];
	double tens;
	uint64_t least;
};

/* clang-format off */
#define DIGITS(l, w) ((l) - ((w) < (l)))
#define PLACE(l, w, i) ((i) - 8 + DIGITS(l, w))
#define FROM(l, w, i) PLACE(l, w, i) < 0 ? -1 : PLACE(l, w, i) + (PLACE(l, w, i) >= (w))
#define TENS(n) ((n) < 1 ? 1 : (n) < 2 ? 10 : (n) < 3 ? 100 : (n) < 4 ? 1000 : (n) < 5 ? 10000 \
	: (n) < 6 ? 100000 : 1000000)
#define IS_NUMBER(l, w) ((w) > 0 && (w) <= (l) && (w) != (l) - 1)
#define LEAST(l, w) (!IS_NUMBER(l, w) ? UINT64_MAX : (w) > 1 ? TENS(DIGITS(l, w) - 1) : 0)
#define LAYOUT(l, w) {{FROM(l, w, 0), FROM(l, w, 1), FROM(l, w, 2), FROM(l, w, 3), FROM(l, w, 4), \
	FROM(l, w, 5), FROM(l, w, 6), FROM(l, w, 7)}, TENS((l) - (w) - 1), LEAST(l, w)}
#define LAYOUTS(l) {LAYOUT(l, 0), LAYOUT(l, 1), LAYOUT(l, 2), LAYOUT(l, 3), LAYOUT(l, 4), \
	LAYOUT(l, 5), LAYOUT(l, 6), LAYOUT(l, 7)}
/* clang-format on */

static const struct block_layout block_layouts[8][8] = {
    LAYOUTS(0), LAYOUTS(1), LAYOUTS(2), LAYOUTS(3), LAYOUTS(4), LAYOUTS(5), LAYOUTS(6), LAYOUTS(7)};
