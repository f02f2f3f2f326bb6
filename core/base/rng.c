#include "core/base/rng.h"

#include <math.h>

void
rng_seed(struct rng *rng, uint64_t seed, uint64_t sequence)
{
	rng->state = 0;
	rng->increment = sequence << 1 | 1;
	rng_u32(rng);
	rng->state += seed;
	rng_u32(rng);
}

uint32_t
rng_u32(struct rng *rng)
{
	uint64_t old = rng->state;
	rng->state = old * UINT64_C(6364136223846793005) + rng->increment;
	uint32_t shifted = (uint32_t)((old >> 18 ^ old) >> 27);
	uint32_t turn = (uint32_t)(old >> 59);
	return shifted >> turn | shifted << (-turn & 31);
}

double
rng_uniform(struct rng *rng)
{
	uint32_t high = rng_u32(rng) >> 5, low = rng_u32(rng) >> 6;
	return (high * 67108864.0 + low) / 9007199254740992.0;
}

double
rng_normal(struct rng *rng)
{
	double radius = sqrt(-2 * log(1 - rng_uniform(rng)));
	return radius * cos(6.283185307179586 * rng_uniform(rng));
}

double
rng_exponential(struct rng *rng, double mean)
{
	return -mean * log(1 - rng_uniform(rng));
}

double
rng_lognormal(struct rng *rng, double median, double sigma)
{
	return median * exp(sigma * rng_normal(rng));
}

uint32_t
rng_below(struct rng *rng, uint32_t bound)
{
	return (uint32_t)((uint64_t)rng_u32(rng) * bound >> 32);
}
