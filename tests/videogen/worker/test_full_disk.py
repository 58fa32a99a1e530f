"""A disk that fills up outside the encoder: while a picture or a poster is written."""

import errno

import pytest

from tests.fixtures.rows import queued_frame, running_video
from videogen.models import Status
from videogen.pipelines.base import Weightless
from videogen.pipelines.registry import FRAME_MODELS, VIDEO_MODELS, PipelineInfo
from videogen.worker import run

pytestmark = pytest.mark.postgres


class FullDisk(Weightless):
    """A pipeline that meets what writing meets."""

    def generate(self, spec, *given):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture(autouse=True)
def _full_disk(monkeypatch, transactional_db):
    for makes, models in (("frame", FRAME_MODELS), ("video", VIDEO_MODELS)):
        model = PipelineInfo("full", makes, "Full", "", "tests.videogen.worker.test_full_disk.FullDisk")
        monkeypatch.setitem(models, "full", model)


def test_a_frame_that_found_no_room_says_so(action, alice):
    frame = queued_frame(action, alice, model="full")
    assert frame.claim("worker-1")
    run.make(frame, "worker@test")
    frame.refresh_from_db()
    assert (frame.status, frame.error_code) == (Status.FAILED, "disk_full")
    assert "free space" in frame.error


def test_a_clip_whose_poster_found_no_room_says_so(action, alice, start_frame):
    video = running_video(action, alice, model="full")
    run.make(video, "worker@test")
    video.refresh_from_db()
    assert (video.status, video.error_code) == (Status.FAILED, "disk_full")
