#!/usr/bin/env python3
"""gopsy trace --pprof writes what `go tool trace -pprof` of Go 1.26 writes: the same stacks, counts and nanoseconds, on
fresh traces of the installed Go, on v1 traces of an older one where there is one, and on the recorded ones.

Names are compared by pc.

Needs Go 1.26 or later. GOPSY_TRACES names a folder with more traces.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import differential
import pprof_text

KINDS = ["sched", "sync", "syscall", "net"]
OLD_GO = pathlib.Path("/usr/lib/go-1.19/bin/go")
LOAD = differential.ROOT / "bench/trace_load"


def profile(command):
    output, well, why = differential.run(command)
    return (pprof_text.Profile(output) if well else None), why


class Comparison:
    def __init__(self, tool):
        self.tool, self.same, self.samples, self.refused, self.different = tool, 0, 0, 0, []

    def compare(self, name, path):
        for kind in KINDS:
            theirs, why = profile([self.tool, f"-pprof={kind}", path])
            ours, our_why = profile([differential.GOPSY, "trace", path, f"--pprof={kind}"])
            if theirs is None:
                self.refused += 1  # it takes no trace that is damaged in any way
            elif ours is None:
                self.different.append(f"{name} {kind}: we say {our_why!r}")
            elif theirs.text() != ours.text():
                self.different.append(f"{name} {kind}: {self.difference(theirs, ours)}")
            else:
                self.same += 1
                self.samples += len(ours.samples)
                self.names(f"{name} {kind}", theirs, ours)

    def names(self, where, theirs, ours):
        for pc, frames in theirs.names.items():
            if pc != 0 and frames != ours.names[pc]:
                self.different.append(f"{where}: at {pc:#x} they have {frames}, we {ours.names[pc]}")

    @staticmethod
    def difference(theirs, ours):
        only = [set(a.samples.items()) - set(b.samples.items()) for a, b in [(theirs, ours), (ours, theirs)]]
        sums = [[sum(column) for column in zip(*p.samples.values())] for p in (theirs, ours)]
        return f"sums {sums}; only theirs {len(only[0])}, only ours {len(only[1])}: {[sorted(s)[:2] for s in only]}"


def of_old_go(folder):
    if not OLD_GO.exists():
        print(f"  no {OLD_GO}: of v1 only the recorded trace")
        return []
    program, trace = folder / "old", folder / "old.trace"
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=mod")
    subprocess.run([OLD_GO, "build", "-o", program, LOAD / "main.go"], check=True, env=environment)
    subprocess.run([program, "-bytes", "1000000", "-o", trace], check=True)
    return [("web of Go 1.19", trace)]


def main():
    go = shutil.which("go")
    version = re.search(r"go1\.(\d+)", differential.run([go, "version"])[0].decode()) if go else None
    if not version or int(version[1]) < 26:
        print("skipped: it needs go 1.26 or later")
        return 0
    comparison = Comparison(differential.run([go, "tool", "-n", "trace"])[0].decode().strip())
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for trace, path in differential.fresh(folder) + of_old_go(folder) + differential.recorded(folder):
            comparison.compare(trace, path)
    print(f"{comparison.same} profiles with {comparison.samples:,} stacks are the same, {len(comparison.different)} "
          f"differ; the tool refused {comparison.refused} profiles of damaged traces")
    print("\n".join(comparison.different[:40]))
    return 1 if comparison.different else 0


if __name__ == "__main__":
    sys.exit(main())
