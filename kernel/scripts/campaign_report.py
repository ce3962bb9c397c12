# SPDX-License-Identifier: GPL-2.0
"""What a campaign found: table, JSON, JUnit XML, and a page for the browser."""

import collections
import html
import json
import os
import re
import shlex
import xml.etree.ElementTree as ET

from gmemlib import write_file
import campaign_protocol as proto

HYPO = "hypothetical"
# The worst first: it gives a cell its colour.
ORDER = (proto.CRASHED, "violation", "swallowed", "undelivered", proto.MISSING, "tolerated", "propagated", HYPO)
LETTER = {"propagated": "", "tolerated": "T", "swallowed": "S", "violation": "V", "undelivered": "U",
          proto.CRASHED: "C", proto.MISSING: "M", HYPO: "H"}
MEANING = {
    "propagated": "the caller got an error that stands for the fault",
    "tolerated": "the code is written to live with this fault at this place",
    "swallowed": "the caller was told of success although the fault took effect",
    "violation": "an oracle found the machine or the kernel in a state that must not be",
    "undelivered": "the fault was armed, but nothing ran into it",
    proto.CRASHED: "the kernel died, hung or asked for a reboot",
    proto.MISSING: "no result came back",
    HYPO: "no reference says that hardware does this; not a finding",
}
COLUMNS = ("occurrences", "sites", "injections", "propagated", "tolerated", "swallowed", "violations", "crashed", "undelivered",
           "missing")
FIRMWARE = ("psp", "rmp", "seamcall")
# A reason for which results are good as well, see Report.reasons()
WARNED = "WARN: what only hardware that is broken can do"
LEFT = "LEFT: the host does not get everything back, whatever the verdict"
DEAD = "DEAD: KVM gives the VM up"
GIVEN_UP = "GIVEN UP: "
TARGET_LIFETIME = 1e6       # ns
TARGET_RATIO = 2
MAX_FINDINGS = 400          # shown in full on the page
MAX_OPEN = 10               # whose stack and ledger are open


def kind_of(r):
    """The verdict under which a result is counted."""
    if r.get("hypothetical") and r["verdict"] not in (proto.CRASHED, proto.MISSING):
        return HYPO
    return r["verdict"]


def median(values):
    values = sorted(values)
    n = len(values)
    return (values[n // 2] + values[(n - 1) // 2]) / 2 if n else None


class Platform:
    """Record, results and figures of one platform."""

    def __init__(self, plan):
        rec, journal = plan.record, plan.journal
        self.name = rec.platform
        self.problems = list(dict.fromkeys(rec.problems + journal.problems))
        self.sites = {(s["workload"], s["op"], s["occ"]): s for s in rec.sites}
        self.planned = list(plan.ids) + list(journal.more)
        self.recorded = len(rec.ids)
        self.results = []
        for ident in self.planned:
            r = dict(journal.results.get(ident) or {"id": ident, "verdict": proto.MISSING, "why": "was not run"})
            r["halves"] = proto.split_id(ident)
            self.results.append(r)
        self.workloads = sorted({s["workload"] for s in rec.sites} | {r["halves"][0].workload for r in self.results})
        self.lifetimes = rec.lifetimes
        self.kept, self.kept_used = rec.kept, journal.kept
        self.seconds = journal.seconds

    def findings(self):
        return [r for r in self.results if kind_of(r) in proto.BAD]

    def rows(self):
        """One per workload: {column: number}"""
        out = []
        for w in self.workloads:
            mine = [r for r in self.results if r["halves"][0].workload == w]
            count = collections.Counter(kind_of(r) for r in mine)
            of = {k[1]: s["of"] for k, s in self.sites.items() if k[0] == w}
            out.append({"platform": self.name, "workload": w, "occurrences": sum(of.values()),
                        "sites": sum(k[0] == w for k in self.sites), "injections": len(mine),
                        **{v: count[v] for v in (*proto.VERDICTS, proto.CRASHED, proto.MISSING, HYPO)},
                        "violations": count["violation"]})
        return out

    def figures(self):
        """Nanoseconds of a bare VM lifetime and of an injection, by workload."""
        out = []
        for w in self.workloads:
            bare = [x for x in self.lifetimes if x[0] in (w, "")]
            inj = [r["ns"] for r in self.results if r["halves"][0].workload == w and r.get("ns")
                   and kind_of(r) not in (proto.CRASHED, proto.MISSING, HYPO)]
            if not bare or not inj:
                continue
            b, least, watched = median(x[1] for x in bare), min(x[2] for x in bare), median(x[3] for x in bare)
            mean = sum(inj) / len(inj)
            out.append({"workload": w, "lifetime_ns": b, "lifetime_min_ns": least, "lifetime_lockdep_ns": watched,
                        "injections": len(inj), "injection_ns": round(mean), "injection_median_ns": median(inj),
                        "injection_max_ns": max(inj), "ratio": round(mean / b, 3),
                        "ratio_lockdep": round(mean / watched, 3)})
        return out


class Report:
    def __init__(self, plans, **head):
        self.platforms = [Platform(p) for p in plans]
        self.head = head

    def rows(self):
        return [r for p in self.platforms for r in p.rows()]

    def reasons(self, nr=1):
        """How often each tolerance was the reason for what comes of @nr faults: {why: {"op=status@phase": n}}"""
        res = collections.defaultdict(collections.Counter)
        for p in self.platforms:
            for r in p.results:
                if len(r["halves"]) != nr:
                    continue
                # Which status of the first fault it was says little: it has led to the second.
                what = "+".join([h.op for h in r["halves"][:-1]] + [f"{h.op}={h.status}@{h.phase}" for h in r["halves"][-1:]])
                if r.get("warned") and kind_of(r) in proto.GOOD:
                    res[WARNED][what] += 1
                # Of pairs, of which the second mostly keeps something from being taken back, it says little.
                if nr == 1 and kind_of(r) in proto.GOOD:
                    if r.get("left"):
                        res[LEFT][what] += 1
                    if r.get("end") == "dead":
                        res[DEAD][what] += 1
                    if kind_of(r) == "propagated" and r.get("by"):
                        res[GIVEN_UP + r["by"]][what] += 1
                if kind_of(r) == "tolerated":
                    res[r.get("by") or r.get("why") or ""][what] += 1
        return res

    def kept_for_nothing(self):
        """What may stay allocated, and never did: KEPT() of kunit/campaign_named.h."""
        used = {f for p in self.platforms for f in p.kept_used}
        return sorted({f for p in self.platforms for f in p.kept} - used)

    def counts(self):
        """(passed, failed)"""
        results = [kind_of(r) for p in self.platforms for r in p.results]
        bad = sum(v in proto.BAD for v in results)
        return len(results) - bad, bad + sum(len(p.problems) for p in self.platforms)

    # ---- for the terminal ----

    def table(self):
        rows = self.rows()
        total = {"platform": "all", "workload": "", **{c: sum(r[c] for r in rows) for c in COLUMNS}}
        hypo = sum(r[HYPO] for r in rows)
        cols = [*COLUMNS, *([HYPO] if hypo else [])]
        total[HYPO] = hypo
        wide = max([8] + [len(r["workload"]) for r in rows])
        out = ["platform  " + "workload".ljust(wide) + "".join(f" {c:>{max(6, len(c))}}" for c in cols)]
        for r in [*rows, total]:
            out.append(f"{r['platform']:<8}  {r['workload']:<{wide}}"
                       + "".join(f" {r[c]:>{max(6, len(c))}}" for c in cols))
        for p in self.platforms:
            for f in p.figures():
                out.append(f"{p.name} {f['workload']}: a bare lifetime takes {f['lifetime_ns'] / 1e6:.2f} ms, "
                           f"{f['lifetime_lockdep_ns'] / 1e6:.2f} ms with lockdep; "
                           f"an injection {f['injection_ns'] / 1e6:.2f} ms ({f['ratio']:.2f} x, {f['ratio_lockdep']:.2f} x)")
        return "\n".join(out)

    def told(self, limit=30):
        """Findings, in short."""
        out, n = [], 0
        for p in self.platforms:
            out += [f"{p.name}: {t}" for t in p.problems[:limit]]
            for r in p.findings():
                n += 1
                if n <= limit:
                    out.append(f"{kind_of(r)}: {r['id']}" + (f": {reason(r)}" if reason(r) else "")
                               + f"\n    {reproducer(r['id'], self.head.get('series'))}")
        if n > limit:
            out.append(f"... and {n - limit} more findings")
        return "\n".join(out)

    # ---- for machines ----

    def to_json(self):
        plats = {}
        for p in self.platforms:
            plats[p.name] = {
                "recorded": p.recorded, "problems": p.problems, "sites": list(p.sites.values()),
                "figures": {"workloads": p.figures()}, "kernel_seconds": round(p.seconds, 1)}
        results = []
        for p in self.platforms:
            for r in p.results:
                h = r["halves"][0]
                results.append({"platform": p.name, "workload": h.workload, "op": h.op, "occ": h.occ,
                                "status": h.status, "phase": h.phase,
                                **{k: v for k, v in r.items() if k != "halves"}})
        passed, failed = self.counts()
        return {**self.head, "passed": passed, "failed": failed, "summary": self.rows(), "platforms": plats,
                "results": results}

    def junit(self):
        root = ET.Element("testsuites", name="campaign")
        for p in self.platforms:
            for w in p.workloads:
                mine = [r for r in p.results if r["halves"][0].workload == w]
                bad = [r for r in mine if kind_of(r) in proto.BAD]
                err = sum(kind_of(r) in (proto.CRASHED, proto.MISSING) for r in bad)
                suite = ET.SubElement(root, "testsuite", name=f"{p.name}.{w}", tests=str(len(mine)),
                                      failures=str(len(bad) - err), errors=str(err),
                                      skipped=str(sum(kind_of(r) == HYPO for r in mine)),
                                      time=f"{sum(r.get('ns', 0) for r in mine) / 1e9:.6f}")
                for r in mine:
                    case = ET.SubElement(suite, "testcase", classname=f"campaign.{p.name}.{w}", name=clean(r["id"]),
                                         time=f"{r.get('ns', 0) / 1e9:.6f}")
                    v = kind_of(r)
                    if v == HYPO:
                        ET.SubElement(case, "skipped", message=MEANING[HYPO])
                    elif v in proto.BAD:
                        e = ET.SubElement(case, "error" if v in (proto.CRASHED, proto.MISSING) else "failure",
                                          type=v, message=clean(f"{v}: {reason(r)}"))
                        e.text = clean("\n".join([reproducer(r["id"], self.head.get("series")),
                                                  *r.get("console", ()), *r.get("ledger", ())]))
            if p.problems:
                suite = ET.SubElement(root, "testsuite", name=f"{p.name}.sweep", tests=str(len(p.problems)),
                                      failures="0", errors=str(len(p.problems)), skipped="0", time="0")
                for n, text in enumerate(p.problems, 1):
                    case = ET.SubElement(suite, "testcase", classname=f"campaign.{p.name}.sweep", name=f"problem {n}")
                    ET.SubElement(case, "error", type="problem", message=clean(text))
        ET.indent(root)
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"

    def write(self, where):
        names = []
        for name, text in (("report.json", json.dumps(self.to_json(), indent=1) + "\n"),
                           ("junit.xml", self.junit()), ("report.html", page(self))):
            path = os.path.join(where, name)
            write_file(path, text)
            names.append(path)
        return names


def clean(text):
    """XML has no place for most control characters."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd]", "?", text)


def reason(r):
    why = r.get("why") or ""
    if r.get("oracle"):
        why = f"{r['oracle']}: {why}" if why else r["oracle"]
    return why


def told_by(r):
    """What the first call that failed returned: a number above 0 is that of the pages it has left undone."""
    n = r.get("errno")
    return f"{n} pages left" if n and n > 0 else f"errno {n}" if n else ""


def reproducer(ident, series=None):
    more = f" SERIES={series}" if series and series != "fixed" else ""
    return f"make repro{more} ID={shlex.quote(ident) if re.search(r'[^A-Za-z0-9_.:=@+#,-]', ident) else repr(ident)}"


# ---- the page ----

def esc(text):
    return html.escape(str(text), quote=True)


def worst(count):
    return next((v for v in ORDER if count.get(v)), None)


def code(count):
    """Counts of a cell for the script: p3t1"""
    return "".join(f"{v[0]}{count[v]}" for v in ORDER if count.get(v))


def cell(count, where, extra=""):
    v = worst(count)
    if not v:
        return "<td></td>"
    n = sum(count.values())
    letter = LETTER[v]
    text = f"{n}" + (f"<b>{letter}{count[v] if count[v] != n else ''}</b>" if letter else "")
    title = f"{where}: " + ", ".join(f"{count[x]} {x}" for x in ORDER if count.get(x))
    return f'<td class="{v}" data-v="{code(count)}" title="{esc(title)}"{extra}>{text}</td>'


def key(text):
    """A name that can stand in an id."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", text)


def natural(text):
    return [(0, int(x), "") if x.isdigit() else (1, 0, x) for x in re.findall(r"\d+|\D+", text)]


def op_order(p):
    """Operations in the order in which the first workload meets them."""
    ops = dict.fromkeys(k[1] for k in p.sites)
    for r in p.results:
        ops.setdefault(r["halves"][0].op)
    return list(ops)


def overview(p, calls):
    """Operations x statuses; @calls: those of calls out of turn, which have names in place of statuses."""
    kinds = {k[1]: s["kind"] for k, s in p.sites.items()}
    ops = [o for o in op_order(p) if (kinds.get(o) == "call") == calls]
    count = collections.defaultdict(collections.Counter)
    for r in p.results:
        h = r["halves"][0]
        if (kinds.get(h.op) == "call") == calls:
            count[h.op, h.status][kind_of(r)] += 1
    if not count:
        return []
    # Statuses that go together stand together: by the first operation that has them
    pos = {o: i for i, o in enumerate(ops)}
    first = {}
    for o, s in count:
        first[s] = min(first.get(s, len(ops)), pos[o])
    statuses = sorted(first, key=lambda s: (first[s], natural(s)))
    what = "calls out of turn, by the step they come before" if calls else "injections by operation and status"
    out = [f'<div class="scroll" tabindex="0" role="region" aria-label="{p.name}: {what}">'
           f'<table class="map" data-p="{p.name}"><caption>{p.name}: {what}</caption>'
           '<thead><tr><th scope="col">operation</th><th scope="col" class="num">sites</th>'
           '<th scope="col" class="num">of</th>'
           + "".join(f'<th scope="col" class="up"><span>{esc(s)}</span></th>' for s in statuses) + "</tr></thead><tbody>"]
    for o in ops:
        n = sum(k[1] == o for k in p.sites)
        of = sum({k[0]: s["of"] for k, s in p.sites.items() if k[1] == o}.values())
        out.append(f'<tr data-o="{esc(o)}"><th scope="row"><a href="#op-{p.name}-{key(o)}">{esc(o)}</a> '
                   f'<small>{esc(kinds.get(o, ""))}</small></th><td class="num">{n}</td><td class="num">{of}</td>'
                   + "".join(cell(count[o, s], f"{o} {s}", f' data-s="{esc(s)}"') if (o, s) in count else "<td></td>"
                             for s in statuses) + "</tr>")
    out.append("</tbody></table></div>")
    return out


def details(p):
    """For each operation: sites x statuses."""
    by_op = collections.defaultdict(lambda: collections.defaultdict(lambda: collections.defaultdict(collections.Counter)))
    for r in p.results:
        h = r["halves"][0]
        by_op[h.op][h.workload, h.occ][h.status, h.phase][kind_of(r)] += 1
    for w, o, occ in p.sites:
        by_op[o][w, occ]        # a site that nothing is injected at has a row all the same
    out = []
    for o in op_order(p):
        sites = by_op[o]
        cols = sorted({c for row in sites.values() for c in row}, key=lambda c: (natural(c[0]), c[1]))
        total = collections.Counter()
        for row in sites.values():
            for c in row.values():
                total.update(c)
        said = ", ".join(f"{total[v]} {v}" for v in ORDER if total.get(v)) or "no injection"
        out.append(f'<details class="op" id="op-{p.name}-{key(o)}" data-p="{p.name}" data-o="{esc(o)}"><summary>{p.name} '
                   f'<b>{esc(o)}</b>: {len(sites)} sites, {said}</summary>'
                   f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(o)}"><table class="map">'
                   '<thead><tr><th scope="col">site</th>'
                   + "".join(f'<th scope="col" class="up" data-s="{esc(s)}"><span>{esc(s)}@{esc(ph)}</span></th>'
                             for s, ph in cols) + "</tr></thead><tbody>")
        for w, occ in sorted(sites, key=lambda k: (k[0], k[1])):
            row = sites[w, occ]
            none = p.sites.get((w, o, occ), {}).get("none")
            out.append(f'<tr data-w="{esc(w)}"><th scope="row">{esc(w)} #{occ}'
                       + (f" <small>{esc(none)}</small>" if none else "") + "</th>"
                       + "".join(cell(row[c], f"{w}:{o}#{occ}={c[0]}@{c[1]}", f' data-s="{esc(c[0])}"')
                                 if c in row else "<td></td>" for c in cols) + "</tr>")
        out.append("</tbody></table></div></details>")
    return out


def groups(p):
    """Findings that are the same but for the place: [[result, ...]]"""
    res = collections.defaultdict(list)
    for r in p.findings():
        why = re.sub(r"0x[0-9a-f]+|\d+", "N", reason(r))
        h = [(x.op, x.status, x.phase) for x in r["halves"]]
        res[kind_of(r), tuple(h), why].append(r)
    return sorted(res.values(), key=lambda g: (ORDER.index(kind_of(g[0])), -len(g)))


def lines(title, what, opened=False):
    if not what:
        return ""
    return (f"<details{' open' if opened else ''}><summary>{title} ({len(what)} line{'s' if len(what) > 1 else ''})"
            f"</summary><pre>{esc(chr(10).join(what))}</pre></details>")


def finding(p, group, series, opened):
    r = group[0]
    v = kind_of(r)
    facts = [("oracle", r.get("oracle")), ("why", r.get("why")), ("result", told_by(r)),
             ("time", f"{r['ns'] / 1e6:.2f} ms" if r.get("ns") else None),
             ("injections before it in this boot", r.get("before"))]
    works = " ".join(sorted({x["halves"][0].workload for x in group}))
    out = [f'<article class="finding" data-p="{p.name}" data-v="{v}" data-w="{esc(works)}">'
           f'<h3><span class="tag {v}">{v}</span> <code>{esc(r["id"])}</code></h3><dl>']
    out += [f"<dt>{k}</dt><dd>{esc(x)}</dd>" for k, x in facts if x not in (None, "", [])]
    out.append(f'<dt>reproduce</dt><dd><code class="cmd">{esc(reproducer(r["id"], series))}</code></dd></dl>')
    out.append(lines("Stack and messages", r.get("console"), opened))
    out.append(lines("Ledger", r.get("ledger"), opened))
    if len(group) > 1:
        out.append(lines(f"The same at {len(group) - 1} other place{'s' if len(group) > 2 else ''}",
                         [reproducer(x["id"], series) for x in group[1:]]))
    out.append("</article>")
    return "".join(out)


def tolerances(p):
    """Reasons, with what they are the reason for.  Of what is named after its step, the kind is enough."""
    kinds = {k[1]: s["kind"] for k, s in p.sites.items()}
    res = collections.defaultdict(list)
    for r in p.results:
        if kind_of(r) == "tolerated":
            h = r["halves"][-1]
            kind = kinds.get(h.op)
            op = h.op if kind in (None, *FIRMWARE) else kind
            res[op, r.get("by") or r.get("why") or ""].append(r)
    return sorted(res.items())


def page(rep):
    series = rep.head.get("series")
    total = collections.Counter(kind_of(r) for p in rep.platforms for r in p.results)
    n = sum(total.values())
    bad = sum(total[v] for v in proto.BAD)
    problems = [(p.name, t) for p in rep.platforms for t in p.problems]
    title = f"Fault-injection campaign: {bad} finding{'s' if bad != 1 else ''} in {n} injections"
    out = ["<!DOCTYPE html>", '<html lang="en"><head><meta charset="utf-8">'
           '<meta name="viewport" content="width=device-width, initial-scale=1">'
           f"<title>{esc(title)}</title><style>{CSS}</style></head><body>",
           '<a class="skip" href="#findings">Skip to the findings</a>', f"<header><h1>{esc(title)}</h1>"]
    facts = [("series", series), ("depth", rep.head.get("depth")), ("sample", rep.head.get("sample")),
             ("seed", rep.head.get("seed")), ("kernel", rep.head.get("kernel")), ("date", rep.head.get("date")),
             ("took", rep.head.get("took"))]
    out.append("<p>" + " &middot; ".join(f"{k} <b>{esc(v)}</b>" for k, v in facts if v) + "</p></header><main>")
    if not rep.head.get("complete", True):
        out.append('<p class="warn" role="alert">The run was interrupted: what it has not reached counts as missing.</p>')
    if problems:
        out.append(f'<section><h2>Problems of the sweep itself ({len(problems)})</h2><ul class="warn">'
                   + "".join(f"<li>{esc(a)}: {esc(t)}</li>" for a, t in problems[:200])
                   + (f"<li>and {len(problems) - 200} more in report.json</li>" if len(problems) > 200 else "")
                   + "</ul></section>")

    # Summary
    rows = rep.rows()
    cols = [*COLUMNS, *([HYPO] if total[HYPO] else [])]
    cls = {"violations": "violation"}
    out.append('<section><h2>Summary</h2><div class="scroll" tabindex="0" role="region" aria-label="Summary">'
               '<table class="sum"><thead><tr><th scope="col">platform</th><th scope="col">workload</th>'
               + "".join(f'<th scope="col" class="num">{c}</th>' for c in cols) + "</tr></thead><tbody>")

    def number(c, v):
        k = cls.get(c, c)
        return f'<td class="num{" " + k if k in MEANING and v else ""}">{v}</td>'

    for r in rows:
        out.append(f'<tr><td>{r["platform"]}</td><th scope="row">{esc(r["workload"])}</th>'
                   + "".join(number(c, r[c]) for c in cols) + "</tr>")
    out.append('</tbody><tfoot><tr><th scope="row" colspan="2">all</th>'
               + "".join(f'<td class="num">{sum(r[c] for r in rows)}</td>' for c in cols) + "</tr></tfoot></table></div>")
    out.append('<dl class="legend">' + "".join(
        f'<div><dt><span class="tag {v}">{v}{" " + LETTER[v] if LETTER[v] else ""}</span></dt><dd>{MEANING[v]}</dd></div>'
        for v in reversed(ORDER) if v != HYPO or total[HYPO]) + "</dl></section>")

    # Filter: of use with the script alone
    works = sorted({w for p in rep.platforms for w in p.workloads})

    def select(name, label, values):
        return (f'<label>{label} <select name="{name}"><option value="">all</option>'
                + "".join(f"<option>{esc(v)}</option>" for v in values) + "</select></label>")

    out.append('<form id="filter" hidden aria-label="Filter">'
               + select("verdict", "Verdict", ["findings"] + [v for v in reversed(ORDER) if total[v]])
               + select("platform", "Platform", [p.name for p in rep.platforms]) + select("workload", "Workload", works)
               + '<button type="reset">Show all</button><output id="shown" aria-live="polite"></output></form>')

    # Map
    out.append("<section><h2>Map</h2><p>A cell counts the injections of a status into an operation, over all "
               "occurrences and phases; its colour is that of the worst verdict, and the letter says which. "
               "Of an operation that is repeated page by page, sites are the first, one in the middle and the last. "
               "An operation leads to its sites below.</p>")
    for p in rep.platforms:
        out += overview(p, False)
        out += overview(p, True)
    out.append("</section>")

    # Findings
    out.append(f'<section id="findings" tabindex="-1"><h2>Findings ({bad})</h2>')
    shown = 0
    for p in rep.platforms:
        for g in groups(p):
            if shown < MAX_FINDINGS:
                out.append(finding(p, g, series, shown < MAX_OPEN))
            shown += 1
    if shown > MAX_FINDINGS:
        out.append(f"<p>{shown - MAX_FINDINGS} more kinds of findings are in report.json.</p>")
    if not bad:
        out.append("<p>None.</p>")
    out.append('<p id="nofinding" hidden>None with this filter.</p></section>')

    out.append("<section><h2>Sites</h2>")
    for p in rep.platforms:
        out += details(p)
    out.append("</section>")

    tol = [(p.name, k, rs) for p in rep.platforms for k, rs in tolerances(p)]
    if tol:
        out.append(f'<section><h2>Tolerances ({sum(len(rs) for _, _, rs in tol)})</h2>'
                   '<div class="scroll" tabindex="0" role="region" aria-label="Tolerances"><table class="sum"><thead><tr>'
                   '<th scope="col">platform</th><th scope="col">operation</th><th scope="col">faults</th>'
                   '<th scope="col" class="num">times</th><th scope="col">handled by</th>'
                   '<th scope="col">one of them</th></tr></thead><tbody>')
        for name, (o, by), rs in tol:
            faults = collections.Counter(f'{r["halves"][-1].status}@{r["halves"][-1].phase}' for r in rs)
            shown = ", ".join(f"{s} {n}" for s, n in sorted(faults.items()))
            out.append(f'<tr><td>{name}</td><th scope="row">{esc(o)}</th><td>{esc(shown)}</td>'
                       f'<td class="num">{len(rs)}</td><td>{esc(by)}</td>'
                       f'<td><code>{esc(rs[0]["id"])}</code></td></tr>')
        out.append("</tbody></table></div></section>")

    figs = [(p.name, f) for p in rep.platforms for f in p.figures()]
    if figs:
        out.append('<section><h2>What it costs</h2><div class="scroll" tabindex="0" role="region" aria-label="Costs">'
                   '<table class="sum"><thead><tr><th scope="col">platform</th><th scope="col">workload</th>'
                   '<th scope="col" class="num">bare lifetime without lockdep, ms</th><th scope="col" class="num">fastest</th>'
                   '<th scope="col" class="num">bare lifetime with lockdep</th>'
                   '<th scope="col" class="num">injection, ms</th><th scope="col" class="num">median</th>'
                   '<th scope="col" class="num">slowest</th><th scope="col" class="num">times bare without lockdep</th>'
                   '<th scope="col" class="num">times bare with lockdep</th></tr></thead><tbody>')
        for name, f in figs:
            out.append(f'<tr><td>{name}</td><th scope="row">{esc(f["workload"])}</th>'
                       + "".join(f'<td class="num">{f[k] / 1e6:.3f}</td>' for k in
                                 ("lifetime_ns", "lifetime_min_ns", "lifetime_lockdep_ns", "injection_ns",
                                  "injection_median_ns", "injection_max_ns"))
                       + f'<td class="num">{f["ratio"]:.2f}</td><td class="num">{f["ratio_lockdep"]:.2f}</td></tr>')
        out.append("</tbody></table></div>")
        for what, key, target, unit, text in (("Bare lifetimes below", "lifetime_ns", TARGET_LIFETIME, 1e6, "ms without lockdep"),
                                              ("Bare lifetimes below", "lifetime_lockdep_ns", TARGET_LIFETIME, 1e6,
                                               "ms with lockdep"),
                                              ("Injections at most", "ratio", TARGET_RATIO, 1, "x the bare lifetime without lockdep"),
                                              ("Injections at most", "ratio_lockdep", TARGET_RATIO, 1,
                                               "x the bare lifetime with lockdep")):
            over = [f'{esc(f["workload"])} ({name}): {f[key] / unit:.2f}' for name, f in figs if f[key] > target]
            out.append(f"<p>{what} {target / unit:g} {text}: "
                       + (f'<b>not met</b> by {", ".join(over)}' if over else "met by all") + ".</p>")
        out.append("<p>Processor time, measured by the kernel. A bare lifetime is one of a VM to which nothing happens, "
                   "in the same kernel under the same oracles, but without a verdict: once with lockdep, as every injection has it, "
                   "and once while lockdep is told to keep out; medians of those of the clean run. "
                   "An injection is all that is done for it: its VM, watched by lockdep, the verdict, its "
                   "row, and the VM that tries whether the kernel is still good; the mean of all that are not hypothetical.</p></section>")
    out.append(f"</main><script>{SCRIPT}</script></body></html>\n")
    return "\n".join(out)


CSS = """
:root { color-scheme: light dark; --fg: #1b1f24; --bg: #fff; --soft: #f3f4f6; --line: #cdd2d8; --link: #0b57a4;
  --propagated: #cfe8d2; --tolerated: #c9ddf6; --hypothetical: #e4e4ea; --undelivered: #f6d777; --missing: #c2c4c8;
  --swallowed: #f2a091; --violation: #b3261e; --crashed: #5b1a86; --on: #1b1f24; }
@media (prefers-color-scheme: dark) { :root { --fg: #e6e8eb; --bg: #15181c; --soft: #20252b; --line: #3d444d;
  --link: #8ab8f0; --propagated: #1f4a2a; --tolerated: #1d3f66; --hypothetical: #3a3d44; --undelivered: #7a5b00;
  --missing: #565b62; --swallowed: #8f3a2a; --violation: #c62f27; --crashed: #7b35ab; --on: #fff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.5rem 4rem; max-width: 110rem; color: var(--fg); background: var(--bg);
  font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; }
header { overflow-wrap: anywhere; } h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; } h3 { font-size: 1rem; margin: 0; }
a { color: var(--link); } code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .87em; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--bg); padding: .4rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
.scroll { overflow-x: auto; max-width: 100%; margin-bottom: 1rem; }
table { border-collapse: collapse; } caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border: 1px solid var(--line); padding: .15rem .5rem; text-align: left; vertical-align: top; }
thead th, tfoot td, tfoot th { background: var(--soft); } tbody th { font-weight: 500; white-space: nowrap; }
.num { text-align: right; font-variant-numeric: tabular-nums; }
.map td { text-align: center; padding: .1rem .3rem; font-variant-numeric: tabular-nums; min-width: 1.8rem; }
.map td.num { text-align: right; } .map tbody th { position: sticky; left: 0; background: var(--bg); z-index: 1; }
.map b { margin-left: .2em; } .map small { color: inherit; opacity: .75; }
.up { vertical-align: bottom; padding: .3rem .1rem; } .up span { writing-mode: vertical-rl; transform: rotate(180deg);
  font-size: .8rem; font-weight: 500; white-space: nowrap; }
.propagated { background: var(--propagated); color: var(--on); } .tolerated { background: var(--tolerated); color: var(--on); }
.hypothetical { background: var(--hypothetical); color: var(--on); } .undelivered { background: var(--undelivered); color: var(--on); }
.missing { background: var(--missing); color: var(--on); } .swallowed { background: var(--swallowed); color: var(--on); }
.violation { background: var(--violation); color: #fff; } .crashed { background: var(--crashed); color: #fff; }
.off { opacity: .22; }
.tag { display: inline-block; padding: 0 .5em; border-radius: .3em; font-weight: 600; font-size: .9rem; }
.legend { display: grid; grid-template-columns: repeat(auto-fit, minmax(21rem, 1fr)); gap: .3rem 1.5rem; margin: .8rem 0; }
.legend div { display: flex; gap: .6rem; align-items: baseline; } .legend dt { flex: 0 0 8.5rem; } .legend dd { margin: 0; }
#filter { position: sticky; top: 0; z-index: 3; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center;
  background: var(--soft); border: 1px solid var(--line); padding: .5rem .8rem; }
#filter[hidden], [hidden] { display: none !important; }
select, button { font: inherit; color: inherit; background: var(--bg); border: 1px solid var(--line); border-radius: .3em;
  padding: .15rem .5rem; }
.warn { border-left: .4rem solid var(--violation); padding: .5rem .8rem .5rem 1rem; background: var(--soft); }
ul.warn { padding-left: 2rem; }
.finding { border: 1px solid var(--line); border-radius: .4em; padding: .7rem 1rem; margin: .7rem 0; }
.finding h3 code, .cmd { overflow-wrap: anywhere; } .finding dl { display: grid; grid-template-columns: max-content 1fr;
  gap: .1rem 1rem; margin: .5rem 0; } .finding dt { opacity: .8; } .finding dd { margin: 0; }
pre { overflow-x: auto; background: var(--soft); padding: .5rem .8rem; margin: .3rem 0; max-height: 16rem; overflow-y: auto; }
summary { cursor: pointer; padding: .15rem 0; } details.op, section { scroll-margin-top: 4rem; }
@page { size: A4 landscape; margin: 10mm; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 10px; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } #filter, .skip, .finding button { display: none !important; }
  .scroll { overflow: visible; } pre { max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; }
  .finding, tr { break-inside: avoid; } .map tbody th { position: static; }
  .map th, .map td { font-size: 8px; padding: 0 .2rem; min-width: 0; } .up span { font-size: 8px; } details.op:not([open]) { display: none; } }
"""

SCRIPT = r"""
(function () {
'use strict';
const NAMES = {p: 'propagated', t: 'tolerated', s: 'swallowed', v: 'violation', u: 'undelivered', c: 'crashed', m: 'missing',
	h: 'hypothetical'};
const ORDER = 'cvsumtph', BAD = 'cvsum', LETTER = {p: '', t: 'T', s: 'S', v: 'V', u: 'U', c: 'C', m: 'M', h: 'H'};
const all = (sel, top) => Array.from((top || document).querySelectorAll(sel));
const form = document.getElementById('filter'), shown = document.getElementById('shown');

function counts(text) {
	const c = {};
	for (const m of text.matchAll(/([a-z])(\d+)/g))
		c[m[1]] = +m[2];
	return c;
}

const cells = [];
const rows = [];
for (const d of all('details.op'))
	for (const tr of all('tbody tr', d)) {
		const row = {tr: tr, d: d, cells: []};
		rows.push(row);
		for (const td of all('td[data-v]', tr)) {
			const c = {td: td, row: row, p: d.dataset.p, o: d.dataset.o, s: td.dataset.s, w: tr.dataset.w,
				n: counts(td.dataset.v)};
			row.cells.push(c);
			cells.push(c);
		}
	}
const maps = [];
for (const t of all('table.map[data-p]'))
	for (const tr of all('tbody tr', t))
		maps.push({tr: tr, t: t, p: t.dataset.p, o: tr.dataset.o,
			cells: all('td[data-s]', tr).map(td => ({td: td, s: td.dataset.s, html: td.innerHTML, cls: td.className, title: td.title}))});
const saved = new Map(cells.map(c => [c, [c.td.innerHTML, c.td.className]]));

function paint(td, n) {
	let sum = 0, worst = '';
	for (const k of ORDER)
		if (n[k]) {
			sum += n[k];
			worst = worst || k;
		}
	if (!sum) {
		td.classList.add('off');
		return;
	}
	td.className = NAMES[worst];
	td.textContent = sum;
	if (LETTER[worst]) {
		const b = document.createElement('b');
		b.textContent = LETTER[worst] + (n[worst] !== sum ? n[worst] : '');
		td.append(b);
	}
}

function apply() {
	const f = Object.fromEntries(new FormData(form));
	const active = f.verdict || f.platform || f.workload;
	const want = k => !f.verdict || (f.verdict === 'findings' ? BAD.includes(k) : NAMES[k] === f.verdict);
	const sums = new Map();
	let injections = 0, of = 0;
	for (const c of cells) {
		const [was, cls] = saved.get(c), n = {};
		const here = (!f.platform || c.p === f.platform) && (!f.workload || c.w === f.workload);
		let some = 0;
		for (const k in c.n) {
			of += c.n[k];
			if (here && want(k)) {
				n[k] = c.n[k];
				some += c.n[k];
			}
		}
		c.some = some;
		injections += some;
		c.td.innerHTML = was;
		c.td.className = cls;
		if (active)
			paint(c.td, n);
		const key = c.p + '\0' + c.o + '\0' + c.s, s = sums.get(key) || {};
		for (const k in n)
			s[k] = (s[k] || 0) + n[k];
		sums.set(key, s);
	}
	const ops = new Set();
	for (const r of rows) {
		r.tr.hidden = active && !r.cells.some(c => c.some);
		if (!r.tr.hidden)
			ops.add(r.d);
	}
	for (const d of all('details.op'))
		d.hidden = active && !ops.has(d);
	for (const m of maps) {
		let some = false;
		for (const c of m.cells) {
			const n = sums.get(m.p + '\0' + m.o + '\0' + c.s) || {};
			c.td.innerHTML = c.html;
			c.td.className = c.cls;
			c.td.title = c.title;
			if (active) {
				paint(c.td, n);
				c.td.title = m.o + ' ' + c.s + ': ' + (Array.from(ORDER).filter(k => n[k])
					.map(k => n[k] + ' ' + NAMES[k]).join(', ') || 'none with this filter');
			}
			some = some || Object.keys(n).length > 0;
		}
		m.tr.hidden = active && !some;
	}
	for (const t of all('table.map[data-p]'))
		t.parentElement.hidden = !!f.platform && t.dataset.p !== f.platform;
	const list = all('.finding');
	let visible = 0;
	for (const a of list) {
		a.hidden = !((!f.platform || a.dataset.p === f.platform) && want(a.dataset.v[0]) &&
			(!f.workload || a.dataset.w.split(' ').includes(f.workload)));
		visible += !a.hidden;
	}
	document.getElementById('nofinding').hidden = visible > 0 || !list.length;
	shown.textContent = injections + ' of ' + of + ' injections, ' + visible + ' of ' + list.length + ' kinds of findings';
	const q = new URLSearchParams(Object.entries(f).filter(e => e[1])).toString();
	try {
		history.replaceState(null, '', (q ? '?' + q : location.pathname) + location.hash);
	} catch (e) {
		/* a browser may not allow this in a file */
	}
}

for (const [k, v] of new URLSearchParams(location.search))
	if (form.elements[k] && Array.from(form.elements[k].options || []).some(o => o.value === v || o.text === v))
		form.elements[k].value = v;
function target() {
	const d = location.hash.startsWith('#op-') && document.getElementById(decodeURIComponent(location.hash.slice(1)));
	if (d) {
		d.open = true;
		d.scrollIntoView();
	}
}
for (const c of all('.cmd')) {
	const b = document.createElement('button');
	b.type = 'button';
	b.textContent = 'Copy';
	b.addEventListener('click', () => {
		const r = document.createRange();
		r.selectNodeContents(c);
		const s = getSelection();
		s.removeAllRanges();
		s.addRange(r);
		b.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
	});
	c.after(' ', b);
}
form.hidden = false;
form.addEventListener('change', apply);
form.addEventListener('submit', e => e.preventDefault());
form.addEventListener('reset', () => setTimeout(apply));
addEventListener('hashchange', target);
apply();
target();
})();
"""
