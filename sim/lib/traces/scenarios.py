#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Hand-written SNP traces: what the firmware does, scenario by scenario.

Prints JSON lines for replay. Every expectation is written down here, from
the description of the firmware; digests are computed here as well, so that
nothing is compared with what the simulation itself said.
"""
import hashlib
import json
import struct
import sys

STATUS = {
    "SUCCESS": 0, "INVALID_PLATFORM_STATE": 1, "INVALID_GUEST_STATE": 2,
    "INVALID_CONFIG": 3, "INVALID_LENGTH": 4, "POLICY_FAILURE": 7,
    "INACTIVE": 8, "INVALID_ADDRESS": 9, "BAD_SIGNATURE": 10,
    "BAD_MEASUREMENT": 11, "ASID_OWNED": 12, "INVALID_ASID": 13,
    "WBINVD_REQUIRED": 14, "DF_FLUSH_REQUIRED": 15, "INVALID_GUEST": 16,
    "ACTIVE": 18, "INVALID_PARAM": 22, "INVALID_PAGE_SIZE": 25,
    "INVALID_PAGE_STATE": 26, "INVALID_PAGE_OWNER": 28,
    "RMP_INIT_REQUIRED": 32, "LEGACY_BUF_STATE": 0x5a,
}
RET = {
    "SUCCESS": 0, "FAIL_INPUT": 1, "FAIL_PERMISSION": 2, "FAIL_INUSE": 3,
    "FAIL_OVERLAP": 4, "FAIL_SIZEMISMATCH": 6, "FAIL_BADADDR": 7,
    "#VMEXIT(NPF)": -1, "#VC": -2,
}
X86 = {"rmpupdate", "psmash", "pvalidate", "rmpadjust", "bulk_rmpupdate"}
HARNESS = {"reset", "fill", "poke", "wbinvd", "sevstate", "final_state"}

GCTX, GCTX2, GCTX3 = 0x200000, 0x201000, 0x202000
P, P2, P3, ST = 0x600000, 0x601000, 0x602000, 0x604000
BIG, BIG2 = 0x800000, 0xa00000
LIST = 0x20000
RMP, HOLE, IOMMU, DEFAULT = 0x8000000, 0xa000000, 0x7000000, 0xfc00000
POLICY = 0x30000
DEBUG = POLICY | 1 << 19
C_BIT = 1 << 51
ZERO48 = "00" * 48


class Script:
    def __init__(self):
        self.number = 0
        self.step = 0

    def scn(self, title, **args):
        self.number += 1
        self.step = 0
        self.emit({"op": "reset", "args": args, "title": title,
                   "src": "harness"})

    def emit(self, row):
        row = {"scn": "S%03d" % self.number, "step": self.step, **row}
        self.step += 1
        print(json.dumps(row))

    def op(self, op, want=None, rmp=None, guest=None, asids=None, plat=None,
           mem=None, output=None, cf=None, **args):
        """One operation; want is a status or result name."""
        args = {k: hex(v) if isinstance(v, int) and v > 4096 else v
                for k, v in args.items()}
        row = {"op": op, "args": args}
        if op in HARNESS:
            row["src"] = "harness"
        elif op in X86:
            row["src"] = "x86"
            want = want or "SUCCESS"
            row["ret"], row["ret_num"] = want, RET[want]
        else:
            row["src"] = "firmware"
            want = want or "SUCCESS"
            row["status"], row["status_num"] = want, STATUS[want]
        if cf is not None:
            row["cf"] = cf
        if rmp is not None:
            row["rmp_after"] = {hex(a): {"state": e} if isinstance(e, str)
                                else e for a, e in rmp.items()}
        if guest is not None:
            row["guest_after"] = {hex(a): g for a, g in guest.items()}
        if asids is not None:
            row["asid_after"] = {str(a): e for a, e in asids.items()}
        if plat is not None:
            row["plat_after"] = plat
        if mem is not None:
            row["mem_after"] = {hex(a): e for a, e in mem.items()}
        if output is not None:
            row["output"] = output
        self.emit(row)

    # What most scenarios begin with.

    def ready(self):
        self.op("snp_init")
        self.op("wbinvd")
        self.op("df_flush")

    def firmware(self, page, **kw):
        self.op("rmpupdate", page=page, assigned=1, immutable=1, **kw)

    def private(self, page, gpa=0x1000, asid=1, ps=0, **kw):
        self.op("rmpupdate", page=page, gpa=gpa, assigned=1, immutable=1,
                asid=asid, ps=ps, **kw)

    def context(self, gctx=GCTX):
        self.firmware(gctx)
        self.op("gctx_create", gctx=gctx, rmp={gctx: "CONTEXT"},
                guest={gctx: {"state": 0, "asid": 0, "ld": ZERO48}})

    def launch(self, gctx=GCTX, asid=1, policy=POLICY, **kw):
        self.context(gctx)
        self.op("launch_start", gctx=gctx, policy=policy, **kw)
        if asid:
            self.op("activate", gctx=gctx, asid=asid)

    def guest(self, title, asid=1, policy=POLICY, reset=None, **kw):
        """Scenario with one guest being launched."""
        self.scn(title, **(reset or {}))
        self.ready()
        self.launch(asid=asid, policy=policy, **kw)


# ---- contents and digests, independent of the C code ----

def mix(z):
    m = (1 << 64) - 1
    z = (z + 0x9e3779b97f4a7c15) & m
    z = ((z ^ (z >> 30)) * 0xbf58476d1ce4e5b9) & m
    z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & m
    return z ^ (z >> 31)


def filled(pat, length=4096):
    if not pat:
        return bytes(length)
    return b"".join(struct.pack("<Q", mix(pat ^ ((i >> 12) << 32) ^
                                          (i & 0xfff)))
                    for i in range(0, length, 8))


def sha(data):
    return hashlib.sha384(data).digest()


def extend(ld, page_type, gpa, contents=None, vmpl=(0, 0, 0), imi=0):
    record = ld + (sha(contents) if contents is not None else bytes(48))
    record += struct.pack("<HBBBBBBQ", 0x70, page_type, imi, 0, *vmpl, gpa)
    assert len(record) == 0x70
    return sha(record)


NORMAL, VMSA, ZERO, UNMEASURED, SECRETS, CPUID = range(1, 7)


def platform(s):
    s.scn("nothing but status and flush works before SNP_INIT")
    for op, args in [
            ("gctx_create", dict(gctx=GCTX)),
            ("launch_start", dict(gctx=GCTX, policy=POLICY)),
            ("activate", dict(gctx=GCTX, asid=1)),
            ("activate_ex", dict(gctx=GCTX, asid=1, numids=1, id0=0)),
            ("launch_update", dict(gctx=GCTX, page=P, type=1)),
            ("launch_finish", dict(gctx=GCTX)),
            ("guest_status", dict(gctx=GCTX, status=ST)),
            ("decommission", dict(gctx=GCTX)),
            ("page_reclaim", dict(page=P)),
            ("page_unsmash", dict(page=BIG)),
            ("page_move", dict(gctx=GCTX, src=P, dst=P2)),
            ("page_set_state", dict(list=LIST)),
            ("md_init", dict(gctx=GCTX, page=P)),
            ("dbg_decrypt", dict(gctx=GCTX, src=P, dst=P2)),
            ("dbg_encrypt", dict(gctx=GCTX, src=P, dst=P2))]:
        s.op(op, "INVALID_PLATFORM_STATE", **args)
    s.op("platform_status", status=ST, output={"state": 0, "api_major": 1,
                                               "api_minor": 55,
                                               "guest_count": 0})
    s.op("df_flush", "WBINVD_REQUIRED")
    s.op("snp_shutdown_ex", len=0, rsvd=1)

    s.scn("a malformed operand wins over the platform state")
    for op, args in [
            ("gctx_create", dict(gctx=GCTX + 8)),
            ("launch_start", dict(gctx=GCTX + 1, policy=POLICY)),
            ("launch_start", dict(gctx=GCTX, policy=POLICY, ma=0x10)),
            ("launch_start", dict(gctx=GCTX, policy=POLICY, rsvd=1)),
            ("activate", dict(gctx=GCTX | 0x800, asid=1)),
            ("activate_ex", dict(gctx=GCTX, asid=1, numids=1, len=0x18)),
            ("activate_ex", dict(gctx=GCTX, asid=1, numids=1, rsvd=1)),
            ("launch_update", dict(gctx=GCTX, page=P + 16, type=1)),
            ("launch_update", dict(gctx=GCTX + 16, page=P, type=1)),
            ("launch_update", dict(gctx=GCTX, page=P, type=1, rsvd=1)),
            ("launch_update", dict(gctx=GCTX, page=P, type=1, rsvd2=1)),
            ("launch_update", dict(gctx=GCTX, page=P, type=1, rsvd3=1)),
            ("launch_update", dict(gctx=GCTX, page=P, type=1, rsvd4=1)),
            ("launch_finish", dict(gctx=GCTX, rsvd=1)),
            ("launch_finish", dict(gctx=GCTX + 4)),
            ("guest_status", dict(gctx=GCTX + 4, status=ST)),
            ("guest_status", dict(gctx=GCTX, status=ST + 0xff0)),
            ("decommission", dict(gctx=GCTX + 4)),
            ("page_reclaim", dict(page=P, rsvd=2)),
            ("page_reclaim", dict(page=P, rsvd=0x800)),
            ("page_unsmash", dict(page=BIG + 0x1000)),
            ("page_move", dict(gctx=GCTX, src=P + 8, dst=P2)),
            ("page_move", dict(gctx=GCTX, src=P, dst=P2, rsvd=1)),
            ("page_set_state", dict(list=LIST + 8)),
            ("page_set_state", dict(list=LIST, rsvd=1)),
            ("md_init", dict(gctx=GCTX, page=P + 8)),
            ("dbg_decrypt", dict(gctx=GCTX, src=P + 8, dst=P2)),
            ("platform_status", dict(status=ST + 0xff8))]:
        s.op(op, "INVALID_PARAM", **args)
    s.op("page_set_state", "INVALID_LENGTH", list=LIST + 8, len=8)
    s.op("dbg_encrypt", "INVALID_PLATFORM_STATE", gctx=GCTX, src=P + 8,
         dst=P2)

    s.scn("platform conditions: VM_HSAVE_PA", hsave=1)
    s.op("snp_init", "INVALID_CONFIG")
    s.op("snp_init_ex", "INVALID_CONFIG", init_rmp=1)
    s.scn("platform conditions: SNP not enabled", snpen=0)
    s.op("snp_init", "INVALID_CONFIG", plat={"snp_state": 0})
    s.scn("legacy SEV must come second")
    s.op("sevstate", v=1)
    s.op("snp_init", "INVALID_PLATFORM_STATE")
    s.op("snp_init_ex", "INVALID_PARAM", init_rmp=1, rsvd=1)
    s.op("sevstate", v=0)
    s.op("snp_init", plat={"snp_state": 1, "sev_state": 0,
                           "guest_count": 0, "rmp_init": 1})
    s.op("snp_init", "INVALID_PLATFORM_STATE")
    s.op("snp_init_ex", "INVALID_PLATFORM_STATE", init_rmp=1)
    s.op("wbinvd")
    s.op("df_flush")
    s.op("sevstate", v=1)
    s.op("snp_shutdown", "INVALID_PLATFORM_STATE")

    s.scn("what SNP_INIT makes of memory")
    s.op("snp_init", rmp={
        0: "HYPERVISOR", P: "HYPERVISOR",
        RMP: {"state": "FIRMWARE", "assigned": 1, "immutable": 1,
              "lock": 1, "asid": 0, "gpa": "0x0", "fwtag": 0,
              "subpages": 255, "base2m": 0},
        RMP + 0xff000: "FIRMWARE", RMP + 0x100000: "HYPERVISOR",
        HOLE: {"state": "HV_FIXED", "assigned": 0, "immutable": 1, "lock": 1},
        HOLE + 0x1ff000: "HV_FIXED", HOLE + 0x200000: "HYPERVISOR",
        IOMMU: {"state": "FIRMWARE_IOMMU", "fwtag": 2, "gpa": "0x1000",
                "subpages": 1},
        IOMMU + 0x1000: "FIRMWARE_IOMMU", IOMMU + 0x2000: "HYPERVISOR",
        DEFAULT - 0x1000: "HYPERVISOR", DEFAULT: "DEFAULT",
    }, asids={1: {"dirty": 3, "clean": 0, "allocated": 0, "in_use": 0,
                 "valid": 0, "wbinvd": 0},
             1006: {"dirty": 3, "clean": 0}})
    for page in (RMP, IOMMU, HOLE):
        s.op("rmpupdate", "FAIL_PERMISSION", page=page)
    s.op("rmpupdate", "FAIL_INPUT", page=DEFAULT, assigned=1, asid=1)
    s.op("page_reclaim", "INVALID_ADDRESS", page=RMP)
    s.op("page_reclaim", "INVALID_CONFIG", page=HOLE)
    s.op("page_reclaim", "INVALID_PAGE_STATE", page=IOMMU)

    s.scn("ranges to be HV-fixed, up to the first bad element")
    # 16, 1: two elements, the second misaligned, a third good
    elems = [(0x600000, 2), (0x700800, 1), (0x900000, 1)]
    blob = struct.pack("<II", 3, 0) + b"".join(
        struct.pack("<QII", b, n, 0) for b, n in elems)
    s.op("poke", addr=LIST, hex_nz=blob.hex(), len=4096)
    s.op("snp_init_ex", init_rmp=1, list_en=1, list=LIST,
         rmp={0x600000: "HV_FIXED", 0x601000: "HV_FIXED",
              0x602000: "HYPERVISOR", 0x700000: "HYPERVISOR",
              0x900000: "HYPERVISOR"})
    s.op("rmpupdate", "FAIL_PERMISSION", page=0x600000, assigned=1, asid=1)

    s.scn("SNP_INIT_EX without building the RMP")
    s.op("snp_init_ex", "RMP_INIT_REQUIRED", init_rmp=0)
    s.op("snp_init_ex", "RMP_INIT_REQUIRED", init_rmp=0, list_en=1,
         list=LIST)
    s.ready()
    s.firmware(P)
    s.private(P2)
    s.op("snp_shutdown", plat={"snp_state": 0, "rmp_init": 1})
    s.op("snp_init_ex", "INVALID_PARAM", init_rmp=0, list_en=1, list=LIST)
    s.op("snp_init_ex", init_rmp=0,
         rmp={P: "FIRMWARE", P2: "PRE_GUEST", IOMMU: "FIRMWARE_IOMMU"},
         asids={1: {"dirty": 3, "clean": 0, "rmp_count": 1}})

    s.scn("DF_FLUSH makes progress while it fails")
    s.op("snp_init")
    s.op("df_flush", "WBINVD_REQUIRED", asids={1: {"dirty": 3, "clean": 0}})
    s.op("wbinvd", mask=1)
    s.op("df_flush", "WBINVD_REQUIRED", asids={
        1: {"dirty": 2, "clean": 1}, 1006: {"dirty": 2, "clean": 1}})
    s.op("snp_shutdown", "DF_FLUSH_REQUIRED")
    s.op("wbinvd", mask=2)
    s.op("df_flush", asids={1: {"dirty": 0, "clean": 3}})
    s.op("snp_shutdown", plat={"snp_state": 0})

    s.scn("WBINVD before SNP_INIT does not count")
    s.op("wbinvd")
    s.op("snp_init", asids={1: {"wbinvd": 0}})
    s.op("df_flush", "WBINVD_REQUIRED")

    s.scn("SHUTDOWN_EX looks at its buffer last")
    s.op("snp_init")
    s.op("snp_shutdown_ex", "DF_FLUSH_REQUIRED", len=0)
    s.op("wbinvd")
    s.op("df_flush")
    s.op("snp_shutdown_ex", "INVALID_PARAM", len=4)
    s.op("snp_shutdown_ex", "INVALID_PARAM", rsvd=1)
    s.op("snp_shutdown_ex", "INVALID_PARAM", x86=1)
    s.op("snp_shutdown_ex", iommu=1, plat={"snp_state": 0, "rmp_init": 0},
         rmp={IOMMU: "RECLAIM", IOMMU + 0x1000: "RECLAIM"})
    s.op("rmpupdate", page=IOMMU, rmp={IOMMU: "HYPERVISOR"})
    s.op("snp_init_ex", "RMP_INIT_REQUIRED", init_rmp=0)
    s.op("snp_init_ex", init_rmp=1, rmp={IOMMU: "FIRMWARE_IOMMU"})

    s.scn("SHUTDOWN with active guests asks for a flush that cannot help")
    s.ready()
    s.launch()
    s.op("snp_shutdown_ex", "DF_FLUSH_REQUIRED", iommu=1)
    s.op("wbinvd")
    s.op("df_flush")
    s.op("snp_shutdown_ex", "DF_FLUSH_REQUIRED", iommu=1)
    s.op("decommission", gctx=GCTX)
    s.op("snp_shutdown_ex", iommu=1)

    s.scn("PLATFORM_STATUS wants a Firmware page and leaves it so")
    s.ready()
    s.op("platform_status", "INVALID_PAGE_STATE", status=ST)
    s.op("platform_status", "INVALID_PARAM", status=RMP)
    s.firmware(ST)
    s.op("platform_status", status=ST + 0xfe0, rmp={ST: "FIRMWARE"},
         output={"api_major": 1, "api_minor": 55, "state": 1,
                 "guest_count": 0, "build_id": 25})
    s.op("platform_status", "INVALID_PARAM", status=ST + 0xfe8)
    s.op("platform_status", status=DEFAULT)
    s.launch()
    s.op("platform_status", status=ST, output={"guest_count": 1})


def contexts(s):
    s.scn("GCTX_CREATE: checks in order")
    s.ready()
    s.op("gctx_create", "INVALID_PAGE_STATE", gctx=GCTX)
    s.op("gctx_create", "INVALID_PARAM", gctx=RMP)
    s.op("gctx_create", "INVALID_PAGE_STATE", gctx=DEFAULT)
    s.private(P)
    s.op("gctx_create", "INVALID_PAGE_STATE", gctx=P)
    s.firmware(BIG, ps=1)
    s.op("gctx_create", "INVALID_PAGE_SIZE", gctx=BIG)
    s.op("gctx_create", "INVALID_PAGE_STATE", gctx=BIG + 0x1000)
    s.firmware(GCTX)
    s.op("gctx_create", gctx=GCTX | C_BIT,
         rmp={GCTX: {"state": "CONTEXT", "vmsa": 1, "immutable": 1}},
         plat={"guest_count": 0})
    s.op("gctx_create", "INVALID_PAGE_STATE", gctx=GCTX)
    s.op("rmpupdate", "FAIL_PERMISSION", page=GCTX)
    s.op("page_reclaim", "INVALID_PAGE_STATE", page=GCTX)

    s.scn("LAUNCH_START: policy")
    s.ready()
    s.op("launch_start", "INVALID_GUEST", gctx=GCTX, policy=POLICY)
    s.context()
    for bad in (0, 0x20000, 0x10000, POLICY | 1 << 21, POLICY | 1 << 63,
                POLICY | 2 << 8, POLICY | 1 << 8 | 56):
        s.op("launch_start", "POLICY_FAILURE", gctx=GCTX, policy=bad,
             guest={GCTX: {"state": 0, "policy": "0x0"}})
    s.op("launch_start", "POLICY_FAILURE", gctx=GCTX, policy=POLICY,
         ma=GCTX, ma_en=1)
    s.op("launch_start", "INVALID_GUEST", gctx=GCTX, policy=POLICY, ma=P,
         ma_en=1)
    s.op("launch_start", gctx=GCTX, policy=POLICY | 1 << 8 | 55, ma=P,
         guest={GCTX: {"state": 1, "flags": 2,
                       "policy": hex(POLICY | 1 << 8 | 55), "asid": 0,
                       "ccxs": 0, "imi_en": 0, "ld": ZERO48,
                       "imd": ZERO48}},
         plat={"guest_count": 1})
    s.op("launch_start", "INVALID_GUEST_STATE", gctx=GCTX, policy=0)

    s.scn("LAUNCH_START: minor version counts only with the same major")
    s.ready()
    s.context()
    s.op("launch_start", gctx=GCTX, policy=POLICY | 0xff)

    s.scn("LAUNCH_START: SMT may be off in the policy if it is off", smt=0)
    s.ready()
    s.context()
    s.op("launch_start", gctx=GCTX, policy=0x20000)

    s.scn("migration agents")
    s.ready()
    s.context(GCTX)
    s.context(GCTX2)
    s.context(GCTX3)
    # An agent that was not launched has no known agent of its own.
    s.op("launch_start", "POLICY_FAILURE", gctx=GCTX, ma=GCTX2, ma_en=1,
         policy=POLICY | 1 << 18)
    s.op("launch_start", gctx=GCTX2, policy=POLICY)
    s.op("launch_start", "POLICY_FAILURE", gctx=GCTX, ma=GCTX2, ma_en=1,
         policy=POLICY)
    s.op("launch_start", "POLICY_FAILURE", gctx=GCTX, ma=GCTX2, ma_en=1,
         policy=POLICY | 1 << 18 | 1 << 20)
    s.op("launch_start", gctx=GCTX, ma=GCTX2, ma_en=1,
         policy=POLICY | 1 << 18)
    s.op("launch_start", "POLICY_FAILURE", gctx=GCTX3, ma=GCTX, ma_en=1,
         policy=POLICY | 1 << 18)

    s.scn("GUEST_STATUS")
    s.ready()
    s.op("guest_status", "INVALID_GUEST", gctx=GCTX, status=ST)
    s.context()
    s.op("guest_status", "INVALID_PAGE_STATE", gctx=GCTX, status=ST)
    s.firmware(ST)
    s.op("guest_status", gctx=GCTX, status=ST + 0x20,
         output={"state": 0, "asid": 0, "policy": 0},
         rmp={ST: "FIRMWARE"})
    s.op("launch_start", gctx=GCTX, policy=DEBUG)
    s.op("activate", gctx=GCTX, asid=5)
    s.op("guest_status", gctx=GCTX, status=ST,
         output={"state": 1, "asid": 5, "policy": hex(DEBUG)})
    s.op("launch_finish", gctx=GCTX)
    s.op("guest_status", gctx=GCTX, status=DEFAULT,
         output={"state": 2, "asid": 5})
    s.op("guest_status", "INVALID_PARAM", gctx=RMP, status=ST)
    s.op("guest_status", "INVALID_PARAM", gctx=GCTX, status=RMP)

    s.scn("DECOMMISSION: ignores pages, leaves Firmware, can start over")
    s.ready()
    s.op("decommission", "INVALID_GUEST", gctx=GCTX)
    s.launch()
    s.private(P)
    s.op("launch_update", gctx=GCTX, page=P, type=NORMAL)
    s.op("decommission", gctx=GCTX,
         rmp={GCTX: {"state": "FIRMWARE", "vmsa": 0}, P: "GUEST_VALID"},
         asids={1: {"clean": 3, "allocated": 0, "dirty": 0, "rmp_count": 1}},
         plat={"guest_count": 0})
    s.op("decommission", "INVALID_GUEST", gctx=GCTX)
    s.op("gctx_create", gctx=GCTX, guest={GCTX: {"state": 0,
                                                 "policy": "0x0",
                                                 "ld": ZERO48}})
    s.op("launch_start", gctx=GCTX, policy=POLICY)
    s.op("activate", "INVALID_CONFIG", gctx=GCTX, asid=1)
    s.op("activate", gctx=GCTX, asid=2)
    s.scn("DECOMMISSION in INIT")
    s.ready()
    s.context()
    s.op("decommission", gctx=GCTX, plat={"guest_count": 0})


def asids(s):
    s.scn("ACTIVATE: checks in order", dies=2)
    s.ready()
    s.op("activate", "INVALID_GUEST", gctx=GCTX, asid=0)
    s.context()
    s.op("activate", "INVALID_GUEST_STATE", gctx=GCTX, asid=5000)
    s.op("launch_start", gctx=GCTX, policy=POLICY | 1 << 20)
    s.op("activate", "INVALID_ASID", gctx=GCTX, asid=2048)
    s.private(P, asid=7)
    s.op("activate", "INVALID_CONFIG", gctx=GCTX, asid=7)
    s.op("activate", "POLICY_FAILURE", gctx=GCTX, asid=1007)
    s.op("activate", "POLICY_FAILURE", gctx=GCTX, asid=1)

    s.scn("ACTIVATE: ASID ranges")
    s.ready()
    s.launch(asid=0)
    for asid in (0, 1007, 2047, 2048, 0xffffffff):
        s.op("activate", "INVALID_ASID", gctx=GCTX, asid=asid)
    for asid in (100, 1006):
        s.op("activate", "INVALID_ASID", gctx=GCTX, asid=asid)
    s.op("activate", gctx=GCTX, asid=99,
         guest={GCTX: {"asid": 99, "flags": 6, "ccxs": 3, "state": 1}},
         asids={99: {"allocated": 3, "clean": 0, "dirty": 0, "in_use": 0,
                    "valid": 0}})
    s.op("activate", "ASID_OWNED", gctx=GCTX, asid=99)
    s.op("activate", "ACTIVE", gctx=GCTX, asid=98)
    s.private(P, asid=99)
    s.op("activate", "INVALID_CONFIG", gctx=GCTX, asid=99)

    s.scn("ACTIVATE: flush first; the ES range comes last")
    s.op("snp_init")
    s.launch(asid=0)
    s.op("activate", "DF_FLUSH_REQUIRED", gctx=GCTX, asid=1)
    s.op("activate", "DF_FLUSH_REQUIRED", gctx=GCTX, asid=100)
    s.op("wbinvd", mask=1)
    s.op("df_flush", "WBINVD_REQUIRED")
    s.op("activate", "DF_FLUSH_REQUIRED", gctx=GCTX, asid=1)
    s.op("wbinvd")
    s.op("activate", "DF_FLUSH_REQUIRED", gctx=GCTX, asid=1)
    s.op("df_flush")
    s.op("activate", "INVALID_ASID", gctx=GCTX, asid=100)
    s.op("activate", gctx=GCTX, asid=1)

    s.scn("ACTIVATE: another guest's ASID")
    s.ready()
    s.launch(GCTX, 1)
    s.launch(GCTX2, 0)
    s.op("activate", "ASID_OWNED", gctx=GCTX2, asid=1)
    s.op("launch_finish", gctx=GCTX,
         guest={GCTX: {"state": 2, "flags": 3, "asid": 1, "ccxs": 3}},
         asids={1: {"in_use": 3, "allocated": 0, "valid": 3}})
    s.op("activate", "ASID_OWNED", gctx=GCTX2, asid=1)
    s.op("activate", gctx=GCTX2, asid=2)

    s.scn("a guest that ran leaves its ASID dirty, one that did not, clean")
    s.ready()
    s.launch(GCTX, 1)
    s.launch(GCTX2, 2)
    s.launch(GCTX3, 3)
    s.op("launch_finish", gctx=GCTX)
    s.op("launch_finish", gctx=GCTX3)
    s.op("decommission", gctx=GCTX2,
         asids={2: {"clean": 3, "dirty": 0}, 1: {"wbinvd": 3}})
    s.op("decommission", gctx=GCTX,
         asids={1: {"dirty": 3, "clean": 0, "in_use": 0, "valid": 0,
                   "wbinvd": 0},
               3: {"in_use": 3, "valid": 3}})
    s.launch(0x203000, 2)
    s.launch(0x204000, 0)
    s.op("activate", "DF_FLUSH_REQUIRED", gctx=0x204000, asid=1)
    s.op("df_flush", "WBINVD_REQUIRED")
    s.op("wbinvd")
    s.op("df_flush", asids={1: {"clean": 3, "dirty": 0},
                           3: {"in_use": 3}})
    s.op("activate", gctx=0x204000, asid=1)

    s.scn("ACTIVATE_EX")
    s.ready()
    s.launch(asid=0)
    s.op("activate_ex", "INVALID_ASID", gctx=GCTX, asid=0, numids=0)
    s.op("activate_ex", "INVALID_PARAM", gctx=GCTX, asid=1, numids=0)
    s.op("activate_ex", "INVALID_PARAM", gctx=GCTX, asid=1, numids=1025)
    s.op("activate_ex", "INVALID_CONFIG", gctx=GCTX, asid=1, numids=1,
         id0=8)
    s.private(P, asid=2)
    s.op("activate_ex", "INVALID_CONFIG", gctx=GCTX, asid=2, numids=1,
         id0=0)
    s.op("activate_ex", gctx=GCTX, asid=1, numids=2, id0=0,
         guest={GCTX: {"asid": 1, "ccxs": 1, "flags": 6}},
         asids={1: {"allocated": 1, "clean": 2}})
    s.op("activate_ex", "ACTIVE", gctx=GCTX, asid=2, numids=1, id0=0)
    s.private(P2, asid=1)
    s.op("activate_ex", gctx=GCTX, asid=1, numids=1, id0=4,
         guest={GCTX: {"ccxs": 3}},
         asids={1: {"allocated": 3, "clean": 0}})

    s.scn("ACTIVATE_EX of a running guest takes effect at once")
    s.ready()
    s.launch(asid=0)
    s.op("activate_ex", gctx=GCTX, asid=1, numids=1, id0=1)
    s.op("launch_finish", gctx=GCTX,
         asids={1: {"in_use": 1, "clean": 2, "valid": 1}})
    s.op("activate_ex", gctx=GCTX, asid=1, numids=1, id0=7,
         asids={1: {"in_use": 3, "clean": 0, "valid": 3}})
    s.op("decommission", gctx=GCTX,
         asids={1: {"dirty": 3, "valid": 0, "wbinvd": 0}})

    s.scn("one complex used: only that one is dirty")
    s.ready()
    s.launch(asid=0)
    s.op("activate_ex", gctx=GCTX, asid=1, numids=1, id0=0)
    s.op("launch_finish", gctx=GCTX)
    s.op("decommission", gctx=GCTX,
         asids={1: {"dirty": 1, "clean": 2, "wbinvd": 2}})
    s.op("wbinvd", mask=1)
    s.op("df_flush", asids={1: {"clean": 3}})

    s.scn("a leaked page blocks its ASID until it is un-assigned")
    s.ready()
    s.launch()
    s.private(P)
    s.op("launch_finish", gctx=GCTX)
    s.op("decommission", gctx=GCTX)
    s.op("wbinvd")
    s.op("df_flush")
    s.launch(GCTX2, 0)
    s.op("activate", "INVALID_CONFIG", gctx=GCTX2, asid=1)
    s.op("page_reclaim", page=P, rmp={P: "GUEST_INVALID"})
    s.op("activate", "INVALID_CONFIG", gctx=GCTX2, asid=1)
    s.op("rmpupdate", page=P, rmp={P: "HYPERVISOR"},
         asids={1: {"rmp_count": 0}})
    s.op("activate", gctx=GCTX2, asid=1)

    s.scn("three complexes", nccx=3)
    s.op("snp_init", asids={1: {"dirty": 7}})
    s.op("wbinvd", mask=5)
    s.op("df_flush", "WBINVD_REQUIRED", asids={1: {"dirty": 2, "clean": 5}})
    s.op("wbinvd", mask=2)
    s.op("df_flush", asids={1: {"dirty": 0, "clean": 7}})
    s.scn("smaller ES range", min_sev_asid=2)
    s.ready()
    s.launch(asid=0)
    s.op("activate", "INVALID_ASID", gctx=GCTX, asid=2)
    s.op("activate", gctx=GCTX, asid=1)


def launches(s):
    s.guest("LAUNCH_UPDATE: checks in order")
    s.op("launch_update", "INVALID_GUEST", gctx=P, page=P, type=0)
    s.op("launch_update", "INVALID_PARAM", gctx=RMP, page=P, type=0)
    s.op("launch_update", "INVALID_PAGE_STATE", gctx=GCTX, page=P, type=0,
         ps=1)
    s.op("launch_update", "INVALID_PARAM", gctx=GCTX, page=RMP, type=1)
    s.op("launch_update", "INVALID_PAGE_STATE", gctx=GCTX, page=DEFAULT,
         type=1)
    s.private(P, asid=2)
    s.op("launch_update", "INVALID_PAGE_SIZE", gctx=GCTX, page=P, type=0,
         ps=1)
    s.op("launch_update", "INVALID_PARAM", gctx=GCTX, page=P, type=0)
    s.op("launch_update", "INVALID_PARAM", gctx=GCTX, page=P, type=7)
    s.op("launch_update", "INVALID_PAGE_OWNER", gctx=GCTX, page=P, type=1)
    s.private(BIG, gpa=0x200000, ps=1)
    s.op("launch_update", "INVALID_PAGE_SIZE", gctx=GCTX, page=BIG, type=1)
    for page_type in (VMSA, SECRETS, CPUID):
        s.op("launch_update", "INVALID_PAGE_SIZE", gctx=GCTX, page=BIG,
             type=page_type, ps=1)
    s.op("launch_update", "INVALID_PARAM", gctx=GCTX, page=BIG, type=7,
         ps=1)
    s.op("launch_update", "INVALID_PAGE_STATE", gctx=GCTX,
         page=BIG + 0x1000, type=1, guest={GCTX: {"ld": ZERO48}})
    s.launch(GCTX2, 0)
    s.op("launch_update", "INACTIVE", gctx=GCTX2, page=P, type=1)
    s.context(GCTX3)
    s.op("launch_update", "INVALID_GUEST_STATE", gctx=GCTX3, page=P, type=1)
    s.op("launch_finish", gctx=GCTX)
    s.op("launch_update", "INVALID_GUEST_STATE", gctx=GCTX, page=BIG,
         type=1, ps=1, rmp={BIG: {"state": "PRE_GUEST", "pagesize": "2M"}})

    s.guest("every type of page, VMPL rights and digest")
    ld = bytes(48)
    for i, page_type in enumerate((NORMAL, ZERO, UNMEASURED)):
        page, gpa = P + i * 4096, 0x1000 * (i + 1)
        s.op("fill", page=page, pat=7 + i)
        data = filled(7 + i)
        s.private(page, gpa=gpa)
        ld = extend(ld, page_type, gpa, data if page_type == NORMAL
                    else None, (1, 2, 4))
        guest = bytes(4096) if page_type == ZERO else data
        s.op("launch_update", gctx=GCTX, page=page, type=page_type, vmpl1=1,
             vmpl2=2, vmpl3=4,
             rmp={page: {"state": "GUEST_VALID", "vmpl": [15, 1, 2, 4],
                         "vmsa": 0, "gpa": hex(gpa), "lock": 0}},
             guest={GCTX: {"ld": ld.hex(), "imd": ZERO48}},
             mem={page: {"kind": "guest_key",
                         "plain_sha384": sha(guest).hex()}})
    for i in range(2):
        page = P + (8 + i) * 4096
        s.private(page, gpa=0x9000)
        ld = extend(ld, SECRETS, 0x9000)
        s.op("launch_update", gctx=GCTX, page=page, type=SECRETS,
             guest={GCTX: {"ld": ld.hex()}}, mem={page: {
                 "kind": "guest_key"}})
    s.op("launch_update", "INVALID_PAGE_STATE", gctx=GCTX, page=P, type=1)

    s.guest("the GPA is the RMP's; VMPL bits are not looked at")
    s.op("fill", page=P, pat=1)
    s.private(P, gpa=0xfffffffff000)
    ld = extend(bytes(48), NORMAL, 0xfffffffff000, filled(1), (0xff, 0, 0))
    s.op("launch_update", gctx=GCTX, page=P | C_BIT, type=1, vmpl1=0xff,
         guest={GCTX: {"ld": ld.hex()}},
         rmp={P: {"gpa": "0xfffffffff000", "fwtag": 0,
                  "vmpl": [15, 255, 0, 0]}})
    s.private(P2, gpa=0xfffffffff000)
    s.op("launch_update", gctx=GCTX, page=P2, type=ZERO)

    s.guest("VMSA: the guest does not get the bytes that were measured")
    vmsa = bytearray(filled(77))
    struct.pack_into("<Q", vmsa, 0x3b0, 1)
    s.op("poke", addr=P, hex_nz=bytes(vmsa).hex(), len=4096)
    s.private(P, gpa=0xfffffffff000)
    measured = bytearray(vmsa)
    measured[0x2f0:0x300] = bytes(16)
    ld = extend(bytes(48), VMSA, 0xfffffffff000, bytes(measured))
    vmsa[0x380:0x388] = bytes(8)
    vmsa[0x388:0x390] = b"\xff" * 8
    s.op("launch_update", gctx=GCTX, page=P, type=VMSA,
         rmp={P: {"state": "GUEST_VALID", "vmsa": 1}},
         guest={GCTX: {"ld": ld.hex()}},
         mem={P: {"kind": "guest_key", "plain_sha384": sha(vmsa).hex()}})

    s.guest("VMSA with secure TSC", tsc=2400000)
    vmsa = bytearray(4096)
    struct.pack_into("<Q", vmsa, 0x3b0, 1 | 1 << 9)
    s.op("poke", addr=P, hex_nz=bytes(vmsa).hex(), len=4096)
    s.private(P, gpa=0xfffffffff000)
    whole, rest = divmod(2400000, 99800)
    scale = whole << 32 | ((rest << 32) + 99799) // 99800
    struct.pack_into("<QQ", vmsa, 0x2f0, scale, 0)
    struct.pack_into("<QQ", vmsa, 0x380, 0, (1 << 64) - 1)
    s.op("launch_update", gctx=GCTX, page=P, type=VMSA,
         mem={P: {"kind": "guest_key", "plain_sha384": sha(vmsa).hex()}})

    s.guest("2M is 512 records")
    s.op("fill", page=BIG, pat=3, len=0x200000)
    s.private(BIG, gpa=0x40000000, ps=1, rmp={
        BIG: {"state": "PRE_GUEST", "pagesize": "2M", "base2m": 1,
              "subpages": 0},
        BIG + 0x1000: {"state": "RECLAIM", "assigned": 1, "asid": 0,
                       "immutable": 0, "base2m": 1}})
    data = filled(3, 0x200000)
    ld = bytes(48)
    for i in range(512):
        ld = extend(ld, NORMAL, 0x40000000 + i * 4096,
                    data[i * 4096:(i + 1) * 4096])
    s.op("launch_update", gctx=GCTX, page=BIG, type=NORMAL, ps=1,
         guest={GCTX: {"ld": ld.hex()}},
         rmp={BIG: {"state": "GUEST_VALID", "pagesize": "2M"}},
         asids={1: {"rmp_count": 512}},
         mem={BIG: {"kind": "guest_key", "plain_sha384": sha(data).hex()}})
    s.op("page_reclaim", page=BIG + 0x1000)
    s.op("page_reclaim", "INVALID_PAGE_SIZE", page=BIG)
    s.op("page_reclaim", page=BIG, ps=1)

    s.guest("a 2M page that fails in the middle has moved the digest")
    s.op("fill", page=0, pat=9, len=0x200000)
    s.private(0, gpa=0, ps=1)
    data = filled(9, 0xa0000)
    ld = bytes(48)
    for i in range(0xa0):       # up to ASEG, which firmware does not touch
        ld = extend(ld, NORMAL, i * 4096, data[i * 4096:(i + 1) * 4096])
    s.op("launch_update", "INVALID_ADDRESS", gctx=GCTX, page=0, type=NORMAL,
         ps=1, cmdbuf=0x300000, guest={GCTX: {"ld": ld.hex(), "state": 1}},
         rmp={0: {"state": "PRE_GUEST", "validated": 0}})

    s.guest("IMI launches", imi_en=1)
    s.private(P)
    s.op("launch_update", "INVALID_PARAM", gctx=GCTX, page=P, type=ZERO)
    ld = extend(bytes(48), ZERO, 0x1000, imi=1)
    s.op("launch_update", gctx=GCTX, page=P, type=ZERO, imi=1,
         guest={GCTX: {"ld": ld.hex(), "imd": ld.hex(), "imi_en": 1}})
    s.op("launch_finish", "INVALID_GUEST_STATE", gctx=GCTX)

    s.guest("IMI pages of a plain launch chain twice")
    s.private(P, gpa=0x1000)
    s.private(P2, gpa=0x2000)
    ld = extend(bytes(48), ZERO, 0x1000)
    s.op("launch_update", gctx=GCTX, page=P, type=ZERO,
         guest={GCTX: {"ld": ld.hex(), "imd": ZERO48}})
    s.op("launch_update", gctx=GCTX, page=P2, type=ZERO, imi=1,
         guest={GCTX: {"ld": extend(ld, ZERO, 0x2000, imi=1).hex(),
                       "imd": extend(bytes(48), ZERO, 0x2000,
                                     imi=1).hex()}})

    s.scn("LAUNCH_FINISH: checks in order, and no page at all is fine")
    s.ready()
    s.op("launch_finish", "INVALID_GUEST", gctx=GCTX)
    s.context()
    s.op("launch_finish", "INVALID_GUEST_STATE", gctx=GCTX)
    s.op("launch_start", gctx=GCTX, policy=POLICY)
    s.op("launch_finish", "INACTIVE", gctx=GCTX)
    s.op("activate", gctx=GCTX, asid=1)
    s.op("launch_finish", gctx=GCTX, auth_key_en=1, vcek_dis=1,
         guest={GCTX: {"state": 2, "ld": ZERO48, "author_key_en": 1,
                       "id_block_en": 0, "vcek_dis": 1, "flags": 3}})
    s.op("launch_finish", "INVALID_GUEST_STATE", gctx=GCTX)

    s.guest("id block: measurement, policy, algorithm, key, in this order")

    def block(ld=bytes(48), policy=POLICY):
        return (ld + bytes(32) + struct.pack("<IIQ", 1, 0, policy)).hex()

    def auth(algo=1, auth_algo=1, curve=2):
        blob = bytearray(4096)
        struct.pack_into("<II", blob, 0, algo, auth_algo)
        struct.pack_into("<I", blob, 0x240, curve)
        return bytes(blob).hex()

    def finish(want, **kw):
        s.op("launch_finish", want, gctx=GCTX, id_block_en=1, id_block=P,
             id_auth=P2, guest={GCTX: {"state": 1, "id_block_en": 0}}, **kw)
    s.op("poke", addr=P, hex_nz=block(ld=b"\1" * 48, policy=0), len=96)
    s.op("poke", addr=P2, hex_nz=auth(algo=0), len=4096)
    finish("BAD_MEASUREMENT")
    s.op("poke", addr=P, hex_nz=block(policy=0), len=96)
    finish("POLICY_FAILURE")
    s.op("poke", addr=P, hex_nz=block(), len=96)
    finish("INVALID_PARAM")
    s.op("poke", addr=P2, hex_nz=auth(auth_algo=0, curve=1), len=4096)
    finish("INVALID_PARAM", auth_key_en=1)
    finish("BAD_SIGNATURE")
    s.op("poke", addr=P2, hex_nz=auth(), len=4096)
    finish("BAD_SIGNATURE")


def cpuid_pages(s):
    def entry(eax_in, ecx_in=0, regs=(0, 0, 0, 0), xcr0=0, xss=0, rsvd=0):
        return struct.pack("<IIQQIIIIQ", eax_in, ecx_in, xcr0, xss, *regs,
                           rsvd)

    def page(*entries, count=None, rsvd=0, rsvd2=0):
        head = struct.pack("<IIQ", len(entries) if count is None else count,
                           rsvd, rsvd2)
        return (head + b"".join(entries)).ljust(4096, b"\0")

    def poke(data):
        s.op("poke", addr=P, hex_nz=data.rstrip(b"\0").hex(), len=4096)

    def update(want="SUCCESS", **kw):
        s.op("launch_update", want, gctx=GCTX, page=P, type=CPUID, **kw)

    ok = extend(bytes(48), CPUID, 0x1000).hex()
    s.guest("CPUID: a malformed header leaves the page alone")
    s.private(P)
    for bad in (page(count=65), page(rsvd=1), page(rsvd2=1)):
        poke(bad)
        update("INVALID_PARAM", guest={GCTX: {"ld": ZERO48}},
               rmp={P: "PRE_GUEST"}, mem={P: {"kind": "unchanged"}})
    poke(page())
    update(guest={GCTX: {"ld": ok}}, rmp={P: "GUEST_VALID"})

    # what is submitted, what comes back
    cases = [
        ("too many features of leaf 1",
         entry(1, 0, (0x00a10f11, 0x0800, 0xffffffff, 0xffffffff)),
         entry(1, 0, (0x00a10f11, 0x0800, 0xfefa320b, 0x178bfbff))),
        ("a newer processor than the host's",
         entry(1, 0, (0x00b10f11, 0x0800, 0, 0)),
         entry(1, 0, (0x00a10f11, 0x0800, 0, 0))),
        ("CLFLUSH size and brand index",
         entry(1, 0, (0, 0x12340401, 0, 0)),
         entry(1, 0, (0, 0x12340800, 0, 0))),
        ("leaf 7 EDX is lost as a whole",
         entry(7, 0, (0, 0, 0, 0x10000011)),
         entry(7, 0, (0, 0, 0, 0))),
        ("leaf 7 EAX at most 1",
         entry(7, 0, (2, 0, 0, 0)),
         entry(7, 0, (1, 0, 0, 0))),
        ("a leaf nobody lists",
         entry(3, 0, (1, 2, 3, 4)), entry(3)),
        ("a sub-leaf nobody lists",
         entry(4, 1, (1, 0, 0, 0)), entry(4, 1)),
        ("highest standard leaf",
         entry(0, 0, (0x20, 5, 6, 7)), entry(0, 0, (0x10, 5, 6, 7))),
        ("size of the XSAVE area",
         entry(0xd, 0, (0x2e7, 0x240, 0x988, 0), xcr0=0x207),
         entry(0xd, 0, (0x2e7, 0x988, 0x988, 0), xcr0=0x207)),
        ("XSAVES area with shadow stacks",
         entry(0xd, 1, (0xf, 0, 0x1800, 0), xcr0=7, xss=0x1800),
         entry(0xd, 1, (0xf, 0x368, 0x1800, 0), xcr0=7, xss=0x1800)),
        ("address sizes",
         entry(0x80000008, 0, (0x3a40, 0, 0, 0)),
         entry(0x80000008, 0, (0x3934, 0, 0, 0))),
        ("highest extended leaf",
         entry(0x80000000, 0, (0x80000030, 1, 2, 3)),
         entry(0x80000000, 0, (0x80000028, 1, 2, 3))),
    ]
    for title, bad, good in cases:
        s.guest("CPUID: " + title)
        s.private(P)
        poke(page(entry(0, 0, (1, 1, 1, 1)), bad))
        fixed = page(entry(0, 0, (1, 1, 1, 1)), good)
        update("INVALID_PARAM", guest={GCTX: {"ld": ZERO48}},
               rmp={P: {"state": "PRE_GUEST", "validated": 0}},
               mem={P: {"kind": "host_plain",
                        "raw_sha384": sha(fixed).hex()}})
        update(guest={GCTX: {"ld": ok}}, rmp={P: "GUEST_VALID"},
               mem={P: {"kind": "guest_key",
                        "plain_sha384": sha(fixed).hex()}})

    s.guest("CPUID: a reserved field is refused, not corrected")
    s.private(P)
    poke(page(entry(0, 0, rsvd=1)))
    for _ in range(2):
        update("INVALID_PARAM", rmp={P: "PRE_GUEST"},
               mem={P: {"kind": "unchanged"}})

    s.guest("CPUID: hypervisor leaves are nobody's business")
    s.private(P)
    data = page(entry(0x40000000, 0, (1, 2, 3, 4), rsvd=9),
                entry(0x10000, 0, (1, 2, 3, 4)),
                entry(0x80010000, 0, (1, 2, 3, 4)))
    poke(data)
    update(mem={P: {"kind": "guest_key", "plain_sha384": sha(data).hex()}})

    s.guest("CPUID: what QEMU offers for EPYC-v4 and the like passes")
    s.private(P)
    data = page(
        entry(0, 0, (0x10, 0x68747541, 0x444d4163, 0x69746e65)),
        entry(1, 0, (0x00a10f10, 0x00010800, 0x76fa320b, 0x178bfbff)),
        entry(7, 0, (1, 0xf1bf97a9, 0x00415fce, 0x10000010)),
        entry(0xd, 0, (0x207, 0x240, 0x988, 0), xcr0=1),
        entry(0xd, 1, (0xf, 0x240, 0, 0), xcr0=1),
        entry(0x80000001, 0, (0x00a10f10, 0x40000000, 0x75c237ff,
                              0x2fd3fbff)),
        entry(0x8000001f, 0, (0x0101fd3f, 0x00004173, 0, 0)))
    poke(data)
    update(mem={P: {"kind": "guest_key", "plain_sha384": sha(data).hex()}})


def pages(s):
    s.guest("RECLAIM: success on everything that is not immutable")
    s.op("page_reclaim", page=P, rmp={P: "HYPERVISOR"})
    s.private(P)
    s.op("page_reclaim", page=P | C_BIT,
         rmp={P: {"state": "GUEST_INVALID", "asid": 1, "lock": 0}})
    s.op("page_reclaim", page=P, rmp={P: "GUEST_INVALID"})
    s.op("rmpupdate", page=P, rmp={P: "HYPERVISOR"})
    s.firmware(P)
    s.op("page_reclaim", page=P, rmp={P: {"state": "RECLAIM", "gpa": "0x0"}})
    s.op("page_reclaim", page=P, rmp={P: "RECLAIM"})
    s.op("rmpupdate", page=P, rmp={P: "HYPERVISOR"})
    s.private(P)
    s.op("launch_update", gctx=GCTX, page=P, type=NORMAL)
    s.op("page_reclaim", page=P, rmp={P: "GUEST_VALID"})
    s.private(P, rmp={P: {"state": "PRE_SWAP", "validated": 1}})
    s.op("rmpupdate", "FAIL_PERMISSION", page=P)
    s.op("page_reclaim", page=P, rmp={P: "GUEST_VALID"})
    s.op("page_reclaim", "INVALID_PAGE_SIZE", page=P, ps=1)
    s.op("page_reclaim", "INVALID_PAGE_STATE", page=GCTX)
    s.op("page_reclaim", "INVALID_ADDRESS", page=0xa0000)
    s.op("page_reclaim", "INVALID_CONFIG", page=0x10000000)
    s.op("page_reclaim", "INVALID_ADDRESS", page=0x400000000000)

    s.scn("an immutable page of ASID 0 with a GPA is stuck for ever")
    s.ready()
    s.op("rmpupdate", page=P, gpa=0x5000, assigned=1, immutable=1,
         rmp={P: "INVALID"})
    s.op("page_reclaim", "INVALID_PAGE_STATE", page=P)
    s.op("rmpupdate", "FAIL_PERMISSION", page=P)
    s.op("gctx_create", "INVALID_PAGE_STATE", gctx=P)

    s.guest("teardown in the order that works")
    s.private(P)
    s.private(P2, gpa=0x2000)
    s.op("launch_update", gctx=GCTX, page=P, type=NORMAL)
    s.op("launch_finish", gctx=GCTX)
    s.op("rmpupdate", page=P, rmp={P: "HYPERVISOR"})
    s.op("rmpupdate", "FAIL_PERMISSION", page=P2)
    s.op("page_reclaim", page=P2)
    s.op("rmpupdate", page=P2)
    s.op("decommission", gctx=GCTX)
    s.op("rmpupdate", "FAIL_PERMISSION", page=GCTX)
    s.op("page_reclaim", page=GCTX, rmp={GCTX: "RECLAIM"})
    s.op("rmpupdate", page=GCTX, rmp={GCTX: "HYPERVISOR"})
    s.launch(GCTX2, 0)
    s.op("activate", "DF_FLUSH_REQUIRED", gctx=GCTX2, asid=1)
    s.op("wbinvd")
    s.op("df_flush")
    s.op("activate", gctx=GCTX2, asid=1)

    s.guest("PAGE_MOVE: Pre-Guest becomes Guest-Invalid, Pre-Swap valid")
    data = filled(5)
    s.op("fill", page=P, pat=5)
    s.private(P, gpa=0x7000)
    s.op("launch_update", gctx=GCTX, page=P, type=NORMAL, vmpl1=3)
    s.private(P, gpa=0x7000, rmp={P: "PRE_SWAP"})
    s.private(P2, gpa=0x9000)
    s.op("page_move", gctx=GCTX, src=P, dst=P2,
         rmp={P: {"state": "GUEST_INVALID", "gpa": "0x7000"},
              P2: {"state": "GUEST_VALID", "gpa": "0x7000",
                   "vmpl": [15, 3, 0, 0]}},
         mem={P: {"kind": "unchanged"},
              P2: {"kind": "guest_key", "plain_sha384": sha(data).hex()}})
    s.op("page_move", "INVALID_PAGE_STATE", gctx=GCTX, src=P, dst=P2)
    s.private(P3, gpa=0xa000)
    s.private(P, gpa=0x7000, rmp={P: "PRE_GUEST"})
    s.op("page_move", gctx=GCTX, src=P, dst=P3,
         rmp={P: "GUEST_INVALID",
              P3: {"state": "GUEST_INVALID", "gpa": "0x7000"}})
    # What the host wrote is decrypted on the way: each cipher makes something else of it, and
    # the ciphertext that stays behind is its own as well.
    s.op("fill", page=BIG, pat=6)
    s.private(BIG, gpa=0xb000)
    s.private(BIG2, gpa=0xc000)
    s.op("page_move", gctx=GCTX, src=BIG, dst=BIG2,
         mem={BIG2: {"kind": "guest_key", "plain_sha384": ZERO48}})
    s.op("rmpupdate", page=BIG2)
    s.op("final_state", mem={BIG2: {"kind": "host_plain", "raw_sha384": ZERO48}})
    s.op("fill", page=BIG2, pat=7)
    s.op("final_state", mem={BIG2: {"kind": "host_plain", "raw_sha384": sha(filled(7)).hex()}})

    s.guest("PAGE_MOVE: checks in order")
    s.op("page_move", "INVALID_PARAM", gctx=P, src=RMP, dst=P2)
    s.op("page_move", "INVALID_GUEST", gctx=P, src=P, dst=P2, ps=1)
    s.op("page_move", "INVALID_PAGE_SIZE", gctx=GCTX, src=P, dst=P2, ps=1)
    s.op("page_move", "INVALID_PAGE_STATE", gctx=GCTX, src=P, dst=P2)
    s.private(P, asid=2)
    s.private(P2, asid=1)
    s.op("page_move", "INVALID_PAGE_OWNER", gctx=GCTX, src=P, dst=P2)
    s.op("page_move", "INVALID_PAGE_OWNER", gctx=GCTX, src=P2, dst=P)
    s.launch(GCTX2, 0)
    s.op("page_move", "INACTIVE", gctx=GCTX2, src=P, dst=P2)
    s.context(GCTX3)
    s.op("page_move", "INVALID_GUEST_STATE", gctx=GCTX3, src=P, dst=P2)

    s.guest("metadata pages")
    s.op("md_init", "INVALID_GUEST", gctx=P, page=P)
    s.op("md_init", "INVALID_PAGE_STATE", gctx=GCTX, page=P)
    s.op("fill", page=P, pat=8)
    s.firmware(P)
    s.op("md_init", gctx=GCTX, page=P,
         rmp={P: {"state": "METADATA", "fwtag": 1, "gpa": hex(GCTX)}},
         mem={P: {"kind": "host_plain",
                  "raw_sha384": sha(bytes(4096)).hex()}})
    s.firmware(P2)
    s.launch(GCTX2, 2)
    s.op("page_move", "INVALID_PAGE_OWNER", gctx=GCTX2, src=P, dst=P2)
    s.op("page_move", gctx=GCTX, src=P, dst=P2,
         rmp={P: "FIRMWARE", P2: {"state": "METADATA", "fwtag": 1,
                                  "gpa": hex(GCTX)}})
    s.op("page_reclaim", page=P2, rmp={P2: {"state": "RECLAIM", "fwtag": 0,
                                            "gpa": hex(GCTX)}})
    s.context(GCTX3)
    s.firmware(P3)
    s.op("md_init", "INVALID_GUEST_STATE", gctx=GCTX3, page=P3)

    s.scn("PAGE_SET_STATE")
    s.ready()
    s.op("page_set_state", "INVALID_LENGTH", list=LIST, len=8)
    s.op("page_set_state", "INVALID_PARAM", list=LIST, n=1, base0=BIG + 4096,
         cnt0=1)
    s.op("page_set_state", "INVALID_PAGE_STATE", list=LIST, n=1, base0=BIG,
         cnt0=2)
    s.firmware(BIG)
    s.op("page_set_state", "INVALID_PAGE_STATE", list=LIST, n=1, base0=BIG,
         cnt0=2, rmp={BIG: "FIRMWARE"})
    s.firmware(BIG + 0x1000, rmp={BIG: {"subpages": 1}})
    s.op("page_set_state", list=LIST, n=1, base0=BIG, cnt0=2,
         rmp={BIG: {"state": "HV_FIXED", "subpages": 0, "lock": 1},
              BIG + 0x1000: "HV_FIXED"})
    s.op("page_reclaim", "INVALID_PAGE_STATE", page=BIG)
    s.op("rmpupdate", "FAIL_PERMISSION", page=BIG)

    s.guest("UNSMASH undoes PSMASH, while immutable")
    s.private(BIG, gpa=0x200000, ps=1)
    s.op("psmash", "FAIL_BADADDR", page=BIG)
    s.op("page_reclaim", page=BIG, ps=1)
    s.op("psmash", page=BIG, rmp={
        BIG: {"state": "GUEST_INVALID", "pagesize": "4K", "subpages": 511,
              "gpa": "0x200000"},
        BIG + 0x1000: {"state": "GUEST_INVALID", "gpa": "0x201000",
                       "asid": 1},
        BIG + 0x1ff000: {"gpa": "0x3ff000"}})
    s.op("psmash", "FAIL_BADADDR", page=BIG)
    s.op("page_unsmash", "INVALID_PAGE_STATE", page=BIG)
    s.op("bulk_rmpupdate", page=BIG, n=512, gpa=0x200000, assigned=1,
         immutable=1, asid=1)
    s.op("page_unsmash", page=BIG, rmp={
        BIG: {"state": "PRE_GUEST", "pagesize": "2M", "subpages": 0,
              "immutable": 1},
        BIG + 0x1000: {"assigned": 1, "asid": 0, "immutable": 0, "lock": 0,
                       "gpa": "0x201000"}},
        asids={1: {"rmp_count": 512}})
    s.op("page_unsmash", "INVALID_PAGE_STATE", page=BIG)
    s.op("page_unsmash", "INVALID_PARAM", page=RMP)
    s.op("page_unsmash", "INVALID_PAGE_STATE", page=DEFAULT)

    for title, change in [("one page of another guest", dict(asid=2)),
                          ("one page somewhere else", dict(gpa=0x900000)),
                          ("one page not immutable", dict(immutable=0))]:
        s.guest("UNSMASH refuses " + title)
        s.op("bulk_rmpupdate", page=BIG, n=512, gpa=0x200000, assigned=1,
             immutable=1, asid=1, **{"except": {"300": change}})
        s.op("page_unsmash", "INVALID_PAGE_STATE", page=BIG,
             rmp={BIG: {"pagesize": "4K", "subpages": 511}})
    rights = {"state": "GUEST_VALID", "vmpl": [15, 1, 2, 4], "asid": 1}
    for same in (True, False):
        s.guest("PSMASH copies validation and rights; UNSMASH wants " + ("equal rights" if same else "no others"))
        s.private(BIG, gpa=0x200000, ps=1)
        s.op("launch_update", gctx=GCTX, page=BIG, type=NORMAL, ps=1, vmpl1=1,
             vmpl2=2, vmpl3=4)
        s.op("psmash", page=BIG, rmp={
            BIG: {**rights, "subpages": 511, "gpa": "0x200000"},
            BIG + 0x1000: {**rights, "gpa": "0x201000"},
            BIG + 0x1ff000: {**rights, "gpa": "0x3ff000"}},
            asids={1: {"rmp_count": 512}})
        if not same:
            s.op("rmpadjust", page=BIG + 0x1ff000, asid=1, gpa=0x3ff000,
                 target=1, perms=3)
        s.op("bulk_rmpupdate", page=BIG, n=512, gpa=0x200000, assigned=1,
             immutable=1, asid=1)
        if same:
            s.op("page_unsmash", page=BIG, rmp={
                BIG: {**rights, "state": "PRE_SWAP", "pagesize": "2M",
                      "subpages": 0}})
        else:
            s.op("page_unsmash", "INVALID_PAGE_STATE", page=BIG, rmp={
                BIG: {**rights, "state": "PRE_SWAP", "pagesize": "4K",
                      "subpages": 511}})
    s.guest("UNSMASH refuses a GPA that is not aligned")
    s.op("bulk_rmpupdate", page=BIG, n=512, gpa=0x201000, assigned=1,
         immutable=1, asid=1)
    s.op("page_unsmash", "INVALID_PAGE_STATE", page=BIG)

    s.guest("debugging needs owner, policy, ASID, in this order",
            policy=DEBUG)
    data = filled(6)
    s.op("fill", page=P, pat=6)
    s.private(P)
    s.op("launch_update", gctx=GCTX, page=P, type=NORMAL)
    s.op("dbg_decrypt", "INVALID_GUEST", gctx=P2, src=P, dst=P2)
    s.op("dbg_decrypt", "INVALID_PAGE_STATE", gctx=GCTX, src=P, dst=P2)
    s.firmware(P2)
    s.op("dbg_decrypt", gctx=GCTX, src=P, dst=P2,
         mem={P2: {"kind": "host_plain", "raw_sha384": sha(data).hex()}})
    s.op("dbg_encrypt", "INVALID_PAGE_STATE", gctx=GCTX, src=P2, dst=P)
    s.private(P, rmp={P: "PRE_SWAP"})
    s.op("fill", page=P3, pat=10)
    s.op("dbg_encrypt", gctx=GCTX, src=P3, dst=P,
         mem={P: {"kind": "guest_key", "plain_sha384": sha(filled(10)).hex()}})
    s.launch(GCTX2, 2)
    s.op("dbg_decrypt", "INVALID_PAGE_OWNER", gctx=GCTX2, src=P, dst=P2)
    s.private(ST, asid=2)
    s.op("dbg_decrypt", "POLICY_FAILURE", gctx=GCTX2, src=ST, dst=P2)
    s.context(GCTX3)
    s.op("dbg_decrypt", "INVALID_PAGE_OWNER", gctx=GCTX3, src=P, dst=P2)

    s.guest("debugging looks through 2M pages", policy=DEBUG)
    s.op("fill", page=BIG, pat=3, len=0x200000)
    s.private(BIG, gpa=0x40000000, ps=1)
    s.op("launch_update", gctx=GCTX, page=BIG, type=NORMAL, ps=1)
    s.firmware(P2)
    data = filled(3, 0x200000)
    s.op("dbg_decrypt", gctx=GCTX, src=BIG + 0x5000, dst=P2,
         mem={P2: {"kind": "host_plain",
                   "raw_sha384": sha(data[0x5000:0x6000]).hex()}})

    s.scn("legacy commands that answer need a Firmware buffer")
    s.op("legacy_status", cmdbuf=P, rmp={P: "HYPERVISOR"})
    s.ready()
    s.op("legacy_status", "LEGACY_BUF_STATE", cmdbuf=P,
         rmp={P: "HYPERVISOR"})
    s.firmware(P)
    s.op("legacy_status", cmdbuf=P, rmp={P: "RECLAIM"})
    s.op("legacy_status", "LEGACY_BUF_STATE", cmdbuf=P, rmp={P: "RECLAIM"})
    s.op("legacy_status", cmdbuf=DEFAULT)


def processor(s):
    s.scn("RMPUPDATE: operands")
    s.ready()
    for args in (dict(page=P, assigned=0, asid=1),
                 dict(page=P, assigned=0, immutable=1),
                 dict(page=BIG + 0x1000, assigned=1, asid=1, ps=1),
                 dict(page=BIG, assigned=1, asid=1, ps=1, gpa=0x1000),
                 dict(page=DEFAULT, assigned=1, asid=1)):
        s.op("rmpupdate", "FAIL_INPUT", **args)
    s.op("rmpupdate", page=P, assigned=1, asid=1, gpa=0x1000,
         rmp={P: {"state": "GUEST_INVALID", "vmpl": [15, 0, 0, 0],
                  "validated": 0, "vmsa": 0, "lock": 0}},
         asids={1: {"rmp_count": 1}})
    s.op("rmpupdate", page=P, assigned=1, asid=2, gpa=0x1000,
         asids={1: {"rmp_count": 0}, 2: {"rmp_count": 1}})

    s.scn("RMPUPDATE: overlaps")
    s.ready()
    s.op("rmpupdate", page=BIG + 0x3000, assigned=1, asid=1, gpa=0x1000,
         rmp={BIG: {"subpages": 1, "state": "HYPERVISOR"}})
    s.op("rmpupdate", "FAIL_OVERLAP", page=BIG, assigned=1, asid=1, ps=1)
    s.op("rmpupdate", page=BIG + 0x3000, rmp={BIG: {"subpages": 0}})
    s.op("rmpupdate", page=BIG, assigned=1, asid=1, gpa=0x200000,
         rmp={BIG: {"pagesize": "4K", "subpages": 0}})
    s.op("rmpupdate", page=BIG, assigned=1, asid=1, gpa=0x200000, ps=1,
         rmp={BIG: {"state": "GUEST_INVALID", "pagesize": "2M"},
              BIG + 0x1ff000: {"assigned": 1, "asid": 0, "base2m": 1}})
    s.op("rmpupdate", "FAIL_OVERLAP", page=BIG + 0x3000, assigned=1, asid=1)
    s.op("rmpupdate", "FAIL_OVERLAP", page=BIG + 0x3000)
    s.op("rmpupdate", page=BIG, ps=1,
         rmp={BIG: "HYPERVISOR", BIG + 0x1000: "HYPERVISOR",
              BIG + 0x1ff000: "HYPERVISOR"})

    s.guest("RMPUPDATE keeps validated only if nothing but immutable changes")
    s.private(P)
    s.op("launch_update", gctx=GCTX, page=P, type=NORMAL, vmpl1=1)
    s.op("rmpupdate", page=P, gpa=0x1000, assigned=1, asid=1,
         rmp={P: {"state": "GUEST_VALID", "vmpl": [15, 1, 0, 0]}})
    s.op("rmpupdate", page=P, gpa=0x2000, assigned=1, asid=1,
         rmp={P: {"state": "GUEST_INVALID", "vmpl": [15, 0, 0, 0]}})

    s.scn("PSMASH")
    s.ready()
    s.op("psmash", "FAIL_INPUT", page=BIG + 0x1000)
    s.op("psmash", "FAIL_INPUT", page=DEFAULT)
    s.op("psmash", "FAIL_BADADDR", page=BIG)
    s.op("rmpupdate", page=BIG, assigned=1, asid=1, gpa=0x200000, ps=1)
    s.op("psmash", page=BIG, rmp={BIG: {"subpages": 511}})
    s.op("rmpupdate", page=BIG + 0x1000, rmp={
        BIG + 0x1000: "HYPERVISOR", BIG: {"subpages": 510}})

    s.scn("PVALIDATE and RMPADJUST")
    s.ready()
    s.op("rmpupdate", page=P, assigned=1, asid=1, gpa=0x1000)
    s.op("pvalidate", "#VMEXIT(NPF)", page=P, asid=2, gpa=0x1000, v=1)
    s.op("pvalidate", "#VMEXIT(NPF)", page=P, asid=1, gpa=0x2000, v=1)
    s.op("pvalidate", "#VMEXIT(NPF)", page=P2, asid=1, gpa=0x1000, v=1)
    s.op("rmpadjust", "#VC", page=P, asid=1, gpa=0x1000, target=1, perms=1)
    s.op("pvalidate", page=P, asid=1, gpa=0x1000, v=1, cf=0,
         rmp={P: "GUEST_VALID"})
    s.op("pvalidate", page=P, asid=1, gpa=0x1000, v=1, cf=1)
    s.op("rmpadjust", "FAIL_PERMISSION", page=P, asid=1, gpa=0x1000,
         target=0, perms=1)
    s.op("rmpadjust", page=P, asid=1, gpa=0x1000, target=1, perms=3,
         rmp={P: {"vmpl": [15, 3, 0, 0]}})
    s.op("rmpadjust", "FAIL_PERMISSION", page=P, asid=1, gpa=0x1000,
         vmpl=1, target=2, perms=4)
    s.op("rmpadjust", page=P, asid=1, gpa=0x1000, target=1, perms=3, vmsa=1,
         rmp={P: {"vmsa": 1}})
    s.op("rmpadjust", "FAIL_PERMISSION", page=P, asid=1, gpa=0x1000,
         vmpl=1, target=2, perms=1, vmsa=0)
    s.op("pvalidate", page=P, asid=1, gpa=0x1000, v=0, cf=0,
         rmp={P: "GUEST_INVALID"})
    s.op("rmpupdate", page=BIG, assigned=1, asid=1, gpa=0x200000, ps=1)
    s.op("pvalidate", "#VMEXIT(NPF)", page=BIG, asid=1, gpa=0x200000, v=1)
    s.op("pvalidate", page=BIG, asid=1, gpa=0x200000, v=1, ps=1, cf=0,
         rmp={BIG: "GUEST_VALID"})
    s.op("rmpupdate", page=BIG2, assigned=1, asid=1, gpa=0x400000)
    s.op("pvalidate", "FAIL_SIZEMISMATCH", page=BIG2, asid=1, gpa=0x400000,
         v=1, ps=1)


def main():
    s = Script()
    for part in (platform, contexts, asids, launches, cpuid_pages, pages,
                 processor):
        part(s)


if __name__ == "__main__":
    sys.exit(main())
