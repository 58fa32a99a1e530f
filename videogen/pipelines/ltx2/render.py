"""What has to be rendered for a clip of exact length and size to be in it."""

import math
from dataclasses import dataclass, replace

from videogen.pipelines.geometry import central_box, next_legal_size, rendered_frames
from videogen.specs import VideoSpec

STRIDE = 8  # pictures a latent
GRID = 32  # pixels a latent
LATENTS_PER_SECOND = 25
MEL_PER_LATENT = 4


def audio_latent_frames(rendered: int, frame_rate: int, seconds: int) -> int:
    """How many latents of sound to render beside `rendered` pictures.

    The model's own count, round(seconds x 25), is kept wherever it lasts: the decoder is causal and makes
    three spectra fewer than four a latent, so where the length is exact the last hundredths of a second would
    be missing.
    """
    native = round(rendered / frame_rate * LATENTS_PER_SECOND)
    needed = math.ceil((seconds * LATENTS_PER_SECOND * MEL_PER_LATENT + MEL_PER_LATENT - 1) / MEL_PER_LATENT)
    return max(native, needed)


@dataclass(frozen=True, slots=True)
class Render:
    """What is asked of the model so that the clip of a spec can be cut out of it.

    size: (width, height) in pixels, on the model's grid. frames: of the form 8k + 1. anchor: the picture that
    is the end frame. box: where the delivered picture lies in the rendered one. sound: latents of sound.
    """

    size: tuple[int, int]
    frames: int
    anchor: int
    box: tuple[int, int, int, int]
    sound: int

    @classmethod
    def of(cls, spec: VideoSpec, grid: int = GRID) -> "Render":
        """The smallest render on the grid that covers the spec."""
        asked = (spec.width, spec.height)
        size = next_legal_size(asked, grid)
        frames = rendered_frames(spec.frames, STRIDE)
        return cls(
            size=size,
            frames=frames,
            anchor=spec.frames - 1,
            box=central_box(size, asked),
            sound=audio_latent_frames(frames, spec.frame_rate, spec.duration),
        )

    def halved(self) -> "Render":
        """The same clip at half the width and height. Raises ValueError where that is not on the model's grid."""
        size = self.size[0] // 2, self.size[1] // 2
        return replace(self, size=size, box=(0, 0, *size))

    def __post_init__(self) -> None:
        if self.size[0] % GRID or self.size[1] % GRID:
            raise ValueError(f"{self.size[0]} x {self.size[1]} is not on the model's grid of {GRID} pixels")
        if self.frames % STRIDE != 1:
            raise ValueError(f"{self.frames} frames are not a multiple of {STRIDE} and one more")
        if not 0 < self.anchor < self.frames:
            raise ValueError(f"the end frame cannot be picture {self.anchor} of {self.frames}")

    @property
    def pixels(self) -> int:
        """Pixels of all rendered pictures together."""
        return self.size[0] * self.size[1] * self.frames

    @property
    def tokens(self) -> int:
        """Tokens of video, those of an end frame included."""
        return self.tokens_beside(1)

    def tokens_beside(self, pictures: int) -> int:
        """Tokens of video beside so many pictures on the way, of which one counts in any case."""
        return (self.size[0] // GRID) * (self.size[1] // GRID) * (self.frames // STRIDE + 1 + max(pictures, 1))
