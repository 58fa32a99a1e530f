"""How much memory a denoising step takes, counted from its tensors at the real widths."""

from typing import Any

import pytest
import torch

from benchmarks.ltx_models import TRANSFORMER
from tests.fixtures.ltx import small
from tests.fixtures.peak import Peak, flash_attention
from videogen.pipelines.ltx2 import block
from videogen.pipelines.ltx2.passes import Transformer
from videogen.pipelines.ltx2.render import GRID, Render
from videogen.pipelines.ltx2.residency import SPARE, activation_bytes


@pytest.fixture(scope="module")
def transformer() -> Any:
    """Three of LTX-2.3's 48 blocks in bfloat16, without memory: one before the perturbed block, and one after it."""
    from diffusers import LTX2VideoTransformer3DModel

    with torch.device("meta"):
        return LTX2VideoTransformer3DModel(**TRANSFORMER, num_layers=3).to(torch.bfloat16)


@pytest.mark.parametrize(
    ("size", "duration", "rate", "expected"),
    [((768, 512), 5, 24, 0.92), ((1280, 704), 5, 24, 2.10), ((1920, 1088), 5, 24, 4.86), ((1920, 1088), 8, 30, 9.15)],
)
def test_the_plan_holds_what_a_step_takes_and_little_more(
    transformer: Any,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    duration: int,
    rate: int,
    expected: float,
) -> None:
    monkeypatch.setattr(block.F, "scaled_dot_product_attention", flash_attention)
    render = Render.of(small(width=size[0], height=size[1], duration=duration, frame_rate=rate))
    frame = (size[0] // GRID) * (size[1] // GRID)
    mask = torch.zeros(1, render.tokens, 1)
    mask[:, :frame] = mask[:, -frame:] = 1.0
    with torch.device("meta"), torch.no_grad():
        video = torch.empty(1, render.tokens, 128, dtype=torch.bfloat16)
        audio = torch.empty(1, render.sound, 128, dtype=torch.bfloat16)
        text = (
            torch.empty(1, 1024, 4096, dtype=torch.bfloat16),
            torch.empty(1, 1024, 2048, dtype=torch.bfloat16),
        )
        coordinates = torch.empty(1, 3, render.tokens, 2), torch.empty(1, 1, render.sound, 2)
        with Peak(transformer) as counted:
            loop = Transformer(transformer, mask, coordinates)
            step = loop.begin(video, audio, torch.empty(()))
            _, kept = loop.plain(step, text, 1)
            assert kept is not None
            loop.perturbed(step, text, 1, kept)
            del kept
            loop.isolated(step, text)
    assert counted.peak == pytest.approx(expected * 1e9, rel=0.02)
    planned = activation_bytes(render.tokens, own_loop=True) - SPARE
    assert counted.peak <= planned < 1.03 * counted.peak
    assert counted.now < counted.peak / 2  # the counting itself lets go
