#!/usr/bin/env python3
"""gopsy flame --pid N --seconds S: a goroutine that waits for S seconds counts S seconds, whatever it waits for.

The process is not stopped, and looking at it costs next to nothing; what cannot be done here is said.
"""
import subprocess
import sys
import tempfile

import goroutines_live as zoo

SECONDS = 2
EXPECTED = {"main.receiver": ("chan receive", 4), "main.sleeper": ("sleep", 2), "main.main": ("select (no cases)", 1)}


def folded(pid, *flags):
    return subprocess.run([zoo.GOPSY, "flame", "--pid", str(pid), *flags, "--to", "folded"], capture_output=True,
                          text=True, timeout=60)


def check(go, name, folder):
    program, why = zoo.build(go, {"main.go": "wall.go.txt"}, "stripped", folder)
    if program is None:
        return [], f"{name}: left out, it does not build: {why}"
    process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        done = folded(process.pid, "--seconds", str(SECONDS), "--by", "state")
        if done.returncode != 0:
            return [f"{name}: exit {done.returncode}: {done.stderr[-300:]}"], name
        sums, bad = {}, []
        for line in done.stdout.splitlines():
            stack, _, value = line.rpartition(" ")
            frames = stack.split(";")
            function = next((f for f in reversed(frames) if f.startswith("main.")), None)
            if "[on a processor]" in frames:
                function = frames[0]
            if function in EXPECTED and frames[0] != f"state={EXPECTED[function][0]}":
                bad.append(f"{name}: {function} in {frames[0]}")
            if "runtime.goexit" in frames or any("gcBgMarkWorker" in f for f in frames):
                bad.append(f"{name}: the runtime's own: {stack}")
            sums[function] = sums.get(function, 0) + int(value)
        for function, (_, count) in EXPECTED.items():
            seconds = sums.get(function, 0) / 1e9
            if not 0.8 * count * SECONDS < seconds < 1.3 * count * SECONDS:
                bad.append(f"{name}: {function}: {seconds:.2f} s, expected {count * SECONDS}")
        if not 0.5 * SECONDS < sums.get("state=running", 0) / 1e9 < 1.3 * SECONDS:  # not all the time where CPUs are few
            bad.append(f"{name}: the one that runs: {sums}")
        return bad, f"{name}: {sum(sums.values()) / 1e9:.1f} s of goroutines in {SECONDS} s"
    finally:
        process.kill()
        process.wait()


def main():
    tools = zoo.toolchains()
    if not tools:
        print("wall_clock_live: no Go here, left out")
        return 0
    failures = []
    for name, go in tools if zoo.FULL else tools[:2]:
        with tempfile.TemporaryDirectory() as folder:
            bad, line = check(go, name, folder)
        print(line, flush=True)
        failures += bad
    for flags in (["--seconds", "x"], ["--seconds", "0"], ["--seconds", "1", "--hertz", "-3"]):
        done = folded(1, *flags)
        if done.returncode != 2 or flags[-1] not in done.stderr:
            failures.append(f"{flags}: exit {done.returncode}: {done.stderr}")
    for one in failures:
        print("FAIL", one)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
