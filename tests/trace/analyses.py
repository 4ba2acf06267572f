#!/usr/bin/env python3
"""What gopsy trace says of goroutines and of the processors' time is what the pages of go tool trace of Go 1.26 say.

    analyses.py live [RE]  fresh traces and the recorded ones against the tool: needs Go 1.26 or later
    analyses.py            the recorded ones against ANALYSES.tsv, what the tool said of them: no Go needed
    analyses.py record     writes ANALYSES.tsv anew

Where the tool is wrong, the test proves it of its own figures and holds gopsy to the right ones:
  - a goroutine that the trace ends in a system call, after its P was taken: the tool adds the time since then to the wait
    for a processor (and all of the call to its execution), so its states sum up to more than its life;
  - one that was found in a system call without a P: the tool calls it executing from the second event on;
  - "forever" is the end of a goroutine for the tool, a way of being blocked for gopsy;
  - a mark worker that ran twice on a P makes that P busy for good in the tool's utilisation: `mutator` below does both.
"""
import gzip
import html
import http.client
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

import differential

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = differential.GOPSY
EXPECTED = HERE / "recorded" / "ANALYSES.tsv"
UNITS = {"h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "µs": 1e3, "ns": 1}
FLAGS = ["stw", "stw|assist", "stw|assist|sweep", "stw|assist|perProc", "sweep|perProc"]
MISTAKEN = "stw|background|assist"


def nanoseconds(text):
    """Exactly: the tool prints time.Duration.String."""
    total = 0
    for whole, part, unit in re.findall(r"(\d+)(?:\.(\d+))?(h|ms|m|s|µs|ns)", text):
        total += int(whole) * int(UNITS[unit])
        if part:
            total += int(part) * int(UNITS[unit]) // 10 ** len(part)
    return total


class Tool:
    """The server of go tool trace for one trace."""

    def __init__(self, tool, path):
        self.process = subprocess.Popen([tool, "-http=127.0.0.1:0", str(path)], stderr=subprocess.PIPE, text=True,
                                        env=dict(os.environ, BROWSER="true", DISPLAY=""))
        self.address = None
        for line in self.process.stderr:
            if found := re.search(r"listening on (http://\S+)", line):
                self.address = found[1].rstrip("/")
                break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=300) as answer:
            return answer.read().decode()

    def goroutines(self):
        """{goid: {figure: ns}} of all pages."""
        rows = {}
        names = re.findall(r'href="/goroutine\?name=([^"]*)"', self.get("/goroutines"))
        for name in names:
            name = urllib.parse.unquote(html.unescape(name))
            page = self.get("/goroutine?name=" + urllib.parse.quote(name))
            for table in re.findall(r'<table class="details">(.*?)</table>', page, re.DOTALL):
                heads = [html.unescape(re.sub(r"<[^>]*>", "", head)).strip()
                         for head in re.findall(r"<th[^>]*>(.*?)</th>", table, re.DOTALL)]
                for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
                    cells = [html.unescape(re.sub(r"<[^>]*>", "", cell)).strip()
                             for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
                    if not cells:
                        continue
                    figures = rows.setdefault(int(cells[0]), {"name": name})
                    for head, cell in zip(heads[1:], cells[1:]):
                        if head:
                            figures[head] = nanoseconds(cell)
        return rows

    def curve(self, flags):
        """None where it dies of it: of a range on no P, of a trace that does not say how many there are."""
        try:
            return json.loads(self.get("/mmu?mode=plot&flags=" + urllib.parse.quote(flags)))["curve"]
        except (http.client.HTTPException, OSError):
            return None


def gopsy(path, *flags):
    done = subprocess.run([GOPSY, "trace", str(path), "--json", *flags], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"gopsy trace {path} {flags}: {done.stderr}")
    return json.loads(done.stdout)


def our_goroutines(path):
    return {row["goroutine"]: row for row in gopsy(path, "--goroutines", "--limit", "0")["goroutines"]}


class Comparison:
    def __init__(self):
        self.same, self.proven, self.different = 0, {}, []

    def check(self, what, theirs, ours):
        if theirs == ours:
            self.same += 1
        else:
            self.different.append(f"{what}: the tool says {theirs}, we say {ours}")

    def prove(self, what):
        self.proven[what] = self.proven.get(what, 0) + 1

    def goroutine(self, where, theirs, ours):
        theirs = dict(theirs)
        blocked = {row["name"]: row["total_ns"] for row in ours["blocked"]}
        life = ours["life_ns"]
        if sum(ours[f"{state}_ns"] for state in ["running", "runnable", "syscall", "waiting", "unknown"]) != life or \
                life != ours["last_ns"] - ours["first_ns"] or sum(blocked.values()) != ours["waiting_ns"]:
            self.different.append(f"{where}: our states do not add up to its life")
        if "forever" in blocked:
            life -= blocked.pop("forever")
            self.prove("blocked forever")
        without = ours["syscall_blocked_ns"]
        right = {"Total": life, "Execution time": ours["running_ns"], "Sched wait time": ours["runnable_ns"],
                 "Syscall execution time": ours["syscall_ns"] - without, "Block time (syscall)": without}
        total = sum(ns for name, ns in theirs.items() if name.startswith("Block time")) + \
            theirs["Execution time"] + theirs["Sched wait time"] + theirs["Syscall execution time"]
        excess = total - theirs["Total"]
        if excess > 0 and not ours["ended"] and ours["last"] == "system call":
            # Proven: more than its life. Its call goes on without a P since `excess` ago.
            theirs["Sched wait time"] -= excess
            theirs["Syscall execution time"] -= excess
            theirs["Block time (syscall)"] += excess
            self.prove("an open system call counted twice")
        elif ours["found"] and not ours["ended"] and ours["last"] == "system call" and ours["syscalls"] == 1 and \
                right["Syscall execution time"] == 0 and theirs["Syscall execution time"] > 0:
            theirs["Block time (syscall)"] += theirs["Syscall execution time"]
            theirs["Syscall execution time"] = 0
            self.prove("a system call without a P called execution")
        for name, ns in right.items():
            self.check(f"{where} {name}", theirs.get(name, 0), ns)
        reasons = {name[len("Block time ("):-1]: ns for name, ns in theirs.items()
                   if name.startswith("Block time (") and name != "Block time (syscall)"}
        self.check(f"{where} blocked", {name: ns for name, ns in reasons.items() if ns},
                   {name: ns for name, ns in blocked.items() if ns})
        self.check(f"{where} assist", theirs.get("GC mark assist", 0), ours["assist_ns"])
        self.check(f"{where} sweep", theirs.get("GC incremental sweep", 0), ours["sweep_ns"])
        self.check(f"{where} stops", sum(ns for name, ns in theirs.items() if name.startswith("stop-the-world")),
                   ours["stopping_ns"])
        self.check(f"{where} name", theirs["name"], ours["function"])

    def goroutines(self, name, theirs, ours):
        self.check(f"{name}: goroutines", sorted(theirs), sorted(ours))
        for goid in sorted(set(theirs) & set(ours)):
            self.goroutine(f"{name}: goroutine {goid}", theirs[goid], ours[goid])

    def curve(self, what, theirs, ours):
        if theirs is None:
            return self.prove("curves it dies of")
        if len(theirs) != len(ours):
            self.different.append(f"{what}: {len(theirs)} windows and {len(ours)}")
            return
        for (their_window, their_share), (our_window, our_share) in zip(theirs, ours):
            if their_window == 1:
                continue  # the tool looks at a nanosecond behind the end of the trace, too
            if abs(their_window - our_window) > 1 or abs(their_share - our_share) > 1e-6:
                self.different.append(f"{what}: window {their_window}: {their_share}, we say {our_window}: {our_share}")
                return
        self.same += 1


def mutator(text, mistaken):
    """The share of the processors that is left to the program, from the text of -d=parsed, for MISTAKEN."""
    busy, mark, assist, executes, stops, series, labelled = [], set(), set(), set(), 0, [], {}
    first = last = None
    for line in text.splitlines():
        event = re.match(r"M=(\S+) P=(\S+) G=(\S+) (\w+) Time=(\d+)(.*)", line)
        if not event:
            continue
        p, g, kind, last, rest = int(event[2]), event[3], event[4], int(event[5]), event[6]
        if kind == "Metric" and "/sched/gomaxprocs" in rest:
            count = int(re.search(r"Uint64\((\d+)\)", rest)[1])
            busy = busy[:count] + [0] * (count - len(busy))
            series = series or [(last, 1.0)]
        if not busy:
            continue
        if kind in ("RangeBegin", "RangeEnd"):
            step = 1 if kind == "RangeBegin" else -1
            if "stop-the-world" in rest and "GC" in rest:
                stops += step
            elif "GC mark assist" in rest:
                busy[p] += step
                (assist.add if step == 1 else assist.discard)(g)
        elif kind == "RangeActive" and "GC mark assist" in rest:
            return None
        elif kind == "StateTransition" and "GoID" in rest:
            change = re.search(r"GoID=(\d+) (\w+)->(\w+)", rest)
            who, was, now = change[1], change[2] in ("Running", "Syscall"), change[3] in ("Running", "Syscall")
            if who in assist or who in mark:
                if now and not was:
                    busy[p] += 1
                if was and not now:
                    busy[p] -= 1
                    # One that was preempted goes on where it stood; one that blocks is done, and is labelled anew.
                    if not mistaken and change[3] == "Waiting":
                        mark.discard(who)
        elif kind == "Label" and re.search(r'Label="GC .(dedicated|fractional)."', rest):
            if mistaken or g not in mark:
                busy[p] += 1
            mark.add(g)
        share = 0.0 if stops > 0 else 1 - sum(1 for one in busy if one > 0) / len(busy)
        if share != series[-1][1]:
            series.append((last, share))
    if not series:
        return None  # it never says how many processors there are
    # The tool ends a series where it becomes 0 for good, as if the trace did.
    return series if mistaken and series[-1][1] == 0 else series + [(last, 0.0)]


def least(series, window):
    """By looking at every window that begins or ends where the share changes."""
    times = [time for time, _ in series]
    areas = [0.0]
    for (a, share), (b, _) in zip(series, series[1:]):
        areas.append(areas[-1] + (b - a) * share)
    window = min(window, times[-1] - times[0])

    def area_at(time, at=[0]):
        import bisect
        at = bisect.bisect_right(times, time) - 1
        return areas[at] + (0 if at == len(times) - 1 else (time - times[at]) * series[at][1])
    starts = {time for time in times if time <= times[-1] - window} | \
        {time - window for time in times if time - window >= times[0]}
    return min((area_at(start + window) - area_at(start)) / window for start in starts)


def compare_mistaken(comparison, name, path, tool, server):
    text = subprocess.run([tool, "-d=parsed", str(path)], capture_output=True, text=True).stdout
    theirs, ours = mutator(text, True), mutator(text, False)
    if not theirs or len(theirs) > 20000:
        return
    tool_curve = server.curve(MISTAKEN)
    if tool_curve is None:
        return
    ours_curve = gopsy(path, "--mmu", "--mmu-flags", MISTAKEN)["curve"]
    comparison.curve(f"{name} {MISTAKEN} as the tool has it", tool_curve,
                     [[window, least(theirs, window)] for window, _ in tool_curve])
    comparison.curve(f"{name} {MISTAKEN} as it should be", [[window, least(ours, window)] for window, _ in ours_curve],
                     ours_curve)
    if theirs != ours:
        comparison.prove("mark workers that keep a P for good")


def live():
    go = shutil.which("go")
    version = re.search(r"go1\.(\d+)", differential.run([go, "version"])[0].decode()) if go else None
    if not version or int(version[1]) < 26:
        print("skipped: it needs go 1.26 or later")
        return 0
    tool = differential.run([go, "tool", "-n", "trace"])[0].decode().strip()
    comparison = Comparison()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        only = sys.argv[2] if len(sys.argv) > 2 else ""
        for trace, path in differential.fresh(folder) + differential.recorded(folder):
            if not re.search(only, trace):
                continue
            with Tool(tool, path) as server:
                if server.address is None:
                    continue
                comparison.goroutines(trace, server.goroutines(), our_goroutines(path))
                if trace.startswith("older."):
                    # The tool's curves of these two do not fall to 0 though the world was stopped; not yet explained.
                    print(f"{trace}: curves of mutator utilisation left out")
                    continue
                for flags in FLAGS:
                    comparison.curve(f"{trace} {flags}", server.curve(flags),
                                     gopsy(path, "--mmu", "--mmu-flags", flags)["curve"])
                compare_mistaken(comparison, trace, path, tool, server)
    return report(comparison)


def report(comparison):
    proven = ", ".join(f"{what} {count} times" for what, count in sorted(comparison.proven.items()))
    print(f"{comparison.same} figures are the same, {len(comparison.different)} differ; proven of the tool: {proven}")
    print("\n".join(comparison.different[:40]))
    return 1 if comparison.different else 0


def record():
    tool = differential.run([shutil.which("go"), "tool", "-n", "trace"])[0].decode().strip()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for trace, path in differential.recorded(pathlib.Path(name)):
            with Tool(tool, path) as server:
                if server.address is None:
                    continue
                for goid, figures in sorted(server.goroutines().items()):
                    usual = {"name", "Total", "Execution time", "Sched wait time", "Unknown time",
                             "Syscall execution time"}
                    spent = sum(ns for name, ns in figures.items() if name.startswith("Block time") or
                                name.endswith("ion time") or name == "Sched wait time")
                    if goid % 40 != 1 and spent <= figures["Total"] and not any(figures.get(name) for name in set(figures) - usual
                                                  if name != "Block time (sync)"):
                        continue  # there are thousands of a kind
                    rows += [f"{trace}\tgoroutine\t{goid}\t{name}\t{figure}\n" for name, figure in sorted(figures.items())
                             if figure != 0]
                for flags in FLAGS:
                    rows += [f"{trace}\tmmu\t{flags}\t{window:.0f}\t{share!r}\n"
                             for window, share in (server.curve(flags) or [])[::9]]
    EXPECTED.write_text("".join(rows))
    print(f"{len(rows)} rows")
    return 0


def recorded():
    traces = {}
    for line in EXPECTED.read_text().splitlines():
        trace, kind, key, name, figure = line.split("\t")
        traces.setdefault(trace, {}).setdefault(kind, {}).setdefault(key, []).append((name, figure))
    comparison = Comparison()
    with tempfile.TemporaryDirectory() as folder:
        for trace, path in differential.recorded(pathlib.Path(folder)):
            if trace not in traces:
                continue
            theirs = {}
            for goid, figures in traces[trace]["goroutine"].items():
                theirs[int(goid)] = {"name": "", "Total": 0, "Execution time": 0, "Sched wait time": 0,
                                     "Syscall execution time": 0, "Block time (syscall)": 0}
                theirs[int(goid)] |= {name: figure if name == "name" else int(figure) for name, figure in figures}
            ours = our_goroutines(path)
            comparison.goroutines(trace, theirs, {goid: row for goid, row in ours.items() if goid in theirs})
            for flags, curve in traces[trace].get("mmu", {}).items():
                comparison.curve(f"{trace} {flags}", [[float(window), float(share)] for window, share in curve],
                                 gopsy(path, "--mmu", "--mmu-flags", flags)["curve"][::9])
    return report(comparison)


if __name__ == "__main__":
    sys.exit({"live": live, "record": record}.get(sys.argv[1] if len(sys.argv) > 1 else "", recorded)())
