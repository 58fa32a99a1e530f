"""Who speaks a block: the line, its language, and the voice of its character."""

import re

from django.utils.translation import gettext as _

from scenes.models import Block, Character
from videogen.speech import engines, languages
from videogen.speech.line import Casting, SpokenLine

_ASIDE = re.compile(r"[(\[][^)\]]*[)\]]")
_MARKS = re.compile(r"(?<!\w)[*_]+|[*_]+(?!\w)")  # emphasis as Fountain writes it


def spoken_text(text: str) -> str:
    """Return what of a line is spoken: no asides in brackets and no marks of emphasis, on one line."""
    return " ".join(_MARKS.sub("", _ASIDE.sub(" ", text)).split())


def cast_line(block: Block) -> Casting:
    """Return who speaks the block. An action has nobody, and nothing is said of it."""
    if block.kind != Block.Kind.DIALOG or block.character is None:
        return Casting()
    return cast_text(block.character, block.text)


def cast_text(who: Character, text: str) -> Casting:
    """Return with which voice a character speaks a text."""
    spoken = spoken_text(text)
    language = languages.language_of(spoken)
    if not language:
        return Casting(note=_("Silent: the line has no word that can be spoken."))
    engine = engines.choose(who.voice_engine, language)
    if engine is None:
        return Casting(note=_why_silent(language))
    line = SpokenLine(
        text=spoken,
        language=language,
        engine=engine.name,
        kind=who.speaks_as.value,
        pitch=who.voice_pitch,
        pace=who.voice_pace,
    )
    return Casting(line, _not_as_asked(who, engine, language))


def _why_silent(language: str) -> str:
    name = languages.name_of(language)
    if not engines.installed():
        return _("Silent: no voice is installed here. The operations page of the manual says how to get one.")
    return _("Silent: no voice that is installed here speaks %(language)s. espeak-ng or a Piper voice would.") % {
        "language": name
    }


def _not_as_asked(who: Character, engine: engines.Engine, language: str) -> str:
    if not who.voice_engine or who.voice_engine == engine.name:
        return ""
    return _("%(engine)s speaks: %(asked)s is not installed here, or does not speak %(language)s.") % {
        "engine": engine.label,
        "asked": who.voice_engine,
        "language": languages.name_of(language),
    }
