/* suite_counts.h: what is counted of an expectation. For suite*.c alone. */
#ifndef FRAUDTOP_EXPECT_SUITE_COUNTS_H
#define FRAUDTOP_EXPECT_SUITE_COUNTS_H

#include "core/expect/suite_parts.h"

/* Bytes of a word kept; what stands between the two words of a pair. */
enum { SUITE_WORD = 64, SUITE_CUT = '\x1f' };

/* How many values lie on the near side of a limit, and the two that are next to it. */
struct cut {
	uint64_t below; /* of a low limit: less than it; of a high one: not above it */
	double under, over; /* the greatest of those, the least of the others */
};

struct tally { /* distinct values by hash */
	struct tally_entry {
		uint64_t hash, count;
		char word[SUITE_WORD]; /* or a number's text */
	} * list;
	size_t count, capacity;
	bool full; /* there were more */
};

struct count {
	uint64_t records, missing, unexpected, words;
	double mean, squares, sum; /* of numbers: Welford's */
	double low, high;
	char low_word[SUITE_WORD], high_word[SUITE_WORD];
	bool began; /* order: first and last are known */
	double first, last;
	char first_word[SUITE_WORD], last_word[SUITE_WORD];
	struct cut *cuts; /* two a quantile: of its low and its high limit */
	uint64_t *set_seen; /* a member of the set */
	uint64_t outside; /* not of the set */
	struct tally tally;
};

struct suite_counts {
	const struct suite *suite;
	size_t *guess; /* where the column stood in the last record */
	struct count *list;
};

#endif
