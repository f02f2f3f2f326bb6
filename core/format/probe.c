/* probe.c: see probe.h. */
#include "core/format/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/format/probe_parts.h"
#include "core/source/decompress.h"

#define CHUNK 65536

static bool
fail_io(struct err *err, const char *path)
{
	int code = errno == ENOENT ? ERR_NO_INPUT : errno == EACCES ? ERR_PERMISSION : ERR_IO;
	return err_set(err, code, "%s: %s", path, strerror(errno));
}

bool
probe_open(struct probe_file *file, const char *path, enum frame frame, struct err *err)
{
	struct stat status;
	char head[4];
	*file =
	    (struct probe_file){.path = path, .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
	if (file->fd < 0)
		return fail_io(err, path);
	if (fstat(file->fd, &status) == 0 && !S_ISREG(status.st_mode))
		return err_set(err, ERR_USAGE,
		    "%s: a file is read several times here: it must be a plain one%s", path,
		    S_ISDIR(status.st_mode) ? ", not a folder" : "");
	ssize_t got = pread(file->fd, head, sizeof(head), 0);
	lseek(file->fd, 0, SEEK_SET); /* /dev/fd may share where it is */
	enum packing packing = decompress_packing(head, got > 0 ? (size_t)got : 0);
	if (packing != PACKING_NONE)
		file->unpack = decompress_new(packing);
	cutter_init(&file->cutter, frame, probe_more, file);
	file->open = true;
	return true;
}

void
probe_close(struct probe_file *file)
{
	if (file->open)
		cutter_free(&file->cutter);
	if (file->fd >= 0)
		close(file->fd);
	decompress_free(file->unpack);
	buf_free(&file->packed);
	stretch_free(&file->stretch);
}

/* Unpacks what there is; 0: more must be read. */
static bool
unpack_some(struct probe_file *file, char *dst, size_t room, size_t *made)
{
	size_t used;
	bool good = decompress_run(
	    file->unpack, file->packed.data, file->packed.length, &used, dst, room, made);
	if (!good)
		err_set(&file->failure, ERR_DATA, "%s: %s", file->path,
		    decompress_reason(file->unpack));
	buf_consume(&file->packed, used);
	return good;
}

enum got
probe_more(void *source, char *dst, size_t room, size_t *length)
{
	struct probe_file *file = source;
	char chunk[CHUNK];
	while (file->failure.code == 0) {
		size_t made = 0;
		if (file->unpack != NULL && (!unpack_some(file, dst, room, &made) || made > 0)) {
			*length = made;
			return made > 0 ? GOT_BYTES : GOT_OVER;
		}
		bool plain = file->unpack == NULL;
		ssize_t got =
		    read(file->fd, plain ? dst : chunk, plain || room < CHUNK ? room : CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fail_io(&file->failure, file->path);
		if (got == 0 && !plain && !decompress_whole(file->unpack))
			err_set(&file->failure, ERR_DATA, "%s: it ends in its middle", file->path);
		if (got <= 0)
			return GOT_OVER;
		if (plain) {
			*length = (size_t)got;
			return GOT_BYTES;
		}
		buf_append(&file->packed, chunk, (size_t)got);
	}
	return GOT_OVER;
}

bool
probe_take(struct probe_file *file)
{
	/* Much may have to be passed over before there is a record again. */
	while (!cutter_take(&file->cutter, &file->stretch, PROBE_BYTES))
		if (file->cutter.over || !file->cutter.busy)
			return false;
	return true;
}

static void
count_record(struct probe_counts *counts, enum decoded step, const struct decoded_record *record)
{
	counts->predictions += step == DECODED_PREDICTION;
	counts->featured += step == DECODED_PREDICTION && record->prediction.features_count > 0;
	counts->labels += step == DECODED_LABEL;
	if (step == DECODED_REFUSED)
		refusals_add(&counts->refusals, record->offset, record->line, record->err.text,
		    record->text, record->length, record->cut);
}

bool
probe_read(const char *path, const struct mapping *mapping, bool labels, uint64_t bytes,
    struct probe_counts *counts,
    void (*each)(enum decoded, const struct decoded_record *, void *context), void *context,
    struct err *err)
{
	struct probe_file file;
	struct decoded_record record;
	*counts = (struct probe_counts){0};
	bool open = probe_open(&file, path, mapping_frame(mapping), err);
	struct decoder *decoder = decoder_new(mapping, labels);
	while (open && (bytes == 0 || counts->bytes < bytes) && probe_take(&file)) {
		decoder_begin(decoder, &file.stretch);
		counts->bytes += file.stretch.length;
		for (enum decoded step; (step = decoder_next(decoder, &record)) != DECODED_END;) {
			count_record(counts, step, &record);
			if (each != NULL)
				each(step, &record, context);
		}
	}
	counts->flags = *decoder_flags(decoder);
	counts->waiting = decoder_waiting(decoder);
	counts->orphans = decoder_orphans(decoder);
	counts->too_long = open ? file.cutter.too_long : 0;
	bool failed = open && file.failure.code != 0;
	if (failed && err != NULL)
		*err = file.failure;
	decoder_free(decoder);
	probe_close(&file);
	return open && !failed;
}
