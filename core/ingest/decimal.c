/* decimal.c: see decimal.h. The value is mantissa * 10^exponent with a mantissa below 2^64. */
#include "core/ingest/decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/rounding.h"

#define MAX_EXPONENT 100000 /* far beyond any double; keeps sums from overflowing */

struct decimal {
	uint64_t mantissa;
	int exponent;
	bool negative;
	bool exact; /* no digit was dropped */
};

static bool
is_digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* Takes a run of digits; `scale` is -1 after the decimal point, else 0. */
static const char *
take_digits(const char *at, const char *end, struct decimal *decimal, int scale)
{
	for (; is_digit(at, end); at++) {
		if (decimal->mantissa < UINT64_MAX / 10) {
			decimal->mantissa = decimal->mantissa * 10 + (uint64_t)(*at - '0');
			decimal->exponent += scale;
		} else {
			decimal->exact = false;
			decimal->exponent += scale + 1;
		}
	}
	return at;
}

static const char *
take_exponent(const char *at, const char *end, struct decimal *decimal)
{
	bool negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	if (!is_digit(at, end))
		return NULL;
	int exponent = 0;
	for (; is_digit(at, end); at++)
		if (exponent < MAX_EXPONENT)
			exponent = exponent * 10 + (*at - '0');
	decimal->exponent += negative ? -exponent : exponent;
	return at;
}

static double
slow(const char *text, size_t length)
{
	char small[128];
	char *copy = length < sizeof(small) ? small : mem_alloc(length + 1);
	memcpy(copy, text, length);
	copy[length] = '\0';
	double value = strtod(copy, NULL);
	if (copy != small)
		free(copy);
	return value;
}

static double
to_double(const struct decimal *decimal, const char *text, size_t length)
{
	double value;
	if (!decimal->exact || !rounding_try(decimal->mantissa, decimal->exponent, &value))
		return slow(text, length);
	return decimal->negative ? -value : value;
}

const char *
decimal_read(const char *at, const char *end, double *value, const char **wrong)
{
	struct decimal decimal = {.exact = true};
	const char *start = at;
	if (at < end && *at == '-') {
		decimal.negative = true;
		at++;
	}
	const char *digits = at;
	at = at < end && *at == '0' ? at + 1 : take_digits(at, end, &decimal, 0);
	*wrong = at;
	if (at == digits)
		return NULL;
	if (at < end && *at == '.') {
		digits = at + 1;
		at = take_digits(digits, end, &decimal, -1);
		*wrong = at;
		if (at == digits)
			return NULL;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		*wrong = at + 1;
		at = take_exponent(at + 1, end, &decimal);
		if (at == NULL)
			return NULL;
	}
	*value = to_double(&decimal, start, (size_t)(at - start));
	return at;
}

bool
decimal_field(const char *text, size_t length, double *value)
{
	const char *end = text + length, *wrong;
	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	if (text == end)
		return false;
	if (decimal_read(text, end, value, &wrong) == end)
		return true;
	char copy[512];
	length = (size_t)(end - text);
	if (length >= sizeof(copy) || memchr(text, '\0', length) != NULL)
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	/* Words (sun, 0xff, 1d) must not pass for numbers; of letters only e and inf[inity] may
	 * stand. */
	const char *word = copy + strspn(copy, "+-");
	bool infinite = (*word == 'i' || *word == 'I') && word - copy <= 1;
	if (!infinite && copy[strspn(copy, "0123456789+-.eE")] != '\0')
		return false;
	char *rest;
	*value = strtod(copy, &rest);
	return *rest == '\0' && rest != copy;
}

bool
decimal_time(double number, wall_us *time)
{
	double size = fabs(number);
	if (!(size < 1e20))
		return false;
	*time = (wall_us)llround(size < 1e11   ? number * 1e6
				 : size < 1e14 ? number * 1e3
				 : size < 1e17 ? number
					       : number / 1e3);
	return true;
}
