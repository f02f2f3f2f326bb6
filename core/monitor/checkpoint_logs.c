#include "core/monitor/checkpoint_logs.h"
#include "core/monitor/intake_view.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/format/decode.h"
#include "core/source/stretch.h"

enum { PRINT_BYTES = 256, LOGS_MOST = 64, HEAD_BYTES = 16 * 1024 };
#define OVERLAP (5 * CLOCK_SECOND)

struct print { /* of a file up to `size` */
	uint64_t size, head, tail;
};

static uint64_t
hash_at(int fd, uint64_t offset, uint64_t length)
{
	char bytes[PRINT_BYTES];
	ssize_t got = pread(fd, bytes, (size_t)length, (off_t)offset);
	return got == (ssize_t)length ? hash_bytes(bytes, (size_t)got, 1) : 0;
}

/* Of the first `size` bytes, or of all there are (UINT64_MAX). False: it is no plain file, or is
 * shorter. */
static bool
print_of(const char *path, uint64_t size, struct print *print)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	bool good = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	if (good && size == UINT64_MAX)
		size = (uint64_t)status.st_size;
	good = good && (uint64_t)status.st_size >= size;
	if (good) {
		uint64_t length = size < PRINT_BYTES ? size : PRINT_BYTES;
		*print = (struct print){
		    size, hash_at(fd, 0, length), hash_at(fd, size - length, length)};
	}
	if (fd >= 0)
		close(fd);
	return good;
}

static bool
is_log(const struct intake_file *file)
{
	return !file->source->labels && !file->source->finished && file->accepted > 0 &&
	       file->service->table[0] == '\0';
}

/* The time of the first prediction of a file; INT64_MAX if it does not tell. */
static wall_us
first_time(const struct config *config, const char *format, const char *path)
{
	wall_us first = INT64_MAX;
	struct stretch stretch = {0};
	struct mapping *mapping = mapping_new(config, format, NULL);
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	stretch_reserve(&stretch, HEAD_BYTES);
	ssize_t got = fd >= 0 ? pread(fd, stretch.text, HEAD_BYTES, 0) : 0;
	while (got > 0 && stretch.text[got - 1] != '\n')
		got--;
	if (mapping != NULL && got > 0 && mapping_frame(mapping) == FRAME_LINES) {
		struct decoder *decoder = decoder_new(mapping, false);
		struct decoded_record record;
		stretch.length = (size_t)got;
		stretch.line = 1;
		memset(stretch.text + got, 0, STRETCH_PAD);
		decoder_begin(decoder, &stretch);
		enum decoded what;
		while ((what = decoder_next(decoder, &record)) == DECODED_REFUSED)
			;
		if (what == DECODED_PREDICTION)
			first = record.prediction.ts;
		decoder_free(decoder);
	}
	if (fd >= 0)
		close(fd);
	mapping_free(mapping);
	stretch_free(&stretch);
	return first;
}

void
checkpoint_logs_save(const struct config *config, const struct intake *intake, struct buf *pack)
{
	struct print print;
	for (size_t i = 0, kept = 0; i < intake_files(intake) && kept < LOGS_MOST; i++) {
		const struct intake_file *file = intake_file(intake, i);
		if (!is_log(file) || !print_of(file->source->path, UINT64_MAX, &print))
			continue;
		kept++;
		pack_varint(pack, 1);
		pack_text(pack, file->source->path);
		pack_text(pack, file->service->format);
		pack_i64(pack, first_time(config, file->service->format, file->source->path));
		pack_i64(pack, file->newest);
		pack_u64(pack, print.size);
		pack_u64(pack, print.head);
		pack_u64(pack, print.tail);
	}
	pack_varint(pack, 0);
}

static bool
is_as_before(const char *path, const struct print *before)
{
	struct print now;
	return print_of(path, before->size, &now) && now.head == before->head &&
	       now.tail == before->tail;
}

bool
checkpoint_logs_check(const struct config *config, struct unpack *unpack, struct err *err)
{
	while (unpack_flag(unpack) && !unpack->failed) {
		char path[1024], format[64], clean[256];
		unpack_text(unpack, path, sizeof(path));
		unpack_text(unpack, format, sizeof(format));
		wall_us first = unpack_i64(unpack), newest = unpack_time(unpack);
		struct print before = {.size = unpack_u64(unpack)};
		before.head = unpack_u64(unpack);
		before.tail = unpack_u64(unpack);
		if (unpack->failed || is_as_before(path, &before))
			continue;
		wall_us now = first_time(config, format, path);
		if (now == INT64_MAX || (now > first && now >= newest - OVERLAP))
			continue;
		text_scrub(clean, sizeof(clean), path, strlen(path));
		return err_set(err, ERR_CHANGED, "%s was written anew", clean);
	}
	return unpack_good(unpack) ||
	       err_set(err, ERR_DATA, "what was remembered of the logs makes no sense");
}
