// SPDX-License-Identifier: GPL-2.0
/*
 * gmem-launch - launch a firmware image as a confidential guest
 *
 * Goes through the real ioctls of KVM.  Runs as init inside a UML kernel, where
 * the hardware is simulated, or as a program on a host that has it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launch.h"
#include "snp_image.h"
#include "tdx_image.h"
#include "vm.h"

static const char usage[] =
"usage: gmem-launch --image FILE [options]\n"
"       gmem-launch @FILE            options from a file, one word per line\n"
"\n"
"  --image FILE     OVMF image built for SNP\n"
"  --type TYPE      kind of guest: snp (default), tdx\n"
"  --cpu MODEL      SNP: CPU model, as QEMU names it (default EPYC-v4)\n"
"  --smp N          number of vCPUs (default 1)\n"
"  --ram MIB        guest memory below the image (default: what the image needs)\n"
"  --policy N       SNP: guest policy (default 0x30000)\n"
"  --features N     SNP: SEV features of the VMSAs (default 0x1)\n"
"  --json FILE      write the result for programs\n"
"  --no-run         do not run the guest afterwards\n"
"  --check          only check the image\n"
"  --list-cpus      print the CPU models\n"
"  --stdout FILE    where output goes\n"
"  --stderr FILE    where errors go\n"
"  --trace FILE     where what the kernel's tracing has recorded goes, at the end\n"
"  --result FILE    where the exit status goes, written last\n";

struct arguments {
	const char *json;
	const char *out;
	const char *err;
	const char *result;
	const char *trace;
	int check;
	int done;
};

static int number(const char *name, const char *s, unsigned long long min,
		  unsigned long long max, unsigned long long *n)
{
	char *end;

	errno = 0;
	*n = strtoull(s, &end, 0);
	if (errno || end == s || *end || *s == '-' || *n < min || *n > max)
		return complain("%s: %s, should be a number from %llu to %llu",
				name, s, min, max);
	return 0;
}

static int parse(int argc, char **argv, struct arguments *arg,
		 struct launch_options *opt)
{
	static const struct option options[] = {
		{ "image", required_argument, NULL, 'i' },
		{ "type", required_argument, NULL, 't' },
		{ "cpu", required_argument, NULL, 'c' },
		{ "smp", required_argument, NULL, 's' },
		{ "ram", required_argument, NULL, 'm' },
		{ "policy", required_argument, NULL, 'p' },
		{ "features", required_argument, NULL, 'f' },
		{ "json", required_argument, NULL, 'j' },
		{ "no-run", no_argument, NULL, 'n' },
		{ "check", no_argument, NULL, 'k' },
		{ "list-cpus", no_argument, NULL, 'l' },
		{ "stdout", required_argument, NULL, 'o' },
		{ "stderr", required_argument, NULL, 'e' },
		{ "result", required_argument, NULL, 'r' },
		{ "trace", required_argument, NULL, 'T' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned long long n;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'i':
			opt->path = optarg;
			break;
		case 't':
			if (!strcmp(optarg, "snp"))
				opt->type = LAUNCH_SNP;
			else if (!strcmp(optarg, "tdx"))
				opt->type = LAUNCH_TDX;
			else
				return complain("--type: %s, should be one of: snp tdx",
						optarg);
			break;
		case 'c':
			opt->model = cpu_find(optarg);
			if (!opt->model) {
				complain("--cpu: %s, should be one of:", optarg);
				cpu_list(stderr);
				return -1;
			}
			break;
		case 's':
			if (number("--smp", optarg, 1, VM_MAX_VCPUS, &n))
				return -1;
			opt->smp = n;
			break;
		case 'm':
			if (number("--ram", optarg, 0, 4095, &n))
				return -1;
			opt->ram = n << 20;
			break;
		case 'p':
			if (number("--policy", optarg, 0, UINT64_MAX, &n))
				return -1;
			opt->policy = n;
			break;
		case 'f':
			if (number("--features", optarg, 1, UINT64_MAX, &n))
				return -1;
			if (!(n & 1))
				return complain("--features: %s, bit 0 (SNP active) must be set",
						optarg);
			opt->features = n;
			break;
		case 'j':
			arg->json = optarg;
			break;
		case 'n':
			opt->run = 0;
			break;
		case 'k':
			arg->check = 1;
			break;
		case 'l':
			cpu_list(stdout);
			arg->done = 1;
			return 0;
		case 'o':
			arg->out = optarg;
			break;
		case 'e':
			arg->err = optarg;
			break;
		case 'r':
			arg->result = optarg;
			break;
		case 'T':
			arg->trace = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			arg->done = 1;
			return 0;
		default:
			fputs(usage, stderr);
			return -1;
		}
	}
	if (optind < argc)
		return complain("unexpected argument: %s", argv[optind]);
	if (!opt->path)
		return complain("--image: missing");
	return 0;
}

/* One line about an image that is good, or about what is wrong with it */
static int check(const struct launch_options *opt)
{
	static struct snp_image snp;
	static struct tdx_image tdx;
	struct image_error err;
	int ret;

	if (opt->type == LAUNCH_TDX)
		ret = tdx_image_init(&tdx, opt->data, opt->size, &err);
	else
		ret = snp_image_init(&snp, opt->data, opt->size, &err);
	if (ret)
		return complain("%s: %s", opt->path, err.text);

	if (opt->type == LAUNCH_TDX)
		printf("%s: TDX, %u sections, %llu bytes\n", opt->path,
		       tdx.nr_sections, (unsigned long long)tdx.bytes);
	else
		printf("%s: SNP, %u sections, %llu bytes, AP reset at %#x\n",
		       opt->path, snp.nr_sections,
		       (unsigned long long)(snp.bytes + opt->size),
		       snp.reset_eip);
	return 0;
}

static int run(const struct arguments *arg, struct launch_options *opt)
{
	static struct launch_result res;
	struct image_error err;
	uint8_t *data;
	int ret;

	if (image_load(opt->path, &data, &opt->size, &err))
		return complain("%s: %s", opt->path, err.text);
	opt->data = data;

	if (arg->check) {
		ret = check(opt);
	} else {
		ret = opt->type == LAUNCH_TDX ? launch_tdx(opt, &res) :
						launch_snp(opt, &res);
		if (!ret) {
			report_text(opt, &res);
			if (arg->json)
				ret = report_json(arg->json, opt, &res);
		}
	}
	free(data);
	return ret;
}

/* Words from a file, one per line: a kernel command line is short and eats quotes. */
static int read_words(const char *path, char *self, int *argc, char ***argv)
{
	struct image_error err;
	uint8_t *data;
	size_t size, i;
	char **words, *text;
	int n = 1;

	if (image_load(path, &data, &size, &err))
		return complain("%s: %s", path, err.text);
	text = malloc(size + 1);
	words = calloc(size + 3, sizeof(*words));
	if (!text || !words)
		return complain("%s: no memory", path);
	memcpy(text, data, size);
	text[size] = '\0';
	free(data);

	words[0] = self;
	for (i = 0; i < size; i++) {
		if (!i || !text[i - 1])
			words[n++] = text + i;
		if (text[i] == '\n')
			text[i] = '\0';
	}
	*argc = n;
	*argv = words;
	return 0;
}

int main(int argc, char **argv)
{
	struct arguments arg = { NULL };
	struct launch_options opt = {
		.model = cpu_find("EPYC-v4"),
		.smp = 1,
		.policy = 0x30000,
		.features = 1,
		.run = 1,
	};
	int status = 1, init;

	init = init_start();
	/* UML appends words of its own (root=, console=) to those of init. */
	if (argc > 1 && argv[1][0] == '@' && (init || argc == 2) &&
	    read_words(argv[1] + 1, argv[0], &argc, &argv))
		goto out;
	if (parse(argc, argv, &arg, &opt))
		goto out;
	if (arg.done) {
		status = 0;
		goto out;
	}
	if (init_redirect(arg.out, arg.err))
		goto out;
	status = run(&arg, &opt) ? 1 : 0;
	/* A launch that fails is the more worth looking at. */
	if (arg.trace && init_save_trace(arg.trace))
		status = 1;
out:
	if (init || arg.result)
		init_finish(arg.result, status);
	return status;
}
