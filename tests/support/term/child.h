/* child.h: a small screen program that draws its size and the keys it gets, and does on some keys
 * what can go wrong. The variables CHILD_THEME and CHILD_COLOR choose its look. */
#ifndef FRAUDTOP_TESTS_SUPPORT_TERM_CHILD_H
#define FRAUDTOP_TESTS_SUPPORT_TERM_CHILD_H

/* Its exit code. */
int child_run(void);

#endif
