/* removal.h: files are removed by a thread of its own: of a large one that takes its time. */
#ifndef FRAUDTOP_JOIN_REMOVAL_H
#define FRAUDTOP_JOIN_REMOVAL_H

struct removal;

struct removal *removal_new(void);
void removal_free(struct removal *removal); /* when all are removed; NULL is fine */
void removal_add(struct removal *removal, const char *path);

#endif
