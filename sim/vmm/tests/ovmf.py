# SPDX-License-Identifier: GPL-2.0
"""OVMF images to break: where every field lies, and made-up small images."""

import os
import struct
import sys
import uuid

FOOTER = "96b582de-1fb2-45f7-baea-a366c55a082d"
METADATA = "dc886566-984a-4798-a75e-5585a7bf67cc"
RESET = "00f771de-1a7e-4fcb-890e-68c77e2fb44e"
OTHER = "e47a6535-984a-4798-865e-4685a7bf8ec2"

REAL = ("/usr/share/ovmf/OVMF.fd", "/usr/share/OVMF/OVMF_CODE.fd")

SECTIONS = ((0x800000, 0x9000, 1), (0x80A000, 0x3000, 1),
            (0x80D000, 0x1000, 2), (0x80E000, 0x1000, 3),
            (0x80F000, 0x1000, 4), (0x810000, 0x1000, 0x10),
            (0x811000, 0xF000, 1))


def guid(text):
    return uuid.UUID(text).bytes_le


def synthetic(size=0x4000, sections=SECTIONS, entries=None):
    """A small image that is valid unless the arguments make it otherwise."""
    data = bytearray(b"\xff" * size)
    data[0x28:0x2c] = b"_FVH"
    meta = struct.pack("<4sIII", b"ASEV", 16 + 12 * len(sections), 1,
                       len(sections))
    meta += b"".join(struct.pack("<III", *s) for s in sections)
    at = size - 0x800
    data[at:at + len(meta)] = meta

    if entries is None:
        entries = ((OTHER, bytes(4)), (METADATA, struct.pack("<I", 0x800)),
                   (RESET, struct.pack("<I", 0x80B004)))
    table = b"".join(d + struct.pack("<H", len(d) + 18) + guid(g)
                     for g, d in entries)
    table += struct.pack("<H", len(table) + 18) + guid(FOOTER)
    data[size - 32 - len(table):size - 32] = table
    return bytes(data)


class Editable:
    """An image with the offset of each field, to be changed one by one."""

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
        back, = struct.unpack_from("<I", data, self.entry_data[METADATA])
        self.meta = self.size - back
        self.count, = struct.unpack_from("<I", data, self.meta + 12)

    def u16(self, at, value):
        struct.pack_into("<H", self.data, at, value)
        return self

    def u32(self, at, value):
        struct.pack_into("<I", self.data, at, value)
        return self

    def section(self, n, gpa=None, size=None, kind=None):
        for i, value in enumerate((gpa, size, kind)):
            if value is not None:
                self.u32(self.meta + 16 + 12 * n + 4 * i, value)
        return self

    def find(self, kind):
        """Number of the first section of a type, and its three fields."""
        for n in range(self.count):
            s = struct.unpack_from("<III", self.data, self.meta + 16 + 12 * n)
            if s[2] == kind:
                return n, s
        raise ValueError(kind)


def write_seeds(directory):
    os.makedirs(directory, exist_ok=True)
    seeds = {"all": synthetic(), "one": synthetic(sections=SECTIONS[:1]),
             "small": synthetic(0x1000), "none": bytes(4096)}
    for name, data in seeds.items():
        with open(os.path.join(directory, name), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    write_seeds(sys.argv[1])
