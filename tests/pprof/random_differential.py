#!/usr/bin/env python3
"""gopsy pprof and google/pprof print the same of random profiles under random flags.

    GOPSY_PPROF_PEER=/path/to/pprof tests/pprof/random_differential.py [SECONDS] [SEED]

Profiles have what real ones rarely have together: several mappings, inlined calls, recursion, functions of one name,
empty names, negative and huge values, labels of both kinds with units, drop_frames. A case where the peer's own runs
differ is unstable and not counted. Without a peer nothing is done: `go tool pprof` is older than the text formats here.
"""
import gzip
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from golden_inputs import message, number  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[1] / "build/release/gopsy"))
PEER = os.environ.get("GOPSY_PPROF_PEER")

NAMES = ["main.main", "main.work", "main.(*tree).insert", "main.(*tree).walk", "main.Map[go.shape.int]", "runtime.mallocgc",
         "runtime.memmove", "runtime.gcBgMarkWorker", "net/http.(*conn).serve", "net/http.HandlerFunc.ServeHTTP",
         "encoding/json.Marshal", "example.com/a-b/c.v2.(*T).Do", "example.com/x%2ey.F", "main.main.func1",
         "main.main.func1.2", "std::vector<int, std::allocator<int> >::push_back(int const&)", "operator new(unsigned long)",
         "(anonymous namespace)::f()", "java.util.HashMap.get", "", "a b c", "f", "x\"y", "a<b>", "Über"]
FILES = ["/src/main.go", "/usr/local/go/src/runtime/malloc.go", "/src/../src/tree.go", "nethttp/server.go", "", "C:\\x\\y.go",
         "/go/pkg/mod/example.com/a@v1.2.3/c.go", "./rel.go"]
TYPES = [("samples", "count"), ("cpu", "nanoseconds"), ("inuse_space", "bytes"), ("alloc_objects", "count"), ("delay", "ms"),
         ("contentions", "count"), ("wall", "microseconds"), ("gcu", "GCUs"), ("weird", "widgets"), ("space", "kilobytes")]
KEYS = ["tenant", "handler", "bytes", "request", "latency", "key with blank", "n"]
TEXTS = ["blue", "red", "index", "a b", "x=y", "", "100", "7kb", "ü"]
UNITS = ["", "bytes", "kilobytes", "ms", "seconds", "things"]


class Builder:
    def __init__(self, rng):
        self.rng, self.strings, self.body = rng, {"": 0}, b""

    def text(self, s):
        return self.strings.setdefault(s, len(self.strings))

    def value_type(self, pair):
        return number(1, self.text(pair[0])) + number(2, self.text(pair[1]))

    def value(self):
        r = self.rng
        return r.choice([0, 1, 1, 2, 10, r.randrange(1000), r.randrange(10**6), r.randrange(10**9), r.randrange(10**12),
                         -r.randrange(1000) if self.negative else 5])

    def labels(self):
        r, out = self.rng, b""
        for _ in range(r.choice([0, 0, 1, 2, 3])):
            key = self.text(r.choice(KEYS[:self.keys]))
            if r.random() < 0.6:
                out += message(3, number(1, key) + number(2, self.text(r.choice(TEXTS))))
            else:
                unit = r.choice(UNITS[:self.units])
                out += message(3, number(1, key) + number(3, r.choice([1, 7, 512, 1024, 65536, 10**6, 10**9, -3]))
                               + (number(4, self.text(unit)) if unit else b""))
        return out

    def build(self):
        r = self.rng
        self.negative = r.random() < 0.25
        self.keys, self.units = r.randrange(1, len(KEYS) + 1), r.randrange(1, len(UNITS) + 1)
        types = r.sample(TYPES, r.choice([1, 1, 2, 2, 4]))
        for pair in types:
            self.body += message(1, self.value_type(pair))
        mappings = r.choice([0, 1, 1, 2, 3])
        for m in range(1, mappings + 1):
            flags = b"".join(number(f, 1) for f in (7, 8, 9, 10)) if r.random() < 0.8 else b""
            self.body += message(3, number(1, m) + number(2, 0x400000 * m) + number(3, 0x400000 * m + 0x200000)
                                 + number(5, self.text(r.choice(["/bin/shop", "/lib/libc.so.6", "[vdso]", "", "/opt/a b/x"])))
                                 + number(6, self.text(r.choice(["", "abc123", "def456"]))) + flags)
        functions = r.randrange(1, 18)
        for f in range(1, functions + 1):
            name = r.choice(NAMES)
            self.body += message(5, number(1, f) + number(2, self.text(name)) + number(3, self.text(r.choice([name, name, "_Z1fv"])))
                                 + number(4, self.text(r.choice(FILES))) + number(5, r.choice([0, 0, 3, 100])))
        locations = r.randrange(1, 25)
        for at in range(1, locations + 1):
            mapping = r.randrange(0, mappings + 1)
            address = r.choice([0x400000 * max(mapping, 1) + 0x10 * at, 0, 0x10 * at, 0x401000])
            lines = b"".join(message(4, number(1, r.randrange(1, functions + 1)) + number(2, r.choice([0, 1, 10, 33, 120]))
                                     + (number(3, r.randrange(1, 9)) if r.random() < 0.2 else b""))
                             for _ in range(r.choice([0, 1, 1, 1, 2, 3])))
            self.body += message(4, number(1, at) + (number(2, mapping) if mapping else b"") + number(3, address) + lines
                                 + (number(5, 1) if r.random() < 0.05 else b""))
        for _ in range(r.choice([0, 1, 3, 10, 60])):
            stack = [r.randrange(1, locations + 1) for _ in range(r.choice([0, 1, 2, 4, 8, 20]))]
            self.body += message(2, b"".join(number(1, at) for at in stack)
                                 + b"".join(number(2, self.value()) for _ in types) + self.labels())
        if r.random() < 0.7:
            self.body += message(11, self.value_type(r.choice(TYPES))) + number(12, r.choice([0, 1, 100, 10**7]))
        if r.random() < 0.2:
            self.body += number(7, self.text(r.choice(["runtime\\..*", "main.work", "("])))
            self.body += number(8, self.text(r.choice(["", "runtime\\.gc.*"])))
        if r.random() < 0.5:
            self.body += number(9, 1_700_000_000_000_000_000) + number(10, r.choice([0, 10**9, 123456789]))
        for _ in range(r.choice([0, 0, 1, 2])):
            self.body += number(13, self.text(r.choice(["a comment", "# hidden", "two words"])))
        if r.random() < 0.3:
            self.body += number(14, self.text(r.choice(types)[0]))
        return self.body + b"".join(message(6, s.encode()) for s in self.strings)


REGEXES = ["main", "runtime", "tree", "^main\\.main$", "json|http", "insert", "nothing", ".", "f", "\\(", "shop"]
TAGS = ["blue", "tenant=blue", "tenant=blue,red", "handler:index", "512:", ":1kb", "1kb:1mb", "bytes=1:", "7", "red,index", "1024b"]


def flags(rng):
    r = rng
    report = r.choice(["top", "top", "tree", "peek=" + r.choice(REGEXES), "traces", "tags", "raw", "comments", "dot", "dot",
                       "callgrind", "list=" + r.choice(REGEXES), "proto", "topproto"])
    words = ["-" + report]
    def maybe(p, *choices):
        if r.random() < p:
            words.append(r.choice(choices)())
    maybe(.35, lambda: "-" + r.choice(["functions", "filefunctions", "files", "lines", "addresses"]))
    maybe(.2, lambda: "-noinlines")
    maybe(.2, lambda: "-cum")
    maybe(.25, lambda: f"-nodecount={r.choice([0, 1, 3, 7, 50])}")
    maybe(.2, lambda: f"-nodefraction={r.choice([0, 0.01, 0.1, 0.5])}")
    maybe(.2, lambda: f"-edgefraction={r.choice([0, 0.01, 0.1])}")
    maybe(.1, lambda: "-trim=false")
    maybe(.2, lambda: f"-sample_index={r.choice([0, 0, 1])}")
    maybe(.12, lambda: "-mean")
    maybe(.2, lambda: f"-unit={r.choice(['auto', 'ms', 'kb', 'minutes', 'MB', 's', 'widgets', 'ns'])}")
    maybe(.1, lambda: f"-divide_by={r.choice([2, 0.5, 1000])}")
    maybe(.12, lambda: "-relative_percentages")
    maybe(.1, lambda: "-compact_labels")
    maybe(.12, lambda: "-drop_negative")
    maybe(.1, lambda: "-call_tree")
    maybe(.08, lambda: "-showcolumns")
    for name in ("focus", "ignore", "hide", "show", "show_from", "prune_from"):
        maybe(.12, lambda: f"-{name}={r.choice(REGEXES)}")
    for name in ("tagfocus", "tagignore"):
        maybe(.12, lambda: f"-{name}={r.choice(TAGS)}")
    for name in ("tagshow", "taghide"):
        maybe(.1, lambda: f"-{name}={r.choice(KEYS)}")
    for name in ("tagroot", "tagleaf"):
        maybe(.1, lambda: f"-{name}={','.join(r.sample(KEYS, r.choice([1, 2])))}")
    maybe(.06, lambda: "-all_frames")
    maybe(.05, lambda: "-add_comment=x y")
    return words


def run(command, folder):
    environment = {"PATH": os.environ["PATH"], "TZ": "UTC", "HOME": str(folder), "PPROF_TMPDIR": str(folder),
                   "PPROF_BINARY_PATH": str(folder / "none")}
    done = subprocess.run(command, capture_output=True, env=environment, cwd=folder, timeout=120)
    out = done.stdout
    if any("proto" in word for word in command) and out:
        out = gzip.decompress(out)
    return done.returncode != 0, out


def main():
    if PEER is None:
        print("SKIPPED: GOPSY_PPROF_PEER names no google/pprof")
        return 0
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    end = time.monotonic() + seconds
    same = unstable = failed = 0
    different = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        while time.monotonic() < end and len(different) < 20:
            seed += 1
            rng = random.Random(seed)
            sources = []
            for i in range(rng.choice([1, 1, 1, 2])):
                (folder / f"{i}.pb.gz").write_bytes(gzip.compress(Builder(rng).build(), 1))
                sources.append(f"{i}.pb.gz")
            for _ in range(6):
                words = flags(rng)
                names = list(sources)
                if len(names) == 2 and rng.random() < 0.6:
                    words.append(rng.choice(["-base=", "-diff_base="]) + names.pop())
                    if rng.random() < 0.2:
                        words.append("-normalize")
                words.append("-symbolize=none")
                ours = run([GOPSY, "pprof", *words, *names], folder)
                theirs = run([PEER, *words, *names], folder)
                if ours == theirs:
                    same += 1
                    failed += theirs[0]
                elif any(run([PEER, *words, *names], folder) != theirs for _ in range(4)):
                    unstable += 1
                else:
                    different.append((seed, words, names))
                    print("DIFFERENT", seed, " ".join(words), *names, flush=True)
                    keep = os.environ.get("GOPSY_KEEP")
                    if keep:
                        at = pathlib.Path(keep) / str(len(different))
                        at.mkdir(parents=True, exist_ok=True)
                        for source in sources:
                            (at / source).write_bytes((folder / source).read_bytes())
                        (at / "ours").write_bytes(ours[1])
                        (at / "theirs").write_bytes(theirs[1])
                        (at / "flags").write_text(" ".join(words + names))
    print(f"{same} same ({failed} of them refused by both), {unstable} unstable, {len(different)} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
