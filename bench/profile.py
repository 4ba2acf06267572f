#!/usr/bin/env python3
"""gopsy pprof beside google/pprof on big profiles, same input, same machine, one run: ./dev bench profile [--quick]

The bars are the project's own. The floor is what inflating and walking the bytes costs, from profile_floor. --quick
leaves out what takes the peer more than half a minute.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measuring import GENERATE, GOPSY, ROOT, measure, pprof_peer

FLOOR = ROOT / "build/bench/bench/profile_floor"


class Table:
    def __init__(self, peer, environment, slow):
        self.peer, self.environment, self.slow = peer, environment, slow
        self.missed = []
        print(f"{'work':<46}{'cpu':>8}{'MiB':>6}  {'bar':<18}{'floor':>8}{'x':>5}   {'peer cpu':>9}{'MiB':>6}{'ratio':>7}")

    def row(self, name, flags, files, cpu_bar=None, mib_bar=None, slow=False, floor=None):
        files = [str(file) for file in files]
        ours = measure([GOPSY, "pprof", "-symbolize=none", *flags, *files], environment=self.environment)
        bar = ""
        if cpu_bar is not None:
            bar = f"{cpu_bar:g} s" + (f" {mib_bar} MiB" if mib_bar else "")
            if ours.cpu > cpu_bar or (mib_bar and ours.mib > mib_bar):
                bar += " miss"
                self.missed.append(name)
        line = f"{name:<46}{ours.cpu:>8.3f}{ours.mib:>6.0f}  {bar:<18}"
        line += f"{floor:>8.3f}{ours.cpu / floor:>5.1f}" if floor else " " * 13
        print(line, end="", flush=True)
        if self.peer and (self.slow or not slow):
            theirs = measure([*self.peer, "-symbolize=none", *flags, *files], runs=1, environment=self.environment)
            print(f"   {theirs.cpu:>9.2f}{theirs.mib:>6.0f}{theirs.cpu / ours.cpu:>7.0f}", end="")
        print(flush=True)
        return ours


def floor_of(*files):
    total = 0.0
    for file in files:
        best = min(
            sum(map(float, subprocess.run([FLOOR, file], capture_output=True, text=True, check=True).stdout.split()[:2]))
            for _ in range(3)
        )
        total += best
    return total


def generate(folder):
    def walk(samples, labels, seed, name):
        path = folder / name
        subprocess.run([GENERATE, "walk", str(samples), "50", str(labels), str(seed), path], check=True)
        return path

    return {
        "10k": walk(10_000, 0, 20, "10k.pb.gz"),
        "100k": walk(100_000, 0, 20, "100k.pb.gz"),
        "1M": walk(1_000_000, 0, 20, "1m.pb.gz"),
        "labelled": walk(100_000, 1, 20, "labelled.pb.gz"),
        "parts": [walk(10_000, 0, seed, f"part{seed}.pb.gz") for seed in range(100)],
    }


def startup(table, environment):
    """Wall time of a report of a real, small profile: what a user waits for."""
    small = ROOT / "examples/incident/cpu.pb.gz"
    walls = [measure([GOPSY, "pprof", "-symbolize=none", "-top", small], 1, environment).wall for _ in range(20)]
    best = sorted(walls)[len(walls) // 2] * 1000
    size = small.stat().st_size / 1000
    line = f"-top, {size:.1f} kB, wall, median of 20: {best:.1f} ms (bar 5 ms)"
    if best > 5:
        table.missed.append("small")
        line += " miss"
    if table.peer:
        theirs = [measure([*table.peer, "-symbolize=none", "-top", small], 1, environment).wall for _ in range(5)]
        line += f"; peer {sorted(theirs)[2] * 1000:.0f} ms"
    print(line)


def main():
    quick = "--quick" in sys.argv[1:]
    peer = pprof_peer()
    print("peer:", " ".join(peer) if peer else "google/pprof is not installed, left out")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        # The peer keeps fetched profiles and looks for binaries under HOME.
        environment = {**os.environ, "HOME": name, "PPROF_TMPDIR": name, "PPROF_BINARY_PATH": name}
        files = generate(folder)
        floor = {key: floor_of(files[key]) for key in ("10k", "100k", "1M", "labelled")}
        parts = floor_of(*files["parts"][:10]) * 10
        table = Table(peer, environment, not quick)
        tops = [
            table.row("-top, 10k x 50", ["-top"], [files["10k"]], floor=floor["10k"]),
            table.row("-top, 100k x 50", ["-top"], [files["100k"]], floor=floor["100k"]),
            table.row("-top, 1M x 50", ["-top"], [files["1M"]], 1.2, 400, slow=True, floor=floor["1M"]),
        ]
        table.row("-top, 100k, two labels a sample", ["-top"], [files["labelled"]], 0.6, 200, True, floor["labelled"])
        table.row("-traces, 100k", ["-traces"], [files["100k"]], 0.3, 100, floor=floor["100k"])
        table.row("-callgrind, 100k", ["-callgrind"], [files["100k"]], 0.5, floor=floor["100k"])
        table.row("-proto, 100 x 10k", ["-proto", "-output=" + os.devnull], files["parts"], 0.6, 150, True, parts)
        table.row("-proto, 1M", ["-proto", "-output=" + os.devnull], [files["1M"]], 2, floor=floor["1M"])
        for report in ("-tree", "-dot", "-raw", "-tags", "-peek=Method77$"):
            table.row(f"{report}, 100k", [report], [files["100k"]], floor=floor["100k"])
        startup(table, environment)
        each = [cost.cpu / samples * 1e6 for cost, samples in zip(tops, (1e4, 1e5, 1e6))]
        print("CPU microseconds a sample of -top at 10k, 100k, 1M: " + ", ".join(f"{value:.2f}" for value in each))
        shutil.rmtree(folder / "pprof", ignore_errors=True)
    print("missed: " + (", ".join(table.missed) or "none"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
