#!/usr/bin/env python3
"""Every #include must follow the one arrow of docs/layers.md: a folder of src/ sees only those below it."""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "base": [],
    "io": ["base"],
    "binary": ["base", "io"],
    "model": ["base"],
    "decode": ["base", "io", "binary", "model"],
    "process": ["base", "io", "binary", "model"],
    "record": ["base", "io", "binary", "model", "process"],
    "analyze": ["base", "model"],
    "rules": ["base", "model", "analyze"],
    "render": ["base", "model", "analyze", "rules", "ui"],
    "app": ["base", "io", "binary", "model", "decode", "process", "record", "analyze", "rules", "render"],
}
MAY_INCLUDE["serve"] = list(MAY_INCLUDE)
MAY_INCLUDE["cli"] = list(MAY_INCLUDE)

root = pathlib.Path(__file__).resolve().parent.parent / "src"
bad = []
for path in sorted([*root.rglob("*.h"), *root.rglob("*.cc")]):
    layer = path.relative_to(root).parts[0]
    if layer in ("main.cc", "static_libc.cc"):
        continue
    if layer not in MAY_INCLUDE:
        bad.append(f"{path}: src/{layer} is no layer")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'\s*#include "([^/"]+)/', line)
        if include and include[1] != layer and include[1] not in MAY_INCLUDE[layer]:
            bad.append(f"{path}:{number}: {layer} must not include {include[1]}")
print("\n".join(bad) if bad else "layers: clean")
sys.exit(bool(bad))
