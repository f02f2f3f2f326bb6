/* expectations_save.c: what was counted for the suites, for a checkpoint. The suites themselves
 * come with the configuration; suite_print tells whether they are the same. */
#include <math.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/expect/expectations.h"
#include "core/expect/suite_counts.h"

PACK_WHOLE(struct count, 408);

/* --- one expectation --- */

static void
save_tally(const struct tally *tally, struct buf *pack)
{
	size_t last = 0;
	pack_varint(pack, tally->capacity);
	pack_varint(pack, tally->count);
	for (size_t i = 0; i < tally->capacity; i++) {
		const struct tally_entry *entry = &tally->list[i];
		if (entry->hash == 0)
			continue;
		pack_varint(pack, i - last); /* each stays in its place */
		last = i;
		pack_u64(pack, entry->hash);
		pack_varint(pack, entry->count);
		pack_text(pack, entry->word);
	}
	pack_varint(pack, tally->full);
}

static void
load_tally(struct tally *tally, struct unpack *unpack)
{
	size_t capacity = (size_t)unpack_varint(unpack, 2 * SUITE_DISTINCT);
	size_t count =
	    (size_t)unpack_varint(unpack, capacity / 2); /* so a search comes to an end */
	if ((capacity & (capacity - 1)) != 0)
		unpack_fail(unpack);
	if (unpack->failed)
		return;
	tally->list = capacity > 0 ? mem_alloc(capacity * sizeof(*tally->list)) : NULL;
	tally->capacity = capacity;
	tally->count = count;
	size_t at = 0;
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		at += (size_t)unpack_varint(unpack, capacity - 1 - at);
		struct tally_entry *entry = &tally->list[at];
		if (entry->hash != 0)
			unpack_fail(unpack);
		entry->hash = unpack_u64(unpack);
		entry->count = unpack_varint(unpack, UINT64_MAX);
		unpack_text(unpack, entry->word, sizeof(entry->word));
		if (entry->hash == 0)
			unpack_fail(unpack);
	}
	tally->full = unpack_flag(unpack);
}

static void
save_lists(const struct count *count, const struct expectation *e, struct buf *pack)
{
	for (size_t i = 0; i < 2 * e->quantiles_count; i++) {
		pack_varint(pack, count->cuts[i].below);
		pack_f64(pack, count->cuts[i].under);
		pack_f64(pack, count->cuts[i].over);
	}
	for (size_t i = 0; i < e->set_count; i++)
		pack_varint(pack, count->set_seen[i]);
	pack_varint(pack, count->outside);
	save_tally(&count->tally, pack);
}

static void
load_lists(struct count *count, const struct expectation *e, struct unpack *unpack)
{
	for (size_t i = 0; i < 2 * e->quantiles_count; i++) {
		count->cuts[i].below = unpack_varint(unpack, UINT64_MAX);
		count->cuts[i].under = unpack_f64(unpack);
		count->cuts[i].over = unpack_f64(unpack);
	}
	for (size_t i = 0; i < e->set_count; i++)
		count->set_seen[i] = unpack_varint(unpack, UINT64_MAX);
	count->outside = unpack_varint(unpack, UINT64_MAX);
	load_tally(&count->tally, unpack);
}

static void
save_count(const struct count *count, const struct expectation *e, struct buf *pack)
{
	pack_varint(pack, count->records);
	if (count->records == 0)
		return;
	pack_varint(pack, count->missing);
	pack_varint(pack, count->unexpected);
	pack_varint(pack, count->words);
	pack_f64(pack, count->mean);
	pack_f64(pack, count->squares);
	pack_f64(pack, count->sum);
	pack_f64(pack, count->low);
	pack_f64(pack, count->high);
	pack_text(pack, count->low_word);
	pack_text(pack, count->high_word);
	pack_varint(pack, count->began);
	if (count->began) {
		pack_f64(pack, count->first);
		pack_f64(pack, count->last);
		pack_text(pack, count->first_word);
		pack_text(pack, count->last_word);
	}
	save_lists(count, e, pack);
}

static void
load_count(struct count *count, const struct expectation *e, struct unpack *unpack)
{
	count->records = unpack_varint(unpack, UINT64_MAX);
	if (count->records == 0)
		return;
	count->missing = unpack_varint(unpack, count->records);
	count->unexpected = unpack_varint(unpack, UINT64_MAX);
	count->words = unpack_varint(unpack, count->records - count->missing);
	count->mean = unpack_f64(unpack);
	count->squares = unpack_f64(unpack);
	count->sum = unpack_f64(unpack);
	count->low = unpack_f64(unpack);
	count->high = unpack_f64(unpack);
	unpack_text(unpack, count->low_word, sizeof(count->low_word));
	unpack_text(unpack, count->high_word, sizeof(count->high_word));
	count->began = unpack_flag(unpack);
	if (count->began) {
		count->first = unpack_f64(unpack);
		count->last = unpack_f64(unpack);
		unpack_text(unpack, count->first_word, sizeof(count->first_word));
		unpack_text(unpack, count->last_word, sizeof(count->last_word));
	}
	load_lists(count, e, unpack);
}

/* --- the ring --- */

void
expectations_save(const struct expectations *e, struct buf *pack)
{
	size_t used = 0;
	for (size_t i = 0; i < EXPECTATIONS_RING; i++)
		used += e->buckets[i] != NULL;
	pack_varint(pack, used);
	for (size_t i = 0; i < EXPECTATIONS_RING; i++) {
		const struct expectations_bucket *bucket = e->buckets[i];
		if (bucket == NULL)
			continue;
		pack_i64(pack, bucket->index);
		for (size_t k = 0; k < e->count; k++) {
			for (size_t n = 0; n < e->suites[k]->count; n++)
				save_count(
				    &bucket->counts[k]->list[n], &e->suites[k]->list[n], pack);
		}
	}
}

void
expectations_load(struct expectations *e, struct unpack *unpack)
{
	size_t used = (size_t)unpack_varint(unpack, e->count > 0 ? EXPECTATIONS_RING : 0);
	for (size_t i = 0; i < used && !unpack->failed; i++) {
		int64_t index = unpack_stretch(unpack, e->length_us);
		struct expectations_bucket **slot =
		    &e->buckets[clock_place(index, EXPECTATIONS_RING)];
		if (*slot != NULL) {
			unpack_fail(unpack);
			return;
		}
		*slot = mem_alloc(sizeof(**slot) + e->count * sizeof((*slot)->counts[0]));
		(*slot)->index = index;
		for (size_t k = 0; k < e->count; k++) {
			struct suite_counts *counts = suite_counts_new(e->suites[k]);
			(*slot)->counts[k] = counts;
			for (size_t n = 0; n < e->suites[k]->count; n++)
				load_count(&counts->list[n], &e->suites[k]->list[n], unpack);
		}
	}
}
