"""Durations as people say them."""

from django import template
from django.utils.translation import gettext as _

from videogen.estimates import spell_seconds

register = template.Library()
register.filter(spell_seconds)


@register.filter
def spell_about(seconds: float | None) -> str:
    """Write an estimate roughly: "about 12 s", above a minute rounded to ten."""
    if seconds is None:
        return ""
    rounded = round(seconds, -1) if seconds > 60 else max(1, round(seconds))
    return _("about %(time)s") % {"time": spell_seconds(rounded)}
