#!/usr/bin/env python3
"""Profiles fetched from a real server: over HTTP, TLS and unix sockets, as `go tool pprof` fetches them.

Where both tools ask for the same bytes, they print the same report and keep the same copy; where something is wrong,
both fail. Beyond that: unix sockets, symbols of a server, the other commands.
"""
import gzip
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = os.environ.get("GOPSY_BINARY", str(HERE.parents[1] / "build/release/gopsy"))

failures = []


def check(what, ok, seen=""):
    if not ok:
        failures.append(what)
        print(f"FAILED: {what}\n{seen[-600:]}")


class Tools:
    def __init__(self, folder):
        self.folder = folder

    def run(self, tool, *args, **more):
        saved = self.folder / ("saved-" + pathlib.Path(tool[0]).name)
        environment = dict(os.environ, PPROF_TMPDIR=str(saved), PPROF_BINARY_PATH=str(self.folder), **more)
        return subprocess.run([*tool, *args], capture_output=True, text=True, env=environment, timeout=60)

    def ours(self, *args, **more):
        return self.run([GOPSY, "pprof"], *args, **more)

    def theirs(self, *args, **more):
        return self.run(["go", "tool", "pprof"], *args, **more)


def same_as_pprof(tools, plain, secure):
    fixed = f"http://{plain}/fixed/debug/pprof/profile"
    cases = {
        "a whole URL": [fixed],
        "no scheme": [f"{plain}/fixed/debug/pprof/profile"],
        "a redirect": [f"http://{plain}/moved/"],
        "chunks": [f"http://{plain}/chunks/"],
        "seconds in the query": ["-seconds=2", f"http://{plain}/query/?gc=1&seconds=9"],
        "a user": [f"http://sre:3am@{plain}/secret/"],
        "two at once": [fixed, f"http://{plain}/chunks/"],
        "a base": ["-base", fixed, fixed],
        "TLS, any certificate": [f"https+insecure://{secure}/fixed/debug/pprof/profile"],
    }
    for what, args in cases.items():
        ours, theirs = tools.ours("-top", *args), tools.theirs("-top", *args)
        check(f"{what}: peer works", theirs.returncode == 0, theirs.stderr)
        check(f"{what}: same report", ours.stdout == theirs.stdout, ours.stdout + ours.stderr)
        kept = [line for line in ours.stderr.splitlines() if line.startswith("Saved profile in ")]
        check(f"{what}: a copy is kept", len(kept) == 1, ours.stderr)
        if not kept:
            continue
        peers = next(line for line in theirs.stderr.splitlines() if line.startswith("Saved profile in "))
        copy, other = (pathlib.Path(line.removeprefix("Saved profile in ")) for line in (kept[0], peers))
        check(f"{what}: its name", copy.name == other.name, f"{copy} {other}")
        check(f"{what}: its bytes", gzip.decompress(copy.read_bytes()) == gzip.decompress(other.read_bytes()))


def fails_as_pprof(tools, plain, secure):
    cases = {
        "nobody listens": ["http://127.0.0.1:1/debug/pprof/heap"],
        "not found": [f"http://{plain}/nothing"],
        "going round": [f"http://{plain}/round/"],
        "cut": [f"http://{plain}/cut/"],
        "too slow": ["-timeout=1", f"http://{plain}/never/"],
        "no profile": [f"http://{plain}/text/"],
        "a stranger's certificate": [f"https://{secure}/fixed/debug/pprof/profile"],
        "no password": [f"http://{plain}/secret/"],
    }
    for what, args in cases.items():
        began = time.monotonic()
        ours = tools.ours("-top", *args)
        took = time.monotonic() - began
        theirs = tools.theirs("-top", *args)
        check(f"{what}: both fail", ours.returncode == theirs.returncode != 0, ours.stderr + theirs.stderr)
        check(f"{what}: in time", took < 8)  # pprof's client waits five seconds beyond its -timeout
        check(f"{what}: says which", args[-1] in ours.stderr, ours.stderr)
        check(f"{what}: nothing on stdout", ours.stdout == "", ours.stdout)


def beyond_pprof(tools, plain, secure, ca, socket, folder):
    fixed = tools.ours("-top", f"http://{plain}/fixed/debug/pprof/profile").stdout
    quoted = str(socket).replace("/", "%2F")
    for url in (f"unix://{socket}/fixed/debug/pprof/profile", f"http+unix://{quoted}/fixed/debug/pprof/profile"):
        run = tools.ours("-top", url)
        check(f"{url}", run.stdout == fixed, run.stderr)
    # `go tool pprof` takes the flag and does not use it.
    secured = f"https://{secure}/fixed/debug/pprof/profile"
    check("TLS, an authority of a flag", tools.ours("-top", "-tls_ca", ca, secured).stdout == fixed)
    check("TLS, one of the environment", tools.ours("-top", secured, SSL_CERT_FILE=ca).stdout == fixed)
    missing = tools.ours("-top", "-tls_ca", "/no/such.pem", secured)
    check("TLS, no such file", missing.returncode != 0 and "/no/such.pem" in missing.stderr, missing.stderr)
    began = time.monotonic()
    run = tools.ours("-top", "-seconds=1", f"http://{plain}")
    check("a live process", "main.burn" in run.stdout and time.monotonic() - began < 5, run.stdout + run.stderr)
    run = tools.ours("-symbolize=remote", "-top", f"http://{plain}/debug/pprof/profile?seconds=1")
    check("... asked for symbols", "main.burn" in run.stdout, run.stderr)
    some = tools.ours("-top", "-nodecount=1", "http://127.0.0.1:1/x", f"http://{plain}/fixed/debug/pprof/profile")
    check("one of two", some.returncode == 0 and "Fetched 1 source profiles out of 2" in some.stderr, some.stderr)
    dump = tools.run([GOPSY], "diagnose", f"http://{plain}/debug/pprof/goroutine?debug=2")
    check("diagnose", "goroutine dump" in dump.stdout, dump.stdout + dump.stderr)
    flame = tools.run([GOPSY], "flame", f"http://{plain}/debug/pprof/heap", "-o", str(folder / "heap.svg"))
    check("flame", flame.returncode == 0 and (folder / "heap.svg").exists(), flame.stderr)


def main():
    if shutil.which("go") is None:
        print("SKIPPED: go is not installed: nobody to ask")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = dict(os.environ, GO111MODULE="off", GOFLAGS="")
        for program in ("server/server.go", "profiles.go"):
            subprocess.run(["go", "build", "-o", str(folder / pathlib.Path(program).stem), str(HERE / "programs" / program)],
                           env=environment, check=True)
        subprocess.run([str(folder / "profiles"), str(folder)], check=True, stdout=subprocess.DEVNULL)
        ca, socket = str(folder / "ca.pem"), folder / "app.sock"
        profile = next(folder.glob("**/cpu*.pb.gz"))
        server = subprocess.Popen([str(folder / "server"), str(socket), ca, str(profile)],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            plain, secure = (server.stdout.readline().strip() for _ in range(2))
            tools = Tools(folder)
            same_as_pprof(tools, plain, secure)
            fails_as_pprof(tools, plain, secure)
            beyond_pprof(tools, plain, secure, ca, socket, folder)
        finally:
            server.kill()
            server.wait()
    print("fetching: " + ("as it should be" if not failures else f"{len(failures)} failures"))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
