/* tdigest.c: the merging t-digest. Two neighbours become one while their weight is at most
 * n q (1 - q) Z / c, Z = 4 ln(n / c) + 24, at both ends of what they cover (scale function k_2).
 * c is three times the compression, since there is room: at most some 3 centroids a compression.
 * Between centroids of weight 1 nothing is interpolated: their values are known. */
#include "core/stats/tdigest.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/mem.h"

void
tdigest_init(struct tdigest *digest, double compression)
{
	*digest = (struct tdigest){.least = INFINITY, .most = -INFINITY, .sorted = true};
	digest->compression = compression >= 10 ? fmin(compression, 10000) : 10;
	digest->capacity = (size_t)(8 * digest->compression);
	digest->centroids = mem_grow(NULL, digest->capacity, sizeof(*digest->centroids));
}

void
tdigest_free(struct tdigest *digest)
{
	free(digest->centroids);
	*digest = (struct tdigest){0};
}

static int
compare_means(const void *a, const void *b)
{
	double left = ((const struct tdigest_centroid *)a)->mean;
	double right = ((const struct tdigest_centroid *)b)->mean;
	return (left > right) - (left < right);
}

static void
sort_centroids(struct tdigest *digest)
{
	if (digest->sorted)
		return;
	qsort(digest->centroids, digest->count, sizeof(*digest->centroids), compare_means);
	digest->sorted = true;
}

static void
turn_round(struct tdigest_centroid *list, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		struct tdigest_centroid one = list[i];
		list[i] = list[n - 1 - i];
		list[n - 1 - i] = one;
	}
}

/* From either end by turns, or the middle would be pulled to one side. */
static void
compress(struct tdigest *digest)
{
	sort_centroids(digest);
	if (digest->backwards)
		turn_round(digest->centroids, digest->count);
	struct tdigest_centroid *list = digest->centroids;
	double n = digest->total;
	double c = 3 * digest->compression, z = fmax(4 * log(n / c) + 24, 1) / c;
	double before = 0; /* the weight before list[last] */
	size_t last = 0;
	for (size_t i = 1; i < digest->count; i++) {
		double weight = list[last].weight + list[i].weight;
		double low = before / n, high = (before + weight) / n;
		double limit = n * z * fmin(low * (1 - low), high * (1 - high));
		if (weight <= limit && last > 0 && i + 1 < digest->count) {
			list[last].mean +=
			    (list[i].mean - list[last].mean) * list[i].weight / weight;
			list[last].weight = weight;
		} else {
			before += list[last].weight;
			list[++last] = list[i];
		}
	}
	digest->count = last + 1;
	if (digest->backwards)
		turn_round(digest->centroids, digest->count);
	digest->backwards = !digest->backwards;
}

void
tdigest_add(struct tdigest *digest, double value, double weight)
{
	if (!isfinite(value) || !(weight > 0))
		return;
	if (digest->count == digest->capacity)
		compress(digest);
	if (digest->count == digest->capacity) /* odd weights: rather grow than lose */
		mem_reserve(&digest->centroids, &digest->capacity, digest->count + 1,
		    sizeof(*digest->centroids));
	digest->centroids[digest->count++] = (struct tdigest_centroid){value, weight};
	digest->sorted = false;
	digest->total += weight;
	digest->least = fmin(digest->least, value);
	digest->most = fmax(digest->most, value);
}

void
tdigest_merge(struct tdigest *into, const struct tdigest *from)
{
	for (size_t i = 0; i < from->count; i++)
		tdigest_add(into, from->centroids[i].mean, from->centroids[i].weight);
	into->least = fmin(into->least, from->least);
	into->most = fmax(into->most, from->most);
}

/* Between two centroids; `index` is a place in the weight, `middle` that of the left one. */
static double
value_between(const struct tdigest_centroid *left, double middle, double span, double index)
{
	const struct tdigest_centroid *right = left + 1;
	double from_left = index - middle, to_right = middle + span - index;
	if (left->weight == 1) {
		if (from_left < 0.5)
			return left->mean;
		from_left -= 0.5;
	}
	if (right->weight == 1) {
		if (to_right <= 0.5)
			return right->mean;
		to_right -= 0.5;
	}
	double value = left->mean + (right->mean - left->mean) * from_left / (from_left + to_right);
	return fmax(left->mean, fmin(value, right->mean));
}

double
tdigest_quantile(struct tdigest *digest, double q)
{
	if (digest->count == 0 || !(q >= 0 && q <= 1))
		return NAN;
	sort_centroids(digest);
	const struct tdigest_centroid *list = digest->centroids;
	size_t n = digest->count;
	double index = q * digest->total, total = digest->total;
	if (n == 1)
		return list[0].mean;
	if (index < 1)
		return digest->least;
	if (index > total - 1)
		return digest->most;
	double first = list[0].weight / 2, last = list[n - 1].weight / 2;
	if (list[0].weight > 1 && index < first)
		return digest->least + (index - 1) / (first - 1) * (list[0].mean - digest->least);
	if (list[n - 1].weight > 1 && total - index <= last)
		return digest->most -
		       (total - index - 1) / (last - 1) * (digest->most - list[n - 1].mean);
	double middle = first;
	for (size_t i = 0; i + 1 < n; i++) {
		double span = (list[i].weight + list[i + 1].weight) / 2;
		if (middle + span > index)
			return value_between(&list[i], middle, span, index);
		middle += span;
	}
	return digest->most;
}

/* Below the first mean (or, mirrored, above the last): one value is known to lie at the extreme. */
static double
tail_share(double distance, double reach, double weight, double total)
{
	if (!(reach > 0))
		return 0;
	if (distance == 0)
		return 0.5 / total;
	return (1 + distance / reach * (weight / 2 - 1)) / total;
}

/* left->mean <= value < right->mean; `before` is the weight before the left one. */
static double
share_between(const struct tdigest_centroid *left, double before, double value, double total)
{
	const struct tdigest_centroid *right = left + 1;
	if (left->weight == 1 && right->weight == 1)
		return (before + 1) / total;
	double out_left = left->weight == 1 ? 0.5 : 0, out_right = right->weight == 1 ? 0.5 : 0;
	double span = (left->weight + right->weight) / 2 - out_left - out_right;
	double share = (value - left->mean) / (right->mean - left->mean);
	return (before + left->weight / 2 + out_left + span * share) / total;
}

double
tdigest_cdf(struct tdigest *digest, double value)
{
	size_t n = digest->count;
	if (n == 0 || isnan(value))
		return NAN;
	sort_centroids(digest);
	const struct tdigest_centroid *list = digest->centroids;
	double total = digest->total, before = 0, equal = 0;
	if (value < digest->least)
		return 0;
	if (value > digest->most)
		return 1;
	if (value < list[0].mean)
		return tail_share(
		    value - digest->least, list[0].mean - digest->least, list[0].weight, total);
	if (value > list[n - 1].mean)
		return 1 - tail_share(digest->most - value, digest->most - list[n - 1].mean,
			       list[n - 1].weight, total);
	size_t i = 0;
	while (i + 1 < n && list[i + 1].mean <= value && list[i].mean != value)
		before += list[i++].weight;
	for (size_t j = i; j < n && list[j].mean == value; j++)
		equal += list[j].weight;
	if (equal > 0)
		return (before + equal / 2) / total;
	return share_between(&list[i], before, value, total);
}
