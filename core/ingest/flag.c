/* flag.c: see flag.h. */
#include "core/ingest/flag.h"

#include <string.h>

#include "core/ingest/decimal.h"

static bool
take_own(struct flags *flags, size_t i, int *flag)
{
	flags->met_own |= UINT64_C(1) << i;
	*flag = flags->own[i].word.positive;
	return true;
}

static bool
take_own_text(struct flags *flags, const char *folded, int *flag)
{
	for (size_t i = 0; i < flags->own_count; i++)
		if (strcmp(flags->own[i].word.text, folded) == 0)
			return take_own(flags, i, flag);
	return false;
}

bool
flag_number(struct flags *flags, double number, int *flag)
{
	for (size_t i = 0; i < flags->own_count && flags->odd; i++)
		if (flags->own[i].number == number)
			return take_own(flags, i, flag);
	*flag = number == 1;
	return number == 0 || number == 1;
}

static void
note_unknown(struct flags *flags, const char *folded)
{
	for (size_t i = 0; i < flags->unknown_count; i++)
		if (strcmp(flags->unknown[i], folded) == 0)
			return;
	if (flags->unknown_count < FLAG_UNKNOWN)
		memcpy(flags->unknown[flags->unknown_count++], folded, FLAGWORDS_LENGTH + 1);
}

bool
flag_text(struct flags *flags, const char *text, size_t length, int *flag)
{
	char folded[FLAGWORDS_LENGTH + 1];
	double number;
	if (length == 1 && (*text == '0' || *text == '1') && !flags->odd) {
		*flag = *text == '1';
		return true;
	}
	bool fits = flagwords_fold(folded, text, length);
	*flag = -1;
	if (folded[0] == '\0')
		return true;
	if (fits && take_own_text(flags, folded, flag))
		return true;
	if (decimal_field(text, length, &number) && flag_number(flags, number, flag))
		return true;
	size_t common = fits ? flagwords_find(folded) : flagwords_common_count;
	if (common < flagwords_common_count) {
		flags->met_common |= UINT64_C(1) << common;
		*flag = flagwords_common[common].positive;
		return true;
	}
	note_unknown(flags, folded);
	return false;
}
