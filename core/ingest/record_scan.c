/* record_scan.c: one pass over any line, following the routes; what none of them leads to is
 * checked and passed over. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/ingest/record_keys.h"

enum { MOST_TRACED = 4096, MOST_NAMES = 16384 /* kept from line to line */ };

static bool read_value(
    struct record_reader *reader, struct jsonscan *scan, struct route *route, unsigned depth);

/* Notes what became of the value that began at `start`. */
static inline void
note(struct record_reader *reader, const struct jsonscan *scan, const char *start,
    struct trace trace)
{
	if (!reader->learning)
		return;
	if (reader->trace_count == MOST_TRACED) {
		reader->odd = true;
		return;
	}
	mem_reserve(&reader->trace, &reader->trace_capacity, reader->trace_count + 1,
	    sizeof(*reader->trace));
	trace.start = start;
	trace.end = scan->at;
	reader->trace[reader->trace_count++] = trace;
}

static bool
pass_over(struct record_reader *reader, struct jsonscan *scan, unsigned depth)
{
	const char *start = scan->at;
	bool group = start < scan->end && (*start == '{' || *start == '[');
	if (!jsonscan_skip(scan, depth))
		return false;
	note(reader, scan, start,
	    (struct trace){.slot = ROUTE_NO_SLOT,
		.target = group ? TARGET_GROUP : TARGET_NONE,
		.depth = (uint8_t)depth});
	return true;
}

/* A text, into the arena. */
static inline bool
read_text(struct record_reader *reader, struct jsonscan *scan, size_t *length)
{
	char *dst = reader->arena + reader->used;
	const char *after = value_text(scan->at + 1, scan->end, dst, length);
	if (LIKELY(after != NULL && after <= scan->end))
		scan->at = after;
	else if (!jsonscan_string(scan, dst, length))
		return false;
	reader->used += *length + 1;
	return true;
}

/* One value that is no object and no list, or the beginning of one. */
static inline __attribute__((always_inline)) bool
read_scalar(struct record_reader *reader, struct jsonscan *scan, unsigned depth, struct slot *slot)
{
	char c = scan->at < scan->end ? *scan->at : '\0';
	*slot = (struct slot){.kind = SLOT_OTHER, .where = scan->at};
	if (c == '"') {
		slot->kind = SLOT_TEXT;
		slot->text = reader->arena + reader->used;
		return read_text(reader, scan, &slot->length);
	}
	if (c == '-' || (c >= '0' && c <= '9')) {
		slot->kind = SLOT_NUMBER;
		slot->text = scan->at;
		const char *after = value_number(scan->at, &slot->number);
		if (LIKELY(after != NULL && after <= scan->end))
			scan->at = after;
		else if (!jsonscan_number(scan, &slot->number))
			return false;
		slot->length = (size_t)(scan->at - slot->text);
		return true;
	}
	if (c == 't' || c == 'f') {
		slot->kind = SLOT_BOOL;
		slot->number = c == 't';
	} else if (c == 'n') {
		slot->kind = SLOT_ABSENT;
	} else if (c == '{' || c == '[') {
		return true;
	}
	return jsonscan_skip(scan, depth);
}

bool
record_scalar(
    struct record_reader *reader, struct jsonscan *scan, unsigned depth, struct slot *slot)
{
	return read_scalar(reader, scan, depth, slot);
}

/* The usual: a number, or a plain text. False: nothing was taken. */
static inline bool
read_usual(struct record_reader *reader, struct jsonscan *scan, struct feature_value *member)
{
	const char *at = scan->at, *after;
	char *dst = reader->arena + reader->used;
	size_t length = 0;
	bool text = *at == '"';
	after =
	    text ? value_text(at + 1, scan->end, dst, &length) : value_number(at, &member->number);
	if (!LIKELY(after != NULL && after <= scan->end))
		return false;
	member->kind = text ? VALUE_TEXT : VALUE_NUMBER;
	member->text = text ? dst : "";
	if (text) {
		member->number = NAN;
		reader->used += length + 1;
	}
	scan->at = after;
	return true;
}

void
record_fill_member(struct feature_value *member, const struct slot *slot)
{
	bool number = slot->kind == SLOT_NUMBER || slot->kind == SLOT_BOOL;
	member->kind = number ? VALUE_NUMBER : slot->kind == SLOT_TEXT ? VALUE_TEXT : VALUE_MISSING;
	member->number = number ? slot->number : NAN;
	member->text = slot->kind == SLOT_TEXT ? slot->text : "";
}

static bool
refuse_member(const struct record_reader *reader, const struct jsonscan *scan,
    const struct members *members, const struct slot *slot, const char *name)
{
	if (members == &reader->attributions)
		return jsonscan_fail(
		    scan, slot->where, "the attribution of %.64s is not a number", name);
	return jsonscan_fail(
	    scan, slot->where, "the feature %.64s is an object or a list, not one value", name);
}

/* The value of the member whose name has the number `id`. */
static bool
read_member(struct record_reader *reader, struct jsonscan *scan, struct members *members,
    uint32_t id, bool apart)
{
	struct slot slot = {.kind = SLOT_NUMBER};
	const char *where = scan->at;
	struct feature_value *member =
	    members_place(members, &reader->names, id, apart, &reader->odd);
	if (member == NULL)
		return jsonscan_fail(scan, where, "more than %d %s", RECORD_MAX_FEATURES,
		    members == &reader->features ? "features" : "attributions");
	bool usual =
	    (members == &reader->features || *where != '"') && read_usual(reader, scan, member);
	if (!usual && !read_scalar(reader, scan, 2, &slot))
		return false;
	note(reader, scan, where,
	    (struct trace){.slot = ROUTE_NO_SLOT,
		.target = members == &reader->features ? TARGET_FEATURE : TARGET_ATTRIBUTION,
		.place = (uint16_t)(member - members->list)});
	if (usual)
		return true;
	if (slot.kind == SLOT_OTHER || (members == &reader->attributions &&
					   slot.kind != SLOT_NUMBER && slot.kind != SLOT_ABSENT))
		return refuse_member(reader, scan, members, &slot, member->name);
	record_fill_member(member, &slot);
	return true;
}

/* What a value met before under this key left behind. */
static void
forget_below(struct record_reader *reader, struct route *route)
{
	for (uint32_t i = route->slot; i != ROUTE_NO_SLOT; i = reader->routes.slots[i].next)
		reader->slots[i].kind = SLOT_ABSENT;
	for (struct route *child = route->children; child != NULL; child = child->next)
		if (child->met == reader->line)
			forget_below(reader, child);
}

/* An element of a list whose elements are members: their names are their numbers. */
static bool
read_numbered(
    struct record_reader *reader, struct jsonscan *scan, struct members *members, size_t i)
{
	char name[24];
	int length = snprintf(name, sizeof(name), "%zu", i);
	return read_member(
	    reader, scan, members, intern_add(&reader->names, name, (size_t)length), false);
}

/* At the first element of a list; `members` are those that its values are for, or NULL. */
static bool
read_elements(struct record_reader *reader, struct jsonscan *scan, struct route *route,
    struct members *members, unsigned depth)
{
	scan->at++;
	for (size_t i = 0;; i++) {
		enum jsonscan_step step = jsonscan_next_element(scan, i == 0);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		struct route *child = route_element(route, i);
		if (!(child != NULL	  ? read_value(reader, scan, child, depth + 1)
			: members != NULL ? read_numbered(reader, scan, members, i)
					  : pass_over(reader, scan, depth + 1)))
			return false;
	}
}

/* Is the value at hand one that can be a feature of its own? */
static bool
is_flat(const struct record_reader *reader, struct jsonscan *scan, unsigned depth)
{
	char c = jsonscan_peek(scan);
	return reader->flat && depth == 0 && c != '{' && c != '[';
}

/* The number of a key's name. */
static inline uint32_t
name_of(struct record_reader *reader, struct known_key *key)
{
	if (key->length == 0)
		return intern_add(&reader->names, reader->arena + reader->used, key->bits);
	if (key->id == INTERN_NONE)
		key->id = intern_add(&reader->names, key->literal + 1, key->length - 3);
	return key->id;
}

/* The value behind a key. */
static inline bool
read_keyed(struct record_reader *reader, struct jsonscan *scan, struct members *members,
    struct known_key *key, unsigned depth)
{
	if (key->child != NULL)
		return read_value(reader, scan, key->child, depth + 1);
	if (members != NULL)
		return read_member(reader, scan, members, name_of(reader, key), false);
	if (is_flat(reader, scan, depth)) {
		members = &reader->features;
		return read_member(reader, scan, members, name_of(reader, key), true);
	}
	return pass_over(reader, scan, depth + 1);
}

/* One that is not to be known. */
static struct known_key *
take_odd_key(struct record_reader *reader, struct jsonscan *scan, struct route *route,
    struct known_key *other)
{
	char *name = reader->arena + reader->used;
	size_t length;
	if (!jsonscan_key(scan, name, &length))
		return NULL;
	*other = (struct known_key){
	    .bits = (uint32_t)length, .child = route_member(route, name, length)};
	return other;
}

/* Takes the key at hand and its colon. One that was lacking once may be there again: what is
 * expected changes only for a key that had to be looked up. A key that is not one to be known is
 * put into `other`, its clean text at the arena's end. NULL: broken. */
static inline struct known_key *
take_key(struct record_reader *reader, struct jsonscan *scan, struct route *route,
    struct known_key **expected, struct known_key *other)
{
	struct known_key *key = *expected;
	if (LIKELY(is_key(key, route, scan->at, scan->end))) {
		scan->at += key->length;
	} else if (key != NULL && is_key(key->next, route, scan->at, scan->end)) {
		key = key->next;
		scan->at += key->length;
	} else {
		key = find_key(reader, route, scan, key);
		if (key == NULL)
			return take_odd_key(reader, scan, route, other);
		*expected = key;
	}
	jsonscan_peek(scan);
	return key;
}

static bool
read_members(struct record_reader *reader, struct jsonscan *scan, struct route *route,
    struct members *members, unsigned depth)
{
	struct known_key other, **expected = &route->begins;
	scan->at++;
	for (bool first = true;; first = false) {
		enum jsonscan_step step = JSONSCAN_MEMBER;
		if (!first && scan->at < scan->end - 1 && scan->at[0] == ',' && scan->at[1] == '"')
			scan->at++;
		else
			step = jsonscan_next(scan, first);
		if (step != JSONSCAN_MEMBER)
			return step == JSONSCAN_END;
		struct known_key *key = take_key(reader, scan, route, expected, &other);
		if (key == NULL || !read_keyed(reader, scan, members, key, depth))
			return false;
		if (key != &other)
			expected = &key->next;
	}
}

/* Those that an object or list at this place has to fill, if any; else NULL. Of alternatives that
 * are there the first is held; an other one is passed over and read again if need be. */
static struct members *
members_of(struct record_reader *reader, const struct route *route)
{
	for (uint32_t i = route->slot; i != ROUTE_NO_SLOT; i = reader->routes.slots[i].next) {
		enum record_field field = reader->routes.slots[i].field;
		if (field != RECORD_FEATURES && field != RECORD_ATTRIBUTIONS)
			continue;
		struct members *members =
		    field == RECORD_FEATURES ? &reader->features : &reader->attributions;
		if (members->held != ROUTE_NO_SLOT)
			reader->odd = true;
		if (members->held < i)
			return NULL;
		if (members->held != ROUTE_NO_SLOT)
			members_drop(members);
		members->held = i;
		return members;
	}
	return NULL;
}

static bool
check_members(const struct record_reader *reader, const struct jsonscan *scan,
    const struct route *route, const struct slot *slot)
{
	for (uint32_t i = route->slot; i != ROUTE_NO_SLOT; i = reader->routes.slots[i].next) {
		enum record_field field = reader->routes.slots[i].field;
		if (field >= RECORD_FEATURES && field < RECORD_FIELDS && slot->kind != SLOT_ABSENT)
			return jsonscan_fail(scan, slot->where, "%s is not an object or a list",
			    reader->routes.fields[field].name);
	}
	return true;
}

/* One value may be several fields: it is read once, and each but the first takes it again. */
static inline void
note_slots(struct record_reader *reader, const struct jsonscan *scan, const char *start,
    const struct route *route)
{
	if (!reader->learning)
		return;
	if (route->slot == ROUTE_NO_SLOT)
		note(reader, scan, start,
		    (struct trace){.slot = ROUTE_NO_SLOT, .target = TARGET_NONE});
	for (uint32_t i = route->slot; i != ROUTE_NO_SLOT; i = reader->routes.slots[i].next) {
		bool first = i == route->slot;
		note(reader, scan, first ? start : scan->at,
		    (struct trace){.slot = i, .how = first ? HOW_NEW : HOW_AGAIN});
	}
}

/* A value that a route leads to or through, inside of `depth` objects and lists. */
static bool
read_value(struct record_reader *reader, struct jsonscan *scan, struct route *route, unsigned depth)
{
	struct slot none;
	struct slot *slot = route->slot != ROUTE_NO_SLOT ? &reader->slots[route->slot] : &none;
	const char *start = scan->at;
	if (route->met == reader->line) {
		forget_below(reader, route);
		reader->odd = true;
	}
	route->met = reader->line;
	if (!read_scalar(reader, scan, depth, slot))
		return false;
	if (slot != &none)
		for (uint32_t i = reader->routes.slots[route->slot].next; i != ROUTE_NO_SLOT;
		     i = reader->routes.slots[i].next)
			reader->slots[i] = *slot;
	if (slot->kind != SLOT_OTHER) {
		note_slots(reader, scan, start, route);
		return check_members(reader, scan, route, slot);
	}
	struct members *members = members_of(reader, route);
	if (members == NULL && route->children == NULL) {
		reader->odd = true;
		return jsonscan_skip(scan, depth);
	}
	return *scan->at == '{' ? read_members(reader, scan, route, members, depth)
				: read_elements(reader, scan, route, members, depth);
}

/* Reads the members again if, in the end, those of another alternative count. */
static bool
settle_members(struct record_reader *reader, const struct jsonscan *scan, struct members *members,
    enum record_field field)
{
	const struct slot *slot = record_chosen(reader, &reader->routes.fields[field]);
	uint32_t want =
	    slot->kind == SLOT_ABSENT ? ROUTE_NO_SLOT : (uint32_t)(slot - reader->slots);
	if (want == members->held)
		return true;
	if (members->held != ROUTE_NO_SLOT)
		members_drop(members);
	members->held = want;
	if (want == ROUTE_NO_SLOT)
		return true;
	struct jsonscan again = *scan;
	struct route *route = reader->routes.slots[want].route;
	again.at = slot->where;
	return *again.at == '{' ? read_members(reader, &again, route, members, 1)
				: read_elements(reader, &again, route, members, 1);
}

/* The features that have paths of their own. */
static bool
place_named(struct record_reader *reader, struct jsonscan *scan)
{
	for (size_t i = 0; i < reader->routes.named_count; i++) {
		const struct route_choice *choice = &reader->routes.named[i];
		const struct slot *slot = record_chosen(reader, choice);
		bool met = reader->routes.slots[choice->first].route->met == reader->line;
		if (slot->kind == SLOT_ABSENT && (choice->count > 1 || !met))
			note(reader, scan, scan->at,
			    (struct trace){.slot = ROUTE_NO_SLOT,
				.how = HOW_NOTHING,
				.target = TARGET_FEATURE,
				.place = (uint16_t)reader->features.count});
		uint32_t id = intern_add(&reader->names, choice->name, strlen(choice->name));
		struct feature_value *member =
		    members_place(&reader->features, &reader->names, id, true, &reader->odd);
		if (member == NULL)
			return jsonscan_fail(
			    scan, scan->end, "more than %d features", RECORD_MAX_FEATURES);
		if (slot->kind == SLOT_OTHER)
			return refuse_member(reader, scan, &reader->features, slot, choice->name);
		record_fill_member(member, slot);
	}
	return true;
}

/* What a log has so many of is no name of a feature. */
static void
forget_names(struct record_reader *reader)
{
	intern_free(&reader->names);
	outline_clear(&reader->outline);
	record_forget_keys(reader);
	reader->shapes.count = reader->shapes.next = reader->shapes.found = 0;
	reader->features.count = reader->attributions.count = 0;
}

void
record_forget_keys(struct record_reader *reader)
{
	/* Expected ones are pointed at: the table stays where it is. */
	if (reader->known == NULL)
		reader->known = mem_alloc(KNOWN_KEYS * sizeof(*reader->known));
	memset(reader->known, 0, KNOWN_KEYS * sizeof(*reader->known));
}

bool
record_scan(struct record_reader *reader, struct jsonscan *scan)
{
	/* Every text three times as long as it came, members read again of both kinds. */
	size_t need = 10 * (size_t)(scan->end - scan->start) + 1024;
	mem_reserve(&reader->arena, &reader->capacity, need, 1);
	reader->used = reader->trace_count = 0;
	reader->odd = false;
	reader->learning = reader->outline.rest == 0;
	reader->line++;
	for (size_t i = 0; i < reader->routes.slots_count; i++)
		reader->slots[i].kind = SLOT_ABSENT;
	if (reader->names.count > MOST_NAMES)
		forget_names(reader);
	members_begin(&reader->features);
	members_begin(&reader->attributions);
	if (jsonscan_peek(scan) != '{')
		return jsonscan_take(scan, '{');
	return read_members(reader, scan, &reader->routes.root, NULL, 0) && jsonscan_finish(scan) &&
	       settle_members(reader, scan, &reader->features, RECORD_FEATURES) &&
	       settle_members(reader, scan, &reader->attributions, RECORD_ATTRIBUTIONS) &&
	       place_named(reader, scan);
}
