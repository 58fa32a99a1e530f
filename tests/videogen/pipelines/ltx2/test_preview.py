"""The small picture of a clip on its way: what it shows, how often, and that no clip fails for it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.fixtures.ltx import Steps, picture, small
from videogen.pipelines.ltx2 import preview
from videogen.pipelines.ltx2.preview import Previews
from videogen.pipelines.ltx2.render import Render

START, END = picture(1), picture(2)
SPEC = small(width=256, height=182)  # rendered at 256 x 192


def shown(ltx: Any, spec: Any, *, own_loop: bool = False) -> tuple[list[Image.Image], torch.Tensor]:
    """The previews of a clip and its latents."""
    pictures: list[Image.Image] = []
    model = ltx.model(Steps())
    model.own_loop = own_loop
    try:
        video, _ = ltx._latents(model, spec, Render.of(spec), START, END, Steps(), pictures.append)
    finally:
        model.own_loop = False
    return pictures, video


class LinearVae:
    """A decoder that is a line with some curve in it: the small checkpoint's, of random weights, is neither."""

    dtype = torch.float32

    def __init__(self, vae: Any) -> None:
        self.latents_mean, self.latents_std, self.config = vae.latents_mean, vae.latents_std, vae.config
        self.colours = torch.randn((3, 128), generator=torch.Generator().manual_seed(3)) / 40

    def decode(self, latents: torch.Tensor, _timestep: None, return_dict: bool) -> tuple[torch.Tensor]:
        small = torch.tanh(torch.einsum("kc,bcthw->bkthw", self.colours, latents))
        times = small.repeat_interleave(8, dim=2)[:, :, 7:]  # the first latent makes one picture
        return (times.repeat_interleave(32, dim=3).repeat_interleave(32, dim=4),)


def test_the_last_preview_is_the_middle_picture_in_small(ltx: Any, model: Any) -> None:
    # Catches factors for other latents than the decoder's, a place beside the middle, swapped axes and colours.
    pipe = model.denoiser
    decoder = LinearVae(pipe.vae)
    stand_in = SimpleNamespace(
        vae=decoder,
        transformer=pipe.transformer,
        compute_device=pipe.compute_device,
        _denormalize_latents=pipe._denormalize_latents,
    )
    model.colours = preview.fitted(stand_in)
    try:
        (found,), video = shown(ltx, SPEC)
    finally:
        model.colours = None
    assert found.size == (256, 182)
    (decoded,) = decoder.decode(video, None, return_dict=False)
    whole = ((decoded[0, :, (video.shape[2] // 2) * 8 - 3] + 1) / 2).permute(1, 2, 0).numpy()
    wanted, seen = (
        np.asarray(pixels, dtype=float)[16:-16:32, 16::32] for pixels in (whole[5:-5], np.asarray(found) / 255)
    )
    for colour in range(3):
        assert np.corrcoef(wanted[..., colour].ravel(), seen[..., colour].ravel())[0, 1] > 0.9


def test_our_own_loop_shows_what_the_librarys_shows_some_steps_before_the_end_too(ltx: Any) -> None:
    spec = SPEC.replace(steps=5, guidance_scale=1.0)
    pictures, _ = shown(ltx, spec)
    again, _ = shown(ltx, spec, own_loop=True)
    assert len(pictures) == len(again) == 2  # after steps 2 and 4
    for one, other in zip(pictures, again, strict=True):
        assert np.abs(np.asarray(one, dtype=int) - np.asarray(other, dtype=int)).max() <= 1


@pytest.mark.parametrize(("steps", "most"), [(2, 1), (8, 4), (28, 7), (50, 7)])
def test_a_clip_has_few_previews_however_many_steps(steps: int, most: int) -> None:
    render = Render.of(small())
    pictures: list[Image.Image] = []
    previews = Previews(lambda: torch.zeros((129, 3)), pictures.append, steps)
    for step in range(1, steps + 1):
        packed = torch.randn((1, render.tokens, 128))
        previews.step(step, step, packed, (1 - (step - 1) / steps, 1 - step / steps), render)
    assert len(pictures) == most
    assert max(pictures[0].size) == 256


def test_a_preview_that_fails_costs_no_clip(ltx: Any, model: Any, monkeypatch: Any, caplog: Any) -> None:
    def full(_pipe: Any) -> torch.Tensor:
        raise torch.OutOfMemoryError("full")

    monkeypatch.setattr("videogen.pipelines.ltx2.checkpoint.fitted", full)
    monkeypatch.setattr(model, "colours", None)
    pictures, video = shown(ltx, small(steps=5, guidance_scale=1.0))
    assert pictures == []
    assert torch.isfinite(video).all()
    assert caplog.text.count("A clip has no preview.") == 1


def test_the_fit_leaves_the_noise_of_the_clip_alone(ltx: Any, model: Any) -> None:
    state = torch.random.get_rng_state()
    preview.fitted(model.denoiser)
    assert torch.equal(torch.random.get_rng_state(), state)
