# SPDX-License-Identifier: GPL-2.0
"""The x86_64 kernels, patched and unpatched, and the virtual machine they boot in."""

import array
import contextlib
import fcntl
import hashlib
import json
import os
import re
import selectors
import shutil
import signal
import stat
import struct
import subprocess
import time

import buildlib
import gmemlib
import source
from gmemlib import Fail, Git, REPO, cache_dir, load_json, locked, say, store_json

QEMU = "qemu-system-x86_64"
OLD = 946684800         # the year 2000
OUT = ".x86"            # build directory in either tree
IMAGE = "arch/x86/boot/bzImage"
# (kunitconfig, the unpatched kernel has its symbols too)
FRAGMENTS = (("kunit/configs/x86.config", True), ("kunit/configs/x86-kunit.config", False))


# ---- building ----

def pristine_tree():
    """A checkout of the kernel that the series applies to; one serves all checkouts of this repository."""
    base, stamp = source.find_base(os.environ.get("LINUX"))
    name = os.path.basename(base).removesuffix(".git")
    top = cache_dir("pristine", name)
    src, index = os.path.join(top, "src"), os.path.join(top, "index")
    git = Git(top, GIT_DIR=base, GIT_WORK_TREE=src, GIT_INDEX_FILE=index)
    with locked(os.path.join(top, "lock"), f"the unpatched kernel in {top}"):
        if load_json(os.path.join(top, "commit.json")) != stamp["commit"]:
            say(f"checking out the unpatched Linux {stamp['version']} to {src}")
            for n in ("commit.json", "index", "index.lock"):
                if os.path.exists(os.path.join(top, n)):
                    os.unlink(os.path.join(top, n))
            shutil.rmtree(src, ignore_errors=True)
            os.makedirs(src)
            git.run("read-tree", "--reset", "-u", stamp["commit"])
            # Older than any object, also than one that comes from a build of the patched kernel, see seed().
            for d, _, files in os.walk(src):
                for f in files:
                    os.utime(os.path.join(d, f), (OLD, OLD), follow_symlinks=False)
            store_json(os.path.join(top, "commit.json"), stamp["commit"])
        git.run("update-index", "-q", "--refresh", check=False)
        edited = git.out("diff-files", "--name-only")
        if edited:
            raise Fail(f"{src} is the unpatched kernel, but has been edited: " + ", ".join(edited.split()[:5])
                       + "; remove the directory to have it made anew")
    return src, stamp["commit"]


def seed(t, frags, base, src):
    """Let the unpatched kernel start from the objects of the patched one.

    kbuild then builds what depends on a file that the series touches, or on a
    symbol of the configuration that only the patched kernel has: a tenth.  Once,
    and again when the configuration of both has changed.  objtool is made anew, on
    which few objects depend in this configuration; where nearly all do, see cyclelib.
    """
    here, there = os.path.join(t.path, OUT), os.path.join(src, OUT)
    mark = load_json(os.path.join(here, "gmem-built.json"))
    t.state = t.load()
    seeded = os.path.join(there, "gmem-seeded")
    config = hashlib.sha1(b"".join(gmemlib.read_file(f) for f in fragments(False))).hexdigest()
    # Only from a build that is what its tree is now: then the difference of the trees is that of the objects.
    if os.path.exists(seeded) and gmemlib.read_file(seeded).decode() == config or not mark or not t.state or t.state["base"] != base \
            or mark[0] != buildlib.state_of(t, frags):
        return
    say("unpatched: starting from the objects of the patched kernel")
    shutil.rmtree(there, ignore_errors=True)
    with locked(here + ".lock", f"another build in {here}"):
        r = subprocess.run(["cp", "-a", "--reflink=auto", here, there], capture_output=True, text=True)
    if r.returncode:
        shutil.rmtree(there, ignore_errors=True)
        raise Fail(f"{here} can't be copied: {r.stderr.strip()}")
    for f in ("gmem-built.json", IMAGE):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(there, f))
    edited = t.git.out("diff", "--name-only", "--diff-filter=d", base, "--").split()
    for path in {p for p, _, _ in t.git.diff_tree(base, "HEAD")} | set(edited):
        with contextlib.suppress(FileNotFoundError):
            os.utime(os.path.join(src, path))
    gmemlib.write_file(seeded, config)


def config_of(tree, out, frags):
    """kunit.py makes the configuration, so that its own "run" finds nothing to change."""
    merged = os.path.join(out, "gmem-kunitconfig")
    gmemlib.write_file(merged, buildlib.merge(frags))
    more = ["--arch=x86_64", "--kunitconfig", merged]
    more += [a for v in buildlib.variables() for a in ("--make_options", v)]
    r = buildlib.kunit_py(tree, out, "config", more, capture_output=True, text=True)
    if r.returncode:
        raise Fail("the kernel configuration fails:\n" + (r.stdout + r.stderr).rstrip())


def fragments(patched):
    return [os.path.join(REPO, f) for f, both in FRAGMENTS if both or patched]


def build(series, patched=True):
    """Build the kernel of @series, or the one without; returns (tree, build directory, bzImage)."""
    frags = fragments(patched)
    if patched:
        t = buildlib.ready_tree(series)
        tree, now = t.path, buildlib.state_of(t, frags)
    else:
        tree, commit = pristine_tree()
        with locked(os.path.join(tree, OUT) + ".lock", f"another build of the unpatched kernel in {tree}"):
            seed(buildlib.treelib.Tree(series, os.environ.get("LINUX")), fragments(True), commit, tree)
        gcc = shutil.which("gcc") or "gcc"
        now = hashlib.sha1(json.dumps([commit, [open(f).read() for f in frags], buildlib.variables(),
                                       buildlib.stat_of(os.path.realpath(gcc))]).encode()).hexdigest()
    out = os.path.join(tree, OUT)
    image, mark = os.path.join(out, IMAGE), os.path.join(out, "gmem-built.json")
    what = f"x86_64 kernel, {series if patched else 'unpatched'}"
    with locked(out + ".lock", f"another build in {out}"):
        if load_json(mark) == [now, buildlib.stat_of(image), buildlib.stat_of(os.path.join(out, ".config"))]:
            say(f"{what}: up to date")
            return tree, out, image
        if os.path.exists(mark):
            os.unlink(mark)
        os.makedirs(out, exist_ok=True)
        config_of(tree, out, frags)
        cold = not os.path.exists(image)
        count = "x86-boot" if patched else "x86-boot-unpatched"
        n, sec = buildlib.run_make(tree, ["ARCH=x86_64", f"O={out}", "bzImage"], what, os.path.join(out, "build.log"),
                                   count, hush=re.compile("^Kernel: "), out=out)
        if cold:
            buildlib.remember(count, n)
        store_json(mark, [now, buildlib.stat_of(image), buildlib.stat_of(os.path.join(out, ".config"))])
    say(f"{what}: {n} objects built in {sec:.0f} s")
    return tree, out, image


# ---- the machine ----

KVM_CREATE_VM = 0xae01
KVM_GET_SUPPORTED_CPUID = 0xc008ae05
CPUID_ENT = struct.Struct("=7I12x")


def host_kvm():
    """Can this host's KVM run a kernel that is a hypervisor itself?  (vendor, "") or (None, why not).

    What /dev/kvm says, and not what /proc/cpuinfo says, decides: there are
    hosts with KVM, but without nested virtualization.
    """
    try:
        fd = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError as e:
        return None, f"/dev/kvm: {e.strerror}"
    try:
        try:
            os.close(fcntl.ioctl(fd, KVM_CREATE_VM, 0))
            buf = array.array("B", struct.pack("=II", 256, 0) + bytes(CPUID_ENT.size * 256))
            fcntl.ioctl(fd, KVM_GET_SUPPORTED_CPUID, buf, True)
        except OSError as e:
            return None, f"/dev/kvm: {e.strerror}"
    finally:
        os.close(fd)
    leaf = {}
    for i in range(struct.unpack_from("=I", buf)[0]):
        fn, index, _, *regs = CPUID_ENT.unpack_from(buf, 8 + i * CPUID_ENT.size)
        leaf.setdefault(fn, regs)
    svm = leaf.get(0x80000001, [0] * 4)[2] >> 2 & 1 and leaf.get(0x8000000a, [0] * 4)[3] & 1
    vmx = leaf.get(1, [0] * 4)[2] >> 5 & 1
    if svm:
        return "amd", ""
    if vmx:
        return "intel", ""
    return None, "the host's KVM offers its guests neither SVM with nested paging nor VMX"


class Accel:
    """How the machine is run: emulated by QEMU, or by the host's KVM where that serves."""

    def __init__(self, want=None):
        want = os.environ.get("ACCEL") or "" if want is None else want
        if want not in ("", "tcg", "kvm"):
            raise Fail(f"ACCEL={want}: there are tcg and kvm")
        self.vendor, why = host_kvm() if want != "tcg" else (None, "ACCEL=tcg")
        if want == "kvm" and not self.vendor:
            raise Fail(f"ACCEL=kvm: {why}")
        self.kvm = bool(self.vendor)
        if self.kvm:
            self.args = ["-accel", "kvm", "-cpu", "host"]
            self.says = f"KVM of the host, nested {'SVM' if self.vendor == 'amd' else 'VMX'}"
        else:
            # LA57 would only make emulated page walks longer.
            self.args = ["-accel", "tcg,thread=multi", "-cpu", "max,+svm,+npt,la57=off"]
            self.says = f"QEMU's emulation, SVM with nested paging ({why})"
        self.slow = 1 if self.kvm else 10


def qemu_version():
    if not shutil.which(QEMU):
        raise Fail(f"{QEMU} is missing: Debian's package qemu-system-x86 has it")
    return subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def cpio(files):
    """A newc archive: {path: (mode, content)}; the same input gives the same bytes."""
    res = bytearray()

    def put(name, mode, data, ino):
        head = "070701" + "".join(f"{x:08x}" for x in (ino, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        for part in (head.encode() + os.fsencode(name) + b"\0", data):
            res.extend(part)
            res.extend(bytes(-len(res) % 4))

    dirs = {d for f in files for d in parents(f)}
    for ino, d in enumerate(sorted(dirs), 1):
        put(d, stat.S_IFDIR | 0o755, b"", ino)
    for ino, (name, (mode, data)) in enumerate(sorted(files.items()), len(dirs) + 1):
        put(name, mode, data, ino)
    put("TRAILER!!!", 0, b"", 0)
    res.extend(bytes(-len(res) % 512))
    return bytes(res)


def parents(path):
    while path := os.path.dirname(path):
        yield path


def libraries(progs):
    """The shared libraries, and their loader, that programs of the host need."""
    res = set()
    for p in progs:
        r = subprocess.run(["ldd", p], capture_output=True, text=True)
        if r.returncode:
            if "not a dynamic executable" in r.stdout + r.stderr:
                continue
            raise Fail(f"ldd {p}: {r.stderr.strip()}")
        for ln in r.stdout.splitlines():
            if "not found" in ln:
                raise Fail(f"{p}: {ln.strip()}")
            m = re.search(r"(/\S+) \(0x", ln)
            if m:
                res.add(m.group(1))
    return res


def boot(accel, image, initrd, kargs, console, results, mem="2G", on_line=None, idle=None):
    """Boot and wait for the end: what went wrong, or "".

    @console gets the kernel's console, @results what is written to the second
    serial port.  @on_line sees each line of the console.  @idle() tells how many
    seconds are left until the machine counts as hung, and of what.
    """
    cmd = [QEMU, "-nodefaults", "-display", "none", "-no-reboot", "-m", mem, "-smp", "2", "-bios", "qboot.rom", *accel.args,
           "-kernel", image, "-initrd", initrd, "-append", " ".join(kargs), "-serial", "stdio", "-serial", f"file:{results}"]
    open(results, "w").close()
    wrong, rest = "", b""
    with open(console, "w") as log, open(console + ".qemu", "w") as err:
        log.write("$ " + " ".join(f"'{c}'" if " " in c else c for c in cmd) + "\n")
        log.flush()
        p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, start_new_session=True,
                             preexec_fn=die_with_parent)
        sel = selectors.DefaultSelector()
        sel.register(p.stdout, selectors.EVENT_READ)
        try:
            while True:
                left, what = idle()
                if left <= 0:
                    wrong = f"the machine hangs: no answer from {what}"
                    break
                if not sel.select(min(left, 1)):
                    continue
                data = os.read(p.stdout.fileno(), 65536)
                if not data:
                    break
                *lines, rest = (rest + data).split(b"\n")
                for raw in lines:
                    ln = raw.decode(errors="replace").rstrip()
                    log.write(ln + "\n")
                    if on_line:
                        on_line(ln)
                log.flush()
        finally:
            try:
                os.killpg(p.pid, signal.SIGKILL if wrong else signal.SIGTERM)
            except ProcessLookupError:
                pass
            p.wait()
    with open(console + ".qemu") as err:
        said = [ln for ln in err.read().splitlines() if "TCG doesn't support requested feature" not in ln
                and "terminating on signal" not in ln]
    if said and not wrong and p.returncode:
        wrong = "QEMU: " + said[0]
    return wrong


def die_with_parent():
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)      # PR_SET_PDEATHSIG
