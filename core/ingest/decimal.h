/* decimal.h: numbers as text to the nearest double, as strtod in the "C" locale, but fast.
 *
 * For core/ingest alone. The usual numbers of a log take integer arithmetic; the rest go to strtod.
 */
#ifndef FRAUDTOP_INGEST_DECIMAL_H
#define FRAUDTOP_INGEST_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/clock.h"

/* Reads the longest number by JSON's grammar that begins at `at`. Returns the byte after it, or
 * NULL if there is none; then *wrong is the place where the grammar broke. A number too large is
 * infinite. */
const char *decimal_read(const char *at, const char *end, double *value, const char **wrong);

/* Reads the whole of a CSV field as a number: JSON's grammar, or whatever strtod takes in decimal
 * (+1, .5, 1., inf), with blanks around it. False: it is none, and *value
 * is anything. "nan" is none: it is missing. */
bool decimal_field(const char *text, size_t length, double *value);

/* The time that a number since 1970 means, of seconds, ms, us or ns: of the unit in which it lies
 * between 1970 and the year 5138. False: it is none. */
bool decimal_time(double number, wall_us *time);

#endif
