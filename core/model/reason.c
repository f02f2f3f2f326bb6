/* reason.c: what an input gave, in words. What its value is held against comes from the notes of
 * the model's metadata: another input (a mean to divide by, or a ratio that is there already), else
 * the mean of the training data; and whether it lies outside of what the model was trained on. */
#include "core/model/reason.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/metadata.h"
#include "core/model/plain.h"

enum { NUMBER_SIZE = 48, NAME_SIZE = 81 };

/* Without zeros at the end of its decimals. */
static void
trim_zeros(char *text)
{
	size_t length = strlen(text);
	if (strchr(text, '.') == NULL || strpbrk(text, "eE") != NULL)
		return;
	while (text[length - 1] == '0')
		length--;
	text[text[length - 1] == '.' ? length - 1 : length] = '\0';
}

/* `4,210`, `31.5`, `0.042`, `-7`: as many digits as a person compares. */
static const char *
number_text(char dst[NUMBER_SIZE], double value)
{
	double size = fabs(value);
	char grouped[32];
	if (size >= 1e15 || isinf(value))
		snprintf(dst, NUMBER_SIZE, "%.3g", value);
	else if (size >= 1000 || size == floor(size))
		snprintf(
		    dst, NUMBER_SIZE, "%s%s", value < 0 ? "-" : "", text_grouped(grouped, size));
	else
		snprintf(dst, NUMBER_SIZE,
		    size >= 10	? "%.1f"
		    : size >= 1 ? "%.2f"
				: "%.3g",
		    value);
	trim_zeros(dst);
	return dst;
}

/* `is 31 times this customer's mean`, `is 71 % of it`. False: the ratio says nothing. */
static bool
append_ratio(char *text, double ratio, const char *of)
{
	char number[NUMBER_SIZE];
	if (!(ratio > 0) || isinf(ratio))
		return false;
	if (ratio < 0.01)
		text_append(text, REASON_TEXT, " is under 1 %% of %s", of);
	else if (ratio <= 0.95)
		text_append(text, REASON_TEXT, " is %.0f %% of %s", 100 * ratio, of);
	else if (ratio < 1.05)
		text_append(text, REASON_TEXT, " is about %s", of);
	else {
		double digits = ratio >= 10 ? 1 : 10;
		number_text(number, round(ratio * digits) / digits);
		text_append(text, REASON_TEXT, " is %s times %s", number, of);
	}
	return true;
}

static bool
append_comparison(char *text, const struct model_note *note, const double *row, double value)
{
	if (note->compare >= 0) {
		double other = row[note->compare];
		if (append_ratio(text, note->ratio ? other : value / other, note->compare_words))
			return true;
	}
	return append_ratio(text, value / note->mean, "its training mean");
}

static bool
append_range(char *text, const struct model_note *note, double value, bool compared)
{
	char number[NUMBER_SIZE];
	if (!(value > note->high) && !(value < note->low))
		return false;
	bool above = value > note->high;
	text_append(text, REASON_TEXT, "%s %s what it was trained on (%s %s)",
	    compared ? "," : " is", above ? "above" : "below", above ? "up to" : "from",
	    number_text(number, above ? note->high : note->low));
	return true;
}

/* All but the contribution. */
static void
describe(char text[REASON_TEXT], const struct model *model, size_t feature, const double *row)
{
	const struct model_note *notes = model_metadata(model)->notes;
	const struct model_note *note = notes != NULL ? &notes[feature] : NULL;
	const char *name =
	    note != NULL && note->label != NULL ? note->label : model_feature(model, feature);
	double value = row[feature];
	char number[NUMBER_SIZE];
	text_copy(text, NAME_SIZE, name);
	if (isnan(value)) {
		text_append(text, REASON_TEXT, " is missing");
		return;
	}
	const char *word = model_word_of(model, feature, value);
	const char *shown = word != NULL ? word : number_text(number, value);
	size_t named = strlen(text);
	if (note != NULL && word == NULL) {
		text_append(text, REASON_TEXT, " %s", shown);
		bool compared = append_comparison(text, note, row, value);
		if (append_range(text, note, value, compared) || compared)
			return;
		text[named] = '\0';
	}
	text_append(text, REASON_TEXT, " is %s", shown);
}

static char *
write_number(char dst[REASON_NUMBER], double contribution)
{
	double size = fabs(contribution);
	snprintf(dst, REASON_NUMBER,
	    size >= 1e15     ? "%+.3g"
	    : size >= 99.95  ? "%+.0f"
	    : size >= 0.995  ? "%+.1f"
	    : size >= 0.0995 ? "%+.2f"
	    : size > 0	     ? "%+.1g"
			     : "0",
	    contribution);
	return dst;
}

static void
write_reason(struct reason *reason, const struct model *model, const double *row)
{
	char text[REASON_TEXT], number[REASON_NUMBER];
	describe(text, model, reason->feature, row);
	write_number(number, reason->contribution);
	text_copy(reason->text, sizeof(reason->text) - strlen(number) - 2, text);
	text_append(reason->text, sizeof(reason->text), ": %s", number);
}

size_t
reasons_of(const struct model *model, const double *row, const double *contributions,
    struct reason *reasons, size_t limit)
{
	size_t count = 0;
	for (size_t f = 0; limit > 0 && f < model_features(model); f++) {
		double size = fabs(contributions[f]);
		if (!(size > 0) ||
		    (count == limit && size <= fabs(reasons[count - 1].contribution)))
			continue;
		size_t at = count < limit ? count++ : count - 1;
		for (; at > 0 && size > fabs(reasons[at - 1].contribution); at--)
			reasons[at] = reasons[at - 1];
		reasons[at] = (struct reason){.feature = f, .contribution = contributions[f]};
	}
	struct plain plain = plain_begin();
	for (size_t i = 0; i < count; i++)
		write_reason(&reasons[i], model, row);
	plain_end(plain);
	return count;
}

char *
reason_number(char dst[REASON_NUMBER], double contribution)
{
	struct plain plain = plain_begin();
	write_number(dst, contribution);
	plain_end(plain);
	return dst;
}
