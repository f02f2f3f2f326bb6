/* removal.h: files are removed by a thread of its own: of a large one that takes its time. Where
 * the disk is slower than what is to be removed, whoever adds one too many removes it: what waits
 * takes no more memory than is told. */
#ifndef FRAUDTOP_JOIN_REMOVAL_H
#define FRAUDTOP_JOIN_REMOVAL_H

#include <stdint.h>

struct removal;

struct removal *removal_new(const char *folder); /* which lives as long */
void removal_free(struct removal *removal); /* when all are removed; NULL is fine */
void removal_add(struct removal *removal, uint64_t number); /* of a file of the folder's */
uint64_t removal_memory(void);

#endif
