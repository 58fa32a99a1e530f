"""The forms: they say what the specs say, in the specs' words, and remember what was typed."""

import pytest
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.asserts import assertHTMLEqual

from scenes.models import Character
from tests.fixtures.pages import FRAME, VIDEO
from videogen.specs import SpecError, VideoSpec
from web.forms.generation import SIZES, FrameForm, VideoForm, size_name


def query(values: dict[str, object]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def video_form(**changes: object) -> VideoForm:
    return VideoForm(query(VIDEO | changes))


@pytest.mark.parametrize(
    ("field", "value"), [("duration", "9"), ("steps", "0"), ("seed", "x"), ("prompt", ""), ("guidance_scale", "99")]
)
def test_a_form_refuses_in_the_words_of_the_spec(field, value):
    form = video_form(**{field: value})
    assert not form.is_valid()
    with pytest.raises(SpecError) as refused:
        VideoSpec.read(VIDEO | {field: value}, as_text=True, models=["animatic"])
    assert form.errors == {field: [refused.value.errors[field]]}


def test_all_bad_fields_are_named_at_once():
    form = video_form(duration="9", steps="0", seed="-1", prompt="")
    assert set(form.errors) == {"duration", "steps", "seed", "prompt"}


def test_empty_fields_take_the_defaults():
    form = VideoForm(query({"prompt": "Pan left."}))
    assert form.is_valid()
    assert form.spec == VideoSpec(model="animatic", prompt="Pan left.")


@pytest.mark.parametrize("size", [*SIZES, *(size[::-1] for size in SIZES)])
def test_a_size_of_the_list_stands_for_its_width_and_height(size):
    width, height = size
    form = video_form(size=f"{width}x{height}", width="7", height="nonsense")
    assert form.is_valid()
    assert (form.spec.width, form.spec.height) == size
    assert size_name(width, height) == f"{width}x{height}"


@pytest.mark.parametrize("pair", [(1280, 705), ("x", 5), (None, None), ("1e3", "512")])
def test_any_other_size_is_a_custom_one(pair):
    assert size_name(*pair) == "custom"


def test_a_pipeline_that_is_not_there_is_refused_with_those_that_are():
    assert "must be one of animatic" in video_form(model="ltx9").errors["model"][0]


def test_a_custom_size_takes_what_was_typed():
    form = video_form(size="custom", width="640", height="384")
    assert form.is_valid()
    assert (form.spec.width, form.spec.height) == (640, 384)


def test_the_cast_keeps_its_order_and_refuses_strangers(mara):
    def frame_form(*ids: str) -> FrameForm:
        form = FrameForm(query(FRAME | {"character_ids": list(ids)}), role="start", cast=[mara, tobias])
        form.is_valid()
        return form

    tobias = Character.objects.create(film=mara.film, name="Tobias")
    asked = (str(tobias.pk), str(mara.pk), str(mara.pk))
    assert frame_form(*asked).spec.character_ids == (str(mara.pk), str(tobias.pk))
    assert frame_form("somebody").errors == {"character_ids": ["Character “somebody” does not belong to this scene."]}


def test_a_frame_form_of_step_2_asks_for_an_end_frame(mara):
    form = FrameForm(query(FRAME | {"character_ids": [str(mara.pk)]}), role="end", cast=[mara])
    assert form.is_valid(), form.errors
    assert (form.spec.role, form.spec.character_ids) == ("end", (str(mara.pk),))
    assert [person for person, _box in form.people] == [mara]


def test_an_error_below_the_fold_opens_it():
    assert video_form(seed="x").has_advanced_errors
    assert not video_form(prompt="").has_advanced_errors


@given(st.dictionaries(st.sampled_from([*VIDEO, "model"]), st.text(max_size=40)))
def test_whatever_is_sent_is_either_taken_or_refused_in_sentences(changes):
    form = video_form(**changes)
    if form.is_valid():
        assert VideoSpec.from_json(form.spec.to_json()) == form.spec
    else:
        assert all(words[0].endswith(".") for words in form.errors.values())


@pytest.mark.django_db
def test_the_plain_renderer_draws_what_djangos_templates_draw(action):
    cast = action.cast
    typed = QueryDict("prompt=%0Aa+<b>+%26+c&steps=many&size=custom&seed=&width=1&duration=99&character_ids=nobody")
    first = {"prompt": "\nRain & wind", "duration": 3, "frame_rate": 25, "size": "1280x704", "steps": 0}
    chosen = {"include_location": True, "character_ids": [str(cast[0].pk)]}
    kinds = [
        lambda **more: VideoForm(**more),
        lambda **more: VideoForm(typed, **more),
        lambda **more: VideoForm(initial=first, **more),
        lambda **more: FrameForm(role="start", cast=cast, initial=chosen, **more),
        lambda **more: FrameForm(typed, role="start", cast=cast, **more),
    ]
    for form in kinds:
        ours, djangos = (
            "".join(str(field) + "".join(box.tag() for box in field) for field in drawn)
            for drawn in (form(), form(renderer=DjangoTemplates()))
        )
        assert ours.count("<input") > 10
        assertHTMLEqual(ours, djangos)
