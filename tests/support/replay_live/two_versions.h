/* two_versions.h: in a folder: three versions of a small model, a registry in which 1 was live
 * before 2, and the log of what 2 said, with labels. */
#ifndef FRAUDTOP_TESTS_TWO_VERSIONS_H
#define FRAUDTOP_TESTS_TWO_VERSIONS_H

/* m1.json to m3.json, with their metadata. They score by `x` and by a word; 2 takes `x` the other
 * way round. 3 is not registered. */
void two_versions_models(const char *folder);
void two_versions_registry(const char *folder);
/* Every 50th request failed, every 60th is without the word. */
void two_versions_log(const char *folder, int count);
void two_versions_labels(const char *folder, int count);

/* The `x` of a row, and its score where that weighs so much. */
double two_versions_x(int row);
double two_versions_score(int row, double weight);

#endif
