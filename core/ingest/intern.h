/* intern.h: strings by number, each once, in order of first appearance. For core/ingest alone. */
#ifndef FRAUDTOP_INGEST_INTERN_H
#define FRAUDTOP_INGEST_INTERN_H

#include <stddef.h>
#include <stdint.h>

#define INTERN_NONE UINT32_MAX

/* Zero-initialised is empty. */
struct intern {
	char **list;
	size_t count, capacity;
	uint32_t *slots; /* number + 1, or 0; linear probing */
	size_t slots_count;
};

uint32_t intern_add(struct intern *intern, const char *text, size_t length);
uint32_t intern_find(
    const struct intern *intern, const char *text, size_t length); /* or INTERN_NONE */
void intern_free(struct intern *intern);

#endif
