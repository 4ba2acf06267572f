#!/usr/bin/env python3
"""gopsy trace beside `go tool trace`, same input, same machine, one run: ./dev bench trace [--quick]

Needs Go, which makes the traces (bench/trace_load) and is the peer. --quick stops at 10 MB.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measuring import GOPSY, ROOT, measure


def row(name, command, bar="", runs=3):
    cost = measure(command, runs)
    print(f"{name:<58}{cost.cpu:>8.2f} s{cost.wall:>9.2f} s{cost.mib:>9.0f} MiB  {bar}", flush=True)
    return cost


def events_of(trace):
    text = subprocess.run([GOPSY, "trace", trace, "--json"], capture_output=True, text=True, check=True).stdout
    return int(next(line for line in text.splitlines() if '"events"' in line).split(":")[1].strip(" ,"))


def main():
    go = shutil.which("go")
    if not go:
        print("trace: it needs go, left out")
        return 0
    tool = subprocess.run([go, "tool", "-n", "trace"], capture_output=True, text=True, check=True).stdout.strip()
    quick = "--quick" in sys.argv
    print(f"{'work':<58}{'cpu':>10}{'wall':>11}{'resident':>13}  bar")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        load = folder / "load"
        subprocess.run([go, "build", "-o", load, "."], cwd=ROOT / "bench/trace_load", check=True)
        for work, megabytes in [("web", 10), ("ping", 10)] + ([] if quick else [("web", 105), ("web", 524)]):
            trace = folder / f"{work}-{megabytes}"
            subprocess.run([load, "-work", work, "-bytes", str(megabytes * 1_000_000), "-o", trace], check=True)
            events = events_of(trace)
            cost = row(f"order: {work}, {megabytes} MB, {events:,} events", [GOPSY, "trace", trace])
            print(f"{'':<10}{events / cost.cpu / 1e6:.1f} M events per CPU second{'':<28}40 M", flush=True)
            if megabytes > 200:
                continue
            ours = row(f"-d=parsed: {work}, {megabytes} MB", [GOPSY, "trace", trace, "-d=parsed"],
                       "6 s for 105 MB" if megabytes > 100 else "", runs=1)
            if megabytes <= 10:
                theirs = row("  go tool trace -d=parsed of it", [tool, "-d=parsed", trace], runs=1)
                print(f"  ratio of CPU time: {theirs.cpu / ours.cpu:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
