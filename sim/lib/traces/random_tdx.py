#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""random_tdx.py [SEED [OPERATIONS]]: random lives of TDs, with what the TDX module does written down a second time.

The recorded traces have many random sequences about the secure EPT (see random_sept.py for more), and few about how TDs, vCPUs,
HKIDs and packages come and go. A model of those in Python, made from the description of the module and not from the C code, says
what each SEAMCALL gives. Replay shows where the two disagree.
"""
import hashlib
import json
import random
import sys

OK = 0
ERR = {
    "INTERRUPTED_RESUMABLE": 0x80000003, "OPERAND_INVALID": 0xc0000100, "OPERAND_ADDR_RANGE_ERROR": 0xc0000101,
    "OPERAND_BUSY": 0x80000200, "PAGE_METADATA_INCORRECT": 0xc0000300, "TD_ASSOCIATED_PAGES_EXIST": 0xc0000400,
    "TD_FATAL": 0xe0000604, "TDCS_NOT_ALLOCATED": 0xc0000606, "LIFECYCLE_STATE_INCORRECT": 0xc0000607,
    "OP_STATE_INCORRECT": 0xc0000608, "NO_VCPUS": 0xc0000609, "TDCX_NUM_INCORRECT": 0xc0000610,
    "VCPU_STATE_INCORRECT": 0xc0000700, "VCPU_ASSOCIATED": 0x80000701, "VCPU_NOT_ASSOCIATED": 0x80000702,
    "MAX_VCPUS_EXCEEDED": 0xc0000705, "KEY_GENERATION_FAILED": 0x80000800, "TD_KEYS_NOT_CONFIGURED": 0x80000810,
    "KEY_CONFIGURED": 0x00000815, "WBCACHE_NOT_COMPLETE": 0x80000817, "HKID_NOT_FREE": 0xc0000820,
    "NO_HKID_READY_TO_WBCACHE": 0x00000821, "WBCACHE_RESUME_ERROR": 0xc0000823, "FLUSHVP_NOT_DONE": 0x80000824,
    "SUCCESS": 0,
}
NAMES = {v: k for k, v in ERR.items()}
OPERAND = {"RCX": 1, "RDX": 2, "KET": 187}
LEAF = {"MNG.CREATE": 9, "MNG.KEY.CONFIG": 8, "MNG.ADDCX": 1, "MNG.INIT": 21, "MR.FINALIZE": 17, "MEM.TRACK": 38,
        "MNG.VPFLUSHDONE": 19, "MNG.KEY.FREEID": 20, "PHYMEM.CACHE.WB": 40, "PHYMEM.PAGE.RECLAIM": 28,
        "PHYMEM.PAGE.RDMD": 24, "PHYMEM.PAGE.WBINVD": 41, "VP.CREATE": 10, "VP.ADDCX": 4, "VP.INIT": 22, "VP.FLUSH": 18}
NDA, RSVD, TDR, TDCX, TDVPR = 0, 1, 4, 5, 6
P0, R0, S0, U0 = 0x40000000, 0x70000000, 0x100000, 0x100000000
EMPTY = hashlib.sha384(b"").hexdigest()


def p(n):
    return P0 + n * 0x1000


class Fail(Exception):
    pass


def need(condition, name, operand=None):
    if not condition:
        raise Fail(ERR[name] << 32 | OPERAND.get(operand, 0))


class TD:
    def __init__(self, hkid):
        self.hkid = hkid
        self.life = self.pkgs = self.children = self.tdcx = self.fatal = self.op = self.epoch = 0
        self.vcpus = self.assoc = self.max_vcpus = 0


class VP:
    def __init__(self, tdr):
        self.tdr, self.pages, self.ready, self.lp = tdr, 1, False, None


class Trace:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.seq = 0
        self.rows = []

    # -- output --

    def meta(self, op, **fields):
        self.rows.append({"op": op, **fields})

    def call(self, name, fn, rcx=0, rdx=0, r8=0, r9=0):
        regs = {"rcx": rcx, "rdx": rdx, "r8": r8, "r9": r9, "r10": 0, "r11": 0}
        row = {"op": f"TDH.{name} rcx={rcx:#x} rdx={rdx:#x}" + (f" r8={r8:#x} r9={r9:#x}" if r8 or r9 else ""),
               "in": {"rax": hex(LEAF[name]), **{r: hex(regs[r]) for r in ("rcx", "rdx", "r8", "r9")}}}
        try:
            extra = fn(regs) or {}
            status = extra.pop("status", OK)
        except Fail as f:
            status, extra = f.args[0], {}
        row["status"], row["name"] = f"0x{status:016x}", "TDX_" + NAMES[status >> 32]
        row["out"] = {k: hex(v) for k, v in regs.items()}
        row.update(extra)
        self.rows.append(row)
        return status

    def flush(self):
        print(json.dumps({"seq": self.seq, "seed": self.seq, "family": "L", "pkgs": self.pkgs, "ops": len(self.rows),
                          **({"module": "later"} if getattr(self, "later", False) else {})}))
        for row in self.rows:
            print(json.dumps(row))
        self.rows = []

    # -- the platform --

    def reset(self):
        self.seq += 1
        self.pkgs = self.r.choice((1, 1, 2, 3))
        self.type, self.owner = {}, {}
        self.tds, self.vps = {}, {}
        self.kot = {h: [0, 0] for h in range(33, 64)}
        self.kot[32] = [3, 0]
        self.next, self.flushed = [0] * self.pkgs, [set() for _ in range(self.pkgs)]
        self.lp = self.pkg = self.pconfig = 0
        self.intr = -1
        self.params = dict(max_vcpus=1, eptp=0x1e)

    def page(self, pa, operand, kind, held=()):
        """A page operand: address, TDMR, locks, type"""
        need(not (pa & 0xfff or pa >> 46), "OPERAND_INVALID", operand)
        need(P0 <= pa < P0 + (1 << 30), "OPERAND_ADDR_RANGE_ERROR", operand)
        need(pa not in held, "OPERAND_BUSY", operand)
        need(self.type_of(pa) == kind, "PAGE_METADATA_INCORRECT", operand)
        return pa

    def type_of(self, pa):
        return RSVD if R0 <= pa < R0 + 0x200000 else self.type.get(pa, NDA)

    def tdr(self, pa, operand):
        return self.tds[self.page(pa, operand, TDR)]

    @staticmethod
    def alive(td):
        need(not td.fatal, "TD_FATAL")
        need(td.life == 1, "TD_KEYS_NOT_CONFIGURED")

    def built(self, td, *ops):
        self.alive(td)
        need(td.tdcx >= 6, "TDCS_NOT_ALLOCATED")
        need(td.op in ops, "OP_STATE_INCORRECT")

    def give(self, pa, kind, tdr):
        self.type[pa], self.owner[pa] = kind, tdr
        self.tds[tdr].children += 1

    # -- TDs --

    def create(self, rcx, rdx):
        def fn(_):
            need(32 <= rdx <= 63, "OPERAND_INVALID", "RDX")
            self.page(rcx, "RCX", NDA)
            need(self.kot[rdx][0] == 0, "HKID_NOT_FREE")
            self.kot[rdx][0] = 1
            self.type[rcx], self.owner[rcx] = TDR, 0
            self.tds[rcx] = TD(rdx)
        return self.call("MNG.CREATE", fn, rcx, rdx)

    def key_config(self, rcx):
        def fn(_):
            td = self.tdr(rcx, "RCX")
            need(not td.fatal, "TD_FATAL")
            need(td.life == 0, "LIFECYCLE_STATE_INCORRECT")
            if td.pkgs >> self.pkg & 1:
                return {"status": ERR["KEY_CONFIGURED"] << 32}
            need(self.pconfig != 5, "OPERAND_BUSY", "KET")
            need(self.pconfig != 2, "KEY_GENERATION_FAILED")
            td.pkgs |= 1 << self.pkg
            if td.pkgs == (1 << self.pkgs) - 1:
                td.life = 1
        return self.call("MNG.KEY.CONFIG", fn, rcx)

    def addcx(self, rcx, rdx):
        def fn(_):
            td = self.tdr(rdx, "RDX")
            self.alive(td)
            need(td.tdcx < 9, "TDCX_NUM_INCORRECT")
            self.page(rcx, "RCX", NDA, held=(rdx,))
            need(td.tdcx < 6 or td.op == 0, "OP_STATE_INCORRECT")
            td.tdcx += 1
            self.give(rcx, TDCX, rdx)
        return self.call("MNG.ADDCX", fn, rcx, rdx)

    def td_init(self, rcx):
        def fn(regs):
            regs["rcx"] = 0
            td = self.tdr(rcx, "RCX")
            self.built(td, 0)
            td.op, td.epoch, td.max_vcpus = 1, 1, self.params["max_vcpus"]
        return self.call("MNG.INIT", fn, rcx, S0)

    def finalize(self, rcx):
        def fn(_):
            td = self.tdr(rcx, "RCX")
            self.built(td, 1)
            need(td.vcpus, "NO_VCPUS")
            td.op = 2
            return {"mrtd": EMPTY}
        return self.call("MR.FINALIZE", fn, rcx)

    def track(self, rcx):
        def fn(_):
            td = self.tdr(rcx, "RCX")
            self.built(td, 1, 2)
            td.epoch += 1
        return self.call("MEM.TRACK", fn, rcx)

    def vpflushdone(self, rcx):
        def fn(_):
            td = self.tdr(rcx, "RCX")
            need(td.life in (0, 1), "LIFECYCLE_STATE_INCORRECT")
            need(not td.assoc, "FLUSHVP_NOT_DONE")
            td.life = 2
            self.kot[td.hkid] = [2, (1 << self.pkgs) - 1]
        return self.call("MNG.VPFLUSHDONE", fn, rcx)

    def freeid(self, rcx):
        def fn(_):
            td = self.tdr(rcx, "RCX")
            need(td.life == 2, "LIFECYCLE_STATE_INCORRECT")
            need(not self.kot[td.hkid][1], "WBCACHE_NOT_COMPLETE")
            td.life = 3
            self.kot[td.hkid][0] = 0
        return self.call("MNG.KEY.FREEID", fn, rcx)

    def cache_wb(self, rcx):
        def fn(_):
            need(rcx in (0, 1), "OPERAND_INVALID", "RCX")
            g = self.pkg
            if rcx:
                need(self.next[g], "WBCACHE_RESUME_ERROR")
            else:
                self.next[g] = 0
                flushed = {h for h, (state, _) in self.kot.items() if state == 2}
                if not flushed:
                    return {"status": ERR["NO_HKID_READY_TO_WBCACHE"] << 32}
                self.flushed[g] = flushed
            # Four blocks, an interrupt is looked for between them.
            for block in range(self.next[g] + 1, 4):
                if self.intr == 0:
                    self.next[g] = block
                    need(False, "INTERRUPTED_RESUMABLE")
                self.intr -= self.intr > 0
            self.next[g] = 0
            for h in self.flushed[g]:
                self.kot[h][1] &= ~(1 << g)
        return self.call("PHYMEM.CACHE.WB", fn, rcx)

    # -- vCPUs --

    def vp_create(self, rcx, rdx):
        def fn(_):
            td = self.tdr(rdx, "RDX")
            self.built(td, 1)
            self.page(rcx, "RCX", NDA, held=(rdx,))
            self.give(rcx, TDVPR, rdx)
            self.vps[rcx] = VP(rdx)
        return self.call("VP.CREATE", fn, rcx, rdx)

    def vp_addcx(self, rcx, rdx):
        def fn(_):
            vp = self.vps[self.page(rdx, "RDX", TDVPR)]
            self.built(self.tds[vp.tdr], 1)
            need(not vp.ready, "VCPU_STATE_INCORRECT")
            need(vp.pages < 15, "TDCX_NUM_INCORRECT")
            self.page(rcx, "RCX", NDA, held=(rdx, vp.tdr))
            vp.pages += 1
            self.give(rcx, TDCX, vp.tdr)
        return self.call("VP.ADDCX", fn, rcx, rdx)

    def vp_init(self, rcx, rdx=0):
        def fn(_):
            vp = self.vps[self.page(rcx, "RCX", TDVPR)]
            td = self.tds[vp.tdr]
            self.built(td, 1)
            need(vp.pages >= 6, "TDCX_NUM_INCORRECT")
            need(not vp.ready, "VCPU_STATE_INCORRECT")
            need(td.vcpus < td.max_vcpus, "MAX_VCPUS_EXCEEDED")
            td.vcpus += 1
            td.assoc += 1
            vp.ready, vp.lp = True, self.lp
        return self.call("VP.INIT", fn, rcx, rdx)

    def vp_flush(self, rcx):
        def fn(_):
            vp = self.vps[self.page(rcx, "RCX", TDVPR)]
            td = self.tds[vp.tdr]
            need(td.life == 1, "TD_KEYS_NOT_CONFIGURED")
            need(vp.pages >= 6, "TDCX_NUM_INCORRECT")
            need(vp.lp == self.lp, "VCPU_NOT_ASSOCIATED")
            vp.lp = None
            td.assoc -= 1
        return self.call("VP.FLUSH", fn, rcx)

    def vp_enter_exit(self, vp):
        v = self.vps[vp]
        td = self.tds[v.tdr]
        if td.life != 1 or td.op != 2 or not v.ready:
            return
        if v.lp not in (None, self.lp):
            status = ERR["VCPU_ASSOCIATED"] << 32
        else:
            status = OK
            td.assoc += v.lp is None
            v.lp = self.lp
        self.meta(f"!vpenter {vp:#x}", status=f"0x{status:016x}", name="TDX_" + NAMES[status >> 32])
        if status == OK:
            self.meta(f"!vpexit {vp:#x}", status="0x0000000000000000", name="TDX_SUCCESS")

    # -- pages --

    def metadata(self, pa, regs):
        regs.update(dict.fromkeys(regs, 0))
        need(not (pa & 0xfff or pa >> 46), "OPERAND_INVALID", "RCX")
        need(P0 <= pa < P0 + (1 << 30), "OPERAND_ADDR_RANGE_ERROR", "RCX")
        return self.type_of(pa)

    def rdmd(self, rcx):
        def fn(regs):
            regs["rcx"], regs["rdx"] = self.metadata(rcx, regs), self.owner.get(rcx, 0)
        return self.call("PHYMEM.PAGE.RDMD", fn, rcx)

    def reclaim(self, rcx):
        def fn(regs):
            kind = self.metadata(rcx, regs)
            need(kind not in (NDA, RSVD), "PAGE_METADATA_INCORRECT", "RCX")
            regs["rcx"], regs["rdx"] = kind, self.owner[rcx]
            td = self.tds[rcx if kind == TDR else self.owner[rcx]]
            need(td.life == 3, "LIFECYCLE_STATE_INCORRECT")
            need(kind != TDR or not td.children, "TD_ASSOCIATED_PAGES_EXIST")
            if kind != TDR:
                td.children -= 1
            self.type[rcx] = NDA
            self.vps.pop(rcx, None)
            if kind == TDR:
                del self.tds[rcx]
        return self.call("PHYMEM.PAGE.RECLAIM", fn, rcx)

    def wbinvd(self, rcx):
        def fn(_):
            need(not rcx >> 52, "OPERAND_INVALID", "RCX")
            self.page(rcx & ((1 << 46) - 1), "RCX", NDA)
        return self.call("PHYMEM.PAGE.WBINVD", fn, rcx)

    def inspect(self, tdr):
        td = self.tds[tdr]
        row = dict(lifecycle=td.life, fatal=td.fatal, num_tdcx=td.tdcx, chldcnt=td.children, hkid=td.hkid,
                   pkg_bitmap=td.pkgs, kot_state=self.kot[td.hkid][0], wbinvd_bitmap=self.kot[td.hkid][1])
        if td.tdcx >= 6 and td.life < 2:
            row.update(op_state=td.op, epoch=td.epoch, refcount=[0, 0], num_vcpus=td.vcpus, num_assoc_vcpus=td.assoc)
        self.meta(f"!inspect {tdr:#x}", **row)

    # -- operands --

    def odd(self):
        return self.r.choice((R0, S0, U0, p(3) + 0x800, p(2) | 1 << 46, 1 << 52, 0))

    def any_page(self):
        return self.odd() if not self.r.randrange(30) else p(self.r.randrange(60))

    def free(self):
        free = [p(n) for n in range(60) if self.type_of(p(n)) == NDA]
        return self.r.choice(free) if free and self.r.randrange(10) else self.any_page()

    def some(self, of):
        return self.r.choice(list(of)) if of and self.r.randrange(15) else self.any_page()

    def hkid(self):
        return self.r.choice((31, 32, 64, 0x10021)) if not self.r.randrange(12) else self.r.randrange(33, 37)

    # -- sequences --

    def whole_td(self):
        """A TD, as far as it comes"""
        r, tdr = self.r, self.free()
        if self.create(tdr, self.hkid()):
            return
        lp = self.lp, self.pkg
        for g in range(self.pkgs):
            self.go_to(g, g)
            self.key_config(tdr)
        self.go_to(*lp)
        for _ in range(6):
            self.addcx(self.free(), tdr)
        self.set_params()
        self.td_init(tdr)
        for _ in range(r.randrange(3)):
            vp = self.free()
            if self.vp_create(vp, tdr):
                continue
            for _ in range(5):
                self.vp_addcx(self.free(), vp)
            self.vp_init(vp)
        if r.randrange(2):
            self.finalize(tdr)

    def all_gone(self):
        """The end of a TD, in the order that works"""
        if not self.tds:
            return
        tdr = self.r.choice(list(self.tds))
        lp = self.lp, self.pkg
        for pa, vp in list(self.vps.items()):
            if vp.tdr == tdr and vp.lp is not None:
                self.go_to(vp.lp, vp.lp % self.pkgs)
                self.vp_flush(pa)
        self.vpflushdone(tdr)
        for g in range(self.pkgs):
            self.go_to(g, g)
            self.cache_wb(0)
        self.go_to(*lp)
        self.freeid(tdr)
        for pa in [q for q, o in self.owner.items() if o == tdr and self.type_of(q) != NDA]:
            self.reclaim(pa)
        self.reclaim(tdr)
        self.wbinvd(tdr | 32 << 46)

    def go_to(self, lp, pkg):
        if (lp, pkg) != (self.lp, self.pkg):
            self.lp, self.pkg = lp, pkg
            self.meta(f"!lp {lp} {pkg}", ok=1)

    def set_params(self):
        self.params["max_vcpus"] = self.r.choice((1, 1, 2))
        self.meta(f"!tdparams S0 max_vcpus={self.params['max_vcpus']}", ok=1)

    def environment(self):
        r = self.r
        if r.randrange(2):
            lp = r.randrange(4)
            self.go_to(lp, lp % self.pkgs)
        elif r.randrange(2):
            self.pconfig = r.choice((0, 0, 2, 5))
            self.meta(f"!pconfig {self.pconfig}", ok=1)
        else:
            self.intr = r.choice((-1, -1, 0, 1, 2, 3))
            self.meta(f"!intr {self.intr}", ok=1)

    def fatal(self):
        if self.tds and not self.r.randrange(6):
            tdr = self.r.choice(list(self.tds))
            self.tds[tdr].fatal = 1
            self.meta(f"!poke {tdr:#x} fatal 1", ok=1)

    def sequence(self, length):
        r = self.r
        self.reset()
        self.set_params()
        ops = [lambda: self.create(self.free(), self.hkid()), lambda: self.key_config(self.some(self.tds)),
               lambda: self.key_config(self.some(self.tds)), lambda: self.td_init(self.some(self.tds)),
               lambda: self.finalize(self.some(self.tds)), lambda: self.track(self.some(self.tds)),
               lambda: self.vpflushdone(self.some(self.tds)), lambda: self.freeid(self.some(self.tds)),
               lambda: self.vp_create(self.free(), self.some(self.tds)), lambda: self.vp_init(self.some(self.vps)),
               lambda: self.vp_flush(self.some(self.vps)), lambda: self.vp_flush(self.some(self.vps)),
               lambda: self.rdmd(self.any_page()), lambda: self.wbinvd(self.any_page() | r.randrange(64) << 46),
               self.environment, self.environment, self.fatal] + \
            [lambda: self.addcx(self.free(), self.some(self.tds))] * 6 + \
            [lambda: self.vp_addcx(self.free(), self.some(self.vps))] * 5 + \
            [lambda: self.cache_wb(r.choice((0, 0, 1, 1, 2)))] * 3 + [lambda: self.reclaim(self.some(self.owner))] * 6 + \
            [self.whole_td, self.all_gone, lambda: self.tds and self.inspect(r.choice(list(self.tds))),
             lambda: self.vps and self.vp_enter_exit(r.choice(list(self.vps)))]
        while len(self.rows) < length:
            r.choice(ops)()
        self.flush()


def main(argv):
    seed, total = int(argv[0]) if argv else 1, int(argv[1]) if argv[1:] else 3000
    t, done = Trace(seed), 0
    while done < total:
        t.sequence(250)
        done += 250


if __name__ == "__main__":
    main(sys.argv[1:])
