#!/usr/bin/env python3
"""gopsy pprof and `go tool pprof` print the same of real profiles of a real program, for every kind of profile.

The program is built and run with the installed Go. Where the peer prints another text when it is asked again (nodes
of one name, which its maps hand out in any order), the case counts as unstable and is named. GOPSY_PPROF_PEER=binary
compares with a google/pprof build instead, and then also what the Go distribution's older copy prints otherwise.
"""
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[1] / "build/release/gopsy"))
PEER = os.environ.get("GOPSY_PPROF_PEER")

# Flags, and the profiles they are tried on; "*" = all.
CASES = [line.rsplit("|", 1) for line in r"""
-top|*
-top -cum|*
-top -lines|*
-top -filefunctions|*
-top -addresses|*
-top -noinlines|*
-top -noinlines -lines|*
-top -addresses -noinlines|cpu heap
-top -nodecount=7|*
-top -nodecount=7 -cum -lines|cpu mutex
-top -nodefraction=0.1|*
-top -trim=false|*
-top -compact_labels|cpu
-top -sample_index=0|*
-top -sample_index=1|cpu heap mutex block
-top -sample_index=alloc_objects|heap allocs
-top -alloc_space|heap
-top -inuse_objects|heap
-top -contentions|mutex block
-top -mean_delay|mutex block
-top -mean|heap cpu
-top -mean -lines|mutex
-top -unit=ms|cpu mutex
-top -unit=minutes|cpu
-top -unit=kb|heap
-top -unit=auto|*
-top -divide_by=3|cpu heap
-top -focus=tree|cpu heap
-top -focus=runtime -relative_percentages|cpu
-top -ignore=runtime|*
-top -hide=runtime|cpu heap
-top -show=main|cpu heap goroutine
-top -show_from=main.work|cpu heap
-top -prune_from=fmt|cpu heap
-top -tagfocus=handler=index|cpu
-top -tagfocus=index,1|cpu
-top -tagignore=search|cpu
-top -tagfocus=:1kb|heap
-top -tagfocus=32kb:|heap allocs
-top -tagroot=handler|cpu
-top -tagroot=handler,tenant -cum|cpu
-top -tagleaf=tenant|cpu
-top -tagleaf=bytes|heap
-top -drop_negative -base=heap-before|heap
-top -base=heap-before|heap
-top -diff_base=heap-before|heap
-top -diff_base=heap-before -normalize|heap
-tree -diff_base=heap-before|heap
-top -add_comment=hello|cpu
-top -showcolumns -lines|cpu
-tree|*
-tree -lines|cpu heap mutex
-tree -cum -nodecount=10|*
-tree -nodefraction=0.05 -edgefraction=0.1|cpu heap
-peek=main|*
-peek=runtime\..*alloc|cpu heap
-traces|*
-traces -lines|cpu heap
-traces -tagshow=handler|cpu
-traces -taghide=handler|cpu
-raw|*
-comments|cpu
-list=main.work|cpu heap
-list=insert -lines|cpu
-list=add -noinlines|cpu
-dot|*
-dot -lines|cpu heap
-dot -nodecount=20 -edgefraction=0.05|cpu heap mutex
-dot -cum|cpu
-dot -tagshow=handler|cpu
-dot -diff_base=heap-before|heap
-dot -call_tree -focus=walk|cpu
-callgrind|*
-callgrind -focus=main|cpu heap
-proto|*
-proto -divide_by=2|cpu
-topproto|cpu heap
-top also=heap-before|heap
-raw also=heap-before|heap
-proto also=heap-before|heap
""".strip().splitlines()]

# The Go distribution's copy computes the shares of labels in another way.
HEAD_ONLY = [["-tags", "*"], ["-tags -unit=kb", "heap"], ["-tags -tagfocus=handler=buy", "cpu"], ["-top -all_frames", "cpu"]]


def run(command, folder):
    environment = dict(os.environ, TZ="UTC", HOME=str(folder), PPROF_TMPDIR=str(folder),
                       PPROF_BINARY_PATH=str(folder / "none"))
    return subprocess.run(command, capture_output=True, env=environment, cwd=folder, timeout=120).stdout


def output(binary, flags, profile, folder):
    words = []
    sources = [f"{profile}.pb.gz"]
    for word in flags.split():
        if word.startswith("also="):
            sources.append(word[5:] + ".pb.gz")
        elif word.startswith(("-base=", "-diff_base=")):
            words.append(word + ".pb.gz")
        else:
            words.append(word)
    words.append("-symbolize=none")
    text = run(([binary, "pprof"] if binary == GOPSY else binary) + words + sources, folder)
    return gzip.decompress(text) if "proto" in flags and text else text


def make_profiles(folder):
    program = folder / "profiles"
    environment = dict(os.environ, GOFLAGS="-mod=mod", GO111MODULE="off")
    # goroutineleak is an experiment of Go 1.26; an older Go does not know its name.
    for experiment in ("goroutineleakprofile", ""):
        built = subprocess.run(["go", "build", "-o", str(program), str(HERE / "programs/profiles.go")],
                               env=dict(environment, GOEXPERIMENT=experiment), capture_output=True)
        if built.returncode == 0:
            break
    built.check_returncode()
    subprocess.run([str(program), str(folder)], check=True)
    return sorted(p.name.removesuffix(".pb.gz") for p in folder.glob("*.pb.gz") if p.name != "heap-before.pb.gz")


def judge(peer, flags, profile, folder):
    got = output(GOPSY, flags, profile, folder)
    want = output(peer, flags, profile, folder)
    if got == want:
        return "same", got, want
    again = [output(peer, flags, profile, folder) for _ in range(4)]
    if got in again:
        return "same", got, want
    return ("unstable" if any(text != want for text in again) else "different"), got, want


def main():
    if shutil.which("go") is None:
        print("SKIPPED: go is not installed: nothing to compare with")
        return 0
    peer = [PEER] if PEER else ["go", "tool", "pprof"]
    counts = {"same": 0, "unstable": 0, "different": 0}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        kinds = make_profiles(folder)
        print("profiles:", " ".join(kinds))
        for flags, which in CASES + (HEAD_ONLY if PEER else []):
            for profile in kinds if which == "*" else which.split():
                if profile not in kinds:
                    continue
                verdict, got, want = judge(peer, flags, profile, folder)
                counts[verdict] += 1
                if verdict != "same":
                    print(f"{verdict.upper()}: {flags} {profile}")
                if verdict == "different":
                    for a, b in zip(got.split(b"\n"), want.split(b"\n")):
                        if a != b:
                            print(f"  got  {a[:150]!r}\n  peer {b[:150]!r}")
                            break
    print(f"{len(CASES)} combinations of flags; " + ", ".join(f"{n} {verdict}" for verdict, n in counts.items()))
    return 1 if counts["different"] or counts["same"] < 150 else 0


if __name__ == "__main__":
    sys.exit(main())
