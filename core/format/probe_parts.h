/* probe_parts.h: a file as a probe reads it. For core/format alone. */
#ifndef FRAUDTOP_FORMAT_PROBE_PARTS_H
#define FRAUDTOP_FORMAT_PROBE_PARTS_H

#include "core/format/mapping.h"
#include "core/source/cutter.h"

struct decompress;

struct probe_file {
	const char *path;
	int fd;
	bool open;
	struct decompress *unpack; /* NULL: it is not packed */
	struct buf packed; /* read and not unpacked */
	struct cutter cutter;
	struct stretch stretch; /* the last one taken */
	struct err failure;
};

/* probe_close in either case. */
bool probe_open(struct probe_file *file, const char *path, enum frame frame, struct err *err);
void probe_close(struct probe_file *file);
/* Is a cutter_read. */
enum got probe_more(void *source, char *dst, size_t room, size_t *length);
/* The next stretch; false: there is none, and file->failure may say why. */
bool probe_take(struct probe_file *file);

/* How this is written, if it is a CSV; false: it has one column at most. */
bool probe_style(const char *text, size_t length, struct table_style *style);

/* Appends a member to a path: a key with anything odd in quotes. */
void probe_add_key(char *path, size_t size, const char *key);

/* What of the lines of a file may be the records of others: paths, or UNWRAP_TEXT. */
enum { PROBE_INSIDES = 8 };
size_t probe_insides(const char *path, char list[PROBE_INSIDES][256]);

#endif
