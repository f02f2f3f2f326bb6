/* decode_lines.c: records that are lines of their own, read by record.h without being copied. */
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/format/decode_parts.h"
#include "core/ingest/record_reader.h"

/* What flat records of services hold besides, and a model was not asked about. */
static const char *const aside[] = {
    "confidence", "level", "levelname", "logger", "message", "msg", "path", NULL};

/* Of a feed of labels only their paths count; of the preset's own log the reader knows them. */
static struct record_reader *
open_reader(const struct mapping *mapping, bool labels, bool flat, struct flags *flags)
{
	struct record_paths paths = {
	    .flat = flat, .named = (const char *const *)mapping->named, .flags = flags};
	if (mapping->preset == PRESET_FASTAPI && flat)
		paths.aside = aside;
	struct err err;
	bool lines = mapping->layout == LAYOUT_LINES;
	/* The label feeds of events and tensors are as the default one. */
	char *const *fields = mapping->fields;
	for (unsigned i = 0; i < RECORD_FIELDS; i++)
		paths.fields[i] = lines ? fields[i] : mapping_defaults[PRESET_FRAUDTOP][i];
	if (labels && lines && mapping->label_feed != NULL)
		paths.fields[RECORD_LABEL] = mapping->label_feed;
	struct record_reader *reader = record_reader_new_paths(&paths, &err);
	if (reader == NULL)
		mem_die("a mapping that was checked is broken: %s", err.text);
	return reader;
}

bool
decode_check_lines(const struct mapping *mapping, struct err *err)
{
	struct record_paths paths = {.named = (const char *const *)mapping->named};
	for (unsigned i = 0; i < RECORD_FIELDS; i++)
		paths.fields[i] = mapping->fields[i];
	struct record_reader *reader = record_reader_new_paths(&paths, err);
	record_reader_free(reader);
	return reader != NULL;
}

struct lines *
decode_lines_new(const struct mapping *mapping, bool labels, struct flags *flags)
{
	struct lines *lines = mem_alloc(sizeof(*lines));
	lines->reader = open_reader(mapping, labels, mapping->flat, flags);
	/* A log of single services is nested or flat; which, one sees by its features. */
	if (mapping->preset == PRESET_FASTAPI && !mapping->given[RECORD_FEATURES] && !labels &&
	    !mapping->flat)
		lines->flat = open_reader(mapping, labels, true, flags);
	lines->mapping = mapping;
	return lines;
}

void
decode_lines_free(struct lines *lines)
{
	if (lines == NULL)
		return;
	record_reader_free(lines->reader);
	record_reader_free(lines->flat);
	free(lines);
}

/* The name that the mapping gives to an element of a list, or NULL. */
static const char *
column_name(const struct mapping *mapping, const char *name)
{
	size_t digits = strspn(name, "0123456789");
	if (digits == 0 || digits > 4 || name[digits] != '\0')
		return NULL;
	size_t index = (size_t)strtoul(name, NULL, 10);
	return index < mapping->columns_count ? mapping->columns[index] : NULL;
}

static void
rename_columns(struct lines *lines, struct prediction *prediction)
{
	bool same = prediction->shape != 0 && prediction->shape == lines->shape;
	for (size_t i = 0; i < prediction->features_count; i++) {
		lines->features[i] = prediction->features[i];
		if (!same)
			lines->names[i] = column_name(lines->mapping, prediction->features[i].name);
		if (lines->names[i] != NULL)
			lines->features[i].name = lines->names[i];
	}
	lines->shape = prediction->shape;
	prediction->features = lines->features;
}

static enum decoded
next_prediction(struct decoder *decoder, struct decoded_record *record)
{
	struct lines *lines = decoder->lines;
	const char *at, *next;
	size_t length;
	bool read;
	do {
		if (decoder->at == decoder->end)
			return DECODED_END;
		at = decoder->at;
		record->err.code = 0;
		read = record_next_prediction(lines->reader, at, decoder->end, &next, &length,
		    &record->prediction, &record->err);
		decode_take(decoder, record, at, length, next);
		decoder->line++;
	} while (!read && record->err.code == 0);
	if (!read)
		return decode_refuse(record);
	if (lines->flat != NULL && record->prediction.features_count == 0 &&
	    !record_read_prediction(lines->flat, at, length, &record->prediction, &record->err))
		return decode_refuse(record);
	if (lines->mapping->columns_count > 0)
		rename_columns(lines, &record->prediction);
	return DECODED_PREDICTION;
}

enum decoded
decode_lines(struct decoder *decoder, struct decoded_record *record)
{
	if (!decoder->labels)
		return next_prediction(decoder, record);
	if (!decode_take_line(decoder, record))
		return DECODED_END;
	if (record_read_label(
		decoder->lines->reader, record->text, record->length, &record->label, &record->err))
		return DECODED_LABEL;
	return decode_refuse(record);
}
