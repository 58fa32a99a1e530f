"""Numbers as people say them, and which pipeline does what."""

from django import template
from django.forms import BoundField
from django.utils.translation import gettext as _

from videogen import pipelines
from videogen.estimates import spell_seconds
from videogen.models import Generation
from videogen.phase import Phase

register = template.Library()
register.filter(spell_seconds)


@register.filter
def spell_about(seconds: float | None) -> str:
    """An estimate is never to the second: "about 12 s", above a minute rounded to ten."""
    if seconds is None:
        return ""
    rounded = round(seconds, -1) if seconds > 60 else max(1, round(seconds))
    return _("about %(time)s") % {"time": spell_seconds(rounded)}


@register.filter
def unused_by(field: BoundField) -> list[pipelines.PipelineInfo]:
    """The pipelines on offer that do not look at this field of the form, and say so beside it."""
    return [model for model in _without(field) if not model.hides_unused]


@register.filter
def hidden_by(field: BoundField) -> str:
    """The names of the pipelines on offer that hide this field of the form, with spaces between them."""
    return " ".join(model.name for model in _without(field) if model.hides_unused)


@register.filter
def is_hidden(field: BoundField) -> bool:
    """Whether the chosen pipeline hides this field. One with an error is shown: it keeps the form from going on."""
    chosen = field.form.chosen_model  # type: ignore[attr-defined]
    return chosen.hides_unused and field.name in chosen.unused and not field.errors


def _without(field: BoundField) -> list[pipelines.PipelineInfo]:
    models: list[pipelines.PipelineInfo] = field.form.models  # type: ignore[attr-defined]
    return [model for model in models if field.name in model.unused]


@register.filter
def leaves_out(generation: Generation, setting: str) -> bool:
    """Whether the pipeline that made it does not look at this setting."""
    model = generation.pipeline
    return model is not None and setting in model.unused


@register.filter
def doing(generation: Generation) -> str:
    """The phase in words. A pipeline without diffusion steps draws; nothing pretends to be what it is not."""
    if generation.phase == Phase.DENOISING and leaves_out(generation, "steps"):
        return _("Drawing")
    return str(generation.get_phase_display())
