/* sources_state.h: what the parts of sources share. For core/source alone. */
#ifndef FRAUDTOP_SOURCE_SOURCES_STATE_H
#define FRAUDTOP_SOURCE_SOURCES_STATE_H

#include "core/source/bodies.h"
#include "core/source/origin.h"

struct source_spec { /* what was asked for */
	char *path, *table;
	enum frame frame;
	bool labels;
	void *context;
};

struct source_file {
	const struct source_spec *spec;
	const struct origin *origin;
	void *self; /* the origin's */
	struct cutter cutter;
	struct source_stats stats;
	bool live; /* what was taken last reaches to the end of what there was */
	bool ready; /* there may be something to read */
	bool timed; /* and its first record is of `time` */
	wall_us time;
};

struct sources {
	struct source_spec **specs;
	size_t specs_count, specs_capacity;
	struct source_file **files;
	size_t files_count, files_capacity;
	struct bodies bodies;
	wall_us (*ask)(const char *text, size_t length, void *file_context);
	size_t turn; /* whose it is, when nothing tells */
	mono_us polled_at; /* when all files were last looked at */
};

/* Finds what a spec names now. */
void sources_find(struct sources *sources, const struct source_spec *spec);
struct source_file *sources_open(struct sources *sources, const struct source_spec *spec,
    const char *path, const struct origin *origin, void *self);

#endif
