/* labels.h: labels that are to become known later, written to a label feed when they do. */
#ifndef FRAUDTOP_SERVICE_LABELS_H
#define FRAUDTOP_SERVICE_LABELS_H

#include <stddef.h>

#include "core/base/clock.h"
#include "core/service/predlog.h"

struct labels;

struct labels *labels_new(void);
void labels_free(struct labels *labels); /* NULL is fine; what was not due is lost */

void labels_add(struct labels *labels, wall_us due, const char *request_id, int label);
/* Appends those that are due by `now`, in the order in which they became due. Returns how many. */
size_t labels_write_due(struct labels *labels, wall_us now, struct predlog *feed);

#endif
