/* axis.h: round numbers for value axes, shared by the widgets that have one. */
#ifndef FRAUDTOP_WIDGETS_AXIS_H
#define FRAUDTOP_WIDGETS_AXIS_H

/* The ticks are first, first + step, ... up to high (1, 2 or 5 times a power of ten apart; if
 * they are only one or two, also 1.5, 2.5, 3, 4, 6 or 8). */
struct axis {
	double low, high, first, step;
	int decimals; /* that the step needs */
};

/* Fits at most `intervals` (at least 1) steps between low and high. If `widen`, high goes up to the
 * next tick. An empty or unusable range becomes low..low+1. */
struct axis axis_fit(double low, double high, int intervals, int widen);
/* How far up the axis a value is, in [0,1]; beyond the ends it is the end. */
double axis_share(const struct axis *axis, double value);

#endif
