/* input.h: a file read from its beginning, told apart by its first byte. For core/ingest alone.
 *
 * It is handed over piece by piece. What cannot be read twice (a pipe) is kept for input_rewind, in
 * memory and beyond INPUT_HELD bytes in a temporary file. A byte order mark is passed over. What is
 * packed with gzip or zstd is unpacked as it is read; one that is cut short or damaged is an error
 * once that is seen. */
#ifndef FRAUDTOP_INGEST_INPUT_H
#define FRAUDTOP_INGEST_INPUT_H

#include "core/base/err.h"
#include "core/source/decompress.h"
#include "core/source/lines.h"
#include "core/ingest/scratch.h"

#define INPUT_HELD 67108864

struct input {
	const char *path;
	int fd;
	struct decompress *decompress; /* NULL: it is not packed */
	struct buf packed; /* read and not yet unpacked */
	bool packed_ended;
	struct buf buf; /* read and not yet handed over */
	bool ended;
	bool json_lines; /* else it is a CSV, or empty */
	bool pipe;
	uint64_t begin; /* where the text begins: after the byte order mark */
	struct buf kept; /* of a pipe: what was handed over */
	struct scratch scratch; /* and what comes after that */
	bool again; /* the pipe is read from what was kept */
	uint64_t at; /* and from this byte on */
	uint64_t pass; /* bytes to be passed over before the text begins again */
	struct err failure; /* of input_read */
};

bool input_open(struct input *input, const char *path, struct err *err);
/* Hands over every line. */
bool input_lines(
    struct input *input, struct lines *lines, lines_callback *line, void *context, struct err *err);
/* Hands over up to `room` bytes of a CSV; 0 at its end, or after a failure, which input_failed
 * tells. Is a csv_more. */
size_t input_read(void *input, char *dst, size_t room);
bool input_failed(const struct input *input, struct err *err);
/* input_read begins anew, at the text's beginning. */
void input_rewind(struct input *input);
void input_close(struct input *input);

#endif
