/* suite_count.c: what records add to the counts of a suite, and how counts are added up. */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/hash.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/expect/suite_counts.h"

enum { PAIR_WORD = SUITE_WORD / 2 };

static const struct feature_value absent = {
    .name = "", .kind = VALUE_MISSING, .number = NAN, .text = ""};

static void
count_init(struct count *count, const struct expectation *e)
{
	struct cut *cuts = count->cuts;
	uint64_t *seen = count->set_seen;
	struct tally tally = count->tally;
	*count = (struct count){.low = INFINITY, .high = -INFINITY};
	count->cuts = cuts != NULL || e->quantiles_count == 0
			  ? cuts
			  : mem_alloc(2 * e->quantiles_count * sizeof(*cuts));
	count->set_seen =
	    seen != NULL || e->set_count == 0 ? seen : mem_alloc(e->set_count * sizeof(*seen));
	for (size_t i = 0; i < 2 * e->quantiles_count; i++)
		count->cuts[i] = (struct cut){.under = -INFINITY, .over = INFINITY};
	for (size_t i = 0; i < e->set_count; i++)
		count->set_seen[i] = 0;
	count->tally = (struct tally){.list = tally.list, .capacity = tally.capacity};
	if (tally.capacity > 0)
		memset(tally.list, 0, tally.capacity * sizeof(*tally.list));
}

struct suite_counts *
suite_counts_new(const struct suite *suite)
{
	struct suite_counts *counts = mem_alloc(sizeof(*counts));
	counts->suite = suite;
	counts->guess = mem_alloc((2 * suite->count + 1) * sizeof(*counts->guess));
	counts->list = mem_alloc((suite->count + 1) * sizeof(*counts->list));
	suite_counts_clear(counts);
	return counts;
}

void
suite_counts_clear(struct suite_counts *counts)
{
	for (size_t i = 0; i < counts->suite->count; i++)
		count_init(&counts->list[i], &counts->suite->list[i]);
}

void
suite_counts_free(struct suite_counts *counts)
{
	if (counts == NULL)
		return;
	for (size_t i = 0; i < counts->suite->count; i++) {
		free(counts->list[i].cuts);
		free(counts->list[i].set_seen);
		free(counts->list[i].tally.list);
	}
	free(counts->guess);
	free(counts->list);
	free(counts);
}

/* --- values --- */

static size_t
place_in_set(const struct expectation *e, const struct feature_value *value)
{
	int order;
	for (size_t i = 0; i < e->set_count; i++) {
		if (suite_compare(value, &e->set[i], &order) && order == 0)
			return i;
	}
	return e->set_count;
}

/* A value as text: a word itself, a number the shortest that reads back equal. */
static const char *
text_of(const struct feature_value *value, char room[32])
{
	if (value->kind == VALUE_TEXT)
		return value->text;
	return jsonw_format_double(room, 32, value->number);
}

/* Do all (or any) of the patterns match somewhere in it? A search that was given up is not in the
 * value's favour. */
static bool
matches(const struct suite *suite, const struct expectation *e, const struct feature_value *value)
{
	char room[32];
	const char *text = text_of(value, room);
	for (size_t i = 0; i < e->patterns_count; i++) {
		int found = pcre2_match(e->patterns[i], (PCRE2_SPTR)text, strlen(text), 0, 0,
		    suite->match, suite->limits);
		bool hit = found >= 0;
		if (found < 0 && found != PCRE2_ERROR_NOMATCH)
			return e->check == CHECK_NOT_MATCH;
		if (hit != e->all)
			return hit;
	}
	return e->all;
}

static bool
length_fits(const struct expectation *e, const struct feature_value *value)
{
	struct feature_value length = {.kind = VALUE_NUMBER, .text = ""};
	if (value->kind != VALUE_TEXT)
		return false;
	for (const char *at = value->text; *at != '\0'; at++)
		length.number += ((unsigned char)*at & 0xC0) != 0x80;
	return suite_within(e, &length);
}

static bool
is_of_type(const struct expectation *e, const struct feature_value *value)
{
	if (value->kind == VALUE_TEXT)
		return e->types & TYPE_WORD;
	bool flag = value->number == 0 || value->number == 1;
	return (e->types & TYPE_NUMBER) || ((e->types & TYPE_FLAG) && flag) ||
	       ((e->types & TYPE_WHOLE) && value->number == floor(value->number));
}

static bool
is_json(const struct feature_value *value)
{
	cJSON *json = value->kind == VALUE_TEXT ? cJSON_ParseWithOpts(value->text, NULL, 1) : NULL;
	cJSON_Delete(json);
	return json != NULL;
}

static bool
is_time(const struct expectation *e, const struct feature_value *value)
{
	struct tm tm;
	if (value->kind != VALUE_TEXT)
		return false;
	const char *end = strptime(value->text, e->format, &tm);
	return end != NULL && *end == '\0';
}

static bool
is_expected(
    const struct suite *suite, const struct expectation *e, const struct feature_value *value)
{
	switch (e->check) {
	case CHECK_RANGE:
		return suite_within(e, value);
	case CHECK_IN_SET:
		return !e->set_given || place_in_set(e, value) < e->set_count;
	case CHECK_NOT_IN_SET:
		return place_in_set(e, value) == e->set_count;
	case CHECK_MATCH:
		return matches(suite, e, value);
	case CHECK_NOT_MATCH:
		return !matches(suite, e, value);
	case CHECK_LENGTH:
		return length_fits(e, value);
	case CHECK_TYPE:
		return is_of_type(e, value);
	case CHECK_JSON:
		return is_json(value);
	case CHECK_TIME:
		return is_time(e, value);
	default:
		return true;
	}
}

/* --- counting --- */

static void
tally_add(struct tally *tally, uint64_t hash, const char *word, uint64_t count)
{
	size_t mask = tally->capacity - 1, at;
	if (tally->capacity > 0) {
		for (at = hash & mask; tally->list[at].hash != 0; at = (at + 1) & mask) {
			if (tally->list[at].hash == hash) {
				tally->list[at].count += count;
				return;
			}
		}
	}
	if (tally->count == SUITE_DISTINCT) {
		tally->full = true;
		return;
	}
	if (2 * (tally->count + 1) > tally->capacity) {
		struct tally old = *tally;
		tally->capacity = old.capacity > 0 ? 2 * old.capacity : 16;
		tally->count = 0;
		tally->list = mem_alloc(tally->capacity * sizeof(*tally->list));
		for (size_t i = 0; i < old.capacity; i++) {
			if (old.list[i].hash != 0)
				tally_add(
				    tally, old.list[i].hash, old.list[i].word, old.list[i].count);
		}
		free(old.list);
		mask = tally->capacity - 1;
	}
	for (at = hash & mask; tally->list[at].hash != 0; at = (at + 1) & mask)
		;
	tally->list[at] = (struct tally_entry){.hash = hash, .count = count};
	text_copy(tally->list[at].word, sizeof(tally->list[at].word), word);
	tally->count++;
}

static bool
wants_tally(enum check check)
{
	return check == CHECK_UNIQUE || check == CHECK_DISTINCT_COUNT ||
	       check == CHECK_DISTINCT_SHARE || check == CHECK_COMMONEST ||
	       check == CHECK_DISTINCT_IN || check == CHECK_DISTINCT_EQUAL || check == CHECK_PHI;
}

/* Values below (or, for a high limit, not above) the limit, and the nearest on both sides. */
static void
count_cut(struct cut *cut, const struct bound *bound, bool high, double x)
{
	double limit = bound->value.number;
	bool near = (high != bound->strict) ? x <= limit : x < limit;
	if (!bound->set)
		return;
	cut->below += near;
	if (near && x > cut->under)
		cut->under = x;
	if (!near && x < cut->over)
		cut->over = x;
}

static void
count_number(const struct expectation *e, struct count *count, double x)
{
	double n = (double)(count->records - count->missing - count->words);
	double delta = x - count->mean;
	count->mean += delta / n;
	count->squares += delta * (x - count->mean);
	count->sum += x;
	count->low = x < count->low ? x : count->low;
	count->high = x > count->high ? x : count->high;
	for (size_t i = 0; i < e->quantiles_count; i++) {
		count_cut(&count->cuts[2 * i], &e->quantiles[i].low, false, x);
		count_cut(&count->cuts[2 * i + 1], &e->quantiles[i].high, true, x);
	}
}

static void
count_word(struct count *count, const char *word)
{
	count->words++;
	if (count->words == 1 || strcmp(word, count->low_word) < 0)
		text_copy(count->low_word, sizeof(count->low_word), word);
	if (count->words == 1 || strcmp(word, count->high_word) > 0)
		text_copy(count->high_word, sizeof(count->high_word), word);
}

/* Is the step from one value to the next the wrong way? Words and numbers cannot be ordered. */
static bool
is_out_of_order(
    const struct expectation *e, double a, const char *a_word, double b, const char *b_word)
{
	int order = (b > a) - (b < a);
	if ((a_word[0] != '\0') != (b_word[0] != '\0'))
		return true;
	if (a_word[0] != '\0')
		order = strcmp(b_word, a_word);
	order = e->falling ? -order : order;
	return e->strictly ? order <= 0 : order < 0;
}

static void
count_order(const struct expectation *e, struct count *count, const struct feature_value *value)
{
	if (count->began)
		count->unexpected +=
		    is_out_of_order(e, count->last, count->last_word, value->number, value->text);
	count->last = value->number;
	text_copy(count->last_word, sizeof(count->last_word), value->text);
	if (!count->began) {
		count->first = value->number;
		text_copy(count->first_word, sizeof(count->first_word), value->text);
	}
	count->began = true;
}

static void
count_tally(struct count *count, const struct feature_value *value, const char *other)
{
	char room[32], both[SUITE_WORD];
	const char *text = text_of(value, room);
	uint64_t hash = hash_bytes(other, strlen(other), value->kind);
	hash = hash_bytes(text, strlen(text), hash);
	text_copy(both, *other != '\0' ? PAIR_WORD : sizeof(both), text);
	text_append(both, sizeof(both), "%s", other);
	tally_add(&count->tally, hash, both, 1);
}

static bool
is_missing(const struct feature_value *value)
{
	return value->kind == VALUE_MISSING ||
	       (value->kind == VALUE_NUMBER && isnan(value->number));
}

static void
count_value(const struct suite *suite, const struct expectation *e, struct count *count,
    const struct feature_value *value)
{
	count->records++;
	count->missing += is_missing(value);
	if (e->check == CHECK_NULL || e->check == CHECK_NOT_NULL)
		count->unexpected += is_missing(value) == (e->check == CHECK_NOT_NULL);
	if (is_missing(value))
		return;
	if (value->kind == VALUE_NUMBER)
		count_number(e, count, value->number);
	else
		count_word(count, value->text);
	count->unexpected += !is_expected(suite, e, value);
	if (e->check == CHECK_ORDER)
		count_order(e, count, value);
	if (e->set_given) {
		size_t place = place_in_set(e, value);
		if (place < e->set_count)
			count->set_seen[place]++;
		else
			count->outside++;
	}
	if (wants_tally(e->check))
		count_tally(count, value, "");
}

/* The pair of two columns' values as one word, cut apart by a character that no clean text has;
 * they are told apart by their first bytes. */
static void
count_pair(struct count *count, const struct feature_value *a, const struct feature_value *b)
{
	char room[32], other[PAIR_WORD + 1];
	count->records++;
	if (is_missing(a) || is_missing(b)) {
		count->missing++;
		return;
	}
	count->words++; /* it is not used otherwise */
	other[0] = SUITE_CUT;
	text_copy(other + 1, sizeof(other) - 1, text_of(b, room));
	count_tally(count, a, other);
}

static const struct feature_value *
find_value(const struct feature_value *features, size_t count, const char *name, size_t *guess)
{
	if (*guess < count && strcmp(features[*guess].name, name) == 0)
		return &features[*guess];
	for (size_t i = 0; i < count; i++) {
		if (strcmp(features[i].name, name) == 0) {
			*guess = i;
			return &features[i];
		}
	}
	return &absent;
}

void
suite_observe(const struct suite *suite, struct suite_counts *counts,
    const struct feature_value *features, size_t features_count)
{
	for (size_t i = 0; i < suite->count; i++) {
		const struct expectation *e = &suite->list[i];
		struct count *count = &counts->list[i];
		if (e->check == CHECK_UNKNOWN)
			continue;
		if (e->check == CHECK_ROWS) {
			count->records++;
			continue;
		}
		const struct feature_value *value =
		    find_value(features, features_count, e->column, &counts->guess[2 * i]);
		if (e->check == CHECK_EXISTS) {
			count->records++;
			count->missing += value == &absent;
		} else if (e->check == CHECK_PHI) {
			count_pair(count, value,
			    find_value(
				features, features_count, e->other, &counts->guess[2 * i + 1]));
		} else {
			count_value(suite, e, count, value);
		}
	}
}

/* --- adding up --- */

static void
merge_numbers(struct count *into, const struct count *later)
{
	double n = (double)(into->records - into->missing - into->words);
	double m = (double)(later->records - later->missing - later->words);
	double delta = later->mean - into->mean;
	if (m > 0) {
		into->squares += later->squares + delta * delta * n * m / (n + m);
		into->mean += delta * m / (n + m);
	}
	into->sum += later->sum;
	into->low = later->low < into->low ? later->low : into->low;
	into->high = later->high > into->high ? later->high : into->high;
}

static void
merge_words(struct count *into, const struct count *later)
{
	bool none = into->words == 0;
	if (later->words > 0 && (none || strcmp(later->low_word, into->low_word) < 0))
		text_copy(into->low_word, sizeof(into->low_word), later->low_word);
	if (later->words > 0 && (none || strcmp(later->high_word, into->high_word) > 0))
		text_copy(into->high_word, sizeof(into->high_word), later->high_word);
}

static void
merge_order(const struct expectation *e, struct count *into, const struct count *later)
{
	if (!later->began)
		return;
	if (into->began)
		into->unexpected += is_out_of_order(
		    e, into->last, into->last_word, later->first, later->first_word);
	if (!into->began) {
		into->first = later->first;
		text_copy(into->first_word, sizeof(into->first_word), later->first_word);
	}
	into->began = true;
	into->last = later->last;
	text_copy(into->last_word, sizeof(into->last_word), later->last_word);
}

static void
merge_cuts(const struct expectation *e, struct count *into, const struct count *later)
{
	for (size_t i = 0; i < 2 * e->quantiles_count; i++) {
		into->cuts[i].below += later->cuts[i].below;
		into->cuts[i].under = fmax(into->cuts[i].under, later->cuts[i].under);
		into->cuts[i].over = fmin(into->cuts[i].over, later->cuts[i].over);
	}
}

void
suite_merge(struct suite_counts *into, const struct suite_counts *later)
{
	for (size_t i = 0; i < into->suite->count; i++) {
		const struct expectation *e = &into->suite->list[i];
		struct count *a = &into->list[i];
		const struct count *b = &later->list[i];
		merge_numbers(a, b);
		merge_words(a, b);
		merge_order(e, a, b);
		merge_cuts(e, a, b);
		a->records += b->records;
		a->missing += b->missing;
		a->unexpected += b->unexpected;
		a->words += b->words;
		a->outside += b->outside;
		for (size_t k = 0; k < e->set_count; k++)
			a->set_seen[k] += b->set_seen[k];
		a->tally.full |= b->tally.full;
		for (size_t k = 0; !a->tally.full && k < b->tally.capacity; k++) {
			if (b->tally.list[k].hash != 0)
				tally_add(&a->tally, b->tally.list[k].hash, b->tally.list[k].word,
				    b->tally.list[k].count);
		}
	}
}
