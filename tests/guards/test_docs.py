"""The map of the project, and every other page, names places that are there."""

import re

import pytest

from tests.fixtures.tree import ROOT, files
from videogen.errors import SENTENCES

PAGE = (ROOT / "docs/architecture.md").read_text()
NAMED = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9.]+)+)`", PAGE)
# "`path`: ... `name`" in the answers to "Where is ...?": each name stands in one of the files of its answer.
ANSWERS = re.split(r"^- \*\*", PAGE.split("## Where is")[1].split("\n## ")[0], flags=re.MULTILINE)[1:]


FILE = re.compile(r"`((?:[a-z_0-9]+/)+[a-z_0-9]+\.(?:css|html|js|md|py|toml))`")
PAGES = [path for path in files("*.md") if path.name != "CHANGELOG.md"]  # which tells of files that are gone
PICTURES = re.compile(r"""!\[(?P<alt>[^]]*)\]\((?P<a>[^)]+)\)|srcset="(?P<b>[^"]+)"|<img src="(?P<c>[^"]+)"[^>]*?>""")


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


def pictures_of(text: str) -> dict[str, bool]:
    """The pictures that a page shows, and whether each has words for who does not see it."""
    found = {}
    for hit in PICTURES.finditer(text):
        path = hit["a"] or hit["b"] or hit["c"]
        found[path] = bool(hit["alt"] or hit["b"] or re.search(r'alt="[^"]+"', hit[0]))
    return found


def test_every_picture_is_there_has_words_and_is_shown():
    # Catches a page that shows what the script of the pictures calls otherwise now, and a picture that nobody sees.
    shown = set()
    for page in PAGES:
        for name, has_words in pictures_of(page.read_text()).items():
            assert has_words, f"{page.name}: {name}"
            if "://" not in name:
                shown.add((page.parent / name).resolve())
    assert shown == set((ROOT / "docs/images").iterdir())


def test_a_picture_without_words_would_be_noticed():
    assert pictures_of('![](a.webp) ![Rain](b.webp) <img src="c.webp" width="9"><img src="d.webp" alt="Snow">') == {
        "a.webp": False,
        "b.webp": True,
        "c.webp": False,
        "d.webp": True,
    }


API = (ROOT / "docs/api.md").read_text()
# What no operation answers: the word of an error without a word of its own, and refusals of guests, who have no API.
NOT_OF_OPERATIONS = {"conflict", "too_many_notes", "link_closed"}


def codes_of(text: str) -> set[str]:
    """The codes that a module answers with, as they are written in it."""
    said = r'(?:ProblemError\(\s*\d+,|QuotaError\(|^    code =)\s*"([a-z_]+)"'
    return set(re.findall(said, text, re.MULTILINE)) | set(re.findall(r'PictureError\([^"]+"([a-z_]+)"\)', text))


def test_every_code_that_a_program_can_branch_on_is_in_the_manual():
    # Catches a new refusal of the API that its table of codes does not name.
    places = [path for folder in ("api", "scenes", "videogen") for path in (ROOT / folder).rglob("*.py")]
    found = set().union(*(codes_of(path.read_text()) for path in places)) - NOT_OF_OPERATIONS
    named = set(re.findall(r"`([a-z_]+)`", API.split("## When the answer is no")[1]))
    assert len(found) > 30
    assert found - named == set()


def test_every_code_of_a_job_that_failed_is_in_the_manual():
    # Catches a new reason for a failure that is told nowhere but in the code.
    assert set(SENTENCES) - set(re.findall(r"`([a-z_]+)`", API)) == set()
