#include "core/monitor/cohorts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/jsonw.h"
#include "core/base/mem.h"
#include "core/base/text.h"

void
cohorts_init(struct cohorts *cohorts, const struct config *config)
{
	*cohorts = (struct cohorts){.by = config->cohort_by};
	int64_t most = config->cohort_most;
	cohorts->most = most < 1 ? 1 : most > COHORTS_MOST ? COHORTS_MOST : (size_t)most;
}

void
cohorts_free(struct cohorts *cohorts)
{
	free(cohorts->list);
}

size_t
cohorts_room(const struct cohorts *cohorts)
{
	return cohorts->by[0] != '\0' ? cohorts->most + 2 : 0;
}

/* Records of one log repeat their order. */
static const struct feature_value *
find_feature(struct cohorts *cohorts, const struct prediction *prediction)
{
	size_t hint = cohorts->hint;
	if (hint < prediction->features_count &&
	    strcmp(prediction->features[hint].name, cohorts->by) == 0)
		return &prediction->features[hint];
	for (size_t i = 0; i < prediction->features_count; i++) {
		if (strcmp(prediction->features[i].name, cohorts->by) == 0) {
			cohorts->hint = i;
			return &prediction->features[i];
		}
	}
	return NULL;
}

/* A free place, or one that nothing in the ring bears any more. */
static struct cohort *
find_place(struct cohorts *cohorts, int64_t oldest)
{
	for (size_t i = 0; i < cohorts->most; i++) {
		if (cohorts->list[i].hash == 0 || cohorts->list[i].last < oldest)
			return &cohorts->list[i];
	}
	return NULL;
}

static uint8_t
count_in(struct cohorts *cohorts, struct cohort *cohort, int64_t index)
{
	if (index > cohort->last)
		cohort->last = index;
	return (uint8_t)(cohort - cohorts->list);
}

uint64_t
cohorts_hash(const char *name)
{
	return hash_bytes(name, strlen(name), 0);
}

static uint8_t
find_word(struct cohorts *cohorts, const char *word, double number, int64_t index, int64_t oldest)
{
	char name[SNAPSHOT_NAME];
	text_copy(name, sizeof(name), word);
	uint64_t hash = cohorts_hash(name);
	for (size_t i = 0; i < cohorts->most; i++) {
		struct cohort *cohort = &cohorts->list[i];
		if (cohort->hash != hash || strcmp(cohort->name, name) != 0)
			continue;
		if (!isnan(number))
			cohort->number = number;
		return count_in(cohorts, cohort, index);
	}
	struct cohort *cohort = find_place(cohorts, oldest);
	if (cohort == NULL)
		return (uint8_t)cohorts->most;
	cohorts->given++;
	*cohort = (struct cohort){.hash = hash, .number = number, .last = index};
	text_copy(cohort->name, sizeof(cohort->name), name);
	return count_in(cohorts, cohort, index);
}

static uint8_t
find_number(struct cohorts *cohorts, double number, int64_t index, int64_t oldest)
{
	for (size_t i = 0; i < cohorts->most; i++) {
		if (cohorts->list[i].hash != 0 && cohorts->list[i].number == number)
			return count_in(cohorts, &cohorts->list[i], index);
	}
	char text[32];
	jsonw_format_double(text, sizeof(text), number);
	return find_word(cohorts, text, number, index, oldest);
}

struct feature_value
cohorts_segment(const struct prediction *prediction)
{
	return (struct feature_value){.name = "segment",
	    .kind = prediction->segment[0] != '\0' ? VALUE_TEXT : VALUE_MISSING,
	    .number = NAN,
	    .text = prediction->segment};
}

uint8_t
cohorts_find(
    struct cohorts *cohorts, const struct prediction *prediction, int64_t index, int64_t ring)
{
	struct feature_value segment = cohorts_segment(prediction);
	const struct feature_value *value =
	    strcmp(cohorts->by, "segment") == 0 ? &segment : find_feature(cohorts, prediction);
	return cohorts_find_value(cohorts, value, index, ring);
}

uint8_t
cohorts_find_value(
    struct cohorts *cohorts, const struct feature_value *value, int64_t index, int64_t ring)
{
	uint8_t missing = (uint8_t)(cohorts->most + 1);
	if (cohorts->by[0] == '\0')
		return missing;
	if (value == NULL || value->kind == VALUE_MISSING ||
	    (value->kind == VALUE_NUMBER && !isfinite(value->number)))
		return missing;
	if (cohorts->list == NULL)
		cohorts->list = mem_alloc(cohorts->most * sizeof(*cohorts->list));
	int64_t oldest = index - ring + 1;
	return value->kind == VALUE_NUMBER ? find_number(cohorts, value->number, index, oldest)
					   : find_word(cohorts, value->text, NAN, index, oldest);
}

const char *
cohorts_name(const struct cohorts *cohorts, size_t number)
{
	if (number >= cohorts->most)
		return number == cohorts->most ? "other" : "missing";
	bool known = cohorts->list != NULL && cohorts->list[number].hash != 0;
	return known ? cohorts->list[number].name : NULL;
}
