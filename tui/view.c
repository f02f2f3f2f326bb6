#include "tui/view.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/mem.h"
#include "core/base/text.h"

const struct service_view *
view_service(const struct view *view)
{
	const struct snapshot *snapshot = view->snapshot;
	for (size_t i = 0; i < snapshot->services_count; i++) {
		if (strcmp(snapshot->services[i].name, view->selected[SUBJECT_SERVICE]) == 0)
			return &snapshot->services[i];
	}
	return NULL;
}

const struct series_view *
view_series(const struct view *view)
{
	const struct service_view *service = view_service(view);
	return service == NULL ? NULL : service->current;
}

const struct target_view *
view_target(const struct view *view, const struct service_view *service)
{
	if (service == NULL)
		return NULL;
	return snapshot_target(view->snapshot, service->registry, service->model, service->alias);
}

const struct series_view *
view_find_series(
    const struct snapshot *snapshot, const char *service, const char *model, const char *version)
{
	for (size_t i = 0; i < snapshot->series_count; i++) {
		const struct series_view *series = &snapshot->series[i];
		if (strcmp(series->service, service) == 0 && strcmp(series->model, model) == 0 &&
		    strcmp(series->version, version) == 0)
			return series;
	}
	return NULL;
}

const struct reference_view *
view_reference(const struct view *view, const char *model)
{
	const struct model_view *found = snapshot_model(view->snapshot, model);
	return found == NULL ? NULL : &found->reference;
}

void
view_version_id(char id[VIEW_ID], const char *model, const char *version)
{
	snprintf(id, VIEW_ID, "%s\x1f%s", model, version);
}

bool
view_version_split(const char *id, char model[SNAPSHOT_NAME], char version[SNAPSHOT_NAME])
{
	const char *mark = strchr(id, '\x1f');
	if (mark == NULL || mark - id >= SNAPSHOT_NAME)
		return false;
	memcpy(model, id, (size_t)(mark - id));
	model[mark - id] = '\0';
	text_copy(version, SNAPSHOT_NAME, mark + 1);
	return true;
}

void
view_change_id(char id[VIEW_ID], const struct replay_change *change)
{
	snprintf(id, VIEW_ID, "%" PRId64 "\x1f%s", change->ts, change->id);
}

const struct replay_change_view *
view_change(const struct view *view)
{
	const struct service_view *service = view_service(view);
	const struct replay_view *replay = service == NULL ? NULL : service->replay;
	if (replay == NULL || replay->progress != REPLAY_THERE || replay->changes_count == 0)
		return NULL;
	for (size_t i = 0; i < replay->changes_count; i++) {
		char id[VIEW_ID];
		view_change_id(id, &replay->changes[i].change);
		if (strcmp(id, view->selected[SUBJECT_CHANGE]) == 0)
			return &replay->changes[i];
	}
	return &replay->changes[0];
}

static void
broken_time(const struct view *view, wall_us time, struct tm *out)
{
	time_t seconds = (time_t)(time / CLOCK_SECOND);
	if (view->local_time)
		localtime_r(&seconds, out);
	else
		gmtime_r(&seconds, out);
}

static char *
format_time(const struct view *view, char dst[32], wall_us time, bool seconds)
{
	struct tm then, now;
	if (time == 0) {
		text_copy(dst, 32, "-");
		return dst;
	}
	broken_time(view, time, &then);
	broken_time(view, view->now, &now);
	size_t used = 0;
	if (then.tm_year != now.tm_year)
		used = strftime(dst, 32, "%Y-%m-%d ", &then);
	else if (then.tm_yday != now.tm_yday)
		used = strftime(dst, 32, "%m-%d ", &then);
	used += strftime(dst + used, 32 - used, "%H:%M", &then);
	if (seconds)
		strftime(dst + used, 32 - used, ":%S", &then);
	return dst;
}

char *
view_time(const struct view *view, char dst[32], wall_us time)
{
	return format_time(view, dst, time, true);
}

char *
view_minute(const struct view *view, char dst[32], wall_us time)
{
	return format_time(view, dst, time, false);
}

const char *
view_zone(const struct view *view, char dst[16])
{
	struct tm now;
	if (!view->local_time)
		return "UTC";
	broken_time(view, view->now, &now);
	return strftime(dst, 16, "%Z", &now) > 0 ? dst : "local";
}
