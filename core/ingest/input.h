/* input.h: a file read from its beginning, told apart by its first byte. For core/ingest alone.
 *
 * JSON lines are streamed; a CSV is held whole. A byte order mark is passed over. */
#ifndef FRAUDTOP_INGEST_INPUT_H
#define FRAUDTOP_INGEST_INPUT_H

#include "core/base/err.h"
#include "core/ingest/lines.h"

struct input {
	const char *path;
	int fd;
	struct buf buf; /* read and not yet handed over */
	bool ended;
	bool json_lines; /* else it is a CSV, or empty */
};

bool input_open(struct input *input, const char *path, struct err *err);
/* Hands over every line. */
bool input_lines(
    struct input *input, struct lines *lines, lines_callback *line, void *context, struct err *err);
/* Reads all of it into input->buf. */
bool input_whole(struct input *input, struct err *err);
void input_close(struct input *input);

#endif
