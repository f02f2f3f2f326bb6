/* value_text.h: texts and times. Part of value.h. */

#define VALUE_MAX_TEXT 256 /* a longer one is not taken here */

/* Behind the quote at `at`: copies the text to dst and ends it. Returns the byte behind the other
 * quote, or NULL: it is none for the short way. */
KERNEL const char *
value_text(const char *at, const char *end, char *dst, size_t *length)
{
	for (size_t done = 0; done + BLOCK <= VALUE_MAX_TEXT && at + done <= end; done += BLOCK) {
		uint32_t stops = block_stops(at + done, dst + done);
		if (LIKELY(stops != 0)) {
			*length = done + (unsigned)__builtin_ctz(stops);
			dst[*length] = '\0';
			return at[*length] == '"' ? at + *length + 1 : NULL;
		}
	}
	return NULL;
}

/* Behind the minute: `:SS.mmmZ`. */
KERNEL bool
value_seconds(const char *at, wall_us minute, wall_us *time)
{
	uint64_t digits = block_word(at) ^ UINT64_C(0x5A3030302E30303A);
	uint64_t wrong =
	    ((digits + UINT64_C(0x7F7676767F76767F)) | digits) & UINT64_C(0x8080808080808080);
	unsigned seconds = (unsigned)((digits >> 8 & 15) * 10 + (digits >> 16 & 15));
	unsigned ms =
	    (unsigned)((digits >> 32 & 15) * 100 + (digits >> 40 & 15) * 10 + (digits >> 48 & 15));
	*time = minute + seconds * CLOCK_SECOND + ms * 1000;
	return wrong == 0 && seconds < 60;
}
