/* stage_run.h: the inside of the stage's process. */
#ifndef FRAUDTOP_SERVICE_STAGE_RUN_H
#define FRAUDTOP_SERVICE_STAGE_RUN_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/clock.h"
#include "core/service/labels.h"
#include "core/service/stage.h"

#define STAGE_MODEL "fraud_classifier"
enum { STAGE_SERVICES = 3 };

struct stage_process {
	pid_t pid; /* 0: not running */
	int input; /* its standard input, which only this process holds open */
};

struct stage_service {
	const char *name, *alias, *log;
	unsigned port;
	struct stage_process process;
};

struct stage_run {
	struct stage_options options;
	char folder[512], program[512];
	struct stage_service services[STAGE_SERVICES];
	struct stage_process traffic;
	struct labels *labels; /* of the history, not yet due */
	struct predlog *feed;
	mono_us started;
	mono_us revive_at; /* not before */
	bool deployed;
};

/* A path in the folder; free() it. */
char *stage_path(const struct stage_run *run, const char *name);

/* Models, registry and reference profile (stage_files.c); the configuration, once the ports are
 * known. */
bool stage_write_files(struct stage_run *run, struct err *err);
bool stage_write_config(struct stage_run *run, struct err *err);
void stage_remove_folder(const char *folder);

/* The history, up to now (stage_history.c). */
bool stage_write_reference(struct stage_run *run, const char *path, struct err *err);
bool stage_write_history(struct stage_run *run, struct err *err);

/* Processes (stage_process.c). A service waits to be told its port the first time, and keeps it. */
bool stage_start_service(struct stage_run *run, struct stage_service *service, struct err *err);
bool stage_start_traffic(struct stage_run *run, struct err *err);
void stage_kill(struct stage_process *process);
void stage_end_all(struct stage_run *run);

/* Mean time until a label is known: 48 hours, compressed. */
double stage_label_delay_s(const struct stage_run *run);

/* The demo's model, from memory. Its metadata's text is *metadata. */
struct model *stage_model(const char *version, const char **metadata, struct err *err);

#endif
