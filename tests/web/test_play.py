"""What the player plays: every block once, in order, each as long as its clip or its line."""

import io
import wave
from datetime import timedelta

import numpy as np
import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scenes.models import Block
from tests.fixtures.guests import guest_with, make_link
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, notes, tasks
from videogen.exports.shots import cut_of
from videogen.exports.spec import ExportSpec
from videogen.models import Trim, Video, VoiceSample
from videogen.pacing import hold_seconds
from videogen.speech import engines, speaking
from videogen.speech.length import LEAD
from videogen.speech.loudness import RATE

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("route", ["scene_play", "film_play"])
def test_who_may_look_may_play(route, scene, action, alice, bob, charlie):
    # Catches a playlist that tells an outsider what is said.
    url = reverse(route, args=[scene.pk if route == "scene_play" else scene.film_id])
    statuses = [signed_in(person).get(url).status_code for person in (alice, bob, charlie)]
    assert (statuses, Client().get(url).status_code) == ([200, 200, 404], 302)


def test_a_block_is_a_clip_a_picture_or_its_words(scene, action, dialog, alice, start_frame):
    # Catches a block left out because nothing was made of it, and a clip shown for the length of its line.
    shots = signed_in(alice).get(reverse("scene_play", args=[scene.pk])).json()["shots"]
    assert [(shot["block"], bool(shot["picture"]), shot["clip"]) for shot in shots] == [
        (str(action.pk), True, ""),
        (str(dialog.pk), False, ""),
    ]
    assert (shots[1]["speaker"], shots[1]["words"]) == ("Mara", "Who is out there?")
    take = finished_video(action, alice, duration=2, frame_rate=25)
    shot = signed_in(alice).get(reverse("scene_play", args=[scene.pk])).json()["shots"][0]
    assert shot["clip"] == reverse("clip_file", args=[scene.pk, action.pk, take.pk])
    assert (shot["frames"], shot["rate"]) == (50, 25)


def test_a_film_is_its_scenes_in_order_of_those_one_sees(scene, action, alice, bob):
    # Catches a film that plays to a viewer what was not shared.
    other = new_scene(alice, title="Elsewhere")
    Block.objects.create(scene=other, position=0, kind="action", text="Fog.")
    url = reverse("film_play", args=[scene.film_id])
    assert [shot["scene"] for shot in signed_in(alice).get(url).json()["shots"]] == ["The Last Lamp", "Elsewhere"]
    assert [shot["scene"] for shot in signed_in(bob).get(url).json()["shots"]] == ["The Last Lamp"]


def test_the_player_and_an_export_have_as_many_frames_of_each_block(scene, action, dialog, mara, alice, start_frame):
    # Catches a film that is longer in the player than in its export: a line longer than is allowed, a trimmed clip or
    # still, a trim of another take, a still beside clips of another rate.
    lines = ["No.", "word " * 400]
    blocks = [
        action,
        dialog,
        *Block.objects.bulk_create(
            Block(scene=scene, position=place, kind="dialog", character=mara, text=text)
            for place, text in enumerate(lines, start=2)
        ),
        Block.objects.create(scene=scene, position=4, kind="action", text="Fog."),
    ]
    actions.upload_frame(dialog, "start", picture_file(), alice)
    takes = [finished_video(block, alice, duration=2, frame_rate=25) for block in (action, dialog)]
    Trim.objects.create(block=action, take=takes[0], first=5, frames=20, frame_rate=25)
    Trim.objects.create(block=dialog, frames=7, frame_rate=25)  # of the still that it was
    Trim.objects.create(block=blocks[4], frames=30, frame_rate=24)
    played = signed_in(alice).get(reverse("scene_play", args=[scene.pk])).json()["shots"]
    shots = cut_of(scene, ExportSpec(format="mp4"), alice).shots
    assert [(shot["block"], shot["frames"]) for shot in played] == [(shot.block_id, shot.frames) for shot in shots]
    assert [shot["frames"] for shot in played] == [20, 50, 25, 1500, 31]
    assert [shot["first"] for shot in played] == [5, 0, 0, 0, 0]
    assert {shot["rate"] for shot in played} == {25}


def test_the_open_notes_on_a_clip_are_told_to_whoever_may_see_it(scene, action, alice, bob, charlie, start_frame):
    # Catches notes that are kept from who may read them in the dialog, or told to an outsider by the player's address,
    # and a guest who reads those on a take that the scene does not show.
    takes = [finished_video(action, alice, seed=seed) for seed in (7, 8)]
    for take in takes:
        notes.write(take, bob, 3, "Less rain.", {"strokes": [{"color": "red", "points": [[0, 0.5], [1, 0.5]]}]})
        notes.tick(notes.write(take, bob, 4, "Wind."), alice, done=True)
    (shot,) = [
        shot for shot in signed_in(bob).get(reverse("scene_play", args=[scene.pk])).json()["shots"] if shot["notes"]
    ]
    assert shot["notes"] == reverse("clip_notes", args=[scene.pk, action.pk, takes[1].pk])
    told = signed_in(bob).get(shot["notes"]).json()
    assert [(note["frame"], note["said"]) for note in told["notes"]] == [(3, "frame 4, bob: Less rain.")]
    (line,) = told["notes"][0]["lines"]
    assert (told["width"], line["stroke"], line["d"][:5]) == (
        takes[1].width,
        "#ff5a5f",
        f"M0 {takes[1].height // 2}"[:5],
    )
    assert (signed_in(charlie).get(shot["notes"]).status_code, Client().get(shot["notes"]).status_code) == (404, 302)
    link, secret = make_link(scene, alice)
    guest = guest_with(secret)
    urls = [reverse("guest_clip_notes", args=[link.pk, take.pk]) for take in takes]
    assert [guest.get(url).status_code for url in urls] == [404, 200]
    assert guest.get(urls[1]).json() == told
    assert urls[1] in guest.get(reverse("guest_play", args=[link.pk])).content.decode()
    assert Client().get(urls[1]).status_code == 404


@pytest.mark.parametrize("count", [1, 40])
def test_it_asks_as_often_for_40_blocks_as_for_one(scene, alice, count, django_assert_num_queries):
    # Catches a query for each shot of a film.
    Block.objects.bulk_create(
        Block(scene=scene, position=number, kind="action", text="Wind.") for number in range(count)
    )
    client, url = signed_in(alice), reverse("scene_play", args=[scene.pk])
    with django_assert_num_queries(
        7
    ):  # session, person, scene, blocks, frames, videos, trims; and notes, where there is a clip
        client.get(url)


@pytest.mark.parametrize(
    ("kind", "text", "seconds"),
    [
        ("dialog", "No.", 1.0),
        ("dialog", "Who is out there?", 1.7),
        ("dialog", "word " * 400, 60.0),
        ("dialog", "誰がそこにいるの", 2.3),
        ("action", "Wind.", 3.0),
        ("action", "word " * 200, 3.0),
    ],
)
def test_a_line_is_held_as_long_as_it_takes_to_say(scene, mara, kind, text, seconds):
    # Catches a long line that is gone before it is read, and a short one that stands for ever.
    speaker = mara if kind == "dialog" else None
    assert hold_seconds(Block(scene=scene, kind=kind, text=text, character=speaker)) == pytest.approx(seconds, abs=0.5)


# --- Scratch voices -------------------------------------------------------------------------------------------


def hums(line, file):
    """An engine that any machine has."""
    return 0.1 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32), RATE


def fails(line, file):
    raise RuntimeError("inside")


@pytest.fixture
def engine(monkeypatch):
    """Make the one engine of this machine speak with a function of this module."""
    monkeypatch.setattr(tasks, "close_old_connections", lambda: None)

    def use(name: str) -> None:
        own = engines.Engine("own", "The engine", engines.ANY, f"{__name__}.{name}")
        monkeypatch.setattr(engines, "installed", lambda: [own])

    use("hums")
    return use


@pytest.fixture
def told(monkeypatch) -> list[int]:
    """The lines that workers were told of."""
    sent: list[int] = []
    monkeypatch.setattr("web.views.play.wake_speaker", sent.append)
    return sent


def voice(block) -> str:
    return reverse("line_sound", args=[block.scene_id, block.pk])


def test_a_line_is_spoken_by_a_worker_while_the_player_plays_and_once_only(engine, told, dialog, alice):
    # Catches a request that waits for a voice, a line that is spoken again for each listener, and other samples than
    # an export has.
    client = signed_in(alice)
    answer = client.get(voice(dialog))
    assert (answer.status_code, answer["Cache-Control"]) == (202, "private, no-store")
    assert client.get(voice(dialog)).status_code == 202
    (asked,) = told
    tasks.speak(asked)
    answer = client.get(voice(dialog))
    assert (answer.status_code, answer["Content-Type"], told) == (200, "audio/wav", [asked])
    exported = speaking.speak(VoiceSample.objects.get().spoken_line)
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getframerate() == RATE // 2
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
    assert np.abs(heard - exported.samples[::2]).max() < 1e-4
    assert client.get(voice(dialog), headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_whoever_may_see_the_clip_hears_its_line(engine, told, dialog, alice, bob, charlie):
    # Catches words that are kept from an outsider on the page and spoken to them by address.
    statuses = [signed_in(person).get(voice(dialog)).status_code for person in (charlie, bob, alice)]
    assert (statuses, len(told)) == ([404, 202, 202], 1)
    assert Client().get(voice(dialog)).status_code == 302


def test_no_listener_fills_the_queue_of_those_who_put_lost_jobs_back(engine, told, scene, mara, alice, monkeypatch):
    # Catches a guest's program that asks for every line of a scene at once: a row and a message for each.
    monkeypatch.setattr(VoiceSample, "MOST_WAITING", 2)
    lines = Block.objects.bulk_create(
        Block(scene=scene, position=place, kind="dialog", character=mara, text=f"Number {place}.")
        for place in range(10, 14)
    )
    link, secret = make_link(scene, alice)
    guest, urls = guest_with(secret), [reverse("guest_line", args=[link.pk, line.pk]) for line in lines]
    for _ in range(2):
        assert {guest.get(url).status_code for url in urls} == {202}
    assert (len(told), VoiceSample.objects.count()) == (2, 2)
    tasks.speak(told[0])
    assert [guest.get(url).status_code for url in urls] == [200, 202, 202, 202]
    assert len(told) == 3  # one that had to wait is asked for now
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):  # messages that were lost keep nobody waiting
        guest.get(urls[3])
    assert len(told) == 4


def test_a_changed_line_is_another_sound(engine, told, dialog, alice):
    # Catches the words of yesterday over the captions of today.
    signed_in(alice).get(voice(dialog))
    tasks.speak(told[0])
    etag = signed_in(alice).get(voice(dialog))["ETag"]
    Block.objects.filter(pk=dialog.pk).update(text="Nobody.")
    answer = signed_in(alice).get(voice(dialog), headers={"If-None-Match": etag})
    assert (answer.status_code, len(told)) == (202, 2)


def test_a_clip_with_sound_and_an_action_have_no_voice_and_a_silent_clip_has(engine, scene, action, dialog, alice):
    # Catches a line that is heard twice, and a silent clip without its line.
    url = reverse("scene_play", args=[scene.pk])

    def voices() -> list[str]:
        return [shot["voice"] for shot in signed_in(alice).get(url).json()["shots"]]

    assert voices() == ["", voice(dialog)]
    actions.upload_frame(dialog, "start", picture_file(), alice)
    take = finished_video(dialog, alice, duration=2)
    assert voices() == ["", voice(dialog)]
    Video.objects.filter(pk=take.pk).update(has_audio=True)
    assert voices() == ["", ""]
    answer = signed_in(alice).get(url).json()
    assert answer["lead"] == LEAD


def test_a_language_that_nobody_speaks_and_a_voice_that_fails_are_told_in_words(
    engine, monkeypatch, told, scene, dialog, alice
):
    # Catches a film that stays silent without a reason, and one that tries a broken voice with each picture.
    engine("fails")
    signed_in(alice).get(voice(dialog))
    tasks.speak(told[0])
    answer = signed_in(alice).get(voice(dialog))
    assert (answer.status_code, answer.json()) == (200, {"silent": "Silent: The engine failed to speak the line."})
    assert len(told) == 1
    VoiceSample.objects.update(asked_at="2000-01-01T00:00:00Z")  # it may have been installed since
    assert (signed_in(alice).get(voice(dialog)).status_code, len(told)) == (202, 2)
    monkeypatch.setattr(engines, "installed", list)
    shot = signed_in(alice).get(reverse("scene_play", args=[scene.pk])).json()["shots"][0]
    assert (shot["voice"], shot["silent"][:42]) == ("", "Silent: no voice is installed here. The op")
    assert signed_in(alice).get(voice(dialog)).json() == {"silent": shot["silent"]}
