"""The fixtures of all tests, and which lane a test belongs to."""

import gc
import itertools
import os
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template import Template
from django.test.utils import instrumented_test_render
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from videogen.pipelines import choice

PLAIN_RENDER = Template._render  # before Django puts its own for tests there
FIXTURES = (
    *("database", "people", "scene", "programs", "stack", "browser", "llm", "ltx", "checkpoints", "hub", "bucket"),
    "fonts",
)
pytest_plugins = [f"tests.fixtures.{name}" for name in FIXTURES]

# A busy machine is not a slow test, and the autouse fixture below holds nothing an example could spoil.
hypothesis_settings.register_profile(
    "storyreel", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
hypothesis_settings.load_profile("storyreel")


_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _files_apart(settings) -> None:
    settings.MEDIA_ROOT = Path(django_settings.VAR_DIR) / "tests" / str(next(_numbers))  # most tests never make it


@pytest.fixture(autouse=True, scope="session")
def _templates_as_they_are(django_test_environment: None) -> None:
    """Render as the product does: copying the context of every template takes a tenth of the time of a page."""
    Template._render = PLAIN_RENDER


@pytest.fixture
def contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a page was rendered with, for `response.context`."""
    monkeypatch.setattr(Template, "_render", instrumented_test_render)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Cut long texts: the name of a test goes six times between the processes, and one was 5 MB."""
    return f"{val[:60]}..." if isinstance(val, str) and len(val) > 80 else None


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
