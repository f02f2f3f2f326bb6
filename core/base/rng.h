/* rng.h: pcg32 (O'Neill 2014, XSH-RR 64/32), the seeded generator of METRICS.md section 4, so that
 * every simulation can be made again bit for bit. Not for secrets. */
#ifndef FRAUDTOP_BASE_RNG_H
#define FRAUDTOP_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t state, increment;
};

void rng_seed(struct rng *rng, uint64_t seed, uint64_t sequence);
uint32_t rng_u32(struct rng *rng);
double rng_uniform(struct rng *rng); /* [0,1), 53 bits, from two outputs */
double rng_normal(struct rng *rng); /* mean 0, deviation 1 (Box-Muller) */
double rng_exponential(struct rng *rng, double mean);
double rng_lognormal(struct rng *rng, double median, double sigma);
uint32_t rng_below(struct rng *rng, uint32_t bound); /* [0,bound), bound > 0 */

#endif
