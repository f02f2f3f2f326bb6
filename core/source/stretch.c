/* stretch.c: see stretch.h. */
#include "core/source/stretch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

void
stretch_reserve(struct stretch *stretch, size_t length)
{
	mem_reserve(&stretch->text, &stretch->capacity, length + STRETCH_PAD, 1);
}

void
stretch_free(struct stretch *stretch)
{
	free(stretch->text);
	*stretch = (struct stretch){0};
}
