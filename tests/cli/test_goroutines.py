"""gopsy goroutines as its users run it: views, filters, forms, mistakes. GOPSY_BINARY names the binary."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import xml.dom.minidom

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.environ["GOPSY_BINARY"]
DUMP, LOG = "examples/incident/goroutines.txt", "examples/incident/app.log"
LOCKS = "tests/golden/rules/contention.lock-held/fires-held-over-io-go1.26.txt"


def run(*args, stdin=None):
    return subprocess.run([GOPSY, "goroutines", *args], input=stdin, capture_output=True, cwd=ROOT, text=True, timeout=120)


def data(*args):
    return json.loads(run(*args, "--json").stdout)


class Views(unittest.TestCase):
    def test_many_goroutines_are_grouped_and_few_listed(self):
        self.assertIn("Grouped by stack", run(DUMP).stdout)
        self.assertIn("CREATED BY", run("-", stdin="goroutine 7 [select]:\nmain.f()\n\t/src/m.go:3 +0x1\n").stdout)

    def test_the_goroutine_that_ended_the_process_comes_first_and_is_marked(self):
        lines = run(LOG, "--list").stdout.splitlines()
        first = lines[next(i for i, line in enumerate(lines) if "CREATED BY" in line) + 1]
        self.assertTrue(first.startswith("* 481412"), first)

    def test_groups_add_up_to_all_goroutines(self):
        for by in ("stack", "state", "site", "creator", "label"):
            groups = data(DUMP, "--group", by)["groups"]
            self.assertEqual(sum(g["count"] for g in groups), 220, by)
            self.assertEqual(sum(len(g["ids"]) for g in groups), 220, by)

    def test_the_tree_adds_up_too(self):
        rows = data(DUMP, "--tree")["tree"]
        self.assertEqual(sum(row["count"] for row in rows), 220)
        self.assertEqual(sum(row["with_descendants"] for row in rows if row["depth"] == 0), 220)

    def test_rows_limits_and_says_how_many_more(self):
        self.assertIn("more groups with", run(DUMP, "--rows", "1").stdout)
        self.assertNotIn("--rows 0", run(DUMP, "--rows", "0").stdout)

    def test_a_profile_answers_what_it_can(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "d1.txt"
            path.write_text("goroutine profile: total 3\n2 @ 0x1 0x2\n#\t0x1\ttime.Sleep+0x1\t/go/time.go:1\n#\t0x2\tmain.f+0x1\t/src/m.go:3\n\n"
                            "1 @ 0x3\n#\t0x3\tmain.main+0x1\t/src/m.go:9\n\n")
            report = data(str(path))
        self.assertEqual([g["count"] for g in report["groups"]], [2, 1])
        self.assertEqual(report["groups"][0]["states"], {"sleep": 2})
        self.assertIn("it has no numbers", report["notes"][0])

    def test_what_has_no_goroutines_is_refused_with_its_kind(self):
        got = run("examples/incident/cpu.pb.gz")
        self.assertEqual(got.returncode, 2)
        self.assertIn("CPU profile", got.stderr)


class Filters(unittest.TestCase):
    def test_narrow_every_view(self):
        self.assertEqual(data(DUMP, "--filter", 'state == "chan send"')["goroutines_shown"], 207)
        self.assertEqual(data(DUMP, "--filter", 'state == "chan send"', "--list")["goroutines"][0]["state"], "chan send")

    def test_a_mistake_is_shown_under_its_column(self):
        got = run(DUMP, "--filter", "id == 1 && stat == \"x\"")
        self.assertEqual(got.returncode, 2)
        lines = got.stderr.splitlines()
        self.assertIn("column 12", lines[0])
        self.assertIn("Did you mean state?", lines[0])
        self.assertEqual(lines[2].index("^"), lines[1].index("stat =="))

    def test_every_field_of_the_page_is_one_of_the_program(self):
        page = (ROOT / "docs/goroutines.md").read_text()
        table = page.split("| field | | |")[1].split("\n\n")[0]
        fields = [line.split("`")[1] for line in table.splitlines() if "`" in line]
        self.assertGreater(len(fields), 10)
        said = run(DUMP, "--filter", "nothing == 1").stderr
        for field in fields:
            self.assertIn(field, said)


class Waits(unittest.TestCase):
    def test_the_holder_of_a_lock_and_what_it_does_is_named(self):
        # The most waited for first; a second store of the program has a queue of one.
        locks = {w["in"]["function"]: w for w in reversed(data(LOCKS)["waits"])}
        self.assertEqual(locks["main.(*store).Get"]["holder"]["inside"]["function"], "main.(*store).Refresh")
        self.assertEqual(locks["main.(*store).Get"]["holder"]["state"], "IO wait")
        self.assertEqual(locks["main.step"]["holder"]["state"], "chan receive")

    def test_a_deadlock_in_a_living_process_is_found(self):
        report = data(LOCKS)
        self.assertEqual([sorted(c["goroutines"]) for c in report["cycles"]], [[51, 52]])
        self.assertIn("Deadlock", run(LOCKS).stdout)

    def test_deep_stacks_are_told_with_their_recursion(self):
        deep = data(LOCKS)["deep"]["deepest"][0]
        self.assertEqual((deep["id"], deep["frames"]), (69, 10001))
        self.assertEqual(sorted(deep["cycle"]), ["main.visit", "main.walk"])


class Growth(unittest.TestCase):
    def test_the_order_of_the_inputs_does_not_matter(self):
        for args in ((DUMP, LOG), (LOG, DUMP)):
            growth = data(*args)["growth"][0]
            self.assertEqual(growth["ordered"], "by number")
            self.assertEqual(growth["sites"][0]["counts"], [209, 229])
            self.assertTrue(growth["sites"][0]["grows"])

    def test_a_dump_is_chosen_by_number(self):
        self.assertEqual(data(DUMP, LOG, "--dump", "1")["shown"], 1)
        self.assertEqual(run(DUMP, "--dump", "2").returncode, 2)
        self.assertEqual(run(DUMP, "--dump", "0").returncode, 2)


class Forms(unittest.TestCase):
    def test_a_picture_holds_only_what_was_filtered(self):
        folded = run(DUMP, "--filter", 'state == "chan send"', "--to", "folded").stdout
        self.assertEqual(sum(int(line.rsplit(" ", 1)[1]) for line in folded.splitlines()), 207)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x.svg"
            self.assertEqual(run(DUMP, "-o", str(path)).returncode, 0)
            xml.dom.minidom.parse(str(path))

    def test_no_colour_leaves_a_terminal(self):
        for args in ((DUMP,), (LOG, "--list"), (DUMP, "--tree"), (LOCKS,)):
            self.assertNotIn("\x1b", run(*args).stdout)

    def test_two_runs_print_the_same_bytes(self):
        for args in ((DUMP, LOG), (LOCKS, "--json"), (LOG, "--tree")):
            self.assertEqual(run(*args).stdout, run(*args).stdout)

    def test_senseless_flags_are_refused(self):
        for args in (("--group", "colour"), ("--list", "--tree"), ("--exact", "--group", "state"), ("--rows", "x"), ("-o", "x.pdf"), ("--group", "label=nobody")):
            self.assertEqual(run(DUMP, *args).returncode, 2, args)

    def test_a_dump_cut_at_any_place_is_read(self):
        text = (ROOT / LOCKS).read_text()
        for cut in range(0, 3000, 97):
            got = run("-", "--json", stdin=text[:cut])
            self.assertIn(got.returncode, (0, 2, 3))
            if got.returncode == 0:
                json.loads(got.stdout)


if __name__ == "__main__":
    unittest.main()
