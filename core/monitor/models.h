/* models.h: the models of a monitor (models.c): their columns and versions, each with its
 * reference, and where its state is in the buckets of a series. */
#ifndef FRAUDTOP_MONITOR_MODELS_H
#define FRAUDTOP_MONITOR_MODELS_H

#include "core/monitor/snapshot.h"

struct monitor;
struct model_state;

void models_free(struct monitor *monitor);
struct model_state *models_get(struct monitor *monitor, const char *name, size_t *index);
size_t models_version(struct model_state *model, const char *version);
/* The column of the record's i-th feature, SIZE_MAX if there are too many: records of one model
 * repeat their order. */
size_t models_column(
    struct monitor *monitor, struct model_state *model, size_t i, const char *name);
/* Gives a column its place in the buckets: when its reference is ready, or there never will be one.
 */
void models_place(struct model_state *model, size_t column);
/* A name as it is kept: all of it, or what fits. Two that begin alike for so long are one. */
const char *models_kept_name(char room[SNAPSHOT_NAME], const char *name);

#endif
