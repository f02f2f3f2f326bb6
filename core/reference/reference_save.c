/* reference_save.c: a reference that grows, or has grown, for a checkpoint. One of a profile is
 * only said to be: it comes with the profile. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/reference/reference.h"

PACK_WHOLE(struct reference_column, 336);

enum { OF_PROFILE, GROWING, GROWN };

static bool
is_of_profile(const struct reference_column *column)
{
	return column->ready && column->seen == UINT64_MAX;
}

static void
save_growing(const struct reference_column *column, struct buf *pack)
{
	pack_varint(pack, column->numbers_count);
	for (size_t i = 0; i < column->numbers_count; i++)
		pack_f64(pack, column->numbers[i]);
	pack_varint(pack, column->words_count);
	for (size_t i = 0; i < column->words_count; i++) {
		pack_text(pack, column->words[i]);
		pack_varint(pack, column->word_counts[i]);
	}
}

static void
save_grown(const struct profile_feature *feature, struct buf *pack)
{
	bins_save(&feature->bins, pack);
	for (size_t i = 0; i < feature->bins.count; i++)
		pack_varint(pack, feature->counts[i]);
	pack_varint(pack, feature->missing);
	if (feature->bins.kind == BINS_CATEGORIES_KIND)
		return;
	pack_f64(pack, feature->mean);
	pack_f64(pack, feature->deviation);
	pack_f64(pack, feature->low);
	pack_f64(pack, feature->high);
}

void
reference_column_save(const struct reference_column *column, struct buf *pack)
{
	if (is_of_profile(column)) {
		pack_varint(pack, OF_PROFILE);
		return;
	}
	pack_varint(pack, column->ready ? GROWN : GROWING);
	pack_varint(pack, column->seen);
	if (column->ready)
		save_grown(&column->feature, pack);
	else
		save_growing(column, pack);
}

static void
load_growing(struct reference_column *column, struct unpack *unpack)
{
	size_t count = (size_t)unpack_varint(unpack, REFERENCE_MINIMUM - 1);
	if (count > 0)
		column->numbers = mem_grow(NULL, REFERENCE_MINIMUM, sizeof(*column->numbers));
	for (size_t i = 0; i < count; i++) {
		column->numbers[i] = unpack_f64(unpack);
		if (!isfinite(column->numbers[i]))
			unpack_fail(unpack);
	}
	column->numbers_count = count;
	count = (size_t)unpack_varint(unpack, REFERENCE_WORDS);
	if (count > 0) {
		column->words = mem_alloc(count * sizeof(*column->words));
		column->word_counts = mem_alloc(count * sizeof(*column->word_counts));
	}
	for (; column->words_count < count && !unpack->failed; column->words_count++) {
		char *word = column->words[column->words_count] = unpack_string(unpack);
		column->words_bytes += strlen(word) + REFERENCE_WORD_BYTES;
		column->word_counts[column->words_count] = unpack_varint(unpack, REFERENCE_MINIMUM);
	}
	if (column->seen >= REFERENCE_MINIMUM || column->numbers_count > column->seen)
		unpack_fail(unpack);
}

static void
load_grown(struct reference_column *column, struct unpack *unpack)
{
	struct profile_feature *feature = &column->feature;
	bins_load(&feature->bins, unpack);
	if (unpack->failed)
		return;
	feature->counts = mem_alloc(feature->bins.count * sizeof(*feature->counts));
	for (size_t i = 0; i < feature->bins.count; i++) {
		feature->counts[i] = unpack_varint(unpack, column->seen);
		feature->n += feature->counts[i];
	}
	feature->missing = unpack_varint(unpack, column->seen);
	column->ready = true;
	if (feature->bins.kind == BINS_CATEGORIES_KIND)
		return;
	feature->mean = unpack_f64(unpack);
	feature->deviation = unpack_f64(unpack);
	feature->low = unpack_f64(unpack);
	feature->high = unpack_f64(unpack);
}

void
reference_column_load(struct reference_column *column, struct unpack *unpack)
{
	uint64_t kind = unpack_varint(unpack, GROWN);
	if ((kind == OF_PROFILE) != is_of_profile(column))
		unpack_fail(unpack);
	if (kind == OF_PROFILE || unpack->failed)
		return;
	column->seen = unpack_varint(unpack, (uint64_t)1 << 40);
	if (kind == GROWN)
		load_grown(column, unpack);
	else
		load_growing(column, unpack);
}
