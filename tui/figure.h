/* figure.h: how a number of a snapshot is written. Unknown is `-`, never 0; warming is muted; stale
 * has its own look; what is bad bears `!` or `!!` beside its colour. */
#ifndef FRAUDTOP_TUI_FIGURE_H
#define FRAUDTOP_TUI_FIGURE_H

#include "core/monitor/snapshot.h"
#include "widgets/canvas.h"

#define FIGURE_SIZE 48

enum sign {
	SIGN_TIMES,
	SIGN_PLUS_MINUS,
	SIGN_ARROW,
	SIGN_DOT,
	SIGN_POINTER,
	SIGN_CORNER,
	SIGN_GOOD,
	SIGN_BAR,
	SIGN_FILLED,
	SIGN_HOLLOW,
	SIGN_UNKNOWN,
	SIGN_CUT,
	SIGN_SIGMA,
	SIGN_COUNT
};

struct figure_style {
	double scale; /* 100 for a share in per cent; 0 is 1 */
	int decimals;
	enum severity severity;
	int marks; /* columns kept at the right for ` !!` (3) or `!!` (2), or 0 */
	bool interval; /* with its half width: `61.0 ±1.9` */
	enum severity mark; /* of what the figure stands for; its mark is drawn if it is worse */
	bool immature; /* drawn muted whatever its state */
};

/* A sign as text: UTF-8, or ASCII on an ASCII canvas. */
const char *figure_sign(const struct canvas *canvas, enum sign sign);
const char *figure_mark(enum severity severity); /* "!!", "!" or "" */
enum role figure_severity_role(enum severity severity);
enum role figure_state_role(enum service_state state);
enum role figure_role(const struct metric *metric, enum severity severity);

/* `1,640`; `-` for a number that is not finite. Return dst. */
char *figure_number(char dst[FIGURE_SIZE], double value, int decimals);
char *figure_count(char dst[FIGURE_SIZE], uint64_t count);
/* `31 MB`, `2.1 GB`: of 1,000 each. */
char *figure_bytes(char dst[FIGURE_SIZE], double bytes);
char *figure_metric(char dst[FIGURE_SIZE], const struct metric *metric, double scale, int decimals);
/* `59.1 to 62.9`, the interval or bound of a known number; "" if it has none. */
char *figure_between(
    char dst[FIGURE_SIZE], const struct metric *metric, double scale, int decimals);
/* `2 s`, `14 min`, `-`. */
char *figure_age(char dst[FIGURE_SIZE], const struct metric *seconds);
char *figure_p_value(char dst[FIGURE_SIZE], double p);

/* At the right end of the area. */
void figure_draw(struct canvas *canvas, struct area area, const struct metric *metric,
    struct figure_style style);
/* The same for a number without a state; NaN is `-`. */
void figure_draw_number(
    struct canvas *canvas, struct area area, double value, int decimals, enum role role);

#endif
