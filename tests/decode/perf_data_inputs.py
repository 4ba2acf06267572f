#!/usr/bin/env python3
"""Writes the golden inputs of the perf-data decoder: recordings of every layout, byte order and damage.

The layouts are those of Linux tools/perf/Documentation/perf.data-file-format.txt; nothing here was recorded.
"""
import pathlib
import struct
import subprocess

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden/decode/perf-data"

IP, TID, TIME, READ, CALLCHAIN, ID, CPU, PERIOD, IDENTIFIER = (1 << n for n in (0, 1, 2, 4, 5, 6, 7, 8, 16))
KERNEL, USER = -128 & (1 << 64) - 1, -512 & (1 << 64) - 1
FREQUENCY, SAMPLE_ID_ALL = 10, 18
ID_A, ID_B = bytes(range(1, 21)), bytes(range(0x81, 0x91))


class Writer:
    def __init__(self, big=False):
        self.order = ">" if big else "<"
        self.big = big

    def pack(self, layout, *values):
        return struct.pack(self.order + layout, *values)

    def text(self, text):
        raw = text.encode() + b"\0"
        return raw + b"\0" * (-len(raw) % 8)

    def record(self, kind, payload, misc=2):
        return self.pack("IHH", kind, misc, 8 + len(payload)) + payload

    def flags(self, *bits):
        value = sum(1 << bit for bit in bits)
        raw = value.to_bytes(8, "little")
        return bytes(int(f"{byte:08b}"[::-1], 2) for byte in raw) if self.big else raw

    def attr(self, kind, config, period, sample_type, bits=(SAMPLE_ID_ALL,), read_format=0):
        return (self.pack("IIQQQQ", kind, 112, config, period, sample_type, read_format) + self.flags(*bits)).ljust(112, b"\0")

    def trailer(self, pid, tid, time, cpu=None, number=None):
        out = self.pack("IIQ", pid, tid, time)
        if cpu is not None:
            out += self.pack("II", cpu, 0)
        return out + (self.pack("Q", number) if number is not None else b"")

    def mmap(self, pid, start, size, offset, file, tail, misc=2):
        return self.record(1, self.pack("IIQQQ", pid, pid, start, size, offset) + self.text(file) + tail, misc)

    def mmap2(self, pid, start, size, offset, file, tail, build_id=b""):
        origin = self.pack("IIQQ", 8, 1, 4242, 7)
        if build_id:
            origin = bytes([len(build_id), 0, 0, 0]) + build_id.ljust(20, b"\0")
        head = self.pack("IIQQQ", pid, pid, start, size, offset) + origin + self.pack("II", 5, 2)
        return self.record(10, head + self.text(file) + tail, 2 | (1 << 14 if build_id else 0))

    def comm(self, pid, tid, name, tail):
        return self.record(3, self.pack("II", pid, tid) + self.text(name) + tail)

    def fork(self, pid, parent, tid, parent_tid, time, tail):
        return self.record(7, self.pack("IIIIQ", pid, parent, tid, parent_tid, time) + tail)

    def chain(self, *addresses):
        return self.pack(f"{len(addresses) + 1}Q", len(addresses), *addresses)

    def build_id(self, file, raw, size=True):
        payload = self.pack("i", -1) + raw.ljust(20, b"\0") + bytes([len(raw), 0, 0, 0]) + self.text(file)
        return self.record(67, payload, 2 | (1 << 15 if size else 0))

    def file(self, attrs, data, features, data_size=None):
        head = 104
        ids = b"".join(self.pack(f"{len(n)}Q", *n) for _, n in attrs)
        rows, at = b"", head
        for attr, numbers in attrs:
            rows += attr + self.pack("QQ", at, 8 * len(numbers))
            at += 8 * len(numbers)
        attrs_at, data_at = at, at + len(rows)
        bits = [0] * 4
        table, contents = b"", b""
        content_at = data_at + len(data) + 16 * len(features)
        for number, content in sorted(features.items()):
            bits[number // 64] |= 1 << number % 64
            table += self.pack("QQ", content_at + len(contents), len(content))
            contents += content
        magic = b"2ELIFREP" if self.big else b"PERFILE2"
        size = len(data) if data_size is None else data_size
        header = magic + self.pack("QQQQQQQQ4Q", 104, 128, attrs_at, len(rows), data_at, size, 0, 0, *bits)
        return header + ids + rows + data + table + contents


def two_events(w):
    """cycles and page-faults of a process, its thread, its child and the kernel, not in the order of time."""
    kinds = IDENTIFIER | IP | TID | TIME | PERIOD | CALLCHAIN
    tail = lambda pid, tid, time: w.trailer(pid, tid, time, None, 11)
    sample = lambda number, ip, pid, tid, time, period, *chain: w.record(
        9, w.pack("QQIIQQ", number, ip, pid, tid, time, period) + w.chain(*chain), 1 if ip >> 63 else 2)
    data = w.mmap(0xFFFFFFFF, 0xFFFFFFFF81000000, 0x1000000, 0xFFFFFFFF81000000, "[kernel.kallsyms]_text", tail(0, 0, 0), 1)
    data += w.comm(40, 40, "program", tail(40, 40, 100))
    data += w.mmap2(40, 0x7F0000000000, 0x20000, 0x1000, "/lib/libc.so.6", tail(40, 40, 110), ID_B)
    data += w.mmap(40, 0x400000, 0x10000, 0, "/opt/program", tail(40, 40, 110))
    data += w.mmap(40, 0x600000, 0x10000, 0, "/opt/data", tail(40, 40, 111), 2 | 1 << 13)
    data += sample(11, 0x401000, 40, 40, 300, 70, USER, 0x401000, 0x7F0000000101)
    data += sample(11, 0xFFFFFFFF81000010, 40, 41, 200, 30, KERNEL, 0xFFFFFFFF81000010, USER, 0x401001, 0x402001)
    data += w.fork(40, 40, 41, 40, 150, tail(40, 40, 150))
    data += w.comm(40, 41, "worker", tail(40, 41, 151))
    data += w.fork(50, 40, 50, 40, 160, tail(40, 40, 160))
    data += sample(12, 0x408000, 50, 50, 310, 1, USER, 0x408000, 0x700000)
    data += w.mmap(50, 0x408000, 0x1000, 0x30, "/opt/plugin.so", tail(50, 50, 320))
    data += sample(12, 0x408000, 50, 50, 330, 2)
    data += w.record(2, w.pack("QQ", 11, 4) + tail(0, 0, 340))
    data += w.record(68, b"") + sample(99, 0x401000, 40, 40, 350, 5)
    attrs = [(w.attr(0, 0, 4000, kinds, (FREQUENCY, SAMPLE_ID_ALL)), [11]), (w.attr(1, 2, 1, kinds), [12, 13])]
    names = w.pack("II", 2, 112)
    for (attr, numbers), name in zip(attrs, ("cycles:u", "page-faults")):
        names += attr + w.pack("I", len(numbers)) + w.pack("I", len(w.text(name))) + w.text(name)
        names += w.pack(f"{len(numbers)}Q", *numbers)
    ids = w.build_id("[kernel.kallsyms]", ID_A) + w.build_id("/opt/program", ID_A[::-1], size=False)
    return attrs, data, {2: ids, 12: names}


def one_clock(w):
    """cpu-clock with a fixed period and counters read along, as little as a recording can hold."""
    kinds = IP | TID | TIME | CPU | READ
    data = w.comm(7, 7, "tick", w.trailer(7, 7, 1, 0))
    data += w.mmap(7, 0x1000, 0x1000, 0, "/bin/tick", w.trailer(7, 7, 1, 0))
    for n in range(3):
        data += w.record(9, w.pack("QIIQII", 0x1100 + n, 7, 7, 1000 + n, 0, 0) + w.pack("QQQQQ", 2, 1, 11, 2, 12))
    return w.attr(1, 0, 250000, kinds, (SAMPLE_ID_ALL,), 1 << 3 | 1 << 2), data


def pipe(w, compressed=False):
    attr, data = one_clock(w)
    magic = b"2ELIFREP" if w.big else b"PERFILE2"
    out = magic + w.pack("Q", 16) + w.record(64, attr + w.pack("Q", 5))
    out += w.record(78, w.pack("QQ", 2, 5) + w.text("task-clock"))
    out += w.record(66, w.pack("I", 5)) + b"trace\0\0\0" + w.build_id("/bin/tick", ID_A)
    if not compressed:
        return out + data
    packed = subprocess.run(["zstd", "-q", "--no-check"], input=data, capture_output=True, check=True).stdout
    half = len(packed) // 2 // 8 * 8
    return out + w.record(81, packed[:half]) + w.record(83, w.pack("Q", len(packed) - half) + packed[half:] + b"\0\0")


def write(name, content):
    (GOLDEN / name).write_bytes(content)


def main():
    little, big = Writer(), Writer(big=True)
    whole = little.file(*two_events(little))
    write("good-file.data", whole)
    write("good-big-endian.data", big.file(*two_events(big)))
    write("good-pipe.data", pipe(little))
    write("good-pipe-big-endian.data", pipe(big))
    write("good-compressed.data", pipe(little, compressed=True))
    attrs, data, features = two_events(little)
    write("truncated-in-the-records.data", whole[:104 + 24 + 256 + len(data) * 3 // 4])
    write("truncated-stopped.data", little.file(attrs, data, {}, data_size=0))
    w = little
    attr = w.attr(1, 0, 1, IP | TID | TIME | CALLCHAIN | READ, (SAMPLE_ID_ALL,), 1 << 3)
    sample = lambda *tail: w.record(9, w.pack("QIIQ", 0x10, 1, 1, 5) + w.pack(f"{len(tail)}Q", *tail))
    bad = sample(1 << 60, 0, 1) + sample(0, 1 << 61) + sample(0, 1) + sample(0, 2, USER, KERNEL) + sample()
    bad += w.mmap(1, (1 << 64) - 16, 1 << 63, 0, "/top", b"") + w.mmap(1, 5, 0, 0, "/none", b"") + w.record(10, b"\0" * 40)
    bad += w.record(3, b"\1") + w.record(2, w.pack("QQ", 0, (1 << 64) - 1)) + w.record(64, w.pack("II", 0, 0xFFFFFFFF))
    bad += w.record(80, w.pack("QII", 12, 0xFFFFFFFF, 0xFFFFFFFF)) + w.record(71, w.pack("Q", 1 << 63))
    write("hostile-sizes.data", w.file([(attr, [])], bad, {2: w.record(67, b"\1\2"), 12: w.pack("III", 9, 1, 1)}))
    write("hostile-short-record.data", w.file([(attr, [])], sample(0, 1, 0x20) + w.pack("IHH", 9, 0, 7) + b"x" * 64, {}))
    write("hostile-not-zstd.data", b"PERFILE2" + w.pack("Q", 16) + w.record(64, attr) + w.record(81, b"no zstd at all.."))


if __name__ == "__main__":
    main()
