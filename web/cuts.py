"""What a clip cuts off a frame of another shape."""

from dataclasses import dataclass

from videogen.models import Frame
from videogen.pipelines.geometry import cover_box
from videogen.specs import VideoSpec

LEAST = 0.005  # of the frame: less is a rounding of its sides


@dataclass(frozen=True, slots=True)
class Cut:
    """A frame and the box of it that the clip shows. left, top, width, height: pixels of the frame."""

    frame: Frame
    spec: VideoSpec
    left: int
    top: int
    width: int
    height: int

    @property
    def percent(self) -> int:
        """How much of the frame is cut, of 100."""
        return max(1, round(100 * (1 - self.width * self.height / (self.frame.width * self.frame.height))))

    @property
    def is_sideways(self) -> bool:
        """Whether it is cut left and right, not top and bottom."""
        return self.left > 0


def cuts_of(spec: VideoSpec, *frames: Frame | None) -> list[Cut]:
    """List the frames that a clip of these settings does not show whole. Pipelines take the middle."""
    found = []
    for frame in frames:
        if frame is None:
            continue
        left, top, right, bottom = cover_box((frame.width, frame.height), (spec.width, spec.height))
        width, height = right - left, bottom - top
        if 1 - width * height / (frame.width * frame.height) >= LEAST:
            found.append(Cut(frame, spec, round(left), round(top), round(width), round(height)))
    return found
