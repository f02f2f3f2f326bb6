/* profile_import.h: profiles made of another tool's files.
 *
 * SageMaker Model Monitor: statistics.json, with or without its constraints.json (METRICS.md 1.16).
 * The KLL buckets of a numeric feature become bins; where they hold at most one whole number each
 * and the feature is Integral, a bin a value. Buckets of strings become categories, what they leave
 * of num_present `other`, and words of a domain that were not seen categories of none. */
#ifndef FRAUDTOP_REFERENCE_PROFILE_IMPORT_H
#define FRAUDTOP_REFERENCE_PROFILE_IMPORT_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/reference/profile.h"

/* Reads the files, in any order: statistics, and constraints if there is a second one. Features
 * that `ignore` lists (comma-separated, or NULL) are left out. Notes gets a line (clean, ended by a
 * newline) for each thing that a profile cannot hold. NULL with the reason: a file is none of
 * these, or there are no statistics. */
struct profile *profile_import_sagemaker(
    const char *const *paths, size_t count, const char *ignore, struct buf *notes, struct err *err);
/* The same of texts; constraints may be NULL. */
struct profile *profile_from_sagemaker(const char *statistics, const char *constraints,
    const char *ignore, struct buf *notes, struct err *err);

#endif
