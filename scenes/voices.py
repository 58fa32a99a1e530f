"""Kinds of voices by age and sex, and how each is made of one speaker's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

PITCH_RANGE = range(-12, 13)  # semitones from the kind's own
PACE_RANGE = range(50, 201)  # percent of the kind's own


class VoiceKind(models.TextChoices):
    """Whose voice it is."""

    CHILD = "child", _("Child")
    WOMAN = "woman", _("Woman")
    MAN = "man", _("Man")
    OLD_WOMAN = "old_woman", _("Old woman")
    OLD_MAN = "old_man", _("Old man")


@dataclass(frozen=True, slots=True)
class Manner:
    """What makes a kind of voice of a young woman's.

    semitones: of its pitch. size: of the formants, as a small body has them high and a large one low. pace: how much
    faster. tremor: how far the pitch wavers, of itself.
    """

    semitones: float = 0.0
    size: float = 1.0
    pace: float = 1.0
    tremor: float = 0.0


# A man's pitch is about an octave under a woman's and his formants a sixth; a child's are a fifth above hers. Measured
# in benchmarks/voices.py.
MANNERS: Mapping[str, Manner] = {
    VoiceKind.CHILD: Manner(semitones=5, size=1.18, pace=1.05),
    VoiceKind.WOMAN: Manner(),
    VoiceKind.MAN: Manner(semitones=-10, size=0.84),
    VoiceKind.OLD_WOMAN: Manner(semitones=-2, size=0.97, pace=0.88, tremor=0.03),
    VoiceKind.OLD_MAN: Manner(semitones=-9, size=0.84, pace=0.85, tremor=0.03),
}

_CHILD = re.compile(r"\b(?:child|kid|girl|boy|toddler|schoolgirl|schoolboy)\b", re.I)
_OLD = re.compile(
    r"\b(?:old|elderly|aged|ancient|grandfather|grandmother|grandpa|grandma|granny|"
    r"(?:white|gr[ae]y)[- ](?:hair\w*|beard\w*))\b",
    re.I,
)
_MAN = re.compile(
    r"\b(?:man|men|gentleman|he|his|him|male|beard\w*|mustache\w*|moustache\w*|father|brother|husband|uncle|king|"
    r"prince|priest|grandfather|grandpa|mr)\b",
    re.I,
)
_WOMAN = re.compile(
    r"\b(?:woman|women|lady|she|her|female|mother|sister|wife|aunt|queen|princess|grandmother|grandma|granny|mrs|ms)\b",
    re.I,
)


def kind_of(name: str, look: str) -> VoiceKind:
    """Guess whose voice it is from the name and the look, for a character that nobody chose one for.

    Of a man and a woman in the words the first counts; without either it is a woman's, which the engine speaks best.
    """
    words = f"{name}. {look}"
    if _CHILD.search(words):
        return VoiceKind.CHILD
    man, woman = _MAN.search(words), _WOMAN.search(words)
    is_man = man is not None and (woman is None or man.start() < woman.start())
    if _OLD.search(words):
        return VoiceKind.OLD_MAN if is_man else VoiceKind.OLD_WOMAN
    return VoiceKind.MAN if is_man else VoiceKind.WOMAN
