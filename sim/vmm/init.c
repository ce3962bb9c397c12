// SPDX-License-Identifier: GPL-2.0
/*
 * Being the first process: inside UML the launcher is init, on a file system
 * that is the host's, and has nobody to mount anything or to collect its exit
 * status.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "launch.h"
#include "vm.h"

static void mount_on(const char *dir, const char *type)
{
	if (mount("none", dir, type, 0, NULL) && errno != EBUSY)
		complain("mount %s on %s: %s", type, dir, strerror(errno));
}

int init_start(void)
{
	if (getpid() != 1)
		return 0;
	mount_on("/proc", "proc");
	mount_on("/sys", "sysfs");
	mount_on("/dev", "devtmpfs");
	mount_on("/sys/kernel/debug", "debugfs");
	return 1;
}

static int redirect(int to, const char *path)
{
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || dup2(fd, to) < 0)
		return complain("%s: %s", path, strerror(errno));
	close(fd);
	return 0;
}

int init_redirect(const char *out, const char *err)
{
	if (out && redirect(STDOUT_FILENO, out))
		return -1;
	if (err && redirect(STDERR_FILENO, err))
		return -1;
	return 0;
}

#define TRACING	"/sys/kernel/tracing/"

int init_save_trace(const char *path)
{
	static char buf[65536];
	int from, to, ret = -1;
	ssize_t n = 0;

	if (getpid() == 1)
		mount_on("/sys/kernel/tracing", "tracefs");
	to = open(TRACING "tracing_on", O_WRONLY);
	if (to >= 0) {
		if (write(to, "0", 1) != 1)
			complain(TRACING "tracing_on: %s", strerror(errno));
		close(to);
	}
	from = open(TRACING "trace", O_RDONLY);
	if (from < 0)
		return complain(TRACING "trace: %s", strerror(errno));
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (to < 0) {
		complain("%s: %s", path, strerror(errno));
		goto out;
	}
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, n) != n)
			break;
	ret = n ? complain("%s: %s", path, strerror(errno)) : 0;
	close(to);
out:
	close(from);
	return ret;
}

void init_finish(const char *result, int status)
{
	FILE *f;

	fflush(stdout);
	fflush(stderr);
	sync();
	if (result) {
		/* Written last: its presence says that all the rest is there. */
		f = fopen(result, "we");
		if (f) {
			fprintf(f, "%d\n", status);
			fclose(f);
		}
		sync();
	}
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	exit(status);
}
