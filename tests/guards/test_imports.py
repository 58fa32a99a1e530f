"""What may import what."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fixtures.tree import ROOT

HEAVY = ("torch", "diffusers", "transformers", "cv2")


def loaded_by(statement: str) -> set[str]:
    """The heavy packages that a clean interpreter holds after the statement."""
    code = f"{statement}; import sys; print(*({HEAVY!r} & sys.modules.keys()))".replace(repr(HEAVY), repr(set(HEAVY)))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_web_process_imports_nothing_heavy():
    assert loaded_by("import config.wsgi; from django.urls import get_resolver; get_resolver().url_patterns") == set()


def test_a_heavy_import_would_be_noticed():
    assert loaded_by("import cv2, config.wsgi") == {"cv2"}


FLOORS = ("accounts", "api", "config", "local", "scenes", "videogen", "web")


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


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        # from a floor to the one above
        ("scenes/uploads.py", "", "import videogen.specs\n", "scenes is not allowed to import videogen"),
        ("videogen/errors.py", "", "import web.forms\n", "videogen is not allowed to import web"),
        ("web/caching.py", "", "import api.paths\n", "web is not allowed to import api"),
        ("web/counts.py", "", "import config.env\n", "web is not allowed to import config"),
        # upward inside a floor
        ("api/long_poll.py", "", "import api.frames\n", "api.long_poll is not allowed to import api.frames"),
        ("videogen/quotas.py", "", "import videogen.actions\n", "videogen.quotas is not allowed to import"),
        # what a template tag may not know
        (
            "web/templatetags/icons.py",
            "",
            "import videogen.models\n",
            "web.templatetags is not allowed to import videogen.models",
        ),
        # a module that stands in no layer, and a layer without a module
        ("videogen/helpers.py", "", "", "- videogen.helpers"),
        ("web/shortcuts.py", "", "", "- web.shortcuts"),
        ("pyproject.toml", '"actions",', '"actoins",', "videogen.actoins does not exist"),
    ],
)
def test_whatever_breaks_a_contract_is_named(house, changed, name, old, new, said):
    changed(name, old, new)
    done = lint_imports(house)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr, done.stdout
