/* walk_text.h: takes a short text, into the room that its step has for it. Part of walk.h. */

/* The length that was foreseen, or the true one. Nobody waits for the true one while it is as it
 * was last time, for the compiler is kept from knowing that they are equal. */
KERNEL size_t
walk_steady(struct step *step, size_t length)
{
	size_t expected = step->seen_length;
	__asm__("" : "+r"(expected));
	return LIKELY(length == expected) ? expected : walk_unsteady(step, length);
}

KERNEL const char *
walk_take_text(
    struct record_reader *reader, struct step *step, const char *at, struct prediction *out)
{
	uint64_t stops = block_stops(at + 1, step->text);
	/* One byte of it again, to look no further than two blocks. */
	if (stops == 0)
		stops = (uint64_t)block_stops(at + BLOCK, step->text + BLOCK - 1) << (BLOCK - 1);
	if (!LIKELY(*at == '"' && stops != 0))
		return NULL;
	size_t length = (unsigned)__builtin_ctzll(stops);
	const char *last = at + 1 + length;
	step->text[length] = '\0';
	if (!LIKELY(*last == '"'))
		return NULL;
	if (step->how == HOW_STEADY)
		last = at + 1 + walk_steady(step, length);
	if (step->target == TARGET_TEXT) {
		*(const char **)walk_field(step, out) = step->text;
		return last + 1;
	}
	if (LIKELY(step->target == TARGET_FEATURE)) {
		*walk_member(reader, step) = step->member;
		return last + 1;
	}
	const struct slot slot = {.kind = SLOT_TEXT, .text = step->text};
	return walk_put(reader, step, &slot, out) ? last + 1 : NULL;
}
