"""The cut: the shots of a film or scene in order, with their lengths in frames, as one value that never changes."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from videogen import provenance
from videogen.specs import DEFAULT_HEIGHT, DEFAULT_WIDTH
from videogen.speech.line import SpokenLine
from videogen.strokes import Drawing

OURS = "storyreel"  # under which a timeline says which block a clip is of

Size = tuple[int, int]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Media(_Value):
    """A stored picture or clip: its storage name, what its bytes hash to, and the name of its small picture.

    source: how it came to be, a term of videogen.provenance; empty where that is not known.
    """

    file: str
    sha256: str
    width: int
    height: int
    poster: str = ""
    source: str = ""


class Take(Media):
    """The take that a shot shows: its file, and what it was made with.

    first: the frame of the file that the shot begins with. frames: how many the whole file has.
    """

    id: str
    number: int
    frames: int
    frame_rate: int
    has_audio: bool
    model: str
    made_by: str
    seed: int | None
    checkpoint: str
    settings: dict[str, Any]
    first: int = 0


class Note(_Value):
    """What somebody said about a frame of a shot, counted from its first, at the rate of its take.

    drawing: what was drawn on it, where the shot's panel in a storyboard shows this frame. is_drawn: something was.
    """

    frame: int
    text: str
    author: str
    done: bool = False
    is_drawn: bool = False
    drawing: Drawing | None = None

    @property
    def summary(self) -> str:
        """Who said what, and whether it is done, in a line."""
        words = " ".join(self.text.split())
        return f"{self.author}: {words}{' (done)' if self.done else ''}"


class Shot(_Value):
    """One block in the cut: its take, else its start frame, else a card with its words. frames: of the cut's rate.

    line: what a scratch voice says in it. line_note: a sentence why it stays silent, or about who speaks instead.
    voice: the line as a WAV as long as the shot, which only the worker has that writes the cut; no row keeps it.
    """

    scene_id: str
    scene: str  # its title
    scene_number: int  # its place in the film, from 1
    block_id: str
    number: int  # the block's place in its scene, from 1
    is_dialog: bool
    speaker: str
    parenthetical: str
    words: str
    frames: int
    take: Take | None = None
    still: Media | None = None
    line: SpokenLine | None = None
    line_note: str = ""
    voice: Path | None = Field(default=None, exclude=True)
    notes: tuple[Note, ...] = ()

    @property
    def name(self) -> str:
        """What the shot is called in every list and timeline: 03-012."""
        return f"{self.scene_number:02}-{self.number:03}"

    @property
    def kind(self) -> str:
        """What is seen: "clip", "still" or "card"."""
        return "clip" if self.take else "still" if self.still else "card"

    @property
    def source(self) -> str:
        """How what is seen came to be, a term of videogen.provenance; of a cut older than its record a guess."""
        if self.take:
            return self.take.source or provenance.made_by(self.take.checkpoint, [""])
        return self.still.source if self.still else provenance.DRAWN

    @property
    def panel_frame(self) -> int:
        """The frame that its panel shows, counted from its first: one that is drawn on, else the first."""
        return next((note.frame for note in self.notes if note.drawing), 0)

    @property
    def caption(self) -> str:
        """What is said in it; nothing for an action."""
        return self.words if self.is_dialog else ""

    @property
    def in_words(self) -> str:
        """The shot as an error names it: block 12 of “Rain”."""
        return f"block {self.number} of “{self.scene}”"


class Cut(_Value):
    """Shots in order. first_frame: the number that the first frame of every shot has."""

    film: str
    title: str
    frame_rate: int
    width: int
    height: int
    first_frame: int
    shots: tuple[Shot, ...]

    @property
    def frames(self) -> int:
        """How long it is."""
        return sum(shot.frames for shot in self.shots)

    @property
    def seconds(self) -> float:
        """How long it is, by the clock."""
        return self.frames / self.frame_rate

    @property
    def words(self) -> set[str]:
        """All that is written of its shots."""
        return {text for shot in self.shots for text in (shot.speaker, shot.parenthetical, shot.words)}

    def placed(self) -> Iterator[tuple[int, Shot]]:
        """Yield each shot with the frame of the cut that it begins at, counted from 0."""
        start = 0
        for shot in self.shots:
            yield start, shot
            start += shot.frames

    def numbers(self, shot: Shot) -> tuple[int, int]:
        """Return the numbers of the first and the last frame of a shot."""
        return self.first_frame, self.first_frame + shot.frames - 1

    def number_of(self, shot: Shot, frame: int) -> int:
        """Return the number that a frame of a shot, counted from its first at the rate of its take, has in the cut."""
        rate = shot.take.frame_rate if shot.take else self.frame_rate
        _first, last = self.numbers(shot)
        return min(last, self.first_frame + frame * self.frame_rate // rate)

    def noted(self, shot: Shot) -> list[str]:
        """Return a line for each note on a shot, with the number of its frame in the cut."""
        return [f"{self.number_of(shot, note.frame)} {note.summary}" for note in shot.notes]


def most_used_size(media: Iterable[Media | None]) -> Size:
    """Return the size that most of the media have, of those that as many have the largest."""
    counts = Counter((found.width, found.height) for found in media if found is not None)
    if not counts:
        return DEFAULT_WIDTH, DEFAULT_HEIGHT
    (width, height), _count = max(counts.items(), key=lambda item: (item[1], item[0][0] * item[0][1]))
    return width + width % 2, height + height % 2  # an encoder takes even sides only
