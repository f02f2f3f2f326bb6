/* views_ece.h: calibration errors of a window's labelled scores, from what its buckets keep. */
#ifndef FRAUDTOP_MONITOR_VIEWS_ECE_H
#define FRAUDTOP_MONITOR_VIEWS_ECE_H

#include "core/monitor/metric.h"
#include "core/monitor/series_quality.h"

/* Bins of equal width: exact. NaN without rows. */
double views_ece_width(const struct width_bin bins[QUALITY_WIDTH_BINS]);

/* Bins of equal count (calibration.h), from the score histogram: low..high holds whatever the order
 * and the scores within a histogram bin are. None below 4 rows. */
struct metric views_ece_count(const struct quality_scores *scores);

#endif
