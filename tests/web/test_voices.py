"""A scratch voice on the page of its character, and what step 3 says of a line."""

import wave
from io import BytesIO

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from scenes.models import Block, Character
from tests.fixtures.pages import VIDEO, here, look, words_of
from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file
from tests.fixtures.voices import HAS_HIBARI
from videogen import actions, tasks, wake
from videogen.models import Video, VoiceSample
from videogen.speech import engines

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
VOICE = {"name": "Mara", "description": "a keeper", "voice": "low"} | {
    "voice_kind": "old_woman",
    "voice_pitch": "-3",
    "voice_pace": "110",
    "voice_engine": "",
}


@pytest.fixture
def speaks(monkeypatch) -> None:
    """An engine for English."""
    path = "videogen.speech.hibari_voice.speak"
    monkeypatch.setattr(engines, "installed", lambda: [engines.Engine("hibari", "Hibari", frozenset({"en"}), path)])


@pytest.fixture
def told(monkeypatch) -> list[int]:
    """The samples that workers were told of."""
    sent: list[int] = []
    monkeypatch.setattr("web.views.voices.wake_speaker", sent.append)
    return sent


def hear(person, who: Character, **changes):
    url = reverse("voice_hear", args=[who.film_id, who.pk])
    return signed_in(person).post(url, VOICE | changes, headers=HTMX)


def test_the_voice_is_saved_with_the_words_and_what_is_wrong_is_named(mara, alice):
    # Catches a slider that is not saved, and one that takes what the database refuses.
    save = reverse("item_save", args=[mara.film_id, "cast", mara.pk])
    signed_in(alice).post(save, VOICE, headers=HTMX)
    mara.refresh_from_db()
    assert (mara.voice_kind, mara.voice_pitch, mara.voice_pace) == ("old_woman", -3, 110)
    for field, value, words in [
        ("voice_pitch", "13", "Pitch must be a whole number from -12 to 12 semitones; “13” was given."),
        ("voice_pace", "fast", "Pace must be a whole number from 50 to 200 %; “fast” was given."),
        ("voice_kind", "robot", "Kind of voice must be one of the list; “robot” was given."),
    ]:
        answer = signed_in(alice).post(save, VOICE | {field: value}, headers=HTMX)
        assert words in words_of(answer)
    mara.refresh_from_db()
    assert (mara.voice_kind, mara.voice_pitch, mara.voice_pace) == ("old_woman", -3, 110)


def test_words_that_are_saved_without_a_voice_leave_the_voice_as_it_is(mara, alice):
    # Catches an older page that takes the voice away.
    Character.objects.filter(pk=mara.pk).update(voice_kind="man", voice_pitch=4, voice_engine="espeak")
    sent = {"name": "Mara", "description": "taller", "voice": "low"}
    signed_in(alice).post(reverse("item_save", args=[mara.film_id, "cast", mara.pk]), sent, headers=HTMX)
    mara.refresh_from_db()
    assert (mara.voice_kind, mara.voice_pitch, mara.voice_engine, mara.description) == ("man", 4, "espeak", "taller")


@HAS_HIBARI
@pytest.mark.django_db(transaction=True)  # a task closes the connection of the one before
def test_a_voice_is_heard_once_a_worker_has_spoken_it(speaks, told, dialog, mara, alice):
    # Catches a sample of what is saved instead of what the form holds, and one that is spoken anew at each press.
    answer = hear(alice, mara)
    assert "Being spoken" in words_of(answer)
    sample = VoiceSample.objects.get()
    line = sample.spoken_line
    assert (line.text, line.kind, line.pitch, line.pace) == ("Who is out there?", "old_woman", -3, 110)
    mara.refresh_from_db()
    assert mara.voice_kind == ""
    hear(alice, mara)
    assert told == [sample.pk]
    tasks.speak(sample.pk)
    tasks.speak(sample.pk)
    state = reverse("voice_sample", args=[mara.film_id, mara.pk, sample.key])
    sound = reverse("voice_sound", args=[mara.film_id, mara.pk, sample.key])
    page = signed_in(alice).get(state).content.decode()
    assert f'src="{sound}"' in page
    assert "hx-get" not in page
    content = signed_in(alice).get(sound)
    with wave.open(BytesIO(content.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes() > 12_000) == (24_000, 1, True)
    assert "<audio" in hear(alice, mara).content.decode()
    assert told == [sample.pk]


def test_a_message_that_was_lost_is_sent_again(speaks, told, mara, alice):
    # Catches a page that waits for ever for a worker that was never told.
    hear(alice, mara)
    sample = VoiceSample.objects.get()
    state = reverse("voice_sample", args=[mara.film_id, mara.pk, sample.key])
    signed_in(alice).get(state)
    VoiceSample.objects.update(asked_at="2000-01-01T00:00:00Z")
    signed_in(alice).get(state)
    signed_in(alice).get(state)
    assert told == [sample.pk, sample.pk]
    VoiceSample.objects.update(asked_at="2000-01-01T00:00:00Z")
    assert VoiceSample.sweep() == 1


def test_whoever_may_only_look_hears_and_does_not_ask(speaks, told, mara, scene, alice, bob, charlie):
    # Catches samples that anybody can have made, or can hear.
    hear(alice, mara)
    sample = VoiceSample.objects.get()
    state = reverse("voice_sample", args=[mara.film_id, mara.pk, sample.key])
    assert [hear(person, mara).status_code for person in (bob, charlie)] == [403, 404]
    assert [signed_in(person).get(state).status_code for person in (bob, charlie)] == [200, 404]
    other = mara.film.characters.create(name="Tobias")
    wrong = reverse("voice_sample", args=[mara.film_id, other.pk, sample.key])
    assert signed_in(alice).get(wrong).status_code == 404
    assign_perm("change_film", bob, mara.film)
    assert hear(bob, mara).status_code == 200


def test_a_line_that_nobody_speaks_says_so_at_once(speaks, told, dialog, mara, alice):
    # Catches a button that does nothing.
    dialog.text = "Чому ти тут, діду?"
    dialog.save()
    assert "speaks Ukrainian" in words_of(hear(alice, mara))
    assert (told, VoiceSample.objects.exists()) == ([], False)


def test_a_message_for_a_voice_is_sent_beside_the_ones_that_wait(monkeypatch):
    # Catches a voice that waits until the sweep's own message was taken.
    asked = []
    monkeypatch.setattr(wake, "_send", lambda *args, **options: asked.append((args, options)))
    wake.wake_speaker(7)
    assert asked == [(("videogen.tasks.speak", "sweep", [7]), {"beside": True})]


# --- Step 3 ---------------------------------------------------------------------------------------------------


@pytest.fixture
def shot(dialog, alice) -> Block:
    actions.upload_frame(dialog, "start", picture_file(), alice)
    return dialog


LONG = "It never waves, either. Forty years I lit that lamp, and not once did I know if anyone was out there. " * 2


def test_a_clip_is_as_long_as_its_line_and_the_form_says_who_speaks(speaks, shot, action, alice):
    # Catches a default of five seconds for a line of one, and a switch for sound where there is none.
    client = signed_in(alice)
    page = look(client.get(here("clip_video", shot)))
    assert (page.value("duration"), page.values["sound"]) == ("2", ["true"])
    assert "Mara speaks: woman, by Hibari, about 1." in page.text
    plain = client.get(here("clip_video", action)).content.decode()
    assert look(client.get(here("clip_video", action))).value("duration") == "5"
    assert 'data-hidden-by="animatic"' in plain[: plain.index('id="clip_sound"')][-600:]


def test_a_line_longer_than_any_clip_can_be_split(speaks, shot, alice):
    # Catches a warning without a way out, and a way out that loses words.
    Block.objects.filter(pk=shot.pk).update(text=LONG.strip())
    client = signed_in(alice)
    asked = client.get(here("clip_estimate", shot), VIDEO | {"duration": "8", "sound": "true"})
    assert "are not in a clip of 8 s. It fades out. Split the line in two" in words_of(asked)
    client.post(here("clip_split_line", shot))
    first, second = Block.objects.filter(kind="dialog").order_by("position")
    assert f"{first.text} {second.text}" == LONG.strip()
    assert second.character == first.character
    silent = client.get(here("clip_estimate", shot), VIDEO | {"duration": "1", "sound": "false"})
    assert "speaks" not in words_of(silent)


def test_the_row_records_what_is_spoken_and_who(speaks, shot, mara, alice):
    # Catches a clip that cannot be made again once the character has another voice.
    signed_in(alice).post(here("clip_video", shot), VIDEO | {"sound": ["false", "true"]})
    line = Video.objects.get().read_spec().line
    assert (line.text, line.kind, line.engine, line.language) == ("Who is out there?", "woman", "hibari", "en")


def test_a_silent_clip_says_why_before_it_is_made(monkeypatch, shot, alice):
    # Catches a form that promises sound where nobody speaks.
    monkeypatch.setattr(engines, "installed", list)
    page = look(signed_in(alice).get(here("clip_video", shot)))
    assert "Silent: no voice is installed here." in page.text


@pytest.mark.parametrize("sound", ["true", "false"], ids=["spoken", "silent"])
def test_the_length_follows_a_line_that_grows_until_somebody_chose_one(speaks, shot, alice, sound):
    # Catches a line of six seconds in a clip of two, because the last clip had two; and a chosen length that is lost.
    client = signed_in(alice)

    def offered() -> str:
        return look(client.get(here("clip_video", shot))).value("duration")

    def ask(duration: str) -> None:
        client.post(here("clip_video", shot), VIDEO | {"duration": duration, "sound": ["false", sound]})
        Video.objects.live().get().cancel(alice)

    assert offered() == "2"
    ask("2")
    Block.objects.filter(pk=shot.pk).update(
        text="It never waves, either. Forty years I lit that lamp, and not once did I know if anyone was out there."
    )
    assert offered() == "7"
    ask("3")
    assert offered() == "3"
    Block.objects.filter(pk=shot.pk).update(text="Who is out there?")
    assert offered() == "3"
