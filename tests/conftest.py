"""The fixtures of all tests, and which lane a test belongs to."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from videogen.pipelines import choice

FIXTURES = ("database", "people", "scene", "programs", "stack", "browser", "llm", "ltx", "checkpoints", "hub", "bucket")
pytest_plugins = [f"tests.fixtures.{name}" for name in FIXTURES]

# A busy machine is not a slow test, and the autouse fixture below holds nothing an example could spoil.
hypothesis_settings.register_profile(
    "storyreel", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
hypothesis_settings.load_profile("storyreel")


@pytest.fixture(autouse=True)
def _files_apart(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _offers_anew() -> None:
    choice.forget()


# by the fixture a test asks for
LANES = {"chromium": "browser", "stack": "worker", "redis_server": "worker", "s3_server": "worker"}
MODELS = [Path(__file__).parent / "videogen" / "pipelines" / name for name in ("ltx2", "image", "weights")]
BROWSER = Path(__file__).parent / "browser"
# Each in one process: torch is imported and loaded once, ten seconds; Chromium starts once a module, not thrice.
TOGETHER = dict.fromkeys(MODELS[:2], "torch") | {BROWSER: "browser"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no test that the lane leaves out: torch and diffusers alone take longer than all other imports."""
    chosen = config.option.markexpr
    lanes = {BROWSER: "browser"} | dict.fromkeys(MODELS, "models")
    lane = lanes.get(collection_path)
    return True if lane and (f"not {lane}" in chosen or chosen == "postgres") else None


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark each test with what it needs to run, so that `make quick` can leave it out; put the long ones aside."""
    if os.environ.get("FAULTS") != "long":  # make faults
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]
    for item in items:
        for fixture in LANES.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(LANES[fixture])
        if item.path.parent in MODELS:
            item.add_marker("models")
        if item.path.parent in TOGETHER and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(TOGETHER[item.path.parent]))


def pytest_collection_finish() -> None:
    """Have the garbage collector leave alone what was imported, and come less often: it took an eighth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
