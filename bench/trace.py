#!/usr/bin/env python3
"""gopsy trace beside `go tool trace`, same input, same machine, one run: ./dev bench trace [--quick]

Needs Go, which makes the traces (bench/trace_load) and is the peer. --quick stops at 10 MB; --peer runs the peer's
profiles on 105 MB too, which takes it 10 GB of memory. Traces before Go 1.22 (v1) need Go 1.19 in /usr/lib/go-1.19.

"order" is -d counts: every event in order, counted by type. "analyses" is the overview: all analyses in one pass.
"""
import os
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


def rates(what, trace, megabytes, bars=("", "", ""), runs=5):
    """Order, all analyses, a profile; the last one's cost."""
    events = events_of(trace)
    cost = row(f"order: {what}, {megabytes} MB, {events:,} events", [GOPSY, "trace", trace, "-d=counts", "--salvage"],
               bars[0], runs)
    print(f"{'':<10}{events / cost.cpu / 1e6:.1f} M events per CPU second", flush=True)
    row(f"analyses: {what}, {megabytes} MB", [GOPSY, "trace", trace], bars[1], runs)
    return row(f"--pprof=sched: {what}, {megabytes} MB", [GOPSY, "trace", trace, "--pprof=sched", "-o", os.devnull],
               bars[2], runs)


def peer_profile(tool, trace, ours):
    theirs = row("  go tool trace -pprof=sched of it", [tool, "-pprof=sched", trace], runs=1)
    print(f"  ratio of CPU time: {theirs.cpu / ours.cpu:.0f}, of memory: {theirs.mib / ours.mib:.0f}", flush=True)


def old_load(folder):
    """The load, built with the last Go that writes v1 and Debian has."""
    go = pathlib.Path("/usr/lib/go-1.19/bin/go")
    if not go.exists():
        return None
    load = folder / "old_load"
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=mod")
    subprocess.run([go, "build", "-o", load, ROOT / "bench/trace_load/main.go"], check=True, env=environment)
    return load


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
            bars = {105: ("40 M events/s", "1.5 s, 200 MB", "1.5 s, 200 MB"),
                    524: ("40 M events/s", "8 s, 250 MB", "8 s, 250 MB")}.get(megabytes, ("", "", ""))
            profile = rates(work, trace, megabytes, bars)
            if megabytes <= 10 or (megabytes <= 105 and "--peer" in sys.argv):
                peer_profile(tool, trace, profile)
            if megabytes > 200:
                continue
            ours = row(f"-d=parsed: {work}, {megabytes} MB", [GOPSY, "trace", trace, "-d=parsed"],
                       "6 s for 105 MB" if megabytes > 100 else "", runs=1)
            if megabytes <= 10:
                theirs = row("  go tool trace -d=parsed of it", [tool, "-d=parsed", trace], runs=1)
                print(f"  ratio of CPU time: {theirs.cpu / ours.cpu:.0f}")
        old = old_load(folder)
        for megabytes in ([10] if quick else [10, 105]) if old else []:
            trace = folder / f"v1-{megabytes}"
            subprocess.run([old, "-bytes", str(megabytes * 1_000_000), "-o", trace], check=True)
            profile = rates("v1 web", trace, megabytes, ("", "3 s, 1.5 GB", "") if megabytes > 10 else ("", "", ""), runs=3)
            if megabytes <= 10:
                peer_profile(tool, trace, profile)
    return 0


if __name__ == "__main__":
    sys.exit(main())
