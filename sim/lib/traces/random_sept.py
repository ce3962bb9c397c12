#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""random_sept.py [SEED [OPERATIONS [later]]]: random memory of TDs, with what the TDX module does written down a second time.

The secure EPT, the PAMT and TLB tracking in Python, made from the description of the module and not from the C code: checks
in their order, registers on success and on errors, locks that another CPU holds, epochs, MRTD. The lives of the TDs
themselves are in random_tdx.py, on which this stands.
"""
import hashlib
import sys

import random_tdx
from random_tdx import ERR, NAMES, NDA, OK, P0, R0, RSVD, S0, TDR, U0, Fail, Trace, need, p

ERR.update({
    "INTERRUPTED_RESTARTABLE": 0x80000004, "PREVIOUS_TLB_EPOCH_BUSY": 0x80000201,
    "OPERAND_BUSY_HOST_PRIORITY": 0x80000204, "EPT_WALK_FAILED": 0xc0000b00, "EPT_ENTRY_NOT_PRESENT": 0xc0000b03,
    "GPA_RANGE_NOT_BLOCKED": 0xc0000b06, "GPA_RANGE_ALREADY_BLOCKED": 0x00000b07, "TLB_TRACKING_NOT_DONE": 0xc0000b08,
    "EPT_INVALID_PROMOTE_CONDITIONS": 0xc0000b09, "PAGE_ALREADY_ACCEPTED": 0x00000b0a, "PAGE_SIZE_MISMATCH": 0xc0000b0b,
    "EPT_ENTRY_STATE_INCORRECT": 0xc0000b0d, "EPT_PAGE_NOT_FREE": 0xc0000b0e})
NAMES.update({v: k for k, v in ERR.items()})
random_tdx.OPERAND.update({"R8": 8, "R9": 9, "TDR": 128, "SEPT_TREE": 146, "TD_EPOCH": 169, "OP_STATE": 172})
random_tdx.LEAF.update({
    "MEM.SEPT.ADD": 3, "MEM.SEPT.RD": 25, "MEM.SEPT.REMOVE": 30, "MEM.PAGE.ADD": 2, "MEM.PAGE.AUG": 6, "MR.EXTEND": 16,
    "MEM.RANGE.BLOCK": 7, "MEM.RANGE.UNBLOCK": 39, "MEM.PAGE.REMOVE": 29, "MEM.PAGE.PROMOTE": 23, "MEM.PAGE.DEMOTE": 15})
REG, EPT = 3, 8
M2, G1 = 1 << 21, 1 << 30
L0 = 0x50000000
SVE = 1 << 63
NOTHING = (1 << 64) - 1


class Entry:
    """Of the S-EPT: a page, or with a table one that leads to it; a free one is no object"""

    def __init__(self, hpa, table=None, pending=False):
        self.hpa, self.table, self.pending, self.blocked, self.accepted = hpa, table, pending, False, 0

    def state(self):
        if self.table is not None:
            return 0x81 if self.blocked else 0x84
        if self.blocked:
            return 3 if self.pending else 1
        return 2 if self.pending else 4

    def shown(self):
        if self.table is not None:
            return 0 if self.blocked else 7
        if self.blocked:
            return SVE | self.hpa | 0xf0
        return SVE | self.hpa | (0xf0 | self.accepted << 12 if self.pending else 0xf7)

    def raw(self):
        word = SVE | self.hpa | self.blocked << 55 | self.pending << 56
        if self.table is not None:
            return word | (0 if self.blocked else 7)
        return word | (0xf0 if self.pending or self.blocked else 0xf7)

    def present(self):
        return not (self.blocked or self.pending)


def details(entry, level):
    return (entry.shown(), level | entry.state() << 8) if entry else (SVE, level)


class Sept(Trace):
    later = False       # is it a module that does some things differently?

    # -- state --

    def reset(self):
        super().reset()
        self.bepoch, self.big, self.old_big = {}, {}, {}    # per 4K page; per 2M page: owner; what it was last
        self.root, self.levels, self.shared, self.refs, self.mrtd = {}, {}, {}, {}, {}
        self.inside, self.lp_of = {}, {}
        self.content, self.locked, self.priority = {}, None, set()

    def busy(self, kind, at, exclusive):
        """Does another CPU hold it in a way that excludes us?"""
        return bool(self.locked) and self.locked[:2] == (kind, at) and (exclusive or self.locked[2] == "ex")

    def lock(self, kind, at, exclusive, operand):
        need(not self.busy(kind, at, exclusive), "OPERAND_BUSY", operand)

    def lock_entry(self, td, gpa, level, regs, entry):
        key = td, gpa >> 12 + 9 * level, level
        if self.busy("septe", key, True):
            self.priority.add(key)
            regs["rcx"], regs["rdx"] = details(entry, level)
            need(False, "OPERAND_BUSY", "RCX")
        self.priority.discard(key)

    def page(self, pa, operand, kind, held=(), exclusive=True):
        need(not (pa & 0xfff or pa >> 46), "OPERAND_INVALID", operand)
        need(P0 <= pa < P0 + G1, "OPERAND_ADDR_RANGE_ERROR", operand)
        self.lock("pamt1g", P0, False, operand)
        self.lock("pamt2m", pa & -M2, False, operand)
        need(pa & -M2 not in self.big, "PAGE_METADATA_INCORRECT", operand)
        self.lock("pamt4k", pa, exclusive, operand)
        need(pa not in held, "OPERAND_BUSY", operand)
        need(self.type_of(pa) == kind, "PAGE_METADATA_INCORRECT", operand)
        return pa

    def page_2m(self, pa, tdr):
        need(not (pa & M2 - 1 or pa >> 46), "OPERAND_INVALID", "R8")
        need(P0 <= pa < P0 + G1, "OPERAND_ADDR_RANGE_ERROR", "R8")
        self.lock("pamt1g", P0, False, "R8")
        self.lock("pamt2m", pa, True, "R8")
        need(tdr & -M2 != pa, "OPERAND_BUSY", "R8")
        need(pa not in self.big, "PAGE_METADATA_INCORRECT", "R8")
        need(all(self.type_of(pa + i) == NDA for i in range(0, M2, 0x1000)), "PAGE_METADATA_INCORRECT", "R8")

    def give(self, pa, kind, tdr, epoch=0):
        super().give(pa, kind, tdr)
        if kind in (REG, EPT) and epoch is not None:
            self.bepoch[pa] = epoch

    def stamp(self, entry, level, epoch):
        if entry.table is None and level:
            self.old_big[entry.hpa] = epoch
        else:
            self.bepoch[entry.hpa] = epoch

    def epoch_of(self, entry, level):
        if entry.table is None and level:
            return self.old_big.get(entry.hpa, 0)
        return self.bepoch.get(entry.hpa, 0)

    def tracked(self, tdr, entry, level):
        b, e = self.epoch_of(entry, level), self.tds[tdr].epoch
        return b < e - 1 or b == e - 1 and not self.refs[tdr][b & 1]

    # -- what all leaves about memory have in common --

    def memory(self, rdx, regs, *ops, exclusive=False):
        regs["rcx"] = regs["rdx"] = 0
        tdr = self.page(rdx, "RDX", TDR, exclusive=exclusive)
        td = self.tds[tdr]
        self.alive(td)
        need(td.tdcx >= 6, "TDCS_NOT_ALLOCATED")
        if not exclusive:
            self.lock("op_state", tdr, False, "OP_STATE")
        need(td.op in ops, "OP_STATE_INCORRECT")
        return tdr

    def private(self, tdr, gpa):
        need(not gpa >> self.shared[tdr], "OPERAND_INVALID", "RCX")

    def gpa(self, tdr, rcx, low, high):
        level, gpa = rcx & 7, rcx & ((1 << 52) - 1) & ~0xfff
        need(not (rcx & 0xff8 or rcx >> 52), "OPERAND_INVALID", "RCX")
        need(low <= level <= min(high, self.levels[tdr]), "OPERAND_INVALID", "RCX")
        need(not gpa & (1 << 12 + 9 * level) - 1, "OPERAND_INVALID", "RCX")
        self.private(tdr, gpa)
        return gpa, level

    def find(self, tdr, gpa, level):
        """Table with the entry, its index, and where the walk stopped if it did"""
        table = self.root[tdr]
        for at in range(self.levels[tdr], -1, -1):
            index = gpa >> 12 + 9 * at & 511
            entry = table.get(index)
            if at == level:
                return table, index, entry, at
            if entry is None or entry.table is None or entry.blocked:
                return None, index, entry, at
            table = entry.table

    def walk(self, tdr, gpa, level, regs, shared_tree=True, entry_lock=True):
        if entry_lock:
            self.lock("sept_tree", tdr, not shared_tree, "SEPT_TREE")
        table, index, entry, at = self.find(tdr, gpa, level)
        if table is None:
            regs["rcx"], regs["rdx"] = details(entry, at)
            need(False, "EPT_WALK_FAILED", "RCX")
        if entry_lock:
            self.lock_entry(tdr, gpa, level, regs, entry)
        return table, index, entry

    @staticmethod
    def want(condition, name, regs, entry, level):
        if not condition:
            regs["rcx"], regs["rdx"] = details(entry, level)
            need(False, name, "RCX")

    def free_to_change(self, tdr, entry, level, regs, operand="RCX"):
        """Blocked and tracked, where the state of the TD asks for it"""
        if self.tds[tdr].op != 2:
            return
        self.want(entry.blocked, "GPA_RANGE_NOT_BLOCKED", regs, entry, level)
        need(self.tracked(tdr, entry, level), "TLB_TRACKING_NOT_DONE", operand)

    def interrupted(self, regs, rcx, rdx):
        if self.intr == 0:
            regs["rcx"], regs["rdx"] = rcx, rdx
            need(False, "INTERRUPTED_RESTARTABLE")
        self.intr -= self.intr > 0

    def flags(self, rdx, regs):
        regs["rcx"] = regs["rdx"] = 0
        need(not rdx & 0xffe and not rdx >> 52, "OPERAND_INVALID", "RDX")
        return rdx & ~1, rdx & 1

    # -- the leaves --

    def sept_add(self, rcx, rdx, r8):
        def fn(regs):
            pa, existing = self.flags(rdx, regs)
            tdr = self.memory(pa, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 1, 4)
            table, index, entry = self.walk(tdr, gpa, level, regs)
            if entry and entry.table is not None and not entry.blocked and existing:
                return
            self.want(entry is None, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            need(r8 != NOTHING, "OPERAND_INVALID", "R8")
            new = self.page(r8 & ~SVE, "R8", NDA, held=(tdr,))
            self.give(new, EPT, tdr)
            table[index] = Entry(new, {})
        return self.call("MEM.SEPT.ADD", fn, rcx, rdx, r8)

    def sept_rd(self, rcx, rdx):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 0, 4)
            _, _, entry = self.walk(tdr, gpa, level, regs)
            regs["rcx"], regs["rdx"] = details(entry, level)
        return self.call("MEM.SEPT.RD", fn, rcx, rdx)

    def sept_remove(self, rcx, rdx):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 1, 4)
            table, index, entry = self.walk(tdr, gpa, level, regs, shared_tree=False)
            self.want(entry and entry.table is not None, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            self.lock("pamt4k", entry.hpa, True, "RCX")
            self.free_to_change(tdr, entry, level, regs)
            self.want(not entry.table, "EPT_PAGE_NOT_FREE", regs, entry, level)
            self.gone(tdr, entry.hpa, gpa, level)
            del table[index]
            regs["rcx"] = entry.hpa
        return self.call("MEM.SEPT.REMOVE", fn, rcx, rdx)

    def gone(self, tdr, hpa, gpa=None, level=0):
        self.type[hpa] = NDA
        self.tds[tdr].children -= 1
        if gpa is not None:
            self.priority -= {k for k in self.priority if k[0] == tdr and k[2] == level - 1 and
                              k[1] >> 9 == gpa >> 12 + 9 * level}

    def page_add(self, rcx, rdx, r8, r9):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, exclusive=True)
            gpa, level = self.gpa(tdr, rcx, 0, 0)
            table, index, entry = self.walk(tdr, gpa, level, regs, entry_lock=False)
            self.want(entry is None, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            need(not (r9 & 0xfff or r9 >> 52 or r9 >> 46 >= 32), "OPERAND_INVALID", "R9")
            source = r9 & (1 << 46) - 1
            need(not 0x90000000 <= source < 0x94000000, "OPERAND_INVALID", "R9")
            new = self.page(r8, "R8", NDA, held=(tdr,))
            self.give(new, REG, tdr)
            self.content[new] = self.content.get(source, bytes(4096))
            table[index] = Entry(new)
            self.mrtd[tdr].update(b"MEM.PAGE.ADD".ljust(16, b"\0") + gpa.to_bytes(8, "little") + bytes(104))
        return self.call("MEM.PAGE.ADD", fn, rcx, rdx, r8, r9)

    def aug(self, rcx, rdx, r8):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 0, 1)
            table, index, entry = self.walk(tdr, gpa, level, regs)
            self.want(entry is None, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            if level:
                self.page_2m(r8, tdr)
                self.big[r8] = tdr
                self.old_big[r8] = 0
                self.tds[tdr].children += 512
            else:
                self.give(self.page(r8, "R8", NDA, held=(tdr,)), REG, tdr)
            table[index] = Entry(r8, pending=True)
        return self.call("MEM.PAGE.AUG", fn, rcx, rdx, r8)

    def extend(self, rcx, rdx):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, exclusive=True)
            need(not (rcx & 0xff or rcx >> 52), "OPERAND_INVALID", "RCX")
            self.private(tdr, rcx)
            table, at = self.root[tdr], self.levels[tdr]
            while True:
                entry = table.get(rcx >> 12 + 9 * at & 511)
                if entry is None or entry.table is None or entry.blocked:
                    break
                table, at = entry.table, at - 1
            self.want(entry and entry.table is None and entry.present(), "EPT_ENTRY_NOT_PRESENT", regs, entry, at)
            pa = entry.hpa + (rcx & (1 << 12 + 9 * at) - 1)
            words = self.content.get(pa & ~0xfff, bytes(4096))
            self.mrtd[tdr].update(b"MR.EXTEND".ljust(16, b"\0") + rcx.to_bytes(8, "little") + bytes(104) +
                                  words[pa & 0xfff:(pa & 0xfff) + 256])
        return self.call("MR.EXTEND", fn, rcx, rdx)

    def finalize(self, rcx):
        def fn(_):
            tdr = self.page(rcx, "RCX", TDR)
            td = self.tds[tdr]
            self.built(td, 1)
            need(td.vcpus, "NO_VCPUS")
            td.op = 2
            return {"mrtd": self.mrtd[tdr].hexdigest()}
        return self.call("MR.FINALIZE", fn, rcx)

    def block(self, rcx, rdx):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 0, 4)
            _, _, entry = self.walk(tdr, gpa, level, regs, shared_tree=False)
            self.want(entry, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            self.want(not entry.blocked, "GPA_RANGE_ALREADY_BLOCKED", regs, entry, level)
            entry.blocked, entry.accepted = True, 0
            self.stamp(entry, level, self.tds[tdr].epoch)
        return self.call("MEM.RANGE.BLOCK", fn, rcx, rdx)

    def unblock(self, rcx, rdx):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 0, 4)
            _, _, entry = self.walk(tdr, gpa, level, regs, shared_tree=False)
            self.want(entry and entry.blocked, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            self.free_to_change(tdr, entry, level, regs, "RCX" if self.later else "SEPT_TREE")
            entry.blocked = False
        return self.call("MEM.RANGE.UNBLOCK", fn, rcx, rdx)

    def track(self, rcx):
        def fn(_):
            tdr = self.page(rcx, "RCX", TDR, exclusive=False)
            td = self.tds[tdr]
            self.alive(td)
            need(td.tdcx >= 6, "TDCS_NOT_ALLOCATED")
            self.lock("op_state", tdr, False, "OP_STATE")
            need(td.op in (1, 2), "OP_STATE_INCORRECT")
            self.lock("epoch", tdr, True, "TD_EPOCH")
            need(not self.refs[tdr][td.epoch + 1 & 1], "PREVIOUS_TLB_EPOCH_BUSY")
            td.epoch += 1
        return self.call("MEM.TRACK", fn, rcx)

    def remove(self, rcx, rdx):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 0, 2)
            table, index, entry = self.walk(tdr, gpa, level, regs)
            self.want(entry and entry.table is None, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            self.lock("pamt2m" if level else "pamt4k", entry.hpa, True, "RCX")
            self.free_to_change(tdr, entry, level, regs)
            if level:
                del self.big[entry.hpa]
                self.tds[tdr].children -= 512
            else:
                self.gone(tdr, entry.hpa)
            del table[index]
            regs["rcx"] = entry.hpa
        return self.call("MEM.PAGE.REMOVE", fn, rcx, rdx)

    def promote(self, rcx, rdx):
        def fn(regs):
            tdr = self.memory(rdx, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 1, 2)
            table, index, entry = self.walk(tdr, gpa, level, regs, shared_tree=not self.later)
            self.want(entry and entry.table is not None, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            self.lock("pamt4k", entry.hpa, True, "RCX")
            self.free_to_change(tdr, entry, level, regs)
            first = entry.table.get(0)
            self.want(level == 1 and first and first.table is None and not first.blocked and not first.hpa & M2 - 1 and
                      all(i in entry.table and entry.table[i].table is None and
                          (entry.table[i].state(), entry.table[i].hpa) == (first.state(), first.hpa + (i << 12))
                          for i in range(512)), "EPT_INVALID_PROMOTE_CONDITIONS", regs, entry, level)
            self.interrupted(regs, rcx, rdx)
            for i in range(512):
                self.type[first.hpa + (i << 12)] = NDA
            self.big[first.hpa] = tdr
            self.gone(tdr, entry.hpa, gpa, level)
            table[index] = Entry(first.hpa, pending=first.pending)
            regs["rcx"] = entry.hpa
        return self.call("MEM.PAGE.PROMOTE", fn, rcx, rdx)

    def demote(self, rcx, rdx, r8):
        def fn(regs):
            pa, _ = self.flags(rdx, regs)
            tdr = self.memory(pa, regs, 1, 2)
            gpa, level = self.gpa(tdr, rcx, 1, 2)
            table, index, entry = self.walk(tdr, gpa, level, regs)
            self.want(entry and entry.table is None, "EPT_ENTRY_STATE_INCORRECT", regs, entry, level)
            self.free_to_change(tdr, entry, level, regs)
            new = self.page(r8, "R8", NDA, held=(tdr,))
            self.lock("pamt2m", entry.hpa, True, "RCX")
            self.interrupted(regs, rcx, rdx)
            self.give(new, EPT, tdr, epoch=None)
            children = {}
            for i in range(512):
                page = entry.hpa + (i << 12)
                self.type[page], self.owner[page], self.bepoch[page] = REG, tdr, 0
                children[i] = Entry(page, pending=entry.pending)
            del self.big[entry.hpa]
            table[index] = Entry(new, children)
        return self.call("MEM.PAGE.DEMOTE", fn, rcx, rdx, r8)

    # -- pages --

    def leaf_of(self, pa, regs, exclusive):
        """Type, owner and size of what the PAMT says about an address"""
        regs.update(dict.fromkeys(regs, 0))
        need(not (pa & 0xfff or pa >> 46), "OPERAND_INVALID", "RCX")
        need(P0 <= pa < P0 + G1, "OPERAND_ADDR_RANGE_ERROR", "RCX")
        self.lock("pamt1g", P0, False, "RCX")
        if pa & -M2 in self.big:
            self.lock("pamt2m", pa & -M2, exclusive, "RCX")
            return REG, self.big[pa & -M2], 1
        self.lock("pamt2m", pa & -M2, False, "RCX")
        self.lock("pamt4k", pa, exclusive, "RCX")
        return self.type_of(pa), self.owner.get(pa, 0), 0

    def rdmd(self, rcx):
        def fn(regs):
            kind, owner, size = self.leaf_of(rcx, regs, False)
            regs["rcx"], regs["rdx"], regs["r8"] = kind, owner, size
            if kind in (REG, EPT):
                regs["r9"] = self.old_big.get(rcx & -M2, 0) if size else self.bepoch.get(rcx, 0)
        return self.call("PHYMEM.PAGE.RDMD", fn, rcx)

    def reclaim(self, rcx):
        def fn(regs):
            kind, owner, size = self.leaf_of(rcx, regs, True)
            need(kind not in (NDA, RSVD), "PAGE_METADATA_INCORRECT", "RCX")
            regs["rcx"], regs["rdx"], regs["r8"] = kind, owner, size
            need(not (size and rcx & M2 - 1), "OPERAND_INVALID", "RCX")
            tdr = rcx if kind == TDR else owner
            if kind != TDR:
                self.lock("pamt4k", tdr, False, "TDR")
            td = self.tds[tdr]
            need(td.life == 3, "LIFECYCLE_STATE_INCORRECT")
            need(kind != TDR or not td.children, "TD_ASSOCIATED_PAGES_EXIST")
            if size:
                del self.big[rcx]
            else:
                self.type[rcx] = NDA
            td.children -= 512 if size else kind != TDR
            self.vps.pop(rcx, None)
            self.inside.pop(rcx, None)
            if kind == TDR:
                del self.tds[rcx]
        return self.call("PHYMEM.PAGE.RECLAIM", fn, rcx)

    # -- the guest --

    def accept(self, tdr, rcx, cut=None):
        level, gpa = rcx & 7, rcx & ~0xfff
        row = {}
        try:
            need(not rcx & 0xff8 and level <= 1 and not gpa & (1 << 12 + 9 * level) - 1, "OPERAND_INVALID", "RCX")
            need(not gpa >> self.shared[tdr], "OPERAND_INVALID", "RCX")
            table, at = self.root[tdr], self.levels[tdr]
            while True:
                entry = table.get(gpa >> 12 + 9 * at & 511)
                if at == level or entry is None or entry.table is None or entry.blocked:
                    break
                table, at = entry.table, at - 1
            key = tdr, gpa >> 12 + 9 * at, at
            if entry is None or entry.blocked and not (at == level and entry.table is not None):
                row["exit"] = "TD_EXIT_EPT_VIOLATION"
            elif entry.table is not None:
                raise Fail(ERR["PAGE_SIZE_MISMATCH"] << 32 | at)
            elif not entry.pending:
                raise Fail(ERR["PAGE_ALREADY_ACCEPTED"] << 32 | at)
            elif at != level:       # the host is to split it
                row["exit"] = "TD_EXIT_EPT_VIOLATION"
            elif self.busy("septe", key, True):
                raise Fail(ERR["OPERAND_BUSY"] << 32 | 1)
            elif key in self.priority:
                raise Fail(ERR["OPERAND_BUSY_HOST_PRIORITY"] << 32 | 1)
            else:
                row["interrupted"] = 0
                done = entry.accepted + cut + 1 if level and cut is not None else 512
                if done < 512:
                    entry.accepted, row["interrupted"] = done, 1
                else:
                    entry.pending, entry.accepted = False, 0
                for i in range(512 if level else 1):
                    self.content.pop(entry.hpa + (i << 12), None)
                raise Fail(OK)
        except Fail as f:
            row = {"status": f"0x{f.args[0]:016x}", "name": "TDX_" + NAMES[f.args[0] >> 32], **row}
        self.meta(f"!accept {tdr:#x} {rcx:#x}", **row)

    def accept_cut(self, tdr, rcx, polls):
        self.meta(f"!intr {polls}", ok=1)
        self.accept(tdr, rcx, polls)
        self.meta("!intr -1", ok=1)
        self.intr = -1

    def enter(self, vp):
        v = self.vps[vp]
        td = self.tds[v.tdr]
        if td.life != 1 or td.op != 2 or td.fatal or not v.ready or vp in self.inside or v.lp is None:
            return
        self.go_to(v.lp, v.lp % self.pkgs)
        self.inside[vp] = td.epoch
        self.refs[v.tdr][td.epoch & 1] += 1
        self.meta(f"!vpenter {vp:#x}", status=f"0x{OK:016x}", name="TDX_SUCCESS")

    def leave(self, vp):
        tdr = self.vps[vp].tdr
        self.go_to(self.vps[vp].lp, self.vps[vp].lp % self.pkgs)
        self.refs[tdr][self.inside.pop(vp) & 1] -= 1
        self.meta(f"!vpexit {vp:#x}", status=f"0x{OK:016x}", name="TDX_SUCCESS")

    # -- looks at the module's own words --

    def inspect(self, tdr):
        td = self.tds[tdr]
        row = dict(lifecycle=td.life, fatal=td.fatal, num_tdcx=td.tdcx, chldcnt=td.children)
        if td.tdcx >= 6 and td.life < 2:
            row.update(op_state=td.op, epoch=td.epoch, refcount=list(self.refs[tdr]), num_vcpus=td.vcpus)
        self.meta(f"!inspect {tdr:#x}", **row)

    def septe(self, tdr, rcx):
        gpa, level = rcx & ~0xfff & (1 << self.shared[tdr]) - 1, min(rcx & 7, self.levels[tdr])
        table, _, entry, at = self.find(tdr, gpa, level)
        if table is None or entry and entry.accepted:
            return
        raw = entry.raw() if entry else 0x80e0000000000000
        key = tdr, gpa >> 12 + 9 * at, at
        self.meta(f"!septe {tdr:#x} {gpa:x} {level}", raw=f"{raw | (key in self.priority) << 52:#018x}", level=at)

    def pamt(self, pa):
        if pa & -M2 in self.big:
            row = dict(pt=REG, owner=hex(self.big[pa & -M2]), bepoch=self.old_big.get(pa & -M2, 0))
            self.meta(f"!pamt {pa & -M2:#x} 1", **row)
        elif self.type_of(pa) in (REG, EPT):
            self.meta(f"!pamt {pa:#x}", pt=self.type_of(pa), owner=hex(self.owner[pa]), bepoch=self.bepoch.get(pa, 0))

    # -- operands --

    def new(self):
        """A page to give; some lie in ranges that are used as large pages as well"""
        r = self.r
        if not r.randrange(8):
            return self.odd() if r.randrange(2) else r.choice(list(self.tds) + [p(100), p(2)])
        if not r.randrange(10):
            return L0 + r.randrange(4) * M2 + r.randrange(3) * 0x1000
        for _ in range(5):
            pa = p(r.randrange(100, 160))
            if self.type_of(pa) == NDA:
                break
        return pa

    def new_2m(self):
        r = self.r
        if not r.randrange(10):
            return r.choice((P0, R0, U0, S0, L0 + 0x1000, p(100), L0 | 1 << 46))
        return L0 + r.randrange(6) * M2

    def source(self):
        r = self.r
        if not r.randrange(12):
            return r.choice((0x90000000, S0 + 0x10, S0 | 40 << 46, S0 | 1 << 52, 0x93fff000))
        return S0 + r.randrange(1, 5) * 0x1000 | (3 << 46 if not r.randrange(8) else 0)

    def where(self, level=None):
        """An RCX: few addresses, so that they meet; now and then one that is wrong"""
        r = self.r
        level = r.choice((0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4)) if level is None else level
        gpa = r.choice((0, 0, 0, M2, M2, 2 * M2, G1, 1 << 39)) + r.choice((0, 0, 0x1000, 0x2000, 0x1ff000))
        if r.randrange(12):
            gpa &= -(1 << 12 + 9 * level)
        if not r.randrange(25):
            gpa |= r.choice((8, 0x800, 1 << 47, 1 << 48, 1 << 51, 1 << 52, 1 << 63))
        return gpa | level

    def known(self, level=None):
        """A GPA where something is, if there is"""
        r = self.r
        if not self.tds or not r.randrange(5):
            return self.where(level), self.tdr_of()
        tdr = r.choice(list(self.tds))
        found = []

        def collect(table, at, gpa):
            for i, e in table.items():
                here = gpa + (i << 12 + 9 * at)
                if level in (None, at):
                    found.append(here | at)
                if e.table is not None and (at > 1 or i < 4) and len(found) < 200:
                    collect(dict(list(e.table.items())[:6]), at - 1, here)
        if tdr in self.root:
            collect(self.root[tdr], self.levels[tdr], 0)
        return (r.choice(found) if found else self.where(level)), tdr

    def tdr_of(self):
        return self.some(self.tds)

    # -- what is done --

    def tree(self):
        """The tables down to some page"""
        tdr = self.tdr_of()
        if tdr not in self.root:
            return
        gpa = self.where(0) & ~0xfff
        for level in range(self.levels[tdr], 0, -1):
            self.sept_add(gpa & -(1 << 12 + 9 * level) | level, tdr, self.new())
            if level == 2 and not self.r.randrange(3):
                break

    def with_lock(self):
        """An operation while another CPU holds a lock, and again when it has let go"""
        r = self.r
        if not self.tds:
            return
        tdr = r.choice(list(self.tds))
        leaf, operands = r.choice(self.entry_actions), self.known()
        action = lambda: leaf(*operands)
        kinds = ["pamt4k", "pamt2m", "pamt1g", "op_state", "sept_tree", "epoch", "septe", "septe"]
        kind, mode = r.choice(kinds), r.choice(("sh", "ex"))
        if kind in ("op_state", "sept_tree", "epoch"):
            if self.tds[tdr].tdcx < 6 or tdr not in self.root or self.tds[tdr].life != 1:
                return
            at, text = tdr, f"{kind}:{tdr:#x}"
            if kind == "epoch" or not r.randrange(6):
                action = lambda: self.track(tdr)
        elif kind == "septe":
            rcx, tdr = self.known()
            if tdr not in self.root or self.tds[tdr].life != 1:
                return
            level, gpa = rcx & 7, rcx & ~0xfff
            if level > self.levels[tdr] or gpa >> 47 or gpa & (1 << 12 + 9 * level) - 1 or \
               self.find(tdr, gpa, level)[0] is None:
                return
            at, mode, text = (tdr, gpa >> 12 + 9 * level, level), "ex", f"septe:{tdr:#x}:{gpa:x}:{level}"
            if at in self.priority:
                return
            action = lambda: leaf(rcx, tdr)
        else:
            at = r.choice([tdr, p(r.randrange(100, 160)), L0 + r.randrange(4) * M2])
            at = P0 if kind == "pamt1g" else at & -M2 if kind == "pamt2m" else at
            if kind == "pamt4k" and at & -M2 in self.big:
                return
            text = f"{kind}:{at:#x}"
        if kind.startswith("pamt") and r.randrange(2):
            owned = [e for e in self.leaves() if (e[2].hpa & -M2 if kind == "pamt2m" else e[2].hpa) == at]
            if owned:
                operands = r.choice(owned)[:2]
        self.meta(f"!lock {text} {mode}", lock=0)
        self.locked = kind, at, mode
        action()
        self.meta("!unlock 0")
        self.locked = None
        action()

    def leaves(self):
        for tdr, table in self.root.items():
            stack = [(table, self.levels[tdr], 0)]
            while stack:
                t, at, base = stack.pop()
                for i, e in list(t.items())[:8]:
                    here = base + (i << 12 + 9 * at)
                    yield here | at, tdr, e
                    if e.table is not None and not e.blocked:
                        stack.append((e.table, at - 1, here))

    def big_life(self):
        """Large pages: made, split, touched here and there, made whole again"""
        r = self.r
        tdr = self.tdr_of()
        if tdr not in self.root:
            return
        gpa = r.choice((M2, 2 * M2, 3 * M2))
        for level in range(self.levels[tdr], 1, -1):
            self.sept_add(gpa & -(1 << 12 + 9 * level) | level, tdr | 1, self.new())
        big = gpa | 1
        self.aug(big, tdr, self.new_2m())
        if r.randrange(2):
            self.accept_safe(tdr, big)
        if r.randrange(4):
            self.block(big, tdr)
        if r.randrange(4):
            self.track(tdr)
        self.demote(big, tdr | r.randrange(2), self.new())
        if not r.randrange(3):
            child = gpa | r.randrange(512) << 12
            r.choice((self.block, self.remove, self.sept_rd))(child, tdr)
            if r.randrange(2):
                self.track(tdr)
                r.choice((self.unblock, self.remove))(child, tdr)
        if r.randrange(4):
            self.block(big, tdr)
        if r.randrange(4):
            self.track(tdr)
        if not r.randrange(4):
            self.intr = 0
            self.meta("!intr 0", ok=1)
            self.promote_safe(big, tdr)
            self.intr = -1
            self.meta("!intr -1", ok=1)
        self.promote_safe(big, tdr)
        r.choice((self.extend, self.remove, self.sept_rd, self.demote_new))(gpa if r.randrange(2) else big, tdr)

    def demote_new(self, rcx, tdr):
        self.demote(rcx, tdr | (not self.r.randrange(6)), self.new())

    def promote_safe(self, rcx, tdr):
        """Not where a host's priority on a child might be in the way"""
        if not any(k[2] == (rcx & 7) - 1 and k[0] == tdr for k in self.priority):
            self.promote(rcx, tdr)

    def accept_safe(self, rcx_tdr, rcx=None):
        tdr = rcx_tdr
        if tdr not in self.root or tdr not in self.tds or self.tds[tdr].life != 1:
            return
        gpa, level = rcx & ~0xfff, rcx & 7
        if gpa >> 52:
            return
        if self.priority or self.locked and self.locked[0] == "septe":
            if gpa >> self.shared[tdr] or level > 1 or gpa & (1 << 12 + 9 * level) - 1:
                return
            table, _, entry, _ = self.find(tdr, gpa, level)
            if table is None or entry is None or entry.table is not None or not entry.pending or entry.blocked:
                return
        if self.intr == 0:
            return
        if level == 1 and not self.r.randrange(3) and not self.locked:
            self.accept_cut(tdr, rcx, self.r.randrange(4))
        else:
            self.accept(tdr, rcx)

    def set_params(self):
        r = self.r
        self.params = dict(max_vcpus=2, eptp=0x1e, flags=0)
        if not r.randrange(4):
            self.params.update(eptp=0x26, flags=r.randrange(2))
        self.meta("!tdparams S0 " + " ".join(f"{k}={v:#x}" for k, v in self.params.items()), ok=1)

    def td_init(self, rcx):
        status = super().td_init(rcx)
        if status == OK:
            self.root[rcx], self.refs[rcx], self.mrtd[rcx] = {}, [0, 0], hashlib.sha384()
            self.levels[rcx] = 4 if self.params["eptp"] == 0x26 else 3
            self.shared[rcx] = 51 if self.params["flags"] else 47
        return status

    def create(self, rcx, rdx):
        for of in (self.root, self.refs, self.levels):
            if self.type_of(rcx) == NDA:
                of.pop(rcx, None)
        return super().create(rcx, rdx)

    def start(self):
        """A TD with vCPUs, that has no memory yet"""
        n = len(self.tds)
        tdr = p(20 * n)
        if n >= 2 or self.type_of(tdr) != NDA or self.create(tdr, 33 + n):
            return
        pages = iter(range(20 * n + 1, 20 * n + 20))
        for g in range(self.pkgs):
            self.go_to(g, g)
            self.key_config(tdr)
        for _ in range(6):
            self.addcx(p(next(pages)), tdr)
        self.set_params()
        self.td_init(tdr)
        for lp in range(self.r.choice((1, 2))):
            self.go_to(lp, lp % self.pkgs)
            vp = p(next(pages))
            self.vp_create(vp, tdr)
            for _ in range(5):
                self.vp_addcx(p(next(pages)), vp)
            self.vp_init(vp)

    def fill_source(self):
        n, seed = self.r.randrange(1, 5), self.r.randrange(1, 1000)
        self.meta(f"!fill S{n} {seed}", ok=1)
        mask = (1 << 64) - 1
        self.content[S0 + n * 0x1000] = b"".join(
            (seed * 0x9e3779b97f4a7c15 + k & mask).to_bytes(8, "little") for k in range(512))

    def odd_end(self):
        """A TD that ends early: its pages can be reclaimed only"""
        if self.inside or not self.tds or self.r.randrange(25):
            return
        tdr = self.r.choice(list(self.tds))
        if self.tds[tdr].life != 1:
            return
        lp = self.lp, self.pkg
        for pa, vp in list(self.vps.items()):
            if vp.tdr == tdr and vp.lp is not None:
                self.go_to(vp.lp, vp.lp % self.pkgs)
                self.vp_flush(pa)
        self.vpflushdone(tdr)
        for g in range(self.pkgs):
            self.go_to(g, g)
            self.cache_wb(0)
        self.freeid(tdr)
        self.go_to(*lp)
        for pa in list(self.big):
            self.reclaim(pa + self.r.choice((0, 0, 0x1000)))
        mine = [q for q, o in self.owner.items() if o == tdr and self.type_of(q) not in (NDA, TDR)]
        self.r.shuffle(mine)
        for pa in mine[:40 if self.r.randrange(2) else 2000]:
            self.reclaim(pa)
        self.reclaim(tdr)

    def sequence(self, length):
        r = self.r
        self.reset()
        self.start()
        for _ in range(2):
            self.fill_source()
            self.tree()
        on = self.entry_actions = [
            self.sept_rd, self.block, self.block, self.unblock, self.unblock, self.remove, self.remove, self.sept_remove,
            self.promote_safe, self.demote_new, lambda a, t: self.aug(a, t, self.new_2m() if a & 7 else self.new()),
            lambda a, t: self.sept_add(a, t | r.randrange(2), self.new()), lambda a, t: self.accept_safe(t, a)]
        not_locking = on + [lambda a, t: self.extend(a & ~0xff | r.choice((0, 0x100, 0xf00)), t)] * 2
        ops = [lambda: r.choice(not_locking)(*self.known())] * 12 + \
            [lambda: r.choice(on)(self.where(), self.tdr_of())] * 3 + \
            [lambda: self.page_add(self.where(0), self.tdr_of(), self.new(), self.source())] * 6 + \
            [lambda: self.aug(self.where(0), self.tdr_of(), self.new())] * 4 + \
            [lambda: self.track(self.tdr_of())] * 2 + [self.tree, self.tree, self.big_life, self.fill_source] + \
            [self.with_lock] * 2 + \
            [lambda: self.sept_add(self.where(), self.tdr_of() | r.choice((0, 1, 2)),
                                   r.choice((self.new(), NOTHING, self.new() | SVE)))] * 2 + \
            [lambda: self.rdmd(r.choice((self.new(), L0 + r.randrange(4) * M2 + r.randrange(3) * 0x1000, self.any_page())))] * 2 + \
            [lambda: self.pamt(r.choice([e.hpa for _, _, e in self.leaves()] or [p(100)]))] * 2 + \
            [lambda: self.tds and self.inspect(r.choice(list(self.tds))),
             lambda: self.reclaim(self.new()),
             lambda: self.septe_known(), lambda: self.septe_known(),
             lambda: self.vps and self.enter(r.choice(list(self.vps))),
             lambda: self.inside and self.leave(r.choice(list(self.inside))),
             lambda: self.inside and self.leave(r.choice(list(self.inside))),
             self.odd_end, lambda: not r.randrange(4) and self.start(),
             lambda: not r.randrange(2) and self.finalize(self.tdr_of())]
        while len(self.rows) < length:
            r.choice(ops)()
        for vp in list(self.inside):
            self.leave(vp)
        for tdr in list(self.tds):
            if self.tds[tdr].op == 1:
                self.finalize(tdr)
        self.flush()

    def septe_known(self):
        rcx, tdr = self.known()
        if tdr in self.root and tdr in self.tds and self.tds[tdr].life == 1 and not rcx >> 52:
            self.septe(tdr, rcx)


def main(argv):
    seed, total = int(argv[0]) if argv else 1, int(argv[1]) if argv[1:] else 3000
    t, done = Sept(seed), 0
    t.later = argv[2:] == ["later"]
    while done < total:
        t.sequence(400)
        done += 400


if __name__ == "__main__":
    main(sys.argv[1:])
