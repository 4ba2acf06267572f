#!/usr/bin/env python3
"""A day of ordinary log with three crashes in it, plain and as transports wrap it: ./dev bench log [MEGABYTES]

Prints CPU time, throughput of one core and resident memory of `gopsy diagnose`, and whether it found all three crashes.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from measuring import GOPSY, ROOT, measure

CRASHES = ["panics_nilderef", "fatals_deadlock2", "fatals_maprw"]
RULES = ["crash.nil-dereference", "deadlock.lock-order", "crash.concurrent-map"]


def chatter(lines, seed):
    """Lines as services write them: access logs, key=value pairs, JSON, a stack of words now and then."""
    pick = random.Random(seed)
    for i in range(lines):
        stamp = f"2026/11/22 10:{i // 60 % 60:02}:{i % 60:02}.{pick.randrange(10**6):06}"
        kind = pick.randrange(4)
        if kind == 0:
            yield f"{stamp} GET /cart/{pick.randrange(10**6)}/items?page={pick.randrange(99)} 200 {pick.randrange(900)}ms"
        elif kind == 1:
            yield (f"{stamp} level=info msg=\"order stored\" order={pick.randrange(10**9)} tenant=acme-{pick.randrange(50)} "
                   f"shard={pick.randrange(64)} took={pick.random():.3f}s")
        elif kind == 2:
            yield f"{stamp} worker {pick.randrange(32)}: batch of {pick.randrange(500)} rows written to segment {pick.randrange(10**5)}"
        else:
            yield (f"{stamp} {{\"level\":\"info\",\"caller\":\"http/server.go:{pick.randrange(900)}\",\"msg\":\"request\","
                   f"\"status\":200,\"trace_id\":\"{pick.getrandbits(128):032x}\"}}")


def plain(line):
    return line + "\n"


def docker(line):
    return json.dumps({"log": line + "\n", "stream": "stderr", "time": "2026-11-22T10:00:00.123456789Z"},
                      separators=(",", ":")) + "\n"


def cri(line):
    return f"2026-11-22T10:00:00.123456789Z stderr F {line}\n"


def journald(line):
    return f"Nov 22 10:00:00 web-1 shop[4711]: {line}\n" if line else ""


def zap(line):
    return json.dumps({"level": "error", "ts": 1795600000.5, "caller": "run/out.go:40", "msg": line},
                      separators=(",", ":")) + "\n"


def write(path, megabytes, wrap):
    blocks = ["".join(wrap(line) for line in chatter(8000, seed)).encode() for seed in range(4)]
    crashes = ["".join(wrap(line) for line in (ROOT / f"tests/corpus/crash/go1.23/{name}.txt").read_text().splitlines())
               for name in CRASHES]
    size = 0
    left = list(crashes)
    with open(path, "wb") as out:
        i = 0
        while size < megabytes * 1_000_000:
            size += out.write(blocks[i % len(blocks)])
            i += 1
            if left and size > megabytes * 1_000_000 * (1 + len(crashes) - len(left)) / (len(crashes) + 1):
                size += out.write(left.pop(0).encode())
    return size


def main():
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    failed = False
    print(f"{'log':<34}{'size':>9}{'cpu':>10}{'one core':>13}{'resident':>12}  crashes found")
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        path = pathlib.Path(folder) / "app.log"
        for name, wrap, bar in (("plain", plain, 500), ("Docker JSON", docker, 150), ("CRI", cri, 150),
                                ("journald", journald, 150), ("zap JSON", zap, 150)):
            size = write(path, megabytes, wrap) / 1e6
            command = [GOPSY, "diagnose", path, "--json"]
            report = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            ids = {finding["id"] for finding in report["findings"]}
            found = sum(rule in ids for rule in RULES)
            cost = measure(command)
            rate = size / cost.cpu
            failed = failed or rate < bar or found < len(RULES)
            print(f"{name:<34}{size:>6.0f} MB{cost.cpu:>8.3f} s{rate:>8.0f} MB/s{cost.mib:>8.0f} MiB  "
                  f"{found} of {len(RULES)}, bar {bar} MB/s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
