/* collector_sources.c: log and label files, each followed once however many services name it. */
#include <fcntl.h>
#include <glob.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/monitor/collector_state.h"

enum { LABEL_PARTS = 16 };

static struct collector_file
file_at(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return (struct collector_file){0};
	return (struct collector_file){.device = status.st_dev, .inode = status.st_ino};
}

static bool
same_file(const struct collector_file *a, const struct collector_file *b)
{
	return a->inode != 0 && a->inode == b->inode && a->device == b->device;
}

/* Is this file, under another name, one that is followed already? A log that is rotated by renaming
 * may come to match its own glob; what it holds is being read to its end, or has been. */
static bool
is_followed(const struct collector *collector, const struct collector_file *file)
{
	for (size_t i = 0; i < collector->sources_count; i++) {
		if (same_file(&collector->sources[i]->file, file))
			return true;
	}
	for (size_t i = 0; i < collector->known_count; i++) {
		if (same_file(&collector->known[i], file))
			return true;
	}
	return false;
}

/* Where in time a file begins, by its first line; 0 if that does not tell. */
static wall_us
first_time(struct collector *collector, const char *path, bool labels)
{
	char text[COLLECTOR_LINE_BYTES + STRETCH_PAD] = "";
	struct stat status;
	struct prediction prediction;
	struct label label;
	struct err err = {0};
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return 0;
	bool plain = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	ssize_t got = plain ? pread(fd, text, COLLECTOR_LINE_BYTES, 0) : 0;
	close(fd);
	const char *end = got > 0 ? memchr(text, '\n', (size_t)got) : NULL;
	if (end == NULL)
		return 0;
	size_t length = (size_t)(end - text);
	if (labels)
		return record_read_label(collector->reader, text, length, &label, &err) ? label.ts
											: 0;
	return record_read_prediction(collector->reader, text, length, &prediction, &err)
		   ? prediction.ts
		   : 0;
}

static void
add_source(struct collector *collector, const char *path, const struct config_service *service,
    bool labels)
{
	for (size_t i = 0; i < collector->sources_count; i++) {
		if (strcmp(collector->sources[i]->path, path) == 0 &&
		    collector->sources[i]->labels == labels)
			return;
	}
	mem_reserve(&collector->sources, &collector->sources_capacity, collector->sources_count + 1,
	    sizeof(struct collector_source *));
	struct collector_source *source = mem_alloc(sizeof(*source));
	source->collector = collector;
	source->labels = labels;
	source->follow = follow_new(path);
	text_copy(source->path, sizeof(source->path), path);
	text_copy(source->service, sizeof(source->service), service->name);
	text_copy(source->model, sizeof(source->model), service->model);
	source->turn = first_time(collector, path, labels);
	source->more = source->turn != 0;
	if (!labels)
		source->number = monitor_add_source(collector->monitor);
	collector->sources[collector->sources_count++] = source;
}

struct look { /* what one look finds under new names that is followed already */
	struct collector *collector;
	struct collector_file *known;
	size_t count;
};

/* A plain path is followed whether it is there or not; of a glob, what is there. */
static void
look_at(struct look *look, const char *path, const struct config_service *service, bool labels)
{
	glob_t found;
	if (strpbrk(path, "*?[") == NULL) {
		add_source(look->collector, path, service, labels);
		return;
	}
	if (glob(path, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct collector_file file = file_at(found.gl_pathv[i]);
		if (!is_followed(look->collector, &file)) {
			add_source(look->collector, found.gl_pathv[i], service, labels);
			continue;
		}
		look->known = mem_grow(look->known, look->count + 1, sizeof(*look->known));
		look->known[look->count++] = file;
	}
	globfree(&found);
}

void
collector_sources_look(struct collector *collector)
{
	const struct config *config = collector->config;
	struct look look = {.collector = collector};
	for (size_t i = 0; i < config->services_count; i++) {
		const struct config_service *service = &config->services[i];
		for (size_t j = 0; j < service->logs_count; j++)
			look_at(&look, service->logs[j], service, false);
		for (size_t j = 0; j < service->labels_count; j++)
			look_at(&look, service->labels[j], service, true);
	}
	free(collector->known);
	collector->known = look.known;
	collector->known_count = look.count;
	for (size_t i = 0; i < collector->sources_count; i++) {
		struct collector_file file = file_at(collector->sources[i]->path);
		if (file.inode != 0)
			collector->sources[i]->file = file;
	}
}

void
collector_sources_close(struct collector *collector)
{
	for (size_t i = 0; i < collector->sources_count; i++) {
		follow_free(collector->sources[i]->follow);
		free(collector->sources[i]);
	}
	free(collector->sources);
	free(collector->known);
}

static void
reject(struct collector_source *source, const char *text, size_t length, const struct err *err)
{
	source->rejected++;
	text_copy(source->last_reason, sizeof(source->last_reason), err->text);
	if (!source->labels)
		collector_lines_keep(source->collector, source, text, length, true);
}

static void
take_prediction(struct collector_source *source, const char *text, size_t length)
{
	struct collector *collector = source->collector;
	struct prediction prediction;
	struct err err = {0};
	if (!record_read_prediction(collector->reader, text, length, &prediction, &err)) {
		reject(source, text, length, &err);
		return;
	}
	switch (monitor_prediction(collector->monitor, source->number, &prediction, source->service,
	    source->model, &err)) {
	case MONITOR_ACCEPTED:
		source->accepted++;
		break;
	case MONITOR_LATE:
		source->late++;
		break;
	case MONITOR_REFUSED:
		reject(source, text, length, &err);
		return;
	}
	if (prediction.ts > source->newest)
		source->newest = prediction.ts;
	collector_lines_keep(collector, source, text, length, false);
}

static void
take_line(const char *text, size_t length, void *context)
{
	struct collector_source *source = context;
	struct label label;
	struct err err = {0};
	if (length == 0)
		return;
	if (!source->labels) {
		take_prediction(source, text, length);
	} else if (record_read_label(source->collector->reader, text, length, &label, &err)) {
		source->accepted++;
		if (label.ts > source->newest)
			source->newest = label.ts;
		monitor_label(source->collector->monitor, &label);
	} else {
		reject(source, text, length, &err);
	}
}

/* Is there a log of the same service that is behind this source in time and has more to read? What
 * is ahead waits for it: else the windows of a service whose days stand in several files would be
 * past the older ones before these are read, and labels would come before their predictions. */
static bool
is_ahead(const struct collector *collector, const struct collector_source *source)
{
	for (size_t i = 0; i < collector->sources_count; i++) {
		const struct collector_source *other = collector->sources[i];
		if (other != source && !other->labels && other->more && other->turn != 0 &&
		    other->turn < source->turn && strcmp(other->service, source->service) == 0)
			return true;
	}
	return false;
}

/* Labels are short: they are read in small parts, that they do not run far ahead of the log. */
static void
read_source(struct collector *collector, struct collector_source *source, size_t max_bytes)
{
	int parts = source->labels ? LABEL_PARTS : 1;
	for (int i = 0; i < parts; i++) {
		/* One that waits is only looked at, so that its rotations are noticed. */
		bool waits = is_ahead(collector, source);
		bool more = follow_read(
		    source->follow, waits ? 0 : max_bytes / (size_t)parts, take_line, source);
		if (waits)
			return;
		source->more = more;
		if (source->newest != 0)
			source->turn = source->newest;
		if (!more)
			return;
	}
}

bool
collector_sources_read(struct collector *collector, size_t max_bytes)
{
	bool more = false;
	for (size_t i = 0; i < collector->sources_count; i++) {
		read_source(collector, collector->sources[i], max_bytes);
		more |= collector->sources[i]->more;
	}
	return more;
}

void
collector_sources_view(struct collector *collector, struct snapshot *snapshot)
{
	snapshot->sources =
	    snapshot_alloc(snapshot, collector->sources_count * sizeof(*snapshot->sources));
	snapshot->sources_count = collector->sources_count;
	for (size_t i = 0; i < collector->sources_count; i++) {
		const struct collector_source *source = collector->sources[i];
		const struct follow_stats *stats = follow_stats(source->follow);
		struct source_view *view = &snapshot->sources[i];
		text_copy(view->name, sizeof(view->name), source->service);
		text_scrub(view->path, sizeof(view->path), source->path, strlen(source->path));
		view->labels = source->labels;
		view->lines = stats->lines + stats->too_long;
		view->bytes = stats->bytes;
		view->accepted = source->accepted;
		view->rejected = source->rejected + stats->too_long;
		view->late = source->late;
		view->present = stats->present;
		view->lag_s =
		    source->newest == 0
			? metric_none()
			: metric_ok((double)(snapshot->made_at - source->newest) / 1e6, 1);
		text_copy(view->last_reason, sizeof(view->last_reason),
		    stats->error[0] != '\0'	     ? stats->error
		    : source->last_reason[0] != '\0' ? source->last_reason
		    : stats->too_long > 0	     ? "a line is longer than 1 MiB"
						     : "");
	}
	collector_lines_view(collector, snapshot);
}
