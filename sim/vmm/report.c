// SPDX-License-Identifier: GPL-2.0
/* Results, for people and for programs. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "launch.h"
#include "vm.h"

static unsigned long all_pages(const struct launch_result *res)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < LAUNCH_PAGE_TYPES; i++)
		sum += res->pages[i];
	return sum;
}

/* "label     word word ..." with continuation lines under the first word */
static void wrap(const char *label, unsigned int *column, const char *text)
{
	if (label || *column + strlen(text) + 2 > 78) {
		printf("%s%-10s %s", *column ? "\n" : "", label ? label : "",
		       text);
		*column = 11 + strlen(text);
		return;
	}
	printf("  %s", text);
	*column += 2 + strlen(text);
}

static void report_snp(const struct launch_options *opt,
		       const struct launch_result *res)
{
	printf("guest      snp, %s (signature %#010x), %u vCPU%s, policy %#" PRIx64 ", VMSA features %#" PRIx64 "\n",
	       opt->model->name, cpu_signature(opt->model), opt->smp,
	       opt->smp > 1 ? "s" : "", opt->policy, opt->features);
	printf("firmware   SEV API %u.%u build %u", res->api_major,
	       res->api_minor, res->build);
	if (res->key)
		printf(", ASID %u", res->key);
	printf("\n");
}

static void report_tdx(const struct launch_options *opt,
		       const struct launch_result *res)
{
	printf("guest      tdx, %u vCPU%s, attributes %#" PRIx64 ", XFAM %#" PRIx64,
	       opt->smp, opt->smp > 1 ? "s" : "", res->attributes, res->xfam);
	if (res->key)
		printf(", HKID %u", res->key);
	printf("\n");
}

static void report_digest(const struct launch_options *opt,
			  const struct launch_result *res)
{
	if (!res->have_digests) {
		printf("digest     this machine does not tell (ask the guest's attestation report)\n");
	} else if (opt->type == LAUNCH_TDX) {
		printf("mrtd       %s\n", res->digest_final);
	} else {
		printf("digest     after the image and its metadata pages:\n           %s\n",
		       res->digest_image);
		printf("           final, with %u VMSA%s:\n           %s\n",
		       opt->smp, opt->smp > 1 ? "s" : "", res->digest_final);
	}
}

void report_text(const struct launch_options *opt,
		 const struct launch_result *res)
{
	unsigned int i, column, n;
	char text[96];

	printf("image      %s, %.1f MiB at %#" PRIx64 ", %u sections\n",
	       opt->path, opt->size / 1048576.0, res->image_base,
	       res->nr_sections);
	if (opt->type == LAUNCH_TDX)
		report_tdx(opt, res);
	else
		report_snp(opt, res);

	column = n = 0;
	for (i = 0; i < LAUNCH_PAGE_TYPES; i++) {
		if (!res->pages[i])
			continue;
		snprintf(text, sizeof(text), "%s %lu",
			 launch_page_type_name(opt->type, i), res->pages[i]);
		wrap(n++ ? NULL : "pages", &column, text);
	}
	snprintf(text, sizeof(text), "total %lu", all_pages(res));
	wrap(n ? NULL : "pages", &column, text);
	printf("\n");
	if (res->later)
		printf("           %lu more when the guest asks for them (PAGE.AUG)\n",
		       res->later);

	if (res->cpuid_corrections)
		printf("cpuid      %u entries as the firmware corrected them\n",
		       res->cpuid_corrections);

	column = n = 0;
	for (i = 0; res->have_calls && i < res->calls.nr; i++) {
		if (!res->calls.call[i].count)
			continue;
		snprintf(text, sizeof(text), "%s %llu", res->calls.call[i].name,
			 res->calls.call[i].count);
		wrap(n++ ? NULL : "calls", &column, text);
	}
	if (!n)
		wrap("calls", &column, "this machine does not tell");
	printf("\n");

	report_digest(opt, res);
	if (res->ran)
		printf("run        vCPU 0 has read %lu private pages, all as launched\n",
		       res->guest_pages);
	if (res->refused)
		printf("run        none, KVM_RUN refuses: not on a real CPU, to which such a guest is garbage\n");
	if (res->accepted_pages)
		printf("           and has accepted %lu pages, all zero\n",
		       res->accepted_pages);
	printf("time       launch %.1f ms, run %.1f ms, teardown %.1f ms\n",
	       res->launch_us / 1000.0, res->run_us / 1000.0,
	       res->teardown_us / 1000.0);
}

static void json_string(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char c = *s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void json_snp(FILE *f, const struct launch_options *opt,
		     const struct launch_result *res)
{
	fprintf(f, " \"cpu\": \"%s\",\n \"cpu_signature\": %u,\n",
		opt->model->name, cpu_signature(opt->model));
	fprintf(f, " \"policy\": %" PRIu64 ",\n \"vmsa_features\": %" PRIu64 ",\n",
		opt->policy, opt->features);
	fprintf(f, " \"firmware\": {\"api_major\": %u, \"api_minor\": %u, \"build\": %u},\n \"asid\": %u,\n",
		res->api_major, res->api_minor, res->build, res->key);
	fprintf(f, " \"cpuid_corrections\": %u,\n", res->cpuid_corrections);
}

static void json_tdx(FILE *f, const struct launch_result *res)
{
	fprintf(f, " \"attributes\": %" PRIu64 ",\n \"xfam\": %" PRIu64 ",\n \"hkid\": %u,\n",
		res->attributes, res->xfam, res->key);
	fprintf(f, " \"pages_later\": %lu,\n", res->later);
}

int report_json(const char *path, const struct launch_options *opt,
		const struct launch_result *res)
{
	const char *sep = "";
	unsigned int i;
	FILE *f;

	/* It may be where the other output goes. */
	fflush(stdout);
	f = fopen(path, "we");
	if (!f)
		return complain("%s: %s", path, strerror(errno));

	fprintf(f, "{\n \"type\": \"%s\",\n \"image\": {\"path\": ",
		opt->type == LAUNCH_TDX ? "tdx" : "snp");
	json_string(f, opt->path);
	fprintf(f, ", \"size\": %zu, \"base\": %" PRIu64 ", \"sections\": %u},\n",
		opt->size, res->image_base, res->nr_sections);
	fprintf(f, " \"smp\": %u,\n \"ram\": %" PRIu64 ",\n", opt->smp,
		res->ram);
	if (opt->type == LAUNCH_TDX)
		json_tdx(f, res);
	else
		json_snp(f, opt, res);

	fprintf(f, " \"pages\": {");
	for (i = 0; i < LAUNCH_PAGE_TYPES; i++) {
		if (!res->pages[i])
			continue;
		fprintf(f, "%s\"%s\": %lu", sep,
			launch_page_type_name(opt->type, i), res->pages[i]);
		sep = ", ";
	}
	fprintf(f, "%s\"total\": %lu},\n", sep, all_pages(res));

	if (res->have_calls) {
		sep = "";
		fprintf(f, " \"calls\": {");
		for (i = 0; i < res->calls.nr; i++) {
			if (!res->calls.call[i].count)
				continue;
			fprintf(f, "%s", sep);
			json_string(f, res->calls.call[i].name);
			fprintf(f, ": %llu", res->calls.call[i].count);
			sep = ", ";
		}
		fprintf(f, "},\n");
	} else {
		fprintf(f, " \"calls\": null,\n");
	}

	if (res->have_digests && opt->type == LAUNCH_TDX)
		fprintf(f, " \"digest\": {\"mrtd\": \"%s\"},\n",
			res->digest_final);
	else if (res->have_digests)
		fprintf(f, " \"digest\": {\"image_and_metadata\": \"%s\", \"final\": \"%s\"},\n",
			res->digest_image, res->digest_final);
	else
		fprintf(f, " \"digest\": null,\n");
	if (res->violations >= 0)
		fprintf(f, " \"violations\": %ld,\n", res->violations);
	if (res->ran)
		fprintf(f, " \"guest_pages\": %lu,\n \"accepted_pages\": %lu,\n",
			res->guest_pages, res->accepted_pages);
	if (res->refused)
		fprintf(f, " \"run\": \"refused\",\n");
	fprintf(f, " \"time_us\": {\"launch\": %" PRIu64 ", \"run\": %" PRIu64 ", \"teardown\": %" PRIu64 "}\n}\n",
		res->launch_us, res->run_us, res->teardown_us);

	i = ferror(f);
	if (fclose(f) || i)
		return complain("%s: %s", path, strerror(errno));
	return 0;
}
