"""How long a phase may be silent before it counts as hung."""

from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from tests.fixtures.rows import finished_video, running_video
from videogen.models import Video
from videogen.phase import Phase
from videogen.worker.progress import PATIENCE, Reporter, patience_with

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "videos@here/1"


def made(block, by, worker: str, seconds: float, **changes) -> Video:
    """A take that some worker finished in so many seconds."""
    video = finished_video(block, by, **changes)
    now = timezone.now()
    Video.objects.filter(pk=video.pk).update(
        worker=worker, started_at=now - timedelta(seconds=seconds), finished_at=now
    )
    return video


def test_a_model_that_this_machine_never_used_is_given_far_more_time(action, dialog, alice, start_frame):
    # Catches a slow first step that is killed three times: crash_loop for a machine that is well.
    made(action, alice, "videos@there/1", seconds=5)
    patience = patience_with(running_video(action, alice, worker=HERE))
    assert patience[Phase.DENOISING] >= 600
    assert all(patience[phase] >= 5 * PATIENCE[phase] for phase in PATIENCE)


def test_a_model_that_was_used_here_has_the_patience_of_its_phase(action, alice, start_frame):
    # Catches a hung device that is noticed after minutes only.
    made(action, alice, "videos@here/77", seconds=5)
    assert patience_with(running_video(action, alice, worker=HERE)) == PATIENCE


def test_patience_grows_with_the_work(action, alice, start_frame):
    made(action, alice, HERE, seconds=100)
    small = patience_with(running_video(action, alice, worker=HERE))
    Video.objects.filter(status="running").update(pixel_steps=10 * Video.objects.get(status="running").pixel_steps)
    large = patience_with(Video.objects.get(status="running"))
    assert small[Phase.DENOISING] == pytest.approx(200)
    assert large[Phase.DENOISING] == pytest.approx(2000)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_for_a_moment_ends_no_work(action, alice, start_frame, monkeypatch, error):
    # Catches a clip that fails in the middle because PostgreSQL was restarted: its driver raises InterfaceError.
    video = running_video(action, alice, worker=HERE)
    report = Reporter(video)

    def gone(*args, **kwargs):
        raise error("connection already closed")

    monkeypatch.setattr(video, "beat", gone)
    report(Phase.ENCODING)
