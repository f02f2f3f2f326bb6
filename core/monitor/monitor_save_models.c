/* monitor_save_models.c: models, their columns and versions. A column's place in the buckets
 * follows from the order in which columns became ready; loading gives them their places in that
 * order again. */
#include <string.h>

#include "core/monitor/monitor_save_parts.h"
#include "core/monitor/models.h"

PACK_WHOLE(struct model_place, 32);
PACK_WHOLE(struct version_state, 472);

/* Does the column stand in the buckets? */
static bool
has_place(const struct model_state *model, size_t column)
{
	return model->places[column].offset != SIZE_MAX;
}

static void
save_model(const struct model_state *model, struct buf *pack)
{
	pack_text(pack, model->name);
	pack_varint(pack, model->features_count);
	for (size_t i = 0; i < model->features_count; i++) {
		pack_text(pack, model->features[i].feature.name);
		reference_column_save(&model->features[i], pack);
		pack_varint(pack, has_place(model, i) ? model->places[i].offset + 1 : 0);
	}
	pack_varint(pack, model->versions_count);
	for (size_t i = 0; i < model->versions_count; i++) {
		pack_text(pack, model->versions[i].version);
		reference_column_save(&model->versions[i].score, pack);
	}
}

void
save_models(const struct monitor *monitor, struct buf *pack)
{
	pack_varint(pack, monitor->models_count);
	for (size_t i = 0; i < monitor->models_count; i++)
		save_model(monitor->models[i], pack);
}

/* Places the columns that had one; offsets[i] is its offset + 1, or 0. */
static void
place_columns(struct model_state *model, const size_t *offsets, struct unpack *unpack)
{
	size_t left = 0;
	for (size_t i = 0; i < model->features_count; i++) {
		bool extra = model->places[i].extra;
		left += offsets[i] != 0 && !has_place(model, i);
		if ((offsets[i] != 0) != (extra || model->features[i].ready) ||
		    (has_place(model, i) && model->places[i].offset + 1 != offsets[i]))
			unpack_fail(unpack);
	}
	for (bool moved = true; moved && left > 0 && !unpack->failed;) {
		moved = false;
		for (size_t i = 0; i < model->features_count; i++) {
			size_t next = model->sizes[model->places[i].ring] + 1;
			if (has_place(model, i) || offsets[i] != next)
				continue;
			models_place(model, i);
			left--;
			moved = true;
		}
	}
	if (left > 0)
		unpack_fail(unpack);
}

static void
load_columns(struct monitor *monitor, struct model_state *model, struct unpack *unpack)
{
	size_t offsets[MONITOR_FEATURES_MAX] = {0}, known = model->features_count;
	size_t count = (size_t)unpack_varint(unpack, MONITOR_FEATURES_MAX);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		char name[SNAPSHOT_NAME];
		unpack_text(unpack, name, sizeof(name));
		if (models_column(monitor, model, i, name) != i) {
			unpack_fail(unpack);
			return;
		}
		reference_column_load(&model->features[i], unpack);
		monitor->room.references += model->features[i].words_bytes;
		monitor->room.used += model->features[i].words_bytes;
		offsets[i] = (size_t)unpack_varint(unpack, UINT32_MAX);
	}
	if (unpack->failed || count < known)
		unpack_fail(unpack);
	else
		place_columns(model, offsets, unpack);
}

static void
load_versions(struct model_state *model, struct unpack *unpack)
{
	size_t count = (size_t)unpack_varint(unpack, MONITOR_SERIES_ALL);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		char version[SNAPSHOT_NAME];
		unpack_text(unpack, version, sizeof(version));
		if (models_version(model, version) != i)
			unpack_fail(unpack);
		else
			reference_column_load(&model->versions[i].score, unpack);
	}
}

/* Those that profiles and suites have made come first, and in their order. */
void
load_models(struct monitor *monitor, struct unpack *unpack)
{
	size_t known = monitor->models_count;
	size_t count = (size_t)unpack_varint(unpack, known + MONITOR_SERIES_ALL);
	for (size_t i = 0; i < count && !unpack->failed; i++) {
		char name[SNAPSHOT_NAME];
		size_t index;
		unpack_text(unpack, name, sizeof(name));
		struct model_state *model = models_get(monitor, name, &index);
		if (index != i)
			unpack_fail(unpack);
		if (!unpack->failed)
			load_columns(monitor, model, unpack);
		if (!unpack->failed)
			load_versions(model, unpack);
	}
	if (count < known)
		unpack_fail(unpack);
}
