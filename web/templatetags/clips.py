"""Numbers as people say them, and which pipeline does what."""

from django import template
from django.utils.translation import gettext as _

from videogen.estimates import spell_seconds
from videogen.models import Generation

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
def leaves_out(generation: Generation, setting: str) -> bool:
    """Whether the pipeline that made it does not look at this setting."""
    model = generation.pipeline
    return model is not None and setting in model.unused


@register.filter
def doing(generation: Generation) -> str:
    """The phase in words. A pipeline without diffusion steps draws; nothing pretends to be what it is not."""
    if generation.phase == Generation.Phase.DENOISING and leaves_out(generation, "steps"):
        return _("Drawing")
    return str(generation.get_phase_display())
