/* decode.h: stretches into records, by a mapping. One decoder a thread; of a mapping whose records
 * depend on each other one decoder in all. */
#ifndef FRAUDTOP_FORMAT_DECODE_H
#define FRAUDTOP_FORMAT_DECODE_H

#include "core/base/pack.h"
#include "core/format/mapping.h"
#include "core/ingest/flag.h"
#include "core/ingest/record.h"

enum decoded {
	DECODED_END, /* the stretch is over */
	DECODED_PREDICTION,
	DECODED_LABEL,
	DECODED_REFUSED /* err says why; `cut`: it ended in its middle */
};

struct decoded_record {
	struct prediction prediction;
	struct label label;
	struct err err;
	bool cut;
	const char *text; /* as it stands in the stretch, or inside its line there: not clean, not
			     terminated */
	size_t length;
	uint64_t offset, line; /* in the file, of its first byte */
};

struct decoder;

/* mapping must outlive it. labels: of a label feed. */
struct decoder *decoder_new(const struct mapping *mapping, bool labels);
void decoder_free(struct decoder *decoder); /* NULL is fine */

/* The stretch must live until the next call. One after the other of the same file follow on. */
void decoder_begin(struct decoder *decoder, const struct stretch *stretch);
/* The next record; what *record points to lives until the next call. One text may give several. */
enum decoded decoder_next(struct decoder *decoder, struct decoded_record *record);

/* The words for labels and decisions that it met. */
const struct flags *decoder_flags(const struct decoder *decoder);

/* Of events that wait for their other half: how many there are, and how many went without it. */
uint64_t decoder_waiting(const struct decoder *decoder);
uint64_t decoder_orphans(const struct decoder *decoder);

/* For a checkpoint, between two stretches: those that wait. decoder_load fills a new one of the
 * same mapping. */
void decoder_save(const struct decoder *decoder, struct buf *pack);
void decoder_load(struct decoder *decoder, struct unpack *unpack);

#endif
