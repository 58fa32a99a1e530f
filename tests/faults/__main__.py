"""Break everything in the table on both databases, and print how it ended: python -m tests.faults [WORD ...]

A WORD chooses the faults whose line has it, -WORD leaves those out. Exit status 1 where a row failed or did not run.
"""

import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import django

ENDS = {"failed": "FAILED", "nothing": "NOT RUN"}


def result(tests: tuple[str, ...], ends: dict[str, str]) -> str:
    """Say how the tests of a fault ended: "held", with their number, or what is wrong."""
    found = {name: end for name, end in ends.items() if name.startswith(tests)}
    lacking = [test for test in tests if not any(name.startswith(test) for name in found)]
    if "failed" in found.values():
        return ENDS["failed"]
    if lacking or "passed" not in found.values():
        return ENDS["nothing"]
    return f"held ({list(found.values()).count('passed')})"


def chosen(line: str, words: list[str]) -> bool:
    """Tell whether a line has each word, and none of those that a hyphen stands before."""
    line = line.lower()
    return all((word.lstrip("-").lower() in line) != word.startswith("-") for word in words)


def run(module: str, tests: list[str]) -> dict[str, str]:
    """Run tests by pytest, or by the module that gives it a PostgreSQL, and return how each ended."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", module, *tests, "-p", "tests.faults.report", "-q", "-rfE"]
        command += ["-n", "auto", "--maxprocesses", "4", "--dist", "loadgroup"]
        subprocess.run(command, env=os.environ | {"FAULTS_REPORT": str(report), "FAULTS": "long", "EXAMPLES": "60"})
        return json.loads(report.read_text()) if report.exists() else {}


def main() -> int:
    """Print the table."""
    import tests.environment  # noqa: F401 - before Django reads its settings

    django.setup()
    from tests.faults.table import FAULTS, markdown

    if sys.argv[1:] == ["--markdown"]:
        print("\n".join(markdown()))
        return 0
    faults = [fault for fault in FAULTS if chosen(f"{fault.what} {fault.expected}", sys.argv[1:])]
    everything = sorted({test for fault in faults for test in fault.tests})
    both = sorted({test for fault in faults if not fault.either for test in fault.tests})
    sqlite = run("pytest", everything)
    postgres = run("tests.on_postgres", both) if both else {}
    bad = 0
    for fault in faults:
        ends = {"SQLite": result(fault.tests, sqlite)}
        ends |= {} if fault.either else {"PostgreSQL": result(fault.tests, postgres)}
        for database, end in ends.items():
            bad += not end.startswith("held")
            print(f"{cut(fault.what, 62)}  {cut(fault.expected, 62)}  {database:<10}  {end}")
    print(f"{len(faults)} faults, {bad} results that are not as expected.")
    return 1 if bad or not faults else 0


def cut(words: str, width: int) -> str:
    """Fit words into a column."""
    return f"{textwrap.shorten(words, width, placeholder='…'):<{width}}"


if __name__ == "__main__":
    sys.exit(main())
