/* exponumber.h: the numbers of an exposition: decimal, NaN or infinite, as Go's ParseFloat reads
 * them; no hexadecimal. A number that no double holds is none. It is only converted when someone
 * asks for its value. */
#ifndef FRAUDTOP_POLL_EXPONUMBER_H
#define FRAUDTOP_POLL_EXPONUMBER_H

#include <stdbool.h>
#include <stdint.h>

struct exponumber {
	const char *text;
	uint32_t length;
	uint64_t digits; /* the number is digits * 10^exponent, if exact */
	int exponent;
	bool exact, negative, nan, infinite;
};

/* The number that text..end begins with: what follows it, or NULL. */
const char *exponumber_take(struct exponumber *number, const char *text, const char *end);
/* One that is the whole of text..end. NULL, or why it is none. */
const char *exponumber_whole(struct exponumber *number, const char *text, const char *end);
double exponumber_value(const struct exponumber *number);

#endif
