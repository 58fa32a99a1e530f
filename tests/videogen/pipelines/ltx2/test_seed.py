"""The seed used is recorded, and it makes the same clip again: from the row to the file."""

from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.rows import queued_frame, queued_video
from videogen.models import Status
from videogen.worker import run

SMALL = {"model": "ltx2.3", "width": 96, "height": 64, "steps": 2, "guidance_scale": 1.0}


@pytest.fixture
def shot(action: Any, alice: Any, start_frame: Any, ltx_folder: Path, settings: Any, transactional_db: None) -> Any:
    """Makes a clip with the small checkpoint, in this process."""
    settings.LTX_CHECKPOINT, settings.DEVICE = str(ltx_folder), "cpu"
    return lambda **changes: made(queued_video(action, alice, **SMALL | changes))


def made(row: Any) -> Any:
    assert row.claim("worker@test")
    run.make(row, "worker@test")
    row.refresh_from_db()
    assert row.status == Status.SUCCEEDED, row.error
    return row


def test_the_seed_that_was_drawn_is_recorded_and_makes_the_same_clip_again(shot: Any) -> None:
    drawn = shot()
    assert drawn.spec["seed"] is None
    again = shot(seed=drawn.seed)
    assert (again.seed, again.sha256) == (drawn.seed, drawn.sha256)
    other = shot()
    assert other.seed != drawn.seed
    assert other.sha256 != drawn.sha256


def test_a_seed_of_0_is_used_and_recorded(shot: Any) -> None:
    first, again = shot(seed=0), shot(seed=0)
    assert (first.seed, first.sha256) == (0, again.sha256)
    assert shot(seed=1).sha256 != first.sha256


def test_the_seed_of_a_frame_is_recorded_and_makes_the_same_frame_again(
    action: Any, alice: Any, transactional_db: None
) -> None:
    drawn = made(queued_frame(action, alice))
    assert drawn.spec["seed"] is None
    again = made(queued_frame(action, alice, seed=drawn.seed))
    assert (again.seed, again.sha256) == (drawn.seed, drawn.sha256)
    assert made(queued_frame(action, alice, seed=drawn.seed ^ 1)).sha256 != drawn.sha256
