"""Pictures, specs and listeners that the tests of the animatic share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from videogen.pipelines.base import Phase, Picture
from videogen.specs import FrameSpec, VideoSpec


def nobody(phase: Phase, step: int = 0, steps: int = 0) -> None:
    """Nobody watches."""


def landscape(size: tuple[int, int] = (640, 360), seed: int = 5) -> Image.Image:
    """Smooth, detailed and the same every time: something for a camera to move over."""
    rng = np.random.default_rng(seed)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(160):
        x, y, wide, tall = (int(value) for value in rng.integers((0, 0, 8, 8), (*size, 70, 60)))
        draw.ellipse((x, y, x + wide, y + tall), fill=tuple(int(value) for value in rng.integers(0, 255, 3)))
    return image


def cut_out(color: str = "#d02020", size: tuple[int, int] = (200, 300)) -> Image.Image:
    """A person on nothing: a head, a body, feet above the lower edge of the picture."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.ellipse((width * 0.38, height * 0.03, width * 0.62, height * 0.2), fill=color)
    draw.rectangle((width * 0.3, height * 0.2, width * 0.7, height * 0.97), fill=color)
    return image


def place(image: Image.Image | None, name: str = "Gull Rock", description: str = "") -> Picture:
    return Picture("location", name, description, image)


def person(image: Image.Image | None, name: str = "Mara", *, speaking: bool = False) -> Picture:
    return Picture("character", name, "", image, speaking)


def frame_spec(prompt: str = "They wait.", **settings: Any) -> FrameSpec:
    return FrameSpec(
        **{"model": "animatic", "role": "start", "seed": 1, "width": 320, "height": 180} | settings, prompt=prompt
    )


def video_spec(prompt: str = "They wait.", **settings: Any) -> VideoSpec:
    given = {"model": "animatic", "seed": 1, "width": 320, "height": 180, "duration": 1} | settings
    return VideoSpec(**given, prompt=prompt)


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """How alike two pictures are, in dB."""
    error = float(np.mean((one.astype(np.float32) - other.astype(np.float32)) ** 2))
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def where(panel: NDArray[np.uint8], color: tuple[int, int, int], off: int = 60) -> NDArray[np.bool_]:
    """Where in the panel a colour is, give or take."""
    return np.asarray(np.abs(panel.astype(int) - color).max(axis=2) < off)
