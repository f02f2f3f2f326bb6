#include "tui/words.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/text.h"
#include "tui/figure.h"

struct list {
	struct words *items;
	size_t count;
};

static void add(struct list *list, enum severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Keeps the worst first, and among equals the order of coming. */
static void
add(struct list *list, enum severity severity, const char *format, ...)
{
	struct words words = {.severity = severity};
	va_list args;
	if (severity < SEVERITY_WARNING)
		return;
	va_start(args, format);
	vsnprintf(words.text, sizeof(words.text), format, args);
	va_end(args);
	size_t at = list->count;
	while (at > 0 && list->items[at - 1].severity < severity)
		at--;
	if (at == WORDS_MOST)
		return;
	list->count += list->count < WORDS_MOST;
	for (size_t i = list->count - 1; i > at; i--)
		list->items[i] = list->items[i - 1];
	list->items[at] = words;
}

static void
add_data(struct list *list, const struct series_view *series)
{
	char text[FIGURE_SIZE];
	for (size_t i = 0; i < series->features_count; i++) {
		const struct drift_view *feature = &series->features[i];
		add(list, feature->data.severity, "data of %s: %s", feature->name,
		    feature->data.reason);
	}
	add(list, series->volume.severity, "volume: %s", series->volume.reason);
	add(list, series->duplicates_severity, "duplicates: %s %% of the request ids came before",
	    figure_metric(text, &series->duplicates, 100, 2));
	add(list, series->decisions.severity, "decision rate: %s", series->decisions.reason);
}

static void
add_change(struct list *list, const struct view *view, const struct concept_view *concept)
{
	char time[32], before[FIGURE_SIZE], after[FIGURE_SIZE];
	add(list, concept->severity, "%s worse since %s: %s to %s %% (%s)",
	    concept->stream != NULL ? concept->stream : "a stream",
	    view_minute(view, time,
		concept->changed_prediction != 0 ? concept->changed_prediction
						 : concept->changed_at),
	    figure_number(before, concept->before * 100, 2),
	    figure_number(after, concept->after * 100, 2),
	    concept->detector != NULL ? concept->detector : "-");
}

size_t
words_of_series(
    const struct view *view, const struct series_view *series, struct words items[WORDS_MOST])
{
	struct list list = {.items = items};
	char text[FIGURE_SIZE];
	size_t failed = 0;
	add_data(&list, series);
	for (size_t i = 0; i < CONCEPT_STREAMS; i++)
		add_change(&list, view, &series->concept[i]);
	add(&list, series->bias.severity, "groups: %s", series->bias.reason);
	add(&list, series->attribution.severity, "drivers of the score have changed: NDCG %s",
	    figure_metric(text, &series->attribution.ndcg, 1, 3));
	for (size_t i = 0; i < series->expectations_count; i++)
		failed += series->expectations[i].state == EXPECTATION_FAILED;
	add(&list, failed > 0 ? SEVERITY_WARNING : SEVERITY_OK, "%zu of %zu expectations failed",
	    failed, series->expectations_count);
	return list.count;
}

bool
words_of_drift(const struct series_view *series, struct words *words)
{
	const struct drift_view *worst =
	    series->features_count > 0 ? series->features : &series->score;
	for (size_t i = 1; i < series->features_count; i++) {
		if (series->features[i].severity > worst->severity)
			worst = &series->features[i];
	}
	if (series->score.severity > worst->severity)
		worst = &series->score;
	words->severity = worst->severity;
	snprintf(words->text, sizeof(words->text), "%s: %s",
	    worst == &series->score ? "score" : worst->name, worst->reason);
	return worst->severity >= SEVERITY_WARNING;
}
