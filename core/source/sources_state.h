/* sources_state.h: what the parts of sources share. For core/source alone. */
#ifndef FRAUDTOP_SOURCE_SOURCES_STATE_H
#define FRAUDTOP_SOURCE_SOURCES_STATE_H

#include "core/source/bodies.h"
#include "core/source/origin.h"

enum origin_kind { ORIGIN_TAIL, ORIGIN_PACKED, ORIGIN_PIPE, ORIGIN_DBROWS, ORIGIN_KINDS };

struct source_spec { /* what was asked for */
	char *path, *table;
	enum frame frame;
	bool labels;
	bool gone; /* by a run before this one, and no more */
	const struct buf *ahead; /* as source_options' */
	void *context;
};

struct source_file {
	const struct source_spec *spec;
	enum origin_kind kind;
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
	struct bodies *bodies;
	wall_us (*ask)(const struct source_record *record, void *file_context);
	size_t turn; /* whose it is, when nothing tells */
	mono_us polled_at; /* when all files were last looked at */
};

/* Finds what a spec names now. */
void sources_find(struct sources *sources, const struct source_spec *spec);
/* What was being read of this file and is not where it was: it may be packed, or gone. And what
 * was after it. */
void sources_find_lost(struct sources *sources, const struct source_file *file);
struct source_file *sources_open(struct sources *sources, const struct source_spec *spec,
    const char *path, enum origin_kind kind, void *self);
/* Begins so many bytes before the end of what the spec names. */
void sources_skip(struct sources *sources, const struct source_spec *spec, uint64_t bytes);
/* Ends what is being read, and forgets all that was. */
void sources_close(struct sources *sources);
void sources_free_specs(struct sources *sources);
struct source_spec *sources_add_spec(struct sources *sources, const struct source_options *options);
void sources_tell(struct source_file *file);

#endif
