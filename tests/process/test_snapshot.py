#!/usr/bin/env python3
"""gopsy snapshot as its users run it: of a process that lives on, with Delve's and gdb's view of the file where they are there."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.path.abspath(os.environ.get("GOPSY_BINARY", ROOT / "build/release/gopsy"))


def gopsy(*words, **options):
    return subprocess.run([GOPSY, *map(str, words)], capture_output=True, text=True, **options)


class Snapshot(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / "s.core"
        # A process that says where it keeps something: any will do.
        self.process = subprocess.Popen(
            [sys.executable, "-c", "import ctypes; b = ctypes.create_string_buffer(b'gopsy was here'); "
             "print(ctypes.addressof(b), flush=True); input()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = int(self.process.stdout.readline())

    def tearDown(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def test_says_what_it_wrote_and_the_process_runs_on(self):
        run = gopsy("snapshot", "-p", self.process.pid, "-o", self.path)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r"s\.core: .* on disk .* of process \d+ \(python3.*\) with .* resident and 1 thread\n")
        self.assertRegex(run.stdout, r"It stood still for .*, for its registers")
        self.assertIsNone(self.process.poll())
        self.assertEqual(self.path.read_bytes()[:4], b"\x7fELF")
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_figures_add_up(self):
        for pause in [[], ["--pause"]]:
            run = gopsy("snapshot", self.process.pid, "-o", self.path, "--json", *pause)
            self.assertEqual(run.returncode, 0, run.stderr)
            figures = json.loads(run.stdout)
            self.assertEqual(figures["file_bytes"], self.path.stat().st_size)
            self.assertAlmostEqual(figures["disk_bytes"], self.path.stat().st_blocks * 512, delta=65536)  # late metadata
            self.assertEqual(figures["paused"], bool(pause))
            self.assertEqual(figures["unread_bytes"], 0)
            self.assertLess(figures["disk_bytes"], figures["touched_bytes"] + (1 << 20))
            self.assertLess(figures["zero_bytes"], figures["touched_bytes"])
            self.assertGreater(figures["stopped_ns"], 0)
            if pause:
                self.assertGreaterEqual(figures["stopped_ns"], 0.5 * figures["took_ns"])

    @unittest.skipUnless(shutil.which("gdb"), "gdb is not installed")
    def test_gdb_reads_it(self):
        self.assertEqual(gopsy("snapshot", "-p", self.process.pid, "-o", self.path).returncode, 0)
        gdb = subprocess.run(["gdb", "-nx", "-q", "-batch", "-ex", f"x/s {self.address}", "-ex", "info threads",
                              sys.executable, str(self.path)], capture_output=True, text=True)
        self.assertIn('"gopsy was here"', gdb.stdout, gdb.stderr)
        self.assertIn(f"LWP {self.process.pid}", gdb.stdout, gdb.stderr)

    def test_names_the_file_after_the_program(self):
        run = gopsy("snapshot", self.process.pid, cwd=self.folder.name)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([p.name for p in pathlib.Path(self.folder.name).iterdir()],
                         [run.stdout.split(":")[0]])
        self.assertRegex(run.stdout, rf"^python3[^ ]*\.{self.process.pid}\.core: ")

    def test_says_why_not(self):
        for words, why in [([], "which process?"), (["-p", "x"], "x is not the number of a process"),
                           (["-p", "1", "2"], "a snapshot is of one process"),
                           (["-p", 2**31 - 2], "there is no process"),
                           (["-p", self.process.pid, "-o", "/no/such/folder/s.core"], "no such file or directory")]:
            run = gopsy("snapshot", *words)
            self.assertEqual(run.returncode, 2, words)
            self.assertIn(why, run.stderr)


if __name__ == "__main__":
    unittest.main()
