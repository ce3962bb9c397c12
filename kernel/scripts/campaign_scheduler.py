# SPDX-License-Identifier: GPL-2.0
"""Runs of the campaign kernel: one that records, many that inject, side by side.

One thread looks after all of them: what ends this process, in whatever way,
ends them too.
"""

import collections
import ctypes
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from buildlib import hms
from gmemlib import Fail, load_json, say, store_json
import campaign_protocol as proto

# Time travel makes waiting free, and needs a kernel with one CPU.  What injects is a
# suite of KUnit; its time-out counts virtual time.
KARGS = ("mem=512M", "time-travel=inf-cpu", "panic=-1", "con=null", "con0=fd:0,fd:1", "kunit.filter_glob=campaign",
         "kunit.timeout=1000000", "kunit_shutdown=halt")
# So few ASIDs that they come round, and more than are left behind before a kernel is booted anew
MACHINE = {"snp": ("sim_cpu=amd", "sim_min_sev_asid=97"), "tdx": ("sim_cpu=intel", "kvm_intel.tdx=1")}

BOOT_LIMIT = 180        # seconds until the kernel is ready
POWEROFF = 5            # seconds it may take to go once it has said that it is done
CHUNK_SECONDS = 20      # what an instance is given at once
CHUNK_LEAST = 200       # a boot takes as long as some hundreds of injections
UNKNOWN = "the kernel knows no such injection"
TRIES = 2               # of an injection whose result did not arrive
CONSOLE_LINES = 400
EXCERPT = 120
LEDGER_LINES = 80
PR_SET_PDEATHSIG = 1

COMPLAINT = re.compile(r"Kernel panic|BUG:|WARNING:|INFO: |Oops|KASAN|Kernel mode (?:signal|fault)|"
                       r"Segfault with no mm|general protection")

GUESS = re.compile(r"^(?:\[ *[\d.]+\])? *\[<[0-9a-f]+>\] \? ")


def limit():
    """Seconds of processor time that an injection may take; four times that on the clock."""
    text = os.environ.get("TIMEOUT") or "30"
    try:
        sec = float(text)
    except ValueError:
        sec = 0
    if not 0 < sec < 1e6:
        raise Fail(f"TIMEOUT={text}: not a number of seconds")
    return sec


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def excerpt(lines, n=EXCERPT):
    """The last @n lines, or @n from where the kernel starts to complain; of a stack, what is certain."""
    lines = [ln for ln in lines if ln.strip() and not GUESS.search(ln)]
    for i, ln in enumerate(lines):
        if COMPLAINT.search(ln):
            i = max(0, i - 1)
            return lines[i:i + n]
    return lines[-n:]


class Instance:
    """One boot of the kernel."""

    def __init__(self, kernel, platform, mode, ids=(), kargs=()):
        self.platform, self.mode, self.ids = platform, mode, list(ids)
        self.tmp = tempfile.mkdtemp(prefix="gmem-campaign-")
        cmd = [kernel, *KARGS, *MACHINE[platform], f"uml_dir={self.tmp}/", f"campaign.mode={mode}"]
        if mode != "record":
            path = os.path.join(self.tmp, "list")
            with open(path, "w") as f:
                f.writelines(i + "\n" for i in self.ids)
            cmd += [f"campaign.list={path}", "campaign.lifetimes=2"]
        cmd += kargs
        # UML keeps its memory in a file: let it find a tmpfs by itself.
        env = {k: v for k, v in os.environ.items() if k not in ("TMPDIR", "TMP", "TEMP")}
        self.p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env=env, start_new_session=True, preexec_fn=die_with_parent)
        os.set_blocking(self.p.stdout.fileno(), False)
        self.rest = b""
        self.begun = self.reboot = self.ended = None
        self.console = collections.deque(maxlen=CONSOLE_LINES)
        self.at = 0             # the first of ids that has no result
        self.done = 0           # results
        self.since = time.monotonic()
        self.cpu_since = 0.0
        self.t0 = self.since

    def cpu(self):
        try:
            with open(f"/proc/{self.p.pid}/stat") as f:
                w = f.read().rpartition(")")[2].split()
            return (int(w[11]) + int(w[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError):
            return 0.0

    def alive(self):
        """It has come on."""
        self.since, self.cpu_since = time.monotonic(), self.cpu()

    def hung(self, sec):
        """Why this instance has to be ended; None if it need not."""
        wall = time.monotonic() - self.since
        if self.ended is not None or self.reboot:
            return "" if wall > POWEROFF else None
        if not self.begun and self.mode != "record":
            return f"no answer {BOOT_LIMIT} s after the start" if wall > BOOT_LIMIT else None
        if wall > sec and self.cpu() - self.cpu_since > sec:
            return f"hangs: no answer in {sec:g} s of processor time"
        if wall > 4 * sec:
            return f"hangs: no answer in {4 * sec:g} s"
        return None

    def read(self):
        """New lines of the console; None at its end."""
        try:
            data = os.read(self.p.stdout.fileno(), 1 << 18)
        except BlockingIOError:
            return []
        if not data:
            last, self.rest = self.rest, b""
            return [last.decode(errors="replace")] if last else None
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [ln.decode(errors="replace").rstrip("\r") for ln in lines]

    def kill(self):
        """UML has helper processes; all are of one session."""
        try:
            os.killpg(self.p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end(self):
        self.kill()
        self.p.stdout.close()
        self.p.wait()
        shutil.rmtree(self.tmp, ignore_errors=True)


def watch(inst, sel, sec):
    """Lines of the console until it ends; why it has to be ended if it does not."""
    gone = False
    while not gone:
        why = inst.hung(sec)
        if why is not None:
            yield why
            return
        # A helper process may still hold the console open.
        gone = inst.p.poll() is not None
        if sel.select(0 if gone else 0.25):
            lines = inst.read()
            if lines is None:
                return
            yield lines


def record(kernel, platform, depth, kargs):
    """The clean run: a Record.  Depth 2 has the pairs as well."""
    rec = proto.Record(platform)
    for d in range(1, depth + 1):
        record_boot(kernel, rec, d, kargs)
        rec.check(d)
    return rec


def record_boot(kernel, rec, depth, kargs):
    platform = rec.platform
    inst = Instance(kernel, platform, "record", kargs=[f"campaign.depth={depth}", *kargs])
    sel = selectors.DefaultSelector()
    sel.register(inst.p.stdout, selectors.EVENT_READ)
    sec = max(limit(), 60)
    said, wrong = [], None
    try:
        for lines in watch(inst, sel, sec):
            if isinstance(lines, str):
                wrong = lines
                break
            for ln in lines:
                said.append(ln)
                try:
                    msg = proto.parse(ln)
                except proto.Malformed as e:
                    rec.problems.append(f"malformed line: {e}")
                    continue
                if msg:
                    inst.alive()
                    rec.take(msg, depth)
                    if msg["t"] == "end":
                        inst.ended = msg["done"]
                elif depth == 1 and COMPLAINT.search(ln):
                    # What pairs there are is learnt from faults, which the kernel may report.
                    rec.problems.append(f"report in the clean run: {ln.strip()}")
    finally:
        sel.close()
        inst.end()
    if inst.ended is None:
        raise Fail(f"{platform}: the clean run ends without its last line" + (f" ({wrong})" if wrong else "")
                   + "; the console:\n  " + "\n  ".join(excerpt(said, 40)))


class Journal:
    """The results of a sweep that may be interrupted: one line each, written at once."""

    def __init__(self, path, key):
        self.path, self.key = path, key
        self.results, self.problems, self.more, self.kept = {}, [], [], set()
        self.seconds = 0.0
        self.stale = self.resumed = False
        self._f = None
        self._load()

    def _load(self):
        try:
            with open(self.path) as f:
                lines = f.read().splitlines()
        except OSError:
            return
        msgs = []
        for ln in lines:
            try:
                msgs.append(json.loads(ln))
            except ValueError:
                pass            # the line at which an earlier run was killed
        if not msgs or msgs[0].get("key") != self.key:
            self.stale = bool(msgs) and not any("complete" in m for m in msgs)
            return
        if any("complete" in m for m in msgs):
            return              # nothing left to go on with: a new run is a new run
        for m in msgs[1:]:
            self._take(m)
        self.resumed = bool(self.results)

    def _take(self, m):
        if "id" in m:
            self.results[m["id"]] = m
        elif "problem" in m:
            self.problems.append(m["problem"])
        elif "kept" in m:
            self.kept.add(m["kept"])
        elif "more" in m:
            self.more.append(m["more"])
        elif "seconds" in m:
            self.seconds += m["seconds"]

    def open(self):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        if self.resumed:
            # The last line may be half of one.
            with open(self.path, "rb+") as f:
                data = f.read()
                f.truncate(data.rfind(b"\n") + 1)
            self._f = open(self.path, "a", buffering=1)
        else:
            self._f = open(self.path, "w", buffering=1)
            self._f.write(json.dumps({"key": self.key}) + "\n")

    def add(self, m):
        self._take(m)
        self._f.write(json.dumps(m) + "\n")

    def close(self):
        if self._f:
            self._f.close()
            self._f = None


class Plan:
    """What is to be injected on one platform, and what came of it."""

    def __init__(self, rec, ids, journal):
        self.record, self.ids, self.journal = rec, ids, journal
        self.tries = collections.Counter()
        self.queue = collections.deque(i for i in ids if i not in journal.results)
        self.second = [i for i in journal.more if i not in journal.results]
        self.planned = set(ids)
        self.lost = {}

    @property
    def platform(self):
        return self.record.platform

    def total(self):
        return len(self.ids) + len(self.journal.more)

    def done(self):
        return len(self.journal.results)

    def add_second(self, ident):
        """A pair that a run of its first half has found."""
        if ident in self.planned or ident in self.journal.more:
            return
        self.journal.add({"more": ident})
        self.second.append(ident)

    def next_queue(self):
        if not self.queue and self.second:
            self.queue.extend(self.second)
            self.second = []
        return self.queue


class Bar:
    """Injections done, of how many, how fast, how long still."""

    def __init__(self):
        self.tty = sys.stderr.isatty()
        self.recent = []
        self.last = self.t0 = time.monotonic()
        self.shown = False

    def show(self, done, total, bad, force=False):
        now = time.monotonic()
        if not force and now - self.last < (0.25 if self.tty else 20):
            return
        self.last = now
        self.recent = [x for x in self.recent if now - x[0] < 60] or self.recent[-1:]
        self.recent.append((now, done))
        sec, n = now - self.recent[0][0], done - self.recent[0][1]
        txt = f"{done} of {total} injections"
        if sec > 1 and n > 0:
            txt += f", {n / sec:.0f}/s, {hms(sec * (total - done) / n)} left"
        if bad:
            txt += f", {bad} finding{'s' if bad > 1 else ''}"
        if self.tty:
            width = max(10, min(40, shutil.get_terminal_size().columns - len(txt) - 12))
            full = width * done // max(1, total)
            sys.stderr.write(f"\r\x1b[K[{'#' * full}{'.' * (width - full)}] {txt}")
            self.shown = True
        else:
            sys.stderr.write(f"campaign: {txt}\n")
        sys.stderr.flush()

    def clear(self):
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self.shown = False


class Sweep:
    """All that is left of some plans, in up to @jobs kernels at a time."""

    def __init__(self, kernel, plans, jobs, depth, kargs):
        self.kernel, self.plans, self.jobs, self.depth, self.kargs = kernel, plans, jobs, depth, kargs
        self.running = {}       # Instance -> Plan
        self.sel = selectors.DefaultSelector()
        self.limit = limit()
        self.rate = {}          # platform -> injections per second of one instance
        self.boots = 0
        self.bad_boots = 0
        self.bar = Bar()
        self.bad = sum(r["verdict"] in proto.BAD for p in plans for r in p.journal.results.values())

    # ---- giving out work ----

    def chunk(self, plan):
        q = plan.next_queue()
        if not q:
            return []
        n = max(CHUNK_LEAST, min(4000, int(self.rate.get(plan.platform, 5) * CHUNK_SECONDS)))
        n = min(n, max(CHUNK_LEAST, -(-len(q) // self.jobs)))
        return [q.popleft() for _ in range(min(n, len(q)))]

    def start(self):
        for plan in self.plans:
            while len(self.running) < self.jobs:
                ids = self.chunk(plan)
                if not ids:
                    break
                inst = Instance(self.kernel, plan.platform, "run", ids, self.kargs)
                self.boots += 1
                self.running[inst] = plan
                self.sel.register(inst.p.stdout, selectors.EVENT_READ, inst)

    # ---- what comes back ----

    def result(self, plan, inst, ident, verdict, **more):
        r = {"id": ident, "verdict": verdict, **more}
        ledger, console = [], []
        for ln in inst.console:
            m = proto.LEDGER.search(ln)
            if m:
                ledger.append(m.group(1))
            else:
                console.append(ln)
        report = next((ln for ln in console if COMPLAINT.search(ln)), None)
        if report and verdict in proto.GOOD and not r.get("reports"):
            verdict = r["verdict"] = "violation"
            r.update(oracle="O6", why=f"a report that the kernel's side has not judged: {report.strip()}")
        if verdict in proto.BAD and not r.get("hypothetical"):
            self.bad += 1
            if ledger:
                r["ledger"] = ledger[-LEDGER_LINES:]
            if console:
                r["console"] = excerpt(console)
        inst.console.clear()
        plan.journal.add(r)

    def problem(self, plan, text):
        plan.journal.add({"problem": text})
        self.bar.clear()
        say(f"{plan.platform}: {text}")

    def line(self, plan, inst, ln):
        try:
            msg = proto.parse(ln)
        except proto.Malformed as e:
            self.problem(plan, f"malformed line: {e}")
            return
        if msg is None:
            inst.console.append(ln)
            return
        inst.alive()
        t = msg["t"]
        if t == "begin":
            inst.begun = True
            for report in filter(COMPLAINT.search, inst.console):
                self.problem(plan, f"report during boot: {report.strip()}")
            inst.console.clear()
            if msg["n"] != len(inst.ids):
                self.problem(plan, f"the kernel read {msg['n']} of {len(inst.ids)} injections")
        elif t == "result":
            inst.begun = True
            self.take(plan, inst, msg)
        elif t == "injection":
            if "+" not in msg["id"]:
                self.problem(plan, f"not in the record: {msg['id']}")
            elif self.depth > 1:
                plan.add_second(msg["id"])
        elif t == "problem":
            self.problem(plan, msg["text"])
        elif t == "kept":
            plan.journal.add({"kept": msg["function"]})
        elif t == "reboot":
            inst.reboot = True
        elif t == "end":
            inst.ended = msg["done"]
            if msg["done"] != inst.done:
                self.problem(plan, f"the kernel had {msg['done']} results, {inst.done} of them arrived")

    def take(self, plan, inst, msg):
        ident = msg["id"]
        try:
            at = inst.ids.index(ident, inst.at)
        except ValueError:
            self.problem(plan, f"result of an injection that was not asked for: {ident}")
            return
        # Results come in order: those passed over won't come any more.
        for lost in inst.ids[inst.at:at]:
            self.lost(plan, inst, lost)
        inst.at = at + 1
        inst.done += 1
        more = {k: v for k, v in msg.items() if k not in ("t", "id", "verdict")}
        self.result(plan, inst, ident, msg["verdict"], **more)

    def lost(self, plan, inst, ident):
        plan.tries[ident] += 1
        if plan.tries[ident] < TRIES:
            plan.queue.append(ident)
        else:
            self.bad += 1
            plan.journal.add({"id": ident, "verdict": proto.MISSING, "why": f"no result in {TRIES} runs"})

    def gone(self, inst, why):
        """The instance has ended, or has to: what does that say, and what is left of its work?"""
        plan = self.running.pop(inst)
        self.sel.unregister(inst.p.stdout)
        sec = time.monotonic() - inst.t0
        inst.end()
        plan.journal.add({"seconds": sec})
        if inst.done > 50:
            self.rate[plan.platform] = inst.done / sec
        left = inst.ids[inst.at:]
        if inst.reboot and inst.at:
            self.bad_boots = 0
            plan.queue.extendleft(reversed(left))
            return
        if inst.ended is not None:
            self.bad_boots = 0
            for ident in left:
                self.lost(plan, inst, ident)
            return
        if not inst.begun:
            # Nothing was injected: the injections are not to blame.
            plan.queue.extendleft(reversed(left))
            self.bad_boots += 1
            if self.bad_boots >= 3:
                raise Fail(f"{plan.platform}: the kernel does not get ready ({why or 'it died'}); its console:\n  "
                           + "\n  ".join(excerpt(inst.console, 40)))
            return
        self.bad_boots = 0
        if inst.reboot:
            why = "asks for a reboot without a result"
        if left:
            inst_why = why or f"the kernel died (status {inst.p.returncode})"
            self.result(plan, inst, left[0], proto.CRASHED, why=inst_why, before=inst.done)
            plan.queue.extendleft(reversed(left[1:]))
        else:
            self.problem(plan, f"the kernel died after its last result, that of {inst.ids[-1]}")

    def run(self):
        """Until nothing is left.  An exception leaves no kernel behind either."""
        try:
            self.start()
            checked = 0.0
            while self.running:
                for key, _ in self.sel.select(0.25):
                    inst = key.data
                    lines = inst.read()
                    if lines is None:
                        self.gone(inst, None)
                        continue
                    for ln in lines:
                        self.line(self.running[inst], inst, ln)
                now = time.monotonic()
                if now - checked > 0.2:
                    checked = now
                    for inst in list(self.running):
                        why = inst.hung(self.limit)
                        if why is not None:
                            self.gone(inst, why)
                        elif inst.p.poll() is not None:
                            # A helper process may still hold the console open.
                            for ln in inst.read() or ():
                                self.line(self.running[inst], inst, ln)
                            self.gone(inst, None)
                self.start()
                self.bar.show(sum(p.done() for p in self.plans), sum(p.total() for p in self.plans), self.bad)
        finally:
            self.bar.clear()
            for inst in self.running:
                inst.kill()
            for inst, plan in self.running.items():
                # What has been done need not be done again.
                for ln in inst.read() or ():
                    self.line(plan, inst, ln)
                inst.end()
            self.running.clear()
            self.sel.close()
            for p in self.plans:
                p.journal.close()


def cached_record(path, key, make):
    """The record at @path if it was made under @key, else a new one."""
    have = load_json(path)
    if have and have.get("key") == key:
        return proto.Record.from_json(have["record"]), True
    rec = make()
    # One that is not as it should be is looked at again, not kept.
    if not rec.problems:
        store_json(path, {"key": key, "record": rec.to_json()})
    return rec, False


def replay(kernel, platform, ident, kargs, out):
    """One injection, with all that the kernel says: (its result or None, why there is none)."""
    inst = Instance(kernel, platform, "repro", [ident], kargs)
    sel = selectors.DefaultSelector()
    sel.register(inst.p.stdout, selectors.EVENT_READ)
    result, why = None, None
    try:
        for got in watch(inst, sel, limit()):
            if isinstance(got, str):
                why = got
                break
            for ln in got:
                try:
                    msg = proto.parse(ln)
                except proto.Malformed as e:
                    out.write(f"malformed line: {e}\n")
                    continue
                if not msg:
                    m = proto.LEDGER.search(ln)
                    out.write((m.group(1) if m else ln) + "\n")
                    continue
                inst.alive()
                if msg["t"] == "begin":
                    inst.begun = True
                elif msg["t"] == "result" and msg["id"] == ident:
                    result = msg
                elif msg["t"] == "problem":
                    out.write(f"problem: {msg['text']}\n")
                elif msg["t"] == "end":
                    inst.ended = msg["done"]
                elif msg["t"] == "reboot":
                    inst.reboot = True
            out.flush()
    finally:
        sel.close()
        inst.end()
    if not result and not why and inst.ended == 0:
        why = UNKNOWN
    return result, why or f"the kernel died (status {inst.p.returncode})"
