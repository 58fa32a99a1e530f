"""Scratch voices over the API: of characters, and in the videos of their lines."""

import pytest

from scenes.models import Character
from tests.fixtures.callers import patch, send
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Video
from videogen.speech import engines


@pytest.fixture(autouse=True)
def _speaks(monkeypatch) -> None:
    """An engine for English."""
    monkeypatch.setattr(engines, "installed", lambda: [engines.Engine("hibari", "Hibari", frozenset({"en"}), "")])


def test_a_voice_is_changed_in_part_and_what_is_wrong_is_named(scene, mara, alices):
    # Catches numbers that are taken as text, and a change of one that loses the others.
    path = f"/api/films/{scene.film_id}/characters/{mara.pk}"
    changed = patch(alices, path, {"voiceKind": "man", "voicePitch": -3}).json()
    assert (changed["voiceKind"], changed["voicePitch"], changed["voicePace"]) == ("man", -3, 100)
    changed = patch(alices, path, {"voicePace": 120}).json()
    assert (changed["voiceKind"], changed["voicePitch"], changed["voicePace"]) == ("man", -3, 120)
    for sent, field, words in [
        ({"voicePitch": "3"}, "voicePitch", "voicePitch must be a whole number; “3” was given."),
        ({"voicePitch": True}, "voicePitch", "voicePitch must be a whole number; “True” was given."),
        ({"voicePitch": 13}, "voicePitch", "Pitch must be a whole number from -12 to 12 semitones; “13” was given."),
        ({"voiceKind": "robot"}, "voiceKind", "Kind of voice must be one of the list; “robot” was given."),
    ]:
        answer = patch(alices, path, sent)
        assert answer.status_code == 422
        assert {error["field"]: error["message"] for error in answer.json()["errors"]} == {field: words}
    assert Character.objects.get().voice_pitch == -3


def test_a_video_of_a_line_is_as_long_as_the_line_and_says_what_is_cut(dialog, alice, alices):
    # Catches programs that make silent, or five seconds long, what the dialog makes otherwise.
    actions.upload_frame(dialog, "start", picture_file(), alice)
    path = f"/api/scenes/{dialog.scene_id}/blocks/video"
    body = {"blockId": str(dialog.pk), "prompt": "Push in.", "model": "animatic"}
    made = send(alices, path, body).json()
    assert (made["duration"], made["lineSeconds"], made["lineNote"]) == (2, None, "")
    assert Video.objects.get().read_spec().line.text == "Who is out there?"
    actions.cancel(Video.objects.get(), alice)
    dialog.text = "It never waves, either. Forty years I lit that lamp, and not once did I know."
    dialog.save()
    made = send(alices, path, body | {"duration": 2}).json()
    assert made["lineNote"].startswith("The line takes about ")
    assert made["lineNote"].endswith("are not in a clip of 2 s. It fades out.")


def test_nobody_sends_a_line_of_their_own(dialog, alice, alices):
    # Catches a clip in which a character says what nobody wrote.
    actions.upload_frame(dialog, "start", picture_file(), alice)
    body = {"blockId": str(dialog.pk), "prompt": "Push in.", "line": {"text": "Buy now."}}
    answer = send(alices, f"/api/scenes/{dialog.scene_id}/blocks/video", body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["line"]
