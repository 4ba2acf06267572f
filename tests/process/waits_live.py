#!/usr/bin/env python3
"""gopsy finds who waits for whom in the memory of living processes and in cores, and invents nobody.

programs/locks.go.txt holds locks in every way that code can, and is built by each Go there is, stripped and not. What is
waited for, who has it, which of them wait in rings and which locks nobody will unlock is known by how it is written; the
answer has to be exactly that, alive and from the core.

GOPSY_PROCESS_MATRIX=full builds every form with every Go.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from goroutines_live import FORMS, FULL, GOPSY, build, core_in, toolchains, unlimited_core  # noqa: E402

# (functions that wait, functions that have it), sorted; a ring is marked with "ring", a lock that nobody has with "nobody".
EXPECTED = sorted([
    ("want", "deferred"), ("want", "closure"), ("want", "plain"), ("want", "helpers"), ("want", "inLoop"),
    ("want", "early"), ("want", "farOut"), ("wantInner", "throughPointer"), ("globalWant", "globalDeferred"),
    ("readWant writer", "reader readerDeferred"), ("readWant writer", "writerHolds"), ("wantLocker", "locker"),
    ("want", "nobody"), ("ring", "ring ring"), ("ring", "ring ring"), ("ringPlain", "ringPlain ring"),
    ("ringPlain", "ringPlain ring"), ("want", "self ring"), ("selfTwice", "selfTwice ring"),
    ("readWant writer", "readTwice ring"), ("want", "deferred"), ("wantLocker", "holdsCondLock"),
    ("onceInOnce", "once ring"), ("waitFor", "doneAfter doneDeferred"), ("waitForNobody", "nobody"),
    ("waitsUnderLock", "worker ring"), ("worker", "waitsUnderLock ring"),
])
# By the program's own function: what it waits for.
OTHERS = {
    "accept": r"network: accept, fd \d+( \(tcp 127\.0\.0\.1:PORT, listens\))?",
    "read": r"network: read, fd \d+( \(tcp 127\.0\.0\.1:\d+ -> 127\.0\.0\.1:PORT, established\))?",
    "sleep": r"a timer(, due in 59 min)?",
    "sendFull": r"channel 0x[0-9a-f]+ of string, 1 of 1 queued",
    "nilChannel": r"forever",
    "selects": r"3 channels",
    "inCond": r"Cond 0x[0-9a-f]+, its lock 0x[0-9a-f]+",
    "after": r"channel 0x[0-9a-f]+ of time\.Time, 0 of 1 queued(, of a timer)?",
    "waitForNobody": r"WaitGroup 0x[0-9a-f]+, 1 Done missing",
}
RULES = {"deadlock.lock-order", "deadlock.lost-unlock", "leak.waitgroup-lost-done"}


def short(function):
    """"deferred" of "main.(*store).deferred", and of its closures; sync.Once stands for itself."""
    if function.startswith("sync.(*Once)"):
        return "once"
    return re.sub(r"\(\*\w+\)\.", "", function.removeprefix("main.")).split(".")[0]


def read(*what):
    done = subprocess.run([GOPSY, "goroutines", *map(str, what), "--json", "--list", "--full", "--rows", "0"], capture_output=True,
                          text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"gopsy goroutines {what}: exit {done.returncode}: {done.stderr[-300:]}")
    return json.loads(done.stdout)


def parked(goroutine):
    """Its innermost function that is the program's, but for the one in which all park."""
    names = [f["function"] for f in goroutine["stack"] if f["function"].startswith("main.")]
    return short(next((name for name in names if name != "main.park"), ""))


def pairs(report):
    """What EXPECTED lists, from gopsy's answer."""
    by_id = {g["id"]: g for g in report["goroutines"]}
    rings = {name for cycle in report["cycles"] for name in cycle["holds"]}
    found = []
    for group in report["waits"]:
        if group["kind"] in ("channel", "cond"):
            if "holder" in group:
                found.append(("a channel", "has a holder"))
            continue
        waiters = " ".join(sorted({short(by_id[i]["user"]["function"]) for i in group["waiters"]}))
        holders = []
        if "holder" in group:
            holders = [short(group["holder"]["inside"]["function"])]
            holders += [parked(by_id[i]) for i in group.get("other_holders", [])]
        mark = " ring" if group["name"] in rings else ""
        found.append((waiters, "nobody" if group.get("orphan") else " ".join(sorted(holders)) + mark))
    return sorted(found)


def outermost(goroutine):
    return goroutine.get("user", {}).get("function", "")


def check(what, report, port, failures):
    found = pairs(report)
    for pair in set(found) | set(EXPECTED):
        if found.count(pair) != EXPECTED.count(pair):
            failures.append(f"{what}: {pair}: {found.count(pair)} found, {EXPECTED.count(pair)} there")
    for goroutine in report["goroutines"]:
        pattern = OTHERS.get(short(outermost(goroutine)))
        words = goroutine.get("waits_on", "")
        if pattern and not re.fullmatch(pattern.replace("PORT", str(port)), words):
            failures.append(f"{what}: {outermost(goroutine)} waits on {words!r}, not {pattern}")
    return sum(min(found.count(p), EXPECTED.count(p)) for p in set(EXPECTED))


def rules_of(*what):
    done = subprocess.run([GOPSY, "diagnose", *map(str, what), "--json"], capture_output=True, text=True, timeout=120)
    return {finding["id"] for finding in json.loads(done.stdout)["findings"]}


def one(name, go, form, failures):
    with tempfile.TemporaryDirectory() as folder:
        program, why = build(go, {"main.go": "locks.go.txt"}, form, folder)
        if program is None:
            print(f"skipped: {name} {form}: {why}")
            return 0
        place = pathlib.Path(folder) / "run"
        place.mkdir()
        process = subprocess.Popen([program], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   env=dict(os.environ, GOTRACEBACK="crash"), preexec_fn=unlimited_core)
        try:
            port = next(line for line in process.stdout if line.startswith("ready")).split()[-1]
            time.sleep(0.2)
            report = read(process.pid)
            right = check(f"{name} {form} alive", report, port, failures)
            missing = RULES - rules_of(process.pid)
            if missing:
                failures.append(f"{name} {form}: alive, the rules {sorted(missing)} do not fire")
            process.send_signal(signal.SIGABRT)
            process.wait(timeout=60)
        finally:
            process.kill()
            process.wait()
        core = core_in(place)
        line = f"{name} {form}: {right} of {len(EXPECTED)} alive"
        if core is None:
            line += ", no core here (core_pattern)"
        else:
            right = check(f"{name} {form} core", read(core, "--exe", program), port, failures)
            line += f", {right} of {len(EXPECTED)} from the core"
        print(line)
        return 1


def main():
    failures, runs = [], 0
    for number, (name, go) in enumerate(toolchains()):
        forms = [f for f in FORMS if f != "cgo"] if FULL or number == 0 else ["plain", "stripped-pie"]
        if shutil.which("gcc") and (FULL or number == 0):
            forms.append("cgo")
        for form in forms:
            runs += one(name, go, form, failures)
    if runs == 0:
        print("skipped: no Go here")
        return 0
    print("\n".join(failures[:40]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
