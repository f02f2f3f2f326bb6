#include "core/monitor/concept.h"

#include <math.h>
#include <string.h>

#include "core/monitor/metric.h"

enum { FIRST_APART = 32 }; /* as far as ADWIN's looks are */

void
concept_init(struct concept *concept, const struct config *config)
{
	*concept = (struct concept){.kind = CHANGE_ADWIN};
	if (strcmp(config->detector, "page-hinkley") == 0)
	concept->kind = CHANGE_PAGE_HINKLEY;
	else if (strcmp(config->detector, "ddm") == 0) concept->kind = CHANGE_DDM;
	struct adwin_options options = adwin_defaults();
	options.delta = config->concept_delta / CONCEPT_STREAMS;
	options.legacy_scan = config->legacy_scan;
	for (size_t i = 0; i < CONCEPT_STREAMS; i++) {
		struct concept_stream_state *stream = &concept->streams[i];
		stream->page_hinkley = page_hinkley_defaults();
		stream->ddm = ddm_defaults();
		stream->before = stream->after = NAN;
		stream->marks_apart = FIRST_APART;
		if (concept->kind == CHANGE_ADWIN)
			stream->adwin = adwin_new(&options);
	}
}

void
concept_free(struct concept *concept)
{
	for (size_t i = 0; i < CONCEPT_STREAMS; i++)
		adwin_free(concept->streams[i].adwin);
}

/* DDM knows wrong from right, and nothing else. */
static bool
is_watched(const struct concept *concept, size_t stream)
{
	return concept->kind != CHANGE_DDM || stream == CONCEPT_ERROR;
}

static void
mark(struct concept_stream_state *stream, wall_us prediction)
{
	if (stream->n % stream->marks_apart != 0)
		return;
	if (stream->marks_count == CONCEPT_MARKS) { /* every second one goes */
		for (size_t i = 0; i < CONCEPT_MARKS / 2; i++)
			stream->marks[i] = stream->marks[2 * i];
		stream->marks_count = CONCEPT_MARKS / 2;
		stream->marks_apart *= 2;
		if (stream->n % stream->marks_apart != 0)
			return;
	}
	stream->marks[stream->marks_count++] = (struct concept_mark){stream->n, prediction};
}

static double
mean_of(const struct concept_sums *sums)
{
	return sums->n > 0 ? sums->sum / (double)sums->n : NAN;
}

/* The detectors below begin anew by themselves; their extremes are kept here, as the place where
 * the old ends. Returns how many values are of the new, 0 if there is no change. */
static uint64_t
settle(struct concept_stream_state *stream, enum change_direction direction,
    const struct concept_sums *old)
{
	if (direction == CHANGE_NONE)
		return 0;
	const struct concept_sums all = stream->all;
	struct concept_sums recent = {all.n - old->n, all.sum - old->sum};
	stream->before = mean_of(old);
	stream->after = mean_of(&recent);
	stream->direction = direction;
	stream->all = stream->low = stream->high = (struct concept_sums){0};
	return recent.n > 0 ? recent.n : 1;
}

static uint64_t
add_page_hinkley(struct concept_stream_state *stream, double value)
{
	enum change_direction direction = page_hinkley_add(&stream->page_hinkley, value);
	const struct page_hinkley *detector = &stream->page_hinkley;
	if (direction == CHANGE_NONE && detector->up <= detector->up_least)
		stream->low = stream->all;
	if (direction == CHANGE_NONE && detector->down >= detector->down_most)
		stream->high = stream->all;
	return settle(stream, direction, direction == CHANGE_UP ? &stream->low : &stream->high);
}

static uint64_t
add_ddm(struct concept_stream_state *stream, double value)
{
	double least = stream->ddm.least;
	enum ddm_state state = ddm_add(&stream->ddm, value > 0);
	if (state != DDM_DRIFT && stream->ddm.least < least)
		stream->low = stream->all;
	return settle(stream, state == DDM_DRIFT ? CHANGE_UP : CHANGE_NONE, &stream->low);
}

static uint64_t
add_adwin(struct concept_stream_state *stream, double value)
{
	if (!adwin_add(stream->adwin, value))
		return 0;
	adwin_last(stream->adwin, &stream->before, &stream->after);
	stream->direction = adwin_direction(stream->adwin);
	stream->all = (struct concept_sums){0};
	return adwin_width(stream->adwin);
}

/* The prediction at which the newest `recent` values began. */
static wall_us
find_mark(const struct concept_stream_state *stream, uint64_t recent, wall_us prediction)
{
	uint64_t cut = stream->n > recent ? stream->n - recent : 0;
	for (size_t i = stream->marks_count; i-- > 0;) {
		if (stream->marks[i].at <= cut)
			return stream->marks[i].prediction;
	}
	return stream->marks_count > 0 ? stream->marks[0].prediction : prediction;
}

void
concept_add(struct concept *concept, enum concept_stream number, double value, wall_us seen,
    wall_us prediction)
{
	if (!is_watched(concept, number))
		return;
	struct concept_stream_state *stream = &concept->streams[number];
	mark(stream, prediction);
	stream->n++;
	stream->all.n++;
	stream->all.sum += value;
	uint64_t recent = concept->kind == CHANGE_ADWIN ? add_adwin(stream, value)
			  : concept->kind == CHANGE_DDM ? add_ddm(stream, value)
							: add_page_hinkley(stream, value);
	if (recent == 0)
		return;
	stream->changes++;
	stream->changed_at = seen;
	stream->changed_prediction = find_mark(stream, recent, prediction);
	stream->marks_count = 0;
	stream->marks_apart = FIRST_APART;
}

static struct metric
window_mean(const struct concept_stream_state *stream)
{
	struct metric mean = stream->adwin != NULL
				 ? metric_ok(adwin_mean(stream->adwin), adwin_width(stream->adwin))
				 : metric_ok(mean_of(&stream->all), stream->all.n);
	if (mean.state == METRIC_OK && mean.n < CONCEPT_LEAST)
		mean.state = METRIC_WARMING;
	return mean;
}

void
concept_fill(
    const struct concept *concept, wall_us clock, struct concept_view views[CONCEPT_STREAMS])
{
	static const char *const streams[] = {"label error", "decision rate", "score mean"};
	static const char *const detectors[] = {"ADWIN", "Page-Hinkley", "DDM"};
	for (size_t i = 0; i < CONCEPT_STREAMS; i++) {
		const struct concept_stream_state *stream = &concept->streams[i];
		struct concept_view *view = &views[i];
		view->stream = streams[i];
		view->detector =
		    is_watched(concept, i) ? detectors[concept->kind] : "DDM (knows errors only)";
		view->n = stream->n;
		view->mean = window_mean(stream);
		view->smallest_change =
		    stream->adwin != NULL ? adwin_smallest_change(stream->adwin) : NAN;
		view->changes = stream->changes;
		view->changed_at = stream->changed_at;
		view->changed_prediction = stream->changed_prediction;
		view->before = stream->before;
		view->after = stream->after;
		view->direction = stream->direction;
		view->worse = i == CONCEPT_ERROR && stream->direction == CHANGE_UP;
		view->severity = stream->n < CONCEPT_LEAST ? SEVERITY_INSUFFICIENT : SEVERITY_OK;
		if (view->worse && clock - stream->changed_at < CLOCK_DAY)
			view->severity = SEVERITY_WARNING;
	}
}
