/* ddm.c: DDM (J. Gama et al.: Learning with drift detection, SBIA 2004): the error rate p and its
 * deviation s = sqrt(p (1 - p) / n) against the two at the time when p + s was least. */
#include "core/stats/ddm.h"

#include <math.h>

struct ddm
ddm_defaults(void)
{
	return (struct ddm){.warm_start = 30, .warning = 2, .drift = 3, .least = INFINITY};
}

enum ddm_state
ddm_add(struct ddm *detector, bool error)
{
	detector->n++;
	detector->p += (error - detector->p) / (double)detector->n;
	if (detector->n <= detector->warm_start)
		return DDM_CALM;
	double p = detector->p, s = sqrt(p * (1 - p) / (double)detector->n);
	if (p + s <= detector->least) {
		detector->p_least = p;
		detector->s_least = s;
		detector->least = p + s;
	}
	if (p + s > detector->p_least + detector->drift * detector->s_least) {
		detector->n = 0;
		detector->p = 0;
		detector->least = INFINITY;
		return DDM_DRIFT;
	}
	bool warned = p + s > detector->p_least + detector->warning * detector->s_least;
	return warned ? DDM_WARNING : DDM_CALM;
}
