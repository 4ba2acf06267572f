#!/usr/bin/env python3
"""No source file over 600 lines, and no more than one in ten over 400: past that a file holds two things."""
import pathlib
import sys

root = pathlib.Path(__file__).resolve().parent.parent
lines = {}
for folder in ("src", "tests", "fuzz", "bench", "ui/src"):
    for ending in ("*.h", "*.cc", "*.ts", "*.mjs"):
        for path in (root / folder).rglob(ending):
            if "node_modules" not in path.parts:
                lines[path] = len(path.read_text().splitlines())
too_long = [f"{path.relative_to(root)}: {count} lines" for path, count in lines.items() if count > 600]
p90 = sorted(lines.values())[len(lines) * 9 // 10]
if p90 > 400:
    too_long.append(f"the longest tenth of the files starts at {p90} lines")
print("\n".join(too_long) if too_long else f"sizes: clean ({len(lines)} files, p90 {p90} lines)")
sys.exit(bool(too_long))
