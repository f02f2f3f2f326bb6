/* walkers.c: see walkers.h. */
#include "core/ingest/walkers.h"

#include <stdatomic.h>
#include <string.h>

/* Knows no line, so that all are read the long way. */
static const char *
walk_nowhere(struct record_reader *reader, const char *at, const char *end, struct prediction *out)
{
	(void)reader, (void)at, (void)end, (void)out;
	return NULL;
}

static const struct {
	const char *name;
	walker *walk;
} walkers[] = {
#ifdef WALKERS_AVX2
    {"avx2", walk_avx2},
#endif
    {"base", walk_base}, {"plain", walk_plain}, {"none", walk_nowhere}};

enum { WALKERS = sizeof(walkers) / sizeof(walkers[0]) };

static _Atomic size_t forced = WALKERS;

static bool
is_possible(size_t i)
{
#ifdef WALKERS_AVX2
	if (walkers[i].walk == walk_avx2)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
		       __builtin_cpu_supports("bmi2");
#endif
	return i < WALKERS;
}

walker *
walkers_best(void)
{
	size_t i = atomic_load(&forced);
	if (i == WALKERS)
		for (i = 0; !is_possible(i);)
			i++;
	return walkers[i].walk;
}

bool
walkers_force(const char *name)
{
	size_t i = name == NULL ? WALKERS : 0;
	while (i < WALKERS && strcmp(walkers[i].name, name) != 0)
		i++;
	if (name != NULL && (i == WALKERS || !is_possible(i)))
		return false;
	atomic_store(&forced, i);
	return true;
}
