#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Launch digest of an SEV-SNP guest or MRTD of a TD, calculated without a machine.

This is the other witness: it shares nothing with the launcher, KVM or the
simulated firmware, so that a digest on which both agree is right.  It knows
the measurement records of firmware and TDX module, the OVMF image format, the
register state that QEMU gives to a vCPU at an SNP launch, and nothing else.

    measure.py IMAGE [--cpu EPYC-v4] [--smp 1] [--features 1] [--no-vmsa]
    measure.py IMAGE --tdx [--ram BYTES]
"""

import argparse
import hashlib
import struct
import sys
import uuid

PAGE = 4096
FOUR_GIB = 1 << 32
ZERO_DIGEST = bytes(48)

# Page types as the firmware numbers them.
NORMAL, VMSA, ZERO, UNMEASURED, SECRETS, CPUID = range(1, 7)

# Where Linux tells the firmware that every VMSA lies.
VMSA_GPA = 0xFFFFFFFFF000

FOOTER_GUID = "96b582de-1fb2-45f7-baea-a366c55a082d"
SEV_METADATA_GUID = "dc886566-984a-4798-a75e-5585a7bf67cc"
TDX_METADATA_GUID = "e47a6535-984a-4798-865e-4685a7bf8ec2"
RESET_BLOCK_GUID = "00f771de-1a7e-4fcb-890e-68c77e2fb44e"
HASH_TABLE_GUID = "7255371f-3a3b-4b04-927b-1da6efa8d454"

SECTION_MEM, SECTION_SECRETS, SECTION_CPUID, SECTION_CAA = 1, 2, 3, 4
SECTION_HASHES = 0x10

BSP_RESET = 0xFFFFFFF0

TD_HOB = 2
MR_EXTEND, PAGE_AUG = 1, 2


def signature(family, model, stepping):
    """CPUID leaf 1 EAX for a family above 0xf (every EPYC)."""
    return ((family - 0xF) << 20 | model >> 4 << 16 | 0xF << 8 |
            (model & 0xF) << 4 | stepping)


_GENERATIONS = (
    ("EPYC", signature(23, 1, 2), ("v1", "v2", "IBPB", "v3", "v4", "v5")),
    ("EPYC-Rome", signature(23, 49, 0), ("v1", "v2", "v3", "v4", "v5")),
    ("EPYC-Milan", signature(25, 1, 1), ("v1", "v2", "v3")),
    ("EPYC-Genoa", signature(25, 17, 0), ("v1", "v2")),
    ("EPYC-Turin", signature(26, 0, 0), ("v1",)),
)

CPUS = {name: sig for base, sig, suffixes in _GENERATIONS
        for name in [base] + [f"{base}-{s}" for s in suffixes]}


class Measurement:
    """The launch digest as the firmware extends it, one page at a time."""

    def __init__(self, start=ZERO_DIGEST):
        self.digest = start
        self.pages = 0

    def page(self, page_type, gpa, contents=None):
        inner = ZERO_DIGEST
        if page_type in (NORMAL, VMSA):
            assert len(contents) == PAGE
            inner = hashlib.sha384(contents).digest()
        # length of the record, type, no IMI, four VMPL bytes and a pad: zero
        record = (self.digest + inner +
                  struct.pack("<HBB4xQ", 0x70, page_type, 0, gpa))
        assert len(record) == 0x70
        self.digest = hashlib.sha384(record).digest()
        self.pages += 1

    def region(self, page_type, gpa, size, contents=None):
        for off in range(0, size, PAGE):
            part = contents[off:off + PAGE] if contents else None
            self.page(page_type, gpa + off, part)


class Image:
    """An OVMF image: the GUID table at its end, and what it says."""

    def __init__(self, data):
        self.data = data
        self.base = FOUR_GIB - len(data)
        self.table = self._table()

    def _table(self):
        end = len(self.data) - 32
        guid = self.data[end - 16:end]
        if guid != uuid.UUID(FOOTER_GUID).bytes_le:
            raise ValueError("no GUID table")
        length, = struct.unpack_from("<H", self.data, end - 18)
        start, at, table = end - length, end - 18, {}
        while at > start:
            size, = struct.unpack_from("<H", self.data, at - 18)
            name = str(uuid.UUID(bytes_le=self.data[at - 16:at]))
            table[name] = self.data[at - size:at - 18]
            at -= size
        return table

    def _descriptor(self, guid, magic, form):
        """Sections of a table of metadata: always the count, then entries."""
        if guid not in self.table:
            raise ValueError(f"no {magic} metadata")
        back, = struct.unpack("<I", self.table[guid][:4])
        at = len(self.data) - back
        found, _, _, count = struct.unpack_from("<4sIII", self.data, at)
        if found != magic.encode():
            raise ValueError(f"no {magic} metadata")
        return [struct.unpack_from(form, self.data,
                                   at + 16 + struct.calcsize(form) * i)
                for i in range(count)]

    @property
    def sections(self):
        """SNP: (address, size, type)."""
        return self._descriptor(SEV_METADATA_GUID, "ASEV", "<III")

    @property
    def reset(self):
        """SNP: where application processors start."""
        return struct.unpack("<I", self.table[RESET_BLOCK_GUID][:4])[0]

    @property
    def tdx_sections(self):
        """TDX: (data offset, data size, address, size, type, attributes)."""
        return self._descriptor(TDX_METADATA_GUID, "TDVF", "<IIQQII")


def hashes_page(offset, kernel=b"", initrd=b"", cmdline=""):
    """The page of kernel hashes for a directly booted kernel."""
    def entry(guid, payload):
        digest = hashlib.sha256(payload).digest()
        return uuid.UUID(guid).bytes_le + struct.pack("<H", 50) + digest

    entries = (
        entry("97d02dd8-bd20-4c94-aa78-e7714d36ab2a",
              cmdline.encode() + b"\0") +
        entry("44baf731-3a2f-4bd7-9af1-41e29169781d", initrd) +
        entry("4de79437-abd2-427f-b835-d5b172d2045b", kernel))
    table = (uuid.UUID("9438d606-4f22-4cc9-b479-a793d411fd21").bytes_le +
             struct.pack("<H", 18 + len(entries)) + entries)
    return bytes(offset) + table + bytes(PAGE - offset - len(table))


def metadata(m, sections, hashes=None):
    """Sections in the order of the table; a page of hashes only if given."""
    kinds = {SECTION_MEM: ZERO, SECTION_SECRETS: SECRETS,
             SECTION_CPUID: CPUID, SECTION_CAA: ZERO, SECTION_HASHES: ZERO}
    for base, size, kind in sections:
        if kind == SECTION_HASHES and hashes:
            m.page(NORMAL, base, hashes)
        else:
            m.region(kinds[kind], base, size)


def vmsa_page(eip, rdx, features=1):
    """A vCPU's save area: power-on state with the reset vector at eip."""
    page = bytearray(PAGE)

    def put(offset, form, *values):
        struct.pack_into("<" + form, page, offset, *values)

    def segment(offset, selector, attributes, base=0):
        put(offset, "HHIQ", selector, attributes, 0xFFFF, base)

    segment(0x10, 0xF000, 0x9B, eip & 0xFFFF0000)       # CS
    for offset in (0x00, 0x20, 0x30, 0x40, 0x50):       # ES SS DS FS GS
        segment(offset, 0, 0x93)
    segment(0x60, 0, 0)                                 # GDTR
    segment(0x70, 0, 0x82)                              # LDTR
    segment(0x80, 0, 0)                                 # IDTR
    segment(0x90, 0, 0x8B)                              # TR
    put(0xD0, "Q", 0x1000)                              # EFER: SVME
    put(0x148, "Q", 0x40)                               # CR4: MCE
    put(0x158, "Q", 0x10)                               # CR0: ET
    put(0x160, "Q", 0x400)                              # DR7
    put(0x168, "Q", 0xFFFF0FF0)                         # DR6
    put(0x170, "Q", 0x2)                                # RFLAGS
    put(0x178, "Q", eip & 0xFFFF)                       # RIP
    put(0x268, "Q", 0x0007040600070406)                 # PAT
    put(0x310, "Q", rdx)
    put(0x3B0, "Q", features)
    put(0x3E8, "Q", 1)                                  # XCR0: x87
    put(0x408, "I", 0x1F80)                             # MXCSR
    put(0x410, "H", 0x37F)                              # x87 control word
    return bytes(page)


def vcpus(m, count, reset, sig, features=1):
    for i in range(count):
        m.page(VMSA, VMSA_GPA,
               vmsa_page(reset if i else BSP_RESET, sig, features))


def measure(data, cpu="EPYC-v4", smp=1, features=1, with_vmsa=True):
    image = Image(data)
    m = Measurement()
    m.region(NORMAL, image.base, len(data), data)
    metadata(m, image.sections)
    if with_vmsa:
        vcpus(m, smp, image.reset, CPUS[cpu], features)
    return m


def td_ram(image):
    """RAM from address 0 that the launcher gives a TD that asks for nothing."""
    ends = [gpa + size for _, _, gpa, size, _, _ in image.tdx_sections
            if gpa < image.base]
    return min(max([128 << 20] + ends), image.base)


def td_hob(image, ram):
    """The hand-off blocks that tell a TD which memory it has."""
    added = sorted((gpa, gpa + size)
                   for _, _, gpa, size, _, attributes in image.tdx_sections
                   if gpa < ram and not attributes & PAGE_AUG)
    where, = [gpa for _, _, gpa, _, kind, _ in image.tdx_sections
              if kind == TD_HOB]
    blocks, at = b"", 0

    def resource(kind, start, end):
        if start == end:
            return b""
        return struct.pack("<HHI16xIIQQ", 3, 48, 0, kind, 7, start,
                           end - start)

    for start, end in added:
        blocks += resource(7, at, start) + resource(0, start, end)
        at = end
    blocks += resource(7, at, ram) + struct.pack("<HHI", 0xFFFF, 8, 0)
    return struct.pack("<HHIIIQQQQQ", 1, 56, 0, 9, 0, 0, 0, 0, 0,
                       where + 56 + len(blocks)) + blocks


class Mrtd:
    """MRTD as the TDX module builds it: one stream through SHA-384."""

    def __init__(self):
        self._stream = hashlib.sha384()
        self.pages = 0

    def _record(self, operation, gpa):
        self._stream.update(struct.pack("<16sQ104x", operation, gpa))

    def add(self, gpa):
        self._record(b"MEM.PAGE.ADD", gpa)
        self.pages += 1

    def extend(self, gpa, chunk):
        assert len(chunk) == 256
        self._record(b"MR.EXTEND", gpa)
        self._stream.update(chunk)

    def page(self, gpa, contents=None):
        """As KVM_TDX_INIT_MEM_REGION does it, measured if given contents."""
        self.add(gpa)
        if contents is not None:
            for off in range(0, PAGE, 256):
                self.extend(gpa + off, contents[off:off + 256])

    @property
    def digest(self):
        return self._stream.digest()


def measure_tdx(data, ram=None):
    image = Image(data)
    m = Mrtd()
    if ram is None:
        ram = td_ram(image)
    for offset, length, gpa, size, kind, attributes in image.tdx_sections:
        if attributes & PAGE_AUG:
            continue
        contents = data[offset:offset + length] if length else b""
        if length != len(contents):
            raise ValueError("data of a section outside of the image")
        if kind == TD_HOB:
            contents = td_hob(image, ram)
        contents = contents.ljust(size, b"\0")
        for off in range(0, size, PAGE):
            m.page(gpa + off, contents[off:off + PAGE]
                   if attributes & MR_EXTEND else None)
    return m


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("image")
    p.add_argument("--cpu", default="EPYC-v4", choices=sorted(CPUS))
    p.add_argument("--smp", type=int, default=1)
    p.add_argument("--features", type=lambda s: int(s, 0), default=1)
    p.add_argument("--no-vmsa", action="store_true",
                   help="stop after the image and its metadata pages")
    p.add_argument("--tdx", action="store_true", help="MRTD of a TD")
    p.add_argument("--ram", type=lambda s: int(s, 0),
                   help="memory of the TD, which matters if the image wants "
                   "the TD HOB to be measured")
    a = p.parse_args()
    with open(a.image, "rb") as f:
        data = f.read()
    try:
        m = (measure_tdx(data, a.ram) if a.tdx else
             measure(data, a.cpu, a.smp, a.features, not a.no_vmsa))
    except ValueError as e:
        return f"measure.py: {a.image}: {e}"
    print(m.digest.hex())
    return 0


if __name__ == "__main__":
    sys.exit(main())
