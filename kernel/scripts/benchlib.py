# SPDX-License-Identifier: GPL-2.0
"""From what gmem-bench measured to a table and a plot."""

from gmemlib import Fail

PAGES_PER_MIB = 256
TARGET = 1.25       # times the bare cost of hashing
NOISE = 0.08        # by which hashing the same bytes may differ before it is said

# What a launch consists of, in the order in which it is drawn
PARTS = ("core", "copy", "tables", "firmware", "hashing")
TITLE = {
    "snp": "SNP: KVM_SEV_SNP_LAUNCH_UPDATE of NORMAL pages",
    "tdx": "TDX: KVM_TDX_INIT_MEM_REGION, measured",
}
NAME = {"core": "core", "copy": "copy", "firmware": "firmware", "hashing": "hashing"}
TABLES = {"snp": "RMP", "tdx": "S-EPT"}
TABLE_OPS = {
    "snp": ("RMPREAD", "RMPUPDATE", "PSMASH"),
    "tdx": ("TDH.MEM.SEPT.ADD",),
}


class Profile:
    """The lines of /sys/kernel/debug/gmem-sim/profile, in nanoseconds."""

    def __init__(self, lines):
        self.ops, self.costs, self.calls = {}, {}, {}
        ops, costs = {}, {}
        ns = ticks = inside = around = None
        for line in lines:
            w = line.split()
            if w[0] == "o2":
                self.o2 = w[1]
            elif w[0] == "time":
                ns, ticks = int(w[1]), int(w[2])
            elif w[0] == "clock":
                inside, around = int(w[1]), int(w[2])
            elif w[0] == "op":
                ops[w[1]] = tuple(int(x) for x in w[2:5])
            elif w[0] == "cost":
                costs[w[1]] = tuple(int(x) for x in w[2:4])
        if not ticks or inside is None or not ops:
            raise Fail("the profile of the simulated machine is not complete")
        # Ticks go on while the host is busy with other things, so this is an average.
        self.unit = ns / ticks
        # What the clock itself takes is taken off, as far as it is known.
        for name, (n, t) in costs.items():
            self.costs[name] = max(0, t - n * inside) * self.unit
        nested = sum(n for n, _ in costs.values()) * (inside + around) * self.unit
        for name, (n, t, before) in ops.items():
            self.calls[name] = n
            self.ops[name] = (max(0, t - n * inside) * self.unit,
                              max(0, before - n * inside) * self.unit)
        self.nested = nested

    def op(self, name):
        return self.ops.get(name, (0, 0))[0]

    def before(self, name):
        return self.ops.get(name, (0, 0))[1]


def split(kind, total, profile):
    """Nanoseconds by part, that add up to @total.

    @total is that of a run in which nobody looked at the clock.  The profiled run says how it is
    shared: no two runs on a busy host take the same, so that differences of them mean nothing.
    """
    cost = profile.costs.get
    tables = sum(profile.op(name) for name in TABLE_OPS[kind])
    ops = sum(t for t, _ in profile.ops.values()) - tables - profile.nested
    core = sum(before for _, before in profile.ops.values())
    hashing, contents = cost("hash", 0), cost("contents", 0)
    if kind == "snp":
        # KVM copies between the two instructions, and does nothing else there
        copy = profile.before("RMPUPDATE")
        core -= copy
        firmware = ops - hashing
    else:
        # The module copies: it reads the source and writes what it encrypted
        copy = cost("copy", 0)
        tables += cost("tables", 0)
        firmware = ops - hashing - copy - cost("tables", 0)
    parts = {"core": core, "copy": copy, "tables": tables, "firmware": firmware, "hashing": hashing}
    whole = sum(parts.values())
    return {p: parts[p] * total / whole for p in PARTS}, {"contents": contents}


def median(values):
    values = sorted(values)
    n = len(values)
    return (values[n // 2] + values[(n - 1) // 2]) / 2


def evaluate(kind, records):
    """Records of one boot to rows, one per size; times are nanoseconds per page."""
    rows = []
    for mib in sorted({r["mib"] for r in records if r["kind"] == "populate"}):
        mine = [r for r in records if r["mib"] == mib]
        pages = mib * PAGES_PER_MIB
        ns = {k: [r["ns"] / pages for r in mine if r["kind"] == k]
              for k in ("populate", "hash", "teardown")}
        profiles = [r for r in mine if r["kind"] == "profile"]
        if not ns["hash"] or not profiles:
            raise Fail(f"{kind}: no measurement of {mib} MiB is complete")
        best = min(profiles, key=lambda r: r["ns"])
        profile = Profile(best["profile"])
        total, bare = min(ns["populate"]), min(ns["hash"])
        parts, more = split(kind, total * pages, profile)
        rows.append({
            "mib": mib,
            "total": total,
            "median": median(ns["populate"]),
            "runs": len(ns["populate"]),
            "parts": {p: t / pages for p, t in parts.items()},
            "contents": more["contents"] / pages,
            "profiled": best["ns"] / pages,
            "hash_alone": bare,
            "hash_alone_median": median(ns["hash"]),
            "ratio": total / bare,
            "teardown": min(ns["teardown"]),
            "ops": {n: {"calls": profile.calls[n], "ns": t / profile.calls[n],
                        "before": b / profile.calls[n]}
                    for n, (t, b) in profile.ops.items()},
            "calls_per_mib": {n: c / mib for n, c in best["calls"].items()},
            "o2": profile.o2,
        })
    if not rows:
        raise Fail(f"{kind}: nothing was measured")
    return rows


def flat(rows):
    """How far cost per page is from being the same for every size: (highest / lowest, words)."""
    low, high = min(rows, key=lambda r: r["total"]), max(rows, key=lambda r: r["total"])
    return high["total"] / low["total"], low["mib"], high["mib"]


def table(kind, rows):
    names = [TABLES[kind] if p == "tables" else NAME[p] for p in PARTS]
    out = [TITLE[kind], "ns per page of 4 KiB, best of " + str(rows[0]["runs"]), "",
           f"{'MiB':>6} {'total':>8}  " + " ".join(f"{n:>8}" for n in names) +
           f"  {'hash alone':>10} {'ratio':>6}  {'calls/MiB':>9}"]
    for r in rows:
        out.append(f"{r['mib']:>6} {r['total']:>8.0f}  " +
                   " ".join(f"{r['parts'][p]:>8.0f}" for p in PARTS) +
                   f"  {r['hash_alone']:>10.0f} {r['ratio']:>6.2f}  {sum(r['calls_per_mib'].values()):>9.1f}")
    last = rows[-1]
    out += ["", "calls/MiB  " + "  ".join(f"{n} {c:.1f}" for n, c in sorted(last["calls_per_mib"].items(),
                                                                        key=lambda x: -x[1]))]
    ratio, low, high = flat(rows)
    out.append(f"flat       cost per page differs by {100 * (ratio - 1):.1f} % between sizes "
               f"(lowest {low} MiB, highest {high} MiB)" if len(rows) > 1 else "flat       one size only")
    verdict = "within" if last["ratio"] <= TARGET else "NOT within"
    out.append(f"target     {last['mib']} MiB take {last['ratio']:.2f} x the bare cost of hashing them, "
               f"{verdict} {TARGET}")
    noise = max((r["hash_alone_median"] / r["hash_alone"], r["mib"]) for r in rows)
    if noise[0] > 1 + NOISE:
        out.append(f"busy host: half of the runs of {noise[1]} MiB hashed {100 * (noise[0] - 1):.0f} % slower than the "
                   "best, other work was in the way; more RUNS may find a quiet moment")
    return "\n".join(out)


# ---- the plot ----

COLOUR = {"core": "#4878a8", "copy": "#8ab6d6", "tables": "#e8b04b", "firmware": "#c9c4b8",
          "hashing": "#7a9a6b"}


def text(x, y, s, size=12, anchor="start", extra=""):
    s = str(s).replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"{extra}>{s}</text>'


def scale(top):
    """A round step, so that up to six of them cover @top."""
    step = 1
    while True:
        for m in (1, 2, 5):
            if step * m * 6 >= top:
                return step * m
        step *= 10


def panel(kind, rows, x, y, w, h):
    out = [text(x, y - 34, TITLE[kind], 14, extra=' font-weight="bold"'),
           text(x, y - 16, "microseconds per page of 4 KiB, by size of the range", 12)]
    top = max(max(r["total"], r["hash_alone"] * TARGET) for r in rows) / 1000
    step = scale(top)
    limit = step * -(-top // step)

    def at(us):
        return y + h - us / limit * h

    n = 0
    while n * step <= limit * 1.0001:
        out.append(f'<line x1="{x}" y1="{at(n * step):.1f}" x2="{x + w}" y2="{at(n * step):.1f}" stroke="#ddd"/>')
        out.append(text(x - 8, at(n * step) + 4, f"{n * step:g}", 12, "end"))
        n += 1
    slot = w / len(rows)
    for i, r in enumerate(rows):
        left, bar, low = x + (i + 0.2) * slot, slot * 0.6, 0
        for p in reversed(PARTS):
            high = low + max(0, r["parts"][p]) / 1000
            out.append(f'<rect x="{left:.1f}" y="{at(high):.1f}" width="{bar:.1f}" '
                       f'height="{at(low) - at(high):.1f}" fill="{COLOUR[p]}"/>')
            low = high
        for factor, dash in ((1, ""), (TARGET, ' stroke-dasharray="5 3"')):
            us = r["hash_alone"] * factor / 1000
            out.append(f'<line x1="{left - 5:.1f}" y1="{at(us):.1f}" x2="{left + bar + 5:.1f}" y2="{at(us):.1f}" '
                       f'stroke="#a02020" stroke-width="2"{dash}/>')
        mid = left + bar / 2
        out.append(text(mid, y + h + 18, f"{r['mib']} MiB" if r["mib"] < 1024 else f"{r['mib'] // 1024} GiB", 12,
                        "middle"))
        out.append(text(mid, y + h + 35, f"{r['ratio']:.2f} x", 12, "middle", ' fill="#a02020"'))
    out.append(f'<line x1="{x}" y1="{y + h}" x2="{x + w}" y2="{y + h}" stroke="#333"/>')
    return out


def svg(results, note):
    kinds = [k for k in ("snp", "tdx") if k in results]
    width, ph, gap = 960, 300, 120
    height = 70 + len(kinds) * (ph + gap) + 50
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
           f'height="{height}" font-family="DejaVu Sans, sans-serif" fill="#112">',
           f'<rect width="{width}" height="{height}" fill="#fff"/>']
    x = 60
    for p in PARTS:
        label = " / ".join(TABLES[k] for k in kinds) if p == "tables" else NAME[p]
        out.append(f'<rect x="{x}" y="16" width="14" height="14" fill="{COLOUR[p]}"/>')
        out.append(text(x + 20, 28, label))
        x += 42 + 8 * len(label)
    for factor, dash in ((1, ""), (TARGET, ' stroke-dasharray="5 3"')):
        label = "hash alone" if factor == 1 else f"{TARGET} x hash alone"
        out.append(f'<line x1="{x}" y1="23" x2="{x + 24}" y2="23" stroke="#a02020" stroke-width="2"{dash}/>')
        out.append(text(x + 30, 28, label))
        x += 50 + 8 * len(label)
    y = 70 + 40
    for k in kinds:
        out += panel(k, results[k], 60, y, width - 100, ph)
        y += ph + gap
    out.append(text(60, height - 24, note, 11))
    out.append("</svg>")
    return "\n".join(out) + "\n"
