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
}

# TDX: leaves by their place in the table
(CREATE, CONFIG, ADDCX, _, INIT, VPCREATE, VPADDCX, VPINIT, FLUSH, ENTER, SEPT, _, _, RD, SEPTREMOVE, ADD, _, AUG, _, _,
 REMOVE, _, PROMOTE, DEMOTE, BLOCK, _, UNBLOCK, TRACK, _, EXTEND, FINALIZE, RDMD, RECLAIM, _, WBINVD, CACHEWB, FLUSHDONE,
 FREEID, ACCEPT, GO, STOP) = range(41)
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
    "tree": rec(SEPT, 0, LOW, 0x40, 1) + rec(RD, 0, 0, 0, 1) + rec(RDMD, 0, LOW) + rec(BLOCK, 0, 0, 0, 1) + rec(TRACK, 0)
    + rec(SEPTREMOVE, 0, 0, 0, 1),
    "other": rec(CREATE, 1, 1) + rec(CONFIG, 1) + rec(ADDCX, 1, 101) + rec(WBINVD, 0, LOW, 1),
}


MISTAKES = {
    "snp": rec(0) + launch(CTX, 1) + update(CTX, PAGE, 1, 1) + rec(7, PAGE),
    "tdx": rec(1, 0, 1) + rec(FINALIZE, 0) + rec(AUG, 0, L0, 0x40, 1) + rec(ACCEPT, 0, 0, 0x40, 1)
    + rec(BLOCK, 0, 0, 0x40, 1) + rec(TRACK, 0) + rec(DEMOTE, 0, LOW, 0x40, 1),
}


def hand_made(kind):
    for name, data in (SNP if kind == "snp" else TDX).items():
        yield rec(int(kind == "tdx"), 0, 1 if name == "other" else 3) + data


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
