#!/usr/bin/env python3
"""gopsy pprof prints what google/pprof prints, byte for byte, for the cases of google/pprof's own driver test.

The stored texts in tests/golden/pprof are a google/pprof HEAD build's output on the inputs of golden_inputs.py. With
GOPSY_PPROF_SOURCE=checkout of google/pprof, its own goldens and profiles are compared as well.
GOPSY_UPDATE_GOLDEN=1 with GOPSY_PPROF_PEER=binary writes the stored texts anew from that peer.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import golden_inputs

HERE = pathlib.Path(__file__).resolve().parent
STORED = HERE.parent / "golden" / "pprof"
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[1] / "build/release/gopsy"))
COMMON = "-compact_labels -nodefraction=0.05 -edgefraction=0.01 -symbolize=none".split()

# golden of the public test (without "pprof."), flags after the common ones, input
CASES = [line.split("|") for line in r"""
cpu.flat.functions.text|-text -functions -flat|cpu
cpu.flat.functions.noinlines.text|-text -functions -noinlines -flat|cpu
cpu.flat.filefunctions.noinlines.text|-text -filefunctions -noinlines -flat|cpu
cpu.flat.addresses.noinlines.text|-text -addresses -noinlines -flat|cpu
cpusmall.flat.addresses.tree|-tree -addresses -flat -nodecount=4|cpusmall
unknown.flat.functions.call_tree.text|-text -functions -flat -nodecount=5 -call_tree|cpu
heap_alloc.flat.alloc_objects.text|-text -alloc_objects -flat|heap_alloc
heap.flat.files.text|-text -files -flat|heap
heap.flat.files.text.focus|-text -files -flat -focus=[12]00 -taghide=[X3]00|heap
heap.flat.inuse_objects.text|-text -inuse_objects -flat|heap
heap.flat.inuse_objects.text.all_frames|-text -inuse_objects -flat -all_frames|heap
cpu.cum.lines.text.hide|-text -lines -cum -hide=line[X3]0|cpu
cpu.cum.lines.text.show|-text -lines -cum -show=[12]00|cpu
cpu.cum.lines.text.focus.hide|-text -lines -cum -hide=line[X3]0 -focus=[12]00|cpu
cpu.lines.topproto|-text -lines|topproto
cpu.cum.lines.topproto.hide|-text -lines -cum -hide=mangled[X3]0|topproto
heap.cum.lines.tree.focus|-tree -lines -cum -focus=[24]00|heap
heap.cum.relative_percentages.tree.focus|-tree -relative_percentages -cum -focus=[24]00|heap
cpu.cum.lines.tree.show_from|-tree -lines -cum -show_from=line2|cpu
cpu.peek|-peek=line.*01|cpu
cpu.callgrind|-callgrind|cpu
cpu.call_tree.callgrind|-callgrind -call_tree|cpu
heap.callgrind|-callgrind|heap
cpu.flat.functions.dot|-dot -functions -flat|cpu
cpu.flat.functions.call_tree.dot|-dot -functions -flat -call_tree|cpu
heap.flat.lines.dot.focus|-dot -lines -flat -focus=[12]00|heap
heap_sizetags.dot|-dot -unit=minimum|heap_sizetags
contention.flat.addresses.dot.focus.ignore|-dot -addresses -flat -ignore=[X3]002 -focus=[X1]000|contention
contention.cum.files.dot|-dot -files -cum|contention
heap_alloc.flat.alloc_space.dot.focus|-dot -alloc_space -flat -focus=[234]00|heap_alloc
heap_alloc.flat.alloc_space.dot|-dot -alloc_space -flat -tagshow=[2]00|heap_alloc
heap_alloc.flat.alloc_space.dot.hide|-dot -alloc_space -flat -hide=line.*1?23?|heap_alloc
heap.flat.inuse_space.dot.focus|-dot -inuse_space -flat -tagfocus=1mb:2gb|heap
heap.flat.inuse_space.dot.focus.ignore|-dot -inuse_space -flat -tagfocus=30kb: -tagignore=1mb:2mb|heap
long_name_funcs.dot|-dot|long_name_funcs
long_name_funcs.text|-text|long_name_funcs
cpu.comments|-comments -add_comment=some-comment|cpu
heap.comments|-comments|heap
cpu.tags|-tags|cpu
cpu.tags.focus.ignore|-tags -tagignore=tag[13] -tagfocus=key[12]|cpu
heap.tags|-tags|heap
heap.tags.unit|-tags -unit=bytes|heap
heap_request.tags.focus|-tags -tagfocus=400kb:|heap_request
heap_request.tags.focus|-tags -tagfocus=+400kb:|heap_request
heap_request.relative_percentages.tags.focus|-tags -relative_percentages -tagfocus=400kb:|heap_request
cpu.traces|-traces|cpu
cpu.addresses.traces|-traces -addresses|cpu
heap_tags.traces|-traces|heap_tags
""".strip().splitlines()]

def run(binary, arguments, cwd=None):
    environment = {"TZ": "UTC", "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PPROF_BINARY_PATH": "/nonexistent"}
    command = [binary] + (["pprof"] if pathlib.Path(binary).name == "gopsy" else []) + arguments
    return subprocess.run(command, capture_output=True, env=environment, cwd=cwd, timeout=60)


def arguments_of(flags):
    words = flags.split()
    return COMMON + words + ([] if "-nodecount" in flags else ["-nodecount=20"])


class Check:
    def __init__(self):
        self.done = self.failed = 0

    def same(self, name, got, want):
        self.done += 1
        if got.stdout == want:
            return
        self.failed += 1
        print(f"DIFFERENT: {name}\n  {got.stderr.decode(errors='replace').strip()[:200]}")
        for a, b in zip(got.stdout.split(b"\n"), want.split(b"\n")):
            if a != b:
                print(f"  got  {a[:160]!r}\n  want {b[:160]!r}")
                break


def write_inputs(folder, binary):
    for name, make in golden_inputs.INPUTS.items():
        (folder / name).write_bytes(make().bytes())
    (folder / "report").write_bytes(golden_inputs.report().bytes())
    top = run(binary, arguments_of("-topproto -addresses") + [str(folder / "cpu-m")])
    (folder / "topproto").write_bytes(top.stdout)


def with_main_mapping(text):
    head, locations = text.split(b"Locations\n")
    locations, mappings = locations.split(b"Mappings\n")
    lines = [re.sub(rb"^( *\d+: 0x[0-9a-f]+ )", rb"\1M=1 ", line) for line in locations.splitlines(True)]
    return head + b"Locations\n" + b"".join(lines) + b"Mappings\n" + (mappings or b"1: 0x0/0x0/0x0   \n")


def stored_name(golden, flags):
    return golden + (".plus" if "=+" in flags else "")


def main():
    check = Check()
    peer = os.environ.get("GOPSY_PPROF_PEER")
    update = os.environ.get("GOPSY_UPDATE_GOLDEN") and peer
    source = os.environ.get("GOPSY_PPROF_SOURCE")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_inputs(folder, peer if update else GOPSY)
        for golden, flags, which in CASES:
            arguments = arguments_of(flags) + [str(folder / which)]
            got = run(GOPSY, arguments)
            path = STORED / stored_name(golden, flags)
            if update:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(run(peer, arguments).stdout)
            check.same(f"{golden}: {flags}", got, path.read_bytes())
            if source:
                public = pathlib.Path(source) / "internal/driver/testdata" / f"pprof.{golden}"
                check.same(f"public {golden}: {flags}", got, public.read_bytes())
        if source:
            base = pathlib.Path(source)
            for path in sorted((base / "profile/testdata").glob("*.string")):
                # The command gives profiles without mappings a main one; the parser that wrote Java's texts did not.
                want = path.read_bytes()
                if path.name.startswith("java."):
                    want = with_main_mapping(want)
                profile = path.with_suffix("")
                check.same(f"-raw {profile.name}", run(GOPSY, ["-symbolize=none", "-raw", str(profile)]), want)
            report = base / "internal/report"
            flags = ["-trim_path=/some/path", "-sample_index=1", "-symbolize=none"]
            check.same("source.rpt", run(GOPSY, ["-list=."] + flags + [str(folder / "report")], report),
                       (report / "testdata/source.rpt").read_bytes())
            (folder / "unnamed").write_bytes(golden_inputs.report(named=False).bytes())
            check.same("source.dot", run(GOPSY, ["-dot", "-call_tree", "-lines", "-showcolumns", "-trim=false"] + flags
                                         + [str(folder / "unnamed")], report),
                       (report / "testdata/source.dot").read_bytes())
    if not source:
        print("SKIPPED: google/pprof's own files: set GOPSY_PPROF_SOURCE to a checkout of it")
    print(f"{check.done} compared, {check.failed} different")
    return 1 if check.failed or check.done < len(CASES) else 0


if __name__ == "__main__":
    sys.exit(main())
