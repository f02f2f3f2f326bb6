/* cursor.c: see cursor.h. */
#include "core/join/cursor.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/join/bytes.h"

void
cursor_open(struct cursor *cursor, const struct run *run, unsigned pages)
{
	*cursor = (struct cursor){.run = run, .capacity = pages};
	cursor->pages = mem_alloc(pages * sizeof(*cursor->pages));
}

void
cursor_close(struct cursor *cursor)
{
	free(cursor->pages);
	*cursor = (struct cursor){0};
}

static bool
load_pages(struct cursor *cursor)
{
	uint64_t left = cursor->run->pages - cursor->next_page;
	cursor->loaded = left < cursor->capacity ? (uint32_t)left : cursor->capacity;
	cursor->page = 0;
	if (cursor->loaded == 0)
		return false;
	cursor->broken = !bytes_read(cursor->run->fd, cursor->pages,
	    cursor->loaded * (size_t)RUN_PAGE, cursor->next_page * RUN_PAGE);
	for (uint32_t i = 0; i < cursor->loaded && !cursor->broken; i++)
		cursor->broken = !run_page_is_whole(&cursor->pages[i]);
	cursor->next_page += cursor->loaded;
	return !cursor->broken;
}

bool
cursor_turn(struct cursor *cursor)
{
	cursor->at = cursor->end = NULL;
	if (cursor->run == NULL || cursor->broken)
		return false;
	if (cursor->page == cursor->loaded && !load_pages(cursor))
		return false;
	const struct run_page *page = &cursor->pages[cursor->page++];
	cursor->at = page->slots;
	cursor->end = page->slots + page->count;
	return true;
}
