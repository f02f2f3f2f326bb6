/* named.c: see named.h. */
#include "core/format/named.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/config/settings.h"
#include "core/format/mapping_parts.h"
#include "core/format/named_files.h"
#include "core/format/probe.h"
#include "core/source/pipe.h"
#include "core/source/source.h"

enum {
	MOST_SERVICES = 1000,
	LOOKED_AT = 32 /* files of a folder or a glob */
};

/* A log, and what it was found to be. */
struct named {
	char *path;
	const char *format; /* a preset */
	char inside[256]; /* of its lines, as probe_try's */
	struct table_style style;
	bool labels;
	char service[128];
	bool own; /* its first record says so; else it is called after the file */
};

struct naming {
	const struct config *blank;
	struct named *list;
	size_t count, capacity;
	struct buf ahead;
};

/* --- one log --- */

static void
take_service(enum decoded step, const struct decoded_record *record, void *context)
{
	struct named *named = context;
	if (step == DECODED_PREDICTION && named->service[0] == '\0')
		text_copy(named->service, sizeof(named->service), record->prediction.service);
}

/* After the last part of a path, without the slashes behind it. */
static void
name_after(struct named *named, const char *path)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/')
		length--;
	size_t from = length;
	while (from > 0 && path[from - 1] != '/')
		from--;
	if (strcmp(path, "-") == 0)
		text_copy(named->service, sizeof(named->service), "stdin");
	else
		text_scrub(named->service, sizeof(named->service), path + from, length - from);
	if (named->service[0] == '\0')
		text_copy(named->service, sizeof(named->service), "log");
}

static bool
refuse(const char *name, const char *path, struct err *err)
{
	const char *looks = probe_looks(path);
	const char *shown = strcmp(name, "-") == 0 ? "standard input" : name;
	if (looks != NULL)
		return err_set(err, ERR_DATA, "%s is no log: %s", shown, looks);
	return err_set(err, ERR_DATA,
	    "%s is no log: there is no record in it that is understood; see fraudtop probe", shown);
}

/* What it is, by its beginning, which is at `path`. */
static bool
look_at(const struct naming *naming, const char *name, const char *path, struct named *named,
    struct err *err)
{
	struct probe_tries tries = {0};
	struct probe_counts counts;
	struct mapping *mapping = NULL;
	*named = (struct named){0};
	bool good = probe_guess(path, naming->blank, &tries, err) &&
		    (tries.understood || refuse(name, path, err));
	if (!good && strcmp(name, "-") == 0 && strncmp(err->text, path, strlen(path)) == 0)
		err_set(err, err->code, "standard input%.400s", err->text + strlen(path));
	const struct probe_try *best = good ? &tries.list[tries.best] : NULL;
	if (good)
		mapping = probe_mapping(path, naming->blank, best->format, err);
	good =
	    mapping != NULL &&
	    (best->inside[0] == '\0' || mapping_put_inside(mapping, best->inside, err)) &&
	    probe_read(path, mapping, best->labels, PROBE_BYTES, &counts, take_service, named, err);
	if (good) {
		named->path = mem_string(name);
		named->format = best->format;
		text_copy(named->inside, sizeof(named->inside), best->inside);
		named->style = mapping->style;
		named->labels = best->labels || (counts.labels > 0 && counts.predictions == 0);
		named->own = named->service[0] != '\0';
		if (!named->own)
			name_after(named, name);
	}
	mapping_free(mapping);
	probe_tries_free(&tries);
	return good;
}

static bool
is_alike(const struct named *a, const struct named *b)
{
	return a->format == b->format && strcmp(a->inside, b->inside) == 0 &&
	       a->style.frame == b->style.frame && a->style.decimal_comma == b->style.decimal_comma;
}

static void
keep(struct naming *naming, const struct named *named)
{
	mem_reserve(&naming->list, &naming->capacity, naming->count + 1, sizeof(*named));
	naming->list[naming->count++] = *named;
}

/* --- many --- */

/* What was kept, but the first so many. */
static void
drop(struct naming *naming, size_t first)
{
	while (naming->count > first)
		free(naming->list[--naming->count].path);
}

/* Of the files of a folder or a glob, those that are no log are passed over, if any is one. */
static bool
look_among(
    struct naming *naming, const char *name, const struct named_files *files, struct err *err)
{
	size_t first = naming->count;
	bool alike = true;
	struct err why = {.code = ERR_NO_INPUT};
	snprintf(why.text, sizeof(why.text), "there is no file");
	for (size_t i = 0; i < files->count && i < LOOKED_AT; i++) {
		struct named named;
		if (!look_at(naming, files->list[i], files->list[i], &named, &why))
			continue;
		keep(naming, &named);
		alike = alike && is_alike(&naming->list[first], &named) &&
			naming->list[first].labels == named.labels;
	}
	if (naming->count == first)
		return err_set(err, why.code, "%s: %s", name, why.text);
	if (!alike && files->count > LOOKED_AT)
		return err_set(err, ERR_USAGE,
		    "%s: more than %d files, of more than one format: name those of each apart",
		    name, LOOKED_AT);
	if (!alike)
		return true;
	struct named *whole = &naming->list[first];
	drop(naming, first + 1);
	free(whole->path);
	whole->path = mem_string(name);
	if (!whole->own)
		name_after(whole, name);
	return true;
}

static bool
look_at_input(struct naming *naming, struct err *err)
{
	struct named named;
	struct buf seen = {0};
	char path[64];
	if (!pipe_read_ahead(STDIN_FILENO, &naming->ahead, 2 * PROBE_BYTES, err))
		return false;
	/* What came of a last line is not judged. */
	size_t length = naming->ahead.length;
	while (length > 0 && naming->ahead.data[length - 1] != '\n')
		length--;
	buf_append(&seen, naming->ahead.data,
	    length > 0 && !pipe_is_packed(&naming->ahead) ? length : naming->ahead.length);
	int fd = named_files_hold(&seen, path, err);
	buf_free(&seen);
	bool good = fd >= 0 && look_at(naming, "-", path, &named, err);
	if (good)
		keep(naming, &named);
	if (fd >= 0)
		close(fd);
	return good;
}

static bool
look_at_name(struct naming *naming, const char *name, struct err *err)
{
	struct named_files files;
	struct named named;
	if (strlen(name) >= sizeof(((struct source_stats *)NULL)->path))
		return err_set(err, ERR_USAGE, "%.80s...: the path is too long", name);
	if (strcmp(name, "-") == 0)
		return look_at_input(naming, err);
	if (named_files_find(name, &files)) {
		bool good = look_among(naming, name, &files, err);
		named_files_free(&files);
		return good;
	}
	if (!look_at(naming, name, name, &named, err))
		return false;
	keep(naming, &named);
	return true;
}

/* --- into the configuration --- */

static bool
is_same(const struct config_mapping *a, const struct config_mapping *b)
{
	return strcmp(a->preset, b->preset) == 0 && strcmp(a->inside, b->inside) == 0 &&
	       strcmp(a->delimiter, b->delimiter) == 0 && strcmp(a->decimal, b->decimal) == 0;
}

/* The preset, or a mapping made of it. */
static void
choose_format(struct config *config, const struct named *named, char *format, size_t size)
{
	struct config_mapping wanted = {0};
	bool plain = named->inside[0] == '\0' && named->style.frame <= FRAME_CSV &&
		     !named->style.decimal_comma;
	text_copy(format, size, named->format);
	if (plain)
		return;
	settings_defaults("mappings", &wanted);
	text_copy(wanted.preset, sizeof(wanted.preset), named->format);
	text_copy(wanted.inside, sizeof(wanted.inside), named->inside);
	mapping_tell_style(named->style, &wanted);
	for (size_t i = 0; i < config->mappings_count; i++) {
		if (is_same(&wanted, &config->mappings[i])) {
			text_copy(format, size, config->mappings[i].name);
			return;
		}
	}
	snprintf(
	    wanted.name, sizeof(wanted.name), "%s-%zu", named->format, config->mappings_count + 1);
	config->mappings =
	    mem_grow(config->mappings, config->mappings_count + 1, sizeof(*config->mappings));
	config->mappings[config->mappings_count++] = wanted;
	text_copy(format, size, wanted.name);
}

static void
add_path(char ***list, size_t *count, const char *path)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*list)[i], path) == 0)
			return;
	*list = mem_grow(*list, *count + 1, sizeof(**list));
	(*list)[(*count)++] = mem_string(path);
}

/* A service of another layout may have the name already. */
static struct config_service *
add_service(struct config *config, const struct named *named, const char *format)
{
	struct config_service service = {0};
	settings_defaults("services", &service);
	text_copy(service.format, sizeof(service.format), format);
	text_copy(service.name, sizeof(service.name), named->service);
	for (size_t i = 2; config_service(config, service.name) != NULL; i++)
		snprintf(service.name, sizeof(service.name), "%.100s %zu", named->service, i);
	config->services =
	    mem_grow(config->services, config->services_count + 1, sizeof(*config->services));
	config->services[config->services_count] = service;
	return &config->services[config->services_count++];
}

/* Labels are joined by request id, whichever service bears them. */
static struct config_service *
find_service(struct config *config, const struct named *named, const char *format)
{
	for (size_t i = 0; i < config->services_count; i++) {
		struct config_service *service = &config->services[i];
		if (strcmp(service->format, format) == 0 &&
		    (named->labels || (named->own && strcmp(service->name, named->service) == 0)))
			return service;
	}
	return NULL;
}

static bool
configure(struct config *config, const struct named *named, struct err *err)
{
	char format[64];
	choose_format(config, named, format, sizeof(format));
	struct config_service *service = find_service(config, named, format);
	if (service == NULL && config->services_count == MOST_SERVICES)
		return err_set(err, ERR_USAGE, "more than %d services", MOST_SERVICES);
	if (service == NULL)
		service = add_service(config, named, format);
	if (named->labels)
		add_path(&service->labels, &service->labels_count, named->path);
	else
		add_path(&service->logs, &service->logs_count, named->path);
	return true;
}

static bool
is_named_before(const char *const *names, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(names[j], names[i]) == 0)
			return true;
	return false;
}

struct config *
named_config(const char *const *names, size_t count, struct err *err)
{
	struct config *config = config_new();
	struct naming naming = {.blank = config};
	bool good = true;
	for (size_t i = 0; i < count && good; i++)
		good = is_named_before(names, i) || look_at_name(&naming, names[i], err);
	config->ahead = naming.ahead;
	config->checkpoint_us = 0;
	/* The logs first: label feeds go to theirs. */
	for (size_t i = 0; i < 2 * naming.count && good; i++) {
		const struct named *named = &naming.list[i % naming.count];
		good = named->labels != (i >= naming.count) || configure(config, named, err);
	}
	drop(&naming, 0);
	free(naming.list);
	if (good)
		return config;
	config_free(config);
	return NULL;
}
