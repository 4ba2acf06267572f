#!/usr/bin/env python3
"""gopsy trace -d and --pprof print of recorded traces what go tool trace of Go 1.26 printed: EXPECTED.tsv has the hashes,
and of profiles the sums. No Go needed.

The traces are those of esbuild, as npm has it (Go 1.20, 1.22.4, 1.23.12, 1.25.7, 1.26.5), and of its watcher, killed.
With GOPSY_TRACE_TOOL naming the tool, EXPECTED.tsv is written anew.
"""
import gzip
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

import pprof_text

HERE = pathlib.Path(__file__).resolve().parent / "recorded"
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[2] / "build/release/gopsy"))
TOOL = os.environ.get("GOPSY_TRACE_TOOL")
MODES = ["parsed", "wire", "footprint"]
PROFILES = ["sched", "sync", "syscall", "net"]


def digest(command):
    done = subprocess.run(command, capture_output=True, env=dict(os.environ, TZ="UTC"))
    return hashlib.sha256(done.stdout).hexdigest() if done.returncode == 0 else "fails"


def sums(command):
    done = subprocess.run(command, capture_output=True)
    if done.returncode != 0:
        return "fails"
    profile = pprof_text.Profile(done.stdout)
    contentions, delay = [sum(column) for column in zip(*profile.samples.values())] or (0, 0)
    return f"{contentions} contentions, {delay} ns, {hashlib.sha256(profile.text().encode()).hexdigest()}"


def main():
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(HERE.glob("*.trace.gz")):
            trace = pathlib.Path(folder) / path.stem
            trace.write_bytes(gzip.decompress(path.read_bytes()))
            for mode in MODES:
                command = [TOOL, f"-d={mode}", str(trace)] if TOOL else [GOPSY, "trace", str(path), f"-d={mode}"]
                rows.append(f"{path.name}\t{mode}\t{digest(command)}\n")
            for kind in PROFILES:
                command = [TOOL, f"-pprof={kind}", str(trace)] if TOOL else [GOPSY, "trace", str(path), f"--pprof={kind}"]
                rows.append(f"{path.name}\t{kind}\t{sums(command)}\n")
    expected = HERE / "EXPECTED.tsv"
    if TOOL:
        expected.write_text("".join(rows))
    different = sorted(set(rows) ^ set(expected.read_text().splitlines(keepends=True)))
    print(f"{len(rows)} outputs, {len(different)} lines differ")
    sys.stdout.writelines(different)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
