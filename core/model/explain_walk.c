/* explain_walk.c: the walks down and up one tree, for one row with the points side by side, and for
 * EXPLAIN_LANES rows side by side.
 *
 * Both do the same arithmetic in the same order for every number of a row, and none of it depends
 * on how wide the processor's vectors are, so that a row has the same contributions, bit for bit,
 * alone and among others and on every processor. Splits are gone through by their numbers, not
 * along the branches: there is nothing to mispredict.
 *
 * The method. For one tree, phi_i is the sum over its leaves of what feature i gives to "the leaf's
 * value v, times a factor for each feature j of its path": o_j if the feature is known (1 if the
 * row takes all of j's edges there, else 0), z_j (the share of the training data that takes them)
 * if not. With the Shapley weights as a Beta integral,
 *     |S|! (m-1-|S|)! / m! = integral over t from 0 to 1 of t^|S| (1-t)^(m-1-|S|),
 * the sum over subsets S becomes a product:
 *     phi_i = v * integral of (o_i - z_i) * product over j != i of (o_j t + z_j (1-t)),
 * a polynomial in t of a degree below m, the number of features on the path, which Gauss-Legendre
 * with m/2 points, rounded up, integrates exactly. Nothing is subtracted but o - z, so it is stable
 * at any depth.
 *
 * At a point t, going down, P is the product of the factors of the path; S is, going up, the sum of
 * the leaves times the factors below. A split on a feature whose earlier edges on the path have
 * o' and z' replaces f' = o' t + z' (1-t) by its new factor; for o' = 1 its left edge multiplies by
 *     r = turn o + z (1 - turn),  turn = t / (t + z' (1-t))
 * and the right one by 1 - r; for o' = 0 by z and 1 - z. So S = r S_left + (1-r) S_right, and what
 * the split adds to phi of its feature is
 *     o' (o - z) * sum over t of gain P (S_left - S_right),  gain = w z' / (t + z' (1-t))^2,
 * w being the point's weight; z' = 1 where the feature comes first. One walk down and one up give
 * all features. The points are taken POINTS at a time. */
#include <math.h>
#include <string.h>

#include "core/model/explain_walk.h"

typedef double points4 __attribute__((vector_size(32)));
typedef int64_t points4_mask __attribute__((vector_size(32)));
typedef double lanes8 __attribute__((vector_size(64)));
typedef int64_t lanes8_mask __attribute__((vector_size(64)));

#define INLINE static inline __attribute__((always_inline))
/* A number in every element. */
#define EVERY(type, number) ((number) - (type){0})
/* The value where the mask is set, else 0; and the first where it is set, else the second. */
#define KEEP(type, mask, value) ((type)((mask) & (type##_mask)(value)))
#define PICK(type, mask, value, other)                                                             \
	((type)(((mask) & (type##_mask)(value)) | (~(mask) & (type##_mask)(other))))

/* Whether the row goes left. */
INLINE int
ask(const struct explain_pass *pass, const struct explain_split *split, const double *row)
{
	if ((split->how & EXPLAIN_ASK) != 0) {
		const struct trees_node *node = &pass->trees->nodes[split->node];
		return trees_next(pass->trees, node, row) == node->child;
	}
	double x = row[split->feature];
	return (x < split->threshold) | ((x != x) & (int)split->how);
}

/* --- one row --- */
INLINE void
row_down(const struct explain_pass *pass, const double *row)
{
	static const points4_mask masks[2] = {{0}, {-1, -1, -1, -1}};
	points4 *ways = __builtin_assume_aligned(pass->ways, sizeof(points4));
	int64_t *taken = pass->taken;
	taken[0] = 1;
	ways[1] = EVERY(points4, 1.0);
	for (size_t i = 1; i <= pass->count; i++) {
		const struct explain_split *split = &pass->splits[i];
		const struct explain_factors *factors = &pass->factors[i];
		int64_t left = ask(pass, split, row), all = taken[split->taken];
		taken[2 * i] = all & left;
		taken[2 * i + 1] = all & ~left;
		const points4 *turn = (const points4 *)(const void *)factors->turn;
		points4 to_left = *(const points4 *)(const void *)factors->left +
				  KEEP(points4, masks[left], *turn);
		points4 to_right = *(const points4 *)(const void *)factors->right +
				   KEEP(points4, ~masks[left], *turn);
		to_left = PICK(points4, masks[all], to_left, EVERY(points4, split->share));
		to_right = PICK(points4, masks[all], to_right, EVERY(points4, 1 - split->share));
		ways[split->child[0]] = ways[i] * to_left;
		ways[split->child[1]] = ways[i] * to_right;
	}
}

INLINE void
row_up(const struct explain_pass *pass, double *contributions)
{
	static const points4_mask masks[2] = {{0}, {-1, -1, -1, -1}};
	points4 *ways = __builtin_assume_aligned(pass->ways, sizeof(points4));
	ways[0] = (points4){0};
	for (size_t i = pass->count; i > 0; i--) {
		const struct explain_split *split = &pass->splits[i];
		const struct explain_factors *factors = &pass->factors[i];
		int64_t left = pass->taken[2 * i], all = left | pass->taken[2 * i + 1];
		points4 to_left =
		    *(const points4 *)(const void *)factors->left +
		    KEEP(points4, masks[left], *(const points4 *)(const void *)factors->turn);
		to_left = PICK(points4, masks[all], to_left, EVERY(points4, split->share));
		points4 below = ways[split->child[1]] + split->leaf[1];
		points4 apart = ways[split->child[0]] + split->leaf[0] - below;
		points4 terms = ways[i] * *(const points4 *)(const void *)factors->gain * apart;
		ways[i] = below + to_left * apart;
		double sum = (terms[0] + terms[2]) + (terms[1] + terms[3]);
		double known = all != 0 ? (double)left - split->share : 0;
		contributions[split->feature] += known * sum;
	}
}

/* --- several rows --- */
/* What cannot be compared lane by lane. */
static void
ask_lanes(const struct explain_pass *pass, const struct explain_split *split,
    const double *const rows[EXPLAIN_LANES], int64_t left[EXPLAIN_LANES])
{
	for (size_t lane = 0; lane < EXPLAIN_LANES; lane++)
		left[lane] = -ask(pass, split, rows[lane]);
}

INLINE void
lanes_down(const struct explain_pass *pass, const double *columns,
    const double *const rows[EXPLAIN_LANES], unsigned points)
{
	lanes8 *ways = __builtin_assume_aligned(pass->ways, sizeof(lanes8));
	lanes8_mask *taken = __builtin_assume_aligned(pass->taken, sizeof(lanes8_mask));
	const lanes8 *values = __builtin_assume_aligned(columns, sizeof(lanes8));
	taken[0] = ~(lanes8_mask){0};
	for (unsigned q = 0; q < points; q++)
		ways[points + q] = EVERY(lanes8, 1.0);
	for (size_t i = 1; i <= pass->count; i++) {
		const struct explain_split *split = &pass->splits[i];
		const struct explain_factors *factors = &pass->factors[i];
		lanes8_mask left, all = taken[split->taken];
		if ((split->how & EXPLAIN_ASK) != 0)
			ask_lanes(pass, split, rows, (int64_t *)&left);
		else if ((split->how & EXPLAIN_MISSING_LEFT) != 0)
			left = ~(lanes8_mask)(values[split->feature] >= split->threshold);
		else
			left = (lanes8_mask)(values[split->feature] < split->threshold);
		taken[2 * i] = all & left;
		taken[2 * i + 1] = all & ~left;
		if ((split->child[0] | split->child[1]) == 0)
			continue;
		for (unsigned q = 0; q < points; q++) {
			lanes8 turn = EVERY(lanes8, factors->turn[q]);
			lanes8 to_left = factors->left[q] + KEEP(lanes8, left, turn);
			lanes8 to_right = factors->right[q] + KEEP(lanes8, ~left, turn);
			if (split->taken != 0) {
				to_left = PICK(lanes8, all, to_left, EVERY(lanes8, split->share));
				to_right =
				    PICK(lanes8, all, to_right, EVERY(lanes8, 1 - split->share));
			}
			lanes8 way = ways[i * points + q];
			ways[split->child[0] * points + q] = way * to_left;
			ways[split->child[1] * points + q] = way * to_right;
		}
	}
}

INLINE void
lanes_up(const struct explain_pass *pass, double *contributions, unsigned points)
{
	lanes8 *ways = __builtin_assume_aligned(pass->ways, sizeof(lanes8));
	lanes8_mask *taken = __builtin_assume_aligned(pass->taken, sizeof(lanes8_mask));
	lanes8 *sums = __builtin_assume_aligned(contributions, sizeof(lanes8));
	for (unsigned q = 0; q < points; q++)
		ways[q] = (lanes8){0};
	for (size_t i = pass->count; i > 0; i--) {
		const struct explain_split *split = &pass->splits[i];
		const struct explain_factors *factors = &pass->factors[i];
		lanes8_mask left = taken[2 * i], all = left | taken[2 * i + 1];
		lanes8 terms[EXPLAIN_POINTS] = {{0}};
		for (unsigned q = 0; q < points; q++) {
			lanes8 to_left =
			    factors->left[q] + KEEP(lanes8, left, EVERY(lanes8, factors->turn[q]));
			if (split->taken != 0)
				to_left = PICK(lanes8, all, to_left, EVERY(lanes8, split->share));
			lanes8 below = ways[split->child[1] * points + q] + split->leaf[1];
			lanes8 apart = ways[split->child[0] * points + q] + split->leaf[0] - below;
			terms[q] = ways[i * points + q] * factors->gain[q] * apart;
			ways[i * points + q] = below + to_left * apart;
		}
		lanes8 sum = points == 4   ? (terms[0] + terms[2]) + (terms[1] + terms[3])
			     : points == 3 ? (terms[0] + terms[2]) + terms[1]
			     : points == 2 ? terms[0] + terms[1]
					   : terms[0];
		lanes8 known = KEEP(lanes8, left, EVERY(lanes8, 1.0)) - split->share;
		if (split->taken != 0)
			known = KEEP(lanes8, all, known);
		sums[split->feature] += known * sum;
	}
}

/* --- for each kind of processor --- */
#define WALKS(kind, ...)                                                                           \
	__VA_ARGS__ static void row_##kind(                                                        \
	    const struct explain_pass *pass, const double *row, double *contributions)             \
	{                                                                                          \
		row_down(pass, row);                                                               \
		row_up(pass, contributions);                                                       \
	}                                                                                          \
	__VA_ARGS__ static void lanes_##kind(const struct explain_pass *pass,                      \
	    const double *columns, const double *const rows[EXPLAIN_LANES], double *contributions) \
	{                                                                                          \
		switch (pass->points) {                                                            \
		case 1:                                                                            \
			lanes_down(pass, columns, rows, 1);                                        \
			lanes_up(pass, contributions, 1);                                          \
			break;                                                                     \
		case 2:                                                                            \
			lanes_down(pass, columns, rows, 2);                                        \
			lanes_up(pass, contributions, 2);                                          \
			break;                                                                     \
		case 3:                                                                            \
			lanes_down(pass, columns, rows, 3);                                        \
			lanes_up(pass, contributions, 3);                                          \
			break;                                                                     \
		default:                                                                           \
			lanes_down(pass, columns, rows, 4);                                        \
			lanes_up(pass, contributions, 4);                                          \
		}                                                                                  \
	}                                                                                          \
	static const struct explain_walks walks_##kind = {#kind, row_##kind, lanes_##kind};

WALKS(plain, )
#ifdef __x86_64__
WALKS(avx2, __attribute__((target("avx2"))))
WALKS(avx512, __attribute__((target("avx512f,avx512dq,avx512vl"))))
#endif

const struct explain_walks *
explain_walks_find(size_t nth)
{
	const struct explain_walks *able[3];
	size_t count = 0;
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		able[count++] = &walks_avx512;
	if (__builtin_cpu_supports("avx2"))
		able[count++] = &walks_avx2;
#endif
	able[count++] = &walks_plain;
	return nth < count ? able[nth] : NULL;
}
