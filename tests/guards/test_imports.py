"""What may import what."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fixtures.tree import ROOT, files

HEAVY = ("torch", "diffusers", "transformers", "cv2", "onnxruntime", "hibari", "opentimelineio", "reportlab")
HEAVY += ("openai", "httpx2")  # clients of a language model


def loaded_by(statement: str, names: tuple[str, ...] = HEAVY) -> set[str]:
    """The modules of these names that a clean interpreter holds after the statement."""
    code = f"{statement}; import sys; print(*({set(names)!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_web_process_imports_nothing_heavy():
    assert loaded_by("import config.wsgi; from django.urls import get_resolver; get_resolver().url_patterns") == set()


def test_a_heavy_import_would_be_noticed():
    statement, heavy = "import cv2, config.wsgi", {"cv2"}
    if find_spec("hibari"):
        statement, heavy = f"{statement}, videogen.speech.hibari_voice", {"cv2", "hibari", "onnxruntime"}
    assert loaded_by(statement) == heavy


def test_a_worker_imports_neither_the_pages_nor_the_api():
    # Catches half a second of every process of a worker, and of every start, which no test of a worker notices.
    pages = ("api.site", "config.urls", "web.urls")
    assert loaded_by("from config.celery import app; app.loader.import_default_modules()", pages) == set()
    assert loaded_by("import config.wsgi, config.urls", pages) == set(pages)


FLOORS = ("accounts", "api", "config", "local", "scenes", "videogen", "web")
# may import every floor; no floor imports them
BESIDE = {"attacks", "benchmarks", "deploy", "docs", "examples", "tests"}


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-logo", "--no-cache"],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages and of the contract, to break."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, copy / floor, ignore=shutil.ignore_patterns("__pycache__", "*.webp"))
    return copy


@pytest.fixture
def changed(house: Path) -> Iterator[Callable[[str, str, str], None]]:
    """Replaces text in a file of the copy (an empty one stands at its beginning), and puts the file back."""
    before: dict[Path, str | None] = {}

    def change(name: str, old: str, new: str) -> None:
        path = house / name
        before[path] = path.read_text() if path.exists() else None
        text = before[path] or ""
        assert old in text
        path.write_text(text.replace(old, new, 1))

    yield change
    for path, text in before.items():
        path.unlink() if text is None else path.write_text(text)


def test_the_contracts_are_kept(house):
    done = lint_imports(house)
    assert done.returncode == 0, done.stdout


BREAKS = [
    # from a floor to the one above
    ("scenes/uploads.py", "import videogen.specs", "- scenes.uploads -> videogen.specs"),
    ("videogen/errors.py", "import web.forms", "- videogen.errors -> web.forms"),
    ("web/cache_control.py", "import api.paths", "- web.cache_control -> api.paths"),
    ("web/counts.py", "import config.env", "- web.counts -> config.env"),
    # upward inside a floor
    ("api/long_poll.py", "import api.frames", "- api.long_poll -> api.frames"),
    ("videogen/quotas.py", "import videogen.actions", "- videogen.quotas -> videogen.actions"),
    # what a template tag may not know
    ("web/templatetags/icons.py", "import videogen.models", "web.templatetags.icons -> videogen.models"),
    ("web/templatetags/fields.py", "from videogen.actions import Frame", "web.templatetags.fields -> videogen.actions"),
    # inside a function, and for types only
    ("accounts/links.py", "def later():\n    import scenes.order", "- accounts.links -> scenes.order"),
    (
        "scenes/order.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import web.dialog",
        "- scenes.order -> web.dialog",
    ),
    # a module that stands in no layer
    ("videogen/helpers.py", "", "- videogen.helpers\n"),
    ("web/shortcuts.py", "", "- web.shortcuts\n"),
]


def test_whatever_breaks_a_contract_is_named(house, changed):
    for name, line, _ in BREAKS:
        changed(name, "", f"{line}\n")
    done = lint_imports(house)
    assert done.returncode == 1
    assert [said for _, _, said in BREAKS if said not in done.stdout] == [], done.stdout


def test_a_layer_without_a_module_is_named(house, changed):
    changed("pyproject.toml", '"actions",', '"actoins",')
    done = lint_imports(house)
    assert done.returncode == 1
    assert "videogen.actoins does not exist" in done.stdout + done.stderr


# --- What no contract sees ------------------------------------------------------------------------------------

HEIGHT = {"accounts": 0, "scenes": 1, "videogen": 2, "api": 3, "web": 3, "config": 4, "local": 5}
DOTTED = re.compile(rf"({'|'.join(HEIGHT)})(?:\.[A-Za-z_]\w*)+")


def named_above(floor: str, source: str) -> list[str]:
    """List the modules of higher floors, or of the one beside, that the strings of a module name for a late import."""
    words = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    found = [match for word in words if isinstance(word, str) and (match := DOTTED.fullmatch(word))]
    return [match[0] for match in found if match[1] != floor and HEIGHT[match[1]] >= HEIGHT[floor]]


def test_no_string_names_a_module_of_a_higher_floor():
    found = {}
    for path in files(*(f"{floor}/*.py" for floor in FLOORS)):
        place = path.relative_to(ROOT)
        # "config.json" is a file of a checkpoint
        if names := set(named_above(place.parts[0], path.read_text())) - {"config.json"}:
            found[str(place)] = names
    assert found == {}


@pytest.mark.parametrize("line", ['import_module("web.dialog")', '__import__("api.paths")', 'OF = "config.celery.app"'])
def test_a_string_that_names_one_would_be_noticed(line):
    assert named_above("videogen", line) != []
    assert named_above("local", line) == []


def test_every_package_is_a_floor_with_a_contract_or_stands_beside():
    packages = {path.relative_to(ROOT).parts[0] for path in files("*.py") if path.parent != ROOT}
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert packages == {*FLOORS} | BESIDE
    assert contracts["root_packages"] == [*FLOORS]
