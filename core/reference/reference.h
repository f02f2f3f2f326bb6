/* reference.h: what a live model is compared with: a profile from a file, or one that grows from
 * the first records seen.
 *
 * Growing: the first REFERENCE_MINIMUM records are kept to find the bins; from then on the bins
 * stand and counts are added until `limit` records are in. Inputs have one reference a model,
 * scores one a version (DESIGN.md section 8). What has grown spans too little to have a season: it
 * says none, and holds no hours. A column's bins never change once it is ready, so
 * buckets can be counted by them. */
#ifndef FRAUDTOP_REFERENCE_REFERENCE_H
#define FRAUDTOP_REFERENCE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ingest/record.h"
#include "core/reference/profile.h"

enum { REFERENCE_MINIMUM = 1000, REFERENCE_WORDS = 1024, REFERENCE_WORD_BYTES = 40 };

struct reference_column {
	struct profile_feature feature; /* bins and counts, once ready */
	bool ready;
	double *numbers; /* growing: present numbers */
	size_t numbers_count;
	char **words; /* growing: present words and how often; the rest beyond REFERENCE_WORDS is
			 dropped */
	uint64_t *word_counts;
	size_t words_count;
	size_t words_bytes; /* that they take: their text, and REFERENCE_WORD_BYTES each */
	bool closed; /* new ones are dropped */
	uint64_t seen; /* growing: records, missing ones included */
};

void reference_column_init(struct reference_column *column, const char *name);
void reference_column_free(struct reference_column *column);
/* Takes a copy of a profile's feature: ready at once. */
void reference_column_set(struct reference_column *column, const struct profile_feature *feature);

/* Adds a value while fewer than `limit` are in. Returns true if it made the column ready. */
bool reference_column_add(
    struct reference_column *column, const struct feature_value *value, uint64_t limit);
/* The fine bin of a present value, or -1 if it is missing, or a word in a column of numbers; a
 * number in a column of words is its shortest text. Column must be ready. */
int reference_column_bin(const struct reference_column *column, const struct feature_value *value);

/* For a checkpoint: all but its name. reference_column_load fills one that is new, or was set of
 * the same profile; if the reader fails it is good for reference_column_free. */
void reference_column_save(const struct reference_column *column, struct buf *pack);
void reference_column_load(struct reference_column *column, struct unpack *unpack);

#endif
