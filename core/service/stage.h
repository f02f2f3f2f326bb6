/* stage.h: what the demo plays on: three scoring services, traffic with late labels, a local
 * registry and a configuration, all in a private folder and in processes of their own.
 *
 * The stage is one child process that holds the others and runs the scenario's script. It ends, and
 * they with it, when stage_stop is called or when whoever started it dies, were it by SIGKILL: each
 * process watches a pipe whose other end only its parent holds. The folder is removed at the end.
 *
 * Before the services start, some minutes of history are written into their logs and the label
 * feed, so that windows are full from the first frame: payments of the simulator, scored by the
 * real model through the code that serves it, with simulated times of arrival and latencies. */
#ifndef FRAUDTOP_SERVICE_STAGE_H
#define FRAUDTOP_SERVICE_STAGE_H

#include <stdint.h>

#include "core/base/err.h"
#include "core/service/scenario.h"

struct stage;

struct stage_options {
	const char *program; /* the fraudtop to run; NULL: this one */
	enum scenario scenario;
	double speed; /* of the script and of the labels; 0: 1 */
	double rate; /* payments a second, a service; 0: 40 */
	double history_s; /* 0: 12 minutes */
	uint64_t seed;
};

/* Returns once the services answer and the history is written, about a second later. Forks: call it
 * before threads are started. NULL: err. */
struct stage *stage_start(const struct stage_options *options, struct err *err);
void stage_stop(struct stage *stage); /* NULL is fine */

const char *stage_config(const struct stage *stage); /* the path of config.yaml */

#endif
