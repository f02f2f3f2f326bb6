#include "tests/kit/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/buf.h"
#include "widgets/canvas.h"

static size_t
golden_line(const char *text, size_t length, size_t at)
{
	const char *end = at < length ? memchr(text + at, '\n', length - at) : NULL;
	return end != NULL ? (size_t)(end - text) - at : length - at;
}

/* Line by line: `-` what was wanted, `+` what came, ` ` what is the same. */
static void
golden_show(const struct buf *want, const struct buf *got)
{
	size_t a = 0, b = 0;
	while (a < want->length || b < got->length) {
		size_t left = golden_line(want->data, want->length, a);
		size_t right = golden_line(got->data, got->length, b);
		bool same = a < want->length && b < got->length && left == right &&
			    memcmp(want->data + a, got->data + b, left) == 0;
		if (same)
			fprintf(stderr, "  %.*s\n", (int)left, want->data + a);
		if (!same && a < want->length)
			fprintf(stderr, "- %.*s\n", (int)left, want->data + a);
		if (!same && b < got->length)
			fprintf(stderr, "+ %.*s\n", (int)right, got->data + b);
		a = a < want->length ? a + left + 1 : a;
		b = b < got->length ? b + right + 1 : b;
	}
}

/* True if `got` is what the file holds. With FRAUDTOP_ACCEPT=1 the file is written instead. */
static bool
golden_bytes(const char *name, const struct buf *got, const char *program)
{
	char path[512];
	struct err err = {0};
	struct buf want = {0};
	snprintf(path, sizeof(path), "tests/screens/%s.txt", name);
	const char *accept = getenv("FRAUDTOP_ACCEPT");
	if (accept != NULL && accept[0] == '1') {
		bool written = buf_write_file(path, got->data, got->length, 0644, &err);
		if (!written)
			fprintf(stderr, "%s\n", err.text);
		return written;
	}
	bool there = buf_read_file(&want, path, 1 << 24, &err);
	if (!there)
		fprintf(stderr, "%s\n", err.text);
	bool same = there && want.length == got->length &&
		    (got->length == 0 || memcmp(want.data, got->data, got->length) == 0);
	if (!same) {
		const char *build = getenv("BUILD");
		fprintf(stderr, "%s is not as kept:\n", path);
		golden_show(&want, got);
		fprintf(stderr, "accept with: FRAUDTOP_ACCEPT=1 %s/tests/%s\n",
		    build != NULL ? build : "build", program);
	}
	buf_free(&want);
	return same;
}

bool
golden_matches(const char *name, const struct canvas *canvas, bool roles, const char *program)
{
	struct buf got = {0};
	canvas_dump(canvas, roles, &got);
	bool same = golden_bytes(name, &got, program);
	buf_free(&got);
	return same;
}
