/* change.h: detectors of change in a stream of numbers (METRICS.md 5). All are of fixed size.
 *
 * ADWIN (Bifet and Gavalda 2007, as river computes it): an exponential histogram whose oldest part
 * is dropped where its mean differs from the rest. Values ought to lie in [0,1]. Page-Hinkley and
 * DDM are for those who want them; DDM alarms on calm streams. */
#ifndef FRAUDTOP_STATS_CHANGE_H
#define FRAUDTOP_STATS_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/pack.h"

enum change_kind { CHANGE_ADWIN, CHANGE_PAGE_HINKLEY, CHANGE_DDM };
enum change_direction { CHANGE_NONE, CHANGE_UP, CHANGE_DOWN };

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

enum page_hinkley_mode {
	PAGE_HINKLEY_BOTH,
	PAGE_HINKLEY_UP,
	PAGE_HINKLEY_DOWN,
	PAGE_HINKLEY_CLAMPED /* the older one-sided form, clamped at 0 */
};

struct page_hinkley {
	uint64_t least; /* 30 */
	double delta, threshold, alpha; /* 0.005, 50, 0.9999 */
	enum page_hinkley_mode mode;
	/* state */
	uint64_t n;
	double mean, up, down, up_least, down_most;
};

struct page_hinkley page_hinkley_defaults(void);
/* CHANGE_UP, CHANGE_DOWN, or CHANGE_NONE; begins anew after a detection. */
enum change_direction page_hinkley_add(struct page_hinkley *detector, double value);

enum ddm_state { DDM_CALM, DDM_WARNING, DDM_DRIFT };

struct ddm {
	uint64_t warm_start; /* 30 */
	double warning, drift; /* 2, 3 */
	/* state */
	uint64_t n;
	double p, p_least, s_least, least;
};

struct ddm ddm_defaults(void);
enum ddm_state ddm_add(struct ddm *detector, bool error); /* begins anew after a drift */

#endif
