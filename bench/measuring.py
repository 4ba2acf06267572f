"""Runs a command and says what it cost: CPU is user plus system time of the process and its children, the best of so
many runs; memory is the largest resident set."""
import os
import pathlib
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GOPSY = ROOT / "build/release/gopsy"
GENERATE = ROOT / "build/bench/bench/generate_profile"
GENERATE_DUMP = ROOT / "build/bench/bench/generate_dump"


class Cost:
    def __init__(self, cpu, wall, mib):
        self.cpu, self.wall, self.mib = cpu, wall, mib


def measure(command, runs=3, environment=None):
    """The cheapest of `runs`. What the command prints goes nowhere; an exit status other than 0 ends the measurement."""
    best = None
    for _ in range(runs):
        before = time.perf_counter()
        with open(os.devnull, "wb") as null:
            process = subprocess.Popen([str(word) for word in command], stdout=null, stderr=null, cwd=ROOT, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - before
        if status != 0:
            raise SystemExit(f"{command}: exit status {status}")
        cost = Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)
        best = cost if best is None or cost.cpu < best.cpu else best
    return best


def pprof_peer():
    """The command of google/pprof: GOPSY_PPROF_PEER, else `pprof` on the path, else Go's own copy, else none."""
    named = os.environ.get("GOPSY_PPROF_PEER")
    if named:
        return [named]
    alone = shutil.which("pprof")
    if alone:
        return [alone]
    go = shutil.which("go")
    if not go:
        return None
    # The tool itself: `go tool` would be measured as well.
    tool = subprocess.run([go, "tool", "-n", "pprof"], capture_output=True, text=True, check=False)
    return [tool.stdout.strip()] if tool.returncode == 0 and tool.stdout.strip() else [go, "tool", "pprof"]
