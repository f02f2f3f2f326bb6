/* walk_number.h: takes a number or a truth value. Part of walk.h. */

/* Of a number or a truth value, `after` being the byte behind it, if it is one. */
KERNEL const char *
walk_put_number(struct record_reader *reader, const struct step *step, const char *after,
    enum slot_kind kind, double number, struct prediction *out)
{
	if (!LIKELY(after != NULL))
		return NULL;
	if (LIKELY(step->target <= TARGET_ATTRIBUTION - (kind == SLOT_BOOL))) {
		struct feature_value *member = walk_member(reader, step);
		*member = step->member;
		member->number = number;
		return after;
	}
	if (step->target == TARGET_NUMBER && kind == SLOT_NUMBER && number >= step->low &&
	    number <= step->high) {
		*(double *)walk_field(step, out) = number;
		return after;
	}
	const struct slot slot = {.kind = kind, .number = number, .text = ""};
	return walk_put(reader, step, &slot, out) ? after : NULL;
}

KERNEL const char *
walk_take_word(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	bool is_true = memcmp(at, "true", 4) == 0, is_false = memcmp(at, "false", 5) == 0;
	const char *after = LIKELY(is_true | is_false) ? at + 4 + is_false : NULL;
	if (after == NULL || step->target != TARGET_FLAG || reader->flags->odd)
		return walk_put_number(reader, step, after, SLOT_BOOL, is_true, out);
	*(int *)walk_field(step, out) = is_true;
	return after;
}

/* A number that is not one of few digits after all. */
LEVEL static __attribute__((noinline)) const char *
walk_other_number(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	double number;
	const char *after = value_number(at, &number);
	walk_irregular(reader, step);
	if (after != NULL)
		step->ends = step_ends(*after);
	return walk_put_number(reader, step, after, SLOT_NUMBER, number, out);
}

/* Where a number ends is found by the byte that ended it in the line before, for the place of the
 * next value hangs on it alone; that it is a number shows meanwhile. */
KERNEL const char *
walk_take_few(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	double number;
	uint64_t ends = block_word_finds(at, step->ends);
	if (!LIKELY(ends != 0))
		return walk_other_number(reader, step, at, out);
	size_t length = (unsigned)__builtin_ctzll(ends) / 8;
	return LIKELY(block_few(at, length, &number))
		   ? walk_put_number(reader, step, at + length, SLOT_NUMBER, number, out)
		   : walk_other_number(reader, step, at, out);
}
