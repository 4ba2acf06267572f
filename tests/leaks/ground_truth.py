"""Measures the leak rules against the leaks of Go's own tests: how many are found, and how many alarms are false.

Go's tests of the goroutineleak profile (runtime/testdata/testgoroutineleakprofile: the patterns of "Unveiling and
Vanquishing Goroutine Leaks", and GoKer, 60 bugs of real projects) run inside a small service, one process each. Its
ordinary dump (/debug/pprof/goroutine?debug=2) is what gopsy reads. The truth is the goroutineleak profile of the same
process, taken after it: it marks the goroutines that can never go on.

    python3 tests/leaks/ground_truth.py [--gopsy BINARY] [--repeat N] [--marked] [--show] [NAME...]

--repeat N runs the program N times before the dump, as a service that got N such requests. --marked reads the dump with
the runtime's marks instead. Needs Go 1.26 or later (GOEXPERIMENT=goroutineleakprofile for 1.26).
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).parent
EVIDENCE = re.compile(r"^([\d,]+) goroutines? in \[([^]]*)\] in (\S+) at \S*?([^/\s]+:\d+)")
HEADER = re.compile(r"^goroutine (\d+) (?:gp=\S+ m=\S+ )?\[([^],]*)[^]]*\]:?")


def build(folder: pathlib.Path, work: pathlib.Path) -> pathlib.Path:
    work.mkdir()
    for source in folder.glob("*.go"):
        if source.name not in ("main.go", "stresstests.go"):
            text = source.read_text().replace('pprof.Lookup("goroutineleak")', "leakProfile()")
            text = text.replace('\t"runtime/pprof"\n', "")
            (work / source.name).write_text(text)
    shutil.copy(HERE / "service.go.txt", work / "main.go")
    (work / "go.mod").write_text("module goker\n\ngo 1.26\n")
    environment = os.environ | {"GOEXPERIMENT": "goroutineleakprofile", "GOFLAGS": "-mod=mod"}
    subprocess.run(["go", "build", "-o", "service", "."], cwd=work, env=environment, check=True)
    return work / "service"


def names_of(folder: pathlib.Path) -> list[str]:
    found = []
    for source in sorted(folder.glob("*.go")):
        if source.name != "stresstests.go":
            found += re.findall(r'register\("(\w+)"', source.read_text())
    return found


def goroutines(dump: str) -> dict[int, tuple[str, str, bool]]:
    """id -> (state without marks, innermost own frame as "FILE:LINE", leaked)."""
    found = {}
    for block in dump.split("\n\n"):
        lines = block.strip().split("\n")
        header = HEADER.match(lines[0])
        if not header:
            continue
        place = ""
        for function, file in zip(lines[1::2], lines[2::2]):
            if function.startswith("main.") and not place:
                place = re.sub(r"^.*/", "", file.strip().split(" ")[0])
        found[int(header[1])] = (header[2].replace(" (leaked)", ""), place, "(leaked)" in lines[0])
    return found


def fetch(address: str, path: str) -> str:
    with urllib.request.urlopen(f"http://{address}{path}", timeout=60) as answer:
        return answer.read().decode()


def dumps(service: pathlib.Path, name: str, repeat: int) -> tuple[str, str]:
    with subprocess.Popen([service], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            address = process.stdout.readline().strip()
            fetch(address, f"/run?name={name}&n={repeat}")
            time.sleep(0.3)
            plain = fetch(address, "/debug/pprof/goroutine?debug=2")
            marked = fetch(address, "/debug/pprof/goroutineleak?debug=2")
        finally:
            process.kill()
    return plain, marked


def told(gopsy: str, dump: str, folder: pathlib.Path) -> dict[str, collections.Counter]:
    """severity -> places ("FILE:LINE") with the number of goroutines that findings about leaks name there."""
    path = folder / "dump.txt"
    path.write_text(dump)
    answer = subprocess.run([gopsy, "diagnose", "--json", path], capture_output=True, text=True, check=False)
    places = {"warning": collections.Counter(), "info": collections.Counter()}
    for finding in json.loads(answer.stdout)["findings"]:
        if not finding["id"].startswith(("leak.", "deadlock.")):
            continue
        into = places["info" if finding["severity"] == "info" else "warning"]
        for exhibit in finding["evidence"]:
            match = EVIDENCE.match(exhibit["text"])
            if match:
                into[match[4]] = max(into[match[4]], int(match[1].replace(",", "")))
    return places


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gopsy", default=os.environ.get("GOPSY_BINARY", "build/release/gopsy"))
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--marked", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    goroot = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    source = pathlib.Path(goroot) / "src/runtime/testdata/testgoroutineleakprofile"
    if not source.is_dir():
        print("skipped: this Go has no runtime/testdata/testgoroutineleakprofile")
        return 0
    print(f"{'programs':<10} {'leaked':>7} {'told':>6} {'or candidate':>13} {'not leaked':>11} {'told':>6} {'candidate':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for family, path in (("patterns", source), ("goker", source / "goker")):
            service = build(path, pathlib.Path(folder) / family)
            sums = collections.Counter()
            for name in names_of(path):
                if options.names and name not in options.names:
                    continue
                plain, marked = dumps(service, name, options.repeat)
                truth, healthy = collections.Counter(), collections.Counter()
                ids = goroutines(plain)
                for goid, (_, place, leaked) in goroutines(marked).items():
                    if goid in ids and place:
                        (truth if leaked else healthy)[place] += 1
                places = told(options.gopsy, marked if options.marked else plain, pathlib.Path(folder))
                row = collections.Counter(programs=1)
                for place, count in truth.items():
                    row["leaked"] += count
                    row["found"] += min(count, places["warning"][place])
                    row["named"] += min(count, max(places["warning"][place], places["info"][place]))
                for place, count in healthy.items():
                    extra = max(0, places["warning"][place] - truth[place])
                    row["healthy"] += count
                    row["false"] += min(count, extra)
                    row["suspected"] += min(count, max(0, places["info"][place] - truth[place]))
                if options.show:
                    print(f"  {name}: {dict(row)} truth={dict(truth)} told={dict(places['warning'])} "
                          f"candidates={dict(places['info'])}")
                sums.update(row)
            print(f"{family:<10} {sums['leaked']:>7} {sums['found']:>6} {sums['named']:>13} {sums['healthy']:>11} "
                  f"{sums['false']:>6} {sums['suspected']:>10}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
