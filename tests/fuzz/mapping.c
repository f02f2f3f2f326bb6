/* mapping.c: any text by every preset, and by mappings of any paths: what comes out is sound, and
 * the same however the text was cut into stretches.
 *
 * The first line of an input is a letter for the preset (a to f; upper case: a label feed), and
 * paths after it, one for each field in turn, separated by tabs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/mem.h"
#include "core/source/frame.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/kit/decoding.h"

static void
set_path(char *dst, size_t size, const char **at, const char *end)
{
	size_t length = 0;
	while (*at < end && **at != '\t') {
		if (length + 1 < size && **at != '\0')
			dst[length++] = **at;
		(*at)++;
	}
	dst[length] = '\0';
	*at += *at < end;
}

static char *
new_path(const char **at, const char *end)
{
	char path[512];
	set_path(path, sizeof(path), at, end);
	return mem_string(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	const char *newline = size > 0 ? memchr(text, '\n', size) : NULL;
	if (newline == NULL)
		return 0;
	bool labels = *text >= 'A' && *text <= 'Z';
	struct config *config = config_new();
	struct config_mapping *m = mem_alloc(sizeof(*m));
	config->mappings = m;
	config->mappings_count = 1;
	snprintf(m->name, sizeof(m->name), "fuzzed");
	snprintf(
	    m->preset, sizeof(m->preset), "%s", mapping_presets[(size_t)((*text | 0x20) - 1) % 6]);
	const char *at = text + 1;
	char *const fields[] = {m->ts, m->request_id, m->score, m->features, m->label, m->decision,
	    m->input, m->output, m->status, m->model};
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (at < newline)
			set_path(fields[i], sizeof(m->ts), &at, newline);
	if (at < newline) {
		m->columns = mem_alloc(sizeof(char *));
		m->columns[m->columns_count++] = new_path(&at, newline);
	}
	if (at < newline) {
		m->named = mem_alloc(2 * sizeof(char *));
		m->named[m->named_count++] = mem_string("own");
		m->named[m->named_count++] = new_path(&at, newline);
	}
	if (at < newline)
		set_path(m->inside, sizeof(m->inside), &at, newline);
	m->flat = at < newline;
	struct err err = {0};
	struct mapping *mapping = mapping_new(config, "fuzzed", &err);
	CHECK(mapping != NULL || (err.code == ERR_CONFIG && err.text[0] != '\0'));
	clock_freeze(INT64_C(1700000000000000));
	if (mapping != NULL) {
		struct stretch stretch = {.offset = 7, .line = 3};
		const char *body = newline + 1;
		if (mapping_frame(mapping) == FRAME_CSV) {
			size_t row = frame_first(FRAME_CSV, body, (size_t)(end - body));
			stretch.header = body;
			stretch.header_length = row > 0 ? row : (size_t)(end - body);
			body += stretch.header_length;
		}
		stretch.length = (size_t)(end - body);
		stretch.text = mem_alloc(stretch.length + STRETCH_PAD);
		memcpy(stretch.text, body, stretch.length);
		decoding_fuzz(mapping, labels, m->inside[0] != '\0', &stretch);
		free(stretch.text);
	}
	mapping_free(mapping);
	config_free(config);
	return 0;
}
