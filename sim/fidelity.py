#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fidelity.py [--check]: how close the simulated firmware is to the real one.

Reads the FIDELITY markers next to the code and prints a table (Markdown).
Exit status 1, with the name, if a command has none.

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
    if "--check" not in argv:
        print("| operation | fidelity | what | source |\n|---|---|---|---|")
        for row in rows:
            print("| " + " | ".join(x.replace("|", "\\|") for x in row) + " |")
    for cmd in missing:
        print(f"{cmd}: no FIDELITY marker at its handler", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
