/* intake_slot.h: a stretch on its way through the intake: taken, decoded, committed. A slot's
 * inside is its worker's alone from its taking to its commit. */
#ifndef FRAUDTOP_MONITOR_INTAKE_SLOT_H
#define FRAUDTOP_MONITOR_INTAKE_SLOT_H

#include "core/monitor/batch.h"
#include "core/monitor/intake_files.h"

struct intake_line {
	uint64_t offset;
	struct line_view view;
};

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_DECODING, SLOT_DECODED };

struct slot { /* a stretch on its way */
	enum slot_state state;
	uint64_t turn;
	struct stretch stretch;
	struct source_stats source; /* after it */
	uint64_t behind;
	wall_us oldest; /* of its first record, if it is the file's first stretch */
	struct intake_item *item;
	bool keep, show; /* its rows, its lines */
	struct batch *batch;
	struct refusals refusals, refused; /* by the decoder, by the monitor */
	uint64_t sampled_out;
	struct intake_line *lines; /* a ring */
	size_t lines_count;
};

void slot_init(struct slot *slot);
void slot_clear(struct slot *slot);
enum intake_taken {
	TAKEN_NOTHING, /* there is nothing to read now */
	TAKEN_LATER, /* nothing yet, but there is more: ask again */
	TAKEN_STRETCH
};
/* Takes the next stretch. */
enum intake_taken intake_take(struct intake *intake, struct slot *slot, size_t max_bytes);
void intake_decode(struct intake *intake, struct slot *slot, struct decoder *decoder);
void intake_commit(struct intake *intake, struct slot *slot); /* lock held */
/* Where the source is, and what it passed over as too long, which is refused. Likewise. */
void intake_source(struct intake_item *item, const struct source_stats *source);
void intake_adopt(struct intake *intake); /* files that are new; lock held */
/* Takes over how the sources stand, where nothing is on its way. Lock held. */
void intake_settle(struct intake *intake);
/* The time of a record, by way of `told`; 0: it does not tell. */
wall_us intake_tell(
    struct stretch *told, struct intake_kind *kind, const struct source_record *record);
/* What sources_on_time asks. */
wall_us intake_ask(const struct source_record *record, void *file_context);

#endif
