/* unseen.h: the most common words of a column that its reference has not, in eight entries.
 *
 * Space-saving (Metwally, Agrawal, El Abbadi 2005): a new word takes the place of the rarest and
 * its count, so that a word seen in more than an eighth of the cases is always among them. A word
 * that has not come for a window's length is forgotten. */
#ifndef FRAUDTOP_MONITOR_UNSEEN_H
#define FRAUDTOP_MONITOR_UNSEEN_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/clock.h"

enum { UNSEEN_ENTRIES = 8, UNSEEN_WORD = 32 };

struct unseen {
	struct {
		char word[UNSEEN_WORD]; /* cut to fit; "" unused */
		uint64_t count;
		wall_us last;
	} entries[UNSEEN_ENTRIES];
};

/* since: words that came last before it are forgotten. "" is no word. */
void unseen_add(struct unseen *unseen, const char *word, wall_us ts, wall_us since);
/* The most common of several together (NULL among them is fine) that came last at `since` or later,
 * most common first, of equals in the order of the alphabet; returns how many. */
size_t unseen_top(const struct unseen *const *list, size_t count, wall_us since,
    char (*words)[UNSEEN_WORD], size_t room);

#endif
