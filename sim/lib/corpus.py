#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The inputs that fuzzing begins with.

    corpus.py unpack snp|tdx DIRECTORY     write corpus/KIND.gz, one file an input
    corpus.py mistake snp|tdx FILE         write an input that shows the mistake of fuzz_broken.c
    corpus.py pack snp|tdx DIRECTORY ...   make corpus/KIND.gz anew, of the hand-made ones and those of the directories

corpus/KIND.gz has one input a line, in hexadecimal.  A record is eight bytes: the operation, then its
operands (fuzz_snp.c, fuzz_tdx.c).  docs: README.md
"""

import gzip
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))


def rec(*b):
    return bytes(b) + bytes(8 - len(b))


# SNP: pages by number
CTX, PAGE, BIG, BUF = 0, 4, 16, 22
ASSIGN, FIX, LARGE = 1, 2, 4


def rmp(page, flags, asid=0, gpa=1):
    return rec(0, page, flags, asid, gpa)


def launch(ctx, asid, imi=0):
    return (rmp(ctx, ASSIGN | FIX) + rec(10, ctx) + rec(11, ctx, 14, 2 * imi) + rec(12, ctx, asid))


def update(ctx, page, kind, asid, gpa=1, large=0):
    flags = ASSIGN | FIX | (LARGE if large else 0)
    return rmp(page, flags, asid, 0x80 | gpa if large else gpa) + rec(13, ctx, page, kind | large << 3, 0, 0, 0x41)


def sev_buf():
    return rmp(BUF, 0) + rmp(BUF, ASSIGN | FIX)


SNP = {
    "launch": launch(CTX, 1) + update(CTX, PAGE, 1, 1) + update(CTX, PAGE + 1, 2, 1, 2) + update(CTX, PAGE + 2, 5, 1, 3)
    + rec(16, CTX) + rec(7, PAGE, 0, 0, 0, 3, 0x55) + rec(17, CTX) + rmp(PAGE, 0) + rec(18, CTX) + rmp(CTX, 0),
    "large": launch(CTX, 2) + update(CTX, BIG, 3, 2, 1, 1) + rec(16, CTX) + rec(6, BIG) + rmp(BIG, 0) + rec(17, CTX),
    "two": launch(CTX, 1) + launch(CTX + 1, 2) + update(CTX, PAGE, 4, 1) + update(CTX + 1, PAGE + 1, 1, 2)
    + rec(16, CTX) + rec(17, CTX + 1) + rec(9, 1) + rec(25, 5) + rec(17, CTX) + rec(9, 1) + rec(25, 5),
    "imi": launch(CTX, 1, 1) + update(CTX, PAGE, 1 | 16, 1) + rec(16, CTX),
    "swap": launch(CTX, 1) + update(CTX, PAGE, 1, 1) + rmp(PAGE + 1, ASSIGN | FIX) + rmp(PAGE + 2, ASSIGN | FIX)
    + rec(21, 3, CTX, PAGE + 1) + rmp(PAGE, ASSIGN | FIX, 1) + rec(21, 1, CTX, PAGE, PAGE + 2, 0, PAGE + 1)
    + rec(21, 2, CTX, PAGE + 2, PAGE, 0, PAGE + 1),
    "move": launch(CTX, 1) + rmp(PAGE, ASSIGN | FIX, 1) + rmp(PAGE + 1, ASSIGN | FIX, 1, 2)
    + rec(21, 0, CTX, PAGE, PAGE + 1) + rec(21, 6, 1, CTX + 1, 1),
    "message": launch(CTX, 1) + rec(16, CTX) + rmp(PAGE, ASSIGN | FIX) + rec(24, CTX, PAGE, 0) + rec(24, CTX, PAGE, 1)
    + rec(24, CTX, PAGE, 2) + rec(24, CTX, PAGE, 5) + rec(24, CTX, PAGE, 3, 0, CTX),
    "debug": launch(CTX, 1) + rmp(PAGE, ASSIGN | FIX, 1) + rmp(PAGE + 1, ASSIGN | FIX) + rec(21, 4, CTX, PAGE, PAGE + 1)
    + rec(21, 5, CTX, PAGE + 1, PAGE) + rec(20, BIG) + rec(18, PAGE),
    "shutdown": launch(CTX, 1) + rec(17, CTX) + rec(25, 1, 1) + rec(25, 0, 1) + rec(9, 1) + rec(25, 5),
    "sev": rec(26, 0, 0) + sev_buf() + rec(27, 0, 0) + rec(31, 0, 1, 0x82) + rmp(PAGE, ASSIGN | FIX)
    + rec(28, 1, PAGE, 0, 4) + rmp(PAGE + 1, ASSIGN | FIX) + sev_buf() + rec(29, 1, PAGE + 1) + rec(30, 1, 2)
    + rec(30, 1, 1) + rec(30, 1, 0),
    "sev-es": rmp(20, ASSIGN | FIX | LARGE) + rec(26, 0, 1, 20) + rec(9, 1) + rec(26, 3) + sev_buf() + rec(27, 0, 4)
    + rec(31, 0, 1, 3) + rmp(PAGE, ASSIGN | FIX) + rec(28, 1, PAGE, 0, 0, 1) + rec(26, 1),
    "cpuid": launch(CTX, 1) + b"".join(rec(32, CTX, PAGE + n % 10, 3, 4 * n, sub, xcr, reg)
                                       for n in range(8) for sub, xcr, reg in ((0, 0xff, 0xff), (1, 7, 0x11))),
    "cpuid-bad": launch(CTX, 1) + rec(32, CTX, PAGE, 0xff) + rec(32, CTX, PAGE + 1, 0xfe) + rec(32, CTX, PAGE + 2, 1, 0, 0xf8),
    "cpuid-imi": launch(CTX, 1, 1) + rec(32, CTX, PAGE, 1),
    "vmsa": launch(CTX, 1) + b"".join(rec(33, CTX, PAGE + n, n, 0x55) for n in range(4)) + rec(16, CTX),
    "unsmash": launch(CTX, 1) + rec(34, 1, 1, 1) + rec(20, BIG) + rec(18, BIG, 1) + rec(6, BIG) + rec(34, 0, 1, 1, 7, 0xff)
    + rec(20, 20) + rmp(BIG + 3, 0),
    "ask": b"".join(rec(35, n, BUF, m, 0, 0) for n in range(5) for m in range(4)) + rec(35, 0, BUF, 0, 0xff)
    + rec(35, 1, 0, 0, 0, 0xff) + rec(35, 0, BUF, 0, 0, 0xff),
    "up-and-down": rec(9, 1) + rec(25, 5) + rec(36, 3, 0, 0, 0, 0, 1) + rec(36, 0, 0, 0, 0, 0, 1) + rec(36, 2, 0, 0, 0, 0, 1)
    + rec(9, 1) + rec(25, 5) + rec(36, 3, 7, 0, 0, 0, 1) + rec(36, 3, 2, 0, 0, 0, 1) + rec(36, 3, 3, 0, 0, 0, 1)
    + rec(36, 4, 0, 0, 0, 0, 1) + rec(36, 0, 3, 2, 3, 4, 1) + rec(36, 2, 0, 0, 0, 0, 1) + rec(9, 1) + rec(25, 5)
    + rec(36, 2, 0, 0, 0, 0, 1) + rec(36, 4, 1, 0, 0, 0, 1) + rec(36, 1, 0, 0, 0, 0, 1) + rec(36, 4, 2, 0, 0, 0, 1)
    + rec(36, 1, 0, 0, 0, 0, 1),
    "identity": launch(CTX, 1) + rec(37, CTX, 0, 0xf0) + rec(37, CTX, 0, 0, 0xf0) + rec(37, CTX, 0, 0, 0, 0xf0)
    + rec(37, CTX, 2, 0, 0, 0xe0) + rec(37, CTX, 0, 0, 0, 0, 0xe0) + rec(37, CTX, 2, 0, 0, 0, 2, 1) + rec(37, CTX, 0, 0, 0, 0, 1)
    + rec(16, CTX),
    "busy": rec(38, PAGE, 0, 1) + rec(38, PAGE, 0, 0) + rmp(PAGE, ASSIGN | FIX) + rec(38, PAGE) + rmp(BIG, ASSIGN | LARGE, 1, 0x81)
    + rec(38, BIG, 1, 1) + rec(38, BIG),
    "rmpadjust": launch(CTX, 1) + update(CTX, PAGE, 1, 1) + rec(7, PAGE, 0, 0, 0, 2, 2, 3) + rec(7, PAGE, 0, 0, 0, 2, 0xa, 3)
    + rec(7, PAGE, 16, 0, 0, 2, 4, 1) + rec(7, PAGE, 16, 0, 0, 2, 12, 1) + rec(7, PAGE, 16, 0, 0, 2, 4, 0xff)
    + rec(7, PAGE, 0, 0, 0, 0, 0) + rec(7, PAGE, 0, 0, 0, 2, 2, 3),
    "status": launch(CTX, 1) + rmp(PAGE, ASSIGN | FIX) + rec(25, 2, CTX, PAGE) + rec(25, 4, PAGE),
    "metadata": launch(CTX, 1) + b"".join(rmp(PAGE + n, ASSIGN | FIX) for n in range(4)) + rec(21, 3, CTX, PAGE)
    + rec(21, 0, CTX, PAGE, PAGE + 1) + rec(21, 1, CTX, PAGE + 1, PAGE + 2, 2 | 16) + rec(21, 2, CTX, PAGE + 2, PAGE + 3, 2 | 16),
    "fixed": rmp(BIG, ASSIGN | FIX) + rec(21, 6, 1, BIG, 1) + rec(21, 6, 1, PAGE, 1),
    "debug-policy": rmp(CTX, ASSIGN | FIX) + rec(10, CTX) + rec(11, CTX, 4) + rec(12, CTX, 1) + rmp(PAGE, ASSIGN | FIX, 1)
    + rmp(PAGE + 1, ASSIGN | FIX) + rec(21, 4, CTX, PAGE, PAGE + 1) + rec(21, 5, CTX, PAGE + 1, PAGE),
    "sev-more": b"".join(rec(39, n, 0, PAGE, 8) for n in range(19)) + rec(26, 0, 0) + sev_buf() + rec(27, 0, 0)
    + b"".join(rec(39, n, 1, PAGE, 8, m, m) for n in range(1, 19) for m in (0, 1, 3)),
    "sev-life": rec(26, 0, 0) + sev_buf() + rec(27, 0, 0) + rec(31, 0, 1, 0x82) + rmp(PAGE, ASSIGN | FIX)
    + rmp(PAGE + 1, ASSIGN | FIX) + rec(28, 1, PAGE, 0, 4) + sev_buf() + rec(29, 1, PAGE + 1) + rec(39, 9, 1, PAGE, 1)
    + rec(39, 9, 1, PAGE, 0) + rec(30, 1, 2) + rec(39, 8, 1, PAGE, 1) + rec(39, 8, 1, PAGE, 0xff)
    + b"".join(rec(39, 10, 1, PAGE, n) for n in range(8)) + rec(39, 7, 1, PAGE, PAGE + 1, 2, 1) + rec(39, 7, 1, PAGE, PAGE + 1, 1)
    + rec(39, 7, 1, PAGE, PAGE, 1, 1) + rec(31, 2, 1, PAGE, PAGE + 1, 2) + rec(31, 3, 1, PAGE, PAGE + 1, 2)
    + rec(39, 16, 1, 0x82) + rec(39, 11, 1, PAGE, 1) + rec(39, 11, 1, PAGE, 1, 1) + rec(30, 1, 3) + rec(30, 1, 1)
    + rec(39, 7, 1, PAGE, PAGE + 1, 2, 1) + rec(31, 2, 1, PAGE, PAGE + 1, 2) + rec(26, 1),
    "sev-send": rmp(PAGE, ASSIGN | FIX) + rmp(PAGE + 1, ASSIGN | FIX) + b"".join(rec(26, 0, 0) + sev_buf() + rec(27, 0, policy) + rec(31, 0, 1, 0x82) + sev_buf()
                         + rec(29, 1, PAGE) + rec(30, 1, 2) + rec(39, 10, 1, PAGE, 3) + rec(39, 10, 1, PAGE, 7)
                         + rec(31, 2, 1, PAGE, PAGE + 1, 2) + rec(26, 1) for policy in (8, 16, 32, 1)),
    "sev-old": rec(9, 1) + rec(25, 5) + rec(36, 3, 3, 0, 0, 0, 1) + rec(39, 0, 0, 3, PAGE) + rec(36, 4, 2, 0, 0, 0, 1)
    + rec(39, 0, 1, 3, 20) + rec(39, 0, 1, 3, PAGE),
}

# TDX: leaves by their place in the table
(CREATE, CONFIG, ADDCX, _, INIT, VPCREATE, VPADDCX, VPINIT, FLUSH, ENTER, SEPT, _, _, RD, SEPTREMOVE, ADD, _, AUG, _, _,
 REMOVE, _, PROMOTE, DEMOTE, BLOCK, _, UNBLOCK, TRACK, _, EXTEND, FINALIZE, RDMD, RECLAIM, _, WBINVD, CACHEWB, FLUSHDONE,
 FREEID, ACCEPT, GO, STOP, NOLEAF, PARAM, CPU, POISON, ENV, ACCESS, LIVES, MNGRD, VPRD, VPWR, RECLAIMID, SYSINIT, LPINIT,
 SYSCONFIG, SYSKEY, TDMRINIT, SYSRD, UPDATE, SHUTDOWN, DISABLE) = range(61)
LATER, LOADED, PACKAGES, CPUS = 1, 2, 4, 8      # of the header
BUSY_PAMT, BUSY_STATE, BUSY_TREE, BUSY_EPOCH, BUSY_KEYS, BUSY_SYS, BUSY_ENTRY = (n << 5 for n in range(1, 8))
P0, L0 = 0, 0xa1    # 0xa1 % 3 == 2
LOW = 0x28          # first page that no TD of the beginning has

TDX = {
    "build": rec(SEPT, 0, LOW, 0, 0) + rec(ADD, 0, LOW + 1, 0, 0) + rec(EXTEND, 0, 0, 0, 1) + rec(ADD, 0, LOW + 2, 1, 0)
    + rec(FINALIZE, 0) + rec(AUG, 0, LOW + 3, 2, 0) + rec(ACCEPT, 0, 0, 2, 0) + rec(BLOCK, 0, 0, 2, 0) + rec(TRACK, 0)
    + rec(REMOVE, 0, 0, 2, 0),
    "large": rec(FINALIZE, 0) + rec(AUG, 0, L0, 0x40, 1) + rec(ACCEPT, 0, 0, 0x40, 1) + rec(BLOCK, 0, 0, 0x40, 1)
    + rec(UNBLOCK, 0, 0, 0x40, 1),
    "vcpu": rec(FINALIZE, 0) + rec(GO, 0) + rec(STOP, 0) + rec(FLUSH, 0) + rec(ENTER, 0) + rec(FLUSH, 0),
    "teardown": rec(FLUSH, 0) + rec(FLUSHDONE, 0) + rec(CACHEWB, 0) + rec(FREEID, 0) + b"".join(rec(RECLAIM, 0, n) for n in (10, 1, 0)),
    "cut-short": rec(FLUSH, 0) + rec(FLUSHDONE, 0) + rec(CACHEWB, 1) + rec(CACHEWB, 0, 0, 0, 0, 0, 0xf8)
    + rec(CACHEWB, 1, 0, 0, 0, 0, 0xf9) + rec(CACHEWB, 1) + rec(CACHEWB, 1) + rec(CACHEWB, 2) + rec(FREEID, 0),
    "tree": rec(SEPT, 0, LOW, 0x40, 1) + rec(RD, 0, 0, 0, 1) + rec(RDMD, 0, LOW) + rec(BLOCK, 0, 0, 0, 1) + rec(TRACK, 0)
    + rec(SEPTREMOVE, 0, 0, 0, 1),
    "other": rec(CREATE, 1, 1) + rec(CONFIG, 1) + rec(ADDCX, 1, 101) + rec(WBINVD, 0, LOW, 1),
    "promote": rec(AUG, 0, L0, 0x40, 1) + rec(DEMOTE, 0, LOW, 0x40, 1) + rec(PROMOTE, 0, 0, 0x40, 1) + rec(FINALIZE, 0)
    + rec(BLOCK, 0, 0, 0x40, 1) + rec(TRACK, 0) + rec(DEMOTE, 0, LOW, 0x40, 1, 0, 0xf8)
    + rec(DEMOTE, 0, LOW, 0x40, 1) + rec(BLOCK, 0, 0, 0x40, 1) + rec(TRACK, 0)
    + rec(PROMOTE, 0, 0, 0x40, 1, 0, 0xf8) + rec(PROMOTE, 0, 0, 0x40, 1, 0, 0, 1),
    "fields": rec(FINALIZE, 0) + b"".join(rec(VPRD, 0, 0, n) for n in range(7, 13))
    + b"".join(rec(VPWR, 0, 0xb0, n, 0, 0, 1) for n in range(7, 13)) + b"".join(rec(MNGRD, 0, 0, n) for n in range(8))
    + b"".join(rec(SYSRD, 0, 0, n) for n in range(13, 25)) + rec(RECLAIMID),
    "params": rec(CREATE, 1, 1) + rec(CONFIG, 1) + b"".join(rec(ADDCX, 1, 100 + n) for n in range(1, 8))
    + b"".join(rec(PARAM, at & 255, at >> 8, 2 * bit + 1) + rec(INIT, 1) + rec(PARAM, at & 255, at >> 8, 2 * bit + 1)
               for at, bit in ((0, 1), (8, 0), (8, 5), (18, 7), (18, 1), (20, 0), (24, 0), (32, 3), (40, 3), (41, 7),
                               (50, 0), (224, 1), (245, 0), (256, 5), (1023, 0))) + rec(PARAM, 16) + rec(INIT, 1) + rec(PARAM, 16, 0, 2)
    + rec(PARAM, 224, 0, 1) + rec(PARAM, 232, 0, 1) + rec(INIT, 1) + rec(PARAM, 232, 0, 1) + rec(PARAM, 0, 1, 1) + rec(INIT, 1),
    "busy": rec(RDMD, 0, LOW, 0, 0, 0, 0, BUSY_PAMT) + rec(SEPT, 0, LOW, 0x40, 1, 0, 0, BUSY_STATE | 16)
    + rec(SEPT, 0, LOW, 0x40, 1, 0, 0, BUSY_STATE) + rec(SEPT, 0, LOW, 0x40, 1, 0, 0, BUSY_TREE)
    + rec(SEPT, 0, LOW, 0x40, 1, 0, 0, BUSY_ENTRY) + rec(AUG, 0, LOW, 0, 0, 0, 0, BUSY_PAMT | 4)
    + rec(AUG, 0, LOW, 0, 0, 0, 0, BUSY_PAMT) + rec(AUG, 0, LOW, 0, 0, 0, 0, BUSY_PAMT | 2)
    + rec(ACCEPT, 0, 0, 0, 0) + rec(TRACK, 0, 0, 0, 0, 0, 0, BUSY_EPOCH) + rec(FLUSHDONE, 0, 0, 0, 0, 0, 0, BUSY_KEYS)
    + rec(CACHEWB, 0, 0, 0, 0, 0, 0, BUSY_KEYS | 2) + rec(CREATE, 4, 1, 0, 0, 0, 0, BUSY_KEYS)
    + rec(SYSCONFIG, 0, 0, 0, 0, 0, 0, BUSY_SYS),
    "luck": rec(ENV, 1) + rec(CREATE, 1, 1) + rec(ENV, 2) + rec(CREATE, 1, 1) + rec(CONFIG, 1) + rec(ENV, 4) + rec(CONFIG, 1)
    + rec(ENV) + rec(CONFIG, 1) + b"".join(rec(ADDCX, 1, 100 + n) for n in range(1, 6)) + rec(ENV, 1) + rec(ADDCX, 1, 106)
    + rec(POISON, 0, 0xff) + rec(TRACK, 0) + rec(FLUSH, 0),
    "run": rec(FINALIZE, 0) + rec(AUG, 0, LOW, 1, 0) + rec(ENTER, 0, 0, 1, 0, 1) + rec(ACCESS, 0, 0, 1, 3, 9, 20)
    + rec(CPU, 1) + rec(ENTER, 0) + rec(CPU) + rec(ENTER, 0, 0xff) + rec(ENTER, 0) + rec(LIVES) + rec(NOLEAF, 200)
    + rec(NOLEAF, 3, 2) + rec(NOLEAF, 30, 2) + rec(NOLEAF, 23, 2) + rec(NOLEAF, 22, 0, 0xff, 9),
}
UP = rec(SYSINIT) + rec(LPINIT) + rec(CPU, 1) + rec(LPINIT) + rec(CPU)
TDX_LOADED = {
    "ready": UP + rec(SYSCONFIG, 1) + rec(SYSKEY) + rec(TDMRINIT, 0, 1) + rec(TDMRINIT, 0, 1) + rec(CREATE, 0, 1) + rec(CONFIG, 0)
    + b"".join(rec(ADDCX, 0, n) for n in range(1, 7)) + rec(INIT, 0) + rec(SHUTDOWN) + rec(TRACK, 0),
    "tdmrs": UP + b"".join(rec(SYSCONFIG, 1, at, value) for at in range(24) for value in (1, 4, 0x83)) + rec(SYSCONFIG, 0x40)
    + rec(SYSCONFIG, 0xff) + rec(SYSCONFIG, 0, 0, 0, 0, 0, 0xff) + rec(UPDATE) + rec(ENV, 4) + rec(SYSCONFIG) + rec(SYSKEY)
    + rec(ENV, 2) + rec(SYSKEY) + rec(ENV) + rec(SYSKEY) + rec(DISABLE),
}


MISTAKES = {
    "snp": rec(0) + launch(CTX, 1) + update(CTX, PAGE, 1, 1) + rec(7, PAGE),
    "tdx": rec(1, 0, 1) + rec(FINALIZE, 0) + rec(AUG, 0, L0, 0x40, 1) + rec(ACCEPT, 0, 0, 0x40, 1)
    + rec(BLOCK, 0, 0, 0x40, 1) + rec(TRACK, 0) + rec(DEMOTE, 0, LOW, 0x40, 1),
}


# Those that do without the operations in which fuzz_broken.c has its mistakes.
PLAIN = ("launch", "large", "two", "imi", "swap", "move", "message", "debug", "shutdown", "sev",
         "build", "vcpu", "teardown", "tree", "other")


def hand_made(kind, plain=False):
    for name, data in (SNP if kind == "snp" else TDX).items():
        if plain and name not in PLAIN:
            continue
        yield rec(int(kind == "tdx"), 0, 1 if name in ("other", "params", "luck") else 3) + data
    for data in TDX_LOADED.values() if kind == "tdx" and not plain else ():
        yield rec(1, LOADED | LATER) + data
        yield rec(1, LOADED | CPUS | PACKAGES) + data


def unpack(kind, directory):
    os.makedirs(directory, exist_ok=True)
    with gzip.open(os.path.join(HERE, "corpus", kind + ".gz"), "rt") as f:
        for n, ln in enumerate(f):
            with open(os.path.join(directory, f"{kind}-{n:04}"), "wb") as out:
                out.write(bytes.fromhex(ln))


def pack(kind, directories):
    inputs = dict.fromkeys(hand_made(kind))
    for d in directories:
        for name in sorted(os.listdir(d)):
            with open(os.path.join(d, name), "rb") as f:
                inputs[f.read()] = None
    text = "".join(x.hex() + "\n" for x in inputs)
    with open(os.path.join(HERE, "corpus", kind + ".gz"), "wb") as f:
        f.write(gzip.compress(text.encode(), mtime=0))


def main(argv):
    if len(argv) < 3 or argv[0] not in ("mistake", "pack", "unpack") or argv[1] not in ("snp", "tdx"):
        sys.exit(__doc__)
    if argv[0] == "mistake":
        with open(argv[2], "wb") as f:
            f.write(MISTAKES[argv[1]])
    elif argv[0] == "pack":
        pack(argv[1], argv[2:])
    else:
        unpack(argv[1], argv[2])


if __name__ == "__main__":
    main(sys.argv[1:])
