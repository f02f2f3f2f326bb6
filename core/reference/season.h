/* season.h: comparing a window with the same hours of the week.
 *
 * A window holds one evening; its reference holds four weeks. For a column with a season the
 * reference is mixed anew: of each hour of the week (or of the day, over all days) as many parts as
 * the window has records in that hour. Its effective size is 1 / sum(w_h^2 / n_h), w_h the window's
 * share of records in hour h and n_h the reference's records there (Kish 1965). Hours are UTC. */
#ifndef FRAUDTOP_REFERENCE_SEASON_H
#define FRAUDTOP_REFERENCE_SEASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"

#define SEASON_HOURS 168

/* AUTO: what the profile recognised. */
enum season { SEASON_AUTO, SEASON_NONE, SEASON_HOUR_OF_DAY, SEASON_HOUR_OF_WEEK };

/* The hour of the week of a time, 0 from Monday 00:00 UTC. */
size_t season_hour(wall_us ts);
bool season_parse(
    const char *word, enum season *season); /* auto, none, hour-of-day, hour-of-week */
const char *season_name(enum season season);

/* As the word says; `auto`, or no season's name: as recognised. */
enum season season_chosen(const char *word, enum season recognised);
/* What data of such a span can show: two weeks the hour of the week, two days the hour of the day,
 * else none. */
enum season season_of_span(int64_t span_us);

/* hours: reference counts, SEASON_HOURS rows of `bins`. Mixes them by the window's records an hour
 * into counts (`bins` of them, not whole), which sum to the effective size. False if the reference
 * has nothing in hours that together have over 1 % of the window, or the window is empty. NONE and
 * AUTO mix nothing: the whole reference is compared. */
bool season_mix(const uint32_t *hours, size_t bins, enum season season,
    const uint64_t window[SEASON_HOURS], double *counts, double *effective);

/* Does the column follow the calendar? By twice the mutual information of bin and hour, less its
 * bias (B-1)(H-1)/N: what PSI a window of one hour would show against all on average. From 0.02 on,
 * and with a chi-square beyond chance (p < 1e-5), it does; also if one hour alone shows 0.05 (p <
 * 1e-8): a quiet night weighs little on average, and would alarm. By the hour of the week if the
 * data spans two weeks or more, else by the hour of the day if it spans two days. Else NONE. */
enum season season_recognise(const uint32_t *hours, size_t bins, int64_t span_us);

#endif
