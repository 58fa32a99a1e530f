"""What may import what."""

import os
import subprocess
import sys
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


def lint_imports(config: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "lint-imports"
    return subprocess.run(
        [program, "--no-logo", "--no-cache", "--config", config],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def test_the_import_contract_is_kept():
    done = lint_imports(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("source", "forbidden", "kept"),
    [
        ("videogen", "scenes", False),
        ("scenes", "videogen", True),
        # what the contract of the template tags forbids, where it is allowed and where it is not
        ("web.views", "videogen.models", False),
        ("web.templatetags", "videogen.models", True),
    ],
)
def test_a_broken_contract_would_be_noticed(tmp_path, source, forbidden, kept):
    config = tmp_path / "contract.toml"
    config.write_text(
        f"""
        [tool.importlinter]
        root_packages = ["accounts", "config", "scenes", "videogen", "web"]
        exclude_type_checking_imports = true
        [[tool.importlinter.contracts]]
        name = "as asked"
        type = "forbidden"
        source_modules = ["{source}"]
        forbidden_modules = ["{forbidden}"]
        allow_indirect_imports = true
        """
    )
    assert (lint_imports(config).returncode == 0) is kept
