"""The forms: they say what the specs say, in the specs' words, and remember what was typed."""

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from scenes.models import Character
from tests.fixtures.pages import FRAME, VIDEO
from videogen.pipelines.registry import MODELS
from videogen.specs import SIZES, SpecError, VideoSpec
from web.drawings import Drawings
from web.forms import generation
from web.forms.generation import FrameForm, VideoForm, size_name


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


SHAPES = {"duration": "segments", "frame_rate": "segments", "sound": "switch"}


def fields_of(form: VideoForm) -> list[str]:
    return [form[name].draw(SHAPES.get(name, "field"), wide=False) for name in form.fields]


def test_a_field_is_drawn_anew_whenever_it_looks_otherwise(monkeypatch):
    # Catches a field that is taken from memory although its value, its error or the pipelines are others.
    first = {"prompt": "Rain & wind", "duration": 3, "frame_rate": 25, "size": "1280x704", "steps": 0, "sound": True}
    typed = {"prompt": "a <b> & c", "steps": "many", "size": "custom", "width": "1", "duration": "99", "sound": "true"}
    kinds = [
        lambda: VideoForm(),
        lambda: VideoForm(initial=first),
        lambda: VideoForm(initial=first | {"model": "ltx2.3"}),
        lambda: VideoForm(query(typed)),
        lambda: VideoForm(query(typed | {"sound": "false", "steps": "None"})),
        lambda: VideoForm(query(VIDEO)),
    ]

    def drawn() -> list[list[str]]:
        found = []
        for names in (["animatic"], ["animatic", "ltx2.3"], ["ltx2.3", "animatic"]):
            monkeypatch.setattr(
                generation.pipelines, "offered", lambda kind, names=names: [MODELS[kind][name] for name in names]
            )
            found += [fields_of(kind()) for kind in kinds]
        return found

    kept = drawn()
    monkeypatch.setattr(generation, "_FIELDS", Drawings(most=0))
    assert kept == drawn()
    assert len({tuple(fields) for fields in kept}) > 12
