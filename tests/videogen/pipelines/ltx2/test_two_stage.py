"""Two stages: half the size, twice as large, refined; equal to what the library's pipelines make in a row."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.fixtures import small_ltx
from tests.fixtures.ltx import Forwards, Steps, picture, small
from videogen.errors import GenerationError, sentence
from videogen.phase import Phase
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.ltx2.render import Render
from videogen.pipelines.ltx2.side_branch import SideBranch, _Adds
from videogen.pipelines.ltx2.two_stage import Ltx23Draft, Ltx23Final
from videogen.pipelines.ltx2.video import Ltx23Video
from videogen.pipelines.weights.loaded import LOADED

START, END = picture(1), picture(2)
SPEC = small(width=118, height=122, steps=2, model="ltx2.3-final")


@pytest.fixture(scope="module")
def two_stages(model_settings: ModelSettings, tmp_path_factory: pytest.TempPathFactory) -> ModelSettings:
    folder = tmp_path_factory.mktemp("two-stages")
    return replace(
        model_settings,
        ltx_upsampler=Checkpoint(str(small_ltx.save_upsampler(folder / "upsampler"))),
        ltx_distilled_lora=Checkpoint(str(small_ltx.save_lora(folder / "lora"))),
    )


@pytest.fixture
def final(two_stages: ModelSettings) -> Iterator[Ltx23Final]:
    yield Ltx23Final(two_stages)
    LOADED.evict()


def latents(pipeline: Any, spec: Any = SPEC, end: Any = END, steps: Any = None) -> Any:
    model = pipeline.model(Steps())
    return pipeline._latents(model, spec, pipeline.render(spec), START, end, steps or Steps())


def relative(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm() / other.norm())


def test_a_clip_is_made_at_half_the_size_and_refined_at_the_whole_and_cut_to_what_was_asked(final: Any) -> None:
    steps = Steps()
    with Forwards(final.model(Steps()).denoiser.transformer) as forwards:
        rendering = final.generate(SPEC, START, END, steps)
    # 128 x 128 is the next size of 64 pixels each way: 2 x 2 latents of 25 pictures and an end frame, then 4 x 4.
    tokens = [call["hidden_states"].shape[1] for call in forwards.calls]
    assert tokens == [5 * 4] * 3 * 2 + [5 * 16] * 3
    assert [float(call["sigma"][0]) for call in forwards.calls[-3:]] == pytest.approx([909.375, 725.0, 421.875])
    assert steps.of(Phase.DENOISING) == [(step, 5) for step in range(6)]
    pictures = np.stack(list(rendering.frames))
    assert pictures.shape == (24, 122, 118, 3)
    assert rendering.sound.samples.shape == (48000, 2)


@pytest.mark.parametrize("loop", [False, True], ids=["library", "own loop"])
def test_the_draft_equals_the_librarys_three_pipelines_in_a_row(
    two_stages: ModelSettings, ltx_distilled_folder: Path, loop: bool
) -> None:
    from diffusers import LTX2ConditionPipeline, LTX2LatentUpsamplePipeline
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
    from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES, STAGE_2_DISTILLED_SIGMA_VALUES

    from videogen.pipelines.ltx2.guidance import Guidance
    from videogen.pipelines.ltx2.schedule import taking_levels_as_given

    draft = Ltx23Draft(two_stages)
    spec = SPEC.replace(width=128, height=64)
    model = draft.model(Steps())
    model.own_loop = loop
    try:
        found = latents(draft, spec, None)
    finally:
        model.own_loop = False
    pipe = LTX2ConditionPipeline.from_pretrained(ltx_distilled_folder, dtype=torch.float32, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = taking_levels_as_given(pipe.scheduler)
    common = {
        "prompt": spec.prompt,
        "num_frames": 25,
        "frame_rate": 24.0,
        "output_type": "latent",
        "return_dict": False,
        **Guidance.off().arguments(),
    }
    from videogen.pipelines.ltx2.conditions import cover

    video, audio = pipe(
        conditions=[LTX2VideoCondition(cover(START, (64, 32)), 0)],
        width=64,
        height=32,
        sigmas=list(DISTILLED_SIGMA_VALUES),
        num_inference_steps=8,
        generator=torch.Generator().manual_seed(spec.seed),
        **common,
    )
    upsampler = model.residency.parts["upsampler"]
    large = LTX2LatentUpsamplePipeline(vae=pipe.vae, latent_upsampler=upsampler)(
        latents=video, height=32, width=64, num_frames=25, output_type="latent", return_dict=False
    )[0]
    stock = pipe(
        conditions=[LTX2VideoCondition(cover(START, (128, 64)), 0)],
        width=128,
        height=64,
        latents=large,
        audio_latents=audio,
        sigmas=list(STAGE_2_DISTILLED_SIGMA_VALUES),
        num_inference_steps=3,
        generator=torch.Generator().manual_seed(spec.seed + 2**32),
        **common,
    )
    for mine, theirs in zip(found, stock, strict=True):
        assert relative(mine, theirs) < 1e-4


def test_one_loaded_checkpoint_serves_one_stage_and_two(final: Any, two_stages: ModelSettings) -> None:
    model = final.model(Steps())
    assert Ltx23Video(two_stages).model(Steps()) is model
    upsampler = model.residency.parts["upsampler"]
    assert final.model(Steps()).residency.parts["upsampler"] is upsampler


def test_the_branch_counts_in_the_second_stage_only_and_leaves_nothing_behind(final: Any) -> None:
    model = final.model(Steps())
    layer = model.denoiser.transformer.transformer_blocks[0].attn1.to_q
    counted: list[int] = []

    class Counts(Steps):
        def __call__(self, phase: Phase, step: int = 0, steps: int = 0) -> None:
            if phase is Phase.DENOISING:
                counted.append(len(layer._forward_hooks))

    latents(final, steps=Counts())
    assert counted[0] == 0
    assert counted[-1] == 1
    assert sorted(counted) == counted
    assert not layer._forward_hooks
    branched = latents(final)[0]
    model.branch.strength = 0.0
    assert relative(branched, latents(final)[0]) > 1e-4


def test_the_branch_is_planned_with_and_runs_as_it_is_while_the_blocks_are_compiled(
    final: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its matrices are others in each block: compiled, it would be a graph for each.
    model = final.model(Steps())
    spare: list[int] = []
    usual = model.residency.bring

    def bring(*names: str, **given: Any) -> None:
        if "transformer" in names:
            spare.append(given["spare"])
        usual(*names, **given)

    class NoCompiler:
        def clip(self, device: str, tokens: int, *_: Any) -> Any:
            assert tokens == 5 * 4, "only the first stage"
            from videogen.pipelines.ltx2.block import run_block

            class Blocks:
                step_done = staticmethod(lambda: None)
                __call__ = staticmethod(run_block)

            return Blocks()

    monkeypatch.setattr(model.residency, "bring", bring)
    monkeypatch.setattr(model, "compiler", NoCompiler())
    monkeypatch.setattr(model, "own_loop", True)
    latents(final)
    from videogen.pipelines.ltx2.residency import activation_bytes

    assert model.branch.nbytes == 4 * (4 * (64 + 64) + 4 * (64 + 256))
    assert spare == [
        activation_bytes(5 * 4, own_loop=True),
        activation_bytes(5 * 16, own_loop=True) + model.branch.nbytes,
    ]


def test_a_branch_equals_weights_that_it_is_fused_into() -> None:
    transformer = small_ltx.transformer()
    layer = transformer.transformer_blocks[0].attn1.to_q
    generator = torch.Generator().manual_seed(1)
    down, up = torch.randn((4, 64), generator=generator), torch.randn((64, 4), generator=generator)
    name = "transformer_blocks.0.attn1.to_q"
    given = torch.randn((1, 3, 64), generator=generator)
    branch = SideBranch(transformer, {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}, strength=0.5)
    with torch.no_grad():
        before = layer(given)
        with branch:
            beside = layer(given)
        assert torch.equal(layer(given), before)
        layer.weight += 0.5 * up @ down
        torch.testing.assert_close(beside, layer(given))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({"layer": "transformer_blocks.99.attn1.to_q"}, "could not be loaded"),
        ({"width": 32}, "could not be loaded"),
    ],
)
def test_the_lora_of_another_model_is_refused(
    two_stages: ModelSettings, tmp_path: Path, made: dict[str, Any], words: str
) -> None:
    lora = small_ltx.save_lora(tmp_path / "lora", **made)
    with pytest.raises(GenerationError) as failed:
        Ltx23Final(replace(two_stages, ltx_distilled_lora=Checkpoint(str(lora)))).model(Steps())
    assert words in sentence(failed.value.code, failed.value.details)
    LOADED.evict()


def test_the_upsampler_of_another_model_is_refused(two_stages: ModelSettings, tmp_path: Path) -> None:
    other = small_ltx.save_upsampler(tmp_path / "other", channels=64)
    LOADED.evict()
    with pytest.raises(GenerationError) as failed:
        Ltx23Draft(replace(two_stages, ltx_upsampler=Checkpoint(str(other)))).model(Steps())
    assert failed.value.code == "model_unavailable"
    LOADED.evict()


@pytest.mark.parametrize(
    ("asked", "whole"), [((1920, 1080), (1920, 1088)), ((1280, 720), (1280, 768)), ((1280, 704), (1280, 704))]
)
def test_both_sizes_are_on_the_models_grid(asked: tuple[int, int], whole: tuple[int, int]) -> None:
    render = Render.of(small(width=asked[0], height=asked[1]), 64)
    assert render.size == whole
    assert render.halved().size == (whole[0] // 2, whole[1] // 2)
    assert (render.box[2] - render.box[0], render.box[3] - render.box[1]) == asked
    assert render.halved().anchor == render.anchor


def test_a_branch_goes_where_its_streamed_layer_is_brought() -> None:
    # A streamed layer is in host memory when the branch is opened, and on the device when it is called.
    adds = _Adds(torch.ones(2, 6), torch.ones(4, 2), 1.0)
    adds(torch.nn.Linear(6, 4), (torch.empty((1, 6), device="meta"),), torch.empty((1, 4), device="meta"))
    assert (adds._down.device.type, adds._up.device.type) == ("meta", "meta")
