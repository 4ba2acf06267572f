#!/usr/bin/env python3
"""gopsy heap counts what runtime.MemStats counts, in living processes of each Go there is, stripped ones too.

The program says how many objects and bytes it has; a census right after may have the few more that saying so took.
What cannot be done here is said.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import goroutines_live as zoo

PROGRAM = "heap.go.txt"
SLACK = 200  # objects: fmt.Println, the scanner's buffer, goroutines of the runtime that wake up meanwhile


def heap(*what):
    done = subprocess.run([zoo.GOPSY, "heap", *map(str, what), "--json"], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"gopsy heap {what}: exit {done.returncode}: {done.stderr[-300:]}")
    return json.loads(done.stdout)


def said(process):
    return [int(word) for word in process.stdout.readline().split()]


def differences(census, told, what):
    objects, alloc, in_use, stacks = told
    bad = []
    if not 0 <= census["objects"] - objects <= SLACK:
        bad.append(f"{what}: {objects} objects told, {census['objects']} counted")
    if not 0 <= census["bytes"] - alloc <= SLACK * 1024:
        bad.append(f"{what}: {alloc} bytes told, {census['bytes']} counted")
    if abs(census["span_bytes"] - in_use) > 64 * 8192:
        bad.append(f"{what}: {in_use} bytes of spans told, {census['span_bytes']} counted")
    # The runtime has pages of its own beside stacks, mostly the collector's work buffers.
    if not -8 * 8192 <= census["stack_bytes"] - stacks <= 1 << 20:
        bad.append(f"{what}: {stacks} bytes of stacks told, {census['stack_bytes']} counted")
    if census["unreadable_spans"] or census["unreadable_bitmaps"]:
        bad.append(f"{what}: {census['unreadable_spans']} spans, {census['unreadable_bitmaps']} bitmaps not read")
    return bad


def type_differences(types, expected, what):
    counted = {row["name"]: row["objects"] for row in types}
    return [f"{what}: {count} of {name}, {counted.get(name)} counted"
            for name, count in expected.items() if counted.get(name) != count]


def check(go, name, form, folder):
    program, why = zoo.build(go, {"main.go": PROGRAM}, form, folder)
    if program is None:
        return [], f"{name} {form}: left out, it does not build: {why}"
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        told = said(process)
        before = heap(process.pid)
        bad = differences(before, told, f"{name} {form}")
        core = pathlib.Path(folder) / "before.core"
        subprocess.run([zoo.GOPSY, "snapshot", "-p", str(process.pid), "-o", core], check=True, capture_output=True)
        from_core = heap(core)
        bad += differences(from_core, told, f"{name} {form}, core")
        process.stdin.write("more\n")
        process.stdin.flush()
        told = said(process)
        bad += differences(heap(process.pid), told, f"{name} {form}, grown")
        grown = heap(core, process.pid)
        if before["has_types"]:
            bad += type_differences(before["types"], {"main.big": 5000, "main.page": 50, "main.huge": 50}, name)
            bad += type_differences(grown["growth"]["types"], {"main.big": 500, "main.page": 5, "main.huge": 5}, name)
        if not any(row["object_bytes"] == 16 and row["pointers"] and abs(row["objects"] - 5000) < 100
                   for row in grown["growth"]["classes"]):
            bad.append(f"{name} {form}: 5000 objects of 16 bytes are missing in what grew")
        return bad, f"{name} {form}: {told[0]} objects"
    finally:
        process.kill()
        process.wait()


def main():
    tools = zoo.toolchains()
    if not tools:
        print("heap_live: no Go here, left out")
        return 0
    failures = []
    for number, (name, go) in enumerate(tools):
        for form in ["plain", "stripped", "stripped-pie"] if zoo.FULL or number == 0 else ["stripped-pie"]:
            with tempfile.TemporaryDirectory() as folder:
                bad, line = check(go, name, form, folder)
            print(line, flush=True)
            failures += bad
    for one in failures:
        print("FAIL", one)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
