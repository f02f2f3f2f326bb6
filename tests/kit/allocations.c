#include "tests/kit/allocations.h"

int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void *, size_t), void (*free_hook)(const volatile void *));

static size_t made;

static void
count_one(const volatile void *memory, size_t size)
{
	(void)memory;
	(void)size;
	made++;
}

static void
count_nothing(const volatile void *memory)
{
	(void)memory;
}

bool
allocations_count(void)
{
	return __sanitizer_install_malloc_and_free_hooks(count_one, count_nothing) > 0;
}

size_t
allocations_made(void)
{
	return made;
}
