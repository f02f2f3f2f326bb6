/* mem.h: allocation that does not fail, and the one way to die.
 *
 * Only out-of-memory and broken invariants end the program, through mem_die: it runs the hook
 * (which gives the terminal back), prints one line on stderr and aborts. */
#ifndef FRAUDTOP_BASE_MEM_H
#define FRAUDTOP_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size); /* zeroed */
/* The same for a large table that is jumped about in: on large pages, if the system has them. */
void *mem_alloc_table(size_t size);
void *mem_grow(
    void *old, size_t count, size_t size); /* realloc to count * size, overflow checked */
char *mem_string(const char *src); /* strdup */
char *mem_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void mem_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void mem_set_die_hook(void (*hook)(void));

/* Gives back to the system what was freed, where it can: after much was, as it takes milliseconds.
 */
void mem_trim(void);

/* Makes room for one more element: doubles the array when it is full. Use as
 * `mem_reserve(&list, &capacity, count + 1, sizeof(*list))`. */
void mem_reserve(void *array, size_t *capacity, size_t need, size_t size);

#endif
