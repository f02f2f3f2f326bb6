/* recent.c: a ring of rows, each one block of memory that its successor in the ring takes over.
 *
 * A value is 8 bytes: a number, or a NaN whose low half tells what else stands there: nothing (the
 * record does not name the feature), a missing value, or where in the row's text a word begins. */
#include "core/monitor/recent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/join/join.h"

#define NONE UINT32_MAX
#define BOXED UINT64_C(0x7FF8F00D00000000)

enum { ABSENT, MISSING, WORDS }; /* from WORDS on: where the word begins */

struct block { /* one row */
	wall_us ts;
	double score, threshold;
	uint64_t id_hash; /* 0: it has no id */
	uint32_t next; /* slot of the row before it with the same head */
	uint32_t values; /* how many */
	uint32_t room; /* bytes of data */
	uint32_t text; /* of these: the id and the words */
	int8_t decision, label;
	bool failed;
	uint64_t data[]; /* the values, then the id and the words */
};

struct recent {
	struct block **rows;
	size_t capacity;
	uint64_t first, end, changes;
	wall_us lost; /* newest time of what went for want of room */
	size_t bytes; /* of all blocks */
	uint32_t *heads; /* by id_hash, newest first */
	size_t heads_count; /* a power of two */
	char **names; /* of the columns, in order of appearance */
	size_t names_count;
	uint64_t *values; /* of the row at hand */
	size_t columns[RECORD_MAX_FEATURES]; /* of the record's features; SIZE_MAX: none is left */
	struct feature_value features[RECORD_MAX_FEATURES];
	struct prediction prediction;
};

struct recent *
recent_new(size_t rows)
{
	struct recent *recent = mem_alloc(sizeof(*recent));
	recent->capacity = rows;
	recent->lost = INT64_MIN;
	recent->rows = mem_alloc(rows * sizeof(struct block *));
	recent->heads_count = 1;
	while (recent->heads_count < rows)
		recent->heads_count *= 2;
	recent->heads = mem_alloc(recent->heads_count * sizeof(*recent->heads));
	memset(recent->heads, 0xFF, recent->heads_count * sizeof(*recent->heads));
	return recent;
}

void
recent_free(struct recent *recent)
{
	if (recent == NULL)
		return;
	for (size_t i = 0; i < recent->capacity; i++)
		free(recent->rows[i]);
	for (size_t i = 0; i < recent->names_count; i++)
		free(recent->names[i]);
	free(recent->names);
	free(recent->values);
	free(recent->rows);
	free(recent->heads);
	free(recent);
}

static struct block *
block_of(const struct recent *recent, uint64_t number)
{
	return recent->rows[number % recent->capacity];
}

static uint32_t *
head_of(const struct recent *recent, uint64_t hash)
{
	return &recent->heads[hash & (recent->heads_count - 1)];
}

static const char *
text_of(const struct block *block)
{
	return (const char *)(block->data + block->values);
}

/* The oldest row goes; its block stays in its slot for the next to come there, unless `give_back`.
 */
static void
drop_oldest(struct recent *recent, bool give_back)
{
	size_t slot = recent->first++ % recent->capacity;
	struct block *block = recent->rows[slot];
	if (block->id_hash != 0) {
		uint32_t *link = head_of(recent, block->id_hash);
		while (*link != (uint32_t)slot)
			link = &recent->rows[*link]->next;
		*link = block->next;
	}
	if (!give_back)
		return;
	recent->bytes -= sizeof(*block) + block->room;
	free(block);
	recent->rows[slot] = NULL;
}

static void
lose_oldest(struct recent *recent, bool give_back)
{
	wall_us ts = block_of(recent, recent->first)->ts;
	if (ts > recent->lost)
		recent->lost = ts;
	drop_oldest(recent, give_back);
}

static void
add_name(struct recent *recent, char *name)
{
	size_t count = recent->names_count + 1;
	recent->names = mem_grow(recent->names, count, sizeof(char *));
	recent->values = mem_grow(recent->values, count, sizeof(*recent->values));
	recent->names[recent->names_count++] = name;
}

/* The column of the record's i-th feature: records of one series repeat their order. */
static size_t
column_of(struct recent *recent, size_t i, const char *name)
{
	if (i < recent->names_count && strcmp(recent->names[i], name) == 0)
		return i;
	for (size_t at = 0; at < recent->names_count; at++) {
		if (strcmp(recent->names[at], name) == 0)
			return at;
	}
	if (recent->names_count == RECORD_MAX_FEATURES)
		return SIZE_MAX;
	add_name(recent, mem_string(name));
	return recent->names_count - 1;
}

static uint64_t
box(uint64_t what)
{
	return BOXED | what;
}

/* Puts the values of a record into recent->values; returns the bytes of its id and words. */
static size_t
pack(struct recent *recent, const struct prediction *prediction, size_t id)
{
	size_t text = id;
	for (size_t i = 0; i < prediction->features_count; i++)
		recent->columns[i] = column_of(recent, i, prediction->features[i].name);
	for (size_t i = 0; i < recent->names_count; i++)
		recent->values[i] = box(ABSENT);
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *feature = &prediction->features[i];
		size_t at = recent->columns[i];
		if (at == SIZE_MAX)
			continue;
		if (feature->kind == VALUE_TEXT) {
			recent->values[at] = box(WORDS + text);
			text += strlen(feature->text) + 1;
		} else if (feature->kind == VALUE_NUMBER && !isnan(feature->number)) {
			memcpy(&recent->values[at], &feature->number, sizeof(uint64_t));
		} else {
			recent->values[at] = box(MISSING);
		}
	}
	return text;
}

static bool
is_word(uint64_t value)
{
	return (value & UINT64_C(0xFFFFFFFF00000000)) == BOXED && (uint32_t)value >= WORDS;
}

static size_t
room_for(size_t bytes)
{
	return (bytes + 31) / 32 * 32;
}

/* A block for the next row, with room for so many bytes. */
static struct block *
take_block(struct recent *recent, size_t bytes)
{
	struct block **slot = &recent->rows[recent->end % recent->capacity];
	if (*slot != NULL && (*slot)->room >= bytes && (*slot)->room <= 2 * bytes)
		return *slot;
	size_t room = room_for(bytes);
	if (*slot != NULL)
		recent->bytes -= sizeof(**slot) + (*slot)->room;
	free(*slot);
	*slot = mem_alloc(sizeof(**slot) + room);
	(*slot)->room = (uint32_t)room;
	recent->bytes += sizeof(**slot) + room;
	return *slot;
}

static void
fill_block(
    struct recent *recent, struct block *block, const struct prediction *prediction, size_t id)
{
	size_t at_text = id;
	block->values = (uint32_t)recent->names_count;
	if (recent->names_count > 0)
		memcpy(block->data, recent->values, recent->names_count * sizeof(uint64_t));
	char *text = (char *)(block->data + block->values);
	memcpy(text, prediction->request_id, id);
	for (size_t i = 0; i < prediction->features_count; i++) {
		const struct feature_value *feature = &prediction->features[i];
		if (feature->kind != VALUE_TEXT || recent->columns[i] == SIZE_MAX)
			continue;
		size_t size = strlen(feature->text) + 1;
		memcpy(text + at_text, feature->text, size);
		at_text += size;
	}
}

/* The block in the next row's slot becomes that row. */
static void
link_newest(struct recent *recent, struct block *block)
{
	uint32_t slot = (uint32_t)(recent->end++ % recent->capacity);
	if (block->id_hash == 0)
		return;
	uint32_t *head = head_of(recent, block->id_hash);
	block->next = *head;
	*head = slot;
}

void
recent_add(struct recent *recent, const struct prediction *prediction, uint64_t hash, int decision,
    int label, bool failed)
{
	size_t id = strlen(prediction->request_id) + 1;
	size_t text = pack(recent, prediction, id);
	size_t bytes = recent->names_count * sizeof(uint64_t) + text;
	if (recent->end - recent->first == recent->capacity)
		lose_oldest(recent, false);
	struct block *block = take_block(recent, bytes);
	fill_block(recent, block, prediction, id);
	block->text = (uint32_t)text;
	block->ts = prediction->ts;
	block->score = prediction->score;
	block->threshold = prediction->threshold;
	block->decision = (int8_t)decision;
	block->label = (int8_t)label;
	block->failed = failed;
	block->id_hash = hash;
	link_newest(recent, block);
	recent->changes++;
	while (
	    recent->bytes > recent->capacity * RECENT_ROW_BYTES && recent->end - recent->first > 1)
		lose_oldest(recent, true);
}

/* The slot of the newest row with this id, or NONE. */
static uint32_t
slot_of(const struct recent *recent, const char *id, uint64_t hash)
{
	if (hash == 0)
		return NONE;
	uint32_t slot = *head_of(recent, hash);
	while (slot != NONE && (recent->rows[slot]->id_hash != hash ||
				   strcmp(text_of(recent->rows[slot]), id) != 0))
		slot = recent->rows[slot]->next;
	return slot;
}

bool
recent_label(struct recent *recent, const char *id, uint64_t hash, int label)
{
	uint32_t slot = slot_of(recent, id, hash);
	if (slot == NONE)
		return false;
	recent->rows[slot]->label = (int8_t)label;
	recent->changes++;
	return true;
}

void
recent_expire(struct recent *recent, wall_us from)
{
	while (recent->first < recent->end && block_of(recent, recent->first)->ts < from)
		drop_oldest(recent, true);
}

uint64_t
recent_first(const struct recent *recent)
{
	return recent->first;
}

uint64_t
recent_end(const struct recent *recent)
{
	return recent->end;
}

struct recent_row
recent_get(const struct recent *recent, uint64_t number)
{
	const struct block *block = block_of(recent, number);
	return (struct recent_row){.ts = block->ts,
	    .score = block->score,
	    .threshold = block->threshold,
	    .decision = block->decision,
	    .label = block->label,
	    .failed = block->failed,
	    .id = text_of(block)};
}

uint64_t
recent_find(const struct recent *recent, const char *id, wall_us ts)
{
	uint32_t slot = slot_of(recent, id, join_hash(id));
	if (slot != NONE) {
		uint64_t first = recent->first % recent->capacity;
		return recent->first + (slot + recent->capacity - first) % recent->capacity;
	}
	for (uint64_t at = recent->end; at-- > recent->first;) {
		const struct block *block = block_of(recent, at);
		bool alike = id[0] == '\0' ? block->id_hash == 0
					   : strncmp(text_of(block), id, strlen(id)) == 0;
		if (block->ts == ts && alike)
			return at;
	}
	return recent->end;
}

const struct prediction *
recent_prediction(struct recent *recent, uint64_t number)
{
	const struct block *block = block_of(recent, number);
	const char *text = text_of(block);
	size_t count = 0;
	for (size_t i = 0; i < block->values; i++) {
		struct feature_value *feature = &recent->features[count];
		*feature = (struct feature_value){
		    .name = recent->names[i], .kind = VALUE_MISSING, .number = NAN, .text = ""};
		if (block->data[i] == box(ABSENT))
			continue;
		if (is_word(block->data[i])) {
			feature->kind = VALUE_TEXT;
			feature->text = text + (uint32_t)block->data[i] - WORDS;
		} else if (block->data[i] != box(MISSING)) {
			feature->kind = VALUE_NUMBER;
			memcpy(&feature->number, &block->data[i], sizeof(double));
		}
		count++;
	}
	recent->prediction = (struct prediction){.ts = block->ts,
	    .request_id = text,
	    .service = "",
	    .model = "",
	    .version = "",
	    .segment = "",
	    .score = block->score,
	    .threshold = block->threshold,
	    .decision = block->decision,
	    .latency_ms = NAN,
	    .label = block->label,
	    .features = recent->features,
	    .features_count = count};
	return &recent->prediction;
}

wall_us
recent_lost(const struct recent *recent)
{
	return recent->lost;
}

uint64_t
recent_changes(const struct recent *recent)
{
	return recent->changes;
}

void
recent_shrink(struct recent *recent, size_t bytes)
{
	while (recent->bytes > bytes && recent->first < recent->end)
		lose_oldest(recent, true);
}

size_t
recent_own_bytes(const struct recent *recent)
{
	return sizeof(*recent) + recent->capacity * sizeof(struct block *) +
	       recent->heads_count * sizeof(*recent->heads);
}

size_t
recent_bytes(const struct recent *recent)
{
	return recent->bytes;
}

/* --- for a checkpoint --- */

void
recent_save(const struct recent *recent, struct buf *pack)
{
	pack_varint(pack, recent->names_count);
	for (size_t i = 0; i < recent->names_count; i++)
		pack_text(pack, recent->names[i]);
	pack_varint(pack, recent->first);
	pack_varint(pack, recent->end - recent->first);
	pack_varint(pack, recent->changes);
	pack_i64(pack, recent->lost);
	for (uint64_t number = recent->first; number < recent->end; number++) {
		const struct block *block = block_of(recent, number);
		pack_i64(pack, block->ts);
		pack_f64(pack, block->score);
		pack_f64(pack, block->threshold);
		pack_varint(pack, (uint64_t)(block->decision + 1));
		pack_varint(pack, (uint64_t)(block->label + 1));
		pack_varint(pack, block->failed);
		pack_varint(pack, block->room / 32);
		pack_varint(pack, block->values);
		pack_varint(pack, block->text);
		pack_bytes(pack, block->data, block->values * sizeof(uint64_t) + block->text);
	}
}

/* Do all words begin within the text, and does the text end? */
static bool
is_whole(const struct block *block)
{
	if (block->text == 0 || text_of(block)[block->text - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < block->values; i++) {
		if (is_word(block->data[i]) && (uint32_t)block->data[i] - WORDS >= block->text)
			return false;
	}
	return true;
}

static void
load_row(struct recent *recent, struct unpack *unpack)
{
	struct block row = {.ts = unpack_time(unpack), .score = unpack_f64(unpack)};
	row.threshold = unpack_f64(unpack);
	row.decision = (int8_t)((int)unpack_varint(unpack, 2) - 1);
	row.label = (int8_t)((int)unpack_varint(unpack, 2) - 1);
	row.failed = unpack_flag(unpack);
	size_t room = 32 * (size_t)unpack_varint(unpack, UINT32_MAX / 32);
	row.values = (uint32_t)unpack_varint(unpack, recent->names_count);
	size_t left = unpack->failed ? 0 : (size_t)(unpack->end - unpack->at);
	row.text = (uint32_t)unpack_varint(unpack, left < UINT32_MAX ? left : UINT32_MAX);
	size_t bytes = row.values * sizeof(uint64_t) + row.text;
	if (bytes > left || room < bytes || (room > 2 * bytes && room != room_for(bytes)))
		unpack_fail(unpack);
	if (unpack->failed)
		return;
	struct block *block = mem_alloc(sizeof(*block) + room);
	recent->rows[recent->end % recent->capacity] = block;
	*block = row;
	block->room = (uint32_t)room;
	recent->bytes += sizeof(*block) + room;
	unpack_bytes(unpack, block->data, bytes);
	if (is_whole(block))
		block->id_hash = join_hash(text_of(block));
	else
		unpack_fail(unpack);
	link_newest(recent, block);
}

void
recent_load(struct recent *recent, struct unpack *unpack)
{
	size_t names = (size_t)unpack_varint(unpack, RECORD_MAX_FEATURES);
	for (size_t i = 0; i < names && !unpack->failed; i++)
		add_name(recent, unpack_string(unpack));
	recent->first = recent->end = unpack_varint(unpack, (uint64_t)1 << 62);
	size_t rows = (size_t)unpack_varint(unpack, recent->capacity);
	recent->changes = unpack_varint(unpack, UINT64_MAX);
	recent->lost = unpack_i64(unpack);
	for (size_t i = 0; i < rows && !unpack->failed; i++)
		load_row(recent, unpack);
}
