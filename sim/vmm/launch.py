#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Launch a firmware image as a confidential guest inside a UML kernel.

Boots the kernel with gmem-launch as init on the host's file system, shows what
the launcher says and keeps the kernel's own messages in a log, unless they
matter.  Digests are compared with those that measure.py calculates, and with
the golden ones if the image is one of those that golden.json knows.
"""

import argparse
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

TYPES = ("snp",)

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


def check_image(launcher, path, cpu, smp):
    """Errors in the arguments need no kernel."""
    r = subprocess.run([launcher, "--check", "--image", path, "--cpu", cpu,
                        "--smp", str(smp)], capture_output=True, text=True)
    if r.returncode:
        sys.stderr.write(r.stderr)
        sys.exit(1)


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


def boot(a, rundir, image):
    """Run the kernel to its end.  Returns (exit status or None, seconds)."""
    at = {name: os.path.join(rundir, name)
          for name in ("args", "out", "err", "json", "result", "console")}
    init = os.path.join(rundir, "gmem-launch")
    shutil.copy2(a.launcher, init)

    words = ["--image", image, "--type", a.type, "--cpu", a.cpu,
             "--smp", str(a.smp), "--ram", str(a.ram),
             "--policy", hex(a.policy), "--features", hex(a.features),
             "--json", at["json"], "--stdout", at["out"],
             "--stderr", at["err"], "--result", at["result"]]
    if any("\n" in w for w in words):
        raise Failure("--image: a file name with a line feed")
    with open(at["args"], "w") as f:
        f.write("\n".join(words) + "\n")

    # Shared and private memory, page cache, and as much again; little memory
    # makes for a fast boot, and for a fast search for contexts in debugfs.
    mem = a.mem or f"{256 + 8 * (os.path.getsize(image) >> 20)}M"
    command = [a.linux, f"mem={mem}", "rootfstype=hostfs", "rootflags=/",
               "rw", f"init={quote(init)}", f"uml_dir={rundir}/", "con=null", "con0=null,fd:1",
               # The suites are in the same kernel; here nobody asked for them.
               "kunit.enable=0",
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


def compare(result, image_digest, final_digest, source, checks):
    got = result["digest"]
    for what, key, want in (
            ("after image and metadata", "image_and_metadata", image_digest),
            ("final", "final", final_digest)):
        if want is None:
            continue
        equal = got[key] == want
        checks.append({"source": source, "what": key, "expected": want,
                       "equal": equal})
        say(f"{source:10} {what}: {'equal' if equal else 'DIFFERENT'}")
        if not equal:
            say(f"           expected {want}\n           got      {got[key]}")


def verify(a, result, image):
    """Hold the digests against other sources."""
    with open(image, "rb") as f:
        data = f.read()
    sha = hashlib.sha256(data).hexdigest()
    result["image"]["sha256"] = sha
    checks = result["checks"] = []
    if not result["digest"]:
        raise Failure("the kernel tells no launch digest: "
                      "/sys/kernel/debug/gmem-sim/guests is missing")

    m = measure.measure(data, a.cpu, a.smp, a.features, with_vmsa=False)
    before = m.digest.hex()
    m = measure.measure(data, a.cpu, a.smp, a.features)
    compare(result, before, m.digest.hex(), "calculator", checks)
    if m.pages != result["pages"]["total"]:
        checks.append({"source": "calculator", "what": "pages",
                       "expected": m.pages, "equal": False})
        say(f"calculator pages: DIFFERENT, expected {m.pages}")

    with open(os.path.join(HERE, "golden.json")) as f:
        golden = json.load(f)["images"].get(sha)
    if golden:
        final = golden["final"].get(a.cpu, {}).get(str(a.smp))
        if a.features != 1:
            final = None
        compare(result, golden["image_and_metadata"], final, "golden", checks)
    else:
        say("golden     none for this image (sha256 " + sha[:16] + "...)")
    return all(c["equal"] for c in checks)


def launch(a):
    image = image_path(a.image)
    program(a.launcher, "--launcher")
    check_image(a.launcher, image, a.cpu, a.smp)
    if a.json and not os.path.isdir(os.path.dirname(os.path.abspath(a.json))):
        raise Failure(f"JSON={a.json}: its directory does not exist")
    if a.check:
        return 0
    a.linux = program(a.linux, "--linux")

    rundir = run_directory()
    keep = True
    try:
        status, seconds = boot(a, rundir, image)
        if status is None:
            return 1
        if status:
            keep = a.keep
            return status
        with open(os.path.join(rundir, "json")) as f:
            result = json.load(f)
        result["kernel_s"] = round(seconds, 3)
        equal = verify(a, result, image)
        if a.json:
            with open(a.json, "w") as f:
                json.dump(result, f, indent=1)
                f.write("\n")
        say(f"kernel     {seconds:.1f} s from boot to power-off")
        keep = a.keep or not equal
        if not equal:
            raise Failure("the launch digest is not what it should be")
        return 0
    finally:
        if keep:
            sys.stderr.write("launch.py: kernel messages are in "
                             f"{os.path.join(rundir, 'console')}\n")
        else:
            shutil.rmtree(rundir, ignore_errors=True)


def number(text):
    return int(text, 0)


def parse(argv):
    p = argparse.ArgumentParser(
        description=__doc__.split("\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    p.add_argument("--linux", default="", help="the UML kernel")
    p.add_argument("--image", default="", help="firmware image")
    p.add_argument("--type", default="", help="kind of guest: " +
                   ", ".join(TYPES))
    p.add_argument("--cpu", default="EPYC-v4", help="CPU model of the guest")
    p.add_argument("--smp", default="1", help="number of vCPUs")
    p.add_argument("--ram", default="0",
                   help="guest memory in MiB, 0: what the image needs")
    p.add_argument("--policy", default="0x30000", help="guest policy")
    p.add_argument("--features", default="0x1", help="SEV features of VMSAs")
    p.add_argument("--json", help="write the result for programs")
    p.add_argument("--launcher", default=os.path.join(HERE, "build",
                                                      "gmem-launch"))
    p.add_argument("--mem", help="memory of the UML kernel, e.g. 1G "
                   "(default: what the image needs)")
    p.add_argument("--timeout", type=float, default=120,
                   help="seconds until the kernel counts as hung")
    p.add_argument("--kernel-arg", action="append", default=[],
                   help="another argument of the kernel")
    p.add_argument("--check", action="store_true",
                   help="only check the arguments and the image")
    p.add_argument("--keep", action="store_true",
                   help="keep the kernel's messages")
    a = p.parse_args(argv)

    if not a.image:
        raise Failure("IMAGE is missing: IMAGE=file, an OVMF image")
    if not a.type:
        raise Failure("TYPE is missing: TYPE=snp")
    if a.type not in TYPES:
        raise Failure(f"TYPE={a.type}: unknown, should be one of: " +
                      ", ".join(TYPES))
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


def main(argv):
    try:
        return launch(parse(argv))
    except Failure as e:
        sys.stderr.write(f"launch.py: {e}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
