#!/usr/bin/env python3
"""The shell of `gopsy pprof` on a terminal: the tab key, the history, the prompt; and through a pipe."""
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.environ.get("GOPSY_BINARY", str(ROOT / "build/release/gopsy"))
PROFILE = str(ROOT / "examples/incident/cpu.pb.gz")


class Terminal:
    """gopsy on a pseudo terminal. `type` sends keys and yields what appeared until nothing more came."""

    def __init__(self, home, term="xterm"):
        pid, self.fd = pty.fork()
        if pid == 0:
            environment = {"PATH": os.environ["PATH"], "HOME": home, "TERM": term, "COLUMNS": "100"}
            os.execve(GOPSY, [GOPSY, "pprof", PROFILE], environment)
        self.pid = pid
        self.greeting = self.seen_until("(pprof) ")

    def seen_until(self, mark, patience=10):
        out, end = "", time.monotonic() + patience
        while mark not in out and time.monotonic() < end:
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            out += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\([A-Z]|\x1b[=>]", "", data.decode(errors="replace"))
        return out

    def type(self, keys, until):
        os.write(self.fd, keys.encode())
        return self.seen_until(until)

    def close(self):
        os.write(self.fd, b"\x15quit\n")
        self.seen_until("\0", 1)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


class OnATerminal(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)

    def history(self):
        return (pathlib.Path(self.home.name) / ".local/state/gopsy/pprof_history").read_text()

    def test_tab_completes_a_command_and_its_function(self):
        terminal = Terminal(self.home.name)
        self.assertIn("Entering interactive mode", terminal.greeting)
        seen = terminal.type("pee\t mallocgcTin\t\n", "(pprof) ")
        self.assertIn("runtime.mallocgcTiny", seen)
        self.assertIn("calls%", seen)
        self.assertEqual(terminal.close(), 0)

    def test_tab_shows_what_it_cannot_settle(self):
        terminal = Terminal(self.home.name)
        self.assertRegex(terminal.type("tag\t", "tagshow"), r"tagfocus +taghide")
        self.assertRegex(terminal.type("\x15sample_index=\t", "samples"), r"cpu +samples")
        self.assertEqual(terminal.close(), 0)

    def test_arrows_bring_lines_back_also_from_earlier_runs(self):
        first = Terminal(self.home.name)
        first.type("nodecount=3\n", "(pprof) ")
        self.assertEqual(first.close(), 0)
        self.assertIn("nodecount", self.history())
        second = Terminal(self.home.name)
        self.assertIn("nodecount=3", second.type("\x1b[A\x1b[A", "nodecount=3"))
        second.type("\n", "(pprof) ")
        self.assertRegex(second.type("top\n", "(pprof) "), r"Showing top 3 nodes|dropped")
        self.assertEqual(second.close(), 0)

    def test_a_dumb_terminal_gets_plain_lines(self):
        terminal = Terminal(self.home.name, term="dumb")
        self.assertIn("flat%", terminal.type("top 2\n", "(pprof) "))
        self.assertEqual(terminal.close(), 0)


class ThroughAPipe(unittest.TestCase):
    def run_lines(self, *lines):
        return subprocess.run([GOPSY, "pprof", PROFILE], input="\n".join(lines), capture_output=True, text=True, timeout=60)

    def test_options_of_one_command_do_not_stay(self):
        run = self.run_lines("top1", "top 1 -cum", "top 1")
        tables = run.stdout.split("      flat  flat%")[1:]
        self.assertEqual(len(tables), 3)
        self.assertEqual(tables[0].splitlines()[1], tables[2].splitlines()[1])
        self.assertNotEqual(tables[0].splitlines()[1], tables[1].splitlines()[1])

    def test_assignments_stay_until_the_colon_clears_them(self):
        run = self.run_lines("focus=mallocgc", "top 1", ":", "top 1")
        self.assertEqual(run.stdout.count("focus=mallocgc"), 1)

    def test_help_explains_commands_settings_and_what_is_neither(self):
        run = self.run_lines("help", "help peek", "help nodecount", "help frobnicate", "frobnicate", "nodecount 3", "peek")
        self.assertIn("peek func_regex", run.stdout)
        self.assertIn("Unknown command: frobnicate", run.stderr)
        self.assertIn('unrecognized command: "frobnicate"', run.stderr)
        self.assertIn("did you mean: nodecount=3", run.stderr)
        self.assertIn("command peek requires an argument", run.stderr)

    def test_output_goes_where_an_arrow_points(self):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "top.txt"
            self.run_lines(f"top 3 >{path}", f"top 3 > {path}2")
            self.assertEqual(path.read_text(), pathlib.Path(f"{path}2").read_text())
            self.assertIn("flat%", path.read_text())

    def test_sample_types_are_words_of_their_own(self):
        run = self.run_lines("samples", "top 1", "total_cpu", "top 1")
        self.assertIn("accounting for 269, 21.30% of 1263 total", run.stdout)
        self.assertIn("accounting for 2.69s, 21.30% of 12.63s total", run.stdout)


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
