# SPDX-License-Identifier: GPL-2.0
"""What the campaign kernel says on its console, and the names of injections.

A line of the protocol is "campaign: " and one JSON object; what stands before
it, like the time of printk, is not looked at.  All other lines are the
kernel's own messages.

An injection is named workload:op#occurrence=status@phase; in a pair two of
these are joined by "+", and the second may leave out the workload.
"""

import json
import re

from gmemlib import Fail

KINDS = ("psp", "rmp", "seamcall", "alloc", "gup", "copy", "signal", "poison", "attr", "close", "slot", "hole",
         "cpuid", "call", "stop")
VERDICTS = ("propagated", "tolerated", "swallowed", "violation", "undelivered")
# What the kernel can't say itself
CRASHED, MISSING = "crashed", "missing"
GOOD = ("propagated", "tolerated")
BAD = ("swallowed", "violation", "undelivered", CRASHED, MISSING)

MARK = "campaign: {"
LEDGER = re.compile(r"campaign-ledger: ?(.*)$")
HALF = re.compile(r"(?:(?P<workload>[\w.-]+):)?(?P<op>[^\s:#=@+'\"]+)#(?P<occ>[1-9]\d*)"
                  r"=(?P<status>[^\s=@+'\"]+)@(?P<phase>[^\s=@+'\"]+)$")

# type -> {field: what it has to be}
FIELDS = {
    "site": {"workload": str, "op": str, "occ": int, "of": int, "kind": KINDS},
    "injection": {"id": "id"},
    "begin": {"n": int},
    "result": {"id": "id", "verdict": VERDICTS, "ns": int},
    "lifetime": {"ns": int},
    "problem": {"text": str},
    "kept": {"function": str, "used": (True, False)},
    "reboot": {},
    "end": {"done": int},
}


class Malformed(Exception):
    """A line that starts like one of the protocol, but is none."""


class Half:
    """One fault of an injection."""

    __slots__ = ("workload", "op", "occ", "status", "phase")

    def __init__(self, m, workload):
        self.workload = m["workload"] or workload
        self.op, self.occ, self.status, self.phase = m["op"], int(m["occ"]), m["status"], m["phase"]

    @property
    def site(self):
        return self.workload, self.op, self.occ


def split_id(text):
    """The faults of an injection; ValueError if @text is not the name of one."""
    halves = []
    for part in text.split("+"):
        m = HALF.match(part)
        if not m or not halves and not m["workload"]:
            raise ValueError(f"{text}: not workload:op#occurrence=status@phase, or two of them joined by +")
        halves.append(Half(m, halves[0].workload if halves else None))
    if len(halves) > 2:
        raise ValueError(f"{text}: more than two faults")
    return halves


def parse(line):
    """The message in a line of the console; None if the line is the kernel's own."""
    at = line.find(MARK)
    if at < 0:
        return None
    text = line[at + len(MARK) - 1:].strip()
    try:
        msg = json.loads(text)
    except ValueError:
        raise Malformed(f"no JSON: {text[:200]}") from None
    kind = msg.get("t")
    if kind not in FIELDS:
        raise Malformed(f"unknown \"t\": {text[:200]}")
    for name, want in FIELDS[kind].items():
        val = msg.get(name)
        if want == "id":
            try:
                split_id(val if isinstance(val, str) else str(val))
            except ValueError as e:
                raise Malformed(str(e)) from None
        elif isinstance(want, tuple):
            if val not in want:
                raise Malformed(f"\"{name}\" is {val!r}: should be one of {', '.join(want)}: {text[:200]}")
        elif not isinstance(val, want) or isinstance(val, bool) or want is int and val < 0:
            raise Malformed(f"\"{name}\" is {val!r}: {text[:200]}")
    return msg


def lifetime(msg):
    """[workload, median, least, median with lockdep] nanoseconds"""
    more = (msg.get(k) for k in ("least", "watched"))
    return [msg.get("workload", ""), msg["ns"], *(n if isinstance(n, int) else msg["ns"] for n in more)]


class Record:
    """What a clean run of all workloads of one platform found: its sites, and the injections at them."""

    def __init__(self, platform):
        self.platform = platform
        self.sites, self.ids, self.lifetimes, self.problems, self.kept = [], [], [], [], []
        self.ended, self._now = None, 0
        self._seen, self._known = set(), set()

    def take(self, msg, depth=1):
        t = msg["t"]
        if t == "site" and depth > 1:
            pass                # known from the run for single faults
        elif t == "site":
            key = (msg["workload"], msg["op"], msg["occ"])
            if key in self._seen:
                self.problems.append("site recorded twice: {}:{}#{}".format(*key))
                return
            self._seen.add(key)
            self.sites.append({k: msg[k] for k in ("workload", "op", "occ", "of", "kind", "none") if k in msg})
        elif t == "injection":
            if msg["id"] in self._known:
                self.problems.append(f"injection recorded twice: {msg['id']}")
                return
            self._known.add(msg["id"])
            self.ids.append(msg["id"])
            self._now += 1
        elif t == "lifetime":
            self.lifetimes.append(lifetime(msg))
        elif t == "problem":
            self.problems.append(msg["text"])
        elif t == "kept":
            if msg["function"] not in self.kept:
                self.kept.append(msg["function"])
        elif t == "end":
            self.ended = msg["done"]

    def check(self, depth=1):
        """Is it complete?  A site nobody injects anything at would look like one that passed."""
        what = "injections" if depth == 1 else "pairs of faults"
        if not self.sites:
            raise Fail(f"{self.platform}: the clean run recorded no site")
        if not self._now:
            raise Fail(f"{self.platform}: the clean run recorded no {what}")
        if self.ended != self._now:
            self.problems.append(f"the kernel recorded {self.ended} {what}, {self._now} of them arrived")
        self._now = 0
        if depth > 1:
            return
        # Of an operation that is repeated page by page, the kernel takes first, middle and last.
        have, of = {}, {}
        for s in self.sites:
            have.setdefault((s["workload"], s["op"]), set()).add(s["occ"])
            of.setdefault((s["workload"], s["op"]), set()).add(s["of"])
        for key, occ in sorted(have.items()):
            n = max(of[key])
            if len(of[key]) > 1 or 1 not in occ or max(occ) > n:
                self.problems.append("{}:{}: of {} occurrences, these were recorded: {}".format(
                    *key, " or ".join(map(str, sorted(of[key]))), " ".join(map(str, sorted(occ)))))
        at = {h.site for i in self.ids for h in split_id(i)[:1]}
        for s in self.sites:
            key = (s["workload"], s["op"], s["occ"])
            if key not in at and not s.get("none"):
                self.problems.append("site without an injection: {}:{}#{}".format(*key))
        for key in sorted(at - self._seen):
            self.problems.append("injection at a site that is not recorded: {}:{}#{}".format(*key))

    def to_json(self):
        return {"platform": self.platform, "sites": self.sites, "ids": self.ids, "lifetimes": self.lifetimes,
                "problems": self.problems, "kept": self.kept}

    @classmethod
    def from_json(cls, obj):
        r = cls(obj["platform"])
        r.sites, r.ids, r.lifetimes, r.problems = obj["sites"], obj["ids"], obj["lifetimes"], obj["problems"]
        r.kept = obj.get("kept", [])
        return r
