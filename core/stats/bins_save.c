/* bins_save.c: bins for a checkpoint: edges strictly ascending, PSI bins one after the other. */
#include <math.h>

#include "core/base/mem.h"
#include "core/stats/bins.h"

void
bins_save(const struct bins *bins, struct buf *pack)
{
	pack_varint(pack, bins->kind);
	pack_varint(pack, bins->count);
	for (size_t i = 0; i + 1 < bins->count; i++) {
		if (bins->kind == BINS_CATEGORIES_KIND)
			pack_text(pack, bins->categories[i]);
		else
			pack_f64(pack, bins->edges[i]);
	}
	if (bins->kind == BINS_CATEGORIES_KIND)
		pack_varint(pack, bins->has_other);
	for (size_t i = 0; bins->kind == BINS_EDGES && i < bins->count; i++)
		pack_varint(pack, bins->coarse[i]);
}

static void
load_coarse(struct bins *bins, struct unpack *unpack)
{
	bins->coarse = mem_alloc(bins->count * sizeof(*bins->coarse));
	uint16_t last = 0;
	for (size_t i = 0; i < bins->count; i++) {
		uint16_t coarse = (uint16_t)unpack_varint(unpack, BINS_MAX);
		if (coarse < last || coarse > last + (i > 0))
			unpack_fail(unpack);
		bins->coarse[i] = last = coarse;
	}
	bins->coarse_count = (size_t)last + 1;
}

void
bins_load(struct bins *bins, struct unpack *unpack)
{
	enum bins_kind kind = (enum bins_kind)unpack_varint(unpack, BINS_CATEGORIES_KIND);
	size_t count = (size_t)unpack_varint(unpack, BINS_MAX + 1);
	if (unpack->failed || count == 0) {
		unpack_fail(unpack);
		return;
	}
	*bins = (struct bins){.kind = kind, .count = count};
	if (kind == BINS_CATEGORIES_KIND)
		bins->categories = mem_alloc(count * sizeof(*bins->categories));
	else
		bins->edges = mem_alloc(count * sizeof(*bins->edges));
	for (size_t i = 0; i + 1 < count; i++) {
		if (kind == BINS_CATEGORIES_KIND) {
			bins->categories[i] = unpack_string(unpack);
			continue;
		}
		bins->edges[i] = unpack_f64(unpack);
		if (!isfinite(bins->edges[i]) || (i > 0 && bins->edges[i] <= bins->edges[i - 1]))
			unpack_fail(unpack);
	}
	if (kind == BINS_CATEGORIES_KIND)
		bins->has_other = unpack_flag(unpack);
	if (bins->has_other && count < 2)
		unpack_fail(unpack);
	if (kind == BINS_EDGES)
		load_coarse(bins, unpack);
	else
		bins_set_coarse(bins, NULL, 0);
}
