#!/usr/bin/env python3
"""Speed and memory of the product beside its peers, same input, same machine, one run: ./dev bench

Peers that are not installed are left out and said to be.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from measuring import GENERATE, GOPSY, measure, pprof_peer


def row(name, command, bar=""):
    cost = measure(command)
    print(f"{name:<58}{cost.cpu:>8.3f} s{cost.wall:>9.3f} s{cost.mib:>9.0f} MiB  {bar}", flush=True)
    return cost.cpu


def main():
    peer_command = pprof_peer()
    print(f"{'work':<58}{'cpu':>10}{'wall':>11}{'resident':>13}  bar")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        profile, raw, folded = work / "cpu.pb.gz", work / "cpu.pb", work / "60k.folded"
        subprocess.run([GENERATE, "100000", "50", "2000", "100", profile], check=True)
        subprocess.run([GENERATE, "100000", "50", "2000", "100", raw], check=True)
        subprocess.run([GENERATE, "66000", "27", "6000", "120", work / "wide.pb"], check=True)
        with open(folded, "wb") as out:
            subprocess.run([GOPSY, "flame", work / "wide.pb", "--to", "folded"], stdout=out, check=True)
        stacks = sum(1 for _ in open(folded, "rb"))
        size = folded.stat().st_size / 1e6

        row("diagnose examples/incident", [GOPSY, "diagnose", "examples/incident"], "50 ms")
        row(f"flame: folded, {stacks} unique stacks, {size:.0f} MB", [GOPSY, "flame", folded, "-o", work / "x.svg"], "0.2 s")
        print(f"{'':<58}{(work / 'x.svg').stat().st_size / 1000:>8.0f} kB of SVG{'':>18}400 KB")
        ours = row("decode, fold and draw: CPU profile, 100,000 x 50, raw", [GOPSY, "flame", raw, "-o", work / "y.svg"], "0.3 s")
        zipped = row("the same, gzip", [GOPSY, "flame", profile, "-o", work / "y.svg"], "0.3 s")
        subprocess.run([GOPSY, "flame", profile, "-o", work / "y.folded"], check=True)
        text = (work / "y.folded").stat().st_size / 1e6
        row(f"the same, every frame as folded text, {text:.0f} MB", [GOPSY, "flame", profile, "--to", "folded", "-o", os.devnull])
        if peer_command:
            peer = row("  google/pprof -top of it", [*peer_command, "-top", "-symbolize=none", profile])
            print(f"  ratio of CPU time: {peer / zipped:.0f}")
        else:
            print("  google/pprof: not installed, left out")
    return 0 if ours else 1


if __name__ == "__main__":
    sys.exit(main())
