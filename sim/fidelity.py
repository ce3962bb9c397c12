#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fidelity.py [--check|--write|--self-test]: how close the simulated firmware is to the real one.

Reads the FIDELITY markers next to the code and prints tables (Markdown), or writes them into docs/fidelity.md.
--check: exit status 1 if a command, a leaf, a message, an instruction or a transition has no marker, or if the page is not up to
date. Commands, leaves and messages are those of the code's own tables; transitions are those that the fuzzers let pass, and
those in MOVES. --self-test: takes one marker away after the other, each has to be missed.

    /* FIDELITY(name): modelled|simplified|assumed - what [source] */

Transitions are named "A, B -> C; D <-> E", after one of KINDS ("S-EPT ", "ASID ", ...) if they are no states of a page in the RMP; each gets its own row. What they are says which operation it is.
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
MESSAGE = re.compile(r"^\tcase SIM_(MSG_\w+_REQ):", re.M)
DEFAULT_SOURCE = "firmware 1.55.25"
KINDS = {"": "page in the RMP", "S-EPT ": "S-EPT entry", "PAMT ": "page in the PAMT", "TD ": "life cycle of a TD",
         "HKID ": "HKID", "op_state ": "op_state of a TD", "vCPU ": "vCPU of a TD", "SNP guest ": "SNP guest",
         "SEV guest ": "SEV or SEV-ES guest", "ASID ": "ASID on a core complex", "SNP platform ": "platform, for SNP",
         "SEV platform ": "platform, for legacy commands"}

# Instructions, what the guest calls, and what belongs to no operation alone.
PARTS_OF_IT = (
    "RMPUPDATE", "PSMASH", "PVALIDATE", "RMPADJUST", "RMPREAD", "RMP entry", "guest access check", "memory encryption",
    "CPUID page", "SECRETS page", "VMSA page", "swapped page", "extended error ids",
    "TDG.MEM.PAGE.ACCEPT", "MRTD", "TLB tracking", "TLB epochs", "PAMT walk", "S-EPT walk", "S-EPT entry lock",
    "entry details", "private GPA", "module locks", "module shutdown", "shared operands", "TD state check", "SEAMCALL dispatch",
    "ATTRIBUTES", "XFAM", "CPUID configuration", "CPUID of a TD")

# Transitions that are not in the fuzzers' tables: kind, "states -> states", operation
MOVES = (
    ("", "2M -> 512 x 4K", "PSMASH"), ("", "512 x 4K -> 2M", "PAGE_UNSMASH"),
    ("", "all -> Hypervisor, HV-fixed, Firmware, Firmware-IOMMU", "INIT"), ("", "Firmware-IOMMU -> Reclaim", "SHUTDOWN_EX"),
    ("PAMT ", "NDA -> TDR", "MNG.CREATE"), ("PAMT ", "NDA -> TDCX", "MNG.ADDCX"), ("PAMT ", "NDA -> TDCX", "VP.ADDCX"),
    ("PAMT ", "NDA -> TDVPR", "VP.CREATE"), ("PAMT ", "NDA -> EPT", "SEPT.ADD"), ("PAMT ", "NDA -> EPT", "PAGE.DEMOTE"),
    ("PAMT ", "NDA -> REG", "PAGE.ADD"), ("PAMT ", "NDA -> REG", "PAGE.AUG"), ("PAMT ", "REG -> NDA", "PAGE.REMOVE"),
    ("PAMT ", "EPT -> NDA", "SEPT.REMOVE"), ("PAMT ", "EPT -> NDA", "PAGE.PROMOTE"),
    ("PAMT ", "REG, EPT, TDVPR, TDCX, TDR -> NDA", "PAGE.RECLAIM"),
    ("PAMT ", "2M REG -> 512 x 4K REG", "PAGE.DEMOTE"), ("PAMT ", "512 x 4K REG -> 2M REG", "PAGE.PROMOTE"),
    ("TD ", "HKID_ASSIGNED -> KEYS_CONFIGURED", "KEY.CONFIG"), ("TD ", "HKID_ASSIGNED, KEYS_CONFIGURED -> BLOCKED", "VPFLUSHDONE"),
    ("TD ", "BLOCKED -> TEARDOWN", "KEY.FREEID"), ("HKID ", "FREE -> ASSIGNED", "MNG.CREATE"),
    ("HKID ", "ASSIGNED -> FLUSHED", "VPFLUSHDONE"), ("HKID ", "FLUSHED -> FREE", "KEY.FREEID"),
    ("op_state ", "UNINITIALIZED -> INITIALIZED", "MNG.INIT"), ("op_state ", "INITIALIZED -> RUNNABLE", "MR.FINALIZE"),
    ("vCPU ", "none -> UNINITIALIZED", "VP.CREATE"), ("vCPU ", "UNINITIALIZED -> READY", "VP.INIT"),
    ("vCPU ", "READY -> ACTIVE", "VP.ENTER"), ("vCPU ", "ACTIVE -> READY, DISABLED", "VP.ENTER"),
    ("vCPU ", "free -> associated", "VP.INIT"), ("vCPU ", "free -> associated", "VP.ENTER"),
    ("vCPU ", "associated -> free", "VP.FLUSH"),
    ("SNP guest ", "none -> INIT", "GCTX_CREATE"), ("SNP guest ", "INIT -> LAUNCH", "LAUNCH_START"),
    ("SNP guest ", "LAUNCH -> RUNNING", "LAUNCH_FINISH"), ("SNP guest ", "LAUNCH -> RUNNING", "MSG_ABSORB_REQ"),
    ("SNP guest ", "INIT -> RUNNING", "MSG_IMPORT_REQ"), ("SNP guest ", "INIT, LAUNCH, RUNNING -> none", "DECOMMISSION"),
    ("SEV guest ", "none -> LUPDATE", "SEV_LAUNCH_START"), ("SEV guest ", "LUPDATE -> LSECRET", "SEV_LAUNCH_MEASURE"),
    ("SEV guest ", "LSECRET -> RUNNING", "SEV_LAUNCH_FINISH"), ("SEV guest ", "LUPDATE, LSECRET, RUNNING -> none", "SEV_DECOMMISSION"),
    ("ASID ", "all -> dirty", "INIT"), ("ASID ", "dirty -> clean", "DF_FLUSH"), ("ASID ", "clean -> allocated", "ACTIVATE"),
    ("ASID ", "clean -> in use", "ACTIVATE"), ("ASID ", "allocated -> in use", "LAUNCH_FINISH"),
    ("ASID ", "allocated -> clean", "DECOMMISSION"), ("ASID ", "in use -> dirty", "DECOMMISSION"),
    ("SNP platform ", "UNINIT -> INIT", "INIT"), ("SNP platform ", "INIT -> UNINIT", "SHUTDOWN"),
    ("SEV platform ", "UNINIT -> INIT", "SEV_INIT"), ("SEV platform ", "INIT -> WORKING", "SEV_LAUNCH_START"),
    ("SEV platform ", "WORKING -> INIT", "SEV_DECOMMISSION"), ("SEV platform ", "INIT, WORKING -> UNINIT", "SEV_SHUTDOWN"))

# Remarks about the kernel's machine: of these, there may be one more or less.
REMARKS = (
    "TDH.VP.ENTER in the kernel", "TDH.PHYMEM.PAGE.RDMD in the kernel", "guest access", "interrupted SEAMCALLs",
    "host access to pages of a TD", "CPUID_CONFIG of this machine", "module of this machine", "logical processors",
    "SEAMCALLs at the same time", "TDG.MEM.PAGE.ACCEPT exit")


def sources():
    texts = {}
    for path in sorted(glob.glob(os.path.join(HERE, "*.c"))):
        with open(path) as f:
            texts[path] = f.read()
    return texts


def markers(texts):
    """(name, kind, note, source, function that follows or None)"""
    for path, text in texts.items():
        for m in MARKER.finditer(text):
            body = " ".join(re.sub(r"^\s*\* ?", "", ln).strip() for ln in m.group(2).splitlines()).strip()
            parts, line = PARTS.match(body), text.count("\n", 0, m.start()) + 1
            if not parts:
                sys.exit(f"{path}:{line}: a marker says modelled, simplified or assumed: {body}")
            if not parts.group(3) and os.path.basename(path).startswith("tdx_"):
                sys.exit(f"{path}:{line}: a marker of the TDX module names its source: {body}")
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


def messages():
    with open(os.path.join(HERE, "snp_msg.c")) as f:
        found = MESSAGE.findall(f.read())
    if len(found) < 9:
        sys.exit("snp_msg.c: the messages were not understood")
    return found


def transitions():
    """(kind, from, to, operation) of every change of state that there is"""
    for kind, name, op in MOVES:
        yield from ((*move, op) for move in moves_of(kind + name))
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
    kind = next((k for k in KINDS if k and name.startswith(k) and "->" in name), "")
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
    for title, some in [("operation", [r for r in rows if not list(moves_of(r[0]))])] + \
            [(title, [r[1:] for r in moves if r[0] == kind]) for kind, title in KINDS.items()]:
        yield head.format(title)
        for row in some:
            yield "| " + " | ".join(x.replace("|", "\\|") for x in row) + " |"
        yield ""


def said_by(op, note):
    """Is it this operation that the marker of a transition is about?"""
    op = re.sub(r"^(X86|SNP|TDH_MEM|TDG_MEM_PAGE)_", "", op)
    return any(word in note for word in (op, op.replace("PAGE_SWAP", "SWAP"), op.replace("_", ".")))


def judge(texts):
    """Rows of the tables, and what has no marker"""
    marks = list(markers(texts))
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
    names = {row[0] for row in rows}
    missing += [name for name in (*PARTS_OF_IT, *messages()) if name not in names]
    said = {}
    for name, _, note, _ in rows:
        for move in moves_of(name):
            said.setdefault(move, []).append(note)
    missing += [f"{kind}{a} -> {b} by {op}" for kind, a, b, op in dict.fromkeys(transitions())
                if not any(said_by(op, note) for note in said.get((kind, a, b), []))]
    return rows, missing


def self_test():
    """Each marker is missed, unless it is a mere remark"""
    texts, failed, n = sources(), 0, 0
    _, before = judge(texts)
    for path, text in texts.items():
        for m in MARKER.finditer(text):
            n += 1
            _, missing = judge({**texts, path: text[:m.start()] + text[m.end():]})
            if missing == before and m.group(1) not in REMARKS:
                failed += 1
                print(f"not ok FIDELITY({m.group(1)}) in {os.path.basename(path)} would not be missed")
    print(f"{n - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not n else 0


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
    if "--self-test" in argv:
        return self_test()
    rows, missing = judge(sources())
    if len(rows) < 60:
        sys.exit("the command table was not understood")
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
