/* replay_print.c: a replay for a person: one page of at most 80 columns, plain ASCII but for what
 * comes from the data. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "tui/commands/replay.h"
#include "widgets/canvas.h"

enum {
	COLUMNS = 80,
	NAME_SHOWN = 23,
	INPUT_SHOWN = 32,
	ID_SHOWN = 18,
	INPUTS_SHOWN = 6,
	REASONS_SHOWN = 3,
	VERSIONS_SHOWN = 4
};

static double
share(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100 * (double)part / (double)whole : NAN;
}

void
replay_put_cut(struct buf *out, const char *text, size_t width)
{
	char cut[REPLAY_ID];
	text_copy(cut, sizeof(cut), text);
	while ((size_t)canvas_width(cut) > width)
		text_copy(cut, strlen(cut), text);
	buf_printf(out, "%s%*s", cut, (int)(width - (size_t)canvas_width(cut)), "");
}

static void
put_count(struct buf *out, const char *label, uint64_t count)
{
	char text[32];
	buf_printf(out, " %-17s%12s", label, text_grouped(text, (double)count));
}

/* " · 12 reason" of each that has happened. */
static void
put_reason(struct buf *out, uint64_t count, const char *reason, bool *first)
{
	char text[32];
	if (count == 0)
		return;
	buf_printf(
	    out, "%s%s %s", *first ? "   " : ", ", text_grouped(text, (double)count), reason);
	*first = false;
}

/* Of a log of several versions, which. */
static void
put_versions(struct buf *out, const struct replay_run *run)
{
	const struct dataset_column *version = run->data.version;
	size_t count = version != NULL ? version->categories_count : 0;
	char list[COLUMNS * 4] = "logged by versions ";
	if (count < 2)
		return;
	for (size_t i = 0; i < count && i < VERSIONS_SHOWN; i++)
		text_append(list, sizeof(list), "%s%s", i > 0 ? ", " : "", version->categories[i]);
	if (count > VERSIONS_SHOWN)
		text_append(list, sizeof(list), " and %zu more", count - VERSIONS_SHOWN);
	replay_put_wrapped(out, list, 1);
}

static void
put_rows(struct buf *out, const struct replay_run *run)
{
	const struct replay_result *result = &run->result;
	bool first = true;
	put_versions(out, run);
	put_count(out, "rows", result->rows);
	buf_puts(out, "\n");
	put_count(out, "scored by both", result->scored);
	if (result->scored < result->rows)
		buf_printf(out, "   %.2f %%", share(result->scored, result->rows));
	buf_puts(out, "\n");
	if (result->scored < result->rows) {
		put_count(out, "not scored", result->rows - result->scored);
		put_reason(out, result->unscored[REPLAY_FAILED], "failed: no logged score", &first);
		put_reason(out, result->unscored[REPLAY_NO_INPUT], "lack an input", &first);
		put_reason(out, result->unscored[REPLAY_NO_SCORE], "got no probability", &first);
		buf_puts(out, "\n");
	}
	put_count(out, "labelled", result->labelled);
	if (result->labelled > 0) {
		char text[32];
		buf_printf(out, "   %s of them fraud: %.2f %%",
		    text_grouped(text, (double)result->positives),
		    share(result->positives, result->labelled));
	}
	buf_puts(out, "\n");
}

/* Why the values of one input count as missing. */
static void
put_input(struct buf *out, const struct replay_run *run, size_t input)
{
	uint64_t unknown = inputs_unknown(run->inputs, input);
	bool words = model_categorical(run->model, input), first = true;
	buf_puts(out, "   ");
	replay_put_cut(out, model_feature(run->model, input), INPUT_SHOWN);
	put_reason(out, inputs_absent(run->inputs, input), "not named", &first);
	put_reason(out, inputs_empty(run->inputs, input), "empty or null", &first);
	put_reason(out, unknown, words ? "no category of the model" : "not numbers", &first);
	buf_puts(out, "\n");
}

static void
put_inputs(struct buf *out, const struct replay_run *run)
{
	size_t shown = 0, more = 0;
	for (size_t i = 0; i < model_features(run->model); i++) {
		if (inputs_absent(run->inputs, i) + inputs_empty(run->inputs, i) +
			inputs_unknown(run->inputs, i) ==
		    0)
			continue;
		if (shown == INPUTS_SHOWN) {
			more++;
			continue;
		}
		if (shown++ == 0)
			buf_puts(out, "\n MISSING VALUES\n");
		put_input(out, run, i);
	}
	if (more > 0)
		buf_printf(out, "   and of %zu more inputs\n", more);
}

/* A number of `digits` decimals in eight columns, and its interval behind it. */
static void
put_cell(struct buf *out, double value, struct interval interval, int digits)
{
	char range[32] = "";
	if (isnan(value)) {
		buf_printf(out, " %8s  %-16s", "-", "");
		return;
	}
	if (!isnan(interval.low))
		snprintf(range, sizeof(range), "%.*f to %.*f", digits, interval.low, digits,
		    interval.high);
	buf_printf(out, " %8.*f  %-16s", digits, value, range);
}

struct figure {
	double value;
	struct interval interval;
};

/* One figure of both sides, and how far they are apart where that says something. */
static void
put_figure(struct buf *out, const char *label, struct figure logged, struct figure other,
    int digits, bool comparable)
{
	double apart = comparable ? other.value - logged.value : NAN;
	buf_printf(out, " %-15s", label);
	put_cell(out, logged.value, logged.interval, digits);
	put_cell(out, other.value, other.interval, digits);
	if (!isnan(apart))
		buf_printf(
		    out, " %+9.*f", digits, fabs(apart) < 0.5 * pow(10, -digits) ? 0 : apart);
	while (out->length > 0 && out->data[out->length - 1] == ' ')
		out->data[--out->length] = '\0';
	buf_puts(out, "\n");
}

static struct figure
percent(double share_of, struct interval interval)
{
	return (struct figure){100 * share_of, {100 * interval.low, 100 * interval.high}};
}

static struct figure
flag_rate(const struct replay_side *side)
{
	double rate = side->decided > 0 ? (double)side->flagged / (double)side->decided : NAN;
	return percent(rate, side->flag_rate);
}

static void
put_sides(struct buf *out, const struct replay_run *run)
{
	const struct replay_result *result = &run->result;
	const struct replay_side *a = &result->logged, *b = &result->other;
	const struct interval none = {NAN, NAN};
	bool same = a->decided == b->decided; /* else they are of other rows */
	buf_printf(out, "\n %-17s", "");
	replay_put_cut(out, run->logged_name, NAME_SHOWN);
	buf_puts(out, "    ");
	replay_put_cut(out, run->other_name, NAME_SHOWN);
	buf_puts(out, "      CHANGE\n");
	put_figure(out, "flagged %", flag_rate(a), flag_rate(b), 2, same);
	put_figure(out, "mean score", (struct figure){a->mean_score, none},
	    (struct figure){b->mean_score, none}, 4, true);
	if (result->labelled == 0)
		return;
	put_figure(out, "precision %", percent(a->precision, a->precision_interval),
	    percent(b->precision, b->precision_interval), 2, same);
	put_figure(out, "recall %", percent(a->recall, a->recall_interval),
	    percent(b->recall, b->recall_interval), 2, same);
	put_figure(out, "AUC", (struct figure){a->rank.roc_auc, a->rank.roc_auc_interval},
	    (struct figure){b->rank.roc_auc, b->rank.roc_auc_interval}, 4, true);
	put_figure(out, "avg. precision",
	    (struct figure){a->rank.average_precision, a->average_precision_interval},
	    (struct figure){b->rank.average_precision, b->average_precision_interval}, 4, true);
}

static void
put_moved(struct buf *out, const struct replay_run *run)
{
	const struct replay_result *result = &run->result;
	uint64_t compared = result->agree + result->to_flagged + result->to_passed;
	char text[32];
	buf_puts(out, "\n");
	if (compared > 0) {
		put_count(out, "agree", result->agree);
		buf_printf(out, "   %.2f %% of %s decisions\n", share(result->agree, compared),
		    text_grouped(text, (double)compared));
		put_count(out, "to flagged", result->to_flagged);
		buf_puts(out, "   passed in the log, the other model flags\n");
		put_count(out, "to passed", result->to_passed);
		buf_puts(out, "   flagged in the log, the other model passes\n");
	}
	if (isnan(result->psi))
		return;
	buf_printf(out, " %-17s%12.4f   of the scores; chance gives up to %.2g\n", "PSI",
	    result->psi, result->psi_null);
}

static void
put_taken(struct buf *out, const struct replay_run *run)
{
	static const char *const ways[] = {
	    "as logged", "by the logged threshold", "by --threshold", "not at all"};
	uint64_t scored = run->result.scored;
	double threshold;
	const char *from = replay_threshold_from(run, &threshold);
	char text[32];
	bool first = true;
	buf_printf(out, " %-18s", "the log decides");
	for (size_t i = 0; i < TAKEN_WAYS; i++) {
		if (run->taken[i] == 0)
			continue;
		buf_printf(out, "%s%s", first ? "" : ", ", ways[i]);
		if (run->taken[i] < scored)
			buf_printf(out, " (%s)", text_grouped(text, (double)run->taken[i]));
		first = false;
	}
	buf_printf(out, "%s\n %-18s", first ? "-" : "", "the other decides");
	if (from == NULL)
		buf_puts(
		    out, "not at all: neither it nor the log has a threshold; see --threshold");
	else if (isnan(threshold))
		buf_printf(out, "score >= the row's logged threshold, %g to %g",
		    run->least_threshold, run->most_threshold);
	else
		buf_printf(out, "score >= %g, %s", threshold,
		    from[0] == '-'   ? "by --threshold"
		    : from[0] == 'm' ? "of the model's metadata"
				     : "as logged with the rows");
	buf_puts(out, "\n");
}

/* May a line end before this space? Not within "p < 1e-9", "95 % +0.1" and the like. */
static bool
breaks_at(const char *text, size_t at)
{
	return text[at] == ' ' && strchr("<=%", text[at - 1]) == NULL && text[at + 1] != '<' &&
	       text[at + 1] != '=' && text[at + 1] != '%';
}

void
replay_put_wrapped(struct buf *out, const char *text, size_t indent)
{
	while (*text != '\0') {
		size_t room = COLUMNS - indent, length = strlen(text), cut = length;
		if (length > room) {
			for (cut = room; cut > 0 && !breaks_at(text, cut);)
				cut--;
			if (cut == 0)
				for (cut = room; (text[cut] & 0xC0) == 0x80;)
					cut--;
		}
		buf_printf(out, "%*s%.*s\n", (int)indent, "", (int)cut, text);
		text += cut;
		text += strspn(text, " ");
	}
}

const char *
replay_time(char dst[32], wall_us time)
{
	if (time == 0)
		return "-";
	clock_format(dst, 32, time);
	dst[10] = ' ';
	dst[19] = '\0';
	return dst;
}

static const char *
flag_word(const struct replay_change *change)
{
	if (change->other_flag < 0)
		return "-";
	if (change->logged_flag >= 0 && change->logged_flag != change->other_flag)
		return change->other_flag ? "to flagged" : "to passed";
	return change->other_flag ? "flagged" : "passed";
}

static void
put_reasons(struct buf *out, const struct replay_run *run, size_t row)
{
	struct replay_why why;
	if (!replay_why(run, row, REASONS_SHOWN, &why))
		return;
	for (size_t i = 0; i < why.count; i++)
		replay_put_wrapped(out, why.reasons[i].text, 4);
}

static void
put_changes(struct buf *out, const struct replay_run *run)
{
	static const char *const labels[] = {"-", "honest", "fraud"};
	const struct replay_result *result = &run->result;
	if (result->changes_count == 0)
		return;
	buf_printf(out, "\n %-*s  %-19s %7s %7s  %-10s  %s\n", ID_SHOWN, "LARGEST CHANGES",
	    "TIME, UTC", "LOGGED", "OTHER", "DECISION", "LABEL");
	for (size_t i = 0; i < result->changes_count; i++) {
		const struct replay_change *change = &result->changes[i];
		char number[32], time[32];
		snprintf(number, sizeof(number), "row %zu", change->row);
		buf_puts(out, " ");
		replay_put_cut(out, change->id[0] != '\0' ? change->id : number, ID_SHOWN);
		buf_printf(out, "  %-19s %7.4f %7.4f  %-10s  %s\n", replay_time(time, change->ts),
		    change->logged, change->other, flag_word(change), labels[change->label + 1]);
		put_reasons(out, run, change->row);
	}
}

void
replay_print(const struct replay_run *run, struct buf *out)
{
	replay_put_wrapped(out, run->result.verdict, 1);
	buf_puts(out, "\n");
	put_rows(out, run);
	put_inputs(out, run);
	put_sides(out, run);
	put_moved(out, run);
	put_taken(out, run);
	put_changes(out, run);
}
