// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "json.h"
#include "test.h"

static struct json_doc doc;

static bool parses(const char *text)
{
	/* An exact copy, so that reading past the end is noticed. */
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	bool ok;

	memcpy(copy, text, len);
	ok = json_parse(&doc, copy, len);
	json_forget(&doc);
	free(copy);
	return ok;
}

TEST(json_values)
{
	static const char text[] =
		"{\"a\": [1, -2, \"0x1f\", {}], \"b\":{\"c\":\"\\\"\"}, "
		"\"d\":true}";
	const struct json *a, *v;
	uint64_t n;

	CHECK(json_parse(&doc, text, sizeof(text) - 1));
	a = json_get(&doc, doc.node, "a");
	CHECK(a && a->type == JSON_ARRAY);
	v = json_first(&doc, a);
	CHECK(json_u64(v, &n) && n == 1);
	v = json_skip(&doc, v);
	CHECK(json_u64(v, &n) && n == (uint64_t)-2);
	v = json_skip(&doc, v);
	CHECK(json_u64(v, &n) && n == 0x1f);
	v = json_skip(&doc, v);
	CHECK(v->type == JSON_OBJECT && json_skip(&doc, v) ==
	      json_end(&doc, a));
	CHECK(json_get(&doc, json_get(&doc, doc.node, "b"), "c"));
	CHECK(json_u64(json_get(&doc, doc.node, "d"), &n) && n == 1);
	CHECK(!json_get(&doc, doc.node, "e"));
	CHECK(!json_get(&doc, a, "e"));
}

TEST(json_that_was_seen_before)
{
	static const char * const lines[] = {
		"{\"a\": {\"x\": 1, \"y\": 2, \"z\": 3, \"q\": [1, 2]}, \"b\": 1}",
		"{\"a\": {\"x\": 1, \"y\": 2, \"z\": 3, \"q\": [1, 2]}, \"b\": 2}",
		"{\"a\": {\"x\": 1, \"y\": 2, \"z\": 4, \"q\": [1, 2]}, \"b\": 3}",
		"{\"a\": {\"x\": 1, \"y\": 2, \"z\": 4, \"q\": [1, 2], \"r\": 0}, \"b\": 4}",
	};
	static const uint64_t z[] = { 3, 3, 4, 4 };
	const struct json *a;
	uint64_t n;
	size_t i;

	json_forget(&doc);
	for (i = 0; i < 4; i++) {
		CHECK(json_parse(&doc, lines[i], strlen(lines[i])));
		a = json_get(&doc, doc.node, "a");
		CHECK(json_u64(json_get(&doc, a, "z"), &n) && EQ(n, z[i]));
		EQ(!json_get(&doc, a, "r"), i < 3);
		CHECK(json_u64(json_get(&doc, doc.node, "b"), &n) && EQ(n, i + 1));
	}
	/* It is the whole object that has to be the same. */
	CHECK(!json_parse(&doc, lines[3], strlen(lines[3]) - 10));
	json_forget(&doc);
}

TEST(json_that_is_none)
{
	static const char * const bad[] = {
		"", " ", "{", "[", "[1", "[1,", "{\"a\"", "{\"a\":", "{\"a\":1",
		"{\"a\":1,", "{\"a\":1,}", "[1,]", "{a:1}", "\"", "\"\\",
		"\"\\\"", "-", "1x", "tru", "nul", "1 2", "{} {}", "01e", "1.",
		"1e", "[\"a\nb\"]", "\x01",
	};
	static char deep[200];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (!CHECK(!parses(bad[i])))
			printf("  %s\n", bad[i]);
		CHECK(doc.error);
	}
	memset(deep, '[', sizeof(deep) - 1);
	CHECK(!parses(deep));
}

TEST(json_numbers_in_strings)
{
	static const struct {
		const char *text;
		bool ok;
	} n[] = {
		{ "\"12\"", true }, { "\"0x\"", false }, { "\"\"", false },
		{ "\"0xffffffffffffffff\"", true },
		{ "\"0x10000000000000000\"", false }, { "\"1a\"", false },
		{ "\"0xg\"", false }, { "null", false }, { "[1]", false },
		{ "1.5", false }, { "18446744073709551615", true },
		{ "18446744073709551616", false }, { "-1", true },
		{ "-9223372036854775809", false },
		{ "100000000000000000000000000", false },
		{ "\"18446744073709551616\"", false },
		{ "\"0x00000000000000000001\"", true },
	};
	uint64_t v;
	size_t i;

	for (i = 0; i < sizeof(n) / sizeof(*n); i++) {
		CHECK(json_parse(&doc, n[i].text, strlen(n[i].text)));
		if (!EQ(json_u64(doc.node, &v), n[i].ok))
			printf("  %s\n", n[i].text);
	}
}
