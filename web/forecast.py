"""Write the line under the clip's form: the estimate, or what is wrong with the settings."""

from contextlib import suppress
from typing import Any

from scenes.voices import VoiceKind
from videogen import estimates
from videogen.models import Frame
from videogen.specs import DURATION_RANGE, SpecError, VideoSpec
from videogen.speech import engines
from videogen.spoken import what_is_cut
from web.cuts import cuts_of
from web.forms.generation import VideoForm


def forecast(form: VideoForm, *, start: Frame | None, end: Frame | None) -> dict[str, Any]:
    """Read the settings as they stand and estimate their seconds, or say what is wrong with them. At most one query.

    Say what a clip of these settings would cut off its start and end frame, too.
    """
    spec = form.spec if form.is_bound and form.is_valid() else None
    if not form.is_bound:
        with suppress(SpecError):  # a block's text may hold what no prompt may: the form says so when it is sent
            spec = form.read({**form.initial, "model": form.chosen_model.name})
    if spec is None:
        return {"spec": None, "wrong": next((words[0] for words in form.errors.values()), "")}
    size = form.chosen_model.pixel_steps(spec)
    expected = estimates.seconds_for(form.KIND, spec.model, size, has_end=end is not None)
    if expected is not None:
        expected *= spec.takes
    return {"spec": spec, "expected": expected, "cuts": cuts_of(spec, start, end), "said": _said(form, spec)}


def _said(form: VideoForm, spec: VideoSpec) -> dict[str, Any] | None:
    """What is said in a clip of these settings, where its pipeline has scratch voices; None where nothing is."""
    line = form.line
    if line is None or not form.chosen_model.speaks or (line.casting.line and not spec.sound):
        return None
    speaker = line.casting.line
    return {
        "casting": line.casting,
        "length": line.length,
        "kind": VoiceKind(speaker.kind).label if speaker else "",
        "engine": engine.label if speaker and (engine := engines.named(speaker.engine)) else "",
        "cut": what_is_cut(line.length, spec.duration) if speaker else "",
        "too_long": line.length.needed > DURATION_RANGE[-1],
    }
