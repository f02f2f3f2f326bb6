/* predlog.h: appends lines to a prediction log.
 *
 * Whole lines are handed over and written with one write() to a file opened with O_APPEND, so that
 * lines of several threads and processes do not mix. What a killed process or a full disk left
 * without its newline is ended by one before the next line. Failures are counted; they never stop a
 * caller. */
#ifndef FRAUDTOP_SERVICE_PREDLOG_H
#define FRAUDTOP_SERVICE_PREDLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"

struct predlog;

/* Creates the file (mode 0640 less the umask) if it is not there. NULL: err. */
struct predlog *predlog_open(const char *path, struct err *err);
void predlog_close(struct predlog *log); /* NULL is fine */

/* Opens the path again, after a rotation. On failure the old file stays in use. */
bool predlog_reopen(struct predlog *log, struct err *err);

/* Appends `length` bytes that hold `lines` whole lines. False if they could not be written. */
bool predlog_append(struct predlog *log, const char *bytes, size_t length, unsigned lines);
void predlog_counts(struct predlog *log, uint64_t *lines, uint64_t *failures);

#endif
