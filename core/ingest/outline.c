/* outline.c: see outline.h. */
#include "core/ingest/outline.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/record_parts.h"

/* So many lines are not learned after one that could not be, and when there was no room. */
enum { REST = 64, LONG_REST = 65536 };

/* Where in struct prediction a field stands, what it may be, and from what to what. */
static const struct {
	uint16_t place;
	uint8_t target;
	double low, high;
} fields[RECORD_FIELDS] = {
#define MOST 1.7976931348623157e308
#define PLACE(member) offsetof(struct prediction, member)
    [RECORD_TS] = {PLACE(ts), TARGET_TIME, 0, 0},
    [RECORD_REQUEST_ID] = {PLACE(request_id), TARGET_TEXT, 0, 0},
    [RECORD_SERVICE] = {PLACE(service), TARGET_TEXT, 0, 0},
    [RECORD_MODEL] = {PLACE(model), TARGET_TEXT, 0, 0},
    [RECORD_VERSION] = {PLACE(version), TARGET_TEXT, 0, 0},
    [RECORD_SEGMENT] = {PLACE(segment), TARGET_TEXT, 0, 0},
    [RECORD_SCORE] = {PLACE(score), TARGET_NUMBER, 0, 1},
    [RECORD_THRESHOLD] = {PLACE(threshold), TARGET_NUMBER, -MOST, MOST},
    [RECORD_DECISION] = {PLACE(decision), TARGET_FLAG, 0, 0},
    [RECORD_LATENCY] = {PLACE(latency_ms), TARGET_NUMBER, 0, MOST},
    [RECORD_STATUS] = {PLACE(status), TARGET_STATUS, 0, 0},
    [RECORD_LABEL] = {PLACE(label), TARGET_FLAG, 0, 0},
    [RECORD_FEATURES] = {0, TARGET_NULL, 0, 0},
    [RECORD_ATTRIBUTIONS] = {0, TARGET_NULL, 0, 0},
#undef PLACE
#undef MOST
};

void
outline_clear(struct outline *outline)
{
	outline->count = 0;
	outline->first = NULL;
	outline->walked = outline->missed = 0;
}

/* No more steps can be made: those there are stay if they take most lines. */
static void
pause_learning(struct outline *outline)
{
	if (outline->walked < outline->missed)
		outline_clear(outline);
	outline->walked = outline->missed = 0;
	outline->rest = LONG_REST;
}

void
outline_free(struct outline *outline)
{
	outline_clear(outline);
	free(outline->steps);
}

/* Is it the step of that literal and value? */
static bool
is_step(const struct step *step, const char *literal, size_t length, const struct step *wanted)
{
	return step->length == length && memcmp(step->literal, literal, length) == 0 &&
	       step->target == wanted->target && step->place == wanted->place &&
	       step->must == wanted->must && step->member.name == wanted->member.name &&
	       (step->how == HOW_END) == (wanted->how == HOW_END) &&
	       (step->how == HOW_AGAIN) == (wanted->how == HOW_AGAIN) &&
	       (step->how == HOW_LITERAL) == (wanted->how == HOW_LITERAL) &&
	       (step->how == HOW_NOTHING) == (wanted->how == HOW_NOTHING);
}

static struct step **
link_after(struct outline *outline, struct step *step)
{
	return step == NULL ? &outline->first : &step->next;
}

/* Puts the step among those that may follow `after`, the longer literals first. */
static struct step *
insert_step(struct outline *outline, struct step *after, const char *literal, size_t length,
    const struct step *wanted)
{
	if (outline->steps == NULL)
		outline->steps = mem_alloc(OUTLINE_MOST * sizeof(*outline->steps));
	struct step *step = &outline->steps[outline->count++], **link = link_after(outline, after);
	while (*link != NULL && (*link)->length > length)
		link = &(*link)->other;
	*step = *wanted;
	memcpy(step->literal, literal, length);
	step->literal_bits = length < STEP_BLOCK ? (UINT32_C(1) << length) - 1 : UINT32_MAX;
	step->length = (uint32_t)length;
	step->next = NULL;
	step->other = *link;
	*link = step;
	return step;
}

/* Goes on from `after` to a step whose literal fits into a block. */
static bool
follow_one(struct outline *outline, struct step **after, const char *literal, size_t length,
    const struct step *wanted)
{
	unsigned others = 0;
	for (struct step *step = *link_after(outline, *after); step != NULL;
	     step = step->other, others++) {
		if (is_step(step, literal, length, wanted)) {
			*after = step;
			return true;
		}
	}
	if (others == OUTLINE_OTHERS)
		return false;
	*after = insert_step(outline, *after, literal, length, wanted);
	return true;
}

/* Goes on from `after` to the step, which is made if it is not there. False: too many are. */
static bool
follow(struct outline *outline, struct step **after, const char *literal, size_t length,
    const struct step *wanted)
{
	static const struct step on = {.how = HOW_LITERAL, .target = TARGET_NONE};
	for (; length > STEP_BLOCK; literal += STEP_BLOCK, length -= STEP_BLOCK)
		if (!follow_one(outline, after, literal, STEP_BLOCK, &on))
			return false;
	return follow_one(outline, after, literal, length, wanted);
}

/* Which of several alternatives that stand in one line counts: those before it have to be null as
 * they are now, it must not be, and what those after it are is all the same. */
static void
weigh_alternatives(const struct record_reader *reader, const struct route_choice *choice,
    const struct trace *trace, struct step *step)
{
	const struct slot *slot = record_chosen(reader, choice);
	uint32_t chosen =
	    slot->kind == SLOT_ABSENT ? ROUTE_NO_SLOT : (uint32_t)(slot - reader->slots);
	if (choice->count == 1)
		return;
	if (trace->slot == chosen) {
		step->must = true;
		return;
	}
	step->target = trace->slot < chosen ? TARGET_NULL : TARGET_NONE;
	step->place = 0;
	step->member.name = NULL;
}

static void
aim_at_member(const struct record_reader *reader, uint8_t target, size_t i, struct step *step)
{
	const struct members *members =
	    target == TARGET_FEATURE ? &reader->features : &reader->attributions;
	step->target = target;
	step->member.name = members->list[i].name;
	step->place = (uint32_t)((const char *)&members->list[i] - (const char *)reader);
}

static void
aim_at_slot(const struct record_reader *reader, const struct trace *trace, struct step *step)
{
	enum record_field field = reader->routes.slots[trace->slot].field;
	if (field < RECORD_FIELDS) {
		step->place = fields[field].place;
		step->target = fields[field].target;
		step->low = fields[field].low;
		step->high = fields[field].high;
		weigh_alternatives(reader, &reader->routes.fields[field], trace, step);
		return;
	}
	size_t i = 0;
	while (trace->slot >= reader->routes.named[i].first + reader->routes.named[i].count)
		i++;
	aim_at_member(
	    reader, TARGET_FEATURE, reader->features.count - reader->routes.named_count + i, step);
	weigh_alternatives(reader, &reader->routes.named[i], trace, step);
}

static struct step
step_of(const struct record_reader *reader, const struct trace *trace)
{
	struct step step = {.how = trace->how, .target = trace->target, .depth = trace->depth};
	if (trace->slot != ROUTE_NO_SLOT)
		aim_at_slot(reader, trace, &step);
	else if (trace->target <= TARGET_ATTRIBUTION)
		aim_at_member(reader, trace->target, trace->place, &step);
	return step;
}

void
outline_learn(struct record_reader *reader, const char *line, size_t length, uint64_t shape)
{
	struct outline *outline = &reader->outline;
	const char *at = line;
	struct step *after = NULL;
	outline->missed++;
	if (outline->rest > 0) {
		outline->rest--;
		return;
	}
	if (reader->odd || memchr(line, '\n', length) != NULL)
		return;
	size_t most = reader->trace_count + length / STEP_BLOCK + 1;
	if (most > OUTLINE_MOST)
		return;
	if (outline->count + most > OUTLINE_MOST) {
		pause_learning(outline);
		return;
	}
	for (size_t i = 0; i < reader->trace_count; i++) {
		const struct trace *trace = &reader->trace[i];
		struct step step = step_of(reader, trace);
		if (!follow(outline, &after, at, (size_t)(trace->start - at), &step)) {
			outline->rest = REST;
			return;
		}
		at = trace->end;
	}
	struct step last = {.how = HOW_END,
	    .shape = shape,
	    .place = (uint32_t)reader->features.count,
	    .attributions = (uint16_t)reader->attributions.count};
	follow(outline, &after, at, (size_t)(line + length - at), &last);
}
