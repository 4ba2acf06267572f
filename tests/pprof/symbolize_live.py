#!/usr/bin/env python3
"""Symbols from the binary are those that the runtime wrote into the profile itself, inlined calls included.

Profiles of a real program lose their functions and lines; `gopsy pprof BINARY PROFILE` must then print what it prints of
the whole profile. Built plain, stripped, position-independent, both, and with -trimpath. A binary that was damaged
must not crash it.
"""
import gzip
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[1] / "build/release/gopsy"))

BUILDS = {
    "plain": [],
    "stripped": ["-ldflags=-s -w"],
    "pie": ["-buildmode=pie"],
    "pie stripped": ["-buildmode=pie", "-ldflags=-s -w"],
    "trimpath": ["-trimpath"],
}
REPORTS = [["-traces"], ["-top", "-lines"], ["-top", "-cum", "-nodecount=50"], ["-tree", "-noinlines"]]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def to_varint(value):
    out = b""
    while value >= 128:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def fields(data):
    """(number, the field as it stands, its content if it has a length)"""
    at = 0
    while at < len(data):
        tag, start = varint(data, at)
        if tag & 7 == 0:
            _, end = varint(data, start)
            yield tag >> 3, data[at:end], None
        else:
            size, start = varint(data, start)
            end = start + size
            yield tag >> 3, data[at:end], data[start:end]
        at = end


def without_symbols(data):
    """The profile without functions (5), lines of locations (4.4), and what mappings say they have (3.7 to 3.10)."""
    out = b""
    for number, whole, content in fields(data):
        if number == 5:
            continue
        if number in (3, 4):
            gone = {3: (7, 8, 9, 10), 4: (4,)}[number]
            content = b"".join(whole for inner, whole, _ in fields(content) if inner not in gone)
            whole = to_varint(number << 3 | 2) + to_varint(len(content)) + content
        out += whole
    return out


def report(flags, *files):
    run = subprocess.run([GOPSY, "pprof", *flags, *map(str, files)], capture_output=True, check=False)
    return run.returncode, run.stdout


def damaged_binaries_are_survived(binary, profile, folder):
    random.seed(1)
    whole = binary.read_bytes()
    bad = folder / "damaged"
    table = whole.find(b"\xf1\xff\xff\xff\x00\x00")
    failures = 0
    for case in range(60):
        data = bytearray(whole)
        if case % 3 == 0:
            del data[random.randrange(len(data)):]
        start, size = (table, 200_000) if case % 2 else (0, 4096)
        for _ in range(200):
            at = start + random.randrange(size)
            if at < len(data):
                data[at] = random.randrange(256)
        data[:4] = b"\x7fELF"
        bad.write_bytes(data)
        status, _ = report(["-top"], bad, profile)
        if status not in (0, 1, 2):
            failures += 1
            print(f"damaged binary {case}: status {status}")
    return failures


def main():
    if shutil.which("go") is None:
        print("SKIPPED: go is not installed: nothing to compare with")
        return 0
    same = different = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = dict(os.environ, GO111MODULE="off", GOFLAGS="", CGO_ENABLED="0")
        for build, flags in BUILDS.items():
            binary = folder / "program"
            run = subprocess.run(["go", "build", *flags, "-o", str(binary), str(HERE / "programs/text/text.go")],
                                 env=environment, capture_output=True, text=True, check=False)
            if run.returncode != 0:
                print(f"SKIPPED: {build}: {run.stderr.strip()}")
                continue
            subprocess.run([str(binary), str(folder)], check=True)
            for profile in sorted(folder.glob("*.pb.gz")):
                stripped = folder / "stripped.pb"
                stripped.write_bytes(without_symbols(gzip.decompress(profile.read_bytes())))
                for flags_of_report in REPORTS:
                    want = report(["-symbolize=none", *flags_of_report], profile)
                    got = report(flags_of_report, binary, stripped)
                    if got == want and got[0] == 0:
                        same += 1
                    else:
                        different += 1
                        print(f"different: {build}: {flags_of_report} {profile.name}")
            if build == "plain":
                different += damaged_binaries_are_survived(binary, folder / "stripped.pb", folder)
    print(f"{same} reports same, {different} different")
    return 1 if different or same < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
