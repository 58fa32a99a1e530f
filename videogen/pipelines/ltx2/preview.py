"""A small picture of a clip that is being denoised: what the middle of it will look like, as far as it is known.

The decoder would need a part of the time of a step. A linear function of a latent's 128 numbers gives the mean colour
of its 32 x 32 pixels well enough to see where the clip is going; its factors are fitted to the decoder itself, once.
"""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image

from videogen.pipelines.ltx2.render import GRID, STRIDE, Render

logger = logging.getLogger(__name__)

SIDE = 256  # pixels, the long side of a preview
PREVIEWS = 8  # of one clip, about
FIRST_STEP = 2  # two steps tell where the noise is leading
SAMPLES, AT_ONCE = 384, 32  # what is decoded for the fit: about as many pixels as 37 pictures of 768 x 512
MOMENT = 1 + STRIDE // 2  # a picture in the middle of those that a latent makes, after the first one's single picture
RIDGE = 1e-2  # keeps the fit from leaning on what is no line

Show = Callable[[Image.Image], object]


def fitted(pipe: Any) -> torch.Tensor:
    """Factors (channels + 1, 3): a normalised latent, with a 1 behind it, times them is its colour in 0..1.

    pipe: an LTX2ConditionPipeline whose VAE is on its device. By least squares over what the decoder makes of random
    latents, each the same over two latents across, down and in time, so that no neighbour has a say.
    """
    vae, generator = pipe.vae, torch.Generator("cpu").manual_seed(0)
    latents = torch.randn((SAMPLES, pipe.transformer.config.in_channels), generator=generator)
    colours = []
    for some in latents.split(AT_ONCE):
        given = some[:, :, None, None, None].expand(-1, -1, 2, 2, 2).to(pipe.compute_device)
        inside = pipe._denormalize_latents(given, vae.latents_mean, vae.latents_std, vae.config.scaling_factor)
        with torch.no_grad():
            decoded = vae.decode(inside.to(vae.dtype), None, return_dict=False)[0]
        colours.append((decoded[:, :, MOMENT].float().mean((-1, -2)).cpu() + 1) / 2)
    rows = _with_one(latents).double()
    square = rows.T @ rows + RIDGE * SAMPLES * torch.eye(rows.shape[1], dtype=rows.dtype)
    return torch.linalg.solve(square, rows.T @ torch.cat(colours).double()).float()


def _with_one(latents: torch.Tensor) -> torch.Tensor:
    return torch.cat([latents, latents.new_ones((len(latents), 1))], dim=1)


def middle(packed: torch.Tensor, render: Render) -> torch.Tensor:
    """The latents (tokens, channels) in the middle of a clip. packed: (1, tokens, channels), the clip's own first."""
    area = (render.size[0] // GRID) * (render.size[1] // GRID)
    start = ((render.frames - 1) // STRIDE + 1) // 2 * area
    return packed[0, start : start + area].detach().float().cpu()


def picture(factors: torch.Tensor, latents: torch.Tensor, render: Render) -> Image.Image:
    """Latents of one moment, normalised, as a picture in small, cut as the clip will be."""
    width, height = render.size[0] // GRID, render.size[1] // GRID
    colours = (_with_one(latents) @ factors).clamp_(0, 1).mul_(255).round_().to(torch.uint8)
    small = Image.fromarray(colours.view(height, width, 3).numpy())
    left, top, right, bottom = render.box
    scale = SIDE / max(right - left, bottom - top)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    box = left / GRID, top / GRID, right / GRID, bottom / GRID
    return small.resize(size, Image.Resampling.BICUBIC, box=box)


@dataclass(slots=True)
class Previews:
    """Shows a picture of a clip every few steps.

    factors: gives what `fitted` returns. show: takes each picture; None where nobody looks. total: the steps of all
    stages together.
    """

    factors: Callable[[], torch.Tensor]
    show: Show | None
    total: int
    _has_failed: bool = field(default=False, init=False)
    _before: torch.Tensor | None = field(default=None, init=False)

    def step(self, done: int, of_stage: int, packed: torch.Tensor, levels: tuple[float, float], render: Render) -> None:
        """Take note of the latents after a step, and show what they lead to where it is time.

        done: steps of the whole clip; of_stage: of this stage. levels: the noise level before and after the step. A
        preview is worth no clip: what goes wrong is logged, and ends the previews.
        """
        if self.show is None or self._has_failed:
            return
        every = max(FIRST_STEP, math.ceil(self.total / PREVIEWS))
        is_due = not done % every and of_stage >= FIRST_STEP
        if not is_due and (done + 1) % every:
            return
        now, before = middle(packed, render), self._before
        self._before = now
        if not is_due or before is None:
            return
        # A step moves along a line from noise to what the model believes to be there: so far goes the line.
        ahead = now + (now - before) * (levels[1] / (levels[0] - levels[1]))
        try:
            self.show(picture(self.factors(), ahead, render))
        except Exception:
            logger.exception("A clip has no preview.")
            self._has_failed = True
