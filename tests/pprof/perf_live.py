#!/usr/bin/env python3
"""gopsy reads recordings of the installed perf as `perf script` does: threads, periods and every address of every stack.

perf prints addresses within mapped files, and return addresses as they are; both are undone here. Then the text of
perf script is read as well, and must give the samples of the recording.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[1] / "build/release/gopsy"))
WORK = ["sh", "-c", "for i in 1 2 3; do (n=0; while [ $n -lt 30000 ]; do n=$((n+1)); done) & done; wait; ls /usr/bin | sort -r"]
RECORDINGS = {
    "chains": ["-g", "-F", "999"],
    "compressed": ["-g", "-F", "999", "-z"],
    "two events": ["-e", "cpu-clock,page-faults"],
    "build ids": ["-g", "-F", "999", "--buildid-mmap"],
    "pipe": ["-g", "-F", "999", "-o", "-"],
}


def raw(path):
    """The samples as `gopsy pprof -raw` prints them: (values, [(address, address in the file)], labels)."""
    run = subprocess.run([GOPSY, "pprof", "-symbolize=none", "-raw", str(path)], capture_output=True, text=True, check=True)
    head, rest = run.stdout.split("\nLocations\n")
    locations, mappings = rest.split("Mappings\n")
    maps, places = {}, {}
    for line in mappings.splitlines():
        number, start, offset, file = re.match(r"(\d+): 0x(\w+)/0x\w+/0x(\w+) (\S*)", line).groups()
        maps[number] = (int(start, 16), int(offset, 16), file)
    for line in locations.splitlines():
        number, address, mapping = re.match(r" *(\d+): 0x(\w+) (?:M=(\d+) )?", line).groups()
        address = int(address, 16)
        start, offset, file = maps.get(mapping, (0, 0, "["))
        places[number] = (address, address if file.startswith("[kernel") else address - start + offset)
    samples = []
    for line in head.split("Samples:\n")[1].splitlines()[1:]:
        sample = re.match(r"^ *([\d ]+): ([\d ]*)$", line)
        if sample:
            samples.append((sample[1].split(), [places[n] for n in sample[2].split()], {}))
        else:
            samples[-1][2].update(re.findall(r"(\w+):\[([^\]]*)\]", line))
    return samples


def script(path):
    fields = "comm,pid,tid,time,period,event,ip"
    run = subprocess.run(["perf", "script", "-i", str(path), "-F", fields], capture_output=True, text=True, check=True)
    samples = []
    for line in run.stdout.splitlines():
        head = re.match(r"^ *(\S.*?)\s+(-?\d+)/(-?\d+) +[\d.]+: +(\d+) +\S+:\s*([0-9a-f]+)? *$", line)
        if head:
            samples.append((head[1], head[2], head[3], head[4], [int(head[5], 16)] if head[5] else []))
        elif line.strip():
            samples[-1][4].append(int(line.split()[0], 16))
    return samples


def is_exact(addresses, i):
    """The leaf, and where the program was when the kernel took over, are no return addresses."""
    kernel = [address >> 56 == 0xFF for address in addresses[:i + 1]]
    return i == 0 or (all(kernel[:i]) and not kernel[i])


def same_address(ours, theirs, exact):
    # What is called from was moved by one; an address 0 stays.
    return any(a + (0 if exact else 1) == theirs or (a == 0 and theirs == 0) for a in ours)


def same(ours, theirs):
    values, stack, labels = ours
    comm, pid, tid, period, addresses = theirs
    return (len(stack) == len(addresses)
            and all(same_address(a, b, is_exact(addresses, i)) for i, (a, b) in enumerate(zip(stack, addresses)))
            and (labels.get("thread_comm"), labels.get("pid", "0"), labels.get("tid", "0")) == (comm, pid, tid)
            and period in values)


def record(flags, path, folder):
    output = open(path, "wb") if "-" in flags else subprocess.DEVNULL
    destination = [] if "-" in flags else ["-o", str(path)]
    # Of the recorded program nothing may come into the pipe.
    work = ["sh", "-c", '"$@" >/dev/null', "sh"] + WORK if "-" in flags else WORK
    done = subprocess.run(["perf", "record", *flags, *destination, "--", *work], stdout=output,
                          stderr=subprocess.DEVNULL, cwd=folder)
    return done.returncode == 0 and path.stat().st_size > 0


def main():
    if shutil.which("perf") is None:
        print("SKIPPED: perf is not installed: nothing to compare with")
        return 0
    compared = different = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for what, flags in RECORDINGS.items():
            path = folder / "perf.data"
            if not record(flags, path, folder):
                print(f"SKIPPED: {what}: perf cannot record here")
                continue
            ours, theirs = raw(path), script(path)
            wrong = [pair for pair in zip(ours, theirs) if not same(*pair)]
            text = folder / "script.txt"
            text.write_bytes(subprocess.run(["perf", "script", "-i", str(path)], capture_output=True).stdout)
            read_back = raw(text)
            compared += len(theirs)
            if len(ours) != len(theirs) or wrong or len(read_back) != len(ours) or not theirs:
                different += 1
                print(f"DIFFERENT: {what}: {len(ours)} and {len(theirs)} samples, {len(wrong)} differ, "
                      f"{len(read_back)} from the text")
                for pair in wrong[:3]:
                    print("  gopsy", pair[0], "\n  perf ", pair[1])
    print(f"{compared} samples compared, {different} recordings different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
