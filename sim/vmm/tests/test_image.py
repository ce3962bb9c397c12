#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Bad images: each field of a good one is broken, and the message is checked.

Runs the launcher as users do, and a build of its parser with sanitizers.
"""

import os
import re
import struct
import subprocess
import sys
import tempfile
import unittest

import ovmf
from ovmf import (AUG, BFV, CFV, EXTEND, FOOTER, METADATA, PERM_MEM, RESET,
                  TDX_METADATA, TD_HOB, TEMP_MEM, Editable, EditableTdx,
                  synthetic)

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import measure  # noqa: E402

BUILD = os.environ.get("GMEM_LAUNCH_BUILD", "build")
PROGRAMS = {
    "snp": ([os.path.join(BUILD, "gmem-launch"), "--check", "--image"],
            [os.path.join(BUILD, "test_image"), "--snp"]),
    "tdx": ([os.path.join(BUILD, "gmem-launch"), "--check", "--type", "tdx",
             "--image"],
            [os.path.join(BUILD, "test_image"), "--tdx"]),
}

NO_ENTRY = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def rename(e, name):
    e.data[e.entry_guid[name]:e.entry_guid[name] + 16] = b"\xff" * 16
    return e


def cut(n):
    return lambda e: e.data[:n] if n > 0 else e.data[:e.size + n]


# name: (how to break an Editable, the whole message after the file's name)
CASES = {
    "empty file": (cut(0x0 + 1), None),     # replaced below
    "not an image": (
        lambda e: bytes(e.size),
        r"GUID table footer: 0{8}-0000-0000-0000-0{12}, should be "
        + FOOTER + r" \(not an OVMF image, or truncated\)"),
    "size not a multiple of a page": (
        lambda e: e.data[:-1],
        r"size: \d+ bytes, not a multiple of 4096 \(truncated\?\)"),
    "last page cut off": (
        lambda e: e.data[:-4096],
        r"GUID table footer: [0-9a-f-]{36}, should be " + FOOTER +
        r" \(not an OVMF image, or truncated\)"),
    "first part cut off, metadata with it": (
        lambda e: Editable(e.data).u32(
            e.entry_data[METADATA], e.size).data[-0x1000:],
        r"SEV metadata offset: 0x[0-9a-f]+, outside the image of 0x1000 "
        r"bytes"),
    "first page cut off, metadata still there": (
        lambda e: e.data[0x1000:],
        r"firmware volume signature at 0x28: 0x[0-9a-f]{8}, should be "
        r"0x4856465f \(the image's beginning is missing\)"),
    "footer GUID": (
        lambda e: e.u16(e.footer_guid, 0x1234).data,
        r"GUID table footer: 96b51234-1fb2-45f7-baea-a366c55a082d, should be "
        + FOOTER + r" \(not an OVMF image, or truncated\)"),
    "table length 0": (
        lambda e: e.u16(e.table_length, 0).data,
        r"GUID table length: 0, less than its footer of 18 bytes"),
    "table length 17": (
        lambda e: e.u16(e.table_length, 17).data,
        r"GUID table length: 17, less than its footer of 18 bytes"),
    "table length ends inside an entry": (
        lambda e: e.u16(e.table_length, struct.unpack_from(
            "<H", e.data, e.table_length)[0] - 1).data,
        r"length of GUID table entry [0-9a-f-]{36}: \d+, should be 18 to "
        r"\d+"),
    "table length a few bytes too long": (
        lambda e: e.u16(e.table_length, struct.unpack_from(
            "<H", e.data, e.table_length)[0] + 5).data,
        r"GUID table length: \d+, leaves 5 bytes in front of the first "
        r"entry"),
    "entry length 0": (
        lambda e: e.u16(e.entry_length[RESET], 0).data,
        r"length of GUID table entry " + RESET +
        r": 0, should be 18 to \d+"),
    "entry length too long": (
        lambda e: e.u16(e.entry_length[METADATA], 0xFFFF).data,
        r"length of GUID table entry " + METADATA +
        r": 65535, should be 18 to \d+"),
    "no metadata entry": (
        lambda e: rename(e, METADATA).data,
        r"SEV metadata: no such entry in the GUID table \(image built "
        r"without SNP support\)"),
    "no reset block": (
        lambda e: rename(e, RESET).data,
        r"SEV-ES reset block: no such entry in the GUID table"),
    "reset address 0": (
        lambda e: e.u32(e.entry_data[RESET], 0).data,
        r"SEV-ES reset address: 0"),
    "metadata offset 0": (
        lambda e: e.u32(e.entry_data[METADATA], 0).data,
        r"SEV metadata offset: 0, outside the image of 0x[0-9a-f]+ bytes"),
    "metadata offset 15": (
        lambda e: e.u32(e.entry_data[METADATA], 15).data,
        r"SEV metadata offset: 0xf, outside the image of 0x[0-9a-f]+ bytes"),
    "metadata offset beyond the start": (
        lambda e: e.u32(e.entry_data[METADATA], e.size + 1).data,
        r"SEV metadata offset: 0x[0-9a-f]+, outside the image of "
        r"0x[0-9a-f]+ bytes"),
    "metadata offset 4 GiB - 1": (
        lambda e: e.u32(e.entry_data[METADATA], 0xFFFFFFFF).data,
        r"SEV metadata offset: 0xffffffff, outside the image of "
        r"0x[0-9a-f]+ bytes"),
    "metadata runs out of the image": (
        lambda e: [e.data.__setitem__(
            slice(e.size - 16, e.size),
            struct.pack("<4sIII", b"ASEV", 28, 1, 1)),
            e.u32(e.entry_data[METADATA], 16)][1].data,
        r"SEV metadata length: 28, only 16 bytes are left in the image"),
    "signature": (
        lambda e: e.u16(e.meta, 0x5858).data,
        r"SEV metadata signature: 58 58 45 56, should be \"ASEV\""),
    "metadata length": (
        lambda e: e.u32(e.meta + 4, 17).data,
        r"SEV metadata length: 17, should be \d+ for \d+ sections"),
    "metadata length that would wrap": (
        lambda e: e.u32(e.meta + 4, 0xFFFFFFFF).data,
        r"SEV metadata length: 4294967295, should be \d+ for \d+ sections"),
    "version": (
        lambda e: e.u32(e.meta + 8, 2).data,
        r"SEV metadata version: 2, should be 1"),
    "no sections": (
        lambda e: e.u32(e.meta + 12, 0).data,
        r"SEV metadata section count: 0, should be 1 to 64"),
    "too many sections": (
        lambda e: e.u32(e.meta + 12, 65).data,
        r"SEV metadata section count: 65, should be 1 to 64"),
    "a section count that would wrap": (
        lambda e: e.u32(e.meta + 12, 0x15555556).data,
        r"SEV metadata section count: 357913942, should be 1 to 64"),
    "one section more than there are": (
        lambda e: e.u32(e.meta + 12, e.count + 1).data,
        r"SEV metadata length: \d+, should be \d+ for \d+ sections"),
    "section type 0": (
        lambda e: e.section(0, kind=0).data,
        r"type of section 0: 0, unknown"),
    "section type unknown": (
        lambda e: e.section(1, kind=5).data,
        r"type of section 1: 0x5, unknown"),
    "section misaligned": (
        lambda e: e.section(1, gpa=0x80A800).data,
        r"address of section 1 \(ZERO\): 0x80a800, not a multiple of 4096"),
    "section size 0": (
        lambda e: e.section(1, size=0).data,
        r"size of section 1 \(ZERO\): 0"),
    "section size not a multiple of a page": (
        lambda e: e.section(1, size=0x801).data,
        r"size of section 1 \(ZERO\): 0x801, not a multiple of 4096"),
    "section beyond 4 GiB": (
        lambda e: e.section(0, gpa=0xFFFFF000, size=0x2000).data,
        r"end of section 0 \(ZERO\): 0x100001000, beyond 4 GiB"),
    "largest section": (
        lambda e: e.section(0, gpa=0xFFFFF000, size=0xFFFFF000).data,
        r"end of section 0 \(ZERO\): 0x1ffffe000, beyond 4 GiB"),
    "section reaches into the image": (
        lambda e: e.section(0, gpa=2**32 - e.size - 0x1000,
                            size=0x2000).data,
        r"end of section 0 \(ZERO\): 0x[0-9a-f]+, overlaps the image at "
        r"0x[0-9a-f]+"),
    "section inside the image": (
        lambda e: e.section(0, gpa=0xFFFFF000, size=0x1000).data,
        r"end of section 0 \(ZERO\): 0x100000000, overlaps the image at "
        r"0x[0-9a-f]+"),
    "two sections overlap": (
        lambda e: e.section(1, gpa=0x808000).data,
        r"address of section 1 \(ZERO\): 0x808000, overlaps section 0 "
        r"\(ZERO\) at 0x800000"),
    "a section around another": (
        lambda e: e.section(1, gpa=0x7FF000, size=0x20000).data,
        r"address of section 1 \(ZERO\): 0x7ff000, overlaps section 0 "
        r"\(ZERO\) at 0x800000"),
    "two CPUID pages": (
        lambda e: e.section(0, size=0x1000, kind=3).data,
        r"type of section 3: CPUID, section 0 has it already"),
    "two SECRETS pages": (
        lambda e: e.section(0, size=0x1000, kind=2).data,
        r"type of section 2: SECRETS, section 0 has it already"),
    "CPUID of two pages": (
        lambda e: e.section(e.find(3)[0], size=0x2000).data,
        r"size of section 3 \(CPUID\): 0x2000, should be one page"),
    "SECRETS of two pages": (
        lambda e: e.section(e.find(2)[0], size=0x2000).data,
        r"size of section 2 \(SECRETS\): 0x2000, should be one page"),
}
CASES["sections of 2 GiB"] = (
    lambda e: e.section(0, gpa=0x40000000, size=0x80000000).data,
    r"size of section 0 \(ZERO\): 0x80000000, all so far are 0x80000000, "
    r"at most 0x10000000 are launched")
CASES["empty file"] = (lambda e: b"",
                       r"size: 0 bytes, an image has at least 4096")


def tdx(section, **changes):
    """Change the first section of a type."""
    return lambda e: e.section(e.find(section)[0], **changes).data


def named(kind, text):
    return r" of section \d+ \(" + kind + r"\): " + text


TDX_CASES = {
    "not an image": CASES["not an image"],
    "size not a multiple of a page": CASES["size not a multiple of a page"],
    "last page cut off": CASES["last page cut off"],
    "first page cut off": (
        lambda e: e.data[0x1000:],
        r"data of section 0 \(BFV\): 0x[0-9a-f]+ bytes at offset "
        r"0x[0-9a-f]+, outside the image of 0x[0-9a-f]+ bytes"),
    "firmware volume": (
        lambda e: e.u32(0x28, 0).data,
        r"firmware volume signature at 0x28: 0x00000000, should be "
        r"0x4856465f \(the image's beginning is missing\)"),
    "no metadata entry": (
        lambda e: rename(e, TDX_METADATA).data,
        r"TDX metadata: no such entry in the GUID table \(image built "
        r"without TDX support\)"),
    "metadata offset 0": (
        lambda e: e.u32(e.entry_data[TDX_METADATA], 0).data,
        r"TDX metadata offset: 0, outside the image of 0x[0-9a-f]+ bytes"),
    "metadata offset 15": (
        lambda e: e.u32(e.entry_data[TDX_METADATA], 15).data,
        r"TDX metadata offset: 0xf, outside the image of 0x[0-9a-f]+ bytes"),
    "metadata offset beyond the start": (
        lambda e: e.u32(e.entry_data[TDX_METADATA], e.size + 1).data,
        r"TDX metadata offset: 0x[0-9a-f]+, outside the image of "
        r"0x[0-9a-f]+ bytes"),
    "metadata runs out of the image": (
        lambda e: [e.data.__setitem__(
            slice(e.size - 16, e.size),
            struct.pack("<4sIII", b"TDVF", 48, 1, 1)),
            e.u32(e.entry_data[TDX_METADATA], 16)][1].data,
        r"TDX metadata length: 48, only 16 bytes are left in the image"),
    "signature": (
        lambda e: e.u16(e.meta, 0x5858).data,
        r"TDX metadata signature: 58 58 56 46, should be \"TDVF\""),
    "metadata length": (
        lambda e: e.u32(e.meta + 4, 17).data,
        r"TDX metadata length: 17, should be \d+ for \d+ sections"),
    "metadata length that would wrap": (
        lambda e: e.u32(e.meta + 4, 0xFFFFFFFF).data,
        r"TDX metadata length: 4294967295, should be \d+ for \d+ sections"),
    "version": (
        lambda e: e.u32(e.meta + 8, 2).data,
        r"TDX metadata version: 2, should be 1"),
    "no sections": (
        lambda e: e.u32(e.meta + 12, 0).data,
        r"TDX metadata section count: 0, should be 1 to 64"),
    "too many sections": (
        lambda e: e.u32(e.meta + 12, 65).data,
        r"TDX metadata section count: 65, should be 1 to 64"),
    "a section count that would wrap": (
        lambda e: e.u32(e.meta + 12, 0x08000001).data,
        r"TDX metadata section count: 134217729, should be 1 to 64"),
    "one section more than there are": (
        lambda e: e.u32(e.meta + 12, e.count + 1).data,
        r"TDX metadata length: \d+, should be \d+ for \d+ sections"),
    "section type unknown": (
        tdx(TEMP_MEM, kind=5), r"type of section 2: 0x5, unknown"),
    "unknown attribute": (
        tdx(TEMP_MEM, attributes=0x14),
        "attributes" + named("TEMP_MEM", "0x14, unknown bits 0x14")),
    "measured and added later": (
        tdx(TEMP_MEM, attributes=EXTEND | AUG),
        "attributes" + named("TEMP_MEM", r"0x3, both MR.EXTEND and PAGE.AUG "
                             r"\(such a page can't be measured\)")),
    "firmware added later": (
        tdx(BFV, attributes=AUG),
        "attributes" + named("BFV", r"0x2, PAGE.AUG \(such a page has no "
                             r"contents\)")),
    "HOB added later": (
        tdx(TD_HOB, attributes=AUG),
        "attributes" + named("TD_HOB", r"0x2, PAGE.AUG \(such a page has no "
                             r"contents\)")),
    "section misaligned": (
        tdx(TEMP_MEM, gpa=0x80A800),
        "address" + named("TEMP_MEM", "0x80a800, not a multiple of 4096")),
    "section size 0": (
        tdx(TEMP_MEM, size=0), "size" + named("TEMP_MEM", "0")),
    "section size not a multiple of a page": (
        tdx(TD_HOB, size=0x1001),
        "size" + named("TD_HOB", "0x1001, not a multiple of 4096")),
    "section at 4 GiB": (
        tdx(TEMP_MEM, gpa=1 << 32),
        "address" + named("TEMP_MEM", "0x100000000, beyond 4 GiB")),
    "section at the end of the address space": (
        tdx(TEMP_MEM, gpa=2**64 - 0x1000),
        "address" + named("TEMP_MEM", "0xfffffffffffff000, beyond 4 GiB")),
    "section beyond 4 GiB": (
        tdx(TEMP_MEM, gpa=0xFFFFF000, size=0x2000),
        "size" + named("TEMP_MEM", "0x2000 at 0xfffff000, reaches beyond "
                       "4 GiB")),
    "section size that would wrap": (
        tdx(TEMP_MEM, size=2**64 - 0x1000),
        "size" + named("TEMP_MEM", "0xfffffffffffff000 at 0x[0-9a-f]+, "
                       "reaches beyond 4 GiB")),
    "section reaches into the image": (
        lambda e: e.section(e.find(TEMP_MEM)[0], size=0x2000,
                            gpa=2**32 - e.size - 0x1000).data,
        "end" + named("TEMP_MEM", "0x[0-9a-f]+, begins below the image at "
                      "0x[0-9a-f]+ and ends in it")),
    "section over the firmware": (
        tdx(TEMP_MEM, gpa=0xFFFFF000, size=0x1000),
        "address" + named("TEMP_MEM", r"0xfffff000, overlaps section 0 "
                          r"\(BFV\) at 0x[0-9a-f]+")),
    "two sections overlap": (
        tdx(TD_HOB, gpa=0x80A000),
        "address" + named("TD_HOB", r"0x80a000, overlaps section \d+ "
                          r"\(TEMP_MEM\) at 0x80b000")),
    "sections of 2 GiB": (
        tdx(TEMP_MEM, gpa=0x40000000, size=0x80000000),
        "size" + named("TEMP_MEM", "0x80000000, all so far are "
                       "0x[0-9a-f]+, at most 0x10000000 are launched")),
    "data in temporary memory": (
        tdx(TEMP_MEM, data_size=0x1000),
        "data size" + named("TEMP_MEM", "0x1000, should be 0")),
    "data in the HOB": (
        tdx(TD_HOB, data_size=0x1000),
        "data size" + named("TD_HOB", "0x1000, should be 0")),
    "data in permanent memory": (
        tdx(TEMP_MEM, kind=PERM_MEM, data_size=0x1000),
        "data size" + named("PERM_MEM", "0x1000, should be 0")),
    "firmware without data": (
        tdx(BFV, data_size=0),
        "data size" + named("BFV", "0, should be its size in memory, "
                            "0x[0-9a-f]+")),
    "less data than memory": (
        tdx(CFV, data_size=0x1000),
        "data size" + named("CFV", "0x1000, should be its size in memory, "
                            "0x[0-9a-f]+")),
    "less memory than data": (
        lambda e: e.section(1, size=e.find(CFV)[1][3] - 0x1000).data,
        "data size" + named("CFV", "0x[0-9a-f]+, should be its size in "
                            "memory, 0x[0-9a-f]+")),
    "data misaligned": (
        tdx(CFV, data=0x800),
        "data offset" + named("CFV", "0x800, not a multiple of 4096")),
    "data runs out of the image": (
        lambda e: e.section(1, data=e.size - 0x1000).data,
        "data" + named("CFV", "0x[0-9a-f]+ bytes at offset 0x[0-9a-f]+, "
                       "outside the image of 0x[0-9a-f]+ bytes")),
    "data behind the image": (
        tdx(CFV, data=0xFFFFF000),
        "data" + named("CFV", "0x[0-9a-f]+ bytes at offset 0xfffff000, "
                       "outside the image of 0x[0-9a-f]+ bytes")),
    "two HOBs": (
        tdx(TEMP_MEM, kind=TD_HOB),
        r"type of section \d+: TD_HOB, section 2 has it already"),
    "no HOB": (
        tdx(TD_HOB, kind=TEMP_MEM),
        r"TD_HOB: no section of this type among \d+"),
    "no firmware": (
        tdx(BFV, kind=CFV),
        r"reset vector: 0xfffffff0, in no section of type BFV"),
    "firmware elsewhere": (
        tdx(BFV, gpa=0x20000000),
        r"reset vector: 0xfffffff0, in no section of type BFV"),
}


class Images(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.dir.name, "image with blank.fd")

    def tearDown(self):
        self.dir.cleanup()

    def check(self, path, kind="snp"):
        """The one line that both programs print, or None if they accept."""
        lines = set()
        for program in PROGRAMS[kind]:
            r = subprocess.run(program + [path], capture_output=True,
                               text=True)
            if r.returncode == 0:
                self.assertEqual(r.stderr, "")
                lines.add(None)
                continue
            self.assertEqual(r.returncode, 1, r.stderr)
            self.assertEqual(r.stderr.count("\n"), 1, r.stderr)
            self.assertEqual(r.stdout, "")
            lines.add(r.stderr.rstrip("\n"))
        self.assertEqual(len(lines), 1, lines)
        return lines.pop()

    def refused(self, data, message, kind="snp"):
        with open(self.path, "wb") as f:
            f.write(data)
        line = self.check(self.path, kind)
        self.assertIsNotNone(line, "was accepted")
        want = re.escape(f"gmem-launch: {self.path}: ") + message
        self.assertRegex(line, "^" + want + "$")

    def accepted(self, data, kind="snp"):
        with open(self.path, "wb") as f:
            f.write(data)
        self.assertIsNone(self.check(self.path, kind))

    def test_missing_file(self):
        self.assertEqual(self.check(self.path), f"gmem-launch: {self.path}: "
                         "open: No such file or directory")

    def test_directory(self):
        self.assertRegex(self.check(self.dir.name),
                         r": type: mode 040\d+, not a regular file$")

    def test_device(self):
        self.assertRegex(self.check("/dev/null"),
                         r": type: mode 020\d+, not a regular file$")

    def test_huge_file(self):
        with open(self.path, "wb") as f:
            f.truncate((256 << 20) + 4096)
        self.assertRegex(self.check(self.path),
                         r": size: 268439552 bytes, an image has at most "
                         r"268435456$")

    def test_good(self):
        self.accepted(synthetic())
        self.accepted(synthetic(0x1000, ovmf.SECTIONS[:2]))

    def test_good_tdx(self):
        self.accepted(synthetic(), "tdx")
        self.accepted(synthetic(0x1000), "tdx")
        # The order of sections is the image's business.
        self.accepted(synthetic(tdx=ovmf.tdx_sections(0x4000)[::-1]), "tdx")

    def test_memory_that_comes_later_may_be_large(self):
        e = EditableTdx(synthetic())
        self.accepted(e.section(e.find(PERM_MEM)[0], gpa=1 << 30,
                                size=2 << 30).data, "tdx")

    def test_tdx_metadata_entry_length(self):
        self.refused(
            synthetic(entries=((TDX_METADATA, bytes(8)),)),
            r"length of the TDX metadata entry: 8 bytes of data, should be 4",
            "tdx")

    def test_code_without_variables(self):
        """Its metadata describes the image that has both."""
        path = "/usr/share/OVMF/OVMF_CODE.fd"
        if not os.path.exists(path):
            self.skipTest(f"{path} is not installed (package ovmf)")
        self.assertRegex(self.check(path, "tdx"),
                         r"data of section 0 \(BFV\): 0x1e0000 bytes at "
                         r"offset 0x20000, outside the image of 0x1e0000 "
                         r"bytes")

    def test_metadata_entry_length(self):
        self.refused(
            synthetic(entries=((METADATA, bytes(8)),
                               (RESET, struct.pack("<I", 1)))),
            r"length of the SEV metadata entry: 8 bytes of data, should be 4")

    def test_reset_entry_length(self):
        self.refused(
            synthetic(entries=((METADATA, struct.pack("<I", 0x800)),
                               (RESET, b"\1\2"))),
            r"length of the SEV-ES reset block: 2 bytes of data, should be "
            r"at least 4")

    def test_table_starts_before_the_image(self):
        e = Editable(synthetic(0x1000))
        self.refused(e.u16(e.table_length, 0xFFFF).data,
                     r"GUID table length: 65535, starts before the image")

    def test_table_without_entries(self):
        self.refused(synthetic(entries=()),
                     r"SEV metadata: no such entry in the GUID table \(image "
                     r"built without SNP support\)")

    def test_every_real_image_without_sev(self):
        path = "/usr/share/OVMF/OVMF_CODE_4M.fd"
        if not os.path.exists(path):
            self.skipTest(f"{path} is not installed (package ovmf)")
        self.assertRegex(self.check(path), "SEV metadata: no such entry")
        self.assertRegex(self.check(path, "tdx"),
                         "TDX metadata: no such entry")


def add(kind, name, image, data):
    mutate, message = {"snp": CASES, "tdx": TDX_CASES}[kind][name]

    def test(self):
        e = {"snp": Editable, "tdx": EditableTdx}[kind](data)
        self.refused(bytes(mutate(e)), message, kind)
    word = re.sub(r"\W+", "_", name)
    setattr(Images, f"test_{kind}_{image}_{word}", test)


def add_all():
    images = {"made_up": synthetic()}
    for path in ovmf.REAL:
        if os.path.exists(path):
            with open(path, "rb") as f:
                images[os.path.basename(path).split(".")[0]] = f.read()
    for image, data in images.items():
        for name in CASES:
            add("snp", name, image, data)
        if image != "OVMF_CODE":
            for name in TDX_CASES:
                add("tdx", name, image, data)
    if len(images) == 1:
        def test(self):
            self.skipTest("no OVMF image is installed (package ovmf)")
        Images.test_real_images = test


add_all()


class Hob(unittest.TestCase):
    """What the launcher tells a TD about its memory, and what the calculator says."""

    def same(self, path):
        r = subprocess.run([os.path.join(BUILD, "test_image"), "--tdx",
                            "--hob", path], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        with open(path, "rb") as f:
            image = measure.Image(f.read())
        self.assertEqual(r.stdout.strip(),
                         measure.td_hob(image, 128 << 20).hex())

    def test_made_up(self):
        rows = ovmf.tdx_sections(0x4000)
        for sections in (rows, rows[::-1], rows[:1] + rows[3:4],
                         # the first and the last page of memory
                         (*rows, (0, 0, 0, 0x1000, TEMP_MEM, 0),
                          (0, 0, (128 << 20) - 0x1000, 0x1000, TEMP_MEM, 0))):
            with self.subTest(sections=sections), \
                    tempfile.NamedTemporaryFile() as f:
                f.write(synthetic(tdx=sections))
                f.flush()
                self.same(f.name)

    def test_real(self):
        if not os.path.exists(ovmf.REAL[0]):
            self.skipTest("no OVMF image is installed (package ovmf)")
        self.same(ovmf.REAL[0])


class Mutations(unittest.TestCase):
    """Every byte of table and metadata, every value, under sanitizers."""

    def run_on(self, path, kind):
        r = subprocess.run([os.path.join(BUILD, "test_image"), "--" + kind,
                            "--mutate", path], capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        return [int(n) for n in re.findall(r"\d+", r.stdout)]

    def made_up(self, kind):
        with tempfile.NamedTemporaryFile() as f:
            f.write(synthetic(0x1000, ovmf.SECTIONS[:4]))
            f.flush()
            tried, accepted = self.run_on(f.name, kind)
        # Most bytes of a page do not matter; those that do are refused.
        self.assertEqual(tried, 4096 * 255)
        self.assertGreater(accepted, tried // 2)
        self.assertLess(accepted, tried)

    def test_snp(self):
        self.made_up("snp")

    def test_tdx(self):
        self.made_up("tdx")


if __name__ == "__main__":
    unittest.main()
