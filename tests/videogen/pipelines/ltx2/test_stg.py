"""The perturbed pass begins where the plain one came by: less work, the same result."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.fixtures.ltx import Forwards, Steps, picture, small
from videogen.errors import Cancelled
from videogen.phase import Phase
from videogen.pipelines.device.memory import Mode
from videogen.pipelines.ltx2.guidance import stg_blocks
from videogen.pipelines.ltx2.render import Render
from videogen.pipelines.ltx2.stg import SharedBeginning

START, END = picture(1), picture(2)


@pytest.fixture
def sharing(model: Any) -> Iterator[Any]:
    """The loaded checkpoint, sharing as it does on a GPU."""
    assert not model.shares_beginning  # on a CPU
    model.shares_beginning = True
    yield model
    model.shares_beginning = False


def latents(ltx: Any, model: Any, spec: Any) -> tuple[torch.Tensor, torch.Tensor]:
    video, sound = ltx._latents(model, spec, Render.of(spec), START, END, Steps())
    return video, sound


def test_the_latents_are_the_same_to_rounding_at_every_guidance_scale(ltx: Any, sharing: Any) -> None:
    for guidance_scale in (1.5, 3.0, 20.0):
        spec = small(steps=3, guidance_scale=guidance_scale)
        shared = latents(ltx, sharing, spec)
        sharing.shares_beginning = False
        alone = latents(ltx, sharing, spec)
        sharing.shares_beginning = True
        for ours, stock in zip(shared, alone, strict=True):
            torch.testing.assert_close(ours, stock, rtol=1e-4, atol=1e-4)


def test_without_the_sharing_of_the_right_sample_the_latents_would_differ(ltx: Any, sharing: Any) -> None:
    class WrongSample(SharedBeginning):
        def _share(self, block: Any, args: Any, arguments: Any) -> Any:
            if self._plain:  # the one without the prompt
                self._kept = {name: arguments[name][:1].clone() for name in ("hidden_states", "audio_hidden_states")}
                return None
            return super()._share(block, args, arguments)

    right = latents(ltx, sharing, small())
    sharing.shares_beginning = False
    transformer = sharing.denoiser.transformer
    with WrongSample(transformer, stg_blocks(len(transformer.transformer_blocks))[0], skip=True):
        wrong = latents(ltx, sharing, small())
    assert (right[0] - wrong[0]).abs().max() > 1e-3


def test_the_blocks_before_the_perturbed_one_run_for_three_samples_and_the_others_for_four(
    ltx: Any, sharing: Any
) -> None:
    blocks = sharing.denoiser.transformer.transformer_blocks
    first = stg_blocks(len(blocks))[0]
    assert 0 < first < len(blocks)
    # Counted in a part of each block: the block itself is still called, and passes on what it is given.
    with Forwards(blocks[first - 1].ff) as before, Forwards(blocks[first].ff) as after:
        latents(ltx, sharing, small(steps=2))
    assert (before.samples, after.samples) == (2 * 3, 2 * 4)


def test_a_streamed_transformer_runs_them_all_and_gives_the_same_bytes(ltx: Any, sharing: Any) -> None:
    skipped = latents(ltx, sharing, small())
    mode, sharing.residency.mode = sharing.residency.mode, Mode.LOW
    try:
        with Forwards(sharing.denoiser.transformer.transformer_blocks[0].ff) as forwards:
            streamed = latents(ltx, sharing, small())
    finally:
        sharing.residency.mode = mode
    assert forwards.samples == 2 * 4
    assert all(torch.equal(one, other) for one, other in zip(skipped, streamed, strict=True))


def test_a_perturbed_pass_without_its_own_beginning_at_hand_runs_from_the_start(ltx: Any, sharing: Any) -> None:
    transformer = sharing.denoiser.transformer
    first = stg_blocks(len(transformer.transformer_blocks))[0]
    sharing.shares_beginning = False
    with Forwards(transformer) as forwards:
        latents(ltx, sharing, small(steps=1))
    plain, perturbed, isolated = forwards.calls
    another = perturbed | {"hidden_states": perturbed["hidden_states"] * 2}
    with torch.no_grad():
        expected = transformer(**another)
        for before in ([], [isolated], [plain, perturbed]):
            with SharedBeginning(transformer, first, skip=True):
                for call in before:
                    transformer(**call)
                found = transformer(**another)
            assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


def test_nothing_is_left_behind_after_a_cancel_or_without_guidance(ltx: Any, sharing: Any) -> None:
    transformer = sharing.denoiser.transformer
    with pytest.raises(Cancelled):
        ltx.generate(small(), START, END, Steps((Phase.DENOISING, 1), Cancelled()))
    for block in transformer.transformer_blocks:
        assert "forward" not in vars(block)
        assert not block._forward_pre_hooks
    assert not transformer._forward_pre_hooks
    with Forwards(transformer.transformer_blocks[0].ff) as forwards:
        latents(ltx, sharing, small(steps=2, guidance_scale=1.0))
    assert forwards.samples == 2
