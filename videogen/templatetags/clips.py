"""Numbers as people say them."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def spell_seconds(seconds: float | None) -> str:
    """12.4 -> "12 s", 100 -> "1 min 40 s", 3700 -> "1 h 2 min"; nothing for None."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)d s") % {"seconds": rest}


@register.filter
def spell_about(seconds: float | None) -> str:
    """An estimate is never to the second: "about 12 s", above a minute rounded to ten."""
    if seconds is None:
        return ""
    rounded = round(seconds, -1) if seconds > 60 else max(1, round(seconds))
    return _("about %(time)s") % {"time": spell_seconds(rounded)}
