# SPDX-License-Identifier: GPL-2.0
"""What kvm_gmem_populate() costs per page, patched and unpatched, by counting instructions.

Two small kernels are built, alike in configuration and compiler, and the same module against
each (x86-cost-module.c, which says what stands in for the hardware).  QEMU executes them with
-icount, where an instruction takes a nanosecond of the machine's time and the TSC counts those.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import time

import buildlib
import gmemlib
import x86lib
from gmemlib import Fail, REPO, SCRIPTS, load_json, locked, say, store_json

OUT = ".x86-cost"
CONFIG = os.path.join(REPO, "kunit", "configs", "x86-cost.config")
RECORD = os.path.join(SCRIPTS, "x86-cost.json")
PAGES, ROUNDS = 4096, 3
# What to measure, as the module calls it, and the most that the ops may add to each page, in instructions:
# what they were seen to add (x86-cost.json), and a quarter on top for another compiler.
WHAT = {
    "core": ("core, the step does nothing", 5),
    "rmpupdate": ("core, RMPUPDATE", 22),
    "snp": ("core, step of SNP: RMP lookup, copy, RMPUPDATE, PSP command", 26),
    "tdx": ("core, SEAMCALLs of TDX: PAGE.ADD, 16 MR.EXTEND", 175),
}
TOLERANCE = 1           # between rounds, in instructions per page

FUNCTIONS = ("kvm_gmem_populate", "sev_gmem_post_populate", "rmp_make_private", "tdh_mem_page_add", "tdh_mr_extend",
             "cc_platform_set")
VARIABLES = ("cc_vendor", "sev_fops", "psp_master", "psp_timeout", "rmp_segment_table", "rmp_segment_shift", "rmp_segment_mask")
# Instructions that the processor lacks: bytes, and the function that has them, patched or unpatched
INSNS = {
    "insn_rmpupdate": ("f2 0f 01 fe", ("rmp_hw_update", "rmpupdate")),
    "insn_seamcall": ("66 0f 01 cf", ("tdx_hw_seamcall_ret", "__seamcall_ret")),
}
# An AMD processor for kvm_amd.  QEMU counts each iteration of a string instruction: words, not bytes.
CPU = "max,+svm,+npt,la57=off,-erms,-fsrm"
QEMU_ARGS = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-rtc", "clock=vm,base=2000-01-01",
             "-seed", "1", "-cpu", CPU, "-smp", "1"]
KARGS = ("console=ttyS0", "panic=-1", "oops=panic", "nokaslr", "rodata=off", "tsc=reliable", "rdinit=/init", "quiet", "loglevel=7")
LINE = re.compile(r"x86-cost: (\w+) pages (\d+) total (\d+) median (\d+) min (\d+) max (\d+)$")
SAID = re.compile(r"x86-cost: ([^:]+): (.+)$")
RETPOLINES = "Spectre V2 : Mitigation: Retpolines"
BAD = re.compile(r"\b(?:BUG|WARNING|Oops|Kernel panic|general protection|invalid opcode)\b")


# ---- building ----

def seed(there, here, changed):
    """Start build directory @here from a complete one, of a tree that differs in the files @changed.

    What was made of one of them is left out, for kbuild to make it.  Returns the age of the rest.
    """
    shutil.rmtree(here, ignore_errors=True)
    r = subprocess.run(["cp", "-a", "--reflink=auto", there, here], capture_output=True, text=True)
    if r.returncode:
        shutil.rmtree(here, ignore_errors=True)
        raise Fail(f"{there} can't be copied: {r.stderr.strip()}")
    for f in ("gmem-built.json", x86lib.IMAGE):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(here, f))
    now, path = time.time_ns(), re.compile(r"[\s(](?:\.\./)?([^\s()]+)")
    for top, _, files in os.walk(here):
        for f in files:
            full = os.path.join(top, f)
            if f.startswith(".") and f.endswith(".cmd"):
                with open(full, encoding="utf-8", errors="replace") as cmd:
                    if not changed.isdisjoint(path.findall(cmd.read())):
                        with contextlib.suppress(FileNotFoundError):
                            os.unlink(os.path.join(top, f[1:-len(".cmd")]))
            # Of the same age, and younger than the sources: what is there is up to date.
            with contextlib.suppress(FileNotFoundError):
                os.utime(full, ns=(now, now), follow_symlinks=False)
    return now


def same_tools(out, age):
    """Objects depend on objtool, which is made anew in each place: tell make that it is the same."""
    for tools in ("tools", "scripts"):
        for top, _, files in os.walk(os.path.join(out, tools)):
            for f in files:
                with contextlib.suppress(FileNotFoundError):
                    os.utime(os.path.join(top, f), ns=(age, age), follow_symlinks=False)


def build(series, patched):
    """Build the kernel of @series, or the one without: (tree, build directory)."""
    with open(CONFIG, encoding="utf-8") as f:
        frag = f.read()
    if patched:
        t = buildlib.ready_tree(series)
        tree, head, now = t.path, t.head(), buildlib.state_of(t, [CONFIG])
    else:
        tree, head = x86lib.pristine_tree()
        gcc = shutil.which("gcc") or "gcc"
        now = hashlib.sha1(json.dumps([head, frag, buildlib.variables(), buildlib.stat_of(os.path.realpath(gcc))]).encode()).hexdigest()
    what = f"x86_64 kernel for counting, {series if patched else 'unpatched'}"
    out = os.path.join(tree, OUT)
    image, mark = os.path.join(out, x86lib.IMAGE), os.path.join(out, "gmem-built.json")
    with locked(out + ".lock", f"another build in {out}"):
        if load_json(mark) == [now, buildlib.stat_of(image), buildlib.stat_of(os.path.join(out, ".config"))]:
            say(f"{what}: up to date")
            return tree, out
        if os.path.exists(mark):
            os.unlink(mark)
        cold, age = not os.path.exists(image), 0
        if patched and cold:
            # The unpatched kernel serves all checkouts, and few objects differ from its.
            src, commit = x86lib.pristine_tree()
            edited = t.git.out("diff", "--name-only", commit, "--").split()
            if os.path.exists(os.path.join(src, OUT, "gmem-built.json")):
                say("patched: starting from the objects of the unpatched kernel")
                with locked(os.path.join(src, OUT) + ".lock", f"another build in {src}"):
                    age = seed(os.path.join(src, OUT), out, {p for p, _, _ in t.git.diff_tree(commit, "HEAD")} | set(edited))
        buildlib.allnoconfig(tree, "x86_64", out, frag, f"{what}, configuration", head=head)
        if age:
            buildlib.run_make(tree, ["ARCH=x86_64", f"O={out}", "prepare"], f"{what}, tools", os.path.join(out, "prepare.log"))
            same_tools(out, age)
        n, sec = buildlib.run_make(tree, ["ARCH=x86_64", f"O={out}", "bzImage", "modules", "headers"], what,
                                   os.path.join(out, "build.log"), "x86-cost", hush=re.compile("^Kernel: "), out=out)
        if cold and not patched:
            buildlib.remember("x86-cost", n)
        store_json(mark, [now, buildlib.stat_of(image), buildlib.stat_of(os.path.join(out, ".config"))])
    say(f"{what}: {n} objects built in {sec:.0f} s")
    return tree, out


def build_module(tree, out):
    """x86-cost.ko against the kernel in @out."""
    top = os.path.join(out, "x86-cost")
    os.makedirs(top, exist_ok=True)
    shutil.copy(os.path.join(SCRIPTS, "x86-cost-module.c"), os.path.join(top, "x86-cost.c"))
    with open(os.path.join(tree, "include/linux/kvm_host.h"), encoding="utf-8") as f:
        ops = "struct kvm_gmem_populate_ops {" in f.read()
    gmemlib.write_file(os.path.join(top, "Kbuild"), "obj-m := x86-cost.o\n"
                       f"ccflags-y := -I$(srctree)/drivers/crypto/ccp -I$(srctree)/arch/x86/kvm/vmx{' -DGMEM_POPULATE_OPS' if ops else ''}\n")
    buildlib.run_make(tree, ["ARCH=x86_64", f"O={out}", f"M={top}", "modules"], "x86-cost.ko",
                      os.path.join(out, "module.log"), quiet=True)
    return os.path.join(top, "x86-cost.ko")


def build_init(out):
    prog = os.path.join(out, "x86-cost", "init")
    r = subprocess.run(["gcc", "-Wall", "-O2", "-static", "-isystem", os.path.join(out, "usr/include"), "-o", prog,
                        os.path.join(SCRIPTS, "x86-cost-init.c")], capture_output=True, text=True)
    if r.returncode:
        raise Fail("x86-cost-init.c can't be built:\n" + r.stderr.rstrip())
    return prog


# ---- addresses ----

def symbols(text):
    """{name: [(address, size)]} of what nm -S prints."""
    res = {}
    for m in re.finditer(r"^([0-9a-f]{16}) (?:([0-9a-f]{16}) )?\w (\S+)$", text, re.M):
        res.setdefault(m.group(3), []).append((int(m.group(1), 16), int(m.group(2) or "0", 16)))
    return res


def instruction(name, code, dump):
    """The address of the one instruction @code in what objdump -d prints of a function."""
    at = [int(m.group(1), 16) for m in re.finditer(rf"^\s*([0-9a-f]+):\s+{code}\s", dump, re.M)]
    if len(at) != 1:
        raise Fail(f"{name}: {len(at)} times {code}")
    return at[0]


def addresses(vmlinux):
    """{parameter of the module: address}."""
    r = subprocess.run(["nm", "-S", vmlinux], capture_output=True, text=True)
    if r.returncode:
        raise Fail(f"nm {vmlinux}: {r.stderr.strip()}")
    syms, res = symbols(r.stdout), {}
    for name in (*FUNCTIONS, *VARIABLES):
        have = syms.get(name, [])
        if len(have) != 1:
            raise Fail(f"{vmlinux}: {len(have)} symbols {name}")
        res[name] = have[0][0]
    for name, (code, functions) in INSNS.items():
        fn = next((f for f in functions if f in syms), None)
        if not fn:
            raise Fail(f"{vmlinux}: none of {', '.join(functions)}")
        at, size = syms[fn][0]
        r = subprocess.run(["objdump", "-d", f"--start-address={at:#x}", f"--stop-address={at + size:#x}", vmlinux],
                           capture_output=True, text=True)
        res[name] = instruction(fn, code, r.stdout)
    return res


# ---- measuring ----

class Counting:
    args = QEMU_ARGS


def parse(lines):
    """{what: [(instructions per page, median)]} of a console; Fail if anything is not as it should be."""
    got, done = {}, False
    for ln in lines:
        m = LINE.search(ln)
        if m:
            n, total, median = (int(x) for x in m.group(2, 3, 4))
            if n != PAGES - 1 or not total:
                raise Fail(f"measured something else: {ln}")
            got.setdefault(m.group(1), []).append((total / n, median))
            continue
        m = SAID.search(ln)
        if m and m.group(2) != "done":
            raise Fail(f"{m.group(1)}: {m.group(2)}")
        if BAD.search(ln):
            raise Fail(f"the kernel complains: {ln}")
        done |= bool(m) and m.group(1) == "all"
    if not done:
        raise Fail("the machine died")
    if not any(ln.endswith(RETPOLINES) for ln in lines):
        raise Fail("the kernel runs without retpolines")
    for what in WHAT:
        if len(got.get(what, ())) != ROUNDS:
            raise Fail(f"{what}: {len(got.get(what, ()))} results, not {ROUNDS}")
    return got


def run(label, tree, out):
    """Boot the kernel in @out once, with the module: {what: [(instructions per page, median)]}."""
    files = {"x86-cost.ko": (0o100644, gmemlib.read_file(build_module(tree, out))),
             "init": (0o100755, gmemlib.read_file(build_init(out))),
             "plan": (0o100644, "".join(f"{w} {PAGES}\n" for w in WHAT for _ in range(ROUNDS)).encode()),
             "addresses": (0o100644, " ".join(f"{n}={a:#x}" for n, a in addresses(os.path.join(out, "vmlinux")).items()).encode())}
    where = os.path.join(out, "x86-cost")
    initrd, console = os.path.join(where, "initrd"), os.path.join(where, "console.log")
    gmemlib.write_file(initrd, x86lib.cpio(files))
    lines, heard = [], [time.monotonic()]

    def on_line(ln):
        lines.append(ln)
        heard[0] = time.monotonic()

    say(f"{label}: counting")
    wrong = x86lib.boot(Counting, os.path.join(out, x86lib.IMAGE), initrd, KARGS, console, os.path.join(where, "results"),
                        mem="512M", on_line=on_line, idle=lambda: (heard[0] + 300 - time.monotonic(), "the kernel"))
    try:
        if wrong:
            raise Fail(wrong)
        return parse(lines)
    except Fail as e:
        raise Fail(f"{label}: {e}; the console is in {console}") from e


# ---- the result ----

def settle(rounds):
    """Instructions per page of rounds that repeat the same work; the first warms up."""
    a, b = (r[0] for r in rounds[-2:])
    if abs(a - b) > TOLERANCE:
        raise Fail(f"not the same in every round: {', '.join(f'{r[0]:.1f}' for r in rounds)}")
    return b


def compare(unpatched, patched):
    """(rows of [what, unpatched, patched], what is wrong)."""
    rows, bad = [], []
    for what, (_, most) in WHAT.items():
        try:
            u, p = settle(unpatched[what]), settle(patched[what])
        except Fail as e:
            bad.append(f"{what}: {e}")
            continue
        rows.append([what, round(u, 1), round(p, 1)])
        if p - u > most:
            bad.append(f"{what}: {p - u:.1f} instructions per page more, at most {most} expected")
    return rows, bad


def table(rows):
    """The rows as lines of text, none wider than a mail."""
    lines = [f"{'instructions per page':<30}{'unpatched':>11}{'patched':>11}{'difference':>12}"]
    for what, u, p in rows:
        text = WHAT[what][0]
        first, _, rest = text.partition(": ")
        lines.append(f"{first:<30}{u:>11.1f}{p:>11.1f}{p - u:>+12.1f} {100 * (p - u) / u:+.2f}%")
        if rest:
            lines.append(f"  ({rest})")
    return lines


def record(series, out, machine, rows):
    """Keep @rows, with what they were measured with, for the cover letter."""
    gcc = subprocess.run(["gcc", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    text = json.dumps({"command": f"make x86-cost PART=cycles SERIES={series}",
                       "kernel": gmemlib.read_file(os.path.join(out, "include/config/kernel.release")).decode().strip(),
                       "compiler": gcc, "machine": machine, "cpu": CPU, "pages": PAGES,
                       "instructions per page": {w: {"unpatched": u, "patched": p} for w, u, p in rows}}, indent=1)
    gmemlib.write_file(RECORD, text + "\n")
    say(f"{RECORD}: written")


def recorded():
    """(the command, its table) as kept; Fail if it is not complete."""
    d = load_json(RECORD)
    try:
        rows = [[w, d["instructions per page"][w]["unpatched"], d["instructions per page"][w]["patched"]] for w in WHAT]
        return d["command"], table(rows)
    except (KeyError, TypeError) as e:
        raise Fail(f"{RECORD}: incomplete; make x86-cost PART=cycles SERIES=ops RECORD=1 writes it") from e
