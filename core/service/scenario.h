/* scenario.h: what happens in a demo, when, and how strongly: pure functions of the scenario's
 * time.
 *
 * Time is in seconds since the start, as the schedule counts them: wall seconds times the speed.
 * Before SCENARIO_BEGIN all is calm. The traffic asks for drift and delays, the stage for deploys
 * and outages. */
#ifndef FRAUDTOP_SERVICE_SCENARIO_H
#define FRAUDTOP_SERVICE_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/rng.h"

#define SCENARIO_BEGIN 20.0

enum scenario {
	SCENARIO_CALM,
	SCENARIO_DRIFT, /* two features shift, within a minute */
	SCENARIO_BAD_DEPLOY, /* a worse version is promoted on the third service */
	SCENARIO_LATENCY, /* the second service slows down for two minutes */
	SCENARIO_OUTAGE, /* the second service dies, and returns after half a minute */
	SCENARIO_LABEL_LAG, /* for five minutes labels come twenty times later */
	SCENARIOS
};

enum { SCENARIO_APAC = 2, SCENARIO_US = 1 }; /* the places of the services that things happen to */

/* False if there is none of this name. */
bool scenario_find(const char *name, enum scenario *scenario);
const char *const *scenario_names(void); /* NULL-terminated, in the order of the enum */

double scenario_drift(enum scenario scenario, double t);
/* How long a service takes for one request, in milliseconds. `place` is its number, from 0. */
double scenario_delay_ms(enum scenario scenario, double t, size_t place, struct rng *rng);
/* How many times later than usual a label comes of a payment made now. */
double scenario_label_factor(enum scenario scenario, double t);
bool scenario_deployed(enum scenario scenario, double t); /* has the bad version been promoted? */
bool scenario_down(enum scenario scenario, double t); /* is the second service dead? */

#endif
