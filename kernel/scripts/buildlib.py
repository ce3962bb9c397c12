# SPDX-License-Identifier: GPL-2.0
"""Builds in the assembled tree: environment, progress, log."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

from gmemlib import Fail, Git, REPO, cache_dir, load_json, locked, say, store_json, write_file
import treelib

# What make prints for one finished piece of work that a person would count.
STEP = re.compile(r"^\s+(?:CC|AS|CXX|HOSTCC|HOSTLD|CC \[M\]|AS \[M\]|LD|LD \[M\]|AR|USER_CC)\s+(?:\[M\]\s+)?(\S+)")
NOISE = re.compile(r"^\s+(?:[A-Z][A-Z0-9_+.-]*)(?: \[M\])?\s+\S|^make\[\d+\]: (?:Entering|Leaving)|^  GEN ")
QUIET = re.compile(r"make(?:\[\d+\])?: (?:'[^']*' is up to date|Nothing to be done for)")


def variables():
    """Make variables that every build shares; an own tree's version gets no git suffix."""
    return ["CC=ccache gcc", "LOCALVERSION="]


def environment(tree):
    """The same for all: objects are found again in the compiler cache from any checkout."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "SERIES", "LINUX", "FILTER", "MACHINE", "OUT", "GROUP",
                        "PLATFORM", "DEPTH", "SEED", "SAMPLE", "WORKLOAD", "ID", "KERNEL", "TIMEOUT", "PATCHED", "ACCEL", "AGAIN", "PART",
                        "ARCH", "CROSS_COMPILE", "KBUILD_OUTPUT")}
    env.update(
        CCACHE_DIR=cache_dir("ccache"),
        CCACHE_BASEDIR=tree,
        CCACHE_NOHASHDIR="1",
        # Direct mode looks at the headers of the last compile only; a new shim
        # header that comes to stand before one of them would not be noticed.
        CCACHE_NODIRECT="1",
        CCACHE_MAXSIZE=os.environ.get("CCACHE_MAXSIZE", "8G"),
        KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 1970",
        KBUILD_BUILD_USER="gmem-sim", KBUILD_BUILD_HOST="gmem-sim",
        KCONFIG_NOTIMESTAMP="1", LC_ALL="C", PYTHONDONTWRITEBYTECODE="1")
    return env


def jobs():
    n = os.environ.get("JOBS") or str(len(os.sched_getaffinity(0)))
    if not n.isdigit() or not int(n):
        raise Fail(f"JOBS={n}: not a number of jobs")
    return int(n)


def hms(sec):
    return f"{int(sec) // 60}:{int(sec) % 60:02d}"


class Progress:
    """Objects done, of how many, time left: one line on a terminal, a few otherwise."""

    def __init__(self, label, total):
        self.label, self.total = label, total
        self.done, self.t0, self.last = 0, time.monotonic(), 0
        self.recent = [(self.t0, 0)]    # the rate of the last minutes tells more than that of the start
        self.tty = sys.stderr.isatty()
        self.shown = False

    def step(self, what):
        self.done += 1
        now = time.monotonic()
        if now - self.last < (0.2 if self.tty else 20):
            return
        if not self.tty and not self.last and now - self.t0 < 5:
            return
        self.last = now
        self.recent = [x for x in self.recent if now - x[0] < 120][-600:] or self.recent[-1:]
        self.recent.append((now, self.done))
        sec, n = now - self.recent[0][0], self.done - self.recent[0][1]
        txt = f"{self.label}: {self.done}"
        if self.total and self.done <= self.total:
            txt += f" of ~{self.total} objects"
            if sec > 5 and n > 20:
                txt += f", ~{hms(sec * (self.total - self.done) / n)} left"
        else:
            txt += " objects"
        if self.tty:
            sys.stderr.write(f"\r\x1b[K{txt}  {what}"[:110])
        else:
            sys.stderr.write(txt + "\n")
        sys.stderr.flush()
        self.shown = True

    def clear(self):
        if self.tty and self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def run_make(tree, args, label, log, count_as=None, quiet=False, hush=None, out=None):
    """make @args in @tree; the whole output goes to @log, errors and warnings to the terminal.

    @count_as names the build whose earlier count of objects serves as the
    estimate of this one.  Objects that are in the build directory @out are taken off.
    Lines that match @hush are for the log alone.
    """
    counts_file = os.path.join(cache_dir(), "objects.json")
    counts = load_json(counts_file) or {}
    # The estimate of a build that nobody has done here: what it took elsewhere.
    default = load_json(os.path.join(os.path.dirname(os.path.realpath(__file__)), "objects.json")) or {}
    total = counts.get(count_as) or default.get(count_as)
    if total and out:
        # How much an incremental build makes is known only when it has been made.
        have = sum(f.endswith((".o.cmd", ".a.cmd")) for _, _, fs in os.walk(out) for f in fs)
        total = total - have if have < total * 0.9 else None
    cmd = ["make", f"-j{jobs()}", *variables(), *args]
    os.makedirs(os.path.dirname(log), exist_ok=True)
    bar = Progress(label, total)
    with open(log, "w", buffering=1) as lf:
        lf.write("$ " + " ".join(f"'{c}'" if " " in c else c for c in cmd) + "\n")
        lf.flush()
        p = subprocess.Popen(cmd, cwd=tree, env=environment(tree), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            for ln in p.stdout:
                lf.write(ln)
                m = STEP.match(ln)
                if m:
                    if not quiet:
                        bar.step(m.group(1))
                elif hush and hush.search(ln):
                    pass
                elif not NOISE.match(ln) and ln.strip() and not ln.startswith("#") and not QUIET.match(ln):
                    bar.clear()
                    sys.stderr.write(ln)
            p.wait()
        except BaseException:
            p.terminate()
            p.wait()
            raise
        finally:
            bar.clear()
    if p.returncode:
        raise Fail(f"{label} failed; the whole output is in {log}")
    return bar.done, time.monotonic() - bar.t0


def allnoconfig(tree, arch, out, frag, label, make=(), head=None):
    """Write .config if it has to change, and see that all that is asked for is in it.

    @head is the commit of a @tree that git does not know.
    """
    os.makedirs(out, exist_ok=True)
    mark = os.path.join(out, "gmem.config")
    # Any Kconfig may have come, gone or changed with a commit.
    key = frag + "# " + (head or Git(tree).out("rev-parse", "HEAD")) + "\n"
    old = open(mark).read() if os.path.exists(mark) else ""
    if not os.path.exists(os.path.join(out, ".config")) or old != key:
        write_file(mark + ".new", key)
        run_make(tree, [f"ARCH={arch}", f"O={out}", f"KCONFIG_ALLCONFIG={mark}.new", *make, "allnoconfig"],
                 label, os.path.join(out, "config.log"), quiet=True)
        os.rename(mark + ".new", mark)
    with open(os.path.join(out, ".config")) as f:
        have = set(f.read().splitlines())
    missing = [ln for ln in frag.splitlines() if re.match(r"CONFIG_\w+=[ym]$", ln) and ln not in have]
    if missing:
        raise Fail(f"{label}: not taken over: " + " ".join(missing))


def kunit_config(tree, out, text):
    """Have kunit.py make the UML configuration that the kunitconfig @text asks for."""
    f = os.path.join(out, "gmem-kunitconfig")
    os.makedirs(out, exist_ok=True)
    if not os.path.exists(f) or open(f).read() != text:
        write_file(f, text)
    more = ["--kunitconfig", f] + [a for v in variables() for a in ("--make_options", v)]
    r = kunit_py(tree, out, "config", more, capture_output=True, text=True)
    if r.returncode:
        raise Fail("the kernel configuration fails:\n" + (r.stdout + r.stderr).rstrip())


def remember(count_as, n):
    """Keep the count of a build that made everything."""
    f = os.path.join(cache_dir(), "objects.json")
    counts = load_json(f) or {}
    if n > counts.get(count_as, 0) * 0.9:
        counts[count_as] = n
        store_json(f, counts)


def ready_tree(series):
    """The tree of @series, brought up to date."""
    t = treelib.Tree(series, os.environ.get("LINUX"))
    with t.lock():
        say(t.update())
    return t


# ---- the UML kernels ----

# variant -> (build directory, kunitconfigs below the checkout; those that exist are merged,
# and what a later one says holds)
VARIANTS = {
    "uml": (".uml", ("sim/um/.kunitconfig", "kunit/.kunitconfig")),
    "kasan": (".uml-kasan", ("sim/um/.kunitconfig", "kunit/.kunitconfig", "kunit/configs/kasan.config")),
    "hw": (".uml-hw", ("sim/um/.kunitconfig", "kunit/.kunitconfig", "kunit/configs/uml-hw.config")),
    "bench": (".uml-bench", ("sim/um/.kunitconfig", "kunit/configs/bench.config")),
    "campaign": (".uml-campaign", ("sim/um/.kunitconfig", "kunit/.kunitconfig", "kunit/configs/campaign.config")),
    "coverage": (".uml-coverage", ("sim/um/.kunitconfig", "kunit/.kunitconfig")),
    "campaign-coverage": (".uml-campaign-coverage",
                          ("sim/um/.kunitconfig", "kunit/.kunitconfig", "kunit/configs/campaign.config")),
}

# What make coverage looks at: the objects as sim/um/Makefile names them -> the sources
COVERED = {
    "../../../virt/kvm/guest_memfd.o": "virt/kvm/guest_memfd.c",
    "../../x86/kvm/svm/sev.o": "arch/x86/kvm/svm/sev.c",
    "../../x86/kvm/vmx/tdx.o": "arch/x86/kvm/vmx/tdx.c",
    "../../x86/kvm/mmu/tdp_mmu.o": "arch/x86/kvm/mmu/tdp_mmu.c",
    "../../x86/virt/svm/sev.o": "arch/x86/virt/svm/sev.c",
    "../../x86/virt/vmx/tdx/tdx.o": "arch/x86/virt/vmx/tdx/tdx.c",
    "../../../drivers/crypto/ccp/sev-dev.o": "drivers/crypto/ccp/sev-dev.c",
}


def coverage_options(out):
    """Make's options for a kernel in which COVERED files count what is executed.

    UML is linked by gcc, which adds its library for that; the only variable at the end of its options is
    that of LTO, which UML does not have. A function of the library has the name of one of the kernel's.
    """
    lib = subprocess.run(["gcc", "-print-file-name=libgcov.a"], capture_output=True, text=True, check=True).stdout.strip()
    where = os.path.join(out, "gcov")
    os.makedirs(where, exist_ok=True)
    subprocess.run(["objcopy", "--redefine-sym", "mangle_path=gcov_mangle_path", lib, os.path.join(where, "libgcov.a")],
                   check=True)
    return ["SIM_COVERAGE=" + " ".join(COVERED), f"CC_FLAGS_LTO=--coverage -L{where}"]


# In the campaign's kernel, lockdep takes most of the time of a VM's life.  None of its functions is
# between one that allocates and its callers, which is what that kernel needs frame pointers for.
CAMPAIGN_OPTIONS = ["CFLAGS_lockdep.o=-O3 -fomit-frame-pointer -foptimize-sibling-calls -ftrivial-auto-var-init=uninitialized"]


CONFIG = re.compile(r"^(?:# )?(CONFIG_\w+)(?:=.*| is not set)$")


def fragments(variant):
    frags = [os.path.join(REPO, f) for f in VARIANTS[variant][1] if os.path.isfile(os.path.join(REPO, f))]
    if not frags:
        raise Fail(f"no kernel configuration: none of {', '.join(VARIANTS[variant][1])} exists")
    if variant != "uml" and not frags[-1].endswith(VARIANTS[variant][1][-1]):
        raise Fail(f"no kernel configuration: {VARIANTS[variant][1][-1]} does not exist")
    return frags


def merge(frags):
    """One kunitconfig: kunit.py refuses several that contradict each other."""
    lines = {}
    for f in frags:
        for ln in open(f):
            m = CONFIG.match(ln.strip())
            if m:
                lines.pop(m.group(1), None)
                lines[m.group(1)] = ln.strip()
    return "".join(ln + "\n" for ln in lines.values())


def kunit_py(tree, out, cmd, more=(), **kw):
    args = ["/usr/bin/python3", os.path.join(tree, "tools/testing/kunit/kunit.py"), cmd, "--build_dir", out, *more]
    return subprocess.run(args, cwd=tree, env=environment(tree), **kw)


def stat_of(path):
    try:
        st = os.stat(path)
        return [path, st.st_size, st.st_mtime_ns]
    except OSError:
        return [path]


def state_of(t, frags, more=()):
    """All that a build depends on, cheaply: kbuild needs seconds to find nothing to do.

    Commits stand for the files that git finds unchanged; of linked files, of
    edited and of new ones size and time are taken, like make does.
    """
    status = t.git.run("status", "--porcelain", "-z", "--no-renames").stdout
    edited = [os.fsdecode(ent[3:]) for ent in status.split(b"\0") if ent]
    gcc = shutil.which("gcc") or "gcc"
    parts = [t.head(), status.decode(errors="replace"), variables(), *more, stat_of(os.path.realpath(gcc)),
             [stat_of(os.path.join(t.path, f)) for f in edited],
             [stat_of(os.path.join(REPO, rp)) for _, rp in sorted(t.state["links"].items())],
             [open(f).read() for f in frags], sorted(t.state["links"])]
    return hashlib.sha1(json.dumps(parts).encode()).hexdigest()


def build_uml(series, variant="uml"):
    """Build the UML kernel; returns (tree, build directory)."""
    if variant not in VARIANTS:
        raise Fail(f"VARIANT={variant}: no such kernel; there are {', '.join(VARIANTS)}")
    frags = fragments(variant)
    t = ready_tree(series)
    out = os.path.join(t.path, VARIANTS[variant][0])
    extra = coverage_options(out) if variant.endswith("coverage") else []
    if variant.startswith("campaign"):
        extra = extra + CAMPAIGN_OPTIONS
    linux, mark = os.path.join(out, "linux"), os.path.join(out, "gmem-built.json")
    with locked(out + ".lock", f"another build in {out}"):
        now = state_of(t, frags, extra)
        if load_json(mark) == [now, stat_of(linux), stat_of(os.path.join(out, ".config"))]:
            say(f"{linux}: up to date")
            return t, out
        if os.path.exists(mark):
            os.unlink(mark)
        # kunit.py itself makes the configuration, so that its own "run" finds nothing to change.
        kunit_config(t.path, out, merge(frags))
        cold = not os.path.exists(linux)
        n, sec = run_make(t.path, ["ARCH=um", f"O={out}", *extra, "linux"], f"kernel {variant}",
                          os.path.join(out, "build.log"), f"kernel-{variant}", out=out)
        if cold:
            remember(f"kernel-{variant}", n)
        store_json(mark, [now, stat_of(linux), stat_of(os.path.join(out, ".config"))])
    say(f"{linux}: {n} objects built in {sec:.0f} s")
    return t, out
