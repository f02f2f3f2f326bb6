/* parts.h: pieces that more than one panel draws. */
#ifndef FRAUDTOP_TUI_PARTS_H
#define FRAUDTOP_TUI_PARTS_H

#include "tui/panel.h"
#include "tui/view.h"
#include "widgets/canvas.h"
#include "widgets/table.h"

/* A panel's table of services, one row each. */
struct service_table {
	const struct panel_sort *sorts;
	/* What stands in a column above 0, which is what is sorted by. */
	struct metric (*figure)(const struct service_view *service, int column);
	const struct table_column *columns; /* the first is the name's, made as wide as names are */
	size_t columns_count;
	/* A table's; its context is the struct rows, whose items are services. */
	void (*cell)(
	    struct canvas *canvas, struct area area, size_t row, size_t column, void *context);
};
/* The services as rows, filtered and sorted. */
void parts_list_services(const struct view *view, const struct panel_state *state,
    const struct service_table *services, struct rows *rows);
/* In the upper half, or in all of a low area. Returns what is left below. */
struct area parts_draw_services(struct canvas *canvas, struct area area, const struct view *view,
    struct panel_state *state, const struct service_table *services);
/* As wide as the widest name of a service, within bounds; the heading has room. */
int parts_name_width(const struct snapshot *snapshot);
/* A table with its order and its scrolling as the panel remembers them; the caller says the rest.
 */
struct table parts_sorted(const struct panel_sort *sorts, struct panel_state *state);
/* The worst of what 3 Drift shows: features, score, their data and the rates. */
enum severity parts_drift_alarm(const struct series_view *series);
/* A heading, then the features, worst first, with a small histogram each. */
void parts_drift(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series);
/* Precision, recall and label maturity in words; returns the rows used. */
int parts_quality_line(struct canvas *canvas, struct area area, const struct series_view *series);
/* Precision and recall of the selected service over time, all its versions; what is immature is
 * muted. Dotted the estimates, of the series where all versions have none: all of them, or only
 * where the labels are still coming. */
void parts_quality_curves(struct canvas *canvas, struct area area, const struct view *view,
    const struct series_view *series, bool all_estimates);
/* p50, p95 and p99 over the comparison window. */
void parts_latency_curves(struct canvas *canvas, struct area area, const struct view *view,
    const struct latency_view *latency);
/* A rule, then the newest events, all (kind -1) or of one kind; nothing if there is none. */
void parts_events(
    struct canvas *canvas, struct area area, const struct view *view, const char *title, int kind);
/* `reference: first 10,000 records, warming` and the like. */
void parts_reference(
    const struct view *view, const char *model, bool whole, char *dst, size_t size);
/* Words on up to `most` rows, broken at blanks; the last is cut. Returns the rows used. */
int parts_wrap(
    struct canvas *canvas, struct area area, int y, enum role role, const char *text, int most);
/* A window's length: `1 h`, `90 min`, `7 d`. */
void parts_duration(char *dst, size_t size, int64_t us);
/* `14:06` at the ends of a curve that spans span_us and ends with the data's clock. */
void parts_span(const struct view *view, int64_t span_us, char left[32], char right[32]);
/* `FRAUD-EU · fraud_classifier 13`: of whom a panel of one service speaks; a rule. */
void parts_title(
    struct canvas *canvas, struct area area, int y, const struct view *view, const char *after);
/* Events of the selected service as marks on a curve of span_us; returns how many. */
struct graph_mark;
size_t parts_marks(const struct view *view, int64_t span_us, struct graph_mark *marks, size_t size);

#endif
