"""Prompts composed of the script: what a heading says of the hour."""

import pytest

from scenes.models import Scene
from videogen.pipelines.animatic.setting import own_words, read_setting
from videogen.prompts import compose
from videogen.prompts.structure import structure


@pytest.mark.parametrize(
    ("heading", "hour"),
    [
        ("INT. KITCHEN - NIGHT", "night"),
        ("EXT. PIER – EARLY MORNING", "early morning"),
        ("EXT. SEA, FAR OUT – DAWN (1985)", "dawn"),
        ("INT. KITCHEN - LATER THAT NIGHT", "night"),
        ("INT. NIGHT CLUB", ""),
        ("INT. KITCHEN - CONTINUOUS", ""),
        ("INT. KITCHEN - SAME DAY, LATER", "day"),
        ("", ""),
    ],
)
def test_the_hour_is_read_from_the_heading(heading, hour):
    # Catches a place that is taken for an hour, and LATER, which says nothing of the light.
    assert compose.hour_of(Scene(heading=heading)) == hour


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["A boat. Nobody in it.", "Nothing.", "Somebody."])
def test_a_short_line_that_only_english_has_gets_its_place(action, words):
    # Catches a frame of a few plain words that is taken for another language, and then made without place and style.
    action.text = words
    assert "lighthouse" in compose.frame_prompt(action, []).casefold()


@pytest.mark.django_db
def test_what_is_quoted_within_a_line_is_opened_and_closed(dialog):
    # Catches a quotation inside of a spoken line that begins with the mark that closes one.
    dialog.text = 'I said: "No, thank you" and „no“ and “never”.'
    assert "I said: ‘No, thank you’ and ‘no‘ and ‘never’." in compose.frame_prompt(dialog, [dialog.character])


@pytest.mark.django_db
def test_a_scene_at_night_is_drawn_at_night_where_its_location_is_described_by_day(scene, action):
    # Catches a screenplay whose NIGHT and DAWN are read, shown in the heading and left out of every picture.
    scene.heading = "EXT. LIGHTHOUSE - NIGHT"
    scene.location.description = "a lighthouse on a rock in bright daylight"
    action.text = "Mara opens the door."
    action.scene = scene
    prompt = compose.frame_prompt(action, [])
    place = compose.place_of(scene.location)
    assert prompt.index("It is night.") < prompt.index("lighthouse on a rock")
    assert read_setting(own_words(prompt, place), place).hour == "night"
    assert "night" not in compose.video_prompt(action)  # a clip is seen in its frames


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["Лодка у берега.", "A boat.", "Un bateau sur la mer.", "暗い海。"])
@pytest.mark.parametrize("is_line", [False, True])
def test_the_hour_is_the_heading_s_in_whatever_language_the_words_are(scene, action, mara, words, is_line):
    # Catches a line in Russian that stays in daylight at NIGHT, words of the writer that change with it, and a sentence
    # of ours for which Optimize Prompt takes the writer's for English.
    scene.heading = "INT. LIGHTHOUSE - NIGHT"
    action.text, action.scene, action.character = words, scene, mara if is_line else None
    prompt = compose.frame_prompt(action, [])
    assert prompt.count("It is night.") == 1
    assert words in prompt
    place = compose.place_of(scene.location)
    assert read_setting(own_words(prompt, place), place).hour == "night"
    again = compose.context_of(action, [], step="start", location=scene.location, typed=prompt)
    assert structure(again) == prompt
    scene.heading = "INT. LIGHTHOUSE"
    assert "night" not in compose.frame_prompt(action, [])
