"""What gopsy runtime says of a live process against what the process counted itself. GOPSY_BINARY names the binary."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.environ["GOPSY_BINARY"]
WHOLE = re.compile(r"gc \d+ @[^S]* P( \(.*\))?$|SCHED \d+ms: .*\]$|scav \d+ KiB .* util( \(.*\))?$|init \S+ @[^@]* allocs$")
SETTINGS = "gctrace=1,schedtrace=100,scavtrace=1,inittrace=1"


@unittest.skipIf(shutil.which("go") is None, "go is not installed")
class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        shutil.copy(ROOT / "tests/runtime/program.go", folder / "main.go")
        (folder / "go.mod").write_text("module runtimelines\n\ngo 1.18\n")
        subprocess.run(["go", "build", "-o", "program", "."], cwd=folder, check=True)
        cls.log = folder / "live.log"
        # The runtime writes a line in pieces, and two threads may write at once: then another run is taken.
        for _ in range(10):
            cls.counted = cls.program(SETTINGS, "3", "6", "64")
            cls.text = cls.log.read_text()
            if all(WHOLE.match(line) for line in cls.text.splitlines()):
                break
        cls.report = cls.gopsy(cls.log)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def program(cls, settings, *args):
        run = subprocess.run([pathlib.Path(cls.folder.name) / "program", *args], capture_output=True, text=True, check=True,
                             env={**os.environ, "GODEBUG": settings, "GOMAXPROCS": "2"})
        cls.log.write_text(run.stderr)
        return json.loads(run.stdout)

    @classmethod
    def gopsy(cls, path):
        return json.loads(subprocess.run([GOPSY, "runtime", path, "--json"], capture_output=True, check=True).stdout)["runs"][0]

    def test_every_line_is_read(self):
        self.assertEqual(self.report["lines"], len(self.text.splitlines()))
        self.assertEqual(self.report["torn_lines"], 0)
        self.assertEqual(self.report["scheduler"]["samples"], self.text.count("SCHED "))
        self.assertEqual(len(self.report["init"]["packages"]), self.text.count("\ninit ") + self.text.startswith("init "))

    def test_cycles_are_those_of_memstats(self):
        self.assertEqual(self.report["gc"]["cycles"], self.counted["NumGC"])
        self.assertEqual(self.report["gc"]["forced"], self.counted["NumForcedGC"])
        self.assertEqual(self.report["gc"]["missing"], 0)

    def test_pauses_add_up_to_those_of_readgcstats(self):
        # Two digits are printed, cut off, not rounded, and from 10 ms on none behind the point: at most a tenth is lost.
        pauses = self.report["gc"]["pauses"]["total_ns"]
        self.assertLessEqual(pauses, self.counted["PauseTotal"] * 1.001)
        self.assertGreaterEqual(pauses, self.counted["PauseTotal"] * 0.9 - 2000 * self.counted["NumGC"])

    def test_the_share_of_the_cpus_is_that_of_gccpufraction(self):
        # Marking alone is less; with all of the stops, stopping included, it is more.
        gc = self.report["gc"]
        fraction = self.counted["GCCPUFraction"]
        self.assertEqual(gc["percent_since_start"], int(fraction * 100))
        self.assertLessEqual(gc["cpu_share"], fraction + 0.01)
        self.assertGreaterEqual(gc["cpu_share"] + gc["stopped_share"], fraction - 0.01)

    def test_allocation_is_that_of_totalalloc(self):
        # Sizes are in whole MiB, and spans that Ps hold count as full.
        gc = self.report["gc"]
        allocated = gc["allocated_mib_per_second"] * gc["to_ns"] / 1e9 * (1 << 20)
        self.assertAlmostEqual(allocated / self.counted["TotalAlloc"], 1, delta=0.1)

    def test_the_default_gogc_is_found(self):
        self.assertAlmostEqual(self.report["gc"]["heap"]["gogc"], 100, delta=10)

    def test_scheddetail_has_the_queues_and_goroutines_of_each_sample(self):
        self.program("schedtrace=50,scheddetail=1", "1", "6", "0")
        text = self.log.read_text()
        run = self.gopsy(self.log)
        self.assertEqual(run["lines"], len(text.splitlines()))
        self.assertEqual(run["scheduler"]["detailed"], text.count("SCHED "))
        samples = text.split("SCHED ")[1:]
        self.assertEqual(run["scheduler"]["goroutines_most"], max(sample.count("\n  G") for sample in samples))

    def test_the_version_of_the_process_is_among_those_that_its_lines_allow(self):
        minor = int(self.counted["GoVersion"].split(".")[1].split("rc")[0])
        self.assertEqual(self.report["go"], "1.25 or later" if minor >= 25 else "1.20 to 1.24" if minor >= 21 else self.report["go"])


if __name__ == "__main__":
    unittest.main()
