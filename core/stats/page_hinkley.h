/* page_hinkley.h: Page-Hinkley, a detector of change of a mean, for those who want it. */
#ifndef FRAUDTOP_STATS_PAGE_HINKLEY_H
#define FRAUDTOP_STATS_PAGE_HINKLEY_H

#include <stdint.h>

#include "core/stats/change.h"

enum page_hinkley_mode {
	PAGE_HINKLEY_BOTH,
	PAGE_HINKLEY_UP,
	PAGE_HINKLEY_DOWN,
	PAGE_HINKLEY_CLAMPED /* the older one-sided form, clamped at 0 */
};

struct page_hinkley {
	uint64_t least; /* 30 */
	double delta, threshold, alpha; /* 0.005, 50, 0.9999 */
	enum page_hinkley_mode mode;
	/* state */
	uint64_t n;
	double mean, up, down, up_least, down_most;
};

struct page_hinkley page_hinkley_defaults(void);
/* CHANGE_UP, CHANGE_DOWN, or CHANGE_NONE; begins anew after a detection. */
enum change_direction page_hinkley_add(struct page_hinkley *detector, double value);

#endif
