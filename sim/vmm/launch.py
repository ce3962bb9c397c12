#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Launch a firmware image as a confidential guest inside a UML kernel.

Boots the kernel with gmem-launch as init on the host's file system, shows what
the launcher says and keeps the kernel's own messages in a log, unless they
matter.  SNP and TDX have a machine each, and thus a boot.  Digests are compared
with those that measure.py calculates, and with the golden ones if the image is
one of those that golden.json knows.

Other machines than UML are given to main(), see class Uml.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import measure  # noqa: E402

# Kind of guest: arguments of the kernel that make the machine for it
MACHINES = {
    "snp": (),
    "tdx": ("sim_cpu=intel", "kvm_intel.tdx=1"),
}
DEFAULT_CPU = "EPYC-v4"

# What is recorded with --trace, see docs/hardware.md: as on a machine with real
# firmware, from the first call of it on
TRACE = ("trace_event=rmp:*,sev:*,tdx:*,kvm:kvm_gmem_populate_page",
         "trace_clock=global")
TRACE_MIB = 32      # per CPU; the machines here have two

# Mounted over by the launcher, so that files there are out of its sight.
HIDDEN = ("/dev", "/proc", "/sys")

# Reports of the kernel that no launch may cause
SPLAT = re.compile(r"Kernel panic|BUG:|WARNING:|INFO: task|KASAN:|"
                   r"INFO: trying to register|possible recursive locking|"
                   r"possible circular locking|suspicious RCU usage|"
                   r"sleeping function called|unable to handle|Call Trace:")


class Failure(Exception):
    """Something the user should read on one line."""


def say(text):
    print(text, flush=True)


def hidden(path):
    return any(path == d or path.startswith(d + "/") for d in HIDDEN)


def image_path(path):
    path = os.path.abspath(path)
    if not os.path.exists(path):
        raise Failure(f"{path}: no such file")
    if hidden(path) or hidden(os.path.realpath(path)):
        raise Failure(f"{path}: lies in /dev, /proc or /sys, which the UML "
                      "kernel mounts itself: copy it elsewhere")
    return path


def check_image(a, path, kind):
    """Errors in the image need no kernel.  Returns the bytes it launches."""
    r = subprocess.run([a.launcher, "--check", "--image", path, "--type", kind,
                        "--cpu", a.cpu, "--smp", str(a.smp)],
                       capture_output=True, text=True)
    if r.returncode:
        sys.stderr.write(r.stderr)
        sys.exit(1)
    return int(re.search(r"(\d+) bytes", r.stdout)[1])


def program(path, option):
    if not os.path.isfile(path) or not os.access(path, os.X_OK):
        raise Failure(f"{option}: '{path}', no such program")
    return os.path.abspath(path)


def run_directory():
    base = tempfile.gettempdir()
    if hidden(os.path.realpath(base)):
        base = "/var/tmp"
    return tempfile.mkdtemp(prefix="gmem-launch-", dir=base)


def quote(word):
    return f'"{word}"' if " " in word else word


class Console:
    """What the kernel printed."""

    def __init__(self, path):
        with open(path, errors="replace") as f:
            self.lines = [line.rstrip() for line in f if line.strip()]

    def splats(self):
        return [line for line in self.lines if SPLAT.search(line)]

    def show(self, out, limit=40):
        """From the first splat on if there is one, else the end."""
        first = next((i for i, line in enumerate(self.lines)
                      if SPLAT.search(line)), None)
        part = (self.lines[-limit:] if first is None
                else self.lines[first:first + limit])
        for line in part:
            out.write(f"  | {line}\n")


def trace_name(a, kind):
    """A machine each: with both, the kind of guest goes into the name."""
    if a.type != "both":
        return a.trace
    stem, dot, rest = a.trace.partition(".")
    return f"{stem}-{kind}{dot}{rest}"


def machine_facts(console, mem):
    """What trace-check wants to know of the machine, from the kernel's messages."""
    def find(pattern):
        return re.search(pattern, console)

    n = int(mem[:-1]) << {"K": 10, "M": 20, "G": 30}.get(mem[-1].upper(), 0) \
        if mem[-1].isalpha() else int(mem, 0)
    facts = ["about simulated by gmem-sim", f"memory 0-{n - 1:x}"]
    m = find(r"Linux version (\S+)")
    if m:
        facts.append(f"about Linux {m[1]}")
    m = find(r"RMP table physical range \[0x([0-9a-f]+) - 0x([0-9a-f]+)\]")
    if m:
        facts.append(f"rmp {m[1]}-{m[2]}")
    snp = find(r"SEV-SNP enabled \(ASIDs (\d+) - (\d+)\)")
    sev = find(r"SEV enabled \(ASIDs (\d+) - (\d+)\)")
    if snp:
        first = int(sev[1]) if sev else int(snp[2]) + 1
        last = int(sev[2]) if sev else int(snp[2])
        facts.append(f"asids max {last} sev {first}")
    m = find(r"private KeyID range \[(\d+), (\d+)\)")
    if m:
        # 6 of the 52 address bits of sim/um/cpu_intel.h are KeyIDs
        facts += ["hkids shift 46", "module later", "package 0 cpus 0-63"]
    return facts


def save_trace(path, raw, console, mem):
    with open(console, errors="replace") as f:
        facts = machine_facts(f.read(), mem)
    pack = gzip.open if path.endswith(".gz") else open
    with open(raw, errors="replace") as f, pack(path, "wt") as out:
        out.writelines(f"# machine: {fact}\n" for fact in facts)
        shutil.copyfileobj(f, out)
    say(f"trace      {path}; make trace-check FILE={path} replays it")


def arguments(a, kind, image, *more):
    """Those of gmem-launch, as its file of arguments has them."""
    words = ["--image", image, "--type", kind, "--cpu", a.cpu,
             "--smp", str(a.smp), "--ram", str(a.ram),
             "--policy", hex(a.policy), "--features", hex(a.features), *more]
    if any("\n" in w for w in words):
        raise Failure("--image: a file name with a line feed")
    return "\n".join(words) + "\n"


def boot(a, kind, rundir, image, bytes_launched):
    """Run UML to its end.  Returns (exit status or None, seconds)."""
    at = {name: os.path.join(rundir, name)
          for name in ("args", "out", "err", "json", "result", "console",
                       "trace")}
    init = os.path.join(rundir, "gmem-launch")
    shutil.copy2(a.launcher, init)
    with open(at["args"], "w") as f:
        f.write(arguments(a, kind, image, "--json", at["json"],
                          "--stdout", at["out"], "--stderr", at["err"],
                          "--result", at["result"],
                          *(["--trace", at["trace"]] if a.trace else [])))

    # Shared and private memory, page cache, and as much again; little memory
    # makes for a fast boot, and for a fast search for contexts in debugfs.
    size = os.path.getsize(image)
    more = max(bytes_launched - size, 0)
    mib = 256 + 8 * (size >> 20) + 3 * (more >> 20)
    machine = list(MACHINES[kind])
    if a.trace:
        mib += 3 * TRACE_MIB
        machine += [*TRACE, f"trace_buf_size={TRACE_MIB}M"]
    mem = a.mem or f"{mib}M"
    if kind == "tdx" and a.smp > 1:
        # A TD has no more vCPUs than its host has CPUs, used or not.
        machine += [f"ncpus={a.smp}", f"sim_lps={a.smp}", "seccomp=on"]
    command = [a.linux, f"mem={mem}", "rootfstype=hostfs", "rootflags=/",
               "rw", f"init={quote(init)}", f"uml_dir={rundir}/",
               "con=null", "con0=fd:0,fd:1",
               # The suites are in the same kernel; here nobody asked for them.
               "kunit.enable=0", *machine,
               *a.kernel_arg, "--", quote("@" + at["args"])]
    # UML keeps its memory in a file: let it find a tmpfs by itself.
    env = {k: v for k, v in os.environ.items()
           if k not in ("TMPDIR", "TMP", "TEMP")}
    begin = time.monotonic()
    with open(at["console"], "wb") as console:
        # A session of its own: UML is several processes, which go together.
        p = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                             stdout=console, stderr=subprocess.STDOUT,
                             env=env, start_new_session=True)
        try:
            p.wait(a.timeout)
            hung = False
        except subprocess.TimeoutExpired:
            hung = True
        finally:
            try:
                os.killpg(p.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            p.wait()
    seconds = time.monotonic() - begin

    for name, to in (("out", sys.stdout), ("err", sys.stderr)):
        if os.path.exists(at[name]):
            with open(at[name], errors="replace") as f:
                shutil.copyfileobj(f, to)
            to.flush()

    if a.trace and os.path.exists(at["trace"]):
        save_trace(trace_name(a, kind), at["trace"], at["console"], mem)

    status = None
    if os.path.exists(at["result"]):
        with open(at["result"]) as f:
            text = f.read().strip()
        status = int(text) if text.isdigit() else None

    console = Console(at["console"])
    splats = console.splats()
    if hung:
        why = f"the kernel did not finish within {a.timeout:g} s"
    elif status is None:
        why = "the kernel ended without a result"
    elif splats:
        why = "the kernel reported: " + splats[0]
    else:
        return status, seconds
    sys.stderr.write(f"launch.py: {why}\n")
    console.show(sys.stderr)
    return None, seconds


class Uml:
    """The machine that images are launched on."""
    # What can be launched there, and whether it can be run afterwards
    kinds = tuple(MACHINES)
    runs = True
    # Its log of the kernel's messages
    console = "console"

    @staticmethod
    def ready(a):
        """Before the first boot."""
        a.linux = program(a.linux, "--linux")

    @staticmethod
    def boot(a, kind, rundir, image, bytes_launched):
        """A launch: (exit status of gmem-launch or None, seconds).

        @rundir gets "json", what gmem-launch wrote as such, and the log.
        """
        return boot(a, kind, rundir, image, bytes_launched)


class Checks:
    """Comparisons, printed as they are made."""

    def __init__(self, result):
        self.list = result["checks"] = []

    def add(self, source, what, key, got, want):
        equal = got == want
        self.list.append({"source": source, "what": key, "expected": want,
                          "equal": equal})
        say(f"{source:10} {what}: {'equal' if equal else 'DIFFERENT'}")
        if not equal:
            say(f"           expected {want}\n           got      {got}")

    def number(self, source, key, got, want):
        """Only said if it is wrong."""
        if got != want:
            self.add(source, key, key, got, want)

    @property
    def good(self):
        return bool(self.list) and all(c["equal"] for c in self.list)


def verify_snp(a, result, data, golden, checks):
    got = result["digest"]
    image = measure.measure(data, a.cpu, a.smp, a.features, with_vmsa=False)
    final = measure.measure(data, a.cpu, a.smp, a.features)
    want = {"calculator": (image.digest.hex(), final.digest.hex())}
    if golden:
        known = golden["final"].get(a.cpu, {}).get(str(a.smp))
        want["golden"] = (golden["image_and_metadata"],
                          known if a.features == 1 else None)
    for source, (before, after) in want.items():
        checks.add(source, "after image and metadata", "image_and_metadata",
                   got["image_and_metadata"], before)
        if after:
            checks.add(source, "final", "final", got["final"], after)
    checks.number("calculator", "pages", result["pages"]["total"], final.pages)
    # A guest can't read its own save areas.
    return final.pages - a.smp


def verify_tdx(a, result, data, golden, checks):
    m = measure.measure_tdx(data, result["ram"])
    checks.add("calculator", "mrtd", "mrtd", result["digest"]["mrtd"],
               m.digest.hex())
    checks.number("calculator", "pages", result["pages"]["total"], m.pages)
    if golden:
        checks.add("golden", "mrtd", "mrtd", result["digest"]["mrtd"],
                   golden["tdx"]["mrtd"])
        checks.number("golden", "pages", result["pages"]["total"],
                      golden["tdx"]["pages"])
    return m.pages


def verify(a, kind, result, image):
    """Hold the launch against other sources."""
    with open(image, "rb") as f:
        data = f.read()
    sha = hashlib.sha256(data).hexdigest()
    result["image"]["sha256"] = sha
    checks = Checks(result)
    if not result["digest"]:
        raise Failure("the kernel tells no launch digest: "
                      "/sys/kernel/debug/gmem-sim/guests is missing")

    with open(os.path.join(HERE, "golden.json")) as f:
        golden = json.load(f)["images"].get(sha, {})
    has = "tdx" if kind == "tdx" else "final"
    known = golden if has in golden else None
    check = verify_tdx if kind == "tdx" else verify_snp
    readable = check(a, result, data, known, checks)
    if not known:
        say("golden     none for this image (sha256 " + sha[:16] + "...)")
    # A machine either runs its guests or says that it can't.
    want = (readable, None) if a.machine.runs else (None, "refused")
    checks.number("launch", "guest_pages", result.get("guest_pages"), want[0])
    checks.number("launch", "run", result.get("run"), want[1])
    return checks.good


def launch_one(a, kind, image, bytes_launched):
    """One boot.  Returns (exit status, result or None)."""
    rundir = run_directory()
    keep = True
    try:
        status, seconds = a.machine.boot(a, kind, rundir, image,
                                         bytes_launched)
        if status is None:
            return 1, None
        if status:
            keep = a.keep
            return status, None
        with open(os.path.join(rundir, "json")) as f:
            result = json.load(f)
        result["kernel_s"] = round(seconds, 3)
        good = verify(a, kind, result, image)
        say(f"kernel     {seconds:.1f} s from boot to power-off")
        keep = a.keep or not good
        if not good:
            sys.stderr.write("launch.py: the launch is not what it should be, "
                             "see above\n")
        return 0 if good else 1, result
    finally:
        if keep:
            sys.stderr.write("launch.py: kernel messages are in "
                             f"{os.path.join(rundir, a.machine.console)}\n")
        else:
            shutil.rmtree(rundir, ignore_errors=True)


def launch(a):
    image = image_path(a.image)
    kinds = a.machine.kinds if a.type == "both" else (a.type,)
    program(a.launcher, "--launcher")
    size = {kind: check_image(a, image, kind) for kind in kinds}
    if a.json and not os.path.isdir(os.path.dirname(os.path.abspath(a.json))):
        raise Failure(f"JSON={a.json}: its directory does not exist")
    if a.json and os.path.isdir(a.json):
        raise Failure(f"JSON={a.json}: a directory; give the name of a file")
    if a.trace and not os.path.isdir(os.path.dirname(os.path.abspath(a.trace))):
        raise Failure(f"TRACE={a.trace}: its directory does not exist")
    if a.trace and os.path.isdir(a.trace):
        raise Failure(f"TRACE={a.trace}: a directory; give the name of a file")
    if a.check:
        return 0
    a.machine.ready(a)

    worst, results = 0, {}
    for kind in kinds:
        if kind != kinds[0]:
            say("")
        status, result = launch_one(a, kind, image, size[kind])
        worst = worst or status
        if result:
            results[kind] = result
    if a.json and results:
        with open(a.json, "w") as f:
            json.dump(results if a.type == "both" else results[a.type], f,
                      indent=1)
            f.write("\n")
    return worst


def number(text):
    return int(text, 0)


def parse(argv, machine):
    types = (*machine.kinds, *(["both"] if len(machine.kinds) > 1 else []))
    p = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    p.add_argument("--linux", default="", help="the UML kernel")
    p.add_argument("--image", default="", help="firmware image")
    p.add_argument("--type", default="", help="kind of guest: " +
                   ", ".join(types))
    p.add_argument("--cpu", help=f"CPU model of an SNP guest ({DEFAULT_CPU})")
    p.add_argument("--smp", default="1", help="number of vCPUs")
    p.add_argument("--ram", default="0",
                   help="guest memory in MiB, 0: what the image needs")
    p.add_argument("--policy", default="0x30000",
                   help="policy of an SNP guest")
    p.add_argument("--features", default="0x1", help="SEV features of VMSAs")
    p.add_argument("--json", help="write the result for programs")
    p.add_argument("--trace", help="record all calls of the firmware there, "
                   "for trace-check; compressed if it ends in .gz")
    p.add_argument("--launcher", default=os.path.join(HERE, "build",
                                                      "gmem-launch"))
    p.add_argument("--mem", help="memory of the UML kernel, e.g. 1G "
                   "(default: what the image needs)")
    p.add_argument("--timeout", type=float, default=300,
                   help="seconds until the kernel counts as hung")
    p.add_argument("--kernel-arg", action="append", default=[],
                   help="another argument of the kernel")
    p.add_argument("--check", action="store_true",
                   help="only check the arguments and the image")
    p.add_argument("--keep", action="store_true",
                   help="keep the kernel's messages")
    a = p.parse_args(argv)
    a.machine = machine

    if not a.image:
        raise Failure("IMAGE is missing: IMAGE=file, an OVMF image")
    if not a.type:
        raise Failure("TYPE is missing: TYPE=snp, tdx or both")
    if a.type not in types:
        why = ("not on this machine, which has" if a.type in (*MACHINES, "both")
               else "unknown, should be one of")
        raise Failure(f"TYPE={a.type}: {why}: " + ", ".join(types))
    if a.cpu and a.type == "tdx":
        raise Failure(f"CPU={a.cpu}: a TD has the CPU of its host")
    a.cpu = a.cpu or DEFAULT_CPU
    if a.cpu not in measure.CPUS:
        raise Failure(f"CPU={a.cpu}: unknown, should be one of: " +
                      " ".join(measure.CPUS))
    for name, low, high in (("smp", 1, 64), ("ram", 0, 4095),
                            ("policy", 0, 2**64 - 1),
                            ("features", 1, 2**64 - 1)):
        text = getattr(a, name)
        try:
            n = number(text)
        except ValueError:
            n = low - 1
        if not low <= n <= high:
            raise Failure(f"{name.upper()}={text}: should be a number from "
                          f"{low} to {high}")
        setattr(a, name, n)
    return a


def main(argv, machine=Uml):
    # Unwind, so that no kernel stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return launch(parse(argv, machine))
    except Failure as e:
        sys.stderr.write(f"launch.py: {e}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
