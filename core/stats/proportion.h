/* proportion.h: 95 % intervals of proportions, their differences and ratios. NaN where undefined.
 */
#ifndef FRAUDTOP_STATS_PROPORTION_H
#define FRAUDTOP_STATS_PROPORTION_H

#include <stdint.h>

struct interval {
	double low, high;
};

#define PROPORTION_Z95 1.959963984540054

/* Wilson's score interval of k in n (E. B. Wilson, JASA 1927); 0 and 1 at the ends. _z: at another
 * confidence than 95 %. */
struct interval proportion_wilson_z(uint64_t k, uint64_t n, double z);
/* The same of a share p of n that need not be whole. */
struct interval proportion_wilson_share(double p, double n, double z);
struct interval proportion_wilson(uint64_t k, uint64_t n);
/* Newcombe's interval (1998, method 10) of k1/n1 - k2/n2. */
struct interval proportion_difference(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2);
/* The interval of (k1/n1) / (k2/n2), normal on the log (Katz); undefined if a count is 0. */
struct interval proportion_ratio(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2);

#endif
