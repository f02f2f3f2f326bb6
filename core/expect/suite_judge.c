/* suite_judge.c: from counts to what is met and what is not, and what was seen. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/expect/suite_counts.h"

enum { PHI_MOST = 64 }; /* distinct values of each column */

static void observe(struct expectation_view *view, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
observe(struct expectation_view *view, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(view->observed, sizeof(view->observed), format, arguments);
	va_end(arguments);
}

static void
unknown(struct expectation_view *view, const char *why)
{
	view->state = EXPECTATION_UNKNOWN;
	observe(view, "%s", why);
}

static void
decide(struct expectation_view *view, bool met)
{
	view->state = met ? EXPECTATION_MET : EXPECTATION_FAILED;
}

/* Is at least `mostly` of the rows that count as expected? Rows without a value count only where
 * nulls are the question. */
static void
judge_rows(struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	bool nulls = e->check == CHECK_NULL || e->check == CHECK_NOT_NULL;
	uint64_t n = nulls ? count->records : count->records - count->missing;
	view->n = n;
	view->unexpected = count->unexpected;
	/* The share: 0.55 of 100 multiplied out would be over 55. */
	decide(view, n == 0 || (double)(n - count->unexpected) / (double)n >= e->mostly);
	observe(view, "%llu of %llu unexpected", (unsigned long long)count->unexpected,
	    (unsigned long long)n);
}

static void
judge_unique(struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	struct count repeated = *count;
	for (size_t i = 0; i < count->tally.capacity; i++) {
		if (count->tally.list[i].count > 1)
			repeated.unexpected += count->tally.list[i].count;
	}
	judge_rows(view, e, &repeated);
	if (count->tally.full && view->state == EXPECTATION_MET)
		unknown(view, "more distinct values than are kept");
}

bool
suite_compare(const struct feature_value *value, const struct literal *literal, int *order)
{
	bool word = value->kind == VALUE_TEXT;
	if (word != (literal->word != NULL))
		return false;
	if (word)
		*order = strcmp(value->text, literal->word);
	else
		*order = (value->number > literal->number) - (value->number < literal->number);
	return true;
}

bool
suite_within(const struct expectation *e, const struct feature_value *value)
{
	int order;
	if (e->low.set && (!suite_compare(value, &e->low.value, &order) ||
			      (e->low.strict ? order <= 0 : order < 0)))
		return false;
	return !e->high.set || (suite_compare(value, &e->high.value, &order) &&
				   (e->high.strict ? order < 0 : order <= 0));
}

static void
judge_value(struct expectation_view *view, const struct expectation *e, double value)
{
	struct feature_value observed = {.kind = VALUE_NUMBER, .number = value, .text = ""};
	char text[32];
	if (isnan(value)) {
		view->state = EXPECTATION_NONE;
		observe(view, "no number");
		return;
	}
	observe(view, "%s", jsonw_format_double(text, sizeof(text), value));
	/* A limit that is the value itself, summed up in another order, is met. */
	double slack = 1e-12 * fabs(value);
	if (e->low.set && !e->low.strict && fabs(value - e->low.value.number) <= slack)
		observed.number = e->low.value.number;
	if (e->high.set && !e->high.strict && fabs(value - e->high.value.number) <= slack)
		observed.number = e->high.value.number;
	decide(view, suite_within(e, &observed));
}

/* The least or greatest value: of words if there are but words. */
static void
judge_extreme(struct expectation_view *view, const struct expectation *e, const struct count *count,
    double number, const char *word)
{
	struct feature_value observed = {.kind = VALUE_TEXT, .number = NAN, .text = word};
	if (count->words == 0) {
		judge_value(view, e, isfinite(number) ? number : NAN);
		return;
	}
	if (count->words < view->n) {
		observe(view, "words and numbers");
		view->state = EXPECTATION_FAILED;
		return;
	}
	observe(view, "%s", word);
	decide(view, suite_within(e, &observed));
}

/* With words among the numbers there is no mean of them. */
static void
judge_moment(struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	double n = (double)view->n;
	double value = count->mean;
	if (count->words > 0) {
		observe(view, "%llu words among the values", (unsigned long long)count->words);
		view->state = EXPECTATION_FAILED;
		return;
	}
	if (e->check == CHECK_SUM)
		value = count->sum;
	if (e->check == CHECK_STDEV)
		value = n > 1 ? sqrt(count->squares / (n - 1)) : NAN;
	judge_value(view, e, n > 0 ? value : NAN);
}

/* Is the value at a place of the sorted values on the right side of a limit? */
static bool
reaches(const struct quantile *quantile, const struct cut *cuts, uint64_t place)
{
	return (!quantile->low.set || cuts[0].below <= place) &&
	       (!quantile->high.set || cuts[1].below > place);
}

/* The mean of the two middle values against the limits. Where a limit parts them, they are the two
 * that are next to it. */
static bool
median_reaches(const struct quantile *quantile, const struct cut *cuts, uint64_t n)
{
	if (n % 2 == 1)
		return reaches(quantile, cuts, n / 2);
	double low = (cuts[0].under + cuts[0].over) / 2, high = (cuts[1].under + cuts[1].over) / 2;
	double low_limit = quantile->low.value.number, high_limit = quantile->high.value.number;
	bool above =
	    cuts[0].below < n / 2 ||
	    (cuts[0].below == n / 2 && (quantile->low.strict ? low > low_limit : low >= low_limit));
	bool under = cuts[1].below > n / 2 ||
		     (cuts[1].below == n / 2 &&
			 (quantile->high.strict ? high < high_limit : high <= high_limit));
	return (!quantile->low.set || above) && (!quantile->high.set || under);
}

static void
judge_quantiles(
    struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	uint64_t n = count->records - count->missing - count->words;
	size_t failed = 0, worst = 0;
	if (n == 0 || count->words > 0) {
		view->state = n == 0 ? EXPECTATION_NONE : EXPECTATION_FAILED;
		observe(view, n == 0 ? "no number" : "words among the values");
		return;
	}
	for (size_t i = 0; i < e->quantiles_count; i++) {
		const struct quantile *quantile = &e->quantiles[i];
		uint64_t place = (uint64_t)nearbyint(quantile->q * (double)(n - 1));
		bool met = e->check == CHECK_MEDIAN
			       ? median_reaches(quantile, &count->cuts[2 * i], n)
			       : reaches(quantile, &count->cuts[2 * i], place);
		worst = !met && failed == 0 ? i : worst;
		failed += !met;
	}
	decide(view, failed == 0);
	const struct quantile *shown = &e->quantiles[worst];
	const struct cut *cuts = &count->cuts[2 * worst];
	observe(view, "%zu of %zu outside; of %llu values", failed, e->quantiles_count,
	    (unsigned long long)n);
	if (shown->low.set)
		text_append(view->observed, sizeof(view->observed), ", %llu below %.6g",
		    (unsigned long long)cuts[0].below, shown->low.value.number);
	if (shown->high.set)
		text_append(view->observed, sizeof(view->observed), ", %llu above %.6g",
		    (unsigned long long)(n - cuts[1].below), shown->high.value.number);
}

static void
judge_distinct(
    struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	size_t seen = 0;
	for (size_t i = 0; i < e->set_count; i++)
		seen += count->set_seen[i] > 0;
	bool inside = count->outside == 0, contained = seen == e->set_count;
	observe(view, "%zu of the set's %zu seen, %llu values of others", seen, e->set_count,
	    (unsigned long long)count->outside);
	view->unexpected = count->outside;
	decide(view, !e->set_given			  ? true
		     : e->check == CHECK_DISTINCT_IN	  ? inside
		     : e->check == CHECK_DISTINCT_CONTAIN ? contained
							  : inside && contained);
}

/* Of a tally that is full only a lower bound is known. */
static void
judge_distinct_count(
    struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	double distinct = (double)count->tally.count;
	if (e->check == CHECK_DISTINCT_SHARE)
		distinct = view->n > 0 ? distinct / (double)view->n : NAN;
	judge_value(view, e, distinct);
	if (count->tally.full &&
	    !(view->state == EXPECTATION_FAILED && e->high.set && distinct > e->high.value.number))
		unknown(view, "more distinct values than are kept");
}

static bool
is_in_set(const struct expectation *e, const char *word)
{
	char room[32];
	for (size_t i = 0; i < e->set_count; i++) {
		const char *member = e->set[i].word;
		if (member == NULL)
			member = jsonw_format_double(room, sizeof(room), e->set[i].number);
		if (strcmp(member, word) == 0)
			return true;
	}
	return false;
}

static void
judge_commonest(
    struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	uint64_t most = 0;
	size_t tied = 0, hits = 0;
	const char *one = "";
	if (count->tally.full) {
		unknown(view, "more distinct values than are kept");
		return;
	}
	for (size_t i = 0; i < count->tally.capacity; i++)
		most = count->tally.list[i].count > most ? count->tally.list[i].count : most;
	for (size_t i = 0; most > 0 && i < count->tally.capacity; i++) {
		const struct tally_entry *entry = &count->tally.list[i];
		if (entry->count != most)
			continue;
		tied++;
		hits += is_in_set(e, entry->word);
		one = entry->word;
	}
	if (tied == 0) {
		view->state = EXPECTATION_NONE;
		return;
	}
	decide(view, e->ties ? hits > 0 : tied == 1 && hits == 1);
	if (tied == 1)
		observe(view, "`%.60s`, %llu times", one, (unsigned long long)most);
	else
		observe(view, "`%.60s` and %zu more, %llu times each", one, tied - 1,
		    (unsigned long long)most);
}

static void
judge_z_scores(
    struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	double n = (double)view->n, deviation = sqrt(count->squares / (n - 1));
	double high = (count->high - count->mean) / deviation;
	double low = (count->mean - count->low) / deviation;
	double worst = e->double_sided && low > high ? low : high;
	if (!(n > 1 && deviation > 0)) {
		view->state = EXPECTATION_NONE;
		observe(view, "no deviation");
		return;
	}
	decide(view, count->words == 0 && worst < e->threshold);
	observe(view, "up to %.4g", worst);
	if (view->state == EXPECTATION_FAILED && count->words == 0 && e->mostly < 1)
		unknown(view, "how many values are beyond is not counted");
}

/* The place of a word among those found so far; PHI_MOST: one too many. */
static size_t
place_of(char words[PHI_MOST][SUITE_WORD], size_t *count, const char *word)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(words[i], word) == 0)
			return i;
	}
	if (*count < PHI_MOST)
		text_copy(words[(*count)++], SUITE_WORD, word);
	else
		return PHI_MOST;
	return *count - 1;
}

struct crossing {
	char words[2][PHI_MOST][SUITE_WORD];
	size_t count[2];
	double cells[PHI_MOST][PHI_MOST], sums[2][PHI_MOST];
};

static bool
cross(struct crossing *table, const struct tally *tally)
{
	for (size_t i = 0; i < tally->capacity; i++) {
		const struct tally_entry *entry = &tally->list[i];
		char first[SUITE_WORD];
		const char *cut = strchr(entry->word, SUITE_CUT);
		if (entry->hash == 0 || cut == NULL)
			continue;
		snprintf(first, sizeof(first), "%.*s", (int)(cut - entry->word), entry->word);
		size_t a = place_of(table->words[0], &table->count[0], first);
		size_t b = place_of(table->words[1], &table->count[1], cut + 1);
		if (a == PHI_MOST || b == PHI_MOST)
			return false;
		table->cells[a][b] += (double)entry->count;
		table->sums[0][a] += (double)entry->count;
		table->sums[1][b] += (double)entry->count;
	}
	return true;
}

/* Cramer's phi of the 2-way table, with Yates' correction where it is 2 x 2. */
static double
phi_of(const struct crossing *table, double n)
{
	size_t rows = table->count[0], columns = table->count[1];
	double chi2 = 0, least = (double)(rows < columns ? rows : columns) - 1;
	for (size_t a = 0; a < rows; a++) {
		for (size_t b = 0; b < columns; b++) {
			double expected = table->sums[0][a] * table->sums[1][b] / n;
			double gap = fabs(table->cells[a][b] - expected);
			if (rows == 2 && columns == 2)
				gap -= fmin(0.5, gap);
			chi2 += gap * gap / expected;
		}
	}
	return least > 0 ? fmin(sqrt(chi2 / n / least), 1) : NAN;
}

static void
judge_phi(struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	struct crossing *table = mem_alloc(sizeof(*table));
	double phi = NAN;
	bool known = !count->tally.full && cross(table, &count->tally);
	if (known)
		phi = phi_of(table, (double)view->n);
	free(table);
	if (!known) {
		unknown(view, "more distinct values than are kept");
		return;
	}
	if (isnan(phi)) {
		view->state = EXPECTATION_NONE;
		observe(view, "one of the columns is constant");
		return;
	}
	decide(view, phi <= e->threshold);
	observe(view, "%.6g", phi);
}

static void
judge(struct expectation_view *view, const struct expectation *e, const struct count *count)
{
	switch (e->check) {
	case CHECK_UNKNOWN:
		unknown(view, e->unknown);
		break;
	case CHECK_ROWS:
		judge_value(view, e, (double)count->records);
		break;
	case CHECK_EXISTS:
		decide(view, count->missing < count->records);
		observe(view, "in %llu of %llu records",
		    (unsigned long long)(count->records - count->missing),
		    (unsigned long long)count->records);
		break;
	case CHECK_UNIQUE:
		judge_unique(view, e, count);
		break;
	case CHECK_Z_SCORE:
		judge_z_scores(view, e, count);
		break;
	case CHECK_MIN:
		judge_extreme(view, e, count, count->low, count->low_word);
		break;
	case CHECK_MAX:
		judge_extreme(view, e, count, count->high, count->high_word);
		break;
	case CHECK_MEAN:
	case CHECK_SUM:
	case CHECK_STDEV:
		judge_moment(view, e, count);
		break;
	case CHECK_MEDIAN:
	case CHECK_QUANTILES:
		judge_quantiles(view, e, count);
		break;
	case CHECK_DISTINCT_IN:
	case CHECK_DISTINCT_CONTAIN:
	case CHECK_DISTINCT_EQUAL:
		judge_distinct(view, e, count);
		break;
	case CHECK_DISTINCT_COUNT:
	case CHECK_DISTINCT_SHARE:
		judge_distinct_count(view, e, count);
		break;
	case CHECK_COMMONEST:
		judge_commonest(view, e, count);
		break;
	case CHECK_PHI:
		judge_phi(view, e, count);
		break;
	default:
		judge_rows(view, e, count);
		break;
	}
}

void
suite_judge(
    const struct suite *suite, const struct suite_counts *counts, struct expectation_view *views)
{
	for (size_t i = 0; i < suite->count; i++) {
		const struct expectation *e = &suite->list[i];
		const struct count *count = &counts->list[i];
		struct expectation_view *view = &views[i];
		*view = (struct expectation_view){.n = count->records - count->missing};
		text_copy(view->type, sizeof(view->type), e->type);
		text_copy(view->column, sizeof(view->column), e->column);
		text_copy(view->arguments, sizeof(view->arguments), e->arguments);
		if (e->check != CHECK_UNKNOWN && count->records == 0)
			observe(view, "no records yet");
		else
			judge(view, e, count);
	}
}
