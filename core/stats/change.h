/* change.h: what detectors of change in a stream of numbers have in common (METRICS.md 5): adwin.h,
 * page_hinkley.h, ddm.h. All are of fixed size. */
#ifndef FRAUDTOP_STATS_CHANGE_H
#define FRAUDTOP_STATS_CHANGE_H

enum change_kind { CHANGE_ADWIN, CHANGE_PAGE_HINKLEY, CHANGE_DDM };
enum change_direction { CHANGE_NONE, CHANGE_UP, CHANGE_DOWN };

#endif
