"""Scene headings: "INT. LIGHTHOUSE - KITCHEN - NIGHT" is inside, at LIGHTHOUSE - KITCHEN, at NIGHT."""

import re
from dataclasses import dataclass

# Fountain knows the English ones; the Cyrillic ones are what Russian and Ukrainian scripts have in their place.
_INSIDE = "INT|ИНТ|ІНТ"
_OUTSIDE = "EXT|ЭКСТ|НАТ|ЕКСТ"
_PREFIX = re.compile(
    rf"(?:(?P<both>(?:{_INSIDE})\.?\s?/\s?(?:{_OUTSIDE})|(?:{_OUTSIDE})\.?\s?/\s?(?:{_INSIDE})|I/E|E/I)"
    rf"|(?P<inside>{_INSIDE})|(?P<outside>{_OUTSIDE}|EST))(?=[. ])\.?\s*",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\([^()]*\)")  # "NIGHT (1985)"
_DASH = re.compile(r"\s+[-–—―]+\s+|\s*[–—―]\s*|\s+[-–—―]+(?=\S)")
# in English, and what stands in its place in other languages
_HOUR_WORDS = """
    day night morning evening afternoon dawn dusk noon midday midnight sunset sunrise twilight continuous later same
    später tard tarde tardi позже
    tag nacht morgen abend mittag nachmittag mitternacht dämmerung morgendämmerung abenddämmerung
    jour nuit matin soir aube crépuscule midi minuit día noche mañana amanecer atardecer dia noite manhã
    giorno notte mattina sera alba tramonto dzień noc rano wieczór
    день ночь утро вечер рассвет закат сумерки полдень полночь ніч ранок вечір світанок
    昼 夜 朝 夕 夕方 深夜 早朝 夜明け 昼間
"""
_HOURS = frozenset(_HOUR_WORDS.split())
# What may stand beside them; NIGHT CLUB is a place.
_BESIDE_WORDS = """
    a an one two three few some several the that this next following previous early late mid pre magic golden hour hours
    time moments minutes seconds days weeks months years of to at and früher am im plus más mais più
    через минуту минут час часов ранним поздно
"""
_BESIDE_HOURS = frozenset(_BESIDE_WORDS.split())


@dataclass(frozen=True)
class Heading:
    """The parts of a heading; each is empty where it has none."""

    prefix: str = ""  # as written: "INT.", "I/E"
    side: str = ""  # "inside", "outside" or "both"
    location: str = ""
    hour: str = ""


def prefixed(line: str) -> bool:
    """Say whether a line begins as a heading does: INT., EXT., EST., INT./EXT., I/E, ИНТ., НАТ."""
    return _PREFIX.match(line) is not None


def parse(heading: str) -> Heading:
    """Take a heading apart. The last part behind a dash is the hour where it names one."""
    found = _PREFIX.match(heading)
    prefix, rest = (heading[: found.end()].strip(), heading[found.end() :]) if found else ("", heading)
    side = (found.lastgroup or "") if found else ""
    location, hour = rest.strip(), ""
    dashes = list(_DASH.finditer(rest))
    if dashes and _names_hour(rest[dashes[-1].end() :]):
        location, hour = rest[: dashes[-1].start()].strip(), rest[dashes[-1].end() :].strip()
    return Heading(prefix, side, location, hour)


def _names_hour(words: str) -> bool:
    named = [word.strip(".,[]").casefold() for word in re.split(r"[\s/]+", _ASIDE.sub("", words).strip())]
    return any(word in _HOURS for word in named) and all(word in _HOURS | _BESIDE_HOURS for word in named)
