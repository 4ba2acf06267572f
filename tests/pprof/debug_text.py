#!/usr/bin/env python3
"""The debug=1 texts of a real Go program hold the stacks and values of the binary profiles written beside them.

What the text leaves out by its nature is taken from the binary side: of goroutines the runtime's frames at the leaf,
of threads the stacks, which are but zeros in every Go since 1.22.
"""
import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[1] / "build/release/gopsy"))

KINDS = {
    "heap": ["alloc_objects", "alloc_space", "inuse_objects", "inuse_space"],
    "allocs": ["alloc_objects", "alloc_space", "inuse_objects", "inuse_space"],
    "mutex": ["contentions", "delay"],
    "block": ["contentions", "delay"],
    "goroutine": ["goroutine"],
    "threadcreate": ["threadcreate"],
}


def hidden_at_leaf(name):
    return name.startswith(("runtime.", "internal/runtime/"))


def stacks(path, index, hide):
    run = subprocess.run([GOPSY, "convert", "--to", "folded", "--sample-index", index, str(path)],
                         capture_output=True, text=True, check=True)
    sums = collections.Counter()
    for line in run.stdout.splitlines():
        stack, _, value = line.rpartition(" ")
        frames = [frame.removesuffix("_[i]").replace("[go.shape.[]uint8]", "[...]") for frame in stack.split(";")]
        visible = frames[:]
        while hide and visible and hidden_at_leaf(visible[-1]):
            visible.pop()
        key = "a thread" if index == "threadcreate" else ";".join(visible or frames)
        sums[key] += int(value)
    return sums


def main():
    if shutil.which("go") is None:
        print("SKIPPED: go is not installed: nothing to compare with")
        return 0
    compared = different = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = dict(os.environ, GO111MODULE="off", GOFLAGS="")
        subprocess.run(["go", "build", "-o", str(folder / "program"), str(HERE / "programs/text/text.go")],
                       env=environment, check=True)
        subprocess.run([str(folder / "program"), str(folder)], check=True)
        for kind, indexes in KINDS.items():
            for index in indexes:
                want = stacks(folder / f"{kind}.pb.gz", index, kind == "goroutine")
                got = stacks(folder / f"{kind}.txt", index, kind == "goroutine")
                compared += len(want)
                for stack in sorted(want.keys() | got.keys()):
                    # Unsampling ends in a cut to whole numbers, and the two sides may use different exponentials.
                    if abs(want[stack] - got[stack]) > 1:
                        different += 1
                        print(f"{kind} {index}: text {got[stack]}, binary {want[stack]}: {stack}")
    print(f"{compared} stacks compared, {different} different")
    return 1 if different or compared < 20 else 0


if __name__ == "__main__":
    sys.exit(main())
