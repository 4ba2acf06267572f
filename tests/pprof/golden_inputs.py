"""The profiles that google/pprof's own driver goldens are made of, written from their definitions.

Facts of github.com/google/pprof internal/driver/driver_test.go and internal/report/report_test.go: functions, lines,
values and labels. Encoded by hand, so that no profile library stands between the definition and the bytes.
"""
import gzip


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    return varint(field << 3) + varint(n)


def message(field, payload):
    return varint(field << 3 | 2) + varint(len(payload)) + payload


class Profile:
    """One profile.proto: types, period, functions {id: (name, system name, file)}, locations, samples."""

    def __init__(self, types, period_type, period, duration_ns=0, file="", build_id="", comments=(), drop_frames="",
                 mapping=(0x1000, 0x4000), has=True):
        self.strings = {"": 0}
        self.body = b"".join(message(1, self.value_type(t)) for t in types)
        self.tail = message(11, self.value_type(period_type)) + number(12, period)
        if drop_frames:
            self.tail = number(7, self.text(drop_frames)) + self.tail
        if duration_ns:
            self.tail += number(10, duration_ns)
        for comment in comments:
            self.tail += number(13, self.text(comment))
        flags = b"".join(number(f, 1) for f in (7, 8, 9, 10)) if has else b""
        self.body += message(3, number(1, 1) + number(2, mapping[0]) + number(3, mapping[1])
                             + number(5, self.text(file)) + number(6, self.text(build_id)) + flags)

    def text(self, s):
        return self.strings.setdefault(s, len(self.strings))

    def value_type(self, pair):
        return number(1, self.text(pair[0])) + number(2, self.text(pair[1]))

    def function(self, id, name, system, file):
        self.body += message(5, number(1, id) + number(2, self.text(name)) + number(3, self.text(system))
                             + number(4, self.text(file)))

    def location(self, id, address, lines, mapping=1):
        payload = number(1, id) + number(2, mapping) + number(3, address)
        for function, line, *column in lines:
            payload += message(4, number(1, function) + number(2, line) + b"".join(number(3, c) for c in column))
        self.body += message(4, payload)

    def sample(self, locations, values, texts=(), numbers=()):
        payload = message(1, b"".join(varint(i) for i in locations)) + message(2, b"".join(varint(v) for v in values))
        for key, value in texts:
            payload += message(3, number(1, self.text(key)) + number(2, self.text(value)))
        for key, value, unit in numbers:
            payload += message(3, number(1, self.text(key)) + number(3, value)
                               + (number(4, self.text(unit)) if unit else b""))
        self.body += message(2, payload)

    def bytes(self):
        table = b"".join(message(6, s.encode()) for s in self.strings)
        return gzip.compress(self.body + table + self.tail, mtime=0)


LINES = (1000, 2000, 2001, 3000, 3001, 3002)


def add_functions(p, mangled=False):
    for n in LINES:
        p.function(n, f"mangled{n}" if mangled else f"line{n}", f"mangled{n}", f"testdata/file{n // 1000 * 1000}.src")


def cpu(mangled=False):
    p = Profile([("samples", "count"), ("cpu", "milliseconds")], ("cpu", "milliseconds"), 1, 10_000_000_000,
                "/path/to/testbinary")
    add_functions(p, mangled)
    p.location(1000, 0x1000, [(1000, 1)])
    p.location(2000, 0x2000, [(2001, 9), (2000, 4)])
    p.location(3000, 0x3000, [(3002, 2), (3001, 5), (3000, 6)])
    p.location(3001, 0x3001, [(3001, 8), (3000, 9)])
    p.location(3002, 0x3002, [(3002, 5), (3000, 9)])
    for stack, value, labels in (([1000, 2000, 3000], 1000, ("key1", "tag1", "key2", "tag1")),
                                 ([1000, 3001], 100, ("key1", "tag2", "key3", "tag2")),
                                 ([2000, 3002], 10, ("key1", "tag3", "key2", "tag2")),
                                 ([3000], 10, ("key1", "tag4", "key2", "tag1"))):
        p.sample(stack, [value, value], [labels[:2], labels[2:]])
    return p


def cpusmall():
    p = Profile([("samples", "count"), ("cpu", "milliseconds")], ("cpu", "milliseconds"), 1, 10_000_000_000,
                "/path/to/testbinary")
    for n in (1000, 2000, 3000, 4000, 5000):
        p.location(n, n // 1000 * 0x1000, [])
    for stack in ([1000, 2000, 3000], [4000, 2000, 5000], [3000], [5000]):
        p.sample(stack, [1000, 1000])
    return p


def heap(kind="inuse", extra=None):
    p = Profile([(f"{kind}_objects", "count"), (f"{kind}_space", "bytes")], ("allocations", "bytes"), 524288,
                build_id="buildid", comments=("comment", "#hidden comment"), drop_frames=".*operator new.*|malloc")
    add_functions(p)
    p.function(10, "pruneme", "pruneme", "prune.h")
    p.function(11, "malloc", "mangledMALLOC", "malloc.h")
    p.function(12, "operator new", "mangledNEW", "new.h")
    p.location(1000, 0x1000, [(10, 100), (11, 100), (1000, 1)])
    p.location(2000, 0x2000, [(12, 100), (2001, 2), (2000, 3)])
    p.location(3000, 0x3000, [(12, 100), (3002, 3), (3001, 2), (3000, 4)])
    p.location(3001, 0x3001, [(10, 100), (12, 100), (3001, 2), (3000, 4)])
    p.location(3002, 0x3002, [(3002, 3), (3000, 4)])
    samples = (([1000, 2000, 3000], [10, 1024000], 102400), ([1000, 3001], [20, 4096000], 204800),
               ([2000, 3002], [40, 65536000], 1638400), ([3000], [80, 32768000], 409600))
    for i, (stack, values, size) in enumerate(samples):
        texts, numbers = [], [("bytes", size, "")]
        if extra == "request":
            numbers.append(("request", size, ""))
        elif extra == "sizetags":
            numbers += [("bytes", 1 << n, "") for n in range(1, 9)]
        elif extra == "tags" and i in (0, 2):
            numbers.append(("request", size, ""))
            texts.append(("key1", "tag"))
        p.sample(stack, values, texts, numbers)
    return p


def contention():
    p = Profile([("contentions", "count"), ("delay", "nanoseconds")], ("contentions", "count"), 524288,
                build_id="buildid-contention", comments=("Comment #1", "Comment #2"))
    add_functions(p)
    p.location(1000, 0x1000, [(1000, 1)])
    p.location(2000, 0x2000, [(2001, 2), (2000, 3)])
    p.location(3000, 0x3000, [(3002, 2), (3001, 3), (3000, 5)])
    p.location(3001, 0x3001, [(3001, 3), (3000, 5)])
    p.location(3002, 0x3002, [(3002, 4), (3000, 3)])
    for stack, values in (([1000, 2000, 3000], [10, 10240000]), ([1000, 3001], [20, 40960000]),
                          ([2000, 3002], [40, 65536000]), ([3000], [80, 32768000])):
        p.sample(stack, values)
    return p


def long_name_funcs():
    p = Profile([("samples", "count"), ("cpu", "milliseconds")], ("cpu", "milliseconds"), 1, 10_000_000_000,
                "/path/to/testbinary")
    p.function(1, "path/to/package1.object.function1", "path/to/package1.object.function1", "path/to/package1.go")
    p.function(2, "(anonymous namespace)::Bar::Foo", "(anonymous namespace)::Bar::Foo", "a/long/path/to/package2.cc")
    name = "java.bar.foo.FooBar.run(java.lang.Runnable)"
    p.function(3, name, name, "FooBar.java")
    for id, line in ((1, 1), (2, 4), (3, 9)):
        p.location(id * 1000, id * 0x1000, [(id, line)])
    for stack, value in (([1000, 2000, 3000], 1000), ([1000, 2000], 100), ([3000], 10)):
        p.sample(stack, [value, value])
    return p


def report(named=True):
    p = Profile([("samples", "count"), ("cpu", "cycles") if named else ("", "count")], ("cpu", "millisecond"), 10, 10_000_000_000, has=False,
                mapping=(0, 0))
    for id, name, file in ((1, "main", "testdata/source1"), (2, "foo", "testdata/source1"),
                           (3, "bar", "testdata/source1"), (4, "tee", "/some/path/testdata/source2")):
        p.function(id, name, "", file)
    for id, lines in ((1, [(1, 2, 2)]), (2, [(2, 4, 4)]), (3, [(3, 10)]), (4, [(4, 2)]), (5, [(4, 8)]), (6, [(4, 7), (3, 6)])):
        p.location(id, 0, lines)
    for stack, value in (([1], 1), ([3, 2, 1], 10), ([5, 3, 1], 100), ([4, 1], 1000), ([5, 4, 1], 10000)):
        p.sample(stack, [1, value])
    return p


INPUTS = {
    "cpu": cpu,
    "cpu-m": lambda: cpu(mangled=True),
    "cpusmall": cpusmall,
    "heap": heap,
    "heap_alloc": lambda: heap("alloc"),
    "heap_request": lambda: heap(extra="request"),
    "heap_sizetags": lambda: heap(extra="sizetags"),
    "heap_tags": lambda: heap(extra="tags"),
    "contention": contention,
    "long_name_funcs": long_name_funcs,
}
