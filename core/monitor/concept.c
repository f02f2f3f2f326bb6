#include "core/monitor/concept.h"

#include <math.h>
#include <string.h>

#include "core/monitor/metric.h"

enum { APART = 32 }; /* values between two marks, as between two of ADWIN's looks */

static enum change_kind
kind_of(const char *detector)
{
	if (strcmp(detector, "page-hinkley") == 0)
		return CHANGE_PAGE_HINKLEY;
	return strcmp(detector, "ddm") == 0 ? CHANGE_DDM : CHANGE_ADWIN;
}

void
concept_init(struct concept *concept, const struct config *config)
{
	*concept = (struct concept){.kind = kind_of(config->detector)};
	struct adwin_options options = adwin_defaults();
	options.delta = config->concept_delta / CONCEPT_STREAMS;
	options.legacy_scan = config->legacy_scan;
	for (size_t i = 0; i < CONCEPT_STREAMS; i++) {
		struct concept_stream_state *stream = &concept->streams[i];
		stream->page_hinkley = page_hinkley_defaults();
		stream->ddm = ddm_defaults();
		stream->before = stream->after = NAN;
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

/* Makes room: the mark goes whose neighbours are the least apart for their age. */
static void
drop_mark(struct concept_stream_state *stream)
{
	struct concept_mark *marks = stream->marks;
	size_t dropped = 1;
	double least = INFINITY;
	for (size_t i = 1; i + 1 < stream->marks_count; i++) {
		double apart = (double)(marks[i + 1].n - marks[i - 1].n);
		double age = (double)(stream->n - marks[i - 1].n);
		if (apart / age < least) {
			least = apart / age;
			dropped = i;
		}
	}
	stream->marks_count--;
	memmove(
	    &marks[dropped], &marks[dropped + 1], (stream->marks_count - dropped) * sizeof(*marks));
}

static void
mark(struct concept_stream_state *stream, wall_us prediction)
{
	if (stream->n % APART != 0)
		return;
	if (stream->marks_count == CONCEPT_MARKS)
		drop_mark(stream);
	stream->marks[stream->marks_count++] =
	    (struct concept_mark){stream->n, stream->sum, prediction};
}

/* Where did it change in that direction: before, after, and the prediction it began at. */
static void
find_change(struct concept_stream_state *stream)
{
	double best = -1;
	for (size_t i = 0; i < stream->marks_count; i++) {
		const struct concept_mark *cut = &stream->marks[i];
		if (cut->n == 0)
			continue;
		double n0 = (double)cut->n, n1 = (double)(stream->n - cut->n);
		double before = cut->sum / n0, after = (stream->sum - cut->sum) / n1;
		double gap = stream->direction == CHANGE_UP ? after - before : before - after;
		double weight = gap > 0 ? gap * gap * n0 * n1 / (n0 + n1) : 0;
		if (weight <= best)
			continue;
		best = weight;
		stream->before = before;
		stream->after = after;
		stream->changed_prediction = cut->prediction;
	}
}

static enum change_direction
ask(struct concept_stream_state *stream, enum change_kind kind, const double *values, size_t n,
    size_t *taken)
{
	*taken = 1;
	if (kind == CHANGE_PAGE_HINKLEY)
		return page_hinkley_add(&stream->page_hinkley, values[0]);
	if (kind == CHANGE_DDM)
		return ddm_add(&stream->ddm, values[0] > 0) == DDM_DRIFT ? CHANGE_UP : CHANGE_NONE;
	return adwin_add_some(stream->adwin, values, n, taken) ? adwin_direction(stream->adwin)
							       : CHANGE_NONE;
}

static void
change(struct concept_stream_state *stream, enum change_direction direction, wall_us seen,
    wall_us prediction)
{
	stream->changes++;
	stream->direction = direction;
	stream->changed_at = seen;
	stream->changed_prediction = prediction;
	stream->before = stream->after = NAN;
	find_change(stream);
	stream->n = 0; /* the detector begins anew */
	stream->sum = 0;
	stream->marks_count = 0;
}

static void
feed(struct concept_stream_state *stream, struct concept_queue *queue, enum change_kind kind)
{
	for (size_t at = 0, taken; at < queue->count; at += taken) {
		size_t left = queue->count - at, until = APART - (size_t)(stream->n % APART);
		mark(stream, queue->predictions[at]);
		enum change_direction direction =
		    ask(stream, kind, queue->values + at, left < until ? left : until, &taken);
		for (size_t i = 0; i < taken; i++)
			stream->sum += queue->values[at + i];
		stream->fed += taken;
		stream->n += taken;
		size_t last = at + taken - 1;
		if (direction != CHANGE_NONE)
			change(stream, direction, queue->seen[last], queue->predictions[last]);
	}
	queue->count = 0;
}

void
concept_settle(struct concept *concept)
{
	for (size_t i = 0; i < CONCEPT_STREAMS; i++)
		feed(&concept->streams[i], &concept->queues[i], concept->kind);
}

void
concept_add(struct concept *concept, enum concept_stream number, double value, wall_us seen,
    wall_us prediction)
{
	if (!is_watched(concept, number) || !isfinite(value))
		return;
	struct concept_queue *queue = &concept->queues[number];
	queue->values[queue->count] = value;
	queue->seen[queue->count] = seen;
	queue->predictions[queue->count] = prediction;
	if (++queue->count == CONCEPT_QUEUE)
		feed(&concept->streams[number], queue, concept->kind);
}

static struct metric
window_mean(const struct concept_stream_state *stream)
{
	struct metric mean =
	    metric_ok(stream->n > 0 ? stream->sum / (double)stream->n : NAN, stream->n);
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
		view->n = stream->fed;
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
		view->severity = stream->fed < CONCEPT_LEAST ? SEVERITY_INSUFFICIENT : SEVERITY_OK;
		if (view->worse && clock - stream->changed_at < CLOCK_DAY)
			view->severity = SEVERITY_WARNING;
	}
}
