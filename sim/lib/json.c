// SPDX-License-Identifier: GPL-2.0
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
	r->doc->node[n].next = r->doc->nr;
	r->p++;
	return true;
}

static bool is_digit(const struct reader *r)
{
	return r->p < r->end && *r->p >= '0' && *r->p <= '9';
}

static bool read_number(struct reader *r)
{
	uint32_t n = new_node(r, JSON_INT);
	bool neg = *r->p == '-', large = false;
	uint64_t val = 0;

	if (neg)
		r->p++;
	if (!is_digit(r))
		return fail(r, "not a number");
	for (; is_digit(r); r->p++)
		large |= __builtin_mul_overflow(val, 10, &val) ||
			 __builtin_add_overflow(val, *r->p - '0', &val);
	/* What does not fit is no number that anything here could use. */
	if (large || (neg && val > 1ull << 63))
		r->doc->node[n].type = JSON_REAL;
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
	r->doc->node[n].val = neg ? -val : val;
	r->doc->node[n].len = r->p - r->doc->node[n].text;
	r->doc->node[n].next = r->doc->nr;
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
	r->doc->node[n].next = r->doc->nr;
	return true;
}

static bool read_value(struct reader *r);

static bool read_members(struct reader *r, enum json_type type, char close)
{
	uint32_t n = new_node(r, type);

	if (++r->depth > MAX_DEPTH)
		return fail(r, "nested too deeply");
	r->p++;
	skip_space(r);
	if (r->p < r->end && *r->p == close)
		goto done;
	for (;;) {
		if (type == JSON_OBJECT) {
			skip_space(r);
			if (r->p >= r->end || *r->p != '"')
				return fail(r, "member name expected");
			if (!read_string(r))
				return false;
			skip_space(r);
			if (r->p >= r->end || *r->p != ':')
				return fail(r, "':' expected");
			r->p++;
		}
		if (!read_value(r))
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
	r->doc->node[n].next = r->doc->nr;
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

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool json_u64(const struct json *v, uint64_t *out)
{
	uint32_t i = 0, base = 10;
	uint64_t val = 0;
	int d;

	if (!v)
		return false;
	if (v->type == JSON_INT || v->type == JSON_FALSE ||
	    v->type == JSON_TRUE) {
		*out = v->type == JSON_INT ? v->val : v->type == JSON_TRUE;
		return true;
	}
	if (v->type != JSON_STRING)
		return false;
	if (v->len > 2 && v->text[0] == '0' && (v->text[1] | 0x20) == 'x') {
		base = 16;
		i = 2;
	}
	if (i == v->len)
		return false;
	for (; i < v->len; i++) {
		d = digit(v->text[i]);
		if (d < 0 || d >= (int)base ||
		    __builtin_mul_overflow(val, base, &val) ||
		    __builtin_add_overflow(val, d, &val))
			return false;
	}
	*out = val;
	return true;
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
