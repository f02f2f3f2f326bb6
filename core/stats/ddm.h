/* ddm.h: DDM, a detector of a rise of an error rate, for those who want it: it alarms on calm
 * streams. */
#ifndef FRAUDTOP_STATS_DDM_H
#define FRAUDTOP_STATS_DDM_H

#include <stdbool.h>
#include <stdint.h>

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
