"""`{% field form.steps %}`: a setting with its label, its box and what is wrong with it."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def field(bound: Any, shape: str = "field", *, wide: bool = False) -> SafeString:
    """Draw a web.forms.generation.SpecField. shape: "field", "segments" for a row of buttons, "switch"."""
    drawn: SafeString = bound.draw(shape, wide=wide)
    return drawn
