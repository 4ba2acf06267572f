#!/usr/bin/env python3
"""gopsy reads goroutines out of living processes and cores as the processes print them themselves on SIGQUIT.

Programs with every kind of wait are built by each Go there is (the one on PATH, Debian's /usr/lib/go-*, toolchains in the
module cache), plain, stripped, position-independent and with cgo. Each is read alive, killed with SIGQUIT, and its core
read; every goroutine has to have the state, creator and frames of the text, file by file and line by line, inlined calls
and offsets included. A second program dies in every way; the findings from its core equal those from its text.

GOPSY_PROCESS_MATRIX=full builds every form with every Go; else the Go on PATH makes all, the others the two that differ
most. What cannot be done here is said.
"""
import glob
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent / "programs"
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[2] / "build/release/gopsy"))
FULL = os.environ.get("GOPSY_PROCESS_MATRIX") == "full"
FORMS = {
    "plain": [],
    "stripped": ["-ldflags=-s -w"],
    "pie": ["-buildmode=pie"],
    "stripped-pie": ["-buildmode=pie", "-ldflags=-s -w"],
    "cgo": [],
}
WAYS = ("string error number int nil-dereference index nested repanic goroutine map deadlock unlock quit abort "
        "overflow").split()


def toolchains():
    """[(name, path of go)], the one on PATH first, then one a minor version."""
    found = []
    if shutil.which("go"):
        found.append(shutil.which("go"))
    found += sorted(glob.glob("/usr/lib/go-1.*/bin/go"))
    modules = os.environ.get("GOMODCACHE", os.path.expanduser("~/go/pkg/mod"))
    found += sorted(glob.glob(f"{modules}/golang.org/toolchain@*.linux-amd64/bin/go"))
    seen, result = set(), []
    for go in found:
        got = subprocess.run([go, "version"], capture_output=True, text=True, env=clean_environment(go))
        minor = got.stdout.split("go1.")[-1].split(".")[0].split()[0] if "go1." in got.stdout else ""
        if minor.isdigit() and int(minor) >= 18 and minor not in seen:
            seen.add(minor)
            result.append(("go1." + minor, go))
    return result


def clean_environment(go):
    """Of another Go than the one on PATH, nothing that is meant for that one."""
    env = {k: v for k, v in os.environ.items() if k not in ("GOROOT", "GOFLAGS")}
    return dict(env, GOTOOLCHAIN="local", PATH=os.path.dirname(go) + os.pathsep + env.get("PATH", ""))


def build(go, sources, form, folder):
    """The path of the program, or None and why not."""
    place = pathlib.Path(folder) / "src"
    place.mkdir()
    for name, source in sources.items():
        (place / name).write_text((HERE / source).read_text())
    (place / "go.mod").write_text("module zoo\n\ngo 1.18\n")
    env = dict(clean_environment(go), CGO_ENABLED="1" if form == "cgo" else "0")
    done = subprocess.run([go, "build", *FORMS[form], "-o", str(place / "zoo"), "."], cwd=place, env=env,
                          capture_output=True, text=True)
    return (place / "zoo", "") if done.returncode == 0 else (None, done.stderr.strip()[-200:])


def unlimited_core():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def core_in(folder):
    cores = [path for path in pathlib.Path(folder).iterdir() if path.name.startswith("core")]
    return cores[0] if cores else None


def goroutines(*what):
    done = subprocess.run([GOPSY, "goroutines", *map(str, what), "--json", "--full", "--list", "--runtime", "--rows", "0"],
                          capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(f"gopsy goroutines {what}: exit {done.returncode}: {done.stderr[-300:]}")
    return {g["id"]: g for g in json.loads(done.stdout)["goroutines"] if "id" in g}


def findings(path):
    done = subprocess.run([GOPSY, "diagnose", str(path), "--json"], capture_output=True, text=True, timeout=120)
    return [(f["id"], f["title"]) for f in json.loads(done.stdout)["findings"]]


def places(goroutine):
    return [(f["function"], f.get("file"), f.get("line"), f.get("pc_offset"), f.get("inlined"))
            for f in goroutine.get("stack", [])]


def differences(text, image):
    """What the image has otherwise than the text; the text decides."""
    bad = []
    for number, printed in text.items():
        read = image.get(number)
        if read is None:
            bad.append(f"goroutine {number} is missing")
            continue
        fields = ["state", "locked_to_thread", "created_by", "crashed"] + (["labels"] if "labels" in printed else [])
        bad += [f"goroutine {number}: {key}: printed {printed.get(key)!r}, read {read.get(key)!r}"
                for key in fields if printed.get(key) != read.get(key)]
        a, b = places(printed), places(read)
        if "elided_frames" in printed:  # the text has the outermost and innermost 50 of a deep stack
            shown = printed["elided_after"]
            total = printed["frames"] == read["frames"]
            a, b = a[:shown], b[:shown]
            if not total:
                bad.append(f"goroutine {number}: {printed['frames']} frames printed, {read['frames']} read")
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            bad.append(f"goroutine {number}: frame {at} of {len(a)}: printed {a[at:at + 1]}, read {b[at:at + 1]}")
    bad += [f"goroutine {number} was not printed" for number in image if number not in text]
    return bad


class Tally:
    stacks = equal = runs = 0
    failures = []

    def compare(self, what, text, image):
        bad = differences(text, image)
        self.runs += 1
        self.stacks += len(text)
        self.equal += len(text) - len({line.split(":")[0] for line in bad})
        self.failures += [f"{what}: {line}" for line in bad[:5]]
        return len(text) - len({line.split(":")[0] for line in bad}), len(text)


def labels_are_read(alive):
    return any(g.get("labels") == {"path": "/a b", "tenant": "acme"} for g in alive.values())


def waits(name, go, form, tally):
    sources = {"main.go": "waits.go.txt", "extra.go": "extra_cgo.go.txt" if form == "cgo" else "extra_plain.go.txt"}
    with tempfile.TemporaryDirectory() as folder:
        program, why = build(go, sources, form, folder)
        if program is None:
            return print(f"skipped: {name} {form}: {why}")
        errors = pathlib.Path(folder) / "stderr"
        with open(errors, "w") as log:
            process = subprocess.Popen([program], cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True,
                                       env=dict(os.environ, GOTRACEBACK="crash"), preexec_fn=unlimited_core)
            process.stdout.readline()
            alive = goroutines("--pid", process.pid)
            process.send_signal(signal.SIGQUIT)
            process.wait()
        text = goroutines(errors)
        line = "alive {} of {}".format(*tally.compare(f"{name} {form} alive", {k: dict(v, crashed=None) for k, v in text.items()},
                                                      {k: dict(v, crashed=None) for k, v in alive.items()}))
        if not labels_are_read(alive):
            tally.failures.append(f"{name} {form}: the labels of pprof.Do were not read")
        core = core_in(folder)
        if core is None:
            line += ", no core here (core_pattern)"
        else:
            line += ", core {} of {}".format(*tally.compare(f"{name} {form} core", text, goroutines(core)))
        print(f"{name} {form}: {line}")


def crashes(name, go, form, tally):
    with tempfile.TemporaryDirectory() as folder:
        program, why = build(go, {"main.go": "crashes.go.txt"}, form, folder)
        if program is None:
            return print(f"skipped: {name} {form} crashes: {why}")
        same = asked = 0
        for way in WAYS:
            place = pathlib.Path(folder) / way
            place.mkdir()
            arguments = [way, "small"] if way == "overflow" else [way]
            with open(place / "stderr", "w") as log:
                subprocess.run([program, *arguments], cwd=place, stdout=subprocess.DEVNULL, stderr=log, timeout=60,
                               env=dict(os.environ, GOTRACEBACK="crash"), preexec_fn=unlimited_core)
            core = core_in(place)
            if core is None:
                return print(f"skipped: {name} crashes: no core here (core_pattern)")
            tally.compare(f"{name} {form} {way}", goroutines(place / "stderr"), goroutines(core))
            text, image = findings(place / "stderr"), findings(core)
            asked += 1
            same += text == image
            if text != image:
                tally.failures.append(f"{name} {form} {way}: findings of the text {text}, of the core {image}")
            core.unlink()
        print(f"{name} {form}: {same} of {asked} ways to die have the findings of the text")


def main():
    tally = Tally()
    chains = toolchains()
    if not chains:
        print("skipped: no Go here")
        return 0
    for number, (name, go) in enumerate(chains):
        forms = list(FORMS) if FULL or number == 0 else ["plain", "stripped-pie"]
        for form in forms:
            if form == "cgo" and not shutil.which("gcc"):
                print(f"skipped: {name} cgo: no gcc here")
                continue
            waits(name, go, form, tally)
        if FULL or number == 0:
            crashes(name, go, "stripped", tally)
    print(f"{tally.equal} of {tally.stacks} stacks equal in {tally.runs} readings")
    print("\n".join(tally.failures[:40]))
    return 1 if tally.failures or tally.stacks == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
