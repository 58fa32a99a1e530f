"""The LTX-2.3 pipeline on a small checkpoint of the same architecture: anchors, lengths, sizes, seeds."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.fixtures.ltx import Forwards, Steps, our_latents, picture, small
from tests.fixtures.tree import ROOT
from videogen.phase import Phase
from videogen.pipelines.base import Rendering
from videogen.pipelines.config import ModelSettings
from videogen.pipelines.ltx2.guidance import Guidance, stg_blocks

START, END = picture(1), picture(2)
QUIET = Steps()


def taken(rendering: Rendering) -> np.ndarray:
    """All pictures of a clip."""
    return np.stack(list(rendering.frames))


def stock_latents(folder: Path, spec: Any, conditions: list[Any], guidance: Guidance) -> tuple[Any, Any]:
    """What the library's own pipeline makes of the same request."""
    from diffusers import LTX2ConditionPipeline

    from videogen.pipelines.ltx2.render import Render
    from videogen.pipelines.ltx2.schedule import noise_levels, taking_levels_as_given

    pipe = LTX2ConditionPipeline.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    levels = noise_levels(spec.steps, pipe.scheduler.config.shift_terminal)
    pipe.scheduler = taking_levels_as_given(pipe.scheduler)
    render = Render.of(spec)
    return pipe(
        conditions=conditions,
        prompt=spec.prompt,
        negative_prompt=spec.negative_prompt,
        width=render.size[0],
        height=render.size[1],
        num_frames=render.frames,
        frame_rate=float(spec.frame_rate),
        sigmas=levels,
        num_inference_steps=spec.steps,
        spatio_temporal_guidance_blocks=stg_blocks(4),
        generator=torch.Generator().manual_seed(spec.seed),
        output_type="latent",
        return_dict=False,
        **guidance.arguments(),
    )


@pytest.mark.parametrize("scale", [1.0, 3.0])
def test_latents_equal_the_stock_pipelines_with_a_start_frame(ltx: Any, ltx_folder: Path, scale: float) -> None:
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    spec = small(guidance_scale=scale)
    start = START.resize((128, 64))
    video, audio = our_latents(ltx, spec, start, None)
    stock_video, stock_audio = stock_latents(
        ltx_folder, spec, [LTX2VideoCondition(start, 0)], Guidance.for_scale(scale)
    )
    torch.testing.assert_close(video, stock_video, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(audio, stock_audio, rtol=1e-4, atol=1e-5)


def test_latents_equal_the_stock_pipelines_where_the_end_anchors_coincide(ltx: Any, ltx_folder: Path) -> None:
    # 50 pictures: the last, picture 49, begins the last latent, which is where the stock index -1 anchors.
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    spec = small(duration=2, frame_rate=25)
    start, end = START.resize((128, 64)), END.resize((128, 64))
    ours = our_latents(ltx, spec, start, end)
    conditions = [LTX2VideoCondition(start, 0), LTX2VideoCondition(end, -1)]
    stock = stock_latents(ltx_folder, spec, conditions, Guidance.for_scale(spec.guidance_scale))
    for mine, theirs in zip(ours, stock, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_the_stock_anchor_would_miss_the_last_picture_of_a_clip(ltx: Any, ltx_folder: Path) -> None:
    # The guard of the test above: where the anchors differ, so do the latents.
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    spec = small()
    start, end = START.resize((128, 64)), END.resize((128, 64))
    video, _ = our_latents(ltx, spec, start, end)
    conditions = [LTX2VideoCondition(start, 0), LTX2VideoCondition(end, -1)]
    stock, _ = stock_latents(ltx_folder, spec, conditions, Guidance.for_scale(spec.guidance_scale))
    assert (video - stock).abs().max() > 1e-3


MIXTURES = {
    "start .6, end .8": (0.6, 0.8),
    "start alone .6": (0.6, 1.0),
    "end alone .8": (1.0, 0.8),
    "none": (0.0, 0.0),
}


@pytest.mark.parametrize("own_loop", [False, True], ids=["library", "own loop"])
@pytest.mark.parametrize("mixture", MIXTURES)
def test_frames_hold_as_closely_as_in_the_stock_pipeline(
    ltx: Any, model: Any, ltx_folder: Path, mixture: str, own_loop: bool
) -> None:
    # What no other test has: rows of the modulation between given and noisy, and the noise that such tokens begin with.
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    first, last = MIXTURES[mixture]
    spec = small(duration=2, frame_rate=25, start_strength=first, end_strength=last)
    start, end = START.resize((128, 64)), END.resize((128, 64))
    model.own_loop = own_loop
    try:
        ours = our_latents(ltx, spec, start, end)
    finally:
        model.own_loop = False
    conditions = [LTX2VideoCondition(start, 0, strength=first), LTX2VideoCondition(end, -1, strength=last)]
    stock = stock_latents(ltx_folder, spec, conditions, Guidance.for_scale(spec.guidance_scale))
    for mine, theirs in zip(ours, stock, strict=True):
        assert float((mine - theirs).norm() / theirs.norm()) < 1e-5


@pytest.mark.parametrize("own_loop", [False, True], ids=["library", "own loop"])
def test_a_picture_on_the_way_equals_the_stock_pipelines(
    ltx: Any, model: Any, ltx_folder: Path, own_loop: bool
) -> None:
    # Each of several pictures has a place of its own: latent 3 of the stock index begins with picture 17.
    from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

    from videogen.pipelines.ltx2.conditions import Anchor
    from videogen.pipelines.ltx2.video import Ltx23Video

    start, middle, end = (picture(seed).resize((128, 64)) for seed in (1, 3, 2))

    class OnTheWay(Ltx23Video):
        def anchors(self, spec: Any, render: Any, start: Any, end: Any) -> list[Anchor]:
            return [Anchor(0, start), Anchor(17, middle, 0.7), Anchor(49, end)]

    spec = small(duration=2, frame_rate=25)
    model.own_loop = own_loop
    try:
        ours = our_latents(OnTheWay(ltx.settings), spec, start, end)
    finally:
        model.own_loop = False
    conditions = [LTX2VideoCondition(start, 0), LTX2VideoCondition(middle, 3, 0.7), LTX2VideoCondition(end, -1)]
    stock = stock_latents(ltx_folder, spec, conditions, Guidance.for_scale(spec.guidance_scale))
    for mine, theirs in zip(ours, stock, strict=True):
        assert float((mine - theirs).norm() / theirs.norm()) < 1e-5


def test_a_picture_beside_the_clip_or_over_another_is_refused() -> None:
    from videogen.pipelines.ltx2.conditions import Anchor, conditions

    for anchors, words in (
        ([Anchor(0, START), Anchor(25, END)], "no picture 25 among 25"),
        ([Anchor(3, START), Anchor(3, END)], "for the same place"),
    ):
        with pytest.raises(ValueError, match=words):
            conditions(anchors, (64, 64), 25)
    for given, words in (((-1, START), "no picture -1"), ((1, START, 1.01), "from 0 to 1")):
        with pytest.raises(ValueError, match=words):
            Anchor(*given)


@pytest.mark.parametrize("rate", [24, 25, 30])
@pytest.mark.parametrize("seconds", range(1, 9))
def test_the_keyframe_tokens_carry_the_time_of_the_last_delivered_picture(ltx: Any, rate: int, seconds: int) -> None:
    model = ltx.model(Steps())
    spec = small(duration=seconds, frame_rate=rate, steps=1, guidance_scale=1.0, width=64, height=64)
    with Forwards(model.denoiser.transformer) as forwards:
        our_latents(ltx, spec, START, END)
    coordinates = forwards.calls[0]["video_coords"]  # (batch, axis, token, start and end)
    times = coordinates[0, 0, -4:]  # 2 x 2 keyframe tokens come last
    torch.testing.assert_close(times[:, 0] * rate, torch.full((4,), float(rate * seconds - 1)))
    torch.testing.assert_close(times[:, 1] * rate, torch.full((4,), float(rate * seconds)))


def test_an_end_frame_without_its_place_is_refused(ltx: Any, model: Any) -> None:
    # As it is in every clip without an end frame, whatever the clip before it had.
    our_latents(ltx, small(steps=1), START, END)
    our_latents(ltx, small(steps=1), START, None)
    with pytest.raises(RuntimeError, match="without the picture it belongs to"):
        model.denoiser._prepare_keyframe_coords(1, 2, 2, 113, 1, 24.0, torch.device("cpu"))


def test_a_library_that_no_longer_asks_for_the_place_is_noticed(ltx: Any, model: Any) -> None:
    from diffusers import LTX2ConditionPipeline

    pipe = model.denoiser
    our_latents(ltx, small(steps=1), START, END)  # that this one was asked says nothing of the next
    pipe._prepare_keyframe_coords = LTX2ConditionPipeline._prepare_keyframe_coords.__get__(pipe)
    try:
        with pytest.raises(RuntimeError, match="no longer asks where the end frame belongs"):
            our_latents(ltx, small(steps=1), START, END)
    finally:
        del pipe._prepare_keyframe_coords


@pytest.mark.parametrize("broken", ["picture", "sound"])
def test_values_that_are_not_numbers_are_not_delivered(ltx: Any, model: Any, broken: str) -> None:
    factors = [float("nan") if name == broken else 1.0 for name in ("picture", "sound")]
    handle = model.denoiser.transformer.register_forward_hook(
        lambda _module, _args, outputs: tuple(one * factor for one, factor in zip(outputs, factors, strict=True))
    )
    try:
        with pytest.raises(RuntimeError, match="not numbers"):
            ltx.generate(small(steps=1), START, None, QUIET)
    finally:
        handle.remove()


@pytest.mark.parametrize("rate", [24, 25, 30])
def test_a_clip_has_exactly_the_frames_size_and_sound_asked_for(ltx: Any, rate: int) -> None:
    rendering = ltx.generate(small(frame_rate=rate, width=118, height=70), START, END, QUIET)
    pictures = taken(rendering)
    assert pictures.shape == (rate, 70, 118, 3)
    assert pictures.dtype == np.uint8
    assert pictures.std() > 1
    assert rendering.sound is not None
    assert rendering.sound.rate == 48000
    assert rendering.sound.samples.shape == (48000, 2)
    assert rendering.sound.samples.dtype == np.float32
    assert np.abs(rendering.sound.samples).max() <= 1
    assert rendering.sound.samples.std() > 0


def test_the_delivered_picture_is_the_centre_of_the_rendered_one(ltx: Any) -> None:
    whole = taken(ltx.generate(small(width=128, height=96, guidance_scale=1.0), START, None, QUIET))
    cut = taken(ltx.generate(small(width=118, height=70, guidance_scale=1.0), START, None, QUIET))
    assert np.array_equal(cut, whole[:, 13:83, 5:123])


def test_the_same_spec_twice_gives_the_same_bytes_and_another_seed_others(ltx: Any) -> None:
    first, again = (ltx.generate(small(), START, END, QUIET) for _ in range(2))
    assert np.array_equal(taken(first), taken(again))
    assert np.array_equal(first.sound.samples, again.sound.samples)
    other = ltx.generate(small(seed=12), START, END, QUIET)
    assert not np.array_equal(taken(ltx.generate(small(), START, END, QUIET)), taken(other))


ELSEWHERE = """
import hashlib, sys, django, torch
django.setup()
torch.set_num_threads(1)
from tests.fixtures.ltx import Steps, picture, small
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.ltx2.video import Ltx23Video
from tests.fixtures.tree import ROOT
ltx = Ltx23Video(ModelSettings(ltx=Checkpoint(sys.argv[1]), device="cpu"))
rendering = ltx.generate(small(), picture(1), picture(2), Steps())
digest = hashlib.sha256(b"".join(frame.tobytes() for frame in rendering.frames))
digest.update(rendering.sound.samples.tobytes())
print(digest.hexdigest())
"""


def test_another_process_gives_the_same_bytes(ltx: Any, ltx_folder: Path) -> None:
    import hashlib

    rendering = ltx.generate(small(), START, END, QUIET)
    digest = hashlib.sha256(b"".join(frame.tobytes() for frame in rendering.frames))
    digest.update(rendering.sound.samples.tobytes())
    output = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(ltx_folder)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=ROOT,
    )
    assert output.stdout.strip() == digest.hexdigest()


def test_a_seed_does_not_depend_on_what_was_drawn_before(ltx: Any) -> None:
    first = taken(ltx.generate(small(guidance_scale=1.0), START, None, QUIET))
    state = torch.get_rng_state()
    assert not np.array_equal(first, taken(ltx.generate(small(guidance_scale=1.0, seed=12), START, None, QUIET)))
    assert torch.equal(torch.get_rng_state(), state)  # nor does anything drawn later depend on it
    torch.rand(7)
    assert np.array_equal(first, taken(ltx.generate(small(guidance_scale=1.0), START, None, QUIET)))


def test_a_spec_without_a_seed_is_refused(ltx: Any) -> None:
    with pytest.raises(ValueError, match="seed"):
        ltx.generate(small(seed=None), START, None, QUIET)


def test_a_single_step_makes_a_picture_and_not_a_division_by_0(ltx: Any) -> None:
    pictures = taken(ltx.generate(small(steps=1), START, None, QUIET))
    assert pictures.std() > 1


def test_the_start_frame_is_cover_fitted_and_its_centre_kept() -> None:
    from PIL import Image

    from videogen.pipelines.ltx2.conditions import cover

    wide = Image.new("RGBA", (300, 100), "red")
    wide.paste(Image.new("RGBA", (100, 100), "blue"), (100, 0))
    fitted = cover(wide, (64, 64))
    assert fitted.size == (64, 64)
    assert fitted.mode == "RGB"
    assert np.asarray(fitted)[:, 4:-4].reshape(-1, 3).tolist() == [[0, 0, 255]] * (64 * 56)


def test_conditions_reach_the_model_at_the_rendered_size_whatever_was_uploaded(ltx: Any, model: Any) -> None:
    # The recompression inside works on what it is given: a 16 megapixel upload must not get that far.
    with Forwards(model.denoiser.vae.encoder) as encoder:
        our_latents(ltx, small(width=118, height=70, steps=1), picture(3, 640, 100), picture(4, 100, 640))
    assert len(encoder) == 2
    from videogen.pipelines.ltx2.conditions import Anchor, conditions

    given = [Anchor(0, picture(3, 640, 100)), Anchor(23, picture(4, 100, 640))]
    for condition in conditions(given, (128, 96), 25)[0]:
        assert condition.frames.size == (128, 96)
        assert condition.crf == 33
        assert condition.strength == 1.0


def test_the_distilled_model_takes_its_eight_noise_levels_and_no_guidance(model_settings: ModelSettings) -> None:
    from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES

    from videogen.pipelines.ltx2.video import Ltx23DistilledVideo

    draft = Ltx23DistilledVideo(model_settings)
    steps = Steps()
    model = draft.model(steps)
    with Forwards(model.denoiser.transformer) as forwards:
        pictures = taken(draft.generate(small(steps=28, guidance_scale=9.0), START, END, steps))
    assert forwards.samples == len(forwards) == 8
    assert [float(call["sigma"][0]) / 1000 for call in forwards.calls] == pytest.approx(DISTILLED_SIGMA_VALUES)
    assert steps.of(Phase.DENOISING) == [(step, 8) for step in range(9)]
    assert pictures.shape == (24, 64, 128, 3)
