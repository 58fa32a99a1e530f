"""Progress that is true and a cancel that stops at once, on the small checkpoint."""

from itertools import groupby
from typing import Any

import numpy as np
import pytest
import torch

from tests.fixtures.devices import WatchedDevice
from tests.fixtures.ltx import Forwards, Steps, picture, small
from videogen.errors import Cancelled, Interrupted
from videogen.phase import Phase

START, END = picture(1), picture(2)


def test_every_phase_is_told_in_order_and_every_step_counted(ltx: Any) -> None:
    ltx.model(Steps())
    steps = Steps()
    rendering = ltx.generate(small(steps=3), START, END, steps)
    assert [told for told, _ in groupby(steps.told)] == [
        (Phase.ENCODING, 0, 0),
        *((Phase.DENOISING, step, 3) for step in range(4)),
        (Phase.DECODING, 0, 0),
    ]
    list(rendering.frames)
    assert steps.told[-1] == (Phase.DECODING, 1, 1)


def test_loading_is_told_only_when_the_model_is_really_loaded(ltx: Any) -> None:
    from videogen.pipelines.weights.loaded import LOADED

    LOADED.evict()
    steps = Steps()
    ltx.model(steps)
    told = list(steps.told)
    assert told[0] == (Phase.LOADING, 0, 0)
    assert set(told[1:]) == {(Phase.LOADING, 0, 1)}  # of the checkpoint's 30 MB
    ltx.model(steps)
    assert steps.told == told


class Recorder:
    """What happened, in order: device waits and progress reports."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def __call__(self, phase: Phase, step: int = 0, steps: int = 0) -> None:
        self.events.append(f"{phase} {step}")


def test_the_device_is_waited_for_before_a_step_or_a_piece_is_told(ltx: Any, model: Any) -> None:
    usual, recorder = model.device, Recorder()
    model.device = WatchedDevice(recorder.events)
    try:
        list(ltx.generate(small(), START, None, recorder).frames)
    finally:
        model.device = usual
    for at, event in enumerate(recorder.events):
        if event in ("denoising 1", "denoising 2", "decoding 1"):
            assert recorder.events[at - 1] == "waited", recorder.events
    # Before each pass (three a step), after each step, and for the piece.
    assert recorder.events.count("waited") == 2 * 3 + 2 + 1


@pytest.mark.parametrize("error", [Cancelled(), Interrupted()])
@pytest.mark.parametrize("step", [1, 3])
def test_stopping_at_a_step_runs_no_further_forward_and_no_decode(
    ltx: Any, model: Any, step: int, error: Exception
) -> None:
    pipe = model.denoiser
    with (
        Forwards(pipe.transformer) as forwards,
        Forwards(pipe.vae.decoder) as pictures,
        Forwards(pipe.vocoder.vocoder) as sounds,
        pytest.raises(type(error)),
    ):
        ltx.generate(small(steps=5, guidance_scale=1.0), START, END, Steps((Phase.DENOISING, step), error))
    assert len(forwards) == step
    assert len(pictures) == len(sounds) == 0


def test_the_job_after_a_cancelled_one_is_as_if_nothing_had_been(ltx: Any) -> None:
    spec = small(guidance_scale=1.0)
    expected = np.stack(list(ltx.generate(spec, START, END, Steps()).frames))
    with pytest.raises(Cancelled):
        ltx.generate(small(steps=7, width=64), START, END, Steps((Phase.DENOISING, 2), Cancelled()))
    assert np.array_equal(np.stack(list(ltx.generate(spec, START, END, Steps()).frames)), expected)


def test_the_stock_interrupt_would_still_decode(model: Any) -> None:
    # Why stopping is an exception: the library's own flag skips the steps and then decodes.
    def interrupt(pipe: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        pipe._interrupt = True
        return tensors

    text = {"embeds": torch.zeros(1, 128, 96), "attention_mask": torch.ones(1, 128, dtype=torch.int64)}
    with Forwards(model.denoiser.transformer) as forwards, Forwards(model.denoiser.vae.decoder) as pictures:
        model.denoiser(
            **{f"prompt_{name}": value for name, value in text.items()},
            **{f"negative_prompt_{name}": value for name, value in text.items()},
            width=64,
            height=64,
            num_frames=9,
            num_inference_steps=4,
            stg_scale=0.0,
            audio_stg_scale=0.0,
            modality_scale=1.0,
            audio_modality_scale=1.0,
            callback_on_step_end=interrupt,
            output_type="np",
        )
    assert (len(forwards), len(pictures)) == (1, 1)


def test_stopping_while_decoding_yields_no_further_picture(ltx: Any, model: Any) -> None:
    rendering = ltx.generate(small(), START, None, Steps((Phase.DECODING, 1), Cancelled()))
    with pytest.raises(Cancelled):
        next(rendering.frames)
    with pytest.raises(StopIteration):
        next(rendering.frames)


def test_hooks_are_freed_on_every_way_out(ltx: Any, model: Any) -> None:
    freed: list[bool] = []
    pipe = model.denoiser
    free = pipe.maybe_free_model_hooks
    pipe.maybe_free_model_hooks = lambda: (freed.append(True), free())  # the library calls it too, where it ends well
    try:
        with pytest.raises(Cancelled):
            ltx.generate(small(), START, END, Steps((Phase.DENOISING, 1), Cancelled()))
        assert freed == [True]
        with pytest.raises(Cancelled):
            ltx.generate(small(), START, END, Steps((Phase.ENCODING, 0), Cancelled()))
        assert freed == [True, True]
        ltx.generate(small(), START, END, Steps())
        assert len(freed) == 4
    finally:
        del pipe.maybe_free_model_hooks


def test_a_cpu_decodes_in_small_pieces(ltx: Any) -> None:
    steps = Steps()
    clip = ltx.generate(small(width=320, height=192, duration=5, steps=1, guidance_scale=1.0), START, None, steps)
    assert sum(1 for _ in clip.frames) == 120
    assert steps.of(Phase.DECODING)[1:] == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
