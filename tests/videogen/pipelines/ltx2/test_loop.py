"""Our own loop over the blocks makes what the library's transformer and pipeline make, with less work."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.fixtures.ltx import Forwards, Steps, our_latents, picture, small
from videogen.errors import Cancelled
from videogen.phase import Phase
from videogen.pipelines.ltx2 import passes
from videogen.pipelines.ltx2.block import run_block
from videogen.pipelines.ltx2.guidance import Guidance
from videogen.pipelines.ltx2.passes import Transformer, runs_of
from videogen.pipelines.ltx2.video import Ltx23Video

START, END = picture(1), picture(2)
CLOSE = 1e-5  # relative, in float32


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.fixture
def looping(model: Any) -> Iterator[Any]:
    """The loaded checkpoint, run as on a GPU."""
    assert not model.own_loop  # on a CPU
    model.own_loop = True
    yield model
    model.own_loop = False


def stock_calls(ltx: Any, model: Any, end: Any) -> list[dict[str, Any]]:
    """What the library asks of the transformer in a step: without and with the prompt, perturbed, isolated."""
    with Forwards(model.denoiser.transformer) as forwards:
        our_latents(ltx, small(steps=1), START, end)
    return forwards.calls


@pytest.mark.parametrize("end", [None, END], ids=["start", "start and end"])
def test_all_four_passes_equal_the_librarys_transformer(ltx: Any, model: Any, end: Any) -> None:
    transformer = model.denoiser.transformer
    both, perturbed, isolated = stock_calls(ltx, model, end)
    with torch.no_grad():
        expected = [transformer(**call) for call in (both, perturbed, isolated)]
        level = perturbed["sigma"][0]
        mask = 1 - perturbed["timestep"].unsqueeze(-1) / level
        coordinates = perturbed["video_coords"], perturbed["audio_coords"]
        ours = Transformer(transformer, mask, coordinates)
        step = ours.begin(perturbed["hidden_states"], perturbed["audio_hidden_states"], level)
        texts = [
            tuple(both[name][at : at + 1] for name in ("encoder_hidden_states", "audio_encoder_hidden_states"))
            for at in (0, 1)
        ]
        negative, _ = ours.plain(step, texts[0])
        prompt, kept = ours.plain(step, texts[1], 2)
        assert kept is not None
        found = [negative, prompt, ours.perturbed(step, texts[1], 2, kept), ours.isolated(step, texts[1])]
    assert len(ours.runs) == (2 if end is None else 3)
    stock = [[row[:1] for row in expected[0]], [row[1:] for row in expected[0]], *expected[1:]]
    for mine, theirs in zip(found, stock, strict=True):
        assert max(difference(*pair) for pair in zip(mine, theirs, strict=True)) < CLOSE
    assert difference(found[2][0], found[1][0]) > 1e-3  # the passes are not all the same
    assert difference(found[3][0], found[1][0]) > 1e-3


ON = Guidance.for_scale(3.0)
SWITCHES = {
    "all": ON,
    "off": Guidance.off(),
    "without negative": replace(ON, guidance_scale=1.0, audio_guidance_scale=1.0),
    "without perturbed": replace(ON, stg_scale=0.0, audio_stg_scale=0.0),
    "without isolated": replace(ON, modality_scale=1.0, audio_modality_scale=1.0),
    "without rescale": replace(ON, guidance_rescale=0.0, audio_guidance_rescale=0.0),
    "sound alone": replace(Guidance.off(), audio_guidance_scale=7.0, audio_stg_scale=1.0, audio_modality_scale=3.0),
}


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("end", [None, END], ids=["start", "start and end"])
def test_the_latents_equal_the_librarys_at_every_guidance_switch(ltx: Any, looping: Any, switch: str, end: Any) -> None:
    class Guided(Ltx23Video):
        def guidance(self, spec: Any) -> Guidance:
            return SWITCHES[switch]

    guided = Guided(ltx.settings)
    spec = small(steps=2, width=96)
    ours = our_latents(guided, spec, START, end)
    looping.own_loop = False
    with Forwards(looping.denoiser.transformer) as forwards:
        stock = our_latents(guided, spec, START, end)
    assert len(forwards)
    for mine, theirs in zip(ours, stock, strict=True):
        assert difference(mine, theirs) < CLOSE


def test_the_loop_asks_nothing_of_the_librarys_transformer_and_runs_no_block_twice(ltx: Any, looping: Any) -> None:
    blocks = looping.denoiser.transformer.transformer_blocks
    with (
        Forwards(looping.denoiser.transformer) as stock,
        Forwards(blocks[1].ff) as before,
        Forwards(blocks[2].ff) as after,
    ):
        our_latents(ltx, small(steps=2), START, END)
    # Of the four passes of a step the perturbed one begins at block 2.
    assert (len(stock), len(before), len(after)) == (0, 2 * 3, 2 * 4)


def test_the_draft_equals_the_librarys(model_settings: Any) -> None:
    from videogen.pipelines.ltx2.video import Ltx23DistilledVideo

    draft = Ltx23DistilledVideo(model_settings)
    model = draft.model(Steps())
    stock = our_latents(draft, small(width=64), START, END)
    model.own_loop = True
    ours = our_latents(draft, small(width=64), START, END)
    model.own_loop = False
    assert max(difference(*pair) for pair in zip(ours, stock, strict=True)) < CLOSE


def test_a_stop_between_two_passes_runs_no_further_one(ltx: Any, looping: Any, monkeypatch: Any) -> None:
    heard: list[tuple[int, int]] = []

    def stop(phase: Phase, step: int = 0, steps: int = 0) -> None:
        if phase is Phase.DENOISING:
            heard.append((step, steps))
            if len(heard) == 3:  # the beginning, the plain pass, the perturbed one
                raise Cancelled

    with Forwards(looping.denoiser.transformer.transformer_blocks[3].ff) as last, pytest.raises(Cancelled):
        our_latents_with(ltx, small(steps=2), stop)
    assert len(last) == 2
    assert heard == [(0, 2)] * 3
    monkeypatch.setattr(passes, "BLOCKS_A_REPORT", 2)
    heard.clear()
    with Forwards(looping.denoiser.transformer.transformer_blocks[2].ff) as third, pytest.raises(Cancelled):
        our_latents_with(ltx, small(steps=2), stop)
    assert len(third) == 1  # inside the first pass


def our_latents_with(ltx: Any, spec: Any, on_step: Any) -> Any:
    from videogen.pipelines.ltx2.render import Render

    return ltx._latents(ltx.model(Steps()), spec, Render.of(spec), START, END, on_step)


def test_a_step_of_the_librarys_pipeline_is_stopped_between_its_passes_too(ltx: Any, model: Any) -> None:
    heard: list[int] = []

    def stop(phase: Phase, step: int = 0, steps: int = 0) -> None:
        if phase is Phase.DENOISING:
            heard.append(step)
            if len(heard) == 3:
                raise Cancelled

    with Forwards(model.denoiser.transformer.transformer_blocks[3].ff) as last, pytest.raises(Cancelled):
        our_latents_with(ltx, small(steps=2), stop)
    assert len(last) == 1


def test_a_text_with_masked_tokens_is_left_to_the_librarys_pipeline(ltx: Any, looping: Any, monkeypatch: Any) -> None:
    from videogen.pipelines.ltx2.prompt_cache import EncodedTexts

    monkeypatch.setattr(EncodedTexts, "every_token_counts", property(lambda self: False))
    with Forwards(looping.denoiser.transformer) as stock:
        our_latents(ltx, small(steps=1, guidance_scale=1.0), START, None)
    assert len(stock) == 1


def test_tokens_of_one_strength_in_a_row_are_one_segment() -> None:
    mask = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0, 0.25, 1.0]).view(1, -1, 1)
    runs, shares = runs_of(mask)
    assert shares == (0.0, 0.75, 1.0)
    assert runs == ((0, 2, 0), (2, 5, 2), (5, 6, 1), (6, 7, 0))


def test_no_input_of_a_block_is_changed(ltx: Any, model: Any) -> None:
    # The perturbed pass starts from what the plain one was given, and all passes from the same projection.
    _, call, _ = stock_calls(ltx, model, END)
    transformer = model.denoiser.transformer
    with torch.no_grad():
        mask = 1 - call["timestep"].unsqueeze(-1) / call["sigma"][0]
        ours = Transformer(transformer, mask, (call["video_coords"], call["audio_coords"]))
        step = ours.begin(call["hidden_states"], call["audio_hidden_states"], call["sigma"][0])
        text = call["encoder_hidden_states"], call["audio_encoder_hidden_states"]
        before = [tensor.clone() for tensor in (*step.tokens, *text, *step.modulation)]
        for form in ({}, {"isolated": True}, {"perturbed": True}):
            given = {"isolated": False, "perturbed": False} | form
            run_block(
                transformer.transformer_blocks[0],
                *step.tokens,
                *text,
                step.modulation,
                ours._places,
                ours.runs,
                **given,
            )
    assert all(torch.equal(*pair) for pair in zip(before, (*step.tokens, *text, *step.modulation), strict=True))
