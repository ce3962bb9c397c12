#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The digest calculator against digests that others have published."""

import hashlib
import json
import os
import struct
import sys
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import measure as m  # noqa: E402

# virtee/sev-snp-measure publishes, with its tests, the digest after the image
# "ovmf_AmdSev_suffix.bin" and launch digests that follow from it.  These are
# the image's sections and its reset address.
AMDSEV_AFTER_IMAGE = bytes.fromhex(
    "086e2e9149ebf45abdc3445fba5b2da8270bdbb04094d7a2"
    "c37faaa4b24af3aa16aff8c374c2a55c467a50da6d466b74")
AMDSEV_SECTIONS = (
    (0x800000, 0x9000, m.SECTION_MEM),
    (0x80A000, 0x3000, m.SECTION_MEM),
    (0x80D000, 0x1000, m.SECTION_SECRETS),
    (0x80E000, 0x1000, m.SECTION_CPUID),
    (0x80F000, 0x1000, m.SECTION_CAA),
    (0x810000, 0x1000, m.SECTION_HASHES),
    (0x811000, 0xF000, m.SECTION_MEM),
)
AMDSEV_RESET = 0x80B004
AMDSEV_HASHES_OFFSET = 0xC00

# (vCPUs, VMSA features, kernel command line or None, digest), EPYC-v4 each
PUBLISHED = (
    (1, 0x01, None,
     "19358ba9a7615534a9a1e2f0dfc29384dcd4dcb7062ff9c6"
     "013b26869a5fc6ecabe033c48dd6f6db5d6d76e7c5df632d"),
    (1, 0x21, None,
     "e1e1ca029dd7973ab9513295be68198472dcd4fc834bd9af"
     "9b63f6e8a1674dbf281a9278a4a2ebe0eed9f22adbcd0e2b"),
    (1, 0x01, "",
     "ddc5224521617a536ee7ce9dd6224d1b58a8d4fda1c741f3"
     "ac99fc4bfa04ba6e9fc98646d4a07a9079397fa3852819b5"),
    (1, 0x21, "",
     "329c8ce0972ae52343b64d34a434a86f245dfd74f5ed7aae"
     "15d22efc78fb9683632b9b50e4e1d7fa41179ef98a7ef198"),
    (1, 0x01, "console=ttyS0 loglevel=7",
     "6d287813eb5222d770f75005c664e34c204f385ce832cc2c"
     "e7d0d6f354454362f390ef83a92046c042e706363b4b08fa"),
    (1, 0x21, "console=ttyS0 loglevel=7",
     "803f691094946e42068aaa3a8f9e26a5c89f36f7b73ecfb2"
     "8c653360fe4b3aba7e534442e7e1e17895dfe778d0228977"),
    (4, 0x01, "",
     "5061fffb019493a903613d56d54b94912a1a2f9e4502385f"
     "5c194616753720a92441310ba6c4933de877c36e23046ad5"),
    (4, 0x21, "",
     "4953b1fb416fa874980e8442b3706d345926d5f38879134e"
     "00813c5d7abcbe78eafe7b422907be0b4698e2414a631942"),
)

# CPUID signatures that public calculators list
SIGNATURES = {
    "EPYC": 0x800F12, "EPYC-v1": 0x800F12, "EPYC-v2": 0x800F12,
    "EPYC-IBPB": 0x800F12, "EPYC-v3": 0x800F12, "EPYC-v4": 0x800F12,
    "EPYC-Rome": 0x830F10, "EPYC-Rome-v1": 0x830F10,
    "EPYC-Rome-v2": 0x830F10, "EPYC-Rome-v3": 0x830F10,
    "EPYC-Milan": 0xA00F11, "EPYC-Milan-v1": 0xA00F11,
    "EPYC-Milan-v2": 0xA00F11,
    "EPYC-Genoa": 0xA10F10, "EPYC-Genoa-v1": 0xA10F10,
    "EPYC-Turin": 0xB00F00,
}

# Single pages and short sequences, as the firmware itself measured them
ONE_PAGE = {
    (m.NORMAL, 0x1000, bytes(4096)):
        "e6e4d78904d9d6b33c0cbfd121998fd2d11744dae606b3ae"
        "e35e2a45d6869b60b35c63928a9232bef72d6be386f48ec6",
    (m.ZERO, 0x1000, None):
        "4bd4147976a1e7554c1c778a781affc1c672f1965a727ba1"
        "6084989b7e356044a28bbe585a2f75dac9356fa5ab78f061",
    (m.SECRETS, 0x1000, None):
        "ede71fa5ddc72c3de70c6ff1149b8ecb6ef08b74b1d3a72c"
        "2cece10bd140c06a6181343d33def7db6cc0da1ff9ba4805",
}


# MRTDs that the published TDX module 1.5.01 itself came to: what was done, as
# (address, offsets of the chunks that were extended), and the register.  The
# page's contents are SOURCE.
SOURCE = struct.pack("<512Q", *((0x9E3779B97F4A7C15 + k) % 2**64
                                for k in range(512)))
TOP = 0x7FFFFFFFF000
MODULE = (
    ((),
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"
     "4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"),
    (((0, ()),),
     "8f3e9a8aca6784eab874f7aa4dda5d49104a88047f1f8669"
     "5ef2a88f5691a90e34aac48ce45ffa1f5a23c7d62980d570"),
    (((0, range(0, 4096, 256)),),
     "be099594d8d4870a8d0a45232e50375f48346d00be406004"
     "a78515868c9352bf83cbc7481c17a1ff219cd1dd81b592d4"),
    (((TOP, (0, 0xF00)),),
     "fc31374fb590654fd09c73949ae1d078e1bf93b2790b1a7c"
     "cb5afc047c6cbe3ebca2d1e5af64d942157d95baea407f4e"),
)

# aleph-im/aleph-vm publishes, with the tests of its two calculators (one in
# Rust, one in Python), the MRTD of a made-up image: 3 pages of the bytes
# 13 i + 5, a BFV and a CFV that are both measured, a TD HOB of two pages, and
# temporary memory that is added later.  Its metadata are in the third page.
ALEPH_SECTIONS = ((0x0000, 0x1000, 0xFFFFF000, 0x1000, 0, m.MR_EXTEND),
                  (0x1000, 0x1000, 0xFFFFE000, 0x1000, 1, m.MR_EXTEND),
                  (0, 0, 0x00809000, 0x2000, m.TD_HOB, 0),
                  (0, 0, 0x0080B000, 0x1000, 3, m.PAGE_AUG))
ALEPH_MRTD = ("168f5582b72265ed01aad1edd402f5d096c12d95385b5f38"
              "959b5cc8c128e6efe6e13e854e211a1ee4e4a4eeafa36fa6")


def aleph_image():
    data = bytearray((13 * i + 5) & 0xFF for i in range(0x3000))
    meta = struct.pack("<4sIII", b"TDVF", 16 + 32 * len(ALEPH_SECTIONS), 1,
                       len(ALEPH_SECTIONS))
    meta += b"".join(struct.pack("<IIQQII", *s) for s in ALEPH_SECTIONS)
    data[0x2000:0x2000 + len(meta)] = meta
    entry = (struct.pack("<IH", 0x1000, 22) +
             uuid.UUID(m.TDX_METADATA_GUID).bytes_le)
    table = (entry + struct.pack("<H", len(entry) + 18) +
             uuid.UUID(m.FOOTER_GUID).bytes_le)
    data[-32 - len(table):-32] = table
    return bytes(data)


class Measure(unittest.TestCase):
    def test_published_launch_digests(self):
        for count, features, cmdline, digest in PUBLISHED:
            with self.subTest(vcpus=count, features=features, cmd=cmdline):
                x = m.Measurement(AMDSEV_AFTER_IMAGE)
                page = None
                if cmdline is not None:
                    page = m.hashes_page(AMDSEV_HASHES_OFFSET,
                                         cmdline=cmdline)
                m.metadata(x, AMDSEV_SECTIONS, page)
                m.vcpus(x, count, AMDSEV_RESET, m.CPUS["EPYC-v4"], features)
                self.assertEqual(x.digest.hex(), digest)

    def test_signatures(self):
        for name, sig in SIGNATURES.items():
            with self.subTest(cpu=name):
                self.assertEqual(m.CPUS[name], sig)

    def test_one_page(self):
        for (kind, gpa, data), digest in ONE_PAGE.items():
            with self.subTest(type=kind):
                x = m.Measurement()
                x.page(kind, gpa, data)
                self.assertEqual(x.digest.hex(), digest)

    def test_every_byte_of_a_vmsa_counts(self):
        base = m.vmsa_page(m.BSP_RESET, m.CPUS["EPYC-v4"])
        seen = set()
        for offset in range(0, 4096, 97):
            page = bytearray(base)
            page[offset] ^= 1
            x = m.Measurement()
            x.page(m.VMSA, m.VMSA_GPA, bytes(page))
            seen.add(x.digest)
        self.assertEqual(len(seen), len(range(0, 4096, 97)))

    def test_golden_file(self):
        """The digests that `make run` compares with are ours to derive."""
        with open(os.path.join(HERE, "..", "golden.json")) as f:
            golden = json.load(f)["images"]
        checked = 0
        for path in sorted({g["file"] for g in golden.values()}):
            if not os.path.exists(path):
                continue
            with open(path, "rb") as f:
                data = f.read()
            want = golden.get(hashlib.sha256(data).hexdigest())
            if not want:
                continue
            checked += 1
            if "tdx" in want:
                x = m.measure_tdx(data)
                self.assertEqual(x.digest.hex(), want["tdx"]["mrtd"])
                self.assertEqual(x.pages, want["tdx"]["pages"])
            if "final" not in want:
                continue
            x = m.measure(data, with_vmsa=False)
            self.assertEqual(x.digest.hex(), want["image_and_metadata"])
            self.assertEqual(x.pages, want["pages"])
            for cpu, by_smp in want["final"].items():
                for smp, digest in by_smp.items():
                    x = m.measure(data, cpu, int(smp))
                    self.assertEqual(x.digest.hex(), digest)
        if not checked:
            self.skipTest("no image with a golden digest on this machine")

    def test_image_without_table(self):
        with self.assertRaises(ValueError):
            m.Image(bytes(4096))

    def test_record_layout(self):
        """The record is 0x70 bytes and ends in the address."""
        x = m.Measurement()
        x.page(m.ZERO, 0x123456789000)
        record = (bytes(96) + b"\x70\x00\x03" + bytes(5) +
                  struct.pack("<Q", 0x123456789000))
        self.assertEqual(x.digest, hashlib.sha384(record).digest())

    def test_module(self):
        for operations, mrtd in MODULE:
            with self.subTest(operations=operations):
                x = m.Mrtd()
                for gpa, chunks in operations:
                    x.add(gpa)
                    for at in chunks:
                        x.extend(gpa + at, SOURCE[at:at + 256])
                self.assertEqual(x.digest.hex(), mrtd)

    def test_page_is_what_the_module_does_for_one(self):
        x = m.Mrtd()
        x.page(0, SOURCE)
        self.assertEqual(x.digest.hex(), MODULE[2][1])
        x = m.Mrtd()
        x.page(0)
        self.assertEqual(x.digest.hex(), MODULE[1][1])

    def test_published_mrtd(self):
        x = m.measure_tdx(aleph_image())
        self.assertEqual(x.digest.hex(), ALEPH_MRTD)
        self.assertEqual(x.pages, 4)

    def test_what_mrtd_depends_on(self):
        image = bytearray(aleph_image())
        base = m.measure_tdx(bytes(image)).digest
        for at, what in ((0x123, True), (0x1FFF, True), (0x2F00, False)):
            image[at] ^= 1
            with self.subTest(at=at):
                self.assertEqual(m.measure_tdx(bytes(image)).digest != base,
                                 what)
            image[at] ^= 1

    def test_section_outside_of_the_image(self):
        image = bytearray(aleph_image())
        struct.pack_into("<I", image, 0x2010, 0x2800)
        with self.assertRaises(ValueError):
            m.measure_tdx(bytes(image))

    def test_td_hob(self):
        """RAM of 16 MiB with the two sections of ALEPH_SECTIONS in it."""
        hob = m.td_hob(m.Image(aleph_image()), 16 << 20)
        # UEFI's platform initialization: hand-off block, resource blocks, end
        self.assertEqual(hob[:16].hex(), "01003800" "00000000" "09000000"
                         "00000000")
        self.assertEqual(struct.unpack_from("<Q", hob, 48)[0],
                         0x809000 + len(hob))
        blocks = [struct.unpack_from("<HHI16xIIQQ", hob, at)
                  for at in range(56, len(hob) - 8, 48)]
        self.assertEqual([b[3:] for b in blocks],
                         [(7, 7, 0, 0x809000), (0, 7, 0x809000, 0x2000),
                          (7, 7, 0x80B000, 0x7F5000)])
        self.assertEqual({b[:3] for b in blocks}, {(3, 48, 0)})
        self.assertEqual(hob[-8:].hex(), "ffff080000000000")


if __name__ == "__main__":
    unittest.main()
