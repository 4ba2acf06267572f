#!/usr/bin/env python3
"""A goroutine dump of 100,000 goroutines, 60 kinds of stacks, 142 MB, through the product and panicparse, same input,
same machine, one run: ./dev bench dump

panicparse is taken from GOPSY_PANICPARSE_PEER, else from the path, else built with `go install`, else left out. It runs
once, with -aggressive: its default level does not finish on this input.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from measuring import GENERATE_DUMP, GOPSY, measure

MOST_CPU, MOST_MIB = 0.3, 250


def panicparse(folder):
    named = os.environ.get("GOPSY_PANICPARSE_PEER") or shutil.which("panicparse")
    if named:
        return named
    go = shutil.which("go")
    if not go:
        return None
    environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-mod=mod"}
    built = subprocess.run([go, "install", "github.com/maruel/panicparse/v2@latest"], env=environment, check=False,
                           capture_output=True)
    return str(folder / "panicparse") if built.returncode == 0 else None


def row(name, cost, bar=""):
    print(f"{name:<46}{cost.cpu:>8.3f} s{cost.wall:>9.3f} s{cost.mib:>9.0f} MiB  {bar}", flush=True)


def main():
    met = True
    print(f"{'work':<46}{'cpu':>10}{'wall':>11}{'resident':>13}  bar")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        dump = folder / "goroutines.txt"
        subprocess.run([GENERATE_DUMP, "100000", "60", "3", dump], check=True)
        print(f"100,000 goroutines, {dump.stat().st_size / 1e6:.0f} MB")
        for command in ("diagnose", "goroutines"):
            cost = measure([GOPSY, command, dump])
            row(f"gopsy {command}", cost, f"{MOST_CPU} s, {MOST_MIB} MiB")
            met &= cost.cpu <= MOST_CPU and cost.mib <= MOST_MIB
        peer = panicparse(folder)
        if peer is None:
            print("panicparse: not installed and not to be built, left out")
        else:
            row("panicparse -aggressive", measure([peer, "-aggressive", dump], runs=1))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
