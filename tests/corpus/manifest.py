"""Writes MANIFEST.tsv: path, source, Go version, sha256, size of every recorded input."""

import hashlib
import pathlib
import re

ROOT = pathlib.Path(__file__).parent
SOURCES = {"panics": "panics.go", "fatals": "fatals.go", "cgo": "cgo.go", "extra": "extra.go", "leaks": "leaks.go",
           "godebug": "gctrace.go", "races": "races.go", "gotest": "t_test.go", "crashout": "crashout.go"}


def source(path: pathlib.PurePosixPath) -> str:
    workers = re.match(r"workers-(\w+)-(\w+)-go", path.name)
    if path.parts[0] == "healthy" and workers:
        return f"healthy/src/workers.go {workers[1]} {workers[2]}"
    if path.parts[0] == "healthy":
        return "healthy/src/healthy.go " + path.name.split("-go")[0] if "-go" in path.name else "written by hand"
    family, kind = path.stem.split("_", 1)
    name = "crashout2.go" if kind.startswith("fatal_") else SOURCES[family]
    return f"crash/src/{name} {kind}"


rows = ["path\tsource\tgo\tsha256\tbytes"]
for file in sorted(ROOT.rglob("*.txt"), key=lambda f: f.relative_to(ROOT).as_posix()):
    path = pathlib.PurePosixPath(file.relative_to(ROOT).as_posix())
    version = re.search(r"go(1\.\d+)", str(path))
    content = file.read_bytes()
    rows.append("\t".join([str(path), source(path), version[1] if version else "-",
                           hashlib.sha256(content).hexdigest(), str(len(content))]))
(ROOT / "MANIFEST.tsv").write_text("\n".join(rows) + "\n")
