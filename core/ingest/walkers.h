/* walkers.h: the ways down an outline, one for each kind of processor, and what they share. All
 * give the same results. For core/ingest/record*.c and the walkers alone. */
#ifndef FRAUDTOP_INGEST_WALKERS_H
#define FRAUDTOP_INGEST_WALKERS_H

#include "core/ingest/record_parts.h"

/* Takes the line that begins at `at` and ends at `end` or before it. Returns the byte behind what
 * the outline knows as a line's end, *out filled; NULL: it does not know this line. Whether the
 * line ends there, and whether a required field is lacking, is the caller's to see: then ts is
 * RECORD_NO_TIME. */
typedef const char *walker(
    struct record_reader *reader, const char *at, const char *end, struct prediction *out);

#define RECORD_NO_TIME INT64_MIN

extern const struct prediction record_nothing; /* with no field at all */

walker walk_plain, walk_base;
#if defined(__x86_64__) && defined(__GNUC__)
#define WALKERS_AVX2
walker walk_avx2;
#endif

/* The best for this processor, or the one forced: "plain", "base", "avx2", or "none", which
 * knows no line (for tests; NULL forces nothing). False: there is no such here. It counts for
 * readers made from then on. */
walker *walkers_best(void);
bool walkers_force(const char *name);

/* Where a step has its value put: a member, or a field. */
static inline struct feature_value *
walk_member(struct record_reader *reader, const struct step *step)
{
	return (struct feature_value *)(void *)((char *)reader + step->place);
}

static inline void *
walk_field(const struct step *step, struct prediction *out)
{
	return (char *)out + step->place;
}

/* Takes any value that a step takes, and sees what the step has to expect the next time. Returns
 * the byte behind it, or NULL: it is broken, or not what is due. */
const char *walk_slow(struct record_reader *reader, struct step *step, const char *at,
    const char *end, struct prediction *out);
/* Puts any value where the step has it. False: it is not what is due, or the long way has to say
 * why it is not. */
bool walk_put(struct record_reader *reader, const struct step *step, const struct slot *slot,
    struct prediction *out);
/* A number is none of those that are expected. */
void walk_irregular(const struct record_reader *reader, struct step *step);
/* A text is not as long as foreseen. Returns `length`. */
size_t walk_unsteady(struct step *step, size_t length);

#endif
