/* adwin.h: ADWIN (Bifet and Gavalda 2007, as river computes it), a detector of change: an
 * exponential histogram whose oldest part is dropped where its mean differs from the rest. Values
 * ought to lie in [0,1]. */
#ifndef FRAUDTOP_STATS_ADWIN_H
#define FRAUDTOP_STATS_ADWIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/pack.h"
#include "core/stats/change.h"

#define ADWIN_ROWS 40
#define ADWIN_BUCKETS 21 /* the most that max_buckets + 1 may be */

struct adwin_options {
	double delta; /* 0.002 */
	unsigned clock, max_buckets, min_window, grace; /* 32, 5, 5, 10 */
	bool legacy_scan; /* passes over the newest bucket of each row, as river up to 0.21 did */
	bool keep; /* does not begin anew after a detection (scikit-multiflow) */
};

struct adwin; /* about 14 KiB at most; allocated row by row */

struct adwin_options adwin_defaults(void);
struct adwin *adwin_new(const struct adwin_options *options);
void adwin_free(struct adwin *adwin); /* NULL is fine */
/* True if the newest value made it detect a change. */
bool adwin_add(struct adwin *adwin, double value);
/* The same of the first of n > 0 finite values, *taken of them: one at least, and none beyond the
 * next look for a change, so that true is said of the last one taken. Many at a time are cheaper.
 */
bool adwin_add_some(struct adwin *adwin, const double *values, size_t n, size_t *taken);
uint64_t adwin_width(const struct adwin *adwin);
size_t adwin_bytes(const struct adwin *adwin); /* the memory it has */
double adwin_mean(const struct adwin *adwin);
double adwin_variance(const struct adwin *adwin); /* population; NaN when empty */
/* The means before and after the last detected cut (NaN before the first), and whether it went up
 * or down. They outlive the beginning anew. */
void adwin_last(const struct adwin *adwin, double *before, double *after);
enum change_direction adwin_direction(const struct adwin *adwin);
/* The smallest change of the mean that it could detect now, were it in the newer half of the
 * window: its epsilon there. NaN if the window is too short. */
double adwin_smallest_change(const struct adwin *adwin);
/* For a checkpoint, but for the options: into a new one of the same. */
void adwin_save(const struct adwin *adwin, struct buf *pack);
void adwin_load(struct adwin *adwin, struct unpack *unpack);

#endif
