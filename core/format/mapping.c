/* mapping.c: see mapping.h. */
#include "core/format/mapping.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/format/decode_parts.h"
#include "core/ingest/decimal.h"
#include "core/format/mapping_parts.h"

const char *const mapping_presets[] = {
#define PRESET(name, text, help) text,
#include "core/config/presets.def"
#undef PRESET
    NULL,
};

/* As the configuration calls them, those that it knows. */
static const struct {
	const char *name;
	unsigned field;
	size_t offset;
} settings[] = {
#define SETTING(field, member)                                                                     \
	{                                                                                          \
#member, field, offsetof(struct config_mapping, member)                            \
	}
    SETTING(RECORD_TS, ts),
    SETTING(RECORD_REQUEST_ID, request_id),
    SETTING(RECORD_SERVICE, service),
    SETTING(RECORD_MODEL, model),
    SETTING(RECORD_VERSION, version),
    SETTING(RECORD_SEGMENT, segment),
    SETTING(RECORD_SCORE, score),
    SETTING(RECORD_THRESHOLD, threshold),
    SETTING(RECORD_DECISION, decision),
    SETTING(RECORD_LATENCY, latency_ms),
    SETTING(RECORD_STATUS, status),
    SETTING(RECORD_LABEL, label),
    SETTING(RECORD_FEATURES, features),
    SETTING(RECORD_ATTRIBUTIONS, attributions),
    SETTING(MAPPING_INPUT, input),
    SETTING(MAPPING_OUTPUT, output),
#undef SETTING
};

static enum preset
find_preset(const char *name)
{
	enum preset preset = 0;
	while (preset < PRESETS && strcmp(mapping_presets[preset], name) != 0)
		preset++;
	return preset;
}

static char **
copy_strings(char **strings, size_t count)
{
	char **copy = mem_alloc((count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = mem_string(strings[i]);
	return copy;
}

static void
set_words(struct mapping *mapping, const struct config_mapping *from)
{
	size_t count = from->positive_count + from->negative_count;
	struct flags *flags = &mapping->flags;
	mapping->words = mem_alloc((count + 1) * sizeof(*mapping->words));
	flags->own = mapping->words;
	for (size_t i = 0; i < count && i < FLAGWORDS_MOST; i++) {
		bool positive = i < from->positive_count;
		const char *text =
		    positive ? from->positive[i] : from->negative[i - from->positive_count];
		struct flag_own *word = &mapping->words[flags->own_count++];
		flagwords_fold(word->word.text, text, strlen(text));
		word->word.positive = positive;
		bool is_true = strcmp(word->word.text, "true") == 0;
		if (is_true || strcmp(word->word.text, "false") == 0)
			word->number = is_true;
		else if (!decimal_field(word->word.text, strlen(word->word.text), &word->number))
			word->number = NAN;
		flags->odd |= !isnan(word->number);
	}
}

/* FRAME_CSV and those after it, as the configuration calls them. */
static const char *const delimiters[] = {"comma", "semicolon", "tab", "bar"};

static void
set_style(struct mapping *mapping, const struct config_mapping *from)
{
	for (size_t i = 0; i < sizeof(delimiters) / sizeof(*delimiters); i++)
		if (strcmp(delimiters[i], from->delimiter) == 0)
			mapping->style.frame = (enum frame)(FRAME_CSV + i);
	mapping->style.decimal_comma = strcmp(from->decimal, "comma") == 0;
}

void
mapping_tell_style(struct table_style style, struct config_mapping *to)
{
	if (style.frame > FRAME_CSV)
		text_copy(
		    to->delimiter, sizeof(to->delimiter), delimiters[style.frame - FRAME_CSV]);
	text_copy(to->decimal, sizeof(to->decimal), style.decimal_comma ? "comma" : "point");
}

static void
set_fields(struct mapping *mapping, const struct config_mapping *from)
{
	for (unsigned i = 0; i < MAPPING_FIELDS; i++) {
		const char *text = mapping_defaults[mapping->preset][i];
		mapping->fields[i] = text != NULL ? mem_string(text) : NULL;
	}
	for (size_t i = 0; from != NULL && i < sizeof(settings) / sizeof(*settings); i++) {
		const char *text = (const char *)from + settings[i].offset;
		char **field = &mapping->fields[settings[i].field];
		/* The preset's own paths, written out, change nothing. */
		if (*text == '\0' || (*field != NULL && strcmp(*field, text) == 0))
			continue;
		free(*field);
		*field = mem_string(text);
		mapping->given[settings[i].field] = true;
	}
	mapping->named =
	    copy_strings(from != NULL ? from->named : NULL, from != NULL ? from->named_count : 0);
	mapping->columns_count = from != NULL ? from->columns_count : 0;
	mapping->columns =
	    copy_strings(from != NULL ? from->columns : NULL, mapping->columns_count);
	mapping->flat = from != NULL && from->flat;
	if (from != NULL) {
		set_words(mapping, from);
		set_style(mapping, from);
	}
	/* Where there is no prediction, what is called a decision there is the label. */
	const char *label = mapping->fields[RECORD_LABEL];
	bool given = mapping->given[RECORD_LABEL];
	if (mapping->preset == PRESET_FASTAPI && !given)
		mapping->label_feed = mem_printf("%s | $.is_fraud", label);
	else if (label != NULL && mapping->layout != LAYOUT_EXCHANGES)
		mapping->label_feed = mem_string(label);
}

/* The flattened name of payload.h that a path into a row is. */
static void
place_of(const struct jsonpath *path, struct mapping_place *place)
{
	place->name[0] = '\0';
	place->index = path->count == 1 && path->steps[0].key == NULL ? path->steps[0].index : 0;
	if (path->count == 0 || (path->count == 1 && path->steps[0].key == NULL))
		return;
	for (size_t i = 0; i < path->count; i++) {
		const struct jsonpath_step *step = &path->steps[i];
		const char *dot = i > 0 ? "." : "";
		if (step->key != NULL)
			text_append(place->name, sizeof(place->name), "%s%.*s", dot,
			    (int)step->length, step->key);
		else
			text_append(place->name, sizeof(place->name), "%s%zu", dot, step->index);
	}
}

static bool
read_places(struct mapping_places *places, const char *text, struct err *err)
{
	while (text != NULL && *text != '\0') {
		struct jsonpath path;
		if (places->count == MAPPING_PLACES)
			return err_set(err, ERR_CONFIG, "more than %d paths", MAPPING_PLACES);
		if (!jsonpath_read(&text, &path, err))
			return false;
		place_of(&path, &places->list[places->count++]);
	}
	return true;
}

static bool
set_places(struct mapping *mapping, enum record_field field, struct mapping_places *places,
    struct err *err)
{
	places->given = mapping->given[field];
	return read_places(places, mapping->fields[field], err);
}

static bool
set_named(struct mapping *mapping, struct err *err)
{
	while (mapping->named[2 * mapping->named_count] != NULL)
		mapping->named_count++;
	if (mapping->named_count > RECORD_MAX_FEATURES)
		return err_set(err, ERR_CONFIG, "more than %d features", RECORD_MAX_FEATURES);
	if (mapping->named_count > 0)
		mapping->named_places =
		    mem_alloc(mapping->named_count * sizeof(*mapping->named_places));
	for (size_t i = 0; i < mapping->named_count; i++)
		if (!read_places(&mapping->named_places[i], mapping->named[2 * i + 1], err))
			return false;
	return true;
}

/* The pick and the places of an exchange. */
static bool
compile(struct mapping *mapping, struct err *err)
{
	for (unsigned i = 0; i < MAPPING_FIELDS; i++) {
		bool in_row = i == RECORD_SCORE || i == RECORD_DECISION || i == RECORD_THRESHOLD ||
			      i == RECORD_LABEL || i == RECORD_FEATURES || i == RECORD_ATTRIBUTIONS;
		if (!in_row && mapping->fields[i] != NULL &&
		    !pick_add(&mapping->pick, i, mapping->fields[i], err))
			return false;
	}
	return set_places(mapping, RECORD_SCORE, &mapping->score, err) &&
	       set_places(mapping, RECORD_DECISION, &mapping->decision, err) &&
	       set_places(mapping, RECORD_THRESHOLD, &mapping->threshold, err) &&
	       set_places(mapping, RECORD_LABEL, &mapping->label, err) && set_named(mapping, err);
}

static void
refuse_format(const struct config *config, const char *format, struct err *err)
{
	size_t count = 0;
	const char **names = mem_alloc((config->mappings_count + PRESETS + 1) * sizeof(*names));
	while (count < PRESETS) {
		names[count] = mapping_presets[count];
		count++;
	}
	for (size_t i = 0; i < config->mappings_count; i++)
		names[count++] = config->mappings[i].name;
	const char *nearest = text_nearest(format, names);
	char known[512] = "";
	for (size_t i = 0; i < count; i++)
		text_append(known, sizeof(known), "%s%s", i > 0 ? ", " : "; known: ", names[i]);
	err_set(err, ERR_CONFIG, "there is no format `%.100s`%s%.300s%s", format,
	    nearest != NULL ? "; did you mean `" : known, nearest != NULL ? nearest : "",
	    nearest != NULL ? "`?" : "");
	free(names);
}

bool
mapping_put_inside(struct mapping *mapping, const char *inside, struct err *err)
{
	if (mapping_frame(mapping) != FRAME_LINES || mapping->inside != NULL)
		return err_set(err, ERR_CONFIG, "`inside` means nothing here");
	mapping->inside = mem_string(inside);
	return strcmp(inside, UNWRAP_TEXT) == 0 ||
	       pick_add(&mapping->inside_pick, 0, mapping->inside, err);
}

struct mapping *
mapping_new(const struct config *config, const char *format, struct err *err)
{
	const struct config_mapping *from = config_mapping(config, format);
	enum preset preset = find_preset(from != NULL ? from->preset : format);
	if (preset == PRESETS) {
		refuse_format(config, format, err);
		return NULL;
	}
	struct mapping *mapping = mem_alloc(sizeof(*mapping));
	text_copy(mapping->name, sizeof(mapping->name), format);
	mapping->preset = preset;
	mapping->layout = preset == PRESET_CSV	     ? LAYOUT_TABLE
			  : preset >= PRESET_CAPTURE ? LAYOUT_EXCHANGES
						     : LAYOUT_LINES;
	mapping->style.frame = FRAME_CSV;
	set_fields(mapping, from);
	bool good = mapping->layout == LAYOUT_LINES	  ? decode_check_lines(mapping, err)
		    : mapping->layout == LAYOUT_EXCHANGES ? compile(mapping, err)
							  : true;
	if (good && from != NULL && *from->inside != '\0')
		good = mapping_put_inside(mapping, from->inside, err);
	if (!good) {
		err_prefix(err, "the mapping %s", format);
		mapping_free(mapping);
		return NULL;
	}
	return mapping;
}

static void
free_strings(char **strings)
{
	for (char **string = strings; *string != NULL; string++)
		free(*string);
	free(strings);
}

void
mapping_free(struct mapping *mapping)
{
	if (mapping == NULL)
		return;
	for (unsigned i = 0; i < MAPPING_FIELDS; i++)
		free(mapping->fields[i]);
	free(mapping->label_feed);
	free(mapping->inside);
	free(mapping->words);
	free(mapping->named_places);
	free_strings(mapping->named);
	free_strings(mapping->columns);
	free(mapping);
}

void
mapping_set_style(struct mapping *mapping, struct table_style style)
{
	mapping->style = style;
}

const char *
mapping_name(const struct mapping *mapping)
{
	return mapping->name;
}

enum frame
mapping_frame(const struct mapping *mapping)
{
	return mapping->preset == PRESET_CAPTURE ? FRAME_VALUES
	       : mapping->preset == PRESET_CSV	 ? mapping->style.frame
						 : FRAME_LINES;
}

bool
mapping_is_parallel(const struct mapping *mapping)
{
	return mapping->preset != PRESET_EVENTS;
}

/* In double quotes; `$` may stand alone before what begins a path. */
static void
print_text(struct buf *out, const char *text)
{
	buf_puts(out, "\"");
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_puts(out, "\\");
		if (*text == '$' && text[1] != '.' && text[1] != '[')
			buf_puts(out, "$");
		buf_append(out, text, 1);
	}
	buf_puts(out, "\"");
}

static void
print_setting(struct buf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(out, "    %s: ", name);
	print_text(out, text);
	buf_puts(out, "\n");
}

/* The mapping's own and the common ones that were met. */
static void
print_words(const struct flags *flags, bool positive, struct buf *out)
{
	size_t printed = 0, all = flags->own_count + flagwords_common_count;
	for (size_t i = 0; i < all; i++) {
		bool own = i < flags->own_count;
		size_t common = own ? 0 : i - flags->own_count;
		const struct flagword *word = own ? &flags->own[i].word : &flagwords_common[common];
		if (word->positive != positive || (!own && (flags->met_common >> common & 1) == 0))
			continue;
		buf_puts(out, printed++ > 0 ? ", "
			      : positive    ? "    positive: ["
					    : "    negative: [");
		print_text(out, word->text);
	}
	buf_puts(out, printed > 0 ? "]\n" : "");
}

void
mapping_print(const struct mapping *mapping, const struct flags *met, struct buf *out)
{
	buf_puts(out, "mappings:\n  - name: ");
	print_text(out, find_preset(mapping->name) < PRESETS ? "mine" : mapping->name);
	buf_printf(out, "\n    preset: %s\n", mapping_presets[mapping->preset]);
	print_setting(out, "inside", mapping->inside);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		print_setting(out, settings[i].name, mapping->fields[settings[i].field]);
	if (mapping->named[0] != NULL)
		buf_puts(out, "    named: {");
	for (size_t i = 0; mapping->named[i] != NULL; i += 2) {
		buf_puts(out, i > 0 ? ", " : "");
		print_text(out, mapping->named[i]);
		buf_puts(out, ": ");
		print_text(out, mapping->named[i + 1]);
	}
	buf_puts(out, mapping->named[0] != NULL ? "}\n" : "");
	if (mapping->columns_count > 0)
		buf_puts(out, "    columns: [");
	for (size_t i = 0; i < mapping->columns_count; i++) {
		buf_puts(out, i > 0 ? ", " : "");
		print_text(out, mapping->columns[i]);
	}
	buf_puts(out, mapping->columns_count > 0 ? "]\n" : "");
	if (met == NULL)
		met = &mapping->flags;
	print_words(met, true, out);
	print_words(met, false, out);
	if (mapping->flat)
		buf_puts(out, "    flat: true\n");
	if (mapping->style.frame != FRAME_CSV)
		buf_printf(
		    out, "    delimiter: %s\n", delimiters[mapping->style.frame - FRAME_CSV]);
	if (mapping->style.decimal_comma)
		buf_puts(out, "    decimal: comma\n");
}
