/* route.c: see route.h. */
#include "core/ingest/route.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/text.h"
#include "core/ingest/record.h"

static const char *const field_names[RECORD_FIELDS] = {[RECORD_TS] = "ts",
    [RECORD_REQUEST_ID] = "request_id",
    [RECORD_SERVICE] = "service",
    [RECORD_MODEL] = "model",
    [RECORD_VERSION] = "version",
    [RECORD_SEGMENT] = "segment",
    [RECORD_SCORE] = "score",
    [RECORD_THRESHOLD] = "threshold",
    [RECORD_DECISION] = "decision",
    [RECORD_LATENCY] = "latency_ms",
    [RECORD_STATUS] = "status",
    [RECORD_LABEL] = "label",
    [RECORD_FEATURES] = "features",
    [RECORD_ATTRIBUTIONS] = "attributions"};

/* One step of a path: a member's name, or an element's number. */
struct step {
	char name[RECORD_MAX_TEXT + 1];
	size_t length, index;
	bool member;
};

static const char *
take_quoted(const char *at, struct step *step, const char **why)
{
	char quote = *at++;
	char raw[RECORD_MAX_TEXT];
	size_t length = 0;
	for (; *at != quote && *at != '\0'; at++) {
		if (*at == '\\' && at[1] != '\0')
			at++;
		if (length == sizeof(raw)) {
			*why = "a name is too long";
			return NULL;
		}
		raw[length++] = *at;
	}
	if (at[0] != quote || at[1] != ']') {
		*why = "a name in quotes does not end in its quote and ']'";
		return NULL;
	}
	step->member = true;
	step->length = text_scrub(step->name, sizeof(step->name), raw, length);
	return at + 2;
}

static const char *
take_index(const char *at, struct step *step, const char **why)
{
	const char *digits = at;
	step->member = false;
	for (step->index = 0; *at >= '0' && *at <= '9' && at - digits < 7; at++)
		step->index = step->index * 10 + (size_t)(*at - '0');
	if (at > digits && *at == ']')
		return at + 1;
	*why = "'[' is followed by neither a number nor a name in quotes, and ']'";
	return NULL;
}

/* Returns the place after the step, or NULL and why. */
static const char *
take_step(const char *at, struct step *step, const char **why)
{
	if (*at == '[')
		return at[1] == '"' || at[1] == '\'' ? take_quoted(at + 1, step, why)
						     : take_index(at + 1, step, why);
	size_t length = strcspn(++at, ".[ |");
	*why = length == 0 ? "'.' is not followed by a name" : "a name is too long";
	if (length == 0 || length > RECORD_MAX_TEXT)
		return NULL;
	step->member = true;
	step->length = text_scrub(step->name, sizeof(step->name), at, length);
	return at + length;
}

static struct route *
find_step(const struct route *route, const struct step *step)
{
	return step->member ? route_member(route, step->name, step->length)
			    : route_element(route, step->index);
}

static struct route *
add_step(struct route *route, const struct step *step)
{
	struct route *found = find_step(route, step), **last = &route->children;
	if (found != NULL)
		return found;
	while (*last != NULL)
		last = &(*last)->next;
	*last = mem_alloc(sizeof(**last));
	(*last)->slot = ROUTE_NO_SLOT;
	(*last)->index = step->index;
	if (step->member) {
		(*last)->key = mem_string(step->name);
		(*last)->length = step->length;
	}
	return *last;
}

/* One alternative. Returns the place after it, or NULL and why. */
static const char *
add_path(struct routes *routes, const char *at, enum record_field field, const char **why)
{
	struct route *route = &routes->root;
	if (*at++ != '$') {
		*why = "a path begins with '$'";
		return NULL;
	}
	unsigned depth = 0;
	for (; *at == '.' || *at == '['; depth++) {
		struct step step = {0};
		at = take_step(at, &step, why);
		if (at == NULL)
			return NULL;
		route = add_step(route, &step);
	}
	*why = depth == 0 ? "'$' alone leads to no field" : "too many steps";
	if (depth == 0 || depth > ROUTE_MAX_DEPTH)
		return NULL;
	mem_reserve(&routes->slots, &routes->slots_capacity, routes->slots_count + 1,
	    sizeof(*routes->slots));
	routes->slots[routes->slots_count] =
	    (struct route_slot){.field = field, .next = route->slot, .route = route};
	route->slot = (uint32_t)routes->slots_count++;
	return at;
}

static bool
add_choice(struct routes *routes, struct route_choice *choice, const char *text,
    enum record_field field, struct err *err)
{
	const char *why = "an alternative is set off by ' | '";
	choice->first = (uint32_t)routes->slots_count;
	for (const char *at = text; at != NULL;) {
		at = add_path(routes, at + strspn(at, " "), field, &why);
		if (at == NULL)
			break;
		choice->count++;
		at += strspn(at, " ");
		if (*at == '\0')
			return true;
		if (*at++ != '|') {
			why = "an alternative is set off by ' | '";
			break;
		}
	}
	return err_set(err, ERR_CONFIG, "in %s: %s", text, why);
}

static bool
add_all(struct routes *routes, const struct record_paths *paths, struct err *err)
{
	for (enum record_field field = 0; field < RECORD_FIELDS; field++) {
		routes->fields[field].name = mem_string(field_names[field]);
		if (paths->fields[field] != NULL &&
		    !add_choice(routes, &routes->fields[field], paths->fields[field], field, err))
			return false;
	}
	for (const char *const *named = paths->named; named != NULL && *named != NULL; named += 2) {
		mem_reserve(&routes->named, &routes->named_capacity, routes->named_count + 1,
		    sizeof(*routes->named));
		struct route_choice *choice = &routes->named[routes->named_count++];
		char clean[RECORD_MAX_TEXT + 1];
		text_scrub(clean, sizeof(clean), named[0], strlen(named[0]));
		*choice = (struct route_choice){.name = mem_string(clean)};
		if (!add_choice(routes, choice, named[1], RECORD_FIELDS, err))
			return false;
	}
	for (const char *const *name = paths->aside; name != NULL && *name != NULL; name++) {
		struct step step = {.length = strlen(*name), .member = true};
		memcpy(step.name, *name, step.length + 1);
		add_step(&routes->root, &step);
	}
	return true;
}

bool
routes_compile(struct routes *routes, const struct record_paths *paths, struct err *err)
{
	*routes = (struct routes){.root.slot = ROUTE_NO_SLOT};
	if (add_all(routes, paths, err))
		return true;
	routes_free(routes);
	return false;
}

static void
free_children(struct route *route)
{
	for (struct route *child = route->children, *next; child != NULL; child = next) {
		next = child->next;
		free_children(child);
		free(child->key);
		free(child);
	}
}

void
routes_free(struct routes *routes)
{
	free_children(&routes->root);
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		free(routes->fields[i].name);
	for (size_t i = 0; i < routes->named_count; i++)
		free(routes->named[i].name);
	free(routes->named);
	free(routes->slots);
	*routes = (struct routes){0};
}

static bool
is_member(const struct route *route, const char *key, size_t length)
{
	return route->length == length && route->key != NULL &&
	       memcmp(route->key, key, length) == 0;
}

struct route *
route_member(const struct route *route, const char *key, size_t length)
{
	for (struct route *child = route->children; child != NULL; child = child->next)
		if (is_member(child, key, length))
			return child;
	return NULL;
}

struct route *
route_element(const struct route *route, size_t index)
{
	for (struct route *child = route->children; child != NULL; child = child->next)
		if (child->key == NULL && child->index == index)
			return child;
	return NULL;
}
