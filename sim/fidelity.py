#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fidelity.py [--check|--write]: how close the simulated firmware is to the real one.

Reads the FIDELITY markers next to the code and prints tables (Markdown), or writes them into docs/fidelity.md.
--check: exit status 1 if a command or a transition of a page has no marker, or if the page is not up to date.

    /* FIDELITY(name): modelled|simplified|assumed - what [source] */
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


def transitions():
    """(from, to) of every change of a page's state that the fuzzer lets pass by a command"""
    names = {"HV_FIXED": "HV-fixed"}

    def states(text):
        text = text.replace("PRE", "S(PRE_GUEST) | S(PRE_SWAP)", text.strip() == "PRE")
        text = text.replace("GUEST", "S(GUEST_VALID) | S(GUEST_INVALID)", text.strip() == "GUEST")
        for st in re.findall(r"S\((\w+)\)", text):
            yield names.get(st) or "-".join(w.capitalize() for w in st.split("_"))

    with open(os.path.join(HERE, "lib/fuzz_snp.c")) as f:
        table = f.read().split("} moves[] = {", 1)[1].split("};", 1)[0]
    rows = re.findall(r"\{ SIM_CMD_(\w+), (.*?), (.*?) \}", table)
    for cmd, was, becomes in rows:
        # A page that is put together is no transition of one page.
        if cmd == "SNP_PAGE_UNSMASH":
            continue
        for a in states(was):
            for b in states(becomes):
                yield a, b, cmd


def moves_of(names):
    """(from, to) of names like "A, B -> C; D -> E" """
    for move in "; ".join(names).split("; "):
        was, arrow, becomes = move.partition(" -> ")
        if arrow:
            yield from ((a, b) for a in was.split(", ") for b in becomes.split(", "))


def tables(rows):
    head = "| {} | fidelity | what | source |\n|---|---|---|---|"
    moves = [r for r in rows if "->" in r[0] or "<->" in r[0]]
    for title, some in (("operation", [r for r in rows if r not in moves]), ("transition", moves)):
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
    marked = set(moves_of(name for name, *_ in rows))
    missing += [f"{a} -> {b} by {cmd}" for a, b, cmd in transitions() if (a, b) not in marked]
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
