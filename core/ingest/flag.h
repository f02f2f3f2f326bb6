/* flag.h: 0 or 1 as a log writes it of a label or a decision: a number, a truth value or a word.
 * The words of a mapping win over the common ones (core/config/flagwords.h) and over what numbers
 * and truth values mean: of a model that answers 1 and -1 they say which is which. One of its own
 * for each reader. */
#ifndef FRAUDTOP_INGEST_FLAG_H
#define FRAUDTOP_INGEST_FLAG_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/config/flagwords.h"

#define FLAG_UNKNOWN 8

struct flag_own {
	struct flagword word;
	double number; /* of true and false 1 and 0; NaN: it is none */
};

struct flags {
	const struct flag_own *own; /* the mapping's; at most FLAGWORDS_MOST */
	size_t own_count;
	bool odd; /* numbers are among them */
	/* What was met of them, and words that say nothing. */
	uint64_t met_own, met_common;
	char unknown[FLAG_UNKNOWN][FLAGWORDS_LENGTH + 1];
	size_t unknown_count;
};

/* Each sets *flag to 1, 0 or -1: nothing is said. False: neither. */
bool flag_text(struct flags *flags, const char *text, size_t length, int *flag);
bool flag_number(struct flags *flags, double number, int *flag);

/* Why a text is neither. */
#define FLAG_REFUSAL "is the word `%.40s`, which `positive` and `negative` of a mapping can explain"

#endif
