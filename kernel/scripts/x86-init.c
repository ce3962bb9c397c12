// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of the machine that the selftests run in: does what /plan
 * says, one test after the other, and powers off.
 *
 * /plan has one line per test: name, seconds, program, and one argument if it
 * takes one.  What a test says goes to the second serial port, each line after a
 * '|', between "begin NAME" and "end NAME STATUS MILLISECONDS"; a test that was
 * not done in time ends with "late".  The kernel's log gets a mark before and
 * after each test, so that what the kernel says can be told apart.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static FILE *port;

static void mark(const char *fmt, ...)
{
	char text[512] = "gmem-selftests: ";
	size_t n = strlen(text);
	va_list ap;
	int fd;

	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - n - 1, fmt, ap);
	va_end(ap);
	strcat(text, "\n");
	/* Not dprintf(), which seeks: that is an error there. */
	fd = open("/dev/kmsg", O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		perror("/dev/kmsg");
	if (fd >= 0)
		close(fd);
}

static void power_off(void)
{
	if (port) {
		fflush(port);
		tcdrain(fileno(port));
	}
	sync();
	reboot(RB_AUTOBOOT);	/* -no-reboot: this ends QEMU, with ACPI or without */
	for (;;)
		pause();
}

static void die(const char *what)
{
	mark("died: %s: %s", what, strerror(errno));
	power_off();
}

static void mount_at(const char *kind, const char *where)
{
	mkdir(where, 0755);
	/* Busy: the kernel itself has mounted it there. */
	if (mount(kind, where, kind, 0, NULL) && errno != EBUSY)
		die(where);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static long number_in(const char *path, const char *key)
{
	char line[256];
	long val = 0;
	FILE *f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key), " %ld", &val);
	if (f)
		fclose(f);
	return val;
}

/* What changes when the kernel has complained: taint flags, and whether lockdep is on */
static long kernel_state(void)
{
	return number_in("/proc/sys/kernel/tainted", "") * 2 +
	       number_in("/proc/lockdep_stats", " debug_locks:");
}

static void copy_output(int fd)
{
	static int in_line;
	char buf[4096];
	ssize_t i, n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return;
	if (!n && in_line) {
		putc('\n', port);
		in_line = 0;
	}
	for (i = 0; i < n; i++) {
		if (!in_line)
			putc('|', port);
		putc(buf[i], port);
		in_line = buf[i] != '\n';
	}
}

static void run(const char *name, int seconds, const char *prog, const char *arg)
{
	long long begin = now_ms(), end = begin + seconds * 1000LL, left;
	int out[2], status = 0, done = 0, late = 0;
	struct pollfd p;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC))
		die("pipe");
	fprintf(port, "begin %s\n", name);
	fflush(port);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		setsid();
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execl(prog, prog, *arg ? arg : NULL, NULL);
		fprintf(stderr, "%s: %s\n", prog, strerror(errno));
		_exit(127);
	}
	close(out[1]);
	p = (struct pollfd){ .fd = out[0], .events = POLLIN };
	while (!done) {
		left = end - now_ms();
		if (left <= 0 && !late) {
			late = 1;
			kill(-pid, SIGKILL);
		}
		if (poll(&p, 1, 20) > 0 && p.revents & POLLIN)
			copy_output(out[0]);
		done = waitpid(pid, &status, WNOHANG) == pid;
	}
	/* Also what it left behind: the next test starts alone. */
	kill(-pid, SIGKILL);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	while (poll(&p, 1, 0) > 0 && p.revents & POLLIN)
		copy_output(out[0]);
	close(out[0]);
	copy_output(open("/dev/null", O_RDONLY | O_CLOEXEC));
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	left = now_ms() - begin;
	if (late)
		fprintf(port, "end %s late %lld\n", name, left);
	else if (WIFSIGNALED(status))
		fprintf(port, "end %s %d %lld\n", name, -WTERMSIG(status), left);
	else
		fprintf(port, "end %s %d %lld\n", name, WEXITSTATUS(status), left);
	fflush(port);
	tcdrain(fileno(port));
}

int main(void)
{
	char line[512], name[128], prog[256], arg[128];
	struct termios tio;
	int seconds;
	long start;
	FILE *plan;

	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("devtmpfs", "/dev");
	mkdir("/dev/shm", 0777);
	mount_at("tmpfs", "/dev/shm");
	mount_at("tmpfs", "/tmp");
	mount_at("debugfs", "/sys/kernel/debug");
	setenv("PATH", "/bin", 1);
	setenv("HOME", "/tmp", 1);
	setenv("LC_ALL", "C", 1);
	if (chdir("/tmp"))
		die("/tmp");
	port = fopen("/dev/ttyS1", "we");
	if (!port)
		die("/dev/ttyS1");
	if (!tcgetattr(fileno(port), &tio)) {
		cfmakeraw(&tio);
		cfsetspeed(&tio, B115200);
		tcsetattr(fileno(port), TCSANOW, &tio);
	}
	plan = fopen("/plan", "re");
	if (!plan)
		die("/plan");
	if (access("/dev/kvm", R_OK | W_OK))
		die("/dev/kvm, KVM did not come up");
	start = kernel_state();
	fprintf(port, "boot %ld\n", start);
	while (fgets(line, sizeof(line), plan)) {
		*arg = '\0';
		if (sscanf(line, "%127s %d %255s %127s", name, &seconds, prog, arg) < 3) {
			errno = EINVAL;
			die("/plan");
		}
		mark("begin %s", name);
		run(name, seconds, prog, arg);
		mark("end %s", name);
		/*
		 * Once it has complained, lockdep is off and each warning stays
		 * silent: the next test gets a fresh boot.
		 */
		if (kernel_state() != start)
			break;
	}
	fprintf(port, "done\n");
	power_off();
}
