/* tdigest.h: quantiles that are best at the tails (T. Dunning, O. Ertl: Computing extremely
 * accurate quantiles using t-digests, 2019): the merging digest with its scale function k_2.
 *
 * While no more values have come than it has room for (8 times the compression), each is kept as
 * it is and the answers are exact. The first and the last are always kept. No guarantee of error,
 * and merging in another order may give slightly other answers: see ddsketch.h for both. */
#ifndef FRAUDTOP_STATS_TDIGEST_H
#define FRAUDTOP_STATS_TDIGEST_H

#include <stdbool.h>
#include <stddef.h>

struct tdigest_centroid {
	double mean, weight;
};

struct tdigest {
	double compression, least, most, total;
	size_t count, capacity;
	bool sorted, backwards;
	struct tdigest_centroid *centroids;
};

/* Compression: 10 to 10,000, 100 is usual; out of range is brought within it. */
void tdigest_init(struct tdigest *digest, double compression);
void tdigest_free(struct tdigest *digest);
void tdigest_add(struct tdigest *digest, double value, double weight); /* NaN, inf: left out */
void tdigest_merge(struct tdigest *into, const struct tdigest *from);
/* The value below which a share q of the weight lies; NaN when empty. May sort what was added. */
double tdigest_quantile(struct tdigest *digest, double q);
/* The share of values below `value`, those equal to it by half. */
double tdigest_cdf(struct tdigest *digest, double value);

#endif
