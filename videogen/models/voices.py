"""Lines in characters' voices, for the page of a character and the player. A worker speaks them; kept for a day."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from scenes.models import Character
from videogen.speech.line import SpokenLine


class VoiceSample(models.Model):
    """A line in a character's voice. sound: a WAV file, once it is spoken; note: why there is none, in words."""

    KEPT = timedelta(days=1)
    AGAIN = timedelta(seconds=10)  # until its message is taken for lost
    # Lines of a film that may wait to be spoken for listeners, four for each of them, and for how long one counts: the
    # process that speaks them puts lost jobs back too, and a guest's program could ask for every line there is.
    MOST_WAITING = 16
    WAITS = timedelta(minutes=1)

    character = models.ForeignKey(Character, models.CASCADE, related_name="voice_samples")
    key = models.CharField(max_length=64)  # sha256 of the line
    line = models.JSONField()
    sound = models.BinaryField(null=True)
    note = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(db_index=True)  # the sweep of old ones

    class Meta:
        constraints = [
            # Two presses at once: one row, whoever comes first.
            models.UniqueConstraint(fields=["character", "key"], name="voice_sample_once"),
        ]

    def __str__(self) -> str:
        return f"{self.character_id}: {self.line.get('text', '')[:40]}"

    @staticmethod
    def key_of(line: SpokenLine) -> str:
        """Return what the sample of a line is known by: the words and everything about the voice, hashed."""
        return hashlib.sha256(line.model_dump_json().encode()).hexdigest()

    @classmethod
    def ask(
        cls, character: Character, line: SpokenLine, patience: timedelta = timedelta(0)
    ) -> "tuple[VoiceSample, bool]":
        """Return the sample of this line, and whether a worker has to be told: it is new, or nobody has spoken it.

        patience: how long a line that failed is not asked for again; the voice may have been installed since.
        """
        now = timezone.now()
        sample, is_new = cls.objects.defer("sound").get_or_create(
            character=character,
            key=cls.key_of(line),
            defaults={"line": line.model_dump(mode="json"), "asked_at": now},
        )
        if not is_new and sample.note and sample.asked_at <= now - patience:
            cls.objects.filter(pk=sample.pk).update(note="", asked_at=now)
            sample.note = ""
            return sample, True
        return sample, is_new or sample.is_overdue()

    @classmethod
    def is_crowded(cls, character: Character, key: str) -> bool:
        """Whether a line that nobody asked for yet has to wait until others of its film are spoken."""
        if cls.objects.filter(character=character, key=key).exists():
            return False
        since = timezone.now() - cls.WAITS
        waiting = cls.objects.filter(character__film=character.film_id, sound=None, note="", asked_at__gt=since)
        return waiting.count() >= cls.MOST_WAITING

    def is_overdue(self) -> bool:
        """Whether its message was lost: then it counts as asked for now."""
        late = VoiceSample.objects.filter(
            pk=self.pk, sound=None, note="", asked_at__lt=timezone.now() - VoiceSample.AGAIN
        )
        return bool(late.update(asked_at=timezone.now()))

    @property
    def spoken_line(self) -> SpokenLine:
        """What is spoken."""
        return SpokenLine.model_validate(self.line)

    def finish(self, **result: Any) -> None:
        """Keep its sound or its note."""
        VoiceSample.objects.filter(pk=self.pk).update(**result)

    @classmethod
    def sweep(cls) -> int:
        """Delete the samples of yesterday."""
        return cls.objects.filter(asked_at__lt=timezone.now() - cls.KEPT).delete()[0]
