#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fuzz.py --time SECONDS [--findings DIRECTORY] [--self-test]: fuzz the simulated firmware with libFuzzer.

Both fakes share the time, each from the committed inputs (corpus/) and what earlier runs found on this
machine (build-fuzz/found).  A finding is saved, and the line that reproduces it printed; exit status 1.
^C ends a run early.  --self-test fuzzes a binary with a mistake put in, from the hand-made inputs alone:
each mistake has to be found in --time.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import corpus

HERE = os.path.dirname(os.path.realpath(__file__))
BUILD = os.path.join(HERE, "build-fuzz")
KINDS = ("snp", "tdx")
STATUS = re.compile(r"^#(\d+)\s.* cov: (\d+) ft: (\d+)")
MAX_LEN = 1024


def rel(path):
    path = os.path.relpath(path)
    return path if "/" in path else "./" + path


class Run:
    """One fuzzer, its progress, and what it found."""

    def __init__(self, binary, kind, seconds, findings, corpora, env):
        self.kind, self.inputs, self.edges, self.finding, self.saved = kind, 0, 0, None, None
        self.binary, self.stopped = binary, False
        self.proc = subprocess.Popen(
            [binary, f"-max_total_time={seconds}", f"-max_len={MAX_LEN}", "-timeout=20", "-print_final_stats=0",
             f"-artifact_prefix={findings}/{kind}-", *corpora],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **env}, text=True,
            errors="replace", start_new_session=True)

    def read(self, report):
        tail = []
        for ln in self.proc.stderr:
            m = STATUS.match(ln)
            if m:
                self.inputs, self.edges = int(m.group(1)), int(m.group(2))
                report(self)
                continue
            if ln.startswith("FINDING:"):
                self.finding = ln[9:].strip()
            elif "ERROR: " in ln and not self.finding and "libFuzzer: run interrupted" not in ln:
                self.finding = ln[ln.index("ERROR: ") + 7:].strip()
            m = re.search(r"Test unit written to (\S+)", ln)
            if m:
                self.saved = m.group(1)
            tail = (tail + [ln])[-30:]
        self.proc.wait()
        if self.proc.returncode and not self.saved and not self.stopped:
            sys.stderr.write("".join(tail))
            raise SystemExit(f"fuzz: {self.binary} ended with {self.proc.returncode}")

    def stop(self):
        self.stopped = True
        self.proc.send_signal(signal.SIGINT)


def progress(total, t0):
    tty, last = sys.stderr.isatty(), [t0]

    def report(run):
        now = time.monotonic()
        if now - last[0] < (0.2 if tty else 10):
            return
        last[0] = now
        sys.stderr.write(f"{chr(13) if tty else ''}fuzz: {run.kind.upper()}, {now - t0:.0f} of {total} s, "
                         f"{run.inputs} inputs, {run.edges} branches{'  ' if tty else chr(10)}")
        sys.stderr.flush()
    return report


def fuzz(kind, binary, seconds, findings, corpora, report, env=None):
    run = Run(binary, kind, seconds, findings, corpora, env or {})
    try:
        run.read(report)
    except KeyboardInterrupt:
        run.stop()
        run.read(lambda r: None)
        return run, True
    return run, False


def seeds(kind, into, hand_made):
    """The committed inputs of one fake, or those of them that were written by hand."""
    if not hand_made:
        corpus.unpack(kind, into)
        return into
    os.makedirs(into)
    for n, data in enumerate(corpus.hand_made(kind, plain=True)):
        with open(os.path.join(into, str(n)), "wb") as f:
            f.write(data)
    return into


def say_finding(run, what):
    print(f"finding: {run.finding}")
    print(f"reproduce: {what}{rel(run.binary)} {rel(run.saved) if run.saved else '?'}")


def main(argv):
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--time", type=int, default=60, metavar="SECONDS")
    p.add_argument("--findings", default=os.path.join(BUILD, "findings"), metavar="DIRECTORY")
    p.add_argument("--self-test", action="store_true")
    args = p.parse_args(argv)
    if args.time < 2:
        sys.exit("fuzz: TIME=seconds, at least 2")
    os.makedirs(args.findings, exist_ok=True)
    t0, bad, total = time.monotonic(), 0, 0
    report = progress(args.time, t0)
    with tempfile.TemporaryDirectory() as tmp:
        for kind in KINDS:
            base = seeds(kind, os.path.join(tmp, kind), args.self_test)
            if args.self_test:
                new = os.path.join(tmp, f"{kind}-new")
                os.makedirs(new)
                binary = os.path.join(BUILD, "fuzz-broken")
                env = {"FUZZ_BREAK": kind}
                if subprocess.run([binary, "-runs=0", base], env={**os.environ, **env}, capture_output=True).returncode:
                    sys.exit(f"fuzz: the hand-made inputs find the {kind} mistake by themselves, which tests nothing")
                run, stopped = fuzz(kind, binary, args.time, tmp, [new, base], report, env)
                if stopped:
                    break
                print(f"{'ok' if run.finding else 'not ok'} a mistake in the {kind.upper()} fake "
                      + (f"was found after {run.inputs} inputs: {run.finding}" if run.finding else "was not found"))
                bad += not run.finding
                continue
            found = os.path.join(BUILD, "found", kind)
            os.makedirs(found, exist_ok=True)
            run, stopped = fuzz(kind, os.path.join(BUILD, "fuzz"), args.time // 2, args.findings, [found, base], report)
            total += run.inputs
            if run.finding:
                bad += 1
                say_finding(run, "")
            if stopped:
                break
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    if args.self_test:
        print(f"{len(KINDS) - bad} passed, {bad} failed, 0 skipped")
    else:
        print(f"fuzz: {total} inputs in {time.monotonic() - t0:.0f} s, {bad} findings" + (", stopped" if stopped else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
