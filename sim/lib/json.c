// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

struct reader {
	struct json_doc *doc;
	const char *p;
	const char *end;
	int depth;
};

#define MAX_DEPTH 64

static bool fail(struct reader *r, const char *error)
{
	if (!r->doc->error) {
		r->doc->error = error;
		r->doc->where = r->p;
	}
	return false;
}

static inline void skip_space(struct reader *r)
{
	if (r->p < r->end && *r->p > ' ')
		return;
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' ||
				 *r->p == '\r' || *r->p == '\n'))
		r->p++;
}

static __attribute__((noinline)) void more_nodes(struct json_doc *doc)
{
	doc->max = doc->max ? 2 * doc->max : 256;
	doc->node = realloc(doc->node, doc->max * sizeof(*doc->node));
	if (!doc->node)
		abort();
}

static inline uint32_t new_node(struct reader *r, enum json_type type)
{
	struct json_doc *doc = r->doc;

	if (doc->nr == doc->max)
		more_nodes(doc);
	doc->node[doc->nr].type = type;
	doc->node[doc->nr].text = r->p;
	return doc->nr++;
}

/*
 * Top bits of those of eight characters that end a string or need a closer
 * look.  The lowest one is right; ones above it may be false.
 */
static inline uint64_t special_8(const char *p)
{
	const uint64_t ones = 0x0101010101010101ull, tops = ones << 7;
	uint64_t w, quote, escape;

	memcpy(&w, p, sizeof(w));
	quote = w ^ ones * '"';
	escape = w ^ ones * '\\';
	return (((quote - ones) & ~quote) | ((escape - ones) & ~escape) |
		((w - ones * ' ') & ~w)) & tops;
}

static inline void skip_plain(struct reader *r)
{
	uint64_t special;

	while (r->end - r->p >= 8) {
		special = special_8(r->p);
		if (special) {
			r->p += __builtin_ctzll(special) >> 3;
			return;
		}
		r->p += 8;
	}
}

static bool read_string(struct reader *r)
{
	uint32_t n;

	r->p++;
	n = new_node(r, JSON_STRING);
	for (;; r->p++) {
		skip_plain(r);
		if (r->p >= r->end)
			return fail(r, "string does not end");
		if (*r->p == '"')
			break;
		if ((unsigned char)*r->p < ' ')
			return fail(r, "control character in a string");
		if (*r->p == '\\' && ++r->p >= r->end)
			return fail(r, "string does not end");
	}
	r->doc->node[n].len = r->p - r->doc->node[n].text;
	r->doc->node[n].next = 1;
	r->p++;
	return true;
}

static inline bool is_digit(const struct reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

/* Its value is worked out by who asks for it. */
static bool read_number(struct reader *r)
{
	uint32_t n = new_node(r, JSON_INT);

	if (*r->p == '-')
		r->p++;
	if (!is_digit(r))
		return fail(r, "not a number");
	while (is_digit(r))
		r->p++;
	if (r->p < r->end && *r->p == '.') {
		r->doc->node[n].type = JSON_REAL;
		r->p++;
		if (!is_digit(r))
			return fail(r, "not a number");
		while (is_digit(r))
			r->p++;
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		r->doc->node[n].type = JSON_REAL;
		r->p++;
		if (r->p < r->end && (*r->p == '+' || *r->p == '-'))
			r->p++;
		if (!is_digit(r))
			return fail(r, "not a number");
		while (is_digit(r))
			r->p++;
	}
	r->doc->node[n].len = r->p - r->doc->node[n].text;
	r->doc->node[n].next = 1;
	return true;
}

static bool read_word(struct reader *r, const char *word, enum json_type type)
{
	size_t len = strlen(word);
	uint32_t n;

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len))
		return fail(r, "not a value");
	n = new_node(r, type);
	r->p += len;
	r->doc->node[n].len = len;
	r->doc->node[n].next = 1;
	return true;
}

static bool read_value(struct reader *r);

/*
 * Lines of a trace say much that the one before said already: the state of an
 * ASID that nothing happened to, an entry of the RMP.  An object with the very
 * text of one that was read before is taken from there.
 */
#define SEEN_SLOTS	256
#define SEEN_NODES	100	/* of an object that is remembered */
#define SEEN_MIN	8

struct json_seen {
	const char *text;
	uint32_t len;
	uint32_t nr;
	struct json node[SEEN_NODES];
};

static struct json_seen *seen_slot(struct reader *r, uint32_t name)
{
	const struct json *key = r->doc->node + name;
	uint32_t hash = key->len + 7 * r->depth, i;

	if (!r->doc->seen) {
		r->doc->seen = calloc(SEEN_SLOTS, sizeof(*r->doc->seen));
		if (!r->doc->seen)
			abort();
	}
	for (i = 0; i < key->len; i++)
		hash = hash * 31 + (unsigned char)key->text[i];
	return r->doc->seen + (hash ^ hash >> 9) % SEEN_SLOTS;
}

static bool take_seen(struct reader *r, const struct json_seen *s)
{
	struct json_doc *doc = r->doc;

	if (!s->len || (size_t)(r->end - r->p) < s->len ||
	    memcmp(r->p, s->text, s->len))
		return false;
	while (doc->max - doc->nr < s->nr)
		more_nodes(doc);
	memcpy(doc->node + doc->nr, s->node, s->nr * sizeof(*s->node));
	doc->nr += s->nr;
	r->p += s->len;
	return true;
}

static bool read_object(struct reader *r, uint32_t name)
{
	struct json_seen *s;
	uint32_t n;

	if (r->depth > 2)
		return read_value(r);
	s = seen_slot(r, name);
	if (take_seen(r, s))
		return true;
	n = r->doc->nr;
	if (!read_value(r))
		return false;
	s->nr = r->doc->nr - n;
	s->len = 0;
	if (s->nr < SEEN_MIN || s->nr > SEEN_NODES)
		return true;
	s->text = r->doc->node[n].text;
	s->len = r->doc->node[n].len;
	memcpy(s->node, r->doc->node + n, s->nr * sizeof(*s->node));
	return true;
}

void json_forget(struct json_doc *doc)
{
	uint32_t i;

	for (i = 0; doc->seen && i < SEEN_SLOTS; i++)
		doc->seen[i].len = 0;
}

static bool read_member(struct reader *r)
{
	uint32_t name = r->doc->nr;

	skip_space(r);
	if (r->p >= r->end || *r->p != '"')
		return fail(r, "member name expected");
	if (!read_string(r))
		return false;
	skip_space(r);
	if (r->p >= r->end || *r->p != ':')
		return fail(r, "':' expected");
	r->p++;
	skip_space(r);
	if (r->p < r->end && *r->p == '{')
		return read_object(r, name);
	return read_value(r);
}

/*
 * Was there a member of that name?  Only looked for if one like it was there.
 * @like: a bit for each name so far
 */
static bool is_new(struct reader *r, uint32_t obj, uint32_t name, uint64_t *like)
{
	const struct json *key = r->doc->node + name, *k;
	uint64_t bit;

	bit = 1ull << ((key->len * 5 + (key->len ? 11 * key->text[key->len - 1] +
			7 * key->text[key->len / 2] : 0)) & 63);
	if (!(*like & bit)) {
		*like |= bit;
		return true;
	}
	for (k = r->doc->node + obj + 1; k < key; k += 1 + k[1].next) {
		if (k->len != key->len || memcmp(k->text, key->text, k->len))
			continue;
		snprintf(r->doc->told, sizeof(r->doc->told),
			 "a second member %.*s", (int)key->len, key->text);
		r->p = key->text;
		return fail(r, r->doc->told);
	}
	return true;
}

static bool read_members(struct reader *r, enum json_type type, char close)
{
	uint32_t n = new_node(r, type), name;
	uint64_t like = 0;

	if (++r->depth > MAX_DEPTH)
		return fail(r, "nested too deeply");
	r->p++;
	skip_space(r);
	if (r->p < r->end && *r->p == close)
		goto done;
	for (;;) {
		name = r->doc->nr;
		if (!(type == JSON_OBJECT ? read_member(r) : read_value(r)))
			return false;
		if (type == JSON_OBJECT && !is_new(r, n, name, &like))
			return false;
		skip_space(r);
		if (r->p >= r->end)
			return fail(r, "line ends early");
		if (*r->p == close)
			break;
		if (*r->p != ',')
			return fail(r, "',' expected");
		r->p++;
	}
done:
	r->p++;
	r->depth--;
	r->doc->node[n].next = r->doc->nr - n;
	r->doc->node[n].len = r->p - r->doc->node[n].text;
	return true;
}

static bool read_value(struct reader *r)
{
	skip_space(r);
	if (r->p >= r->end)
		return fail(r, "line ends early");
	switch (*r->p) {
	case '{':
		return read_members(r, JSON_OBJECT, '}');
	case '[':
		return read_members(r, JSON_ARRAY, ']');
	case '"':
		return read_string(r);
	case 't':
		return read_word(r, "true", JSON_TRUE);
	case 'f':
		return read_word(r, "false", JSON_FALSE);
	case 'n':
		return read_word(r, "null", JSON_NULL);
	default:
		return read_number(r);
	}
}

bool json_parse(struct json_doc *doc, const char *text, size_t len)
{
	struct reader r = { .doc = doc, .p = text, .end = text + len };

	doc->nr = 0;
	doc->error = NULL;
	if (!read_value(&r))
		return false;
	skip_space(&r);
	if (r.p != r.end)
		return fail(&r, "something follows the value");
	return true;
}

const struct json *json_get(const struct json_doc *doc, const struct json *obj,
			    const char *key)
{
	const struct json *k, *v;

	if (!obj || obj->type != JSON_OBJECT)
		return NULL;
	for_each_member(doc, obj, k, v)
		if (json_is(k, key))
			return v;
	return NULL;
}

/* Values of hexadecimal digits, plus one. */
static const uint8_t digits[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
	['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16, ['A'] = 11, ['B'] = 12,
	['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static inline int digit(char c)
{
	return digits[(unsigned char)c] - 1;
}

static bool decimal(const char *p, const char *end, uint64_t *out)
{
	uint64_t val = 0;

	for (; p < end; p++)
		if (*p < '0' || *p > '9' ||
		    __builtin_mul_overflow(val, 10, &val) ||
		    __builtin_add_overflow(val, *p - '0', &val))
			return false;
	*out = val;
	return true;
}

static bool hexadecimal(const char *p, const char *end, uint64_t *out)
{
	uint64_t val = 0;
	int d;

	for (; p < end; p++) {
		d = digit(*p);
		if (d < 0 || val >> 60)
			return false;
		val = val << 4 | d;
	}
	*out = val;
	return true;
}

bool json_u64(const struct json *v, uint64_t *out)
{
	const char *end;
	bool minus;

	if (!v)
		return false;
	end = v->text + v->len;
	switch (v->type) {
	case JSON_FALSE:
	case JSON_TRUE:
		*out = v->type == JSON_TRUE;
		return true;
	case JSON_INT:
		minus = *v->text == '-';
		if (!decimal(v->text + minus, end, out))
			return false;
		if (minus) {
			if (*out > 1ull << 63)
				return false;
			*out = -*out;
		}
		return true;
	case JSON_STRING:
		if (v->len > 2 && v->text[0] == '0' &&
		    (v->text[1] | 0x20) == 'x')
			return hexadecimal(v->text + 2, end, out);
		return v->len && decimal(v->text, end, out);
	default:
		return false;
	}
}

int json_hex(const struct json *v, uint8_t *out, size_t max)
{
	uint32_t i;
	int hi, lo;

	if (!v || v->type != JSON_STRING || v->len % 2 || v->len / 2 > max)
		return -1;
	for (i = 0; i < v->len; i += 2) {
		hi = digit(v->text[i]);
		lo = digit(v->text[i + 1]);
		if (hi < 0 || lo < 0)
			return -1;
		out[i / 2] = hi << 4 | lo;
	}
	return v->len / 2;
}
