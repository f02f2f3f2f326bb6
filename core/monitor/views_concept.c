/* views_concept.c: which series' change detectors a view shows. */
#include "core/monitor/views.h"

/* A detector's state cannot be merged, so a view of several shows one. */
static bool
is_before(const struct concept_view *a, const struct concept_view *b)
{
	const struct concept_view *first = &a[CONCEPT_ERROR], *second = &b[CONCEPT_ERROR];
	wall_us worse_first = first->worse ? first->changed_at : 0;
	wall_us worse_second = second->worse ? second->changed_at : 0;
	if (worse_first != worse_second)
		return worse_first > worse_second;
	return first->n + a[CONCEPT_SCORE_MEAN].n > second->n + b[CONCEPT_SCORE_MEAN].n;
}

void
views_concept(struct series_view *view, const struct window *window)
{
	for (size_t i = 0; i < window->list_count; i++) {
		struct concept_view streams[CONCEPT_STREAMS];
		concept_fill(&window->list[i]->quality.concept, window->end, streams);
		if (i == 0 || is_before(streams, view->concept))
			for (size_t at = 0; at < CONCEPT_STREAMS; at++)
		view->concept[at] = streams[at];
	}
	view->concept_severity = view->concept[CONCEPT_ERROR].severity;
}
