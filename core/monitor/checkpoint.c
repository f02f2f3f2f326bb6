/* checkpoint.c: all parts in one transaction, packed here and written by a thread. While that
 * thread is there the store and the parts are its own; the join's files are given up only when the
 * transaction that no longer names them is durable. */
#include "core/monitor/checkpoint.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/pack.h"
#include "core/base/priority.h"
#include "core/base/text.h"
#include "core/config/places.h"
#include "core/format/mapping.h"
#include "core/join/save.h"
#include "core/monitor/checkpoint_logs.h"
#include "core/monitor/monitor_save.h"
#include "core/monitor/state.h"
#include "core/monitor/intake_view.h"
#include "core/store/store.h"

enum { PART_INTAKE, PART_MONITOR, PART_JOIN, PART_TIME, PART_LOGS, PART_LINES, PARTS, FOLDERS = 8 };

static const char *const part_names[PARTS] = {"intake", "monitor", "join", "time", "logs", "lines"};

struct checkpoint {
	const struct config *config;
	struct store *store;
	bool kept;
	char *join_folder;
	char print[HASH_HEX_SIZE];
	struct buf parts[PARTS]; /* the writer's while there is one */
	pthread_t writer;
	bool writing;
	atomic_bool written; /* the writer has ended */
	bool done; /* and it is durable */
	struct err why; /* it is not */
	char told[sizeof((struct err){0}.text)];
	mono_us packed_at;
	uint64_t packed_bytes; /* of the logs */
	wall_us made_at, durable_at;
};

/* --- where --- */

static bool
has_path(char *const *paths, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(paths[i], path) == 0)
			return true;
	}
	return false;
}

static bool
reads_stdin(const struct config *config)
{
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		if (has_path(service->logs, service->logs_count, "-") ||
		    has_path(service->labels, service->labels_count, "-"))
			return true;
	}
	return false;
}

static bool
has_logs(const struct config *config)
{
	for (size_t i = 0; i < config->services_count; i++) {
		if (config->services[i].logs_count > 0 || config->services[i].labels_count > 0)
			return true;
	}
	return false;
}

static char *
folder_of(const struct config *config, const char *state)
{
	char context[32], hex[HASH_HEX_SIZE];
	text_copy(context, sizeof(context), config->context);
	for (char *at = context; *at != '\0'; at++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			*at) == NULL)
			*at = '_';
	}
	char *path = realpath(config->path, NULL);
	const char *known = path != NULL ? path : config->path;
	hash_sha256(known, strlen(known), hex);
	free(path);
	return mem_printf(
	    "%s/checkpoints/%s-%.16s", state, context[0] != '\0' ? context : "default", hex);
}

/* The first folder that nobody else holds. */
static struct store *
open_store(const char *base, struct err *err)
{
	struct store *store = NULL;
	for (int i = 1; i <= FOLDERS && store == NULL; i++) {
		struct err why = {0};
		char *folder = i == 1 ? mem_string(base) : mem_printf("%s-%d", base, i);
		store = store_open(folder, &why);
		free(folder);
		if (store == NULL && why.code == ERR_UNAVAILABLE && i < FOLDERS)
			continue;
		if (why.code != ERR_NONE)
			err_set(err, why.code, "%s", why.text);
		break;
	}
	return store;
}

struct checkpoint *
checkpoint_open(const struct config *config, struct err *err)
{
	char state[1024];
	bool kept = config->checkpoint_us > 0 && !reads_stdin(config);
	if ((!kept && config->join_file == 0) || !has_logs(config) ||
	    !places_state_folder(state, sizeof(state), err))
		return NULL;
	char *base = folder_of(config, state);
	struct store *store = open_store(base, err);
	free(base);
	if (store == NULL)
		return NULL;
	struct checkpoint *checkpoint = mem_alloc(sizeof(*checkpoint));
	checkpoint->config = config;
	checkpoint->store = store;
	checkpoint->kept = kept;
	checkpoint->join_folder =
	    mem_printf("%s/%s", store_folder(store), kept ? "join" : "join-unkept");
	if (!kept)
		files_remove_folder(checkpoint->join_folder);
	checkpoint->packed_at = clock_mono();
	return checkpoint;
}

static void
await_writer(struct checkpoint *checkpoint)
{
	pthread_join(checkpoint->writer, NULL);
	checkpoint->writing = false;
	for (int i = 0; i < PARTS; i++)
		buf_free(&checkpoint->parts[i]);
}

void
checkpoint_close(struct checkpoint *checkpoint)
{
	if (checkpoint == NULL)
		return;
	if (checkpoint->writing)
		await_writer(checkpoint);
	if (!checkpoint->kept)
		files_remove_folder(checkpoint->join_folder);
	store_close(checkpoint->store);
	free(checkpoint->join_folder);
	free(checkpoint);
}

bool
checkpoint_is_kept(const struct checkpoint *checkpoint)
{
	return checkpoint->kept;
}

const char *
checkpoint_join_folder(const struct checkpoint *checkpoint)
{
	return checkpoint->join_folder;
}

/* --- what it belongs to --- */

static void
print_paths(struct buf *out, char *const *paths, size_t count)
{
	pack_varint(out, count);
	for (size_t i = 0; i < count; i++)
		pack_text(out, paths[i]);
}

static void
make_print(struct checkpoint *checkpoint, const struct monitor *monitor)
{
	const struct config *config = checkpoint->config;
	struct buf out = {0}, layout = {0};
	char hex[HASH_HEX_SIZE];
	monitor_print(monitor, hex);
	pack_text(&out, hex);
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		struct mapping *mapping = mapping_new(config, service->format, NULL);
		buf_clear(&layout);
		if (mapping != NULL)
			mapping_print(mapping, NULL, &layout);
		mapping_free(mapping);
		pack_text(&out, service->name);
		pack_text(&out, service->model);
		print_paths(&out, service->logs, service->logs_count);
		print_paths(&out, service->labels, service->labels_count);
		pack_text(&out, service->format);
		pack_varint(&out, layout.length);
		pack_bytes(&out, layout.data, layout.length);
		pack_text(&out, service->table);
		pack_i64(&out, service->sample);
	}
	hash_sha256(out.data, out.length, checkpoint->print);
	buf_free(&layout);
	buf_free(&out);
}

/* --- loading --- */

static bool
load_parts(struct checkpoint *checkpoint, const struct buf *parts, struct monitor *monitor,
    struct intake *intake, struct log_lines *lines, struct err *err)
{
	struct unpack readers[PARTS];
	for (int i = 0; i < PARTS; i++)
		readers[i] =
		    (struct unpack){.at = parts[i].data, .end = parts[i].data + parts[i].length};
	if (!monitor_load(monitor, &readers[PART_MONITOR]))
		return err_set(err, ERR_DATA, "the windows make no sense");
	if (!intake_load(intake, &readers[PART_INTAKE]))
		return err_set(err, ERR_DATA, "the places in the logs make no sense");
	if (!log_lines_load(lines, &readers[PART_LINES]))
		return err_set(err, ERR_DATA, "the newest lines make no sense");
	checkpoint->durable_at = unpack_time(&readers[PART_TIME]);
	return join_load(monitor->join, &readers[PART_JOIN], err);
}

enum checkpoint_found
checkpoint_load(struct checkpoint *checkpoint, struct monitor *monitor, struct intake *intake,
    struct log_lines *lines, struct err *err)
{
	struct buf parts[PARTS] = {0};
	int found = 0;
	if (!checkpoint->kept)
		return CHECKPOINT_NONE;
	make_print(checkpoint, monitor);
	for (int i = 0; i < PARTS; i++) {
		if (!store_get(checkpoint->store, checkpoint->print, part_names[i], &parts[i], err))
			break;
		found++;
	}
	if (found == 0 && store_has_other(checkpoint->store, checkpoint->print))
		err_set(err, ERR_CHANGED,
		    "the configuration, or the program, is not that of the last checkpoint");
	enum checkpoint_found result = CHECKPOINT_NONE;
	struct unpack logs = {
	    .at = parts[PART_LOGS].data, .end = parts[PART_LOGS].data + parts[PART_LOGS].length};
	if (found == PARTS && checkpoint_logs_check(checkpoint->config, &logs, err))
		result = load_parts(checkpoint, parts, monitor, intake, lines, err)
			     ? CHECKPOINT_LOADED
			     : CHECKPOINT_BROKEN;
	for (int i = 0; i < PARTS; i++)
		buf_free(&parts[i]);
	return result;
}

/* --- saving --- */

void
checkpoint_keep(struct checkpoint *checkpoint, struct monitor *monitor)
{
	struct err err;
	/* What fails here fails again at the first save, and is told then. */
	if (checkpoint->kept)
		join_keep(monitor->join, &err);
}

static void *
write_parts(void *context)
{
	struct checkpoint *checkpoint = context;
	struct err *why = &checkpoint->why;
	priority_give_way();
	checkpoint->done = store_begin(checkpoint->store, checkpoint->print, why);
	for (int i = 0; i < PARTS && checkpoint->done; i++)
		store_put(checkpoint->store, part_names[i], &checkpoint->parts[i]);
	checkpoint->done = checkpoint->done && store_commit(checkpoint->store, why);
	atomic_store(&checkpoint->written, true);
	return NULL;
}

bool
checkpoint_is_behind(const struct checkpoint *checkpoint, const struct intake *intake)
{
	return checkpoint->kept && intake_progress(intake).bytes != checkpoint->packed_bytes;
}

bool
checkpoint_due(const struct checkpoint *checkpoint, const struct intake *intake)
{
	return !checkpoint->writing &&
	       clock_mono() - checkpoint->packed_at >= checkpoint->config->checkpoint_us &&
	       checkpoint_is_behind(checkpoint, intake);
}

void
checkpoint_save(struct checkpoint *checkpoint, struct monitor *monitor, const struct intake *intake,
    const struct log_lines *lines)
{
	if (checkpoint->writing)
		checkpoint_finish(checkpoint, monitor, NULL);
	checkpoint->why = (struct err){0};
	checkpoint->done = false;
	checkpoint->packed_at = clock_mono();
	checkpoint->packed_bytes = intake_progress(intake).bytes;
	checkpoint->made_at = clock_wall();
	intake_save(intake, &checkpoint->parts[PART_INTAKE]);
	monitor_save(monitor, &checkpoint->parts[PART_MONITOR]);
	checkpoint_logs_save(checkpoint->config, intake, &checkpoint->parts[PART_LOGS]);
	log_lines_save(lines, &checkpoint->parts[PART_LINES]);
	pack_i64(&checkpoint->parts[PART_TIME], checkpoint->made_at);
	bool joined = join_save(monitor->join, &checkpoint->parts[PART_JOIN], &checkpoint->why);
	atomic_store(&checkpoint->written, false);
	checkpoint->writing =
	    joined && pthread_create(&checkpoint->writer, NULL, write_parts, checkpoint) == 0;
	if (checkpoint->writing)
		return;
	if (joined)
		err_set(&checkpoint->why, ERR_FAILED, "there is no thread to be had");
	checkpoint->packed_bytes = UINT64_MAX;
	for (int i = 0; i < PARTS; i++)
		buf_free(&checkpoint->parts[i]);
}

static bool
tell(struct checkpoint *checkpoint, struct err *err)
{
	if (checkpoint->why.code == ERR_NONE || strcmp(checkpoint->told, checkpoint->why.text) == 0)
		return true;
	text_copy(checkpoint->told, sizeof(checkpoint->told), checkpoint->why.text);
	return err_set(err, checkpoint->why.code, "%s", checkpoint->why.text);
}

bool
checkpoint_finish(struct checkpoint *checkpoint, struct monitor *monitor, struct err *err)
{
	if (checkpoint->writing) {
		await_writer(checkpoint);
		if (checkpoint->done) {
			join_saved(monitor->join);
			checkpoint->durable_at = checkpoint->made_at;
			checkpoint->told[0] = '\0';
		} else {
			checkpoint->packed_bytes = UINT64_MAX; /* it is behind still */
		}
	}
	return tell(checkpoint, err);
}

bool
checkpoint_look(struct checkpoint *checkpoint, struct monitor *monitor, struct err *err)
{
	if (checkpoint->writing && !atomic_load(&checkpoint->written))
		return true;
	return checkpoint_finish(checkpoint, monitor, err);
}

wall_us
checkpoint_made_at(const struct checkpoint *checkpoint)
{
	return checkpoint->durable_at;
}
