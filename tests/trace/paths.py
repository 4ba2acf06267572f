#!/usr/bin/env python3
"""gopsy trace --tasks and --regions say what the pages of `go tool trace` say: counts, histograms, each duration, what
regions were spent on. On a fresh trace of the installed Go (1.26 or later), and on a recorded one against what its tool
said then: no Go needed. GOPSY_UPDATE_GOLDEN=1 writes that anew.
"""
import gzip
import html
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GOPSY = os.environ.get("GOPSY_BINARY", str(ROOT / "build/release/gopsy"))
RECORDED = HERE / "recorded/tasks.go1.26.trace.gz"
GOLDEN = HERE / "recorded/tasks.go1.26.pages.json"
UNITS = {"h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "µs": 1e3, "us": 1e3, "ns": 1}


def nanoseconds(text):
    """Of a time.Duration as Go prints it."""
    return round(sum(float(n) * UNITS[u] for n, u in re.findall(r"([0-9.]+)(h|ms|µs|us|ns|m|s)", text)))


class Tool:
    """`go tool trace -http` for one trace."""

    def __init__(self, path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(["go", "tool", "trace", f"-http=127.0.0.1:{self.port}", str(path)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=dict(os.environ, BROWSER="true"), start_new_session=True)

    def page(self, path):
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=60) as answer:
                    return answer.read().decode()
            except (ConnectionError, urllib.error.URLError):
                time.sleep(0.1)
        raise RuntimeError("go tool trace does not answer")

    def close(self):
        os.killpg(self.process.pid, 15)
        self.process.wait()


def histogram(cell):
    """The counts of a page's histogram, those that are not zero, in order."""
    counts = re.findall(r'<td align="right"><div style="position:relative">(\d+)</div>', cell)
    return [int(count) for count in counts if count != "0"]


def pages_of(path):
    """What the tool says of a trace, in the terms of this test."""
    tool = Tool(path)
    try:
        answer = {"tasks": {}, "regions": {}}
        for row in tool.page("usertasks").split("<tr>\n")[1:]:
            found = re.search(r'<td>([^<]*)</td>\s*<td><a href="/usertask\?type=[^"]*">(\d+)</a></td>\s*<td>(.*)', row, re.DOTALL)
            if not found or not found[1]:
                continue
            name = html.unescape(found[1])
            page = tool.page("usertask?" + urllib.parse.urlencode({"type": name, "complete": 1}))
            lasted = [nanoseconds(d) for d in re.findall(r'<td class="elapsed">([0-9.a-zµ]+)</td>\s*<td></td>', page)]
            answer["tasks"][name] = {"count": int(found[2]), "histogram": histogram(found[3]), "durations": sorted(lasted)}
        for row in tool.page("userregions").split("<tr>\n")[1:]:
            found = re.search(r'<td><pre>(.*?)<br>.*?<a href="/userregion[^"]*">(\d+)</a></td>\s*<td>(.*)', row, re.DOTALL)
            name = json.loads(html.unescape(found[1])) if found else ""
            if not name:
                continue
            into = answer["regions"].setdefault(name, {"count": 0, "histograms": [], "durations": [], "spent": {}})
            into["count"] += int(found[2])
            into["histograms"].append(histogram(found[3]))
        for name, into in answer["regions"].items():
            page = tool.page("userregion?" + urllib.parse.urlencode({"type": name}))
            table = page[page.index('id="breakdown"'):page.index('id="ranges"')]
            heads = [h.strip() for h in re.findall(r"<th[^>]*>([^<]*)</th>", table)]
            for row in table.split("<tr>")[2:]:
                cells = re.findall(r"<td>\s*((?:[0-9.]+(?:h|ms|µs|m|s|ns))+)\s*</td>", row)
                into["durations"].append(nanoseconds(cells[0]))
                for head, cell in zip(heads[4:], cells[1:]):
                    into["spent"][head] = into["spent"].get(head, 0) + nanoseconds(cell)
            into["durations"].sort()
        return answer
    finally:
        tool.close()


def rank(durations, share):
    return durations[min(len(durations) - 1, int(share * len(durations)))]


def compare(trace, pages):
    """What differs, in words."""
    wrong = []

    def same(what, ours, theirs):
        if ours != theirs:
            wrong.append(f"{what}: the tool has {theirs}, we have {ours}")

    def say(flag):
        return json.loads(subprocess.run([GOPSY, "trace", str(trace), flag, "--json"], capture_output=True, check=True).stdout)

    # Without a name: tasks whose begin was not seen. The tool has those that only regions name among them.
    tasks = {row["name"]: row for row in say("--tasks")["tasks"] if row["name"]}
    regions = {row["name"]: row for row in say("--regions")["regions"]}
    same("names of tasks", sorted(tasks), sorted(pages["tasks"]))
    same("names of regions", sorted(regions), sorted(pages["regions"]))
    for kind, ours, theirs in (("task", tasks, pages["tasks"]), ("region", regions, pages["regions"])):
        for name in ours.keys() & theirs.keys():
            row, page = ours[name], theirs[name]
            whole = row["unended"] + row["unbegun"] == 0
            same(f"count of {kind} {name}", row["count"], page["count"])
            # The tool counts a region that never ended as one that did when its goroutine or the trace did.
            if kind == "region" and not whole:
                continue
            counts = [bucket["count"] for bucket in row["histogram"]]
            if kind == "task" or len(page["histograms"]) == 1:
                same(f"histogram of {kind} {name}", counts, page["histogram"] if kind == "task" else page["histograms"][0])
            durations = page["durations"]
            if not durations:
                continue
            same(f"number of whole ones of {kind} {name}", row["count"] - row["unended"] - row["unbegun"], len(durations))
            same(f"total of {kind} {name}", row["total_ns"], sum(durations))
            same(f"the longest {kind} {name}", row["longest_ns"], durations[-1])
            if len(durations) <= 512:
                for share, key in ((0.5, "p50_ns"), (0.9, "p90_ns"), (0.99, "p99_ns")):
                    same(f"{key} of {kind} {name}", row[key], rank(durations, share))
            if kind == "region":
                spent = page["spent"]
                same(f"running in region {name}", row["running_ns"], spent.get("Execution time", 0))
                same(f"runnable in region {name}", row["runnable_ns"], spent.get("Sched wait time", 0))
                for blocked in row["blocked"]:
                    same(f"blocked in region {name}", blocked["ns"], spent.get(f"Block time ({blocked['reason']})", 0))
                syscalls = spent.get("Syscall execution time", 0) + spent.get("Block time (syscall)", 0)
                same(f"system calls in region {name}", row["syscall_ns"], syscalls)
    return wrong


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        recorded = folder / "recorded.trace"
        recorded.write_bytes(gzip.decompress(RECORDED.read_bytes()))
        if os.environ.get("GOPSY_UPDATE_GOLDEN"):
            GOLDEN.write_text(json.dumps(pages_of(recorded), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        wrong += [f"recorded: {line}" for line in compare(recorded, json.loads(GOLDEN.read_text()))]
        go = shutil.which("go")
        version = re.search(r"go1\.(\d+)", subprocess.run([go, "version"], capture_output=True, text=True).stdout) if go else None
        if version and int(version[1]) >= 26:
            program, trace = folder / "tasks", folder / "fresh.trace"
            subprocess.run([go, "build", "-o", program, HERE / "programs/tasks.go"], check=True)
            subprocess.run([program, trace], check=True)
            wrong += [f"fresh: {line}" for line in compare(trace, pages_of(trace))]
        else:
            print("the comparison with go tool trace itself was skipped: it needs go 1.26 or later")
    print(f"{len(wrong)} differences")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
