#include "core/base/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool frozen;
static wall_us frozen_wall;
static mono_us frozen_mono = CLOCK_HOUR;

static int64_t
read_clock(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec / 1000;
}

wall_us
clock_wall(void)
{
	return frozen ? frozen_wall : read_clock(CLOCK_REALTIME);
}

mono_us
clock_mono(void)
{
	return frozen ? frozen_mono : read_clock(CLOCK_MONOTONIC);
}

void
clock_freeze(wall_us now)
{
	frozen = true;
	frozen_wall = now;
}

void
clock_advance(int64_t us)
{
	frozen_wall += us;
	frozen_mono += us;
}

/* Days since 1970-01-01 of a day of the Gregorian calendar (Hinnant, "chrono-compatible low-level
 * date algorithms", days_from_civil). */
static int64_t
days_from_civil(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	unsigned year_of_era = (unsigned)(year - era * 400);
	unsigned day_of_year = (153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
	unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	return era * 146097 + (int64_t)day_of_era - 719468;
}

static bool
take_digits(const char **at, const char *end, int count, unsigned *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (*at >= end || **at < '0' || **at > '9')
			return false;
		*value = *value * 10 + (unsigned)(**at - '0');
	}
	return true;
}

static bool
take_char(const char **at, const char *end, const char *any)
{
	if (*at >= end || strchr(any, **at) == NULL || **at == '\0')
		return false;
	(*at)++;
	return true;
}

static bool
take_zone(const char **at, const char *end, int64_t *offset_us)
{
	unsigned hours, minutes;
	*offset_us = 0;
	if (*at == end || take_char(at, end, "Zz"))
		return true;
	int64_t sign = **at == '-' ? -1 : 1;
	if (!take_char(at, end, "+-") || !take_digits(at, end, 2, &hours))
		return false;
	take_char(at, end, ":");
	if (!take_digits(at, end, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*offset_us = sign * ((int64_t)hours * CLOCK_HOUR + (int64_t)minutes * CLOCK_MINUTE);
	return true;
}

int64_t
clock_stretch(wall_us time, int64_t length)
{
	return time >= 0 ? time / length : -((-time + length - 1) / length);
}

size_t
clock_place(int64_t stretch, size_t ring)
{
	int64_t place = stretch % (int64_t)ring;
	return (size_t)(place < 0 ? place + (int64_t)ring : place);
}

bool
clock_parse(const char *src, size_t length, wall_us *time)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	const char *at = src, *end = src + length;
	unsigned year, month, day, hour, minute, second;
	if (!take_digits(&at, end, 4, &year) || !take_char(&at, end, "-") ||
	    !take_digits(&at, end, 2, &month) || !take_char(&at, end, "-") ||
	    !take_digits(&at, end, 2, &day) || !take_char(&at, end, "Tt ") ||
	    !take_digits(&at, end, 2, &hour) || !take_char(&at, end, ":") ||
	    !take_digits(&at, end, 2, &minute) || !take_char(&at, end, ":") ||
	    !take_digits(&at, end, 2, &second))
		return false;
	int64_t fraction_us = 0, scale = 100000;
	if (take_char(&at, end, ".,")) {
		if (at >= end || *at < '0' || *at > '9')
			return false;
		for (; at < end && *at >= '0' && *at <= '9'; at++, scale /= 10)
			fraction_us += (*at - '0') * scale;
	}
	int64_t offset_us;
	if (!take_zone(&at, end, &offset_us) || at != end)
		return false;
	if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60)
		return false;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day > days[month - 1] + (month == 2 && leap ? 1u : 0u))
		return false;
	*time = days_from_civil(year, month, day) * CLOCK_DAY + hour * CLOCK_HOUR +
		minute * CLOCK_MINUTE + second * CLOCK_SECOND + fraction_us - offset_us;
	return true;
}

static void
split(wall_us time, struct tm *parts, int *milliseconds)
{
	int64_t seconds = time / CLOCK_SECOND, rest = time % CLOCK_SECOND;
	if (rest < 0) {
		rest += CLOCK_SECOND;
		seconds--;
	}
	time_t stamp = (time_t)seconds;
	if (gmtime_r(&stamp, parts) == NULL)
		memset(parts, 0, sizeof(*parts));
	*milliseconds = (int)(rest / 1000);
}

char *
clock_format(char *dst, size_t size, wall_us time)
{
	struct tm parts;
	int milliseconds;
	split(time, &parts, &milliseconds);
	snprintf(dst, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
	    parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
	    milliseconds);
	return dst;
}

char *
clock_format_time(char *dst, size_t size, wall_us time)
{
	struct tm parts;
	int milliseconds;
	split(time, &parts, &milliseconds);
	snprintf(dst, size, "%02d:%02d:%02d", parts.tm_hour, parts.tm_min, parts.tm_sec);
	return dst;
}

char *
clock_format_age(char *dst, size_t size, int64_t us)
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} steps[] = {{2 * CLOCK_MINUTE, CLOCK_SECOND, "s"}, {2 * CLOCK_HOUR, CLOCK_MINUTE, "min"},
	    {2 * CLOCK_DAY, CLOCK_HOUR, "h"}, {INT64_MAX, CLOCK_DAY, "d"}};
	if (us < 0)
		us = 0;
	size_t i = 0;
	while (us >= steps[i].below && i < 3)
		i++;
	snprintf(dst, size, "%" PRId64 " %s", us / steps[i].unit, steps[i].name);
	return dst;
}

bool
clock_parse_duration(const char *src, int64_t *us)
{
	static const struct {
		const char *name;
		double unit;
	} units[] = {{"", 1e6}, {"ms", 1e3}, {"s", 1e6}, {"m", 6e7}, {"min", 6e7}, {"h", 3.6e9},
	    {"d", 8.64e10}};
	char *end;
	if (*src < '0' || *src > '9')
		return false;
	double value = strtod(src, &end);
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].name) == 0 && value * units[i].unit < 9e18) {
			*us = (int64_t)llround(value * units[i].unit);
			return true;
		}
	}
	return false;
}
