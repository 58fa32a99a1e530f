"""The limits of the specification, each at its edge and beyond, and the words a person reads about them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.fixtures.rows import frame_spec, video_spec
from videogen.specs import FRAME_RATES, FrameSpec, SpecError, VideoSpec


def read(**raw) -> VideoSpec:
    return VideoSpec.read({"prompt": "Slow push in.", **raw}, as_text=True, models=["animatic"])


def complaint(field: str, value: object) -> str:
    with pytest.raises(SpecError) as error:
        read(**{field: value})
    assert list(error.value.errors) == [field]
    return error.value.errors[field]


def test_what_is_left_blank_gets_the_defaults_of_the_specification():
    spec = read(duration="", steps="  ", seed=None)
    assert (spec.duration, spec.frame_rate, spec.steps, spec.guidance_scale, spec.seed) == (5, 24, 28, 3.0, None)
    assert (spec.width, spec.height, spec.frames) == (1280, 704, 120)


@pytest.mark.parametrize(
    ("field", "lowest", "highest", "beyond"),
    [
        ("duration", 1, 8, [0, 9, -1, 2.5, "1e3", "five"]),
        ("frame_rate", 24, 30, [23, 26, 29.97, "24fps", 0]),
        ("steps", 1, 50, [0, 51, 3.5, "∞", "0x10"]),
        ("guidance_scale", 1, 20, [0.99, 20.01, "nan", "inf", float("nan"), "three"]),
        ("start_strength", 0, 1, [-0.01, 1.01, "nan", "inf", "half"]),
        ("end_strength", 0, 1, [-0.01, 1.01, float("nan"), "1/2"]),
        ("seed", 0, 2**32 - 1, [-1, 2**32, 1.5, "random"]),
        ("width", 64, 4096, [63, 65, 62, 4098, 0, "wide"]),
        ("height", 64, 4096, [63, 65, 62, 4098, 0, "9" * 5000]),
    ],
)
def test_every_limit_holds_at_its_edge_and_names_field_and_value_beyond(field, lowest, highest, beyond):
    for value in (lowest, highest, str(lowest), f" {highest} "):
        assert getattr(read(**{"duration": 1, field: value}), field) == float(value)
    label = field.replace("_", " ").capitalize()
    for value in [*beyond, True, [], {"a": 1}]:
        sentence = complaint(field, value)
        assert sentence.startswith(f"{label} must be")
        assert sentence.endswith("was given.")
        assert str(value)[:40] in sentence


def test_a_program_sends_numbers_as_numbers():
    assert VideoSpec.read({"prompt": "Rain.", "duration": 5}, models=["animatic"]).duration == 5
    for value in ("5", ""):
        with pytest.raises(SpecError, match="Duration must be"):
            VideoSpec.read({"prompt": "Rain.", "duration": value}, models=["animatic"])


def test_settings_of_a_take_that_is_older_than_them_are_the_defaults():
    stored = read(start_strength="0.6", end_strength=0).to_json()
    assert (stored["start_strength"], stored["end_strength"]) == (0.6, 0.0)
    older = {name: value for name, value in stored.items() if not name.endswith("_strength")}
    assert VideoSpec.from_json(older) == read()


def test_a_bad_seed_is_named_in_the_error():
    assert complaint("seed", "-7") == "Seed must be a whole number from 0 to 4294967295, or empty; “-7” was given."


@pytest.mark.parametrize("seed", [10**400, 10**5000, 1e400, "9" * 5000], ids=["big", "bigger", "infinite", "text"])
def test_a_number_beyond_all_bounds_is_refused_like_any_other(seed):
    assert len(complaint("seed", seed)) < 150


def test_a_seed_of_zero_is_a_seed():
    assert read(seed=0).seed == 0
    assert read(seed="0").seed == 0


def test_all_bad_fields_are_told_at_once():
    with pytest.raises(SpecError) as error:
        VideoSpec.read({"prompt": " ", "duration": 9, "width": 63}, models=["animatic"])
    assert set(error.value.errors) == {"prompt", "duration", "width"}


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("", "is empty"),
        ("   \n ", "is empty"),
        (None, "is empty"),
        (7, "must be text"),
        ("x" * 100_000, "100000 were given"),
        ("a\x00b", "U+0000) at position 2"),
        ("bell\x07", "U+0007"),
        ("half \ud83d", "U+D83D"),
    ],
)
def test_a_prompt_that_cannot_be_used_is_refused_in_words(prompt, words):
    assert words in complaint("prompt", prompt)


def test_a_prompt_keeps_its_line_breaks_and_tabs_and_any_script():
    assert read(prompt="Tür auf.\r\n\tWind — 風 🌬️").prompt == "Tür auf.\n\tWind — 風 🌬️"
    assert len(read(prompt="x" * 4000).prompt) == 4000


def test_a_clip_beyond_the_pixel_budget_is_refused_with_the_sum():
    with pytest.raises(SpecError) as error:
        read(width=4096, height=4096, duration=8, frame_rate=30)
    assert "4096 × 4096 × 240 frames is 4027 million pixels" in error.value.errors["width"]


@pytest.mark.parametrize(("width", "height"), [(4096, 4096), (4096, 2304), (2160, 3840)])
def test_a_clip_beyond_the_pixel_budget_hears_the_largest_size_of_its_shape_that_fits(width, height):
    with pytest.raises(SpecError) as error:
        read(width=width, height=height, duration=8, frame_rate=30)
    named = re.search(r"(\d+) × (\d+) fits", error.value.errors["width"])
    fits = (int(named[1]), int(named[2]))
    assert fits[0] / fits[1] == pytest.approx(width / height, rel=0.01)
    assert read(width=fits[0], height=fits[1], duration=8, frame_rate=30)
    with pytest.raises(SpecError):
        read(width=fits[0] + 8, height=fits[1] + 8, duration=8, frame_rate=30)


def test_a_spec_built_without_the_reader_keeps_the_same_limits():
    with pytest.raises(SpecError, match="Duration must be"):
        video_spec(duration=9)
    with pytest.raises(SpecError, match="Role must be start or end"):
        frame_spec(role="middle")


def test_a_spec_is_frozen_and_survives_json():
    spec = video_spec(seed=3)
    with pytest.raises(ValidationError):
        spec.seed = 4
    assert VideoSpec.from_json(spec.to_json()) == spec
    frame = frame_spec(character_ids=("a", "b"))
    stored = {**frame.to_json(), "character_ids": ["a", "b"]}
    assert FrameSpec.from_json(stored) == frame


@given(duration=st.integers(1, 8), frame_rate=st.sampled_from(FRAME_RATES))
def test_the_frames_are_exactly_duration_times_frame_rate(duration, frame_rate):
    assert video_spec(duration=duration, frame_rate=frame_rate).frames == duration * frame_rate


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers(), max_size=2)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "prompt",
                "negative_prompt",
                "start_strength",
                "end_strength",
                "duration",
                "frame_rate",
                "steps",
                "guidance_scale",
                "seed",
                "width",
                "height",
                "x",
            ]
        ),
        anything,
    ),
    st.booleans(),
)
def test_whatever_is_sent_gives_a_spec_within_the_limits_or_sentences(raw, as_text):
    try:
        spec = VideoSpec.read(raw, as_text=as_text, models=["animatic"])
    except SpecError as error:
        errors = error.errors
    else:
        assert VideoSpec.from_json(spec.to_json()) == spec
        return
    assert errors
    assert all(sentence.endswith(".") for sentence in errors.values())
