#!/usr/bin/env python3
"""gopsy trace -d and `go tool trace -d` print the same bytes and end with the same success: on fresh traces of the
installed Go, on the recorded ones, on the inputs of the official reader's own tests and fuzzer, and on damaged ones.

With --dialect, what the tools of older Gos print, where the module cache has them.

Needs Go 1.26 or later. GOPSY_TRACES names a folder with more traces.
"""
import gzip
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

import recorded as recorded_outputs
import text_trace

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GOPSY = os.environ.get("GOPSY_BINARY", str(ROOT / "build/release/gopsy"))
MODES = ["parsed", "wire", "footprint"]
ENVIRONMENT = dict(os.environ, TZ="Asia/Kolkata")


def run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, env=ENVIRONMENT, timeout=600)
    return done.stdout, done.returncode == 0, done.stderr.decode(errors="replace").strip()


# Goroutines that a v1 trace finds runnable at its start come out of a Go map there.
def settled(text):
    lines = text.split(b"\n")
    found = [i for i, line in enumerate(lines) if line.startswith(b"M=-1 P=-1 G=-1 StateTransition") and b" Undetermined->Runnable" in line]
    names = sorted(re.search(rb"GoID=\d+", lines[i])[0] for i in found)
    for i, name in zip(found, names):
        lines[i] = re.sub(rb"GoID=\d+|Resource=Goroutine\(\d+\)", name, lines[i])
    return b"\n".join(lines)


class Comparison:
    def __init__(self, tool):
        self.tool, self.same, self.panics, self.different = tool, 0, 0, []

    def compare(self, name, path, modes=MODES):
        for mode in modes:
            theirs, they_end_well, why = run([self.tool, f"-d={mode}", path])
            if "panic:" in why or "fatal error:" in why:
                self.panics += 1  # what it printed until then is no answer
                run([GOPSY, "trace", path, f"-d={mode}"])
                continue
            ours, we_end_well, our_why = run([GOPSY, "trace", path, f"-d={mode}"])
            if they_end_well != we_end_well:
                self.different.append(f"{name} {mode}: the tool says {why!r}, we say {our_why!r}")
            elif theirs != ours and settled(theirs) != settled(ours):
                at = next((i for i, (a, b) in enumerate(zip(theirs.split(b"\n"), ours.split(b"\n"))) if a != b), "end")
                self.different.append(f"{name} {mode}: line {at} differs ({len(theirs)} and {len(ours)} bytes)")
            else:
                self.same += 1


    def compare_dialect(self, name, path, dialect, tool):
        theirs, they_end_well, why = run([*tool, path])
        ours, we_end_well, our_why = run([GOPSY, "trace", path, "-d=parsed", f"--dialect={dialect}"])
        if they_end_well and we_end_well and (theirs == ours or settled(theirs) == settled(ours)):
            self.same += 1
        else:
            self.different.append(f"{name} as {dialect}: {len(theirs)} and {len(ours)} bytes; {why!r}, {our_why!r}")


def event_types(go_root):
    """Names of wire events by number, from the list of constants of the installed Go."""
    text = (go_root / "src/internal/trace/tracev2/events.go").read_text()
    names = re.findall(r"^\tEv(\w+)", text[text.index("\tEvNone EventType = iota"):text.index("NumEvents")], re.MULTILINE)
    return {name: number for number, name in enumerate(names)}


def official(comparison, go_root, folder):
    data = go_root / "src/internal/trace/testdata"
    if not data.exists():
        print("  the installed Go has no test inputs of its reader: left out")
        return
    types = event_types(go_root)
    for path in sorted((data / "tests").glob("*.test")):
        parts = text_trace.sections(path)
        trace = folder / (path.stem + ".trace")
        trace.write_bytes(text_trace.encode(parts["trace"], types))
        comparison.compare(path.stem, trace)
        _, well, why = run([GOPSY, "trace", trace, "-d=parsed"])
        expect = parts["expect"].strip()
        if expect == "SUCCESS" and not well:
            comparison.different.append(f"{path.stem}: expected to be read, got {why!r}")
        if expect.startswith("FAILURE"):
            pattern = text_trace.go_unquote(expect[len("FAILURE "):]).decode()
            if well or not re.search(pattern, why):
                comparison.different.append(f"{path.stem}: expected {pattern!r}, got {why!r}")
    for path in sorted((data / "fuzz/FuzzReader").iterdir()):
        trace = folder / (path.name + ".trace")
        trace.write_bytes(text_trace.fuzz_input(path))
        comparison.compare("fuzz " + path.name, trace)


def fresh(folder):
    everything, load = folder / "everything", folder / "load"
    subprocess.run(["go", "build", "-o", everything, HERE / "programs/everything.go"], check=True)
    subprocess.run(["go", "build", "-o", load, "."], cwd=ROOT / "bench/trace_load", check=True)
    traces = []
    for name, command, extra in [("everything", [everything], {}),
                                 ("quiet", [everything], {}),
                                 ("experiments", [everything], {"GODEBUG": "traceallocfree=1"}),
                                 ("web", [load, "-bytes", "1000000", "-o"], {}),
                                 ("ping", [load, "-work", "ping", "-bytes", "1000000", "-o"], {})]:
        path = folder / f"{name}.trace"
        words = [*command, path] + (["quiet"] if name == "quiet" else [])
        subprocess.run(words, check=True, env=dict(os.environ, **extra))
        traces.append((name, path))
    return traces


def recorded(folder):
    traces = []
    for path in sorted((HERE / "recorded").glob("*.trace.gz")):
        plain = folder / path.stem
        plain.write_bytes(gzip.decompress(path.read_bytes()))
        traces.append((path.stem, plain))
    more = os.environ.get("GOPSY_TRACES")
    return traces + [(path.name, path) for path in (sorted(pathlib.Path(more).iterdir()) if more else [])]


def damaged(comparison, traces, folder):
    random.seed(5)
    for name, path in traces:
        whole = path.read_bytes()
        if len(whole) > 200_000:
            continue
        for i in range(12):
            at = random.randrange(16, len(whole))
            if i % 3 == 0:
                broken = whole[:at]
            else:
                broken = bytearray(whole)
                broken[at] ^= 1 << random.randrange(8)
            trace = folder / "damaged.trace"
            trace.write_bytes(broken)
            comparison.compare(f"{name} damaged at {at} ({'cut' if i % 3 == 0 else 'bit'})", trace)


def older_tools():
    """By dialect, the tools of Gos that the module cache has; nothing is fetched."""
    cache = pathlib.Path(run(["go", "env", "GOMODCACHE"])[0].decode().strip())
    tools = {}
    for root in sorted(cache.glob("golang.org/toolchain@v0.0.1-go1.*")):
        dialect = re.search(r"go1\.\d+", root.name)[0]
        if dialect not in recorded_outputs.DIALECTS:
            continue
        tool = root / "pkg/tool/linux_amd64/trace"
        if not tool.exists():
            # From Go 1.25 on, tools are built when they are first used.
            environment = dict(ENVIRONMENT, GOTOOLCHAIN="local", GO111MODULE="off", GOROOT=str(root))
            built = subprocess.run([root / "bin/go", "tool", "-n", "trace"], capture_output=True, env=environment, text=True)
            tool = pathlib.Path(built.stdout.strip())
        if tool.is_file():
            tools[dialect] = tool
    return tools


def dialects(comparison, traces):
    for dialect, tool in older_tools().items():
        mode = "-d=1" if dialect < "go1.24" else "-d=parsed"
        for name, path in traces:
            format = int(path.open("rb").read(7)[5:])
            if format in recorded_outputs.DIALECTS[dialect]:
                comparison.compare_dialect(name, path, dialect, [tool, mode])


def main():
    go = shutil.which("go")
    version = re.search(r"go1\.(\d+)", run([go, "version"])[0].decode()) if go else None
    if not version or int(version[1]) < 26:
        print("skipped: it needs go 1.26 or later")
        return 0
    go_root = pathlib.Path(run([go, "env", "GOROOT"])[0].decode().strip())
    tool = run([go, "tool", "-n", "trace"])[0].decode().strip()
    comparison = Comparison(tool)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        traces = fresh(folder) + recorded(folder)
        for trace, path in traces:
            comparison.compare(trace, path)
        dialects(comparison, traces)
        official(comparison, go_root, folder)
        damaged(comparison, traces, folder)
    print(f"{comparison.same} outputs are the same, {len(comparison.different)} differ; "
          f"the tool crashed on {comparison.panics} damaged inputs, which are not compared")
    print("\n".join(comparison.different))
    return 1 if comparison.different else 0


if __name__ == "__main__":
    sys.exit(main())
