#!/usr/bin/env python3
"""gopsy trace --perfetto writes what protoc decodes by the field numbers of Perfetto, to the last field, and the slices of
its goroutines add up to the states of the overview.

Needs protoc (Debian: protobuf-compiler). Where Python has the package `perfetto`, its own schema decodes the exports too.
"""
import collections
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
GOPSY = os.environ.get("GOPSY_BINARY", str(ROOT / "build/release/gopsy"))
STATES = {"running": "running_ns", "runnable": "runnable_ns", "in a system call": "syscall_ns", "blocked": "waiting_ns"}


def decode(export):
    """Packets as dictionaries from protoc's text; fields that the schema lacks would come out as bare numbers."""
    text = subprocess.run(["protoc", "--decode=Trace", f"--proto_path={HERE}", "perfetto.proto"], stdin=export.open("rb"),
                          capture_output=True, check=True).stdout.decode()
    packets, stack = [], [collections.defaultdict(list)]
    for line in text.splitlines():
        line = line.strip()
        if line.endswith("{"):
            inner = collections.defaultdict(list)
            stack[-1][line[:-2]].append(inner)
            stack.append(inner)
        elif line == "}":
            stack.pop()
        else:
            key, _, value = line.partition(": ")
            if key.isdigit():
                raise ValueError(f"field {key} is not in the schema")
            stack[-1][key].append(value.strip('"') if value.startswith('"') else int(value))
    return stack[0]["packet"]


def sums_of(packets):
    names, tracks, open_slices, sums = {}, {}, {}, collections.Counter()
    events = []
    for packet in packets:
        for data in packet["interned_data"]:
            names.update({one["iid"][0]: one["name"][0] for one in data["event_names"]})
        for track in packet["track_descriptor"]:
            tracks[track["uuid"][0]] = (track["name"] or [""])[0], (track["parent_uuid"] or [0])[0]
        for event in packet["track_event"]:
            name = names[event["name_iid"][0]] if event["name_iid"] else (event["name"] or [""])[0]
            events.append((packet["timestamp"][0], event["type"][0], event["track_uuid"][0], name))
    goroutines = next(uuid for uuid, (name, _) in tracks.items() if name == "Goroutines")
    for ns, kind, track, name in sorted(events, key=lambda event: event[0]):
        if tracks[track][1] != goroutines:
            continue
        if kind == 1:
            assert track not in open_slices, "slices of states do not nest"
            open_slices[track] = ns, name
        elif kind == 2:
            begin, name = open_slices.pop(track)
            sums[re.split(":| on P", name)[0]] += ns - begin
    assert not open_slices
    return sums


def own_schema(export):
    try:
        from google.protobuf import unknown_fields
        from perfetto.protos.perfetto.trace import perfetto_trace_pb2
    except ImportError:
        return
    trace = perfetto_trace_pb2.Trace()
    trace.ParseFromString(export.read_bytes())
    stack = [trace]
    while stack:
        message = stack.pop()
        assert len(unknown_fields.UnknownFieldSet(message)) == 0, message.DESCRIPTOR.name
        for field, value in message.ListFields():
            if field.type == field.TYPE_MESSAGE:
                stack += list(value) if hasattr(value, "append") or hasattr(value, "add") else [value]


def main():
    if not shutil.which("protoc"):
        print("skipped: it needs protoc")
        return 0
    wrong = []
    traces = sorted((HERE / "recorded").glob("*.trace.gz"))
    with tempfile.TemporaryDirectory() as folder:
        export = pathlib.Path(folder) / "out.pftrace"
        for path in traces:
            subprocess.run([GOPSY, "trace", path, "--perfetto", "-o", export], check=True)
            sums = sums_of(decode(export))
            own_schema(export)
            facts = json.loads(subprocess.run([GOPSY, "trace", path, "--json"], capture_output=True, check=True).stdout)
            wrong += [f"{path.name}: {state}: {sums[state]} in slices, {facts[key]} in the overview"
                      for state, key in STATES.items() if sums[state] != facts[key]]
    print(f"{len(traces)} exports, {len(wrong)} sums differ")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
