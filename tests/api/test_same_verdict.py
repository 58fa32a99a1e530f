"""The form and the API judge alike: the same values, the same verdict, the same fields, the same words."""

import json
import re

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from api.body import Body
from api.frames import read_settings
from api.problems import ProblemError
from scenes.models import Block, Scene
from tests.fixtures import rows
from videogen import pipelines
from videogen.specs import FrameSpec, VideoSpec
from web.forms.generation import FrameForm, VideoForm

whole = st.one_of(st.integers(-3, 60), st.integers(60, 4100), st.integers(), st.sampled_from([2**32 - 1, 2**32]))
real = st.one_of(whole, st.floats(allow_nan=False, allow_infinity=False), st.sampled_from([1.0, 20.0, 0.99, 20.01]))
text = st.one_of(
    st.text(max_size=80),
    st.sampled_from(["", " ", "\n", "a\x00b", "\x1b[31m", "x" * 4000, "x" * 4001, "a\r\nb", "\ud800"]),
)
VIDEO = {
    "prompt": text,
    "negative_prompt": text,
    "duration": real,
    "frame_rate": st.one_of(real, st.sampled_from([24, 25, 30])),
    "steps": real,
    "guidance_scale": real,
    "seed": st.one_of(st.none(), real),
    "start_strength": st.one_of(real, st.floats(0, 1)),
    "end_strength": real,
    "takes": st.one_of(real, st.integers(0, 5)),
    "sound": st.one_of(st.booleans(), st.none(), st.just("maybe")),
    "width": real,
    "height": real,
    "model": st.sampled_from(["animatic", "sora", "ANIMATIC"]),
}
FRAME = {name: kind for name, kind in VIDEO.items() if name in FrameSpec.model_fields and name != "prompt"}


def as_typed(value: object) -> str:
    """What a person types to say the value in a text field."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value if isinstance(value, str) else repr(value)


def form_of(values: dict, kind: type, **more) -> tuple[object, dict[str, str]]:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data[name] = as_typed(value)
    data["size"] = "custom"
    form = kind(data, **more)
    form.is_valid()
    return form.spec if not form.errors else None, {name: str(errors[0]) for name, errors in form.errors.items()}


def api_of(values: dict, read) -> tuple[object, dict[str, str]]:
    # Over the wire and back, as a program's values travel.
    body = Body(json.loads(json.dumps(values)), {})
    try:
        return read(body), {}
    except ProblemError as problem:
        return None, problem.errors


def same(form_errors: dict[str, str], api_errors: dict[str, str]) -> None:
    assert {to_camel(name) for name in form_errors} == set(api_errors)
    for name, sentence in form_errors.items():
        # A number is shown as it was written; everything around it is the same sentence.
        assert _without_given(sentence) == _without_given(api_errors[to_camel(name)])


def _without_given(sentence: str) -> str:
    return re.sub(r"(“.*”|a number too large to show) was given", "… was given", sentence, flags=re.DOTALL)


@given(st.fixed_dictionaries({}, optional=VIDEO))
@settings(max_examples=300)
def test_a_video_is_judged_alike(values):
    form_spec, form_errors = form_of(values, VideoForm)
    api_spec, api_errors = api_of(values, lambda body: body.read(VideoSpec, models=pipelines.names("video")))
    same(form_errors, api_errors)
    assert form_spec == api_spec


@pytest.mark.django_db
@given(values=st.fixed_dictionaries({"prompt": text, "role": st.sampled_from(["start", "end"])}, optional=FRAME))
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_a_frame_is_judged_alike(values, block):
    form_spec, form_errors = form_of(values, FrameForm, role=values["role"], cast=[])
    sent = values | {"character_ids": [], "include_location": False}
    api_spec, api_errors = api_of(sent, lambda body: read_settings(block, body))
    same(form_errors, api_errors)
    assert form_spec == api_spec


@pytest.fixture
def block(scene: Scene) -> Block:
    return Block.objects.create(scene=scene, position=5, kind="action", text="Rain.")


def test_the_comparison_would_notice_a_difference():
    assert rows.video_spec().frames == 24
    with pytest.raises(AssertionError):
        same({"prompt": "Prompt is empty."}, {})
    with pytest.raises(AssertionError):
        same({"prompt": "Prompt is empty."}, {"prompt": "Prompt is missing."})
