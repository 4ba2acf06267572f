"""Races that happen: a Go program with one of each kind, built with -race, run, and read by GOPSY_BINARY.

Needs go with cgo and a C compiler; says so and passes where they are missing."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

GOPSY = os.environ["GOPSY_BINARY"]
PROGRAMS = pathlib.Path(__file__).parent / "programs"

# function that holds the race: (rule, pattern, variable), as the source tells it.
WANT = {
    "captured": ("race.closure-capture", "a captured variable", "total"),
    "loopCapture": ("race.closure-capture", "a captured variable", "hits"),
    "capturedErr": ("race.closure-capture", "a captured err", "err"),
    "namedResult": ("race.closure-capture", "a captured named result", "size"),
    "mapWrite": ("race.map", "a map without a lock", "users"),
    "mapIterate": ("race.map", "a map without a lock", "users"),
    "sliceAppend": ("race.slice", "a slice header", "names"),
    "sliceElement": ("race.slice", "elements of a slice", "cells"),
    "sliceCopy": ("race.slice", "elements of a slice", "cells"),
    "mixedAtomic": ("race.mixed-atomic", "atomic and plain access mixed", "count"),
    "closeSend": ("race.channel-close", "close beside send or receive", "jobs"),
    "lateAdd": ("race.waitgroup", "WaitGroup.Add not before Wait", None),
    "field": ("race.field", "no lock on either side", "c.hits"),
    "partialLock": ("race.field", "a lock on one side only", "c.size"),
    "readLock": ("race.field", "a write under a read lock", "c.age"),
    "differentLocks": ("race.field", "two different locks", "c.ttl"),
    "global": ("race.field", "a package-level variable", "verbose"),
    "libraryType": ("race.field", "a type of the library that is not safe for concurrent use", "buffer"),
    "copiedLock": ("race.field", "a sync type copied by value", None),
}


def functions(race):
    frames = [f["function"] for side in race["sides"] for f in side["frames"] + side["created_by"]]
    return {name.removeprefix("main.").split(".")[0] for name in frames}


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        for program in PROGRAMS.glob("*.go"):
            shutil.copy(program, cls.root)
        (cls.root / "go.mod").write_text("module races\n\ngo 1.22\n")
        built = subprocess.run(["go", "build", "-race", "-o", "races", "."], cwd=cls.root, capture_output=True, text=True)
        if built.returncode != 0:
            raise unittest.SkipTest("go build -race does not work here: " + built.stderr[-300:])
        run = subprocess.run([cls.root / "races"], capture_output=True, text=True, timeout=60)
        cls.log = cls.root / "race.log"
        cls.log.write_text(run.stdout + run.stderr)
        cls.announced = int(run.stderr.rsplit("Found ", 1)[1].split()[0])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def gopsy(self, *args):
        return subprocess.run([GOPSY, "race", *args], cwd=self.root, capture_output=True, text=True, timeout=60)

    def races(self, *args):
        run = self.gopsy("--json", *args)
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def test_each_race_is_found_once_with_its_kind_pattern_and_variable(self):
        found = self.races(str(self.log))
        self.assertEqual(found["reports"], self.announced)
        for name, want in WANT.items():
            with self.subTest(name):
                races = [race for race in found["races"] if name in functions(race)]
                self.assertEqual([(r["id"], r["pattern"], r["variable"]) for r in races], [want])
        self.assertEqual(len(found["races"]), len(WANT))
        self.assertFalse([race for race in found["races"] if "healthy" in functions(race)])

    def test_lines_that_move_and_a_second_run_are_no_new_races(self):
        self.gopsy(str(self.log), "--write-baseline", "known.txt")
        source = self.root / "races.go"
        text = source.read_text()
        source.write_text(text.replace("package main\n", "package main\n\n// moved\n\n", 1))
        subprocess.run(["go", "build", "-race", "-o", "moved", "."], cwd=self.root, check=True)
        source.write_text(text)
        run = subprocess.run([self.root / "moved"], capture_output=True, text=True, timeout=60)
        (self.root / "moved.log").write_text(run.stderr)
        again = self.gopsy("moved.log", "--baseline", "known.txt")
        self.assertEqual(again.returncode, 0, again.stderr)
        known = (self.root / "known.txt").read_text().splitlines()
        (self.root / "known.txt").write_text("\n".join(line for line in known if "main.captured " not in line))
        fresh = self.gopsy("moved.log", "--baseline", "known.txt")
        self.assertEqual(fresh.returncode, 1)
        self.assertIn("1 race is not in the baseline", fresh.stderr)
        self.assertEqual(fresh.stdout.count("  NEW\n"), 1)

    def test_sources_are_found_below_a_folder_when_the_paths_are_of_another_machine(self):
        elsewhere = self.root / "elsewhere.log"
        elsewhere.write_text(self.log.read_text().replace(str(self.root), "/home/dev/races"))
        with_source = self.races(str(elsewhere), "--source", str(self.root))
        self.assertEqual(sum(race["variable"] is not None for race in with_source["races"]), len(WANT) - 2)


if __name__ == "__main__":
    if shutil.which("go") is None:
        print("skipped: no go here")
        sys.exit(0)
    unittest.main()
