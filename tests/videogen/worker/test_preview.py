"""The preview of a running video: one file, named by the row while it runs, gone when it ends."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from tests.fixtures.rows import queued_video
from videogen.media import storage
from videogen.models import Video
from videogen.worker.preview import PreviewFile


@pytest.fixture
def video(action, alice, start_frame) -> Video:
    video = queued_video(action, alice)
    assert video.claim("worker-1")
    return video


def picture() -> Image.Image:
    return Image.new("RGB", (256, 144), "teal")


def previews() -> list[str]:
    return [name for name in storage.files_below("videos") if name.endswith(".webp")]


def test_each_picture_takes_the_place_of_the_one_before_and_the_last_goes(video, tmp_path):
    with PreviewFile(video, tmp_path) as show:
        names = []
        for _ in range(2):
            show(picture())
            video.refresh_from_db()
            names.append(video.preview.name)
            assert previews() == [video.preview.name]
        assert names[0] != names[1]
        with default_storage.open(names[1]) as file, Image.open(file) as stored:
            assert (stored.format, stored.size) == ("WEBP", (256, 144))
    video.refresh_from_db()
    assert (video.preview.name, previews()) == ("", [])


def test_a_row_that_was_taken_away_keeps_no_picture(video, tmp_path: Path):
    with PreviewFile(video, tmp_path) as show:
        show(picture())
        Video.objects.filter(pk=video.pk).update(attempt=video.attempt + 1)
        show(picture())
    assert previews() == []


def test_the_next_attempt_removes_what_a_dead_process_left(video, tmp_path):
    show = PreviewFile(video, tmp_path)
    show(picture())  # and the process dies
    assert video.release("its process died", lost=True)
    again = Video.objects.get()
    assert again.preview_key == ""  # it does not run
    assert again.claim("worker-2")
    with PreviewFile(again, tmp_path):
        assert previews() == []


def test_deleting_a_running_video_removes_its_picture(video, tmp_path, alice, django_capture_on_commit_callbacks):
    from videogen import actions

    PreviewFile(video, tmp_path)(picture())
    with django_capture_on_commit_callbacks(execute=True):
        actions.delete_video(Video.objects.get(), alice)
    assert previews() == []
