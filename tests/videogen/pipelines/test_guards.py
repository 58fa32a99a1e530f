"""The table of guards beside these tests names tests that exist."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROOTS = {"media": HERE.parent, "worker": HERE.parent, "browser": HERE.parents[1]}
NAMED = re.findall(r"`(?:(\w+)/)?(\w+)::(\w+)`", (HERE / "README.md").read_text())


def test_every_test_that_the_table_of_guards_names_is_there() -> None:
    assert len(NAMED) > 60
    missing = []
    for folder, file, name in NAMED:
        path = ROOTS.get(folder, HERE) / folder / f"test_{file}.py"
        if f"def test_{name}(" not in path.read_text():
            missing.append(f"{path.name}: test_{name}")
    assert not missing
