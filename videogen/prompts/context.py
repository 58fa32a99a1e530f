"""Everything an optimizer is given about one prompt."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image

from videogen.prompts import speech


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is shown or speaks."""

    name: str
    look: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptContext:
    """What was typed, for which step, and what the script says around it.

    step: "start", "end" or "video". line: what the block's speaker says, if it is a line of dialog. action: what
    happens, if it is not. cast: who is shown, the speaker first. hour: the time of day, "night". frames: the pictures
    there are, by role, empty where nobody will look at them; has_end tells of the end frame in any case.
    """

    typed: str
    step: str
    action: str = ""
    line: str = ""
    speaker: Person | None = None
    cast: tuple[Person, ...] = ()
    place: str = ""
    hour: str = ""
    style: str = ""
    has_end: bool = False
    frames: Mapping[str, Image.Image] = field(default_factory=dict)

    @property
    def is_video(self) -> bool:
        """Whether the prompt is for a clip, not for a picture."""
        return self.step == "video"

    @property
    def spoken(self) -> tuple[str, ...]:
        """The lines that must stay word for word."""
        return speech.lines_in(self.typed, self.line)
