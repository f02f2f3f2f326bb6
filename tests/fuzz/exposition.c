/* The exposition parser on any bytes, in both formats: it refuses with a place and a reason, or
 * gives clean samples within their bounds; the same whatever is wanted, whatever line stood before,
 * and whether it is read in full or compared with one before. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/poll/expoline.h"
#include "core/poll/form.h"
#include "core/poll/exposition.h"
#include "core/poll/seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_clean(const char *text)
{
	size_t length = strlen(text), size = 3 * length + 1;
	char *scrubbed = malloc(size);
	if (text_scrub(scrubbed, size, text, length) != length || memcmp(scrubbed, text, length))
		abort();
	free(scrubbed);
}

static void
check_samples(const struct exposition *exposition)
{
	size_t count;
	const struct exposition_sample *samples = exposition_samples(exposition, &count);
	check_clean(exposition_native(exposition));
	for (size_t i = 0; i < count; i++) {
		check_clean(samples[i].name);
		if (samples[i].name[0] == '\0' || samples[i].labels_count > EXPOSITION_MAX_LABELS)
			abort();
		for (size_t j = 0; j < samples[i].labels_count; j++) {
			check_clean(samples[i].labels[j].name);
			check_clean(samples[i].labels[j].value);
		}
	}
}

static bool
none(const char *name, size_t length)
{
	(void)name;
	(void)length;
	return false;
}

static bool
parse(const uint8_t *data, size_t size, enum exposition_format format)
{
	struct err err = {0}, other = {0};
	struct exposition *all =
	    exposition_parse((const char *)data, size, format, NULL, NULL, &err);
	struct exposition *nothing =
	    exposition_parse((const char *)data, size, format, none, NULL, &other);
	bool good = all != NULL;
	if (good != (nothing != NULL) || strcmp(err.text, other.text) != 0)
		abort(); /* what is wanted decides about no verdict */
	if (!good && (strncmp(err.text, "line ", 5) != 0 || err.code != ERR_DATA))
		abort();
	if (good)
		check_samples(all);
	exposition_free(all);
	exposition_free(nothing);
	return good;
}

static bool
same_number(const struct exponumber *a, const struct exponumber *b)
{
	double x = exponumber_value(a), y = exponumber_value(b);
	return memcmp(&x, &y, sizeof(x)) == 0;
}

static bool
same_line(const struct expoline *a, const struct expoline *b)
{
	if (a->name_length != b->name_length || memcmp(a->name, b->name, a->name_length) != 0 ||
	    a->labels_count != b->labels_count || a->timed != b->timed ||
	    a->exemplar != b->exemplar || a->native != b->native)
		return false;
	for (size_t i = 0; i < a->labels_count; i++) {
		const struct expoline_label *x = &a->labels[i], *y = &b->labels[i];
		if (x->name_length != y->name_length || x->value_length != y->value_length ||
		    x->escaped != y->escaped || x->after != y->after ||
		    memcmp(x->name, y->name, x->name_length) != 0 ||
		    memcmp(x->value, y->value, x->value_length) != 0)
			return false;
	}
	return a->native || same_number(&a->value, &b->value);
}

/* What a line is read as does not hang on the line before it. */
static void
check_lines(const char *text, const char *end, bool strict)
{
	struct expoline *line = calloc(1, sizeof(*line));
	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline != NULL ? newline : end;
		struct expoline *fresh = calloc(1, sizeof(*fresh));
		const char *reason = expoline_read(line, text, stop, strict);
		const char *other = expoline_read(fresh, text, stop, strict);
		if (reason != other && (reason == NULL || other == NULL || strcmp(reason, other)))
			abort();
		if (reason == NULL && !same_line(line, fresh))
			abort();
		free(fresh);
		text = newline != NULL ? newline + 1 : end;
	}
	free(line);
}

/* What is taken for the exposition with other values is what reading in full says. */
static void
check_taken(struct form *form, const char *text, size_t size, enum exposition_format format)
{
	struct err err = {0};
	size_t count;
	if (!form_match(form, text, size, format))
		return;
	struct exposition *full = exposition_parse(text, size, format, NULL, NULL, &err);
	if (full == NULL)
		abort();
	const struct exposition_sample *samples = exposition_samples(full, &count);
	if (count != form->wanted)
		abort();
	for (size_t i = 0; i < count; i++) {
		if (memcmp(&samples[i].value, &form->values[i], sizeof(double)) != 0)
			abort();
	}
	exposition_free(full);
}

static void
check_form(const uint8_t *data, size_t size, enum exposition_format format)
{
	static const char bytes[] = "0123456789.-+eN {}\"#\n";
	struct err err = {0};
	struct form form = {0};
	uint64_t random = seen_hash((const char *)data, size, 1);
	char *changed = malloc(size);
	struct exposition *full =
	    exposition_parse((const char *)data, size, format, NULL, &form, &err);
	if (full != NULL)
		check_taken(&form, (const char *)data, size, format);
	for (int i = 0; full != NULL && i < 16; i++) {
		random = seen_mix(random + 1);
		memcpy(changed, data, size);
		changed[random % size] = bytes[(random >> 32) % (sizeof(bytes) - 1)];
		check_taken(&form, changed, size, format);
	}
	exposition_free(full);
	form_free(&form);
	free(changed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	bool strict = parse(data, size, EXPOSITION_OPENMETRICS);
	bool lenient = parse(data, size, EXPOSITION_TEXT);
	if (strict && !lenient)
		abort(); /* 0.0.4's liberties are more, not others */
	if (size > 0) {
		check_form(data, size, EXPOSITION_OPENMETRICS);
		check_form(data, size, EXPOSITION_TEXT);
		check_lines(text, text + size, true);
		check_lines(text, text + size, false);
	}
	return 0;
}
