/* probe_inside.c: where in the lines of a file records may be that others have wrapped: after text,
 * or in a member that is an object, or a text with one in it. */
#include <string.h>

#include "core/base/text.h"
#include "core/format/probe_parts.h"
#include "core/format/unwrap.h"
#include "core/ingest/jsonscan.h"
#include "core/ingest/record.h"

enum { LINES_LOOKED_AT = 64 };

struct insides {
	char (*list)[256];
	size_t count;
};

static void
add_inside(struct insides *insides, const char *inside)
{
	for (size_t i = 0; i < insides->count; i++)
		if (strcmp(insides->list[i], inside) == 0)
			return;
	if (insides->count < PROBE_INSIDES)
		text_copy(insides->list[insides->count++], sizeof(*insides->list), inside);
}

/* The members of the object that scan stands at. */
static void
look_at_members(struct insides *insides, struct jsonscan *scan)
{
	char key[JSONSCAN_MAX_TEXT + 1], path[256];
	size_t length, count = 0;
	scan->at++;
	while (jsonscan_member(scan, &count, key, &length) == JSONSCAN_MEMBER) {
		const char *from = scan->at;
		if (!jsonscan_skip(scan, 1))
			return;
		size_t size = (size_t)(scan->at - from);
		if (*from != '{' && (*from != '"' || memchr(from, '{', size) == NULL))
			continue;
		text_copy(path, sizeof(path), "$");
		probe_add_key(path, sizeof(path), key);
		add_inside(insides, path);
	}
}

size_t
probe_insides(const char *path, char list[PROBE_INSIDES][256])
{
	struct probe_file file;
	struct err ignored;
	struct insides insides = {.list = list};
	bool open = probe_open(&file, path, FRAME_LINES, &ignored) && probe_take(&file);
	const char *at = file.stretch.text, *end = open ? at + file.stretch.length : at;
	for (size_t i = 0; i < LINES_LOOKED_AT && at < end; i++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline != NULL ? newline : end;
		struct jsonscan scan;
		jsonscan_begin(&scan, at, (size_t)(stop - at), &ignored);
		if (jsonscan_peek(&scan) == '{')
			look_at_members(&insides, &scan);
		else if (memchr(at, '{', (size_t)(stop - at)) != NULL)
			add_inside(&insides, UNWRAP_TEXT);
		at = newline != NULL ? newline + 1 : end;
	}
	probe_close(&file);
	return insides.count;
}
