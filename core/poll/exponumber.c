/* exponumber.c: the digits are gathered in a whole number and a power of ten, which is exact for
 * what services write as a rule; what is longer goes to the C library when its value is asked for.
 */
#include "core/poll/exponumber.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"

enum { MAX_NUMBER = 128 };

static inline bool
is_digit(char c)
{
	return (unsigned)c - '0' < 10;
}

/* Digits into the number, 19 of them at most: those that do not fit move the exponent. */
static const char *
take_digits(struct exponumber *number, const char *at, const char *end, int point)
{
	for (; at < end && is_digit(*at); at++) {
		if (number->digits < UINT64_C(1000000000000000000)) {
			number->digits = number->digits * 10 + (uint64_t)(*at - '0');
			number->exponent -= point;
		} else {
			number->exponent += 1 - point;
			number->exact = false;
		}
	}
	return at;
}

static const char *
take_exponent(struct exponumber *number, const char *at, const char *end)
{
	bool negative = at < end && *at == '-';
	if (at < end && (*at == '-' || *at == '+'))
		at++;
	const char *digits = at;
	int exponent = 0;
	for (; at < end && is_digit(*at); at++) {
		if (exponent < 10000)
			exponent = exponent * 10 + (*at - '0');
	}
	number->exponent += negative ? -exponent : exponent;
	return at > digits ? at : NULL;
}

static const char *
take_special(struct exponumber *number, const char *at, const char *end)
{
	const char *word = at;
	while (at < end && ((unsigned)*at | 0x20) - 'a' < 26)
		at++;
	size_t length = (size_t)(at - word);
	number->exact = false;
	number->nan = length == 3 && word == number->text && strncasecmp(word, "nan", length) == 0;
	number->infinite = (length == 3 && strncasecmp(word, "inf", length) == 0) ||
			   (length == 8 && strncasecmp(word, "infinity", length) == 0);
	return number->nan || number->infinite ? at : NULL;
}

const char *
exponumber_take(struct exponumber *number, const char *at, const char *end)
{
	*number = (struct exponumber){.text = at, .exact = true};
	if (at < end && (*at == '-' || *at == '+'))
		number->negative = *at++ == '-';
	const char *digits = at;
	at = take_digits(number, at, end, 0);
	size_t count = (size_t)(at - digits);
	if (at < end && *at == '.') {
		const char *fraction = at + 1;
		at = take_digits(number, fraction, end, 1);
		count += (size_t)(at - fraction);
	}
	if (count == 0)
		at = at == digits ? take_special(number, at, end) : NULL;
	else if (at < end && (*at == 'e' || *at == 'E'))
		at = take_exponent(number, at + 1, end);
	if (at == NULL || at - number->text >= MAX_NUMBER)
		return NULL;
	number->length = (uint32_t)(at - number->text);
	if (number->digits > UINT64_C(1) << 53 || number->exponent < -22 || number->exponent > 22)
		number->exact = false;
	/* 19 digits and less than 280 zeros are far from the largest double. */
	if (number->exponent > 280 && number->digits != 0 && isinf(exponumber_value(number)))
		return NULL;
	return at;
}

const char *
exponumber_whole(struct exponumber *number, const char *text, const char *end)
{
	return exponumber_take(number, text, end) == end && text < end ? NULL : "not a number";
}

double
exponumber_value(const struct exponumber *number)
{
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
	    1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	char text[MAX_NUMBER];
	double value = INFINITY;
	if (number->nan)
		return NAN;
	if (number->exact) { /* both are exact, so that there is one rounding */
		value = (double)number->digits;
		value = number->exponent < 0 ? value / powers[-number->exponent]
					     : value * powers[number->exponent];
		return number->negative ? -value : value;
	}
	if (!number->infinite) {
		memcpy(text, number->text, number->length);
		text[number->length] = '\0';
		if (text_to_double(text, &value))
			return value;
	}
	return number->negative ? -INFINITY : INFINITY;
}
