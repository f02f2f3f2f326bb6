/* refusals_save.c: refusals in a checkpoint. */
#include "core/ingest/refusals.h"

static void
save_one(const struct refusal *refusal, struct buf *pack)
{
	pack_u64(pack, refusal->offset);
	pack_u64(pack, refusal->line);
	pack_text(pack, refusal->reason);
	pack_text(pack, refusal->text);
}

static void
load_one(struct refusal *refusal, struct unpack *unpack)
{
	refusal->offset = unpack_u64(unpack);
	refusal->line = unpack_u64(unpack);
	unpack_text(unpack, refusal->reason, sizeof(refusal->reason));
	unpack_text(unpack, refusal->text, sizeof(refusal->text));
}

void
refusals_save(const struct refusals *refusals, struct buf *pack)
{
	pack_u64(pack, refusals->count);
	pack_u64(pack, refusals->cut);
	save_one(&refusals->first, pack);
	save_one(&refusals->last, pack);
	pack_u64(pack, refusals->sample_count);
	for (size_t i = 0; i < refusals->sample_count; i++)
		save_one(&refusals->sample[i], pack);
}

void
refusals_load(struct refusals *refusals, struct unpack *unpack)
{
	*refusals = (struct refusals){0};
	refusals->count = unpack_u64(unpack);
	refusals->cut = unpack_u64(unpack);
	load_one(&refusals->first, unpack);
	load_one(&refusals->last, unpack);
	refusals->sample_count = unpack_count(unpack, REFUSALS_SAMPLE);
	uint64_t least = refusals->count > 2 ? refusals->count - 2 : 0;
	if (refusals->sample_count != (least < REFUSALS_SAMPLE ? least : REFUSALS_SAMPLE) ||
	    refusals->cut > refusals->count)
		unpack_fail(unpack);
	for (size_t i = 0; i < refusals->sample_count; i++)
		load_one(&refusals->sample[i], unpack);
}
