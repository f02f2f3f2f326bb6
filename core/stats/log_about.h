/* log_about.h: a logarithm that is nearly right, for who asks for very many and needs only the bin
 * that one falls into: near a border of bins he asks log itself, so that his answer is the same. */
#ifndef FRAUDTOP_STATS_LOG_ABOUT_H
#define FRAUDTOP_STATS_LOG_ABOUT_H

#include <stdint.h>
#include <string.h>

/* ln of a normal positive number, to 3e-7: of its exponent, and of its fraction the Chebyshev
 * interpolation of degree 7 about 1.5. */
static inline double
log_about(double value)
{
	static const double c[] = {0.5849627653299247, 0.9617959717013137, -0.3206323327042616,
	    0.14252637016885392, -0.07058967467460782, 0.03746293751300523, -0.02512320328582125,
	    0.014778720765525132}; /* of the logarithm to base 2 */
	uint64_t bits;
	memcpy(&bits, &value, sizeof(bits));
	int exponent = (int)(bits >> 52) - 1023;
	bits = (bits & (UINT64_MAX >> 12)) | UINT64_C(0x3FF) << 52;
	memcpy(&value, &bits, sizeof(value));
	double t = value - 1.5, t2 = t * t, t4 = t2 * t2;
	double fraction = (c[0] + c[1] * t) + (c[2] + c[3] * t) * t2 +
			  ((c[4] + c[5] * t) + (c[6] + c[7] * t) * t2) * t4;
	return (exponent + fraction) * 0.69314718055994531;
}

#endif
