#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The digest calculator against digests that others have published."""

import hashlib
import json
import os
import struct
import sys
import unittest

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


if __name__ == "__main__":
    unittest.main()
