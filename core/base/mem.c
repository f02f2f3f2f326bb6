#include "core/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { LARGE = 4 << 20 }; /* bytes: two large pages */

static void (*die_hook)(void);

void
mem_set_die_hook(void (*hook)(void))
{
	die_hook = hook;
}

void
mem_die(const char *format, ...)
{
	if (die_hook != NULL)
		die_hook();
	va_list args;
	va_start(args, format);
	fputs("fraudtop: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	abort();
}

void *
mem_alloc(size_t size)
{
	void *memory = calloc(1, size > 0 ? size : 1);
	if (memory == NULL)
		mem_die("out of memory (%zu bytes)", size);
	return memory;
}

void *
mem_alloc_table(size_t size)
{
	char *memory = mem_alloc(size);
#ifdef MADV_HUGEPAGE
	size_t page = (size_t)sysconf(_SC_PAGESIZE),
	       skip = (page - (uintptr_t)memory % page) % page;
	if (size > LARGE)
		madvise(memory + skip, (size - skip) / page * page, MADV_HUGEPAGE);
#endif
	return memory;
}

void *
mem_grow(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		mem_die("out of memory (%zu times %zu bytes)", count, size);
	void *memory = realloc(old, count * size > 0 ? count * size : 1);
	if (memory == NULL)
		mem_die("out of memory (%zu bytes)", count * size);
	return memory;
}

char *
mem_string(const char *src)
{
	size_t size = strlen(src) + 1;
	return memcpy(mem_alloc(size), src, size);
}

char *
mem_printf(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		mem_die("a format that cannot be printed: %s", format);
	char *text = mem_alloc((size_t)length + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}

void
mem_trim(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

void
mem_reserve(void *array, size_t *capacity, size_t need, size_t size)
{
	if (need <= *capacity)
		return;
	size_t wanted = *capacity < 8 ? 8 : *capacity * 2;
	if (wanted < need)
		wanted = need;
	void *memory;
	memcpy(&memory, array, sizeof(memory));
	memory = mem_grow(memory, wanted, size);
	memcpy(array, &memory, sizeof(memory));
	*capacity = wanted;
}
