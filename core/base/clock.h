/* clock.h: the two clocks, kept apart by name, and times as text.
 *
 * wall_us counts microseconds since 1970 UTC and may jump; event times are wall times. mono_us only
 * grows and is for timeouts and ages. Both can be frozen, so that a screen or a JSON object can be
 * made twice the same. */
#ifndef FRAUDTOP_BASE_CLOCK_H
#define FRAUDTOP_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t wall_us;
typedef int64_t mono_us;

#define CLOCK_SECOND INT64_C(1000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR (60 * CLOCK_MINUTE)
#define CLOCK_DAY (24 * CLOCK_HOUR)

wall_us clock_wall(void);
mono_us clock_mono(void);

/* From now on clock_wall answers `now` and clock_mono stands still; clock_advance moves both. */
void clock_freeze(wall_us now);
void clock_advance(int64_t us);

/* The stretch of `length` microseconds that a time lies in, numbered from 1970; before it too. And
 * its place in a ring of so many stretches. */
int64_t clock_stretch(wall_us time, int64_t length);
size_t clock_place(int64_t stretch, size_t ring);

/* RFC 3339 with optional fraction (`2026-01-28T14:06:04.123Z`, `+01:00`, a space for the T; a time
 * without a zone is UTC). False if it is not exactly one such time or not a day of the calendar. */
bool clock_parse(const char *src, size_t length, wall_us *time);

/* `2026-01-28T14:06:04.123Z`; size >= 32. Returns dst. */
char *clock_format(char *dst, size_t size, wall_us time);
/* `14:06:04`, UTC; size >= 9. */
char *clock_format_time(char *dst, size_t size, wall_us time);
/* An age in two characters of number and a unit: `2 s`, `14 min`, `3 h`, `9 d`; size >= 16. */
char *clock_format_age(char *dst, size_t size, int64_t us);

/* `500ms`, `2`, `2s`, `15m`, `1h`, `7d` to microseconds. */
bool clock_parse_duration(const char *src, int64_t *us);

#endif
