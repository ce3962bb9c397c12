#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fidelity.py [--check|--write]: how close the simulated firmware is to the real one.

Reads the FIDELITY markers next to the code and prints tables (Markdown), or writes them into docs/fidelity.md.
--check: exit status 1 if a command or a transition has no marker, or if the page is not up to date. Which transitions
there are is told by the fuzzers, which let no other one pass.

    /* FIDELITY(name): modelled|simplified|assumed - what [source] */

Transitions are named "A, B -> C; D <-> E", after "S-EPT " if they are those of an S-EPT entry; each gets its own row.
"""

import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
MARKER = re.compile(r"/\*[\s*]*FIDELITY\(([^)]*)\):\s*(.*?)\*/", re.S)
PARTS = re.compile(r"(modelled|simplified|assumed)(?: - ([^\[]*?))?(?: ?-? ?\[([^\]]*)\])?$")
FUNCTION = re.compile(r"\s*(?:/\*\*.*?\*/\s*)?(?:static )?[a-z0-9]+ \*?(sim_\w+)\(", re.S)
OP = re.compile(r"^\t(SNP|SNP_NOBUF|SEV|SEV_GUEST)\((\w+),(.*?)(?=^\t(?:SNP|SNP_NOBUF|SEV|SEV_GUEST)\(|^};)",
                re.S | re.M)
HANDLER = re.compile(r"\b(sim_(?:snp|sev)_\w+)\b")
LEAF = re.compile(r'^\tLEAF\(\w+, "([\w.]+)", \d+,\s*(sim_\w+),', re.M)
DEFAULT_SOURCE = "firmware 1.55.25"


def markers():
    """(name, kind, note, source, function that follows or None)"""
    for path in sorted(glob.glob(os.path.join(HERE, "*.c"))):
        with open(path) as f:
            text = f.read()
        for m in MARKER.finditer(text):
            body = " ".join(re.sub(r"^\s*\* ?", "", ln).strip() for ln in m.group(2).splitlines()).strip()
            parts = PARTS.match(body)
            if not parts:
                line = text.count("\n", 0, m.start()) + 1
                sys.exit(f"{path}:{line}: a marker says modelled, simplified or assumed: {body}")
            func = FUNCTION.match(text, m.end())
            yield m.group(1), parts.group(1), parts.group(2) or "", parts.group(3) or DEFAULT_SOURCE, \
                func.group(1) if func else None


def commands():
    """(command, handler)"""
    with open(os.path.join(HERE, "snp_cmd.c")) as f:
        table = f.read().split("ops[] = {", 1)[1]
    for m in OP.finditer(table):
        found = HANDLER.search(m.group(3))
        yield m.group(2), found and found.group(1)
    with open(os.path.join(HERE, "tdx_seamcall.c")) as f:
        table = f.read().split("ops[] = {", 1)[1]
    leaves = LEAF.findall(table)
    if len(leaves) != table.count("\tLEAF("):
        sys.exit("the table of TDX leaves was not understood")
    yield from leaves


def fuzz_table(path, name):
    """(operation, states before, states after) of each row of a fuzzer's table of moves"""
    with open(os.path.join(HERE, "lib", path)) as f:
        text = f.read()
    macros = dict(re.findall(r"^#define\s+(\w+)\s+\((.*)\)$", text, re.M))

    def states(expr):
        while names := [n for n in re.findall(r"\b\w+\b(?!\()", expr) if n in macros]:
            for n in names:
                expr = re.sub(rf"\b{n}\b(?!\()", macros[n], expr)
        return re.findall(r"\b[SE]\((\w+)\)", expr)

    table = text.split("} " + name + "[] = {", 1)[1].split("};", 1)[0]
    rows = re.findall(r"\{ (?:SIM_)?(?:CMD_)?(\w+), (.*?), (.*?) \},", table)
    if len(rows) != table.count("\t{ ") or not rows:
        sys.exit(f"{path}: the table of moves was not understood")
    for op, was, becomes in rows:
        yield op, states(was), states(becomes)


def transitions():
    """(kind, from, to, operation) of every change of state that the fuzzers let pass"""
    for op, was, becomes in fuzz_table("fuzz_snp.c", "moves"):
        # A page that is put together is no transition of one page.
        if op == "SNP_PAGE_UNSMASH":
            continue
        was, becomes = ([{"HV_FIXED": "HV-fixed"}.get(s) or "-".join(w.capitalize() for w in s.split("_"))
                         for s in some] for some in (was, becomes))
        yield from (("", a, b, op) for a in was for b in becomes if a != b)
    for op, was, becomes in fuzz_table("fuzz_tdx.c", "sept_moves"):
        yield from (("S-EPT ", a, b, op) for a in was for b in becomes if a != b)


def moves_of(name):
    """(kind, from, to) of a name like "A, B -> C; D -> E" """
    kind = "S-EPT " if name.startswith("S-EPT ") and "->" in name else ""
    for move in name[len(kind):].split("; "):
        was, arrow, becomes = re.match(r"(.*?)(?: (<?->) (.*))?$", move).groups()
        if not arrow:
            continue
        for a in was.split(", "):
            for b in becomes.split(", "):
                if a != b:
                    yield kind, a, b
                    if arrow == "<->":
                        yield kind, b, a


def tables(rows):
    head = "| {} | fidelity | what | source |\n|---|---|---|---|"
    moves = [(kind, f"{a} -> {b}", *row[1:]) for row in rows for kind, a, b in moves_of(row[0])]
    for title, some in (("operation", [r for r in rows if not list(moves_of(r[0]))]),
                        ("page in the RMP", [r[1:] for r in moves if not r[0]]),
                        ("S-EPT entry", [r[1:] for r in moves if r[0]])):
        yield head.format(title)
        for row in some:
            yield "| " + " | ".join(x.replace("|", "\\|") for x in row) + " |"
        yield ""


def put(text, write):
    """Is the page up to date?  Write it."""
    path = os.path.join(HERE, "../docs/fidelity.md")
    with open(path) as f:
        old = f.read()
    parts = re.split(r"(<!-- sim/fidelity.py -->\n|<!-- end -->)", old)
    if len(parts) != 5:
        sys.exit(f"{path}: no place for the tables")
    new = "".join(parts[:2]) + text + "".join(parts[3:])
    if write and new != old:
        with open(path, "w") as f:
            f.write(new)
    return write or new == old


def main(argv):
    marks = list(markers())
    by_function = {func: (kind, note, source) for _, kind, note, source, func in marks if func}
    used, missing, rows = set(), [], []
    for cmd, handler in commands():
        if handler not in by_function:
            missing.append(cmd)
            continue
        used.add(handler)
        rows.append((cmd, *by_function[handler]))
    for name, kind, note, source, func in marks:
        if func not in used:
            rows.append((name, kind, note, source))
    if len(rows) < 60:
        sys.exit("the command table was not understood")
    marked = {move for name, *_ in rows for move in moves_of(name)}
    missing += [f"{kind}{a} -> {b} by {op}" for kind, a, b, op in transitions() if (kind, a, b) not in marked]
    text = "\n".join(tables(rows))
    if not set(argv) & {"--check", "--write"}:
        print(text)
    elif not put(text, "--write" in argv):
        print("docs/fidelity.md is not up to date, run sim/fidelity.py --write", file=sys.stderr)
        return 1
    for what in missing:
        print(f"{what}: no FIDELITY marker", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
