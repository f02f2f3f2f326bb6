/* route.h: paths into a JSON object (record.h says how they are written), compiled into a tree, so
 * that one pass over the object meets every value that any of them leads to. For core/ingest alone.
 *
 * A slot is one alternative of one field or named feature; those of one are neighbours, the first
 * choice first. A reader owns its routes, since `met` changes with every line. */
#ifndef FRAUDTOP_INGEST_ROUTE_H
#define FRAUDTOP_INGEST_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/err.h"
#include "core/ingest/record_paths.h"

#define ROUTE_MAX_DEPTH 16 /* steps of one path */
#define ROUTE_NO_SLOT UINT32_MAX

struct route {
	char *key; /* of a member, clean; NULL: an element */
	size_t length, index;
	struct route *children, *next;
	uint32_t slot; /* the first of those that lead here, or ROUTE_NO_SLOT */
	uint64_t met; /* the number of the line in which it was met last */
	struct known_key *begins; /* the key that its object began with then (record_keys.h) */
};

struct route_slot {
	enum record_field field; /* RECORD_FIELDS: a named feature */
	uint32_t next; /* another that leads to the same place, or ROUTE_NO_SLOT */
	struct route *route; /* that place */
};

struct route_choice {
	char *name; /* of a named feature; of a field its own */
	uint32_t first, count; /* its slots */
};

struct routes {
	struct route root;
	struct route_slot *slots;
	size_t slots_count, slots_capacity;
	struct route_choice fields[RECORD_FIELDS];
	struct route_choice *named;
	size_t named_count, named_capacity;
};

/* Of all paths at once; *routes is zero-initialised. After a failure it is empty again. */
bool routes_compile(struct routes *routes, const struct record_paths *paths, struct err *err);
void routes_free(struct routes *routes);

/* Where the member or element leads, or NULL. */
struct route *route_member(const struct route *route, const char *key, size_t length);
struct route *route_element(const struct route *route, size_t index);

#endif
