"""The interface of pipelines: settings and pictures in, pixels out, progress on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scenes.layers import Layers
from videogen.phase import Phase
from videogen.specs import FrameSpec, VideoSpec

Pixels = NDArray[np.uint8]  # (height, width, 3), sRGB


class OnStep(Protocol):
    """Called by a pipeline whenever something is done. Raises Cancelled or Interrupted to stop it."""

    def __call__(self, phase: Phase, step: int = 0, steps: int = 0) -> None:
        """Report that `step` of `steps` of `phase` is done, on the device too; 0 of 0 for a phase without steps."""


class OnPreview(Protocol):
    """Called by a video pipeline with a small picture of the clip on its way, every few steps. Raises nothing."""

    def __call__(self, picture: Image.Image, /) -> None:
        """Show the picture in place of the one before."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture a frame is made from. `image` is RGB or RGBA (a cut-out), or None where only words exist.

    layers: of a location, the same picture in layers. ground_line: of one without, where feet stand, 0 to 1 from the
    top. key: id of the character. side: of the
    line between the people of the scene, -1 left and 1 right, kept across cuts; 0 where it is open.
    """

    kind: Literal["start_frame", "location", "character"]
    name: str
    description: str
    image: Image.Image | None
    speaking: bool = False
    layers: Layers | None = None
    ground_line: float | None = None
    key: str = ""
    side: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of a clip: float32 samples of shape (samples, channels) in -1..1, and samples a second."""

    samples: NDArray[np.float32]
    rate: int


@dataclass(frozen=True, slots=True)
class Rendering:
    """A clip on its way: `frames` yields exactly spec.frames pictures of the asked size, one at a time.

    waiting: bytes of pictures that may wait for the encoder, for a pipeline that makes many at once. notes: sentences
    for people about what was done otherwise than they may expect.
    """

    frames: Iterator[Pixels]
    sound: Sound | None = None
    waiting: int = 0
    notes: tuple[str, ...] = ()


class Pipeline(Protocol):
    """What every pipeline tells of itself."""

    @property
    def device(self) -> str:
        """The device it computes on."""

    @property
    def made_with(self) -> str:
        """The checkpoint of the last job, empty for a pipeline without weights."""

    @property
    def shortcuts(self) -> str:
        """What the last job was made with that is not exact, in words (pipelines.shortcuts); empty for an exact one."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished frame. layers: the same picture in layers, for a pipeline that composes one of them.

    notes: sentences for people about what was asked for and is not in it.
    """

    pixels: Pixels
    layers: Layers | None = None
    notes: tuple[str, ...] = ()


class Weightless:
    """Base of a pipeline that computes on the CPU, without a checkpoint."""

    device = "CPU"
    made_with = ""
    shortcuts = ""


class FramePipeline(Pipeline, Protocol):
    """Makes one picture."""

    def generate(self, spec: FrameSpec, pictures: list[Picture], on_step: OnStep) -> Drawing:
        """Make the picture of spec.width x spec.height. spec.seed is set. Raises GenerationError."""


class VideoPipeline(Pipeline, Protocol):
    """Makes one clip."""

    def generate(self, spec: VideoSpec, start: Image.Image, end: Image.Image | None, on_step: OnStep) -> Rendering:
        """Start the clip; frames may be computed while they are taken. spec.seed is set. Raises GenerationError.

        One whose PipelineInfo says `previews=True` also takes `on_preview`, an OnPreview; one that says `resumes=True`
        also takes `kept`, a Kept, and goes on with what was kept of the same clip. One that says `layered=True` also
        takes `start_layers` and `end_layers`, each the same picture as Layers, or None for one that has no layers.
        """


class Kept(Protocol):
    """Keeps what an unfinished job has made so far for whoever makes the job after a loss."""

    path: Path  # of what was kept last; nothing is there where nothing was

    def keep(self, state: bytes) -> None:
        """Put `state` in the place of what was kept before. Raises OSError."""


class Enhancer(Pipeline, Protocol):
    """A video pipeline whose text encoder can also rewrite a prompt. Its PipelineInfo says `enhances=True`."""

    def enhance(self, text: str, image: Image.Image | None, system_prompt: str, on_step: OnStep) -> str:
        """Rewrite `text` as `system_prompt` says, looking at `image` where there is one.

        on_step is called at least every few seconds (with Phase.LOADING, then Phase.ENCODING and the words written
        so far) and may raise to stop it. The answer is unchecked. Raises GenerationError.
        """
