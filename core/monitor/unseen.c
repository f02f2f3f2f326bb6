#include "core/monitor/unseen.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/text.h"

void
unseen_add(struct unseen *unseen, const char *word, wall_us ts, wall_us since)
{
	char kept[UNSEEN_WORD] = {0};
	text_copy(kept, sizeof(kept), word);
	if (kept[0] == '\0')
		return;
	size_t at = 0;
	for (size_t i = 0; i < UNSEEN_ENTRIES; i++) {
		if (unseen->entries[i].last < since)
			unseen->entries[i].count = 0;
		if (strcmp(unseen->entries[i].word, kept) == 0) {
			at = i;
			break;
		}
		if (unseen->entries[i].count < unseen->entries[at].count)
			at = i;
	}
	if (strcmp(unseen->entries[at].word, kept) != 0) {
		memcpy(unseen->entries[at].word, kept, sizeof(kept));
		unseen->entries[at].last = ts;
	}
	unseen->entries[at].count++;
	if (ts > unseen->entries[at].last)
		unseen->entries[at].last = ts;
}

/* How often a word came, by all of the list. */
static uint64_t
count_of(const struct unseen *const *list, size_t count, wall_us since, const char *word)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; list[i] != NULL && k < UNSEEN_ENTRIES; k++) {
			if (list[i]->entries[k].last >= since &&
			    strcmp(list[i]->entries[k].word, word) == 0)
				sum += list[i]->entries[k].count;
		}
	}
	return sum;
}

static bool
is_among(char (*words)[UNSEEN_WORD], size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

size_t
unseen_top(const struct unseen *const *list, size_t count, wall_us since,
    char (*words)[UNSEEN_WORD], size_t room)
{
	for (size_t found = 0; found < room; found++) {
		const char *best = NULL;
		uint64_t most = 0;
		for (size_t i = 0; i < count * UNSEEN_ENTRIES; i++) {
			const struct unseen *unseen = list[i / UNSEEN_ENTRIES];
			if (unseen == NULL)
				continue;
			const char *word = unseen->entries[i % UNSEEN_ENTRIES].word;
			uint64_t n = word[0] != '\0' ? count_of(list, count, since, word) : 0;
			if (n > 0 && (n > most || (n == most && strcmp(word, best) < 0)) &&
			    !is_among(words, found, word)) {
				best = word;
				most = n;
			}
		}
		if (best == NULL)
			return found;
		text_copy(words[found], UNSEEN_WORD, best);
	}
	return room;
}
