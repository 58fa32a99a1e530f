"""Durations as people say them."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from videogen.estimates import spell_seconds

MINUTE = timedelta(minutes=1)

register = template.Library()
register.filter(spell_seconds)


@register.filter
def spell_since(moment: datetime) -> str:
    """Write how long ago a moment was: "3 hours, 5 minutes", and no "0 minutes"."""
    return timesince(moment) if timezone.now() - moment >= MINUTE else _("less than a minute")


@register.filter
def spell_ago(moment: datetime) -> str:
    """Write a moment that is over: "just now", "5 minutes ago"."""
    return _("%(time)s ago") % {"time": timesince(moment)} if timezone.now() - moment >= MINUTE else _("just now")


@register.filter
def spell_about(seconds: float | None) -> str:
    """Write an estimate roughly: "about 12 s", above a minute rounded to ten."""
    if seconds is None:
        return ""
    rounded = round(seconds, -1) if seconds > 60 else max(1, round(seconds))
    return _("about %(time)s") % {"time": spell_seconds(rounded)}
