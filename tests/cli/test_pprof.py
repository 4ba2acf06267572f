#!/usr/bin/env python3
"""The command line of `gopsy pprof`: flags by the rules of Go's flag package, errors in pprof's words, files."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.environ.get("GOPSY_BINARY", str(ROOT / "build/release/gopsy"))
CPU = str(ROOT / "examples/incident/cpu.pb.gz")
HEAP = str(ROOT / "examples/incident/heap-2.pb.gz")
OLD = str(ROOT / "examples/incident/heap-1.pb.gz")


def pprof(*words, **more):
    return subprocess.run([GOPSY, "pprof", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **more)


class Flags(unittest.TestCase):
    def test_one_dash_or_two_and_values_in_both_forms(self):
        want = pprof("-top", "-nodecount=3", CPU).stdout
        self.assertIn("Showing top 3 nodes", want)
        for words in (["--top", "--nodecount=3"], ["-top", "-nodecount", "3"], ["-top=true", "-nodecount=3"], ["-text", "--nodecount", "3"]):
            self.assertEqual(pprof(*words, CPU).stdout, want, words)

    def test_switches_take_what_go_takes(self):
        want = pprof("-top", "-cum", CPU).stdout
        for yes in ("1", "t", "T", "true", "TRUE", "True"):
            self.assertEqual(pprof("-top", f"-cum={yes}", CPU).stdout, want)
        self.assertEqual(pprof("-top", "-cum=F", CPU).stdout, pprof("-top", CPU).stdout)
        self.assertIn('invalid boolean value "maybe" for -cum', pprof("-top", "-cum=maybe", CPU).stderr)

    def test_old_names_of_columns(self):
        self.assertEqual(pprof("-top", "-alloc_space", HEAP).stdout, pprof("-top", "-sample_index=alloc_space", HEAP).stdout)
        self.assertIn("Type: inuse_objects", pprof("-top", "-inuse_objects", HEAP).stdout)

    def test_what_makes_no_sense_is_refused_with_words_and_status_2(self):
        for words, part in {
            ("-frobnicate", CPU): "flag provided but not defined: -frobnicate",
            ("-top", "-nodecount"): "flag needs an argument: -nodecount",
            ("-top", "-nodecount=many", CPU): 'invalid value "many" for flag -nodecount: parse error',
            ("-top",): "no profile source specified",
            ("-top", "-tree", CPU): "must set at most one output format",
            ("-top", "-base", OLD, "-diff_base", OLD, HEAP): "-base and -diff_base flags cannot both be specified",
            ("-top", "-normalize", HEAP): "must have base profile to normalize by",
            ("-top", "-divide_by=0", CPU): "zero divisor specified",
            ("-top", "-sample_index=wall", CPU): 'sample_index "wall" must be one of: [samples cpu]',
            ("-top", "-focus=(", CPU): "parsing focus regexp",
            ("-top", "-http=:0", CPU): "-http is not compatible with an output format",
            ("-top", "-no_browser", CPU): "-no_browser only makes sense with -http",
            ("-top", "/no/such/file"): "failed to fetch any source profiles",
        }.items():
            run = pprof(*words)
            self.assertIn(part, run.stderr, words)
            self.assertEqual((run.returncode, run.stdout), (2, ""), words)

    def test_filters_that_match_nothing_are_told(self):
        run = pprof("-top", "-focus=nothing_at_all", "-hide=nothing_at_all", CPU)
        self.assertIn("Focus expression matched no samples", run.stderr)
        self.assertIn("Hide expression matched no samples", run.stderr)

    def test_the_first_operand_may_be_the_binary(self):
        run = pprof("-top", "-nodecount=1", GOPSY, CPU)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("blockSHANI", run.stdout)


class Files(unittest.TestCase):
    def test_output_goes_into_the_file_and_nothing_to_stdout(self):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "top.txt"
            run = pprof("-top", f"-output={path}", CPU)
            self.assertEqual(run.stdout, "")
            self.assertEqual(path.read_text(), pprof("-top", CPU).stdout)
            self.assertIn("no such file or directory", pprof("-top", f"-output={name}/no/top.txt", CPU).stderr)

    def test_one_of_several_sources_may_be_missing(self):
        run = pprof("-top", "-nodecount=1", CPU, "/no/such/file")
        self.assertEqual(run.returncode, 0)
        self.assertIn("Fetched 1 source profiles out of 2", run.stderr)

    def test_a_source_can_come_through_a_pipe(self):
        with open(CPU, "rb") as file:
            run = subprocess.run([GOPSY, "pprof", "-top", "-nodecount=1", "-"], stdin=file, capture_output=True, text=True)
        self.assertIn("blockSHANI", run.stdout)

    def test_list_finds_files_below_the_source_path(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name) / "internal/orders"
            folder.mkdir(parents=True)
            (pathlib.Path(name) / "go.mod").write_text("module example.com/shop\n")
            (folder / "orders.go").write_text("".join(f"line {i} of the file\n" for i in range(1, 200)))
            run = pprof("-list=orders.sign", f"-source_path={name}", CPU)
            self.assertRegex(run.stdout, r"of the file", run.stdout + run.stderr)
        self.assertIn("Error: ", pprof("-list=orders.sign", "-source_path=/no", CPU).stdout)

    def test_a_cut_profile_says_where(self):
        with tempfile.TemporaryDirectory() as name:
            path = pathlib.Path(name) / "cut.pb.gz"
            path.write_bytes(pathlib.Path(CPU).read_bytes()[:2000])
            run = pprof("-top", str(path))
            self.assertEqual(run.returncode, 2)
            self.assertRegex(run.stderr, r"cut\.pb\.gz: byte [\d,]+ of the pprof profile: .*cut off")


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
