"""The map of the project, and every other page, names places that are there."""

import re

import pytest

from tests.fixtures.tree import ROOT, files

PAGE = (ROOT / "docs/architecture.md").read_text()
NAMED = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9.]+)+)`", PAGE)
# "`path`: ... `name`" in the answers to "Where is ...?": each name stands in one of the files of its answer.
ANSWERS = re.split(r"^- \*\*", PAGE.split("## Where is")[1].split("\n## ")[0], flags=re.MULTILINE)[1:]


FILE = re.compile(r"`((?:[a-z_0-9]+/)+[a-z_0-9]+\.(?:css|html|js|md|py|toml))`")
PAGES = [path for path in files("*.md") if path.name != "CHANGELOG.md"]  # which tells of files that are gone


def missing(names: list[str]) -> list[str]:
    return [name for name in names if not (ROOT / name.rstrip("/")).exists()]


def test_every_place_that_the_map_names_is_there():
    assert len(NAMED) > 20
    assert missing(NAMED) == []


def test_a_place_that_is_gone_would_be_noticed():
    assert missing(["web/dialog.py", "web/wizard.py"]) == ["web/wizard.py"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_file_that_a_page_names_is_there(path):
    # Catches a decision or manual that still names a module by the place it was moved from.
    assert missing(FILE.findall(path.read_text())) == []


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer[:30])
def test_what_an_answer_names_stands_in_one_of_its_files(answer: str):
    text = "".join((ROOT / path).read_text() for path in re.findall(r"`([a-z_0-9/]+\.py)`", answer))
    names = re.findall(r"`([A-Za-z_.]+)`", re.sub(r"`[^`]*/[^`]*`", "", answer))
    lost = [name for name in names if name.split(".")[-1] not in text]
    assert names
    assert lost == []
