"""The scratch voice of a character, as its row keeps it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scenes.voices import PACE_RANGE, PITCH_RANGE, VoiceKind, kind_of


class ScratchVoice(models.Model):
    """Who has a scratch voice.

    voice_kind: guessed from the look where empty. voice_pitch: semitones. voice_pace: percent. voice_engine: who
    speaks, a name of videogen.speech.engines; empty for the best there is.
    """

    name: models.CharField[str, str]
    description: models.TextField[str, str]

    voice_kind = models.CharField(_("kind of voice"), max_length=20, choices=VoiceKind.choices, blank=True, default="")
    voice_pitch = models.SmallIntegerField(_("pitch"), default=0)
    voice_pace = models.PositiveSmallIntegerField(_("pace"), default=100)
    voice_engine = models.CharField(_("speaker"), max_length=100, blank=True, default="")

    class Meta:
        abstract = True
        constraints = [
            # What the sliders and the API allow.
            models.CheckConstraint(
                name="character_voice_within_limits",
                condition=Q(voice_pitch__gte=PITCH_RANGE[0], voice_pitch__lte=PITCH_RANGE[-1])
                & Q(voice_pace__gte=PACE_RANGE[0], voice_pace__lte=PACE_RANGE[-1]),
            ),
            models.CheckConstraint(
                name="character_voice_kind_valid", condition=Q(voice_kind__in=["", *VoiceKind.values])
            ),
        ]

    @property
    def speaks_as(self) -> VoiceKind:
        """The kind of the voice: the chosen one, else what name and look say."""
        return VoiceKind(self.voice_kind) if self.voice_kind else kind_of(self.name, self.description)
