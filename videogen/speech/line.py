"""What is spoken and by whom, as one frozen value: a clip's row keeps it, so that the clip can be made again."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from scenes.voices import MANNERS, Manner


class SpokenLine(BaseModel):
    """A line and the voice it is spoken with.

    text: as it is spoken. language: "en". engine: a name of speech.engines. kind: of scenes.voices. pitch: semitones
    from the kind's own. pace: percent of the kind's own. The same value gives the same samples.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    text: str
    language: str
    engine: str
    kind: str
    pitch: int = 0
    pace: int = 100

    @property
    def manner(self) -> Manner:
        """How its kind of voice is made. One that is no longer known speaks as the engine does."""
        return MANNERS.get(self.kind, Manner())

    @property
    def semitones(self) -> float:
        """How far above the engine's own voice it is."""
        return self.manner.semitones + self.pitch

    @property
    def speed(self) -> float:
        """How much faster than the engine's own voice it is."""
        return self.manner.pace * self.pace / 100


class SpeechError(Exception):
    """A line cannot be spoken. The message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Casting:
    """Who speaks a block. line: None for one that stays silent. note: a sentence about what is not as asked, or why."""

    line: SpokenLine | None = None
    note: str = ""
