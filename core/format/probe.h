/* probe.h: what a log is and how it is understood, before a service is configured with it.
 *
 * A file is read from its beginning, as its source would cut it (packed ones unpacked); it is
 * opened anew each time, so it must be a plain file. */
#ifndef FRAUDTOP_FORMAT_PROBE_H
#define FRAUDTOP_FORMAT_PROBE_H

#include "core/format/decode.h"
#include "core/ingest/refusals.h"

#define PROBE_BYTES 262144 /* of the beginning, by which a format is guessed */

struct probe_counts {
	uint64_t bytes; /* of text */
	uint64_t predictions, labels, featured; /* featured: predictions with features */
	uint64_t waiting, orphans; /* halves of exchanges */
	uint64_t too_long; /* lines */
	struct refusals refusals;
	struct flags flags; /* the words for labels and decisions in it */
};

/* How one format does on the beginning. */
struct probe_try {
	const char *format; /* a preset's name, or of the configuration's mapping */
	char inside[256]; /* and what of a line is its record (mapping_put_inside); "": all */
	bool labels; /* as a label feed */
	struct probe_counts counts;
};

struct probe_tries {
	struct probe_try *list; /* in the order of the formats */
	size_t count;
	size_t best;
	bool understood; /* at least one record, by the best */
};

/* Reads the file by the mapping: all of it, or about so many bytes (0: all). `record` (NULL is
 * fine) gets every record. False: it cannot be read. */
bool probe_read(const char *path, const struct mapping *mapping, bool labels, uint64_t bytes,
    struct probe_counts *counts,
    void (*record)(enum decoded, const struct decoded_record *, void *context), void *context,
    struct err *err);

/* Of a format by which the file is tried: of a CSV also how it is written. */
struct mapping *probe_mapping(
    const char *path, const struct config *config, const char *format, struct err *err);

/* Tries every preset and every mapping of the configuration; if none understands a record, each of
 * them on what stands inside the lines, and if none does even so, the best is the one that the text
 * looks like. */
bool probe_guess(
    const char *path, const struct config *config, struct probe_tries *tries, struct err *err);
void probe_tries_free(struct probe_tries *tries);

/* Why nothing understands the file, as far as its beginning tells; or NULL. */
const char *probe_looks(const char *path);

/* Of the first object or row of the file: what stands where, a line each (`$.a.b  12`, `amount
 * 12`), clean, at most so many. */
bool probe_places(
    const char *path, enum frame frame, size_t most, struct buf *out, struct err *err);

#endif
