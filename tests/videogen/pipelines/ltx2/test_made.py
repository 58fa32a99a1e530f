"""From the row to the file: what the settings of a clip leave in it and beside it."""

from pathlib import Path
from typing import Any

import av
import pytest
from django.conf import settings as django_settings

from tests.fixtures.rows import queued_video
from videogen.media import storage
from videogen.models import Status, Video
from videogen.worker import run
from videogen.worker.preview import PreviewFile

SMALL = {"model": "ltx2.3", "width": 96, "height": 64, "steps": 4, "guidance_scale": 1.0, "seed": 3}


@pytest.fixture
def shot(action: Any, alice: Any, start_frame: Any, ltx_folder: Path, settings: Any, transactional_db: None) -> Any:
    """Makes a clip with the small checkpoint, in this process."""
    settings.LTX_CHECKPOINT, settings.DEVICE = str(ltx_folder), "cpu"

    def make(**changes: Any) -> Video:
        row = queued_video(action, alice, **SMALL | changes)
        assert row.claim("worker@test")
        run.make(row, "worker@test")
        row.refresh_from_db()
        return row

    return make


@pytest.mark.parametrize(("sound", "kinds"), [(True, ["video", "audio"]), (False, ["video"])])
def test_a_clip_without_sound_is_a_file_without_an_audio_stream(shot: Any, sound: bool, kinds: list[str]) -> None:
    clip = shot(sound=sound)
    assert (clip.status, clip.has_audio) == (Status.SUCCEEDED, sound)
    with av.open(str(django_settings.MEDIA_ROOT / clip.file.name)) as container:
        assert [stream.type for stream in container.streams] == kinds


@pytest.mark.parametrize("fails", [False, True])
def test_a_preview_is_there_while_a_clip_is_made_and_gone_however_that_ends(
    shot: Any, monkeypatch: Any, fails: bool
) -> None:
    seen: list[str] = []
    show = PreviewFile.__call__

    def look(self: PreviewFile, picture: Any) -> None:
        show(self, picture)
        row = Video.objects.get()
        seen.append(row.preview_key)
        assert row.preview.name in set(storage.files_below("videos"))

    monkeypatch.setattr(PreviewFile, "__call__", look)
    if fails:
        monkeypatch.setattr(run.mp4, "write_mp4", lambda *_args, **_more: 1 / 0)
    clip = shot()
    assert clip.status == (Status.FAILED if fails else Status.SUCCEEDED)
    assert seen == [f"{clip.pk}-1-1", f"{clip.pk}-1-2"]  # after steps 2 and 4
    assert clip.preview.name == ""
    assert set(storage.files_below("videos")) == set(clip.file_names)
