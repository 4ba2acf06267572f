"""gopsy race on the command line: text, JSON, SARIF 2.1.0, baselines, exit codes. GOPSY_BINARY names the binary."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.environ["GOPSY_BINARY"]
MAP = "tests/corpus/crash/go1.27/races_map.txt"
ATOMIC = "tests/corpus/crash/go1.23/races_atomic.txt"
LOST = "tests/golden/rules/race.lost-stack/fires-previous.txt"


def race(*args, text=None):
    return subprocess.run([GOPSY, "race", *args], cwd=ROOT, input=text, capture_output=True, text=True, timeout=60)


class Sarif(unittest.TestCase):
    """What the schema of SARIF 2.1.0 asks for, of the parts that are written."""

    def sarif(self, *args):
        run = race(*args, "--sarif", "-")
        return json.loads(run.stdout)

    def only(self, part, required, optional=()):
        self.assertLessEqual(set(required), set(part), part)
        self.assertLessEqual(set(part), set(required) | set(optional), part)

    def check_message(self, message):
        self.only(message, ["text"])
        self.assertTrue(message["text"])

    def check_location(self, location):
        self.only(location, [], ["id", "physicalLocation", "logicalLocations", "message"])
        if "id" in location:
            self.assertGreaterEqual(location["id"], 1)
        if "message" in location:
            self.check_message(location["message"])
        for logical in location.get("logicalLocations", []):
            self.only(logical, ["fullyQualifiedName", "kind"])
        if "physicalLocation" in location:
            physical = location["physicalLocation"]
            self.only(physical, ["artifactLocation", "region"])
            self.only(physical["region"], ["startLine"])
            self.assertGreaterEqual(physical["region"]["startLine"], 1)
            uri = physical["artifactLocation"]["uri"]
            parsed = urllib.parse.urlsplit(uri)
            self.assertNotIn(" ", uri)
            if "uriBaseId" in physical["artifactLocation"]:
                self.assertEqual(physical["artifactLocation"]["uriBaseId"], "%SRCROOT%")
                self.assertFalse(parsed.scheme or uri.startswith("/"), uri)
            else:
                self.assertEqual(parsed.scheme, "file", uri)

    def check(self, log, results):
        self.only(log, ["$schema", "version", "runs"])
        self.assertEqual(log["version"], "2.1.0")
        self.assertTrue(log["$schema"].endswith("sarif-2.1.0.json"))
        (run,) = log["runs"]
        self.only(run, ["tool", "columnKind", "results"])
        self.assertIn(run["columnKind"], ["utf16CodeUnits", "unicodeCodePoints"])
        driver = run["tool"]["driver"]
        self.only(driver, ["name", "version", "rules"])
        ids = [rule["id"] for rule in driver["rules"]]
        self.assertEqual(len(ids), len(set(ids)))
        for rule in driver["rules"]:
            self.only(rule, ["id", "shortDescription", "defaultConfiguration"])
            self.assertIn(rule["defaultConfiguration"]["level"], ["none", "note", "warning", "error"])
        self.assertEqual(len(run["results"]), results)
        for result in run["results"]:
            self.only(result, ["ruleId", "ruleIndex", "level", "message", "locations", "relatedLocations",
                               "partialFingerprints", "occurrenceCount", "rank"], ["codeFlows", "baselineState"])
            self.assertEqual(ids[result["ruleIndex"]], result["ruleId"])
            self.check_message(result["message"])
            self.assertGreaterEqual(result["occurrenceCount"], 1)
            self.assertTrue(0 <= result["rank"] <= 100)
            self.assertIn(result.get("baselineState", "new"), ["new", "unchanged", "updated", "absent"])
            for name, value in result["partialFingerprints"].items():
                self.assertRegex(name, r"^[\w/]+$")
                self.assertRegex(value, "^[0-9a-f]{16}$")
            related = [location["id"] for location in result["relatedLocations"]]
            self.assertEqual(len(related), len(set(related)))
            for location in result["locations"] + result["relatedLocations"]:
                self.check_location(location)
            for flow in result.get("codeFlows", []):
                self.assertTrue(flow["threadFlows"])
                for thread in flow["threadFlows"]:
                    self.assertTrue(thread["locations"])
                    for step in thread["locations"]:
                        self.only(step, ["location"])
                        self.check_location(step["location"])

    def test_is_valid_for_every_recorded_race(self):
        for path in sorted(ROOT.glob("tests/corpus/crash/*/races_*.txt")) + [ROOT / LOST]:
            with self.subTest(path.name):
                want = len(json.loads(race("--json", str(path)).stdout)["races"])
                self.assertGreaterEqual(want, 1)
                self.check(self.sarif(str(path)), want)

    def test_is_valid_without_races(self):
        self.check(self.sarif("tests/corpus/healthy/service.log.txt"), 0)

    def test_has_paths_below_the_sources_as_relative_uris(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "a dir" / "main.go"
            source.parent.mkdir()
            source.write_text("package main\n" * 20 + "func main() {\n" + "\n" * 80)
            log = self.sarif(MAP, "--source", folder)
            (result,) = log["runs"][0]["results"]
            self.assertEqual(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                             "file:///home/dev/crash/main.go")
            log = self.sarif(MAP, "--source", str(source.parent))
            (result,) = log["runs"][0]["results"]
            self.assertEqual(result["locations"][0]["physicalLocation"]["artifactLocation"],
                             {"uri": "main.go", "uriBaseId": "%SRCROOT%"})


class Baseline(unittest.TestCase):
    def test_a_known_race_passes_and_a_new_one_exits_with_1(self):
        with tempfile.TemporaryDirectory() as folder:
            known = folder + "/known.txt"
            self.assertEqual(race(MAP, "--write-baseline", known).returncode, 0)
            self.assertIn("race.map", pathlib.Path(known).read_text())
            self.assertEqual(race(MAP, "--baseline", known).returncode, 0)
            both = race(MAP, ATOMIC, "--baseline", known)
            self.assertEqual(both.returncode, 1)
            self.assertIn("1 race is not in the baseline", both.stderr)
            self.assertIn("1 new, 1 known", both.stdout)
            states = [r["new"] for r in json.loads(race(MAP, ATOMIC, "--baseline", known, "--json").stdout)["races"]]
            self.assertEqual(states, [False, True])

    def test_without_a_baseline_the_exit_code_says_that_it_was_read(self):
        self.assertEqual(race(MAP).returncode, 0)
        self.assertIsNone(json.loads(race(MAP, "--json").stdout)["races"][0]["new"])

    def test_a_baseline_that_is_missing_or_no_baseline_is_an_error(self):
        self.assertEqual(race(MAP, "--baseline", "/no/such/file").returncode, 2)
        wrong = race(MAP, "--baseline", "README.md")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("is no fingerprint", wrong.stderr)


class Text(unittest.TestCase):
    def test_shows_both_sides_the_creator_and_the_fixes(self):
        out = race(MAP).stdout
        for words in ["race.map", "map write by the main goroutine", "previous map write by goroutine 8",
                      "created (and finished by now) by", "> main.main.func5", "sync.Map", "enough for"]:
            self.assertIn(words, out)

    def test_marks_the_racing_lines_of_the_source(self):
        out = race("tests/corpus/crash/go1.26/races_rwmain.txt", "--source", "tests/corpus/crash/src").stdout
        self.assertNotIn("main.go", [line for line in out.splitlines() if line.startswith("   >")])
        with tempfile.TemporaryDirectory() as folder:
            code = (ROOT / "tests/corpus/crash/src/races.go").read_text()
            (pathlib.Path(folder) / "main.go").write_text(code)
            out = race("tests/corpus/crash/go1.26/races_rwmain.txt", "--source", folder).stdout
        self.assertIn("   >    43 |         x++\n", out)
        self.assertIn("   >    41 |         go func() { x++ }()\n", out)
        self.assertIn("race.closure-capture", out)

    def test_says_that_there_is_none(self):
        run = race("tests/corpus/healthy/service.log.txt")
        self.assertEqual((run.returncode, run.stdout), (0, "No data race was reported.\n"))

    def test_reads_standard_input_and_refuses_what_is_not_there(self):
        self.assertIn("race.map", race("-", text=(ROOT / MAP).read_text()).stdout)
        self.assertEqual(race("/no/such.log").returncode, 2)

    def test_a_lost_stack_names_the_remedy(self):
        self.assertIn("GORACE=history_size=7", race(LOST).stdout)


if __name__ == "__main__":
    unittest.main()
