"""The prompts people start from, and the optimizer that needs no model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.models import Block, Character
from tests.fixtures.cast import MARA, PLACE, TOBIAS
from videogen.prompts import compose, speech, trust
from videogen.prompts.context import Person, PromptContext
from videogen.prompts.looks import looks_of
from videogen.prompts.structure import structure
from videogen.specs import PROMPT_LENGTH

SHY = Person("Wren", "ten years old, red scarf", "")
STYLE = "flat illustration"


def video(typed: str, **facts) -> str:
    return structure(PromptContext(typed=typed, step="video", **({"cast": (MARA,), "place": PLACE} | facts)))


def picture(typed: str, **facts) -> str:
    given = {"cast": (MARA,), "place": PLACE, "style": STYLE} | facts
    return structure(PromptContext(typed=typed, step="start", **given))


def test_the_camera_comes_first_names_become_looks_and_sounds_go_to_the_end():
    assert video("she opens the door, wind, push in") == "Push in. The young keeper opens the door. Sound: wind."


def test_without_a_word_about_the_camera_it_pushes_in_slowly():
    assert video("Mara turns around.").startswith("Slow push in. The young keeper turns around.")


@pytest.mark.parametrize(
    "camera",
    ["slow pan left", "static camera", "handheld", "camera pans to the right", "tracking shot", "dolly out", "zoom in"],
)
def test_a_camera_that_was_asked_for_is_the_only_one(camera):
    text = video(f"Mara turns around, {camera}")
    assert text.casefold().startswith(camera)
    assert "push in" not in text


def test_what_is_visible_in_the_frame_is_not_told_again_to_the_video_model():
    text = video("Mara turns around.")
    assert "raincoat" not in text
    assert "dusk" not in text


def test_a_picture_is_told_how_people_look_where_they_are_and_the_style():
    text = picture("Mara opens the door")
    assert text.startswith("A young keeper in a long yellow raincoat opens the door. The young keeper: dark hair")
    assert text.endswith("A lighthouse above a dark sea at dusk. Flat illustration.")


def test_whoever_is_switched_on_but_not_spoken_of_is_in_the_picture_too():
    assert "An old keeper with a white beard." in picture("Mara opens the door", cast=(MARA, TOBIAS))


def test_the_camera_of_a_clip_has_no_place_in_a_picture():
    assert "pan" not in picture("Mara opens the door, slow pan left")


def test_an_end_frame_keeps_the_camera_words_which_say_where_the_camera_has_gone():
    text = structure(PromptContext(typed="Mara opens the door, slow pan left", step="end", cast=(MARA,), place=PLACE))
    assert text.startswith("Slow pan left. A young keeper in a long yellow raincoat opens the door.")


def test_a_spoken_line_stays_word_for_word_with_the_speakers_voice():
    line = "It never waves, either. Forty years I lit that lamp!"
    facts = {"line": line, "speaker": TOBIAS, "cast": (TOBIAS,)}
    told = f"The old keeper speaks, voice slow, rough as rope: “{line}”"
    assert told in video(f"“{line}”", **facts)
    assert told in video(f"Old Tobias: {line}", **facts)
    assert f"“{line}”" in video(f"he says {line}", **facts)
    assert f"says, voice slow, rough as rope: “{line}”" in video(f'Tobias says "{line}" and waves', **facts)


def test_names_within_a_line_are_not_touched():
    assert "“Mara, come in!”" in video("Old Tobias calls “Mara, come in!”", cast=(MARA, TOBIAS))


def test_a_cue_as_in_a_screenplay_is_spoken():
    assert "The young keeper speaks, voice low, calm: “Who is there?”" in video("MARA: Who is there?")


def test_somebody_whose_sheet_is_no_phrase_goes_by_their_name():
    assert video("Wren runs.", cast=(SHY,)).startswith("Slow push in. Wren runs.")


def test_two_people_who_look_alike_in_short_are_told_apart():
    one, other = Person("Ann", "a woman in red"), Person("Bea", "a woman in blue")
    looks = looks_of([one, other])
    assert looks[one].short == "the woman in red"
    assert looks[other].short == "the woman in blue"


def test_a_text_in_another_language_than_the_sheets_gets_no_words_of_theirs():
    typed = "Mara öffnet die Tür und der Wind weht. Sie hält die Laterne hoch."
    assert picture(typed) == typed
    assert video(typed) == typed


def test_a_whole_action_is_composed_for_the_first_frame_and_its_end_for_the_last(action, mara):
    action.text = "Mara opens the door. She looks at the sea."
    start, end = (compose.frame_prompt(action, [mara], role) for role in ("start", "end"))
    assert "opens the door" in start
    assert "opens the door" not in end
    assert "looks at the sea" in end


def test_the_prompts_of_a_dialog_hold_its_line(dialog, mara):
    for prompt in (compose.video_prompt(dialog), compose.frame_prompt(dialog, [mara])):
        assert "“Who is out there?”" in prompt
        assert "voice low" in prompt
        assert "Mara" not in prompt


def test_only_whole_names_are_mentions(scene, mara):
    ann = Character.objects.create(film=scene.film, name="Ann", description="a woman in red")
    scene.characters.add(ann)
    block = Block.objects.create(scene=scene, position=7, kind="action", text="Annie opens the door. MARA waits.")
    assert compose.mentioned(block, [ann, mara]) == [mara]


def test_a_text_that_fills_the_limit_stays_within_it():
    typed = " ".join(["Mara opens another door."] * 200)[:PROMPT_LENGTH]
    assert len(picture(typed)) <= PROMPT_LENGTH
    assert len(video(typed)) <= PROMPT_LENGTH


_CLAUSES = st.sampled_from(
    ["Mara opens the door", "she smiles", "wind", "push in", "slow pan left", "“Who is out there?”", "MARA: hello",
     "Old Tobias waves", "rain", "the lamp wakes", "handheld", "he says “Stay here”", "wide shot",
     "Tobias’s pipe falls", "a gull cries!", "waves", "Sound: rain, thunder", "the camera pans to the sea"]
)  # fmt: skip
_PROMPTS = st.lists(st.tuples(_CLAUSES, st.sampled_from([", ", ". ", "\n", " "])), min_size=1, max_size=8).map(
    lambda clauses: "".join(clause + end for clause, end in clauses)
)
_TARGETS = st.sampled_from(["start", "video"])


def made(typed: str, target: str) -> PromptContext:
    return PromptContext(
        typed=typed,
        step=target,
        line="Who is out there?",
        speaker=MARA,
        cast=(MARA, TOBIAS),
        place=PLACE,
        style=STYLE,
    )


@given(_PROMPTS, _TARGETS)
def test_structuring_what_is_structured_changes_nothing(typed, target):
    once = structure(made(typed, target))
    assert structure(made(once, target)) == once


@given(_PROMPTS, _TARGETS)
def test_every_spoken_line_survives_word_for_word(typed, target):
    said = [speech.words(line) for line in speech.quoted(structure(made(typed, target)))]
    for line in made(typed, target).spoken:
        assert any(speech.holds(quote, speech.words(line)) for quote in said)


@given(st.text(min_size=1, max_size=1000).filter(str.strip), _TARGETS)
def test_any_text_gives_one_paragraph_within_the_limit(typed, target):
    text = structure(made(typed, target))
    assert 0 < len(text) <= PROMPT_LENGTH
    assert text == " ".join(text.split())


def test_a_structured_prompt_passes_the_checks_it_would_be_held_to():
    typed = "Mara opens the door, wind, she asks “Who is out there?”, push in"
    text = structure(made(typed, "video"))
    assert trust.check(text, made(typed, "video")) == text
