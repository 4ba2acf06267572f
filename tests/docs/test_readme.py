"""README.md tells the truth: its console blocks were run, its tables are the program's. GOPSY_BINARY names the binary.

GOPSY_UPDATE_GOLDEN=1 rewrites the tables between the <!-- gopsy ... --> marks."""
import json
import os
import pathlib
import re
import shlex
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOPSY = os.environ["GOPSY_BINARY"]
README = ROOT / "README.md"


def gopsy(*args):
    return subprocess.run([GOPSY, *args], capture_output=True, cwd=ROOT, text=True, timeout=60)


def formats_table():
    rows = ["| name | what | where it comes from |", "|---|---|---|"]
    for row in json.loads(gopsy("formats", "--json").stdout):
        rows.append(f"| [`{row['name']}`](docs/formats/{row['name']}.md) | {row['title']} | {row['summary']} |")
    return "\n".join(rows)


def commands():
    section = gopsy("--help").stdout.split("Commands:")[1].split("Examples:")[0]
    return re.findall(r"^  (\w+) +(.+)$", section, re.M)


def commands_table():
    return "\n".join(["| command | |", "|---|---|"] + [f"| `gopsy {name}` | {what} |" for name, what in commands()])


TABLES = {"formats": formats_table, "commands": commands_table}


class Readme(unittest.TestCase):
    def test_tables_are_those_of_the_program(self):
        text = README.read_text()
        for name, table in TABLES.items():
            pattern = re.compile(rf"(<!-- gopsy {name} -->\n).*?(\n<!-- end -->)", re.S)
            self.assertRegex(text, pattern)
            written = pattern.sub(lambda m: m[1] + table() + m[2], text)
            if os.environ.get("GOPSY_UPDATE_GOLDEN") == "1":
                text = written
                README.write_text(text)
            self.assertEqual(written, text, f"run with GOPSY_UPDATE_GOLDEN=1 to write the table of {name}")

    def test_console_blocks_print_what_they_show(self):
        pages = [README, *ROOT.glob("docs/**/*.md")]
        blocks = [block for page in pages for block in re.findall(r"```console\n(.*?)```", page.read_text(), re.S)]
        self.assertTrue(blocks)
        for block in blocks:
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, shown = part.partition("\n")
                words = shlex.split(command)
                self.assertEqual(words[0], "gopsy")
                run = gopsy(*words[1:])
                self.assertEqual(run.returncode, 0, command)
                pattern = ".*?".join(re.escape(piece) for piece in shown.split("[...]\n"))
                pattern = re.compile(rf"\A{pattern}" + (r"\Z" if "[...]" in shown else ""), re.S)
                self.assertTrue(pattern.search(run.stdout), f"a page shows for {command}:\n{shown}\nit prints:\n{run.stdout[:3000]}")

    def test_links_lead_somewhere(self):
        for page in [README, ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]:
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
                self.assertTrue((page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}")

    def test_help_examples_start_with_a_command_that_exists(self):
        names = [name for name, _ in commands()]
        for name in names:
            examples = gopsy("help", name).stdout.split("Examples:\n")[1]
            for line in examples.splitlines():
                if not line.startswith("  #"):
                    self.assertRegex(line, r"gopsy (\w+)")
                    self.assertIn(re.search(r"gopsy (\w+)", line)[1], names)


if __name__ == "__main__":
    unittest.main()
