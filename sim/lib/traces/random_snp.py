#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""random_snp.py [SEED [OPERATIONS]]: random SNP traces, with what the firmware does written down a second time.

A model of RMP, ASIDs and guests in Python, made from the description of the firmware and not from the C code,
says what each operation gives. Replay shows where the two disagree. Contents are modelled as far as digests need them.
"""
import hashlib
import json
import random
import struct
import sys

STATUS = {
    "SUCCESS": 0, "INVALID_PLATFORM_STATE": 1, "INVALID_GUEST_STATE": 2, "INVALID_CONFIG": 3, "INVALID_LENGTH": 4,
    "POLICY_FAILURE": 7, "INACTIVE": 8, "INVALID_ADDRESS": 9, "ASID_OWNED": 12, "INVALID_ASID": 13,
    "WBINVD_REQUIRED": 14, "DF_FLUSH_REQUIRED": 15, "INVALID_GUEST": 16, "ACTIVE": 18, "INVALID_PARAM": 22,
    "INVALID_PAGE_SIZE": 25, "INVALID_PAGE_STATE": 26, "INVALID_PAGE_OWNER": 28, "RMP_INIT_REQUIRED": 32, "BUFFER": 0x5a,
}
RET = {"SUCCESS": 0, "FAIL_INPUT": 1, "FAIL_PERMISSION": 2, "FAIL_OVERLAP": 4, "FAIL_SIZEMISMATCH": 6, "FAIL_BADADDR": 7,
       "#VMEXIT(NPF)": -1}

RMP, RMP_END, HOLE, HOLE_END, COVERED, TOP = 0x8000000, 0x8100000, 0xa000000, 0xa200000, 0xfc00000, 0x10000000
IOMMU, ASEG, ASEG_END = (0x7000000, 0x7001000), 0xa0000, 0xc0000
MAX_ASID, MIN_SEV, BIG = 1006, 100, 0x200000
PAGES = [0x200000 + i * 0x1000 for i in range(4)] + [0x600000 + i * 0x1000 for i in range(6)] + \
        [0x800000, 0x801000, 0x9ff000, 0xa00000, 0xa01000]
ODD = [RMP, RMP + 0x5000, HOLE, HOLE + 0x1000, IOMMU[0], ASEG, COVERED, 0x600008, 0x200800, 0x800800]
KEYS = ("assigned", "pagesize", "immutable", "asid", "gpa", "fwtag", "vmsa", "validated", "lock", "subpages", "vmpl")
GUEST_STATES = ("PRE_GUEST", "PRE_SWAP", "GUEST_INVALID", "GUEST_VALID")


class Fail(Exception):
    pass


def need(condition, status):
    if not condition:
        raise Fail(status)


class Entry:
    def __init__(self):
        self.assigned = self.pagesize = self.immutable = self.asid = self.gpa = self.fwtag = 0
        self.vmsa = self.validated = self.subpages = 0
        self.vmpl = [0, 0, 0, 0]
        self.rights_known = False       # nobody says what the rights of an entry are that was never written

    @property
    def state(self):
        e = self
        if not e.assigned:
            if e.validated or e.asid:
                return "INVALID"
            return "HV_FIXED" if e.immutable else "HYPERVISOR"
        if e.asid:
            return ("PRE_SWAP" if e.validated else "PRE_GUEST") if e.immutable else \
                ("GUEST_VALID" if e.validated else "GUEST_INVALID")
        if e.validated:
            return "INVALID"
        if not e.immutable:
            return "RECLAIM"
        if not e.gpa and not e.fwtag:
            return "CONTEXT" if e.vmsa else "FIRMWARE"
        if e.fwtag == 1:
            return "METADATA"
        if e.fwtag == 2 and e.gpa == 0x1000 and not e.vmsa:
            return "FIRMWARE_IOMMU"
        return "INVALID"


class Guest:
    def __init__(self):
        self.state = self.asid = self.pending = self.active = self.es = self.ccxs = self.policy = self.imi = 0
        self.ld = self.imd = bytes(48)
        self.key = None


def mix(z):
    m = (1 << 64) - 1
    z = (z + 0x9e3779b97f4a7c15) & m
    z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & m
    z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & m
    return z ^ (z >> 31)


def filled(pat):
    return b"".join(struct.pack("<Q", mix(pat ^ i) if pat else 0) for i in range(0, 4096, 8))


TEXT = {pat: filled(pat) for pat in range(4)}
DIGEST = {pat: hashlib.sha384(text).digest() for pat, text in TEXT.items()}


class Machine:
    def __init__(self, nccx):
        self.all = (1 << nccx) - 1
        self.snp = self.sev = self.rmp_init = self.rmp_built = self.count = 0
        self.wbinvd = 0
        self.guests = {}
        self.entries = {}
        self.text = {}          # what the host wrote to a page
        self.inside = {}        # what a guest reads there
        self.raw = {}           # the bytes that are there, by how they came to be
        self.iommu_on = False
        self.dirty, self.clean, self.allocated, self.used, self.valid = ({} for _ in range(5))

    # -- contents --

    def there(self, pa):
        return self.raw.get(pa, ("host", 0))

    def lost(self, pa):
        """Something was written there that nothing else is equal to"""
        self.text.pop(pa, None)
        self.raw[pa] = object()

    # The same plain text, key and address give the same bytes again.
    @staticmethod
    def encrypt(key, pa, plain):
        return plain[3] if plain[:3] == ("dec", key, pa) else ("enc", key, pa, plain)

    def decrypt(self, key, pa):
        raw = self.there(pa)
        return raw[3] if isinstance(raw, tuple) and raw[:3] == ("enc", key, pa) else ("dec", key, pa, raw)

    # -- RMP --

    def entry(self, pa):
        return self.entries.setdefault(pa & ~0xfff, Entry())

    @staticmethod
    def covered(pa):
        return pa < COVERED

    def head(self, pa):
        return self.entry(pa & ~(BIG - 1))

    def is_large(self, pa):
        h = self.head(pa)
        return h.assigned and h.pagesize

    def count_sub(self, pa, n):
        if pa & (BIG - 1):
            h = self.head(pa)
            h.subpages += n

    def pages_of(self, asid):
        return sum(512 if e.pagesize else 1 for e in self.entries.values() if e.assigned and e.asid == asid)

    def set_subs(self, pa, assigned):
        for i in range(1, 512):
            e = Entry()
            e.assigned = assigned
            self.entries[pa + i * 4096] = e

    # -- what the firmware says of an operand --

    def look_up(self, pa):
        pa &= ~(1 << 51)
        need(not (self.rmp_init and RMP <= pa < RMP_END), "INVALID_PARAM")
        if not self.covered(pa):
            return None, "DEFAULT"
        e = self.entry(pa)
        return e, e.state

    def in_range(self, pa, size):
        pa &= ~(1 << 51)
        need(pa + size <= 1 << 45, "INVALID_ADDRESS")
        for a, b in ((ASEG, ASEG_END), (RMP, RMP_END))[:1 + self.rmp_init]:
            need(not (pa < b and a < pa + size), "INVALID_ADDRESS")
        need(pa + size <= TOP and not (pa < HOLE_END and HOLE < pa + size), "INVALID_CONFIG")

    def context(self, pa):
        need(self.look_up(pa)[1] == "CONTEXT", "INVALID_GUEST")
        return self.guests[pa]

    def init(self):
        need(self.snp, "INVALID_PLATFORM_STATE")

    # -- ASIDs --

    def get(self, what, asid):
        return what.get(asid, 0)

    def df_flush(self):
        done = self.wbinvd & self.all
        for a in range(1, MAX_ASID + 1):
            moved = self.get(self.dirty, a) & done
            self.dirty[a] = self.get(self.dirty, a) & ~moved
            self.clean[a] = self.get(self.clean, a) | moved
        need(done == self.all, "WBINVD_REQUIRED")

    def release(self, g):
        if not g.asid:
            return
        a = g.asid
        used = self.get(self.used, a)
        if used:
            self.valid[a] = 0
            self.wbinvd &= ~used
        self.dirty[a] = self.get(self.dirty, a) | used
        self.clean[a] = self.get(self.clean, a) | self.get(self.allocated, a)
        self.used[a] = self.allocated[a] = 0
        g.asid = g.pending = g.active = g.ccxs = 0

    def bind(self, g, asid, ccxs):
        bound = g.asid
        if not bound:
            need(not self.get(self.dirty, asid), "DF_FLUSH_REQUIRED")
            need(self.get(self.clean, asid) == self.all, "ASID_OWNED")
        else:
            need(bound == asid, "ACTIVE")
        need(asid < MIN_SEV, "INVALID_ASID")
        need(not self.get(self.dirty, asid) & ccxs, "DF_FLUSH_REQUIRED")
        g.asid = asid
        g.ccxs |= ccxs
        self.clean[asid] &= ~ccxs
        if g.state == 2:
            self.used[asid] = self.get(self.used, asid) | g.ccxs
            self.valid[asid] = self.get(self.valid, asid) | g.ccxs
            self.allocated[asid] = 0
            g.active = 1
        else:
            self.allocated[asid] = self.get(self.allocated, asid) | ccxs
            g.pending = 1


class Trace:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.n = self.step = 0
        self.m = None

    # -- output --

    def emit(self, op, args, src, result=None, cf=None, mem=None):
        m = self.m
        row = {"scn": f"R{self.n:03}", "step": self.step, "op": op, "src": src,
               "args": {k: hex(v) if v > 999 else v for k, v in args.items()}}
        self.step += 1
        if src == "firmware":
            row["status"], row["status_num"] = result, STATUS[result]
        elif src == "x86":
            row["ret"], row["ret_num"] = result, RET[result]
        if cf is not None:
            row["cf"] = cf
        if mem:
            row["mem_after"] = {hex(pa): e for pa, e in mem.items()}
        if m and op != "reset" and m.rmp_init:
            after = {}
            for k in ("page", "gctx", "src", "dst", "ma", "status"):
                pa = args.get(k, 0) & ~0xfff & ~(1 << 51)
                if k in args and m.covered(pa) and not RMP <= pa < RMP_END:
                    after[hex(pa)] = self.show(pa)
            row["rmp_after"] = after
            g = m.guests.get(args.get("gctx", 0))
            if g and m.entry(args["gctx"]).state == "CONTEXT":
                row["guest_after"] = {"state": g.state, "asid": g.asid, "policy": g.policy, "imi_en": g.imi, "ccxs": g.ccxs,
                                      "flags": g.active | g.es << 1 | g.pending << 2, "ld": g.ld.hex(), "imd": g.imd.hex()}
            asids = {a for a in (1, 2, 3, 4, 5, args.get("asid", 1)) if 0 < a <= MAX_ASID}
            if m.snp:
                row["asid_after"] = {str(a): {
                    "dirty": m.get(m.dirty, a), "clean": m.get(m.clean, a), "allocated": m.get(m.allocated, a),
                    "in_use": m.get(m.used, a), "valid": m.get(m.valid, a), "rmp_count": m.pages_of(a),
                    "wbinvd": m.wbinvd} for a in asids}
        if m and op != "reset":
            row["plat_after"] = {"snp_state": m.snp, "sev_state": m.sev, "guest_count": m.count, "rmp_init": m.rmp_init}
        print(json.dumps(row))

    def show(self, pa):
        e = self.m.entry(pa)
        out = {k: getattr(e, k) for k in KEYS if hasattr(e, k)}
        out["gpa"] = hex(e.gpa)
        out["lock"] = e.immutable
        out["state"] = e.state
        out["base2m"] = int(bool(self.m.is_large(pa)))
        if pa & (BIG - 1):
            del out["subpages"]
        if not e.rights_known:
            del out["vmpl"]
        return out

    def fw(self, op, fn, mem=None, **args):
        """fn() does it, or fails; mem() says what is in memory then"""
        try:
            fn()
            result = "SUCCESS"
        except Fail as f:
            result = f.args[0]
        self.emit(op, args, "firmware", result, mem=mem(result == "SUCCESS") if mem else None)
        return result

    def guest_key(self, pa, before):
        """A page that was encrypted, with what its guest reads, if that is known; it may be what was there already"""
        text = self.m.inside.get(pa)
        return {"kind": "unchanged" if self.m.there(pa) == before else "guest_key", **({"plain_sha384": DIGEST[text].hex()} if text is not None else {})}

    # -- operands --

    def page(self):
        return self.r.choice(ODD) if not self.r.randrange(25) else self.r.choice(PAGES)

    def ctx(self):
        live = [p for p in self.m.guests if self.m.entry(p).state == "CONTEXT"]
        if live and self.r.randrange(8):
            return self.r.choice(live)
        return self.page()

    def asid(self):
        return self.r.choice((0, 98, 99, 100, 1006, 1007, 2047, 2048)) if not self.r.randrange(10) else self.r.randrange(1, 6)

    def of_somebody(self):
        """ASID of a guest, mostly"""
        bound = [g.asid for g in self.m.guests.values() if g.asid]
        return self.r.choice(bound) if bound and self.r.randrange(8) else self.r.randrange(1, 6)

    # -- instructions --

    def rmpupdate(self, page=None, **st):
        m, r = self.m, self.r
        page = self.page() if page is None else page
        if RMP <= page < RMP_END and not m.rmp_init:
            return
        if not st:
            kind = r.randrange(8)
            ps = int(not page & (BIG - 1) and not r.randrange(3))
            e = m.entry(page) if m.covered(page) else Entry()
            if kind == 0:
                st = dict(assigned=1, immutable=1, ps=ps)
            elif kind < 3:
                st = dict(assigned=1, immutable=1, asid=self.of_somebody(), gpa=r.randrange(8) << (21 if ps else 12), ps=ps)
            elif kind == 3:
                st = dict(assigned=1, asid=self.of_somebody(), gpa=r.randrange(8) << (21 if ps else 12), ps=ps)
            elif kind < 6:
                st = dict(ps=ps or e.pagesize)
            elif kind == 6 and e.asid:
                st = dict(assigned=1, immutable=1, asid=e.asid, gpa=e.gpa, ps=e.pagesize)
            else:
                st = dict(assigned=r.randrange(2), immutable=r.randrange(2), asid=r.choice((0, 1, 2)), ps=r.randrange(2),
                          gpa=r.randrange(4) << 12)
        st = {k: v for k, v in st.items() if v}
        self.emit("rmpupdate", dict(page=page, **st), "x86", self.do_rmpupdate(page, **st))

    def do_rmpupdate(self, page, assigned=0, ps=0, immutable=0, asid=0, gpa=0):
        m, size = self.m, BIG if ps else 4096
        if page & (size - 1) or not m.covered(page) or gpa & (size - 1) or (not assigned and (asid or immutable)):
            return "FAIL_INPUT"
        e = m.entry(page)
        if e.immutable or m.rmp_built and RMP <= page < RMP_END:
            return "FAIL_PERMISSION"
        if ps and e.subpages:
            return "FAIL_OVERLAP"
        if not ps and page & (BIG - 1) and m.is_large(page):
            return "FAIL_OVERLAP"
        was = bool(e.assigned and e.pagesize)
        keep = e.assigned and assigned and asid and e.asid == asid and e.gpa == gpa and not e.fwtag and e.pagesize == ps
        if not ps and not was:
            m.count_sub(page, assigned - e.assigned)
        if not keep:
            e.validated = e.vmsa = 0
            e.vmpl = [15, 0, 0, 0]
            e.rights_known = True
        e.assigned, e.asid, e.gpa, e.fwtag, e.immutable = assigned, asid, gpa, 0, immutable
        e.pagesize = ps and assigned
        if was != bool(e.pagesize):
            m.set_subs(page, 0 if was else 1)
        return "SUCCESS"

    def psmash(self):
        m, page = self.m, self.r.choice((0x800000, 0xa00000, 0x200000, self.page()))
        ret = "SUCCESS"
        if page & (BIG - 1) or not m.covered(page):
            ret = "FAIL_INPUT"
        elif not m.is_large(page) or m.entry(page).immutable:
            ret = "FAIL_BADADDR"
        else:
            h = m.entry(page)
            h.pagesize, h.subpages = 0, 511
            for i in range(1, 512):
                e = m.entry(page + i * 4096)
                for k in ("assigned", "asid", "validated", "vmsa", "immutable"):
                    setattr(e, k, getattr(h, k))
                e.gpa, e.vmpl, e.rights_known = h.gpa + i * 4096, list(h.vmpl), h.rights_known
        self.emit("psmash", dict(page=page), "x86", ret)

    def pvalidate(self):
        m, r, page = self.m, self.r, self.page()
        ps, validate = int(not r.randrange(4)), r.randrange(2)
        if not m.covered(page) or page & 0xfff or RMP <= page < RMP_END:
            return
        e = m.head(page) if m.is_large(page) else m.entry(page)
        if not e.asid:
            return
        gpa = e.gpa + ((page & (BIG - 1)) if e.pagesize else 0)
        cf = 0
        if ps and gpa & (BIG - 1):
            ret = "FAIL_INPUT"
        elif e.immutable:
            ret = "#VMEXIT(NPF)"
        elif ps and not e.pagesize:
            ret = "FAIL_SIZEMISMATCH"
        elif not ps and e.pagesize:
            ret = "#VMEXIT(NPF)"
        else:
            ret, cf = "SUCCESS", int(e.validated == validate)
            e.validated = validate
        args = dict(page=page, gpa=gpa, asid=e.asid, ps=ps, validate=validate)
        self.emit("pvalidate", args, "x86", ret, cf)

    # -- platform --

    def set_fixed(self, start, end):
        for pa in range(start, min(end, COVERED), 4096):
            self.m.entry(pa).immutable = 1

    def do_init(self, init_rmp):
        m = self.m
        need(not m.snp and not m.sev, "INVALID_PLATFORM_STATE")
        need(init_rmp or m.rmp_init, "RMP_INIT_REQUIRED")
        if init_rmp:
            m.entries = {}
            self.set_fixed(HOLE, HOLE_END)
            for pa in IOMMU:
                e = m.entry(pa)
                e.assigned, e.immutable, e.gpa, e.fwtag = 1, 1, 0x1000, 2
                m.count_sub(pa, 1)
            m.guests = {}
            m.rmp_built = True      # its own pages are the firmware's, whatever comes
        m.snp = m.rmp_init = 1
        m.count = m.wbinvd = 0
        m.dirty = {a: m.all for a in range(1, MAX_ASID + 1)}
        m.clean, m.allocated, m.used, m.valid = {}, {}, {}, {}

    def init(self):
        if self.r.randrange(2):
            self.fw("snp_init", lambda: self.do_init(1))
        else:
            init_rmp = self.r.randrange(3) > 0
            self.fw("snp_init_ex", lambda: self.do_init(init_rmp), init_rmp=int(init_rmp))

    def shutdown(self):
        m, r = self.m, self.r
        ex, iommu, length = r.randrange(2), r.randrange(2), r.choice((8, 8, 8, 4))

        def go():
            need(not m.sev, "INVALID_PLATFORM_STATE")
            if not m.snp:
                return
            need(all(m.get(m.clean, a) == m.all for a in range(1, MAX_ASID + 1)), "DF_FLUSH_REQUIRED")
            need(not ex or length == 8, "INVALID_PARAM")
            m.snp = 0
            if ex and iommu:
                for pa in IOMMU:
                    e = m.entry(pa)
                    e.immutable = e.gpa = e.fwtag = 0
                m.rmp_init = 0

        if ex:
            self.fw("snp_shutdown_ex", go, len=length, iommu=iommu)
        else:
            self.fw("snp_shutdown", go)

    def platform_status(self):
        m, st = self.m, self.page() + self.r.choice((0, 0, 0, 0xff0))
        # It would be written to, and a later life of the platform might find it.
        if not m.snp and st & ~0xfff in m.guests:
            return

        def go():
            need((st & 0xfff) + 32 <= 4096, "INVALID_PARAM")
            if m.snp:
                need(m.look_up(st)[1] in ("FIRMWARE", "DEFAULT"), "INVALID_PAGE_STATE")
            m.in_range(st, 32)
        self.fw("platform_status", go, status=st)
        m.lost(st & ~0xfff)

    def legacy(self):
        m, buf = self.m, self.r.choice(PAGES)
        e = m.entry(buf)

        def go():
            if m.snp:
                need(e.state == "FIRMWARE", "BUFFER")
            if m.rmp_init and e.state == "FIRMWARE":
                e.immutable = 0
        if m.rmp_init and not m.snp:
            return
        self.fw("legacy_status", go, cmdbuf=buf)
        m.lost(buf)

    # -- guests --

    def gctx_create(self, pa=None):
        m, known = self.m, pa
        pa = known or self.page()
        if not known and self.r.randrange(3):
            self.rmpupdate(pa, assigned=1, immutable=1)

        def go():
            need(not pa & 0xfff, "INVALID_PARAM")
            m.init()
            e, state = m.look_up(pa)
            need(state == "FIRMWARE", "INVALID_PAGE_STATE")
            need(not e.pagesize, "INVALID_PAGE_SIZE")
            m.in_range(pa, 4096)
            e.vmsa = 1
            m.guests[pa] = Guest()
            m.lost(pa)
        self.fw("gctx_create", go, gctx=pa)

    def launch_start(self, pa=None):
        m, r, pa = self.m, self.r, pa or self.ctx()
        policy = r.choice((0x30000,) * 8 + (0xb0000,) * 4 + (0xb0000, 0x10000, 0x20000, 0x230000, 0x30137, 0x30138, 0x30200, 0x130000))
        imi, rsvd, ma = int(not r.randrange(8)), int(not r.randrange(20)), r.choice((0,) * 20 + (0x10,))

        def go():
            need(not (rsvd or pa & 0xfff or ma & 0xfff), "INVALID_PARAM")
            m.init()
            g = m.context(pa)
            need(g.state == 0, "INVALID_GUEST_STATE")
            g.es = 1
            major, minor = policy >> 8 & 0xff, policy & 0xff
            need(policy >> 17 & 1 and policy >> 16 & 1 and not policy >> 21 and (major, minor) <= (1, 55), "POLICY_FAILURE")
            g.state, g.policy, g.imi, g.key = 1, policy, imi, object()
            m.count = m.count + 1 & 0xffffffff
        self.fw("launch_start", go, gctx=pa, policy=policy, imi_en=imi, rsvd=rsvd, ma=ma)

    def activate(self, pa=None, asid=None):
        m, pa, asid = self.m, pa or self.ctx(), self.asid() if asid is None else asid

        def go():
            need(not pa & 0xfff, "INVALID_PARAM")
            m.init()
            g = m.context(pa)
            need(g.state, "INVALID_GUEST_STATE")
            need(asid < 2048, "INVALID_ASID")
            need(not m.pages_of(asid) or not asid, "INVALID_CONFIG")
            need(0 < asid <= MAX_ASID, "INVALID_ASID")
            need(not (m.get(m.allocated, asid) or m.get(m.used, asid)), "ASID_OWNED")
            need(not g.asid, "ACTIVE")
            m.bind(g, asid, m.all)
        self.fw("activate", go, gctx=pa, asid=asid)

    def activate_ex(self):
        m, r, pa, asid = self.m, self.r, self.ctx(), self.asid()
        id0, n, length = r.choice((0, 0, 4, 3, 7)), r.choice((1, 1, 4, 5)), r.choice((32,) * 9 + (24,))

        def go():
            need(length == 32 and not pa & 0xfff, "INVALID_PARAM")
            m.init()
            g = m.context(pa)
            need(g.state, "INVALID_GUEST_STATE")
            if not g.asid:
                need(asid < 2048, "INVALID_ASID")
                need(not m.pages_of(asid) or not asid, "INVALID_CONFIG")
            need(0 < asid <= MAX_ASID, "INVALID_ASID")
            need(id0 + n <= min(8, 4 * m.all.bit_length()), "INVALID_CONFIG")
            m.bind(g, asid, sum({1 << (i // 4) for i in range(id0, id0 + n)}))
        self.fw("activate_ex", go, gctx=pa, asid=asid, id0=id0, numids=n, len=length)

    def extend(self, g, kind, imi, vmpl, gpa, contents):
        def record(cur):
            return hashlib.sha384(cur + contents + struct.pack("<HBBBBBBQ", 0x70, kind, imi, 0, *vmpl, gpa)).digest()
        g.ld = record(g.ld)
        if imi:
            g.imd = record(g.imd)

    def launch_update(self):
        m, r, pa, page = self.m, self.r, self.ctx(), self.page()
        g = m.guests.get(pa)
        kind = r.choice((1, 1, 1, 3, 4, 4, 5)) if r.randrange(10) else r.choice((0, 7, 2, 5, 6))
        ps = int(not page & (BIG - 1) and not r.randrange(3))
        if r.randrange(4) and page in PAGES:
            pat = r.randrange(4)
            if not m.rmp_init or m.entry(page).state == "HYPERVISOR":
                self.emit("fill", dict(page=page, pat=pat, len=4096), "harness")
                m.text[page], m.raw[page] = pat, ("host", pat)
                m.inside.pop(page, None)
                asid = g.asid if g and g.asid and r.randrange(8) else self.of_somebody()
                self.rmpupdate(page, assigned=1, immutable=1, asid=asid, gpa=r.randrange(16) << (21 if ps else 12), ps=ps)
        large = ps if r.randrange(12) else ps ^ 1
        imi, vmpl, rsvd = int(not r.randrange(6)), [r.choice((0, 0, 0, 15)) for _ in range(3)], int(not r.randrange(25))
        # Nothing is known of what is there else; and large pages of text take long.
        if kind == 1 and (large or page not in m.text):
            kind = 4
        # Two kinds of pages, and those too large for them, that are refused; none of them is filled in.
        if kind in (2, 6):
            large = 1

        def go():
            need(not (rsvd or pa & 0xfff or page & 0xfff), "INVALID_PARAM")
            m.init()
            need(m.look_up(pa)[1] == "CONTEXT", "INVALID_GUEST")
            e, state = m.look_up(page)
            need(state == "PRE_GUEST", "INVALID_PAGE_STATE")
            need(e.pagesize == large, "INVALID_PAGE_SIZE")
            need(not large or not page & (BIG - 1), "INVALID_ADDRESS")
            need(not large or kind not in (2, 5, 6), "INVALID_PAGE_SIZE")
            need(kind not in (0, 7), "INVALID_PARAM")
            need(g.state == 1, "INVALID_GUEST_STATE")
            need(g.asid, "INACTIVE")
            need(e.asid == g.asid, "INVALID_PAGE_OWNER")
            need(imi or not g.imi, "INVALID_PARAM")
            m.in_range(page, BIG if large else 4096)
            contents = DIGEST[m.text[page]] if kind == 1 else bytes(48)
            for i in range(512 if large else 1):
                self.extend(g, kind, imi, vmpl, e.gpa + i * 4096, contents)
            e.vmpl[1:] = vmpl
            e.validated, e.immutable = 1, 0
            # Pattern 0 is zeros; secrets are nobody's business.
            m.inside[page] = {1: m.text.get(page), 3: 0, 4: m.text.get(page)}.get(kind)
            for q in range(page, page + (BIG if large else 4096), 4096):
                plain = ("host", 0) if kind == 3 else object() if kind == 5 else m.there(q)
                m.raw[q] = m.encrypt(g.key, q, plain if isinstance(plain, tuple) else (plain,))
        check = not large and page in PAGES and (page in m.text or kind == 3)
        before = m.there(page)
        result = self.fw("launch_update", go, lambda good: {page: self.guest_key(page, before) if good else {"kind": "unchanged"}}
                         if check else None, gctx=pa, page=page, type=kind, ps=large, imi=imi, vmpl1=vmpl[0], vmpl2=vmpl[1],
                         vmpl3=vmpl[2], rsvd=rsvd)
        if result == "SUCCESS":
            for i in range(512 if large else 1):
                m.text.pop(page + i * 4096, None)

    def launch_finish(self):
        m, pa, rsvd = self.m, self.ctx(), int(not self.r.randrange(15))

        def go():
            need(not (rsvd or pa & 0xfff), "INVALID_PARAM")
            m.init()
            g = m.context(pa)
            need(g.state == 1 and not g.imi, "INVALID_GUEST_STATE")
            need(g.asid, "INACTIVE")
            g.state, g.active, g.pending = 2, 1, 0
            m.used[g.asid] = m.get(m.used, g.asid) | g.ccxs
            m.valid[g.asid] = m.get(m.valid, g.asid) | g.ccxs
            m.allocated[g.asid] = m.get(m.allocated, g.asid) & ~g.ccxs
        self.fw("launch_finish", go, gctx=pa, rsvd=rsvd)

    def guest_status(self):
        m, pa, st = self.m, self.ctx(), self.page() + self.r.choice((0, 0, 0x20, 0xff0))

        def go():
            need(not pa & 0xfff and (st & 0xfff) + 32 <= 4096, "INVALID_PARAM")
            m.init()
            m.context(pa)
            need(m.look_up(st)[1] in ("FIRMWARE", "DEFAULT"), "INVALID_PAGE_STATE")
            m.in_range(st, 32)
            m.lost(st & ~0xfff)
        self.fw("guest_status", go, gctx=pa, status=st)

    def decommission(self):
        m, pa = self.m, self.ctx()

        def go():
            need(not pa & 0xfff, "INVALID_PARAM")
            m.init()
            g = m.context(pa)
            m.release(g)
            m.count = m.count - (g.state != 0) & 0xffffffff
            m.entry(pa).vmsa = 0
            del m.guests[pa]
        self.fw("decommission", go, gctx=pa)

    # -- pages --

    def page_reclaim(self):
        m, r, pa = self.m, self.r, self.page()
        ps, rsvd = int(not r.randrange(4)), 0x10 if not r.randrange(20) else 0
        if pa == COVERED:
            return

        def go():
            need(not (rsvd or pa & 0xffe), "INVALID_PARAM")
            m.init()
            m.in_range(pa, BIG if ps else 4096)
            e, state = m.look_up(pa)
            need(e.pagesize == ps, "INVALID_PAGE_SIZE")
            need(not ps or not pa & (BIG - 1), "INVALID_ADDRESS")
            if not e.immutable:
                return
            need(state in ("METADATA", "FIRMWARE", "PRE_GUEST", "PRE_SWAP"), "INVALID_PAGE_STATE")
            e.immutable = e.fwtag = 0
        self.fw("page_reclaim", go, page=pa, ps=ps, rsvd=rsvd)

    def page_unsmash(self):
        m, r, pa = self.m, self.r, self.r.choice((0x800000, 0xa00000, 0x800000, 0xa00000, 0x801000, RMP & ~(BIG - 1)))
        if r.randrange(3) and not pa & (BIG - 1) and not m.is_large(pa):
            gpa, asid, step = r.choice((0x400000, 0x400000, 0x401000)), self.of_somebody(), r.choice((4096, 4096, 4096, 8192))
            results = [self.do_rmpupdate(pa + i * 4096, assigned=1, immutable=1, asid=asid, gpa=gpa + i * step)
                       for i in range(512)]
            self.emit("bulk_rmpupdate", dict(page=pa, n=512, gpa=gpa, gpa_step=step, assigned=1, immutable=1, asid=asid), "x86",
                      next((x for x in results if x != "SUCCESS"), "SUCCESS"))

        def go():
            need(not pa & (BIG - 1), "INVALID_PARAM")
            m.init()
            m.look_up(pa)
            pages = [m.entry(pa + i * 4096) for i in range(512)]
            h = pages[0]
            need(h.asid and not h.gpa & (BIG - 1), "INVALID_PAGE_STATE")
            need(all(e.immutable and not e.pagesize and not e.vmsa and e.asid == h.asid and e.state == h.state and
                     e.vmpl == h.vmpl and e.gpa == h.gpa + i * 4096 for i, e in enumerate(pages)), "INVALID_PAGE_STATE")
            h.pagesize, h.subpages = 1, 0
            for e in pages[1:]:
                e.asid = e.immutable = 0
        self.fw("page_unsmash", go, page=pa)

    def move_one(self):
        """A page of a guest to another place, or its metadata"""
        m, r = self.m, self.r
        bound = [(pa, g) for pa, g in m.guests.items() if g.asid and m.entry(pa).state == "CONTEXT"]
        free = [q for q in PAGES if m.entry(q).state == "HYPERVISOR" and not m.is_large(q)]
        if not (m.snp and bound and len(free) > 2):
            return
        pa, g = r.choice(bound)
        src, dst = r.sample(free, 2)
        mine = [q for q in PAGES if m.entry(q).asid == g.asid and m.entry(q).state == "GUEST_VALID" and not m.is_large(q)]
        if not r.randrange(4):
            self.rmpupdate(src, assigned=1, immutable=1)
            self.md_init(pa, src)
            self.rmpupdate(dst, assigned=1, immutable=1)
        else:
            if mine and r.randrange(4):
                src = r.choice(mine)
            self.rmpupdate(src, assigned=1, immutable=1, asid=g.asid, gpa=m.entry(src).gpa)
            self.rmpupdate(dst, assigned=1, immutable=1, asid=g.asid, gpa=r.randrange(8) << 12)
        self.page_move(pa, src, dst)

    def page_move(self, pa=None, src=None, dst=None):
        m, r, pa, src, dst = self.m, self.r, pa or self.ctx(), src or self.page(), dst or self.page()
        ps, rsvd = int(not r.randrange(8)), int(not r.randrange(20))
        if src == dst:
            return

        def go():
            need(not (rsvd or pa & 0xfff or src & 0xfff or dst & 0xfff), "INVALID_PARAM")
            m.init()
            ctx = m.look_up(pa)[1]
            (s, was), (d, becomes) = m.look_up(src), m.look_up(dst)
            need(ctx == "CONTEXT", "INVALID_GUEST")
            g = m.guests[pa]
            need(all((e.pagesize if e else 0) == ps for e in (s, d)), "INVALID_PAGE_SIZE")
            need(g.state in (1, 2), "INVALID_GUEST_STATE")
            need(g.asid, "INACTIVE")
            if was in ("PRE_GUEST", "PRE_SWAP") and becomes == "PRE_GUEST":
                need(s.asid == g.asid == d.asid, "INVALID_PAGE_OWNER")
                d.gpa, d.vmsa, d.vmpl, d.immutable = s.gpa, s.vmsa, list(s.vmpl), 0
                d.validated = int(was == "PRE_SWAP")
                s.validated = s.immutable = 0
            elif was == "METADATA" and becomes == "FIRMWARE":
                need(s.gpa == pa, "INVALID_PAGE_OWNER")
                d.gpa, d.fwtag = pa, 1
                s.gpa = s.fwtag = s.vmsa = 0
            else:
                raise Fail("INVALID_PAGE_STATE")
            m.inside[dst] = m.inside.get(src) if was == "PRE_SWAP" and not ps else None
            for i in range(0, BIG if ps else 4096, 4096):
                m.text.pop(dst + i, None)
                m.raw[dst + i] = m.there(src + i) if was == "METADATA" else m.encrypt(g.key, dst + i, m.decrypt(g.key, src + i))
        check = not ps and src in PAGES and dst in PAGES
        before = m.there(dst)
        self.fw("page_move", go, lambda good: {src: {"kind": "unchanged"}, dst: self.guest_key(dst, before)}
                if good and check and m.entry(dst).asid else None, gctx=pa, src=src, dst=dst, ps=ps, rsvd=rsvd)

    def md_init(self, pa=None, page=None):
        m, pa, page = self.m, pa or self.ctx(), page or self.page()

        def go():
            need(not (pa & 0xfff or page & 0xfff), "INVALID_PARAM")
            m.init()
            ctx = m.look_up(pa)[1]
            e, state = m.look_up(page)
            need(ctx == "CONTEXT", "INVALID_GUEST")
            need(state == "FIRMWARE", "INVALID_PAGE_STATE")
            need(m.guests[pa].state, "INVALID_GUEST_STATE")
            m.in_range(page, 4096)
            e.gpa, e.fwtag = pa, 1
            m.text.pop(page, None)
            m.raw[page] = ("host", 0)
        self.fw("md_init", go, gctx=pa, page=page)

    def dbg(self):
        m, r, pa, src, dst = self.m, self.r, self.ctx(), self.r.choice(PAGES), self.r.choice(PAGES)
        encrypt = r.randrange(2)

        def judge(page):
            e, state = m.look_up(page)
            if not e.pagesize and not e.asid and m.head(page).pagesize:
                e = m.head(page)
            return e, e.state

        def go():
            if encrypt:
                m.init()
            need(not pa & 0xfff, "INVALID_PARAM")
            m.init()
            ctx = m.look_up(pa)[1]
            (s, was), (d, to) = judge(src), judge(dst)
            need(ctx == "CONTEXT", "INVALID_GUEST")
            if encrypt:
                need(to in ("PRE_GUEST", "PRE_SWAP"), "INVALID_PAGE_STATE")
            else:
                need(was in GUEST_STATES and to == "FIRMWARE", "INVALID_PAGE_STATE")
            g = m.guests[pa]
            need((d if encrypt else s).asid == g.asid, "INVALID_PAGE_OWNER")
            need(g.policy >> 19 & 1, "POLICY_FAILURE")
            need(g.asid, "INACTIVE")
            m.text.pop(dst, None)
            m.inside.pop(dst, None)
            if encrypt:
                plain = m.there(src)
                m.raw[dst] = m.encrypt(g.key, dst, plain if isinstance(plain, tuple) else (plain,))
            else:
                m.raw[dst] = m.decrypt(g.key, src)
        self.fw("dbg_encrypt" if encrypt else "dbg_decrypt", go, gctx=pa, src=src, dst=dst)

    def set_state(self):
        m, r = self.m, self.r
        base, cnt, length = r.choice((0xc00000, 0xc00000, 0x800000, 0xa01000)), r.randrange(3), r.choice((16,) * 5 + (8,))

        def go():
            need(length == 16, "INVALID_LENGTH")
            m.init()
            need(not base & (BIG - 1), "INVALID_PARAM")
            pages = [base + i * 4096 for i in range(cnt)]
            need(all(m.entry(p).state == "FIRMWARE" and not m.entry(p).pagesize for p in pages), "INVALID_PAGE_STATE")
            for p in pages:
                e = m.entry(p)
                e.assigned, e.rights_known = 0, False
                m.count_sub(p, -1)
        self.fw("page_set_state", go, list=0x20000, n=1, base0=base, cnt0=cnt, len=length)

    # -- sequences --

    def reset(self):
        self.n += 1
        self.step = 0
        nccx = self.r.choice((1, 2, 2))
        self.m = None
        self.emit("reset", dict(nccx=nccx), "harness")
        self.m = Machine(nccx)
        self.iommu = IOMMU

    def launch(self):
        """A guest, from nothing to the first page"""
        m, r = self.m, self.r
        free = [p for p in PAGES if m.entry(p).state == "HYPERVISOR" and not m.is_large(p)]
        asids = [a for a in range(1, 6) if m.get(m.clean, a) == m.all and not m.pages_of(a)]
        if not (m.snp and free and asids):
            return
        pa, asid = r.choice(free), r.choice(asids)
        self.rmpupdate(pa, assigned=1, immutable=1)
        self.gctx_create(pa)
        self.launch_start(pa)
        self.activate(pa, asid)

    def wbinvd(self, mask=None):
        mask = self.r.choice((1, 2, 3)) if mask is None else mask
        self.m.wbinvd |= mask
        self.emit("wbinvd", dict(mask=mask), "harness")

    def flush(self):
        self.fw("df_flush", self.m.df_flush)

    def sequence(self, length):
        r = self.r
        self.reset()
        if r.randrange(10):
            self.fw("snp_init", lambda: self.do_init(1))
            self.wbinvd(3)
            self.flush()
        ops = [self.launch] * 4 + [self.move_one] * 2 + [self.page_unsmash] + [self.rmpupdate] * 12 + [self.launch_update] * 8 + [self.page_reclaim] * 4 + [self.gctx_create] * 3 + \
            [self.launch_start] * 3 + [self.activate] * 4 + [self.launch_finish, self.launch_finish, self.pvalidate,
             self.pvalidate, self.psmash, self.decommission, self.guest_status, self.page_move, self.page_move, self.md_init,
             self.dbg, self.activate_ex, self.wbinvd, self.flush, self.set_state, self.legacy, self.platform_status]
        for _ in range(length):
            if not self.m.snp and not r.randrange(4):
                self.init()
                self.wbinvd(3)
                self.flush()
            elif not r.randrange(100):
                r.choice((self.init, self.shutdown))()
            else:
                r.choice(ops)()


def main(argv):
    seed, total = int(argv[0]) if argv else 1, int(argv[1]) if argv[1:] else 3000
    t, done = Trace(seed), 0
    while done < total:
        t.sequence(150)
        done += 150


if __name__ == "__main__":
    main(sys.argv[1:])
