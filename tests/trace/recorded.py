#!/usr/bin/env python3
"""gopsy trace -d and --pprof print of recorded traces what go tool trace of Go 1.26 printed, and -d with --dialect what that
of an older Go printed: EXPECTED.tsv has the hashes, and of profiles the sums. No Go needed.

The traces are those of esbuild, as npm has it (Go 1.20, 1.22.4, 1.23.12, 1.25.7, 1.26.5), of its watcher, killed, and of
programs/older.go (Go 1.18.10 and 1.21.13).
With GOPSY_TRACE_TOOL naming the tool, its rows of EXPECTED.tsv are written anew; GOPSY_TRACE_DIALECT=go1.24 says whose tool
it is, if not that of Go 1.26.
"""
import gzip
import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import pprof_text

HERE = pathlib.Path(__file__).resolve().parent / "recorded"
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[2] / "build/release/gopsy"))
TOOL = os.environ.get("GOPSY_TRACE_TOOL")
DIALECT = os.environ.get("GOPSY_TRACE_DIALECT", "go1.26")
MODES = ["parsed", "wire", "footprint"]
PROFILES = ["sched", "sync", "syscall", "net"]
# The newest format that the tool of each Go reads; that of Go 1.22 prints traces before 1.22 in a form of its own.
DIALECTS = {"go1.22": range(22, 23), "go1.23": range(11, 24), "go1.24": range(11, 24), "go1.25": range(11, 26)}


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


def told(name, command):
    return sums(command) if name in PROFILES else digest(command)


def format_of(trace):
    return int(re.match(rb"go 1\.(\d+) trace", pathlib.Path(trace).read_bytes()[:16])[1])


def commands(path, trace):
    """What to compare of a trace: a name, whose tool, and how to run that tool and gopsy."""
    for mode in MODES:
        yield mode, "go1.26", [TOOL, f"-d={mode}", trace], [GOPSY, "trace", str(path), f"-d={mode}"]
    for kind in PROFILES:
        yield kind, "go1.26", [TOOL, f"-pprof={kind}", trace], [GOPSY, "trace", str(path), f"--pprof={kind}"]
    for dialect, formats in DIALECTS.items():
        if format_of(trace) in formats:
            mode = "-d=1" if dialect < "go1.24" else "-d=parsed"
            yield (f"parsed {dialect}", dialect, [TOOL, mode, trace],
                   [GOPSY, "trace", str(path), "-d=parsed", f"--dialect={dialect}"])


def main():
    rows = []
    expected = HERE / "EXPECTED.tsv"
    known = {tuple(line.split("\t")[:2]): line for line in expected.read_text().splitlines(keepends=True)}
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(HERE.glob("*.trace.gz")):
            trace = pathlib.Path(folder) / path.stem
            trace.write_bytes(gzip.decompress(path.read_bytes()))
            for name, dialect, theirs, ours in commands(path, str(trace)):
                if not TOOL:
                    rows.append(f"{path.name}\t{name}\t{told(name, ours)}\n")
                elif dialect == DIALECT:
                    rows.append(f"{path.name}\t{name}\t{told(name, theirs)}\n")
                elif (path.name, name) in known:
                    rows.append(known[path.name, name])
    if TOOL:
        expected.write_text("".join(rows))
    different = sorted(set(rows) ^ set(expected.read_text().splitlines(keepends=True)))
    print(f"{len(rows)} outputs, {len(different)} lines differ")
    sys.stdout.writelines(different)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
