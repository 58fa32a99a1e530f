"""What can be chosen about an export, with its limits. The form, the API and the worker read this."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from videogen.limits import Limits, Must, whole
from videogen.specs import SIDE_RANGE, FrameRate, SpecError

FormatWord = Literal["mp4", "zip", "otioz", "fcpxml", "srt", "vtt", "pdf", "csv"]
CaptionsWord = Literal["burned", "track", "none"]
LayoutWord = Literal["grid", "list", "single"]
FIRST_FRAMES = range(1_000_000)
DEFAULT_FIRST_FRAME = 1001  # as shots are numbered where effects are made: room for frames before the first


MaybeSide = Annotated[
    int | None,
    Field(ge=SIDE_RANGE[0], le=SIDE_RANGE[-1], multiple_of=SIDE_RANGE.step, description="Pixels."),
    BeforeValidator(whole),
    Must("an even number of pixels", otherwise=", or empty"),
]


class ExportSpec(Limits):
    """The settings of one export. width, height, frame_rate: None for those that most of its clips have."""

    format: Annotated[FormatWord, Field(title="Format", description="What kind of file.")]
    captions: Annotated[
        CaptionsWord, Field(title="Captions", description="Of an mp4: drawn into the picture, as a track, or none.")
    ] = "none"
    stills: Annotated[
        bool,
        Field(title="Stills", description="Blocks without a clip: their start frame or words, held for their line."),
        Must("true or false"),
    ] = True
    voices: Annotated[
        bool, Field(title="Voices", description="Scratch voices where a clip has no sound."), Must("true or false")
    ] = True
    width: Annotated[MaybeSide, Field(title="Width")] = None
    height: Annotated[MaybeSide, Field(title="Height")] = None
    frame_rate: Annotated[
        FrameRate | None,
        Field(title="Frame rate", description="Frames a second."),
        BeforeValidator(whole),
        Must("24, 25 or 30", otherwise=", or empty"),
    ] = None
    first_frame: Annotated[
        int,
        Field(
            ge=FIRST_FRAMES[0],
            le=FIRST_FRAMES[-1],
            title="First frame",
            description="The number of the first frame of every shot, in lists and timelines.",
        ),
        BeforeValidator(whole),
        Must("a whole number"),
    ] = DEFAULT_FIRST_FRAME
    layout: Annotated[
        LayoutWord, Field(title="Layout", description="Of a storyboard: six panels a page, three with notes, or one.")
    ] = "grid"

    def check(self) -> None:
        """Ask for both sides of the picture or for none. Raises SpecError."""
        if (self.width is None) != (self.height is None):
            missing = "width" if self.width is None else "height"
            raise SpecError({missing: "Width and height go together: give both, or neither."})
