"""What a worker does with one job, where a whole worker would show less."""

from pathlib import Path

import pytest
from django.conf import settings

from tests.fixtures.rows import running_video
from videogen.errors import Cancelled
from videogen.worker import run


@pytest.mark.django_db
def test_a_stop_between_the_two_files_of_a_result_leaves_neither(action, alice, start_frame, tmp_path):
    # Catches a clip that stays in the storage for an hour, without a row, because its poster was never stored.
    video = running_video(action, alice)
    path, poster = tmp_path / "clip.mp4", tmp_path / "poster.webp"
    path.write_bytes(b"a clip")
    poster.write_bytes(b"a poster")
    told = []

    def stop_at_the_poster(phase, step=0, steps=0) -> None:
        told.append(phase)
        if len(told) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        run._publish(video, {"file": path, "poster": poster}, {}, stop_at_the_poster)
    assert len(told) == 2
    assert not list((Path(settings.MEDIA_ROOT) / "videos").rglob("*.mp4"))
