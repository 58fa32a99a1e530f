"""The line below the clip's form: what the settings will take."""

from datetime import timedelta

from django.utils import timezone

from tests.fixtures.pages import VIDEO, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from videogen import actions


def test_the_estimate_below_the_form_knows_the_end_frame(action, alice, start_frame):
    # Catches "about 4 s" under a form whose clip, which goes to an end frame, takes 20.
    def told() -> str:
        return look(signed_in(alice).get(here("clip_estimate", action), VIDEO)).text

    def finished_in(seconds: int) -> None:
        take, now = finished_video(action, alice), timezone.now()
        take.mine.update(started_at=now - timedelta(seconds=seconds), finished_at=now)

    finished_in(4)
    assert "about 4 s" in told()
    actions.upload_frame(action, "end", picture_file(), alice)
    assert "about" not in told()
    finished_in(20)
    assert "about 20 s" in told()
