/* sources_find.c: which files a path, a folder or a glob comes to. */
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/source/dbrows.h"
#include "core/source/frame.h"
#include "core/source/packed.h"
#include "core/source/pipe.h"
#include "core/source/rotated.h"
#include "core/source/sources_state.h"
#include "core/source/tail.h"

#define HEAD_BYTES (256 * 1024) /* a header's row is not longer */

static bool
is_followed(const struct sources *sources, const struct source_spec *spec, const char *path)
{
	struct stat status;
	bool there = stat(path, &status) == 0;
	for (size_t i = 0; i < sources->files_count; i++) {
		const struct source_file *file = sources->files[i];
		if (file->cutter.over || file->spec->labels != spec->labels ||
		    strcmp(file->stats.path, path) != 0)
			continue;
		if (file->kind != ORIGIN_PACKED || !there || packed_is_at(file->self, &status))
			return true;
	}
	return false;
}

/* head: what it begins with, if that was read before. */
static void
follow(struct sources *sources, const struct source_spec *spec, const char *path,
    const struct buf *head)
{
	struct tail *tail = tail_new(path, spec->labels, sources->bodies);
	tail_look(tail);
	struct source_file *file = sources_open(sources, spec, path, ORIGIN_TAIL, tail);
	if (head->length > 0)
		cutter_head(&file->cutter, head->data, head->length);
}

/* What is the file, of which so little may have been written yet that only its name tells? */
static enum packing
packing_of(int fd, const char *path)
{
	char head[4];
	ssize_t got = pread(fd, head, sizeof(head), 0);
	return got == sizeof(head) ? decompress_packing(head, sizeof(head))
				   : decompress_packing_name(path);
}

/* What a run before this one was reading of a path is in a packed file now. */
static void
go_on(struct sources *sources, struct body *read, int fd, struct packed *packed,
    struct source_file *with)
{
	struct stat status;
	for (size_t i = 0; i < sources->files_count; i++) {
		struct source_file *file = sources->files[i];
		if (file->kind != ORIGIN_TAIL || tail_lost(file->self) != read ||
		    file->cutter.ended || fstat(fd, &status) != 0)
			continue;
		packed_go_on(packed);
		cutter_go_on(&with->cutter, &file->cutter);
		tail_found(file->self, &status);
		return;
	}
}

/* A packed file waits while what is in it is still being read under another name. `read`: the body
 * in it, if that is known to be. */
static void
unpack(struct sources *sources, const struct source_spec *spec, const char *path, int fd,
    enum packing packing, struct body *read)
{
	char head[BODY_PRINT];
	size_t length;
	if (!packed_head(fd, packing, head, &length))
		return;
	if (read == NULL &&
	    bodies_ask_print(sources->bodies, spec->labels, head, length, &read) == KNOWN_WAIT)
		return;
	struct packed *packed = packed_new(path, spec->labels, sources->bodies, read);
	packed_take(packed, fd);
	struct source_file *file = sources_open(sources, spec, path, ORIGIN_PACKED, packed);
	if (read == NULL)
		return;
	cutter_head(&file->cutter, head, length);
	go_on(sources, read, fd, packed, file);
}

static void
read_head(struct buf *head, int fd)
{
	mem_reserve(&head->data, &head->capacity, HEAD_BYTES, 1);
	ssize_t got = pread(fd, head->data, HEAD_BYTES, 0);
	head->length = got > 0 ? (size_t)got : 0;
}

/* What there is. A log that is rotated comes by under new names: what it holds is being read to its
 * end, or has been. `named`: a plain path is followed whatever lies there now. */
static void
found(struct sources *sources, const struct source_spec *spec, const char *path, bool named)
{
	struct stat status;
	struct body *body;
	if (is_followed(sources, spec, path))
		return;
	bool there = stat(path, &status) == 0;
	if (there && S_ISREG(status.st_mode) &&
	    bodies_is_over(sources->bodies, spec->labels, &status))
		there = false;
	int fd = there ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	enum packing packing = PACKING_NONE;
	bool regular = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	enum known known = KNOWN_NOT;
	if (regular) {
		packing = packing_of(fd, path);
		known = bodies_ask(sources->bodies, fd, spec->labels, &status, &body);
		if (packing != PACKING_NONE && known == KNOWN_NOT)
			unpack(sources, spec, path, fd, packing, NULL);
	}
	struct buf head = {0};
	if (regular && known == KNOWN_REST && frame_delimiter(spec->frame) != '\0')
		read_head(&head, fd);
	if (fd >= 0)
		close(fd);
	bool wanted = regular && (known == KNOWN_NOT || known == KNOWN_REST);
	if (packing == PACKING_NONE && (wanted || named) &&
	    (there || decompress_packing_name(path) == PACKING_NONE))
		follow(sources, spec, path, &head);
	buf_free(&head);
}

/* What was lost, and where it is. */
struct lost {
	struct sources *sources;
	const struct source_file *file;
	struct stat status;
	char *path; /* of the oldest that begins like the little that was read; else NULL */
	struct stat oldest;
};

static bool
find_lost(const char *path, int fd, const struct stat *status, bool rotated, void *context)
{
	struct lost *lost = context;
	const struct source_spec *spec = lost->file->spec;
	struct body *read = NULL, *wanted = tail_lost(lost->file->self);
	char head[BODY_PRINT];
	size_t length;
	(void)rotated;
	if (!packed_head(fd, packing_of(fd, path), head, &length) ||
	    bodies_ask_print(lost->sources->bodies, spec->labels, head, length, &read) !=
		KNOWN_REST ||
	    read != wanted)
		return false;
	lost->status = *status;
	found(lost->sources, spec, path, false);
	return tail_lost(lost->file->self) == NULL;
}

/* As find_lost, where too little was read to be sure by it alone. */
static bool
find_short(const char *path, int fd, const struct stat *status, bool rotated, void *context)
{
	struct lost *lost = context;
	const struct body *wanted = tail_lost(lost->file->self);
	char head[BODY_PRINT];
	size_t length;
	if (!rotated || !rotated_is_since(status, &lost->status) ||
	    (lost->path != NULL && rotated_is_since(status, &lost->oldest)) ||
	    !packed_head(fd, packing_of(fd, path), head, &length) ||
	    !body_begins_like(wanted, head, length))
		return false;
	free(lost->path);
	lost->path = mem_string(path);
	lost->oldest = *status;
	return false;
}

static bool
find_newer(const char *path, int fd, const struct stat *status, bool rotated, void *context)
{
	struct lost *lost = context;
	(void)fd;
	if (rotated && rotated_is_since(status, &lost->status))
		found(lost->sources, lost->file->spec, path, false);
	return false;
}

static void
find_unsure(struct lost *lost)
{
	struct tail *tail = lost->file->self;
	struct body *wanted = tail_lost(tail);
	if (wanted != NULL && wanted->offset > 0)
		rotated_packed(lost->file->stats.path, find_short, lost);
	int fd = lost->path != NULL ? open(lost->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd >= 0) {
		unpack(lost->sources, lost->file->spec, lost->path, fd, packing_of(fd, lost->path),
		    wanted);
		close(fd);
	}
	free(lost->path);
	if (wanted == NULL || tail_lost(tail) == wanted)
		tail_follow_since(tail, &lost->status);
}

void
sources_find_lost(struct sources *sources, const struct source_file *file)
{
	struct lost lost = {.sources = sources, .file = file};
	if (file->kind != ORIGIN_TAIL)
		return;
	bool unsure = tail_is_unsure(file->self, &lost.status);
	if (unsure)
		find_unsure(&lost);
	else if (tail_lost(file->self) != NULL)
		rotated_packed(file->stats.path, find_lost, &lost);
	else
		return;
	/* What was read is gone: what came after it may not be. */
	if (tail_lost(file->self) != NULL)
		tail_follow_since(file->self, &lost.status);
	rotated_packed(file->stats.path, find_newer, &lost);
}

static void
find_in_folder(struct sources *sources, const struct source_spec *spec)
{
	struct dirent **names = NULL;
	int count = scandir(spec->path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			char *path = mem_printf("%s/%s", spec->path, names[i]->d_name);
			found(sources, spec, path, false);
			free(path);
		}
		free(names[i]);
	}
	free(names);
}

static void
find_by_glob(struct sources *sources, const struct source_spec *spec)
{
	glob_t names;
	if (glob(spec->path, 0, NULL, &names) != 0)
		return;
	for (size_t i = 0; i < names.gl_pathc; i++)
		found(sources, spec, names.gl_pathv[i], false);
	globfree(&names);
}

void
sources_find(struct sources *sources, const struct source_spec *spec)
{
	struct stat status;
	bool opened = false;
	for (size_t i = 0; i < sources->files_count; i++)
		opened = opened || sources->files[i]->spec == spec;
	if (spec->gone)
		return;
	if (spec->table[0] != '\0') {
		if (!opened)
			sources_open(sources, spec, spec->path, ORIGIN_DBROWS,
			    dbrows_new(spec->path, spec->table));
		return;
	}
	if (strcmp(spec->path, "-") == 0) {
		if (!opened)
			sources_open(sources, spec, spec->path, ORIGIN_PIPE,
			    pipe_new(STDIN_FILENO, spec->ahead));
		return;
	}
	bool there = stat(spec->path, &status) == 0;
	if (there && S_ISDIR(status.st_mode))
		find_in_folder(sources, spec);
	else if (!there && strpbrk(spec->path, "*?[") != NULL)
		find_by_glob(sources, spec);
	else
		found(sources, spec, spec->path, true);
}
