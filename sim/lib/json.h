/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reader for one line of JSON at a time, without copies.
 */
#ifndef _SIM_LIB_JSON_H
#define _SIM_LIB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum json_type {
	JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_INT, JSON_REAL, JSON_STRING,
	JSON_ARRAY, JSON_OBJECT,
};

/**
 * struct json - one value
 * @type: kind
 * @len: characters
 * @next: distance of the value after this one and all it contains
 * @text: first character (of a string: after the quote, escapes as they are)
 *
 * An object is its node, then key, value, key, value, ...; an array is its
 * node, then the elements.
 */
struct json {
	enum json_type type;
	uint32_t len;
	uint32_t next;
	const char *text;
};

struct json_seen;

/**
 * struct json_doc - the values of one line
 * @node: values; node[0] is the whole
 * @nr: how many
 * @max: room
 * @seen: objects of earlier lines, by the names they had
 * @error: what is wrong, NULL: nothing
 * @where: where it is wrong
 * @told: room for an error that names something
 */
struct json_doc {
	struct json *node;
	uint32_t nr;
	uint32_t max;
	struct json_seen *seen;
	const char *error;
	const char *where;
	char told[80];
};

/**
 * json_parse - read one value
 * @doc: reused from line to line, zeroed before the first
 * @text: characters, need not end in zero
 * @len: how many
 *
 * Large objects that an earlier line had as well are not read again, so the
 * text of lines has to stay until json_forget().
 *
 * Return: true; false with @doc->error and @doc->where set.
 */
bool json_parse(struct json_doc *doc, const char *text, size_t len);

/**
 * json_forget - the text of the lines so far goes away
 * @doc: document
 */
void json_forget(struct json_doc *doc);

/**
 * json_get - member of an object
 * @doc: document
 * @obj: the object, or NULL
 * @key: name
 *
 * Return: the value, or NULL.
 */
const struct json *json_get(const struct json_doc *doc, const struct json *obj,
			    const char *key);

/**
 * json_is - is this the string?
 * @v: value
 * @s: string
 *
 * Return: true if @v is a string and equal.
 */
static inline bool json_is(const struct json *v, const char *s)
{
	size_t len = strlen(s);

	return v && v->type == JSON_STRING && v->len == len &&
	       !memcmp(v->text, s, len);
}

/**
 * json_u64 - number, or string that holds one (0x..: hexadecimal)
 * @v: value
 * @out: the number
 *
 * Return: false if it is no such thing.
 */
bool json_u64(const struct json *v, uint64_t *out);

/**
 * json_hex - bytes of a string of hexadecimal digits
 * @v: value
 * @out: bytes
 * @max: room
 *
 * Return: number of bytes, -1 if it is no such string or too long.
 */
int json_hex(const struct json *v, uint8_t *out, size_t max);

/* Walk: for_each_member(doc, obj, key, val) { ... } */
#define json_first(doc, v)	((v) + 1)
#define json_end(doc, v)	((void)(doc), (v) + (v)->next)
#define json_skip(doc, v)	((void)(doc), (v) + (v)->next)

#define for_each_member(doc, obj, key, val)				\
	for ((key) = json_first(doc, obj), (val) = (key) + 1;		\
	     (key) < json_end(doc, obj);				\
	     (key) = json_skip(doc, val), (val) = (key) + 1)

#define for_each_element(doc, arr, val)					\
	for ((val) = json_first(doc, arr); (val) < json_end(doc, arr);	\
	     (val) = json_skip(doc, val))

#endif /* _SIM_LIB_JSON_H */
