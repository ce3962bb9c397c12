# SPDX-License-Identifier: GPL-2.0
"""What the firmware ops cost while nothing is simulated, read off the objects for x86_64.

Per call of firmware at most one load, that of a member of the table, and one indirect
call; for SEAMCALLs neither, as a static call is a direct call.  Nothing can be bound after
init: tables are read-only after init, and only init code writes them or updates the static calls.
"""

import os
import re
import subprocess

from gmemlib import Fail

INSN = re.compile(r"^ *([0-9a-f]+):\t((?:[0-9a-f]{2} )+) *(?:\t(.*))?$")
RELOC = re.compile(r"^\t+ *([0-9a-f]+): (R_\w+)\t(\S+?)([+-]0x[0-9a-f]+)?$")
FUNC = re.compile(r"^[0-9a-f]+ <(.+)>:$")
SYMBOL = re.compile(r"^([0-9a-f]{16}) (.{7}) (\S+)\t([0-9a-f]+) (?:\.hidden )?(\S+)$")
# call *0x8(%rax), call *%rax, call __x86_indirect_thunk_rax
INDIRECT = re.compile(r"^(?:notrack )?(?:call|jmp)q? +\*(?:(?:0x[0-9a-f]+)?\()?%(\w+)\)?$")
THUNK = re.compile(r"__x86_indirect(?:_call|_jump)?_thunk_(\w+)")
STORE = re.compile(r"^(?:mov|xchg|cmpxchg|lock \w+)\w* +(?:[%$][^,]*),0x0\(%rip\)")
RMP_INSNS = {"RMPREAD": "f2 0f 01 fd", "RMPUPDATE": "f2 0f 01 fe", "PSMASH": "f3 0f 01 ff"}


class Insn:
    def __init__(self, addr, raw, text, section):
        self.addr, self.raw, self.text, self.section = addr, raw, text, section
        self.refs = []      # (type, symbol or section)
        self.offsets = {}   # symbol: how far into it


class Object:
    """Functions, symbols and relocations of one object file."""

    def __init__(self, out, path):
        self.path = path
        full = os.path.join(out, path)
        if not os.path.exists(full):
            raise Fail(f"{path}: not compiled")

        def dump(*args):
            r = subprocess.run(["objdump", *args, full], capture_output=True, text=True, errors="replace")
            if r.returncode:
                raise Fail(f"objdump of {path}: {r.stderr.strip()}")
            return r.stdout
        self.symbols, self.objects = {}, {}
        for ln in dump("-t").splitlines():
            m = SYMBOL.match(ln)
            if m and m.group(5) != m.group(3):
                self.symbols[m.group(5)] = m.group(3)
                if "O" in m.group(2) or "F" in m.group(2):
                    self.objects.setdefault(m.group(3), []).append((int(m.group(1), 16), int(m.group(4), 16), m.group(5)))
        self.functions, section, fn, pending = {}, "", None, []
        for ln in dump("-dr").splitlines():
            m = re.match(r"Disassembly of section (\S+):", ln)
            if m:
                section, fn = m.group(1), None
                continue
            m = FUNC.match(ln)
            if m:
                fn = self.functions.setdefault(m.group(1), [])
                continue
            m = INSN.match(ln)
            if m and fn is not None:
                if m.group(3) is None and fn:       # a long instruction goes on in the next line
                    fn[-1].raw += " " + m.group(2).strip()
                    continue
                fn.append(Insn(int(m.group(1), 16), m.group(2).strip(), (m.group(3) or "").split("#")[0].strip(), section))
                continue
            m = RELOC.match(ln)
            if m and fn:
                fn[-1].refs.append([m.group(2), m.group(3), int(m.group(4) or "0", 16), int(m.group(1), 16)])
        for insns in self.functions.values():
            for i in insns:
                i.refs = [self.resolve(i, *r) for r in i.refs]
        # The data that refers to code or other data, e.g. a table of functions
        self.data = [(s, sym) for s, sym in self.data_relocs(dump("-r"))]

    def resolve(self, insn, kind, sym, addend, offset):
        """A reference by its symbol, also where the assembler took the section's."""
        if re.search(r"PC32|PLT32", kind):
            addend += insn.addr + len(insn.raw.split()) - offset
        if sym.startswith("."):
            for start, size, name in self.objects.get(sym, ()):
                if start <= addend < start + max(size, 1):
                    sym, addend = name, addend - start
                    break
        insn.offsets[sym] = addend
        return kind, sym

    def data_relocs(self, text):
        section = ""
        for ln in text.splitlines():
            m = re.match(r"RELOCATION RECORDS FOR \[(\S+)\]:", ln)
            if m:
                section = m.group(1)
                continue
            f = ln.split()
            if len(f) == 3 and f[1].startswith("R_") and not re.search(r"text|altinstr|debug|orc", section):
                yield section, re.split(r"[+-]0x", f[2])[0]

    def uses(self, sym):
        """[(function, index, instruction)] that refer to @sym."""
        return [(n, i, x) for n, insns in self.functions.items() for i, x in enumerate(insns)
                if any(s == sym for _, s in x.refs)]


def init(section):
    return section.startswith(".init")


def indirect(insn):
    """The register through which @insn calls, or None."""
    m = INDIRECT.match(insn.text)
    if m:
        return m.group(1)
    for _, s in insn.refs:
        m = THUNK.match(s)
        if m and re.match(r"(call|jmp)", insn.text):
            return m.group(1)
    return None


class Report:
    def __init__(self):
        self.lines, self.bad = [], []

    def want(self, ok, text):
        if not ok:
            self.bad.append(text)
        return ok


def written_after_init(o, sym):
    return sorted({n for n, _, x in o.uses(sym) if STORE.match(x.text) and not init(x.section)})


def table_sites(rep, o, table, slots):
    """Calls through members of @table; every one of @slots (offset: name) has at least one."""
    seen = set()
    for fn, i, x in o.uses(table):
        if init(x.section) or STORE.match(x.text):
            continue
        insns, off = o.functions[fn], x.offsets[table]
        name = slots.get(off)
        if not rep.want(name, f"{o.path}: {fn}: uses {table}+{off:#x}, where no op is"):
            continue
        if re.match(r"(notrack )?(call|jmp)q? +\*0x0\(%rip\)$", x.text):
            steps = [x]
        else:
            # Loaded, and the next indirect call has to go there; with retpolines it always is like that.
            m = re.match(r"movq? +0x0\(%rip\),%(\w+)$", x.text)
            if not rep.want(bool(m), f"{o.path}: {fn}: {table} is used by '{x.text}', neither called nor loaded"):
                continue
            call = next((y for y in insns[i + 1:] if indirect(y)), None)
            if not rep.want(call is not None and indirect(call) == m.group(1),
                            f"{o.path}: {fn}: {name} is loaded to %{m.group(1)}, but the next indirect call is "
                            + (f"'{show(call, table)}'" if call else "not there")):
                continue
            steps = [x, call]
        seen.add(off)
        rep.lines.append(f"  {name:<26} {fn}+{x.addr - insns[0].addr:#x}: "
                         + "; ".join(show(s, f"{table}+{off:#x}" if off else table) for s in steps))
    for off in sorted(set(slots) - seen):
        rep.want(False, f"{o.path}: no call of {slots[off]} through {table}")


def read_only(rep, o, table):
    where = o.symbols.get(table, "*UND*")
    rep.want(where == ".data..ro_after_init", f"{o.path}: {table} is in {where}, not read-only after init")
    for fn in written_after_init(o, table):
        rep.want(False, f"{o.path}: {fn} writes {table} after init")


def constant(rep, o, table):
    """A table that is not there has become part of the code: constant as well."""
    where = o.symbols.get(table, ".rodata")
    rep.want(where.startswith(".rodata"), f"{o.path}: {table} is in {where}, not in .rodata")


def show(insn, table):
    thunk = next((s for _, s in insn.refs if THUNK.match(s)), None)
    text = re.sub(r" +", " ", insn.text).replace("0x0(%rip)", f"{table}(%rip)")
    return re.sub(r"^(\w+) .*", rf"\1 {thunk}", text) if thunk else text


def rmp(rep, out):
    o = Object(out, "arch/x86/virt/svm/sev.o")
    rep.lines.append("RMP: one load and one indirect call per instruction")
    read_only(rep, o, "rmp_ops")
    table_sites(rep, o, "rmp_ops", {0: "RMPREAD", 8: "RMPUPDATE", 16: "PSMASH"})
    for name, code in RMP_INSNS.items():
        where = [fn for fn, insns in o.functions.items() if code in " ".join(x.raw for x in insns)]
        rep.want(len(where) == 1 and where[0].startswith("rmp_hw_"),
                 f"{o.path}: {name} is executed by {', '.join(where) or 'nobody'}, not by the default ops alone")


def psp(rep, out):
    o, binding = Object(out, "drivers/crypto/ccp/sev-dev.o"), Object(out, "arch/x86/virt/svm/psp.o")
    rep.lines.append("PSP: one load and one test per command, and an indirect call if it is simulated")
    read_only(rep, binding, "psp_ops")
    rep.want(not written_after_init(o, "psp_ops"), f"{o.path}: writes psp_ops")
    table_sites(rep, o, "psp_ops", {0: "command"})


SEAMCALLS = ("tdx_seamcall", "tdx_seamcall_ret", "tdx_seamcall_saved_ret")


def tdx(rep, out):
    objs = [Object(out, f"arch/x86/virt/vmx/tdx/{n}.o") for n in ("tdx", "seamldr")]
    rep.lines.append("TDX: static calls, which the kernel patches to direct calls; no load, no indirect call")
    for name in SEAMCALLS:
        calls = 0
        for o in objs:
            for fn, _, x in o.uses(f"__SCT__{name}"):
                if init(x.section):
                    continue
                calls += 1
                rep.want(re.match(r"(call|jmp)q? +[0-9a-f]+", x.text), f"{o.path}: {fn}: '{x.text}' of {name} is no direct call")
            for fn, _, x in o.uses(f"__SCK__{name}"):
                rep.want(init(x.section), f"{o.path}: {fn}: touches the key of {name} after init")
            hw = name.replace("tdx_", "tdx_hw_", 1)
            for fn, _, x in o.uses(hw):
                rep.want(fn == f"__SCT__{name}" or init(x.section), f"{o.path}: {fn} calls {hw} directly")
            for section, sym in o.data:
                # That of the key, and what keeps the symbol.
                rep.want(sym != hw or section.startswith((".data", ".discard")),
                         f"{o.path}: {section} has the address of {hw}")
        tramp = objs[0].functions.get(f"__SCT__{name}", [])
        rep.want(tramp and tramp[0].text.startswith("jmp") and tramp[0].refs
                 and tramp[0].refs[0][1] == name.replace("tdx_", "tdx_hw_", 1), f"{name}: does not start as the hardware's")
        rep.want(calls, f"nothing calls {name}")
        rep.lines.append(f"  {name:<26} {calls} direct calls")


def populate(rep, out):
    o = Object(out, "virt/kvm/guest_memfd.o")
    rep.lines.append("populate: one load and one indirect call per page, in place of one indirect call")
    insns = o.functions.get("kvm_gmem_populate", []) + o.functions.get("__kvm_gmem_populate", [])
    calls = [x for x in insns if indirect(x)]
    rep.want(len(calls) == 1, f"{o.path}: {len(calls)} indirect calls in kvm_gmem_populate()")
    for x in calls:
        rep.lines.append(f"  {'populate_page':<26} kvm_gmem_populate: {show(x, '')}")
    for path, table in (("arch/x86/kvm/svm/sev.o", "sev_gmem_populate_ops"),
                        ("arch/x86/kvm/svm/sev.o", "sev_gmem_populate_cpuid_ops"),
                        ("arch/x86/kvm/vmx/tdx.o", "tdx_gmem_populate_ops")):
        constant(rep, Object(out, path), table)


def check(out, parts=(rmp, psp, tdx, populate)):
    """The report on the objects in build directory @out: (lines, what does not hold)."""
    rep = Report()
    for part in parts:
        part(rep, out)
    return rep.lines, rep.bad
