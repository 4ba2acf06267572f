"""gopsy trace: ranges of time, views of goroutines, and what it refuses. GOPSY_BINARY names the binary."""
import json
import os
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
GOPSY = os.environ["GOPSY_BINARY"]
TRACE = HERE / "recorded" / "esbuild-killed.format25.trace.gz"


def trace(*flags):
    return subprocess.run([GOPSY, "trace", str(TRACE), *flags], capture_output=True, text=True, timeout=60)


def facts(*flags):
    return json.loads(trace("--json", *flags).stdout)


class Times(unittest.TestCase):
    def test_a_range_is_said_in_text_and_json(self):
        self.assertIn("only from 100 ms to 200 ms after its beginning", trace("--from", "100ms", "--to", "200ms").stdout)
        self.assertEqual(facts("--from", "100ms", "--to", "0.2s")["range"], {"from_ns": 100_000_000, "to_ns": 200_000_000})
        self.assertIsNone(facts()["range"])

    def test_the_same_moment_has_several_names(self):
        length = facts()["wall_ns"]
        by_share = facts("--from", "75%")
        from_end = facts("--from", f"-{length - by_share['range']['from_ns']}ns")
        self.assertEqual(by_share, from_end)
        self.assertEqual(by_share, facts("--from", f"{by_share['range']['from_ns']}ns"))

    def test_running_time_of_parts_is_that_of_the_whole(self):
        parts = [facts("--to", "1s"), facts("--from", "1s", "--to", "2.5s"), facts("--from", "2.5s")]
        whole = facts()
        for figure in ["running_ns", "syscall_blocked_ns"]:
            self.assertEqual(sum(part[figure] for part in parts), whole[figure])
        self.assertEqual(sum(part["gc"]["mark_ns"] for part in parts), whole["gc"]["mark_ns"])
        self.assertEqual(sum(part["created"] for part in parts), whole["created"])

    def test_nonsense_is_refused_with_a_reason(self):
        for flags, reason in [(["--from", "2s", "--to", "1s"], "nothing lies between"),
                              (["--from", "1h"], "it lasts 4.01 s"),
                              (["--from", "soon"], "--from soon: it is a time"),
                              (["--to", "101%"], "--to 101%"),
                              (["--limit", "3"], "--limit goes with"),
                              (["--sort", "life"], "--sort goes with"),
                              (["--goroutines", "--tree"], "one view each"),
                              (["--goroutines", "--function", "("], "--function (: "),
                              (["--goroutine", "zero"], "--goroutine zero"),
                              (["--mmu-flags", "stw"], "--mmu-flags goes with"),
                              (["--mmu", "--mmu-flags", "mark"], "no mark")]:
            done = trace(*flags)
            self.assertEqual(done.returncode, 2, flags)
            self.assertIn(reason, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_rows_come_in_the_order_asked_for(self):
        for order, figure in [("running", "running_ns"), ("runnable", "runnable_ns"), ("blocked", "waiting_ns"),
                              ("syscall", "syscall_ns"), ("assist", "assist_ns"), ("life", "life_ns")]:
            everything = facts("--goroutines", "--sort", order, "--limit", "0")["goroutines"]
            self.assertEqual(everything, sorted(everything, key=lambda row: (-row[figure], row["goroutine"])))
            self.assertEqual(facts("--goroutines", "--sort", order, "--limit", "7")["goroutines"], everything[:7])
        chosen = facts("--goroutines", "--limit", "0", "--function", "parseFile$")
        self.assertEqual(chosen["matching"], len(chosen["goroutines"]))
        self.assertTrue(all(row["function"].endswith("parseFile") for row in chosen["goroutines"]))

    def test_one_goroutine_tells_who_woke_it(self):
        self.assertEqual(facts("--goroutine", "1")["last"], "chan receive")
        goid = next(row["goroutine"] for row in facts("--goroutines", "--function", r"Watch\.func2$")["goroutines"])
        story = facts("--goroutine", str(goid))
        self.assertTrue(story["seen"])
        woken = [step for step in story["longest"] if step["waker"] != 0]
        self.assertTrue(woken and all(step["waker_stack"] and step["waker_function"] for step in woken))
        self.assertEqual(story["longest"], sorted(story["longest"], key=lambda step: -step["length_ns"]))
        missing = trace("--goroutine", "999999")
        self.assertEqual(missing.returncode, 3)
        self.assertIn("No goroutine 999999", missing.stdout)

    def test_the_tree_counts_every_creation_once(self):
        tree = facts("--tree")
        self.assertEqual(sum(node["created"] for node in tree["nodes"]), tree["created"])
        self.assertEqual(sum(node["alive"] for node in tree["nodes"]),
                         sum(row["alive"] for row in facts()["functions"]))


if __name__ == "__main__":
    unittest.main()
