# SPDX-License-Identifier: GPL-2.0
"""OVMF images to break: where every field lies, and made-up small images."""

import os
import struct
import sys
import uuid

FOOTER = "96b582de-1fb2-45f7-baea-a366c55a082d"
METADATA = "dc886566-984a-4798-a75e-5585a7bf67cc"
TDX_METADATA = "e47a6535-984a-4798-865e-4685a7bf8ec2"
RESET = "00f771de-1a7e-4fcb-890e-68c77e2fb44e"
OTHER = "4c2eb361-7d9b-4cc3-8081-127c90d3d294"

REAL = ("/usr/share/ovmf/OVMF.fd", "/usr/share/OVMF/OVMF_CODE.fd")

SECTIONS = ((0x800000, 0x9000, 1), (0x80A000, 0x3000, 1),
            (0x80D000, 0x1000, 2), (0x80E000, 0x1000, 3),
            (0x80F000, 0x1000, 4), (0x810000, 0x1000, 0x10),
            (0x811000, 0xF000, 1))


def guid(text):
    return uuid.UUID(text).bytes_le


BFV, CFV, TD_HOB, TEMP_MEM, PERM_MEM = range(5)
EXTEND, AUG = 1, 2


def tdx_sections(size):
    """Of an image of this size: (data, its size, address, size, type, attributes)."""
    low = max(size - 0x2000, 0)
    res = [(low, size - low, (1 << 32) - size + low, size - low, BFV, EXTEND)]
    if low:
        res.append((0, low, (1 << 32) - size, low, CFV, 0))
    return (*res, (0, 0, 0x80B000, 0x2000, TEMP_MEM, 0),
            (0, 0, 0x809000, 0x2000, TD_HOB, 0),
            (0, 0, 0x800000, 0x6000, TEMP_MEM, EXTEND),
            (0, 0, 0x900000, 0x4000, PERM_MEM, AUG))


def synthetic(size=0x4000, sections=SECTIONS, entries=None, tdx=None):
    """A small image that is valid unless the arguments make it otherwise."""
    data = bytearray(b"\xff" * size)
    # Contents that differ from chunk to chunk, as a measurement needs them
    for at in range(0, size - 0x800, 256):
        struct.pack_into("<I", data, at, at)
    data[0x28:0x2c] = b"_FVH"

    def put(at, magic, form, rows):
        meta = struct.pack("<4sIII", magic, 16 + struct.calcsize(form) *
                           len(rows), 1, len(rows))
        meta += b"".join(struct.pack(form, *s) for s in rows)
        data[at:at + len(meta)] = meta

    put(size - 0x800, b"ASEV", "<III", sections)
    put(size - 0x400, b"TDVF", "<IIQQII",
        tdx_sections(size) if tdx is None else tdx)

    if entries is None:
        entries = ((OTHER, bytes(4)), (METADATA, struct.pack("<I", 0x800)),
                   (TDX_METADATA, struct.pack("<I", 0x400)),
                   (RESET, struct.pack("<I", 0x80B004)))
    table = b"".join(d + struct.pack("<H", len(d) + 18) + guid(g)
                     for g, d in entries)
    table += struct.pack("<H", len(table) + 18) + guid(FOOTER)
    data[size - 32 - len(table):size - 32] = table
    return bytes(data)


class Editable:
    """An image with the offset of each field, to be changed one by one."""

    metadata = METADATA
    form = "<III"
    fields = ("gpa", "size", "kind")

    def __init__(self, data):
        self.data = bytearray(data)
        self.size = len(data)
        self.footer_guid = self.size - 48
        self.table_length = self.size - 50
        length, = struct.unpack_from("<H", data, self.table_length)
        self.entry_length, self.entry_guid, self.entry_data = {}, {}, {}
        at = self.size - 50
        while at > self.size - 32 - length:
            n, = struct.unpack_from("<H", data, at - 18)
            name = str(uuid.UUID(bytes_le=bytes(data[at - 16:at])))
            self.entry_length[name] = at - 18
            self.entry_guid[name] = at - 16
            self.entry_data[name] = at - n
            at -= n
        back, = struct.unpack_from("<I", data, self.entry_data[self.metadata])
        self.meta = self.size - back
        self.count, = struct.unpack_from("<I", data, self.meta + 12)

    def u16(self, at, value):
        struct.pack_into("<H", self.data, at, value)
        return self

    def u32(self, at, value):
        struct.pack_into("<I", self.data, at, value)
        return self

    def u64(self, at, value):
        struct.pack_into("<Q", self.data, at, value)
        return self

    def section(self, n, **changes):
        """Change fields of section n."""
        size = struct.calcsize(self.form)
        at = self.meta + 16 + size * n
        row = list(struct.unpack_from(self.form, self.data, at))
        for name, value in changes.items():
            row[self.fields.index(name)] = value
        struct.pack_into(self.form, self.data, at, *row)
        return self

    def find(self, kind):
        """Number of the first section of a type, and its fields."""
        size = struct.calcsize(self.form)
        for n in range(self.count):
            s = struct.unpack_from(self.form, self.data,
                                   self.meta + 16 + size * n)
            if s[self.fields.index("kind")] == kind:
                return n, s
        raise ValueError(kind)


class EditableTdx(Editable):
    metadata = TDX_METADATA
    form = "<IIQQII"
    fields = ("data", "data_size", "gpa", "size", "kind", "attributes")


def write_seeds(directory):
    os.makedirs(directory, exist_ok=True)
    seeds = {"all": synthetic(), "one": synthetic(sections=SECTIONS[:1]),
             "small": synthetic(0x1000), "none": bytes(4096)}
    for name, data in seeds.items():
        with open(os.path.join(directory, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    write_seeds(sys.argv[1])
