"""The noise levels: the makers' at every size, however many tokens a clip has."""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from tests.fixtures.ltx import Forwards, our_latents, picture, small
from videogen.pipelines.ltx2.render import Render
from videogen.pipelines.ltx2.schedule import noise_levels, taking_levels_as_given
from videogen.specs import DURATION_RANGE, FRAME_RATES, SIZES, STEP_RANGE


def makers_levels(steps: int, terminal: float = 0.1) -> torch.Tensor:
    """What LTX2Scheduler of the makers' ltx-core gives without latents, in its own words."""
    levels = torch.linspace(1.0, 0.0, steps + 1)
    shift = math.exp(2.05)
    levels = torch.where(levels != 0, shift / (shift + (1 / levels - 1)), 0)
    if steps > 1:
        rest = 1.0 - levels[:-1]
        levels[:-1] = 1.0 - rest / (rest[-1] / (1.0 - terminal))
    return levels


def token_counts() -> Iterator[int]:
    """Tokens of every clip on offer, without and with an end frame."""
    for (width, height), seconds, rate in product(SIZES, DURATION_RANGE, FRAME_RATES):
        render = Render.of(small(width=width, height=height, duration=seconds, frame_rate=rate))
        yield render.tokens
        yield render.tokens - render.size[0] // 32 * render.size[1] // 32


def set_as_the_library_does(scheduler: Any, levels: list[float], tokens: int) -> torch.Tensor:
    """The levels that the library's pipeline runs with for a clip of so many tokens."""
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import calculate_shift

    config = scheduler.config
    mu = calculate_shift(
        tokens, config.base_image_seq_len, config.max_image_seq_len, config.base_shift, config.max_shift
    )
    scheduler.set_timesteps(len(levels), sigmas=levels, mu=mu)
    return scheduler.sigmas


def test_every_clip_on_offer_runs_the_makers_levels_at_every_number_of_steps() -> None:
    from tests.fixtures.small_ltx import scheduler

    ours = taking_levels_as_given(scheduler())
    for steps in STEP_RANGE:
        levels, expected = noise_levels(steps, 0.1), makers_levels(steps)
        assert len(levels) == steps
        for tokens in set(token_counts()) if steps == 28 else (920, 44_000):
            found = set_as_the_library_does(ours, levels, tokens)
            assert torch.isfinite(found).all()
            assert (found[1:] < found[:-1]).all()
            assert (found - expected).abs().max() < 1e-6
            assert torch.equal(ours.timesteps, found[:-1] * 1000)


def test_the_librarys_own_levels_would_be_others_and_collapse_where_clips_are_long() -> None:
    # Why the levels are ours: the default clip, and 1920 x 1080 from 6 s on.
    from tests.fixtures.small_ltx import scheduler

    even = list(np.linspace(1.0, 1 / 28, 28))
    default = set_as_the_library_does(scheduler(), even, Render.of(small(width=1280, height=704, duration=5)).tokens)
    assert [round(float(level), 2) for level in default[-4:-1]] != [
        round(float(x), 2) for x in makers_levels(28)[-4:-1]
    ]
    long = Render.of(small(width=1920, height=1080, duration=6)).tokens
    collapsed = set_as_the_library_does(scheduler(), even, long)
    assert not (collapsed[1:] < collapsed[:-1]).all()


def test_the_clip_is_made_with_the_makers_levels(ltx: Any, model: Any) -> None:
    with Forwards(model.denoiser.transformer) as forwards:
        our_latents(ltx, small(steps=5, guidance_scale=1.0, width=64), picture(1), picture(2))
    found = torch.stack([call["sigma"][0] for call in forwards.calls]) / 1000
    torch.testing.assert_close(found, makers_levels(5)[:-1], rtol=0, atol=1e-6)


@pytest.mark.parametrize("shifting", [{}, {"use_dynamic_shifting": False, "shift": 3.0}], ids=["by size", "always"])
def test_the_distilled_noise_levels_are_kept_even_beside_a_shifting_scheduler(
    model_settings: Any, shifting: dict[str, Any]
) -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler
    from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES

    from tests.fixtures.small_ltx import scheduler
    from videogen.pipelines.ltx2.video import Ltx23DistilledVideo

    shifted = FlowMatchEulerDiscreteScheduler.from_config(scheduler().config, **shifting)
    levels = Ltx23DistilledVideo(model_settings).levels(small(), shifted)
    found = set_as_the_library_does(taking_levels_as_given(shifted), levels, 44_000)
    assert found.tolist() == pytest.approx([*DISTILLED_SIGMA_VALUES, 0.0])
