/* journal.c: see journal.h. */
#include "core/join/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/join/bytes.h"

enum { BLOCK_CHUNKS = 56, AHEAD = 24 };
enum kind { KIND_SLOTS = 0x534A, KIND_AGES = 0x414A };

struct head {
	uint32_t kind, count;
	uint64_t sum;
};

struct chunk {
	uint32_t number, reserved;
	uint32_t counts[AGES_CHUNK][STATES];
};

_Static_assert(BLOCK_CHUNKS * sizeof(struct chunk) <= JOURNAL_BUFFER, "one buffer is for both");

static uint64_t
block_sum(const struct head *head, const void *bytes, size_t length, uint64_t offset)
{
	uint64_t place = offset * 31 + ((uint64_t)head->kind << 32 | head->count);
	return bytes_sum(bytes, length) ^ place * UINT64_C(0x9E3779B97F4A7C15);
}

static struct journal *
open_journal(const char *path, uint64_t seq, int flags, struct err *err)
{
	int fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_set(err, ERR_CREATE, "%s: %s", path, strerror(errno));
		return NULL;
	}
	struct journal *journal = mem_alloc(sizeof(*journal));
	*journal = (struct journal){.fd = fd, .seq = seq};
	journal->buffer = mem_alloc(JOURNAL_BUFFER);
	return journal;
}

struct journal *
journal_new(const char *path, uint64_t seq, struct err *err)
{
	return open_journal(path, seq, O_CREAT | O_TRUNC, err);
}

struct journal *
journal_open(const char *path, uint64_t seq, uint64_t length, uint64_t slots, struct err *err)
{
	struct journal *journal = open_journal(path, seq, 0, err);
	if (journal == NULL)
		return NULL;
	journal->length = length;
	journal->slots = slots;
	return journal;
}

void
journal_free(struct journal *journal)
{
	if (journal == NULL)
		return;
	close(journal->fd);
	free(journal->buffer);
	free(journal);
}

static void
write_block(struct journal *journal, enum kind kind, size_t count, const void *bytes, size_t length)
{
	struct head head = {.kind = kind, .count = (uint32_t)count};
	head.sum = block_sum(&head, bytes, length, journal->length);
	if (journal->failed != 0)
		return;
	errno = 0;
	if (!bytes_write(journal->fd, &head, sizeof(head), journal->length) ||
	    !bytes_write(journal->fd, bytes, length, journal->length + sizeof(head)))
		journal->failed = errno != 0 ? errno : EIO;
	else
		journal->length += sizeof(head) + length;
}

void
journal_flush(struct journal *journal)
{
	if (journal->count > 0)
		write_block(journal, KIND_SLOTS, journal->count, journal->buffer,
		    journal->count * sizeof(struct slot));
	journal->count = 0;
}

void
journal_add(struct journal *journal, const struct slot *slot)
{
	journal->buffer[journal->count++] = *slot;
	journal->slots++;
	if (journal->count == JOURNAL_SLOTS)
		journal_flush(journal);
}

static void
write_ages(struct journal *journal, struct ages *ages)
{
	struct chunk *chunks = (void *)journal->buffer; /* nothing is in it now */
	size_t count = 0;
	for (int64_t i = 0; i <= ages->mask / AGES_CHUNK; i++) {
		if (!ages->changed[i])
			continue;
		chunks[count].number = (uint32_t)i;
		memcpy(
		    chunks[count++].counts, ages->counts[i * AGES_CHUNK], sizeof(chunks->counts));
		if (count == BLOCK_CHUNKS) {
			write_block(journal, KIND_AGES, count, chunks, count * sizeof(*chunks));
			count = 0;
		}
	}
	if (count > 0)
		write_block(journal, KIND_AGES, count, chunks, count * sizeof(*chunks));
	if (journal->failed == 0)
		memset(ages->changed, 0, (size_t)(ages->mask + 1) / AGES_CHUNK);
}

bool
journal_save(struct journal *journal, struct ages *ages, struct err *err)
{
	journal_flush(journal);
	write_ages(journal, ages);
	if (journal->failed != 0)
		return err_set(err, ERR_IO, "the label join's journal cannot be written: %s",
		    strerror(journal->failed));
	return true;
}

/* --- reading --- */

static bool
take_slots(struct table *table, const struct slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			table_prefetch(table, slot_key(&slots[i + AHEAD]));
		if (slot_key(&slots[i]) == 0 ||
		    !table_put(table, table_place(table, slot_key(&slots[i])), &slots[i]))
			return false;
	}
	return true;
}

static bool
take_ages(struct ages *ages, const struct chunk *chunks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (chunks[i].number > ages->mask / AGES_CHUNK)
			return false;
		memcpy(ages->counts[(int64_t)chunks[i].number * AGES_CHUNK], chunks[i].counts,
		    sizeof(chunks->counts));
	}
	return true;
}

/* The bytes of a block of that kind and count, or 0 if there is no such block. */
static size_t
block_length(const struct head *head)
{
	if (head->kind == KIND_SLOTS && head->count > 0 && head->count <= JOURNAL_SLOTS)
		return head->count * sizeof(struct slot);
	if (head->kind == KIND_AGES && head->count > 0 && head->count <= BLOCK_CHUNKS)
		return head->count * sizeof(struct chunk);
	return 0;
}

static bool
replay(int fd, uint64_t end, void *bytes, struct table *table, struct ages *ages)
{
	struct head head;
	for (uint64_t at = 0; at < end;) {
		if (end - at < sizeof(head) || !bytes_read(fd, &head, sizeof(head), at))
			return false;
		size_t length = block_length(&head);
		if (length == 0 || length > end - at - sizeof(head) ||
		    !bytes_read(fd, bytes, length, at + sizeof(head)) ||
		    head.sum != block_sum(&head, bytes, length, at))
			return false;
		if (head.kind == KIND_SLOTS ? !take_slots(table, bytes, head.count)
					    : !take_ages(ages, bytes, head.count))
			return false;
		at += sizeof(head) + length;
	}
	return true;
}

bool
journal_replay(
    const char *path, uint64_t length, struct table *table, struct ages *ages, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_NO_INPUT, "%s: %s", path, strerror(errno));
	void *bytes = mem_alloc(JOURNAL_BUFFER);
	bool good = replay(fd, length, bytes, table, ages);
	free(bytes);
	close(fd);
	return good || err_set(err, ERR_DATA, "%s: is not as it was written", path);
}
