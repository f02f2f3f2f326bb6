/* page_hinkley.c: Page-Hinkley (E. S. Page, Biometrika 1954): the fading sum of what values are
 * above their mean, less delta, must not rise by more than the threshold over its least (nor, with
 * delta added, fall below its greatest). River's two-sided form from 0.15 on; the older one keeps
 * one sum, clamped at 0. */
#include "core/stats/page_hinkley.h"

#include <math.h>

struct page_hinkley
page_hinkley_defaults(void)
{
	return (struct page_hinkley){.least = 30, .delta = 0.005, .threshold = 50, .alpha = 0.9999};
}

static enum change_direction
verdict(const struct page_hinkley *d)
{
	if (d->n < d->least)
		return CHANGE_NONE;
	if (d->mode == PAGE_HINKLEY_CLAMPED)
		return d->up > d->threshold ? CHANGE_UP : CHANGE_NONE;
	if (d->mode != PAGE_HINKLEY_DOWN && d->up - d->up_least > d->threshold)
		return CHANGE_UP;
	if (d->mode != PAGE_HINKLEY_UP && d->down_most - d->down > d->threshold)
		return CHANGE_DOWN;
	return CHANGE_NONE;
}

enum change_direction
page_hinkley_add(struct page_hinkley *d, double value)
{
	if (!isfinite(value))
		return CHANGE_NONE;
	d->n++;
	d->mean += (value - d->mean) / (double)d->n;
	double gap = value - d->mean;
	d->up = d->alpha * d->up + gap - d->delta;
	d->down = d->alpha * d->down + gap + d->delta;
	if (d->mode == PAGE_HINKLEY_CLAMPED)
		d->up = fmax(d->up, 0);
	if (d->n == 1 || d->up < d->up_least)
		d->up_least = d->up;
	if (d->n == 1 || d->down > d->down_most)
		d->down_most = d->down;
	enum change_direction direction = verdict(d);
	if (direction != CHANGE_NONE) {
		d->n = 0;
		d->mean = d->up = d->down = 0;
	}
	return direction;
}
