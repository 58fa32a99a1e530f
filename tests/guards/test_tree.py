"""Rules that the files themselves keep."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import Engine, TemplateSyntaxError
from django.template.loader import get_template

from tests.fixtures.tree import ROOT, files

MOST_LINES = 400
LONGEST_LINE = 120
TEMPLATES = sorted(files("templates/**.html", "templates/*.html"))
INLINE = re.compile(r"<style\b|<script\b(?![^>]*\bsrc=)|\sstyle\s*=|\son[a-z]+\s*=|\shx-on|javascript:", re.IGNORECASE)
# put together here so that this file does not find itself
MACHINE_PATH = re.compile("|".join(rf"/{folder}/[a-z.]" for folder in ("root", "work", "home", "Users", "farm")))


ASKS_FOR_A_STEP = re.compile(r"""[=!]=\s*["'](?:start|end|video)["']""")


def too_long(text: str) -> list[int]:
    """List the numbers of the lines over the limit."""
    return [number for number, line in enumerate(text.splitlines(), start=1) if len(line) > LONGEST_LINE]


@pytest.mark.django_db
def test_no_migration_is_pending():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_template_compiles(path: Path):
    get_template(str(path.relative_to(ROOT / "templates")))


def test_a_template_that_does_not_compile_would_be_noticed():
    with pytest.raises(TemplateSyntaxError):
        Engine.get_default().from_string("{% if %}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_script_or_style(path: Path):
    assert INLINE.findall(path.read_text()) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<style>",
        "<script>",
        '<p style="top:0">',
        '<b onclick="go()">',
        '<b hx-on:click="go()">',
        "<a href=javascript:go()>",
    ],
)
def test_inline_code_would_be_noticed(markup: str):
    assert INLINE.search(markup)


def test_a_script_of_its_own_file_is_no_inline_code():
    assert not INLINE.search('<script src="/static/js/app.js" defer></script>')


def test_templates_scripts_and_styles_keep_to_the_length_of_a_line():
    paths = [*TEMPLATES, *files("static/js/*.js", "static/css/*.css")]
    assert len(paths) > 70
    assert {str(path.relative_to(ROOT)): found for path in paths if (found := too_long(path.read_text()))} == {}


def test_a_line_that_is_too_long_would_be_noticed():
    assert too_long(f"<p>\n{'×' * 120}\n{'×' * 121}\n") == [3]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_asks_which_step_it_draws(path: Path):
    assert ASKS_FOR_A_STEP.findall(path.read_text()) == []


@pytest.mark.parametrize("tag", ['{% if step == "video" %}', "{% if here.key != 'end' %}"])
def test_a_template_that_asks_for_a_step_would_be_noticed(tag: str):
    assert ASKS_FOR_A_STEP.search(tag)


def test_python_files_stay_short():
    lengths = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in files("*.py")}
    assert len(lengths) > 50
    assert {str(path): length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_no_file_names_a_path_of_somebody_s_machine():
    found = {}
    for path in files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # a picture or a clip
        if hits := MACHINE_PATH.findall(text):
            found[str(path.relative_to(ROOT))] = hits
    assert found == {}


def test_a_machine_path_would_be_noticed():
    assert MACHINE_PATH.search("/".join(["", "home", "mara", "storyreel"]))


SHARED = re.compile(r"^\s*from tests\.(?:\w+\.)*(?:test_\w+|conftest) import", re.MULTILINE)


def test_nothing_is_imported_from_a_test_module():
    found = [str(path.relative_to(ROOT)) for path in files("tests/*.py") if SHARED.search(path.read_text())]
    assert found == []


def test_an_import_from_a_test_module_would_be_noticed():
    assert SHARED.search("from tests.web.test_steps import look\n")
    assert SHARED.search("    from tests.conftest import alice\n")


# in brackets here so that this file does not find itself
OLD_WORDS = re.compile(r"Collecte[d]|Type[d]\(|hold_to_delet[e]|losse[s]|\bfr[m]\b|Remar[k]|for on[e] in")
KEEP_THEM = ("CHANGELOG.md", "LICENSE", "tests/videogen/test_migrations.py")  # and the migrations, which rename columns


def test_words_that_were_given_up_stay_away():
    # Catches a word that comes back with a change begun before it was given up.
    found = {}
    for path in files("*.py", "*.md", "*.html", "*.js", "*.css", "*.toml", "Makefile"):
        name = str(path.relative_to(ROOT))
        if name not in KEEP_THEM and "/migrations/" not in name and (hits := OLD_WORDS.findall(path.read_text())):
            found[name] = hits
    assert found == {}


def test_a_word_that_came_back_would_be_noticed():
    assert OLD_WORDS.findall("three losse" + "s, for on" + "e in rows") == ["losse" + "s", "for on" + "e in"]
