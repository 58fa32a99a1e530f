"""Tests of models are skipped, not broken, where the extra `ltx` is not installed."""

from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

NEEDS = {"ltx2": "torch", "image": "torch", "weights": "huggingface_hub"}  # by folder


class WithoutLibrary(pytest.Module):
    """A test module that is not imported."""

    def collect(self) -> NoReturn:
        pytest.skip(f"The extra ltx is not installed: {NEEDS[self.path.parent.name]} is missing.")


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    library = NEEDS.get(module_path.parent.name)
    if library and find_spec(library) is None:
        return WithoutLibrary.from_parent(parent, path=module_path)
    return None
