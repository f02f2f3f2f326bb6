/* decimal.c: see decimal.h. The value is mantissa * 10^exponent with a mantissa below 2^64; both
 * ways of rounding it here are exact, so they agree with strtod in every case they take. */
#include "core/ingest/decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

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

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;

/* mantissa * 10^exponent for an exponent within 10^19, which fits 64 bits. Upwards the product is a
 * whole number of 128 bits. Downwards the quotient has at least 63 bits and one that says whether
 * there was a remainder, so that the one rounding, to 53 bits, sees all that it needs. */
static double
scale_wide(uint64_t mantissa, int exponent)
{
	uint64_t power = 1;
	for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--)
		power *= 10;
	if (exponent >= 0)
		return (double)((wide)mantissa * power);
	int shift = 64 + __builtin_clzll(mantissa);
	wide numerator = (wide)mantissa << shift;
	wide quotient = numerator / power;
	quotient |= quotient * power != numerator;
	return ldexp((double)quotient, -shift);
}
#endif

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
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
	    1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	int exponent = decimal->exponent;
	double value;
	if (decimal->mantissa == 0)
		value = 0;
	/* Both operands are exact doubles, so the one operation rounds once (Clinger 1990). */
	else if (decimal->exact && decimal->mantissa <= UINT64_C(1) << 53 && exponent >= -22 &&
		 exponent <= 22)
		value = exponent < 0 ? (double)decimal->mantissa / powers[-exponent]
				     : (double)decimal->mantissa * powers[exponent];
#ifdef __SIZEOF_INT128__
	else if (decimal->exact && exponent >= -19 && exponent <= 19)
		value = scale_wide(decimal->mantissa, exponent);
#endif
	else
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
