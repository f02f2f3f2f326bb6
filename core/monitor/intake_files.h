/* intake_files.h: what an intake reads: formats, what is configured, the files it comes to, and
 * what came of each. */
#ifndef FRAUDTOP_MONITOR_INTAKE_FILES_H
#define FRAUDTOP_MONITOR_INTAKE_FILES_H

#include "core/format/decode.h"
#include "core/monitor/intake.h"
#include "core/monitor/intake_view.h"

struct intake_kind { /* a format, of logs or of label feeds */
	struct mapping *mapping;
	const char *format;
	bool labels, alone; /* alone: its records depend on each other, one decoder reads all */
	struct decoder *decoder; /* that one; else the caller's thread's */
	struct decoder
	    *teller; /* that is asked for the time of a line; NULL: half of one tells none */
};

struct intake_context { /* of what is configured: handed back with each of its files */
	struct intake *intake;
	const struct config_service *service;
	const char *path;
	size_t kind;
	uint64_t most; /* the highest hash of an id that is read */
};

struct intake_item { /* a file */
	struct intake_file file;
	struct source_stats source;
	const struct intake_context *context;
	char path[1024]; /* as found; it and the context never change */
	size_t number; /* the monitor's */
	uint64_t too_long; /* of the source's, that are among the refused */
};

struct intake_saved {
	char path[1024];
	uint64_t labels, accepted, late, sampled_out, too_long, number;
	wall_us newest;
	struct refusals refusals;
};

struct intake_pace { /* how much time a file's bytes are, as far as it was read */
	double us_byte; /* 0: not known */
};

#endif
