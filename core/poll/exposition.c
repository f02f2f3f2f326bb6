/* exposition.c: from the lines of an exposition to the samples that are wanted of it.
 *
 * Of 0.0.4 it accepts what Prometheus' own parser accepts, and passes over what OpenMetrics adds:
 * `# EOF`, `# UNIT`, exemplars, created times. Everything is bounded: the line, the labels of a
 * sample, the samples, wanted or not. Strings are copied into an arena once and live as long as the
 * exposition; what parses is kept only if all of it parses. */
#include "core/poll/exposition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/arena.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/poll/expoline.h"
#include "core/poll/openmetrics.h"
#include "core/poll/form.h"

enum { MAX_SAMPLES = 100000, MAX_LINE = 64 << 10 };

struct exposition {
	struct exposition_sample *samples;
	size_t count, capacity;
	struct arena arena;
	const char *native;
};

struct parser {
	struct exposition *exposition;
	struct openmetrics *rules; /* NULL: text 0.0.4 */
	exposition_wanted *wanted;
	struct form *form; /* or NULL */
	struct expoline line;
	const char *name; /* that was asked about last, in the text */
	size_t name_length;
	bool name_wanted;
	bool ascii; /* all of it */
	size_t samples, families; /* wanted or not */
	char *scratch; /* a label value without its escapes */
};

/* --- memory --- */
static const char *
keep_text(struct exposition *exposition, const char *src, size_t length)
{
	size_t size = 3 * length + 1; /* a broken byte becomes a character of three */
	char small[256];
	if (length == 0)
		return "";
	if (size <= sizeof(small)) {
		size_t used = text_scrub(small, sizeof(small), src, length);
		return memcpy(arena_take(&exposition->arena, used + 1), small, used + 1);
	}
	char *kept = arena_take(&exposition->arena, size);
	text_scrub(kept, size, src, length);
	return kept;
}

/* --- samples --- */
static bool
text_is(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(text, word, length) == 0;
}

static const char *
keep_value(struct parser *parser, const struct expoline_label *label)
{
	if (!label->escaped)
		return keep_text(parser->exposition, label->value, label->value_length);
	if (parser->scratch == NULL)
		parser->scratch = mem_grow(NULL, 1, MAX_LINE);
	size_t length = expoline_unescape(parser->scratch, label);
	return keep_text(parser->exposition, parser->scratch, length);
}

/* Samples of one metric have the same name, and labels of the same names in the same order, many
 * with the same values: those are kept once. */
static void
keep_sample(struct parser *parser, const struct expoline *line)
{
	static const struct exposition_sample none = {.name = ""};
	struct exposition *exposition = parser->exposition;
	const struct exposition_sample *last =
	    exposition->count > 0 ? &exposition->samples[exposition->count - 1] : &none;
	struct exposition_sample sample = {.labels_count = line->labels_count};
	struct exposition_label *labels = NULL;
	sample.name = text_is(line->name, line->name_length, last->name)
			  ? last->name
			  : keep_text(exposition, line->name, line->name_length);
	if (line->labels_count > 0)
		labels = arena_take(&exposition->arena, line->labels_count * sizeof(*labels));
	for (size_t i = 0; i < line->labels_count; i++) {
		const struct expoline_label *label = &line->labels[i];
		bool same = i < last->labels_count &&
			    text_is(label->name, label->name_length, last->labels[i].name);
		labels[i].name = same ? last->labels[i].name
				      : keep_text(exposition, label->name, label->name_length);
		/* Clean text is its own scrubbed copy. */
		same = same && !label->escaped &&
		       text_is(label->value, label->value_length, last->labels[i].value);
		labels[i].value = same ? last->labels[i].value : keep_value(parser, label);
	}
	sample.labels = labels;
	sample.value = exponumber_value(&line->value);
	mem_reserve(&exposition->samples, &exposition->capacity, exposition->count + 1,
	    sizeof(*exposition->samples));
	exposition->samples[exposition->count++] = sample;
}

static bool
is_wanted(struct parser *parser, const struct expoline *line)
{
	if (parser->wanted == NULL)
		return true;
	if (parser->name == NULL || parser->name_length != line->name_length ||
	    (parser->name != line->name &&
		memcmp(parser->name, line->name, line->name_length) != 0)) {
		parser->name = line->name;
		parser->name_length = line->name_length;
		parser->name_wanted = parser->wanted(line->name, line->name_length);
	}
	return parser->name_wanted;
}

/* What is timed, or a native histogram, cannot be compared with. */
static void
form_sample(struct parser *parser, const char *end, bool wanted)
{
	const struct expoline *line = &parser->line;
	if (line->native || line->timed)
		form_forget(parser->form);
	else
		form_add(parser->form, line->value.text, end,
		    parser->rules != NULL ? openmetrics_point(parser->rules) : NULL, wanted);
}

static const char *
take_sample(struct parser *parser, const char *text, const char *end)
{
	struct expoline *line = &parser->line;
	const char *reason = expoline_read(line, text, end, parser->rules != NULL);
	if (reason != NULL)
		return reason;
	if (parser->samples++ == MAX_SAMPLES)
		return "more than 100,000 samples";
	if (parser->rules != NULL && (reason = openmetrics_sample(parser->rules, line)) != NULL)
		return reason;
	bool wanted = is_wanted(parser, line);
	if (parser->form != NULL)
		form_sample(parser, end, wanted);
	if (!wanted)
		return NULL;
	if (!line->native)
		keep_sample(parser, line);
	else if (parser->exposition->native == NULL)
		parser->exposition->native =
		    keep_text(parser->exposition, line->name, line->name_length);
	return NULL;
}

/* --- 0.0.4 --- */
static const char *
skip_blanks(const char *text, const char *end)
{
	while (text < end && (*text == ' ' || *text == '\t'))
		text++;
	return text;
}

static const char *
skip_word(const char *text, const char *end)
{
	while (text < end && *text != ' ' && *text != '\t')
		text++;
	return text;
}

static const char *
check_type(const char *text, const char *end)
{
	static const char *const kinds[] = {"counter", "gauge", "histogram", "summary", "untyped",
	    "unknown", "info", "stateset", "gaugehistogram", NULL};
	const char *after = skip_word(text, end);
	for (size_t i = 0; kinds[i] != NULL; i++) {
		if (text_is(text, (size_t)(after - text), kinds[i]) &&
		    skip_blanks(after, end) == end)
			return NULL;
	}
	return "an unknown type of metric";
}

/* `# TYPE name kind` and `# HELP name text` are looked at, all else that begins with # is a
 * comment. */
static const char *
take_comment(const char *text, const char *end)
{
	const char *word = skip_blanks(text + 1, end), *after = skip_word(word, end);
	bool type = text_is(word, (size_t)(after - word), "TYPE");
	if (!type && !text_is(word, (size_t)(after - word), "HELP"))
		return NULL;
	const char *name = skip_blanks(after, end);
	size_t length;
	if (name == end)
		return NULL;
	after = expoline_name(name, end, true, &name, &length);
	if (after == NULL || (after < end && *after != ' ' && *after != '\t'))
		return "a HELP or TYPE line without a metric's name";
	after = skip_blanks(after, end);
	return type && after < end ? check_type(after, end) : NULL;
}

static const char *
take_text_line(struct parser *parser, const char *text, const char *end)
{
	if (end > text && end[-1] == '\r')
		end--;
	text = skip_blanks(text, end);
	if (text == end)
		return NULL;
	return *text == '#' ? take_comment(text, end) : take_sample(parser, text, end);
}

/* --- OpenMetrics --- */
static bool
is_ascii(const char *text, const char *end)
{
	uint64_t high = 0, word;
	for (; end - text >= (ptrdiff_t)sizeof(word); text += sizeof(word)) {
		memcpy(&word, text, sizeof(word));
		high |= word;
	}
	for (; text < end; text++)
		high |= (unsigned char)*text;
	return (high & UINT64_C(0x8080808080808080)) == 0;
}

static bool
is_utf8(const char *text, const char *end)
{
	uint32_t code;
	while (text < end) {
		size_t length = text_decode(text, (size_t)(end - text), &code);
		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

static const char *
take_strict_line(struct parser *parser, const char *text, const char *end)
{
	if (text == end)
		return "a blank line";
	if (!parser->ascii && !is_ascii(text, end) && !is_utf8(text, end))
		return "not UTF-8";
	if (*text != '#')
		return take_sample(parser, text, end);
	if (parser->families++ == 3 * MAX_SAMPLES)
		return "more than 300,000 lines of metadata";
	return openmetrics_comment(parser->rules, text, end);
}

/* --- the whole --- */
static bool
parse(struct parser *parser, const char *text, size_t length, struct err *err)
{
	const char *end = text + length, *reason = NULL;
	size_t line = 0;
	while (reason == NULL && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline != NULL ? newline : end;
		line++;
		if (stop - text > MAX_LINE)
			reason = "longer than 64 KiB";
		else if (parser->rules != NULL)
			reason = take_strict_line(parser, text, stop);
		else
			reason = take_text_line(parser, text, stop);
		text = newline != NULL ? newline + 1 : end;
	}
	if (reason == NULL && parser->rules != NULL) {
		reason = openmetrics_end(parser->rules);
		line++;
	}
	return reason == NULL || err_set(err, ERR_DATA, "line %zu: %s", line, reason);
}

struct exposition *
exposition_parse(const char *text, size_t length, enum exposition_format format,
    exposition_wanted *wanted, struct form *form, struct err *err)
{
	struct exposition *exposition = mem_alloc(sizeof(*exposition));
	struct parser parser = {.exposition = exposition, .wanted = wanted, .form = form};
	if (form != NULL)
		form_begin(form, text, format);
	if (format == EXPOSITION_OPENMETRICS)
		parser.rules = openmetrics_new();
	parser.ascii = parser.rules != NULL && is_ascii(text, text + length);
	bool good = parse(&parser, text, length, err);
	openmetrics_free(parser.rules);
	free(parser.scratch);
	if (good) {
		if (form != NULL)
			form_end(form, text + length);
		return exposition;
	}
	if (form != NULL)
		form_forget(form);
	exposition_free(exposition);
	return NULL;
}

void
exposition_free(struct exposition *exposition)
{
	if (exposition == NULL)
		return;
	arena_free(&exposition->arena);
	free(exposition->samples);
	free(exposition);
}

bool
exposition_format_of(const char *content_type, enum exposition_format *format, struct err *err)
{
	static const char open[] = "application/openmetrics-text", protobuf[] = "protobuf";
	size_t length = strcspn(content_type, "; \t");
	*format = EXPOSITION_TEXT;
	if (length >= strlen(protobuf) &&
	    strncasecmp(content_type + length - strlen(protobuf), protobuf, strlen(protobuf)) == 0)
		return err_set(err, ERR_DATA,
		    "protocol buffers, which native histograms come in, are not read");
	if (length == strlen(open) && strncasecmp(content_type, open, length) == 0)
		*format = EXPOSITION_OPENMETRICS;
	return true;
}

const struct exposition_sample *
exposition_samples(const struct exposition *exposition, size_t *count)
{
	*count = exposition->count;
	return exposition->samples;
}

const char *
exposition_label_of(const struct exposition_sample *sample, const char *name)
{
	for (size_t i = 0; i < sample->labels_count; i++) {
		if (strcmp(sample->labels[i].name, name) == 0)
			return sample->labels[i].value;
	}
	return "";
}

const char *
exposition_native(const struct exposition *exposition)
{
	return exposition->native != NULL ? exposition->native : "";
}
