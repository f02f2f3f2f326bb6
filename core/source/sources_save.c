/* sources_save.c: where everything is, kept and found again; and beginning near the end. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/source/dbrows.h"
#include "core/source/frame.h"
#include "core/source/packed.h"
#include "core/source/pipe.h"
#include "core/source/sources_state.h"
#include "core/source/tail.h"

#define SAVE_MARK UINT64_C(0x31736563756f7366) /* "fsouces1" */
#define FILES_MOST 1000000

void
sources_save(const struct sources *sources, struct buf *pack)
{
	pack_u64(pack, SAVE_MARK);
	bodies_save(sources->bodies, pack);
	pack_u64(pack, sources->turn);
	pack_u64(pack, sources->files_count);
	for (size_t i = 0; i < sources->files_count; i++) {
		const struct source_file *file = sources->files[i];
		pack_text(pack, file->spec->path);
		pack_text(pack, file->spec->table);
		pack_u64(pack, file->spec->labels);
		pack_u64(pack, file->spec->frame);
		pack_text(pack, file->stats.path);
		pack_u64(pack, file->kind);
		cutter_save(&file->cutter, pack);
		if (file->origin->save != NULL)
			file->origin->save(file->self, pack);
	}
}

/* What was loaded, until it is known to be good. */
struct loading {
	struct sources *now; /* whose specs are asked for */
	struct sources old; /* with the specs that no more are */
};

static const struct source_spec *
find_spec(struct loading *loading, const struct source_options *options)
{
	for (size_t i = 0; i < loading->now->specs_count; i++) {
		const struct source_spec *spec = loading->now->specs[i];
		if (strcmp(spec->path, options->path) == 0 &&
		    strcmp(spec->table, options->table) == 0 && spec->labels == options->labels &&
		    spec->frame == options->frame)
			return spec;
	}
	struct source_spec *spec = sources_add_spec(&loading->old, options);
	spec->gone = true;
	return spec;
}

static void *
make_origin(
    enum origin_kind kind, const struct source_spec *spec, const char *path, struct bodies *bodies)
{
	switch (kind) {
	case ORIGIN_TAIL:
		return tail_new(path, spec->labels, bodies);
	case ORIGIN_PACKED:
		return packed_new(path, spec->labels, bodies, NULL);
	case ORIGIN_PIPE:
		return pipe_new(STDIN_FILENO, NULL);
	case ORIGIN_DBROWS:
	case ORIGIN_KINDS:
		break;
	}
	return dbrows_new(path, spec->table);
}

static void
load_file(struct loading *loading, struct unpack *unpack)
{
	char path[4096], table[1024], file_path[1024];
	struct source_options options = {.path = path, .table = table};
	unpack_text(unpack, path, sizeof(path));
	unpack_text(unpack, table, sizeof(table));
	options.labels = unpack_count(unpack, 1) != 0;
	options.frame = (enum frame)unpack_count(unpack, FRAME_CSV_BAR);
	unpack_text(unpack, file_path, sizeof(file_path));
	enum origin_kind kind = (enum origin_kind)unpack_count(unpack, ORIGIN_KINDS - 1);
	if (unpack->failed)
		return;
	const struct source_spec *spec = find_spec(loading, &options);
	void *self = make_origin(kind, spec, file_path, loading->old.bodies);
	struct source_file *file = sources_open(&loading->old, spec, file_path, kind, self);
	cutter_load(&file->cutter, unpack);
	if (file->origin->load != NULL)
		file->origin->load(self, unpack);
	if (kind == ORIGIN_PIPE) {
		/* Another one than it was. */
		cutter_free(&file->cutter);
		cutter_init(&file->cutter, spec->frame, file->origin->read, self);
	}
	if (spec->gone)
		cutter_end(&file->cutter);
	file->ready = !file->cutter.over || file->cutter.held.length > 0;
}

/* Nobody looks for what came after his own before all have opened again what they were reading. */
static void
resume_all(struct sources *sources)
{
	for (size_t i = 0; i < sources->files_count; i++) {
		struct source_file *file = sources->files[i];
		if (file->origin->resume != NULL && !file->spec->gone)
			file->origin->resume(file->self);
	}
	for (size_t i = 0; i < sources->files_count; i++) {
		if (sources->files[i]->kind == ORIGIN_TAIL && !sources->files[i]->spec->gone)
			tail_follow_resumed(sources->files[i]->self);
	}
	for (size_t i = 0, count = sources->files_count; i < count; i++) {
		if (!sources->files[i]->spec->gone)
			sources_find_lost(sources, sources->files[i]);
	}
}

/* What was loaded takes the place of what was found when the sources were added. */
static void
take_over(struct sources *sources, struct sources *old)
{
	sources_close(sources);
	sources->bodies = old->bodies;
	sources->files = old->files;
	sources->files_count = old->files_count;
	sources->files_capacity = old->files_capacity;
	sources->turn = old->turn;
	mem_reserve(&sources->specs, &sources->specs_capacity,
	    sources->specs_count + old->specs_count, sizeof(struct source_spec *));
	for (size_t i = 0; i < old->specs_count; i++)
		sources->specs[sources->specs_count++] = old->specs[i];
	free(old->specs);
	resume_all(sources);
	sources_look(sources);
	for (size_t i = 0; i < sources->files_count; i++) {
		struct source_file *file = sources->files[i];
		if (file->origin->look != NULL && !file->spec->gone)
			file->origin->look(file->self);
		sources_tell(file);
	}
}

bool
sources_load(struct sources *sources, struct unpack *unpack)
{
	struct loading loading = {.now = sources};
	loading.old.bodies = mem_alloc(sizeof(struct bodies));
	if (unpack_u64(unpack) != SAVE_MARK)
		unpack_fail(unpack);
	bodies_load(loading.old.bodies, unpack);
	loading.old.turn = unpack_u64(unpack) % FILES_MOST;
	size_t count = unpack_count(unpack, FILES_MOST);
	for (size_t i = 0; i < count && !unpack->failed; i++)
		load_file(&loading, unpack);
	if (!unpack->failed) {
		take_over(sources, &loading.old);
		return true;
	}
	sources_close(&loading.old);
	sources_free_specs(&loading.old);
	return false;
}

/* --- near the end --------------------------------------------------------------------------------
 */

/* When was it last written to? */
static wall_us
written_at(const struct source_file *file)
{
	struct stat status;
	if (stat(file->stats.path, &status) != 0)
		return 0;
	return (wall_us)status.st_mtim.tv_sec * CLOCK_SECOND + status.st_mtim.tv_nsec / 1000;
}

/* The newest of the spec's files that was not skipped yet. */
static struct source_file *
newest_file(
    const struct sources *sources, const struct source_spec *spec, const bool *done, size_t *number)
{
	struct source_file *newest = NULL;
	wall_us newest_at = 0;
	for (size_t i = 0; i < sources->files_count; i++) {
		struct source_file *file = sources->files[i];
		if (file->spec != spec || done[i])
			continue;
		wall_us at = written_at(file);
		if (newest == NULL || at > newest_at) {
			newest = file;
			newest_at = at;
			*number = i;
		}
	}
	return newest;
}

static void
skip_file(struct source_file *file, uint64_t bytes)
{
	struct buf head = {0};
	if (file->origin->skip == NULL) {
		cutter_end(&file->cutter);
		file->ready = false;
	} else {
		uint64_t offset = file->origin->skip(file->self, bytes, &head);
		if (offset > 0)
			cutter_begin(&file->cutter, offset, head.data,
			    frame_first(file->cutter.frame, head.data, head.length));
	}
	buf_free(&head);
	sources_tell(file);
}

void
sources_skip(struct sources *sources, const struct source_spec *spec, uint64_t bytes)
{
	size_t number = 0;
	struct source_file *file;
	bool *done = mem_grow(NULL, sources->files_count + 1, sizeof(*done));
	memset(done, 0, (sources->files_count + 1) * sizeof(*done));
	while ((file = newest_file(sources, spec, done, &number)) != NULL) {
		done[number] = true;
		uint64_t size = file->stats.size;
		skip_file(file, bytes);
		if (file->origin->skip != NULL)
			bytes -= size < bytes ? size : bytes;
	}
	free(done);
}
