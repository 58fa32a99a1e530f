"""The compiled block: one graph a form without a break, the same result, and eager until it pays."""

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch._inductor import config as inductor

from tests.fixtures.ltx import Forwards, our_latents, picture, small
from videogen.pipelines.ltx2 import block, compiled
from videogen.pipelines.ltx2.compiled import COST_SECONDS, GAIN, MOST_SHAPES, Compiler, compiled_run_block
from videogen.pipelines.ltx2.passes import Transformer

RUNS = ((0, 4, 0), (4, 8, 1))


@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")  # Inductor's own, where it is imported
def test_each_form_is_one_graph_for_all_blocks_and_equals_the_eager_one(
    ltx: Any, model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By Inductor, as on a GPU. fullgraph fails at a break; a graph for each block would show in the count.
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    # What only makes the C++ fast, and costs time: vectors, a pool. A header compiled beforehand saves a third of it.
    monkeypatch.setattr(inductor.cpp, "simdlen", 1)
    monkeypatch.setattr(inductor, "compile_threads", 1)
    with Forwards(model.denoiser.transformer) as forwards:
        our_latents(ltx, small(steps=1, width=64), picture(1), picture(2))
    call = forwards.calls[1]
    torch.compiler.reset()
    torch._dynamo.utils.counters.clear()
    text = call["encoder_hidden_states"], call["audio_encoder_hidden_states"]
    mask = 1 - call["timestep"].unsqueeze(-1) / call["sigma"][0]
    found = []
    with torch.no_grad():
        for run in (block.run_block, compiled_run_block()):
            loop = Transformer(model.denoiser.transformer, mask, (call["video_coords"], call["audio_coords"]), run=run)
            step = loop.begin(call["hidden_states"], call["audio_hidden_states"], call["sigma"][0])
            plain, kept = loop.plain(step, text, 2)
            found.append([*plain, *loop.perturbed(step, text, 2, kept), *loop.isolated(step, text)])
    for one, other in zip(*found, strict=True):
        assert float((one - other).norm() / one.norm()) < 1e-5
    counters = torch._dynamo.utils.counters
    assert counters["stats"]["unique_graphs"] == 3
    assert not counters["graph_break"]
    torch.compiler.reset()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Made:
    """Stands in for the compiled block and counts."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls, self.error = 0, error

    def __call__(self, *args: Any, **form: bool) -> Any:
        self.calls += 1
        if self.error:
            raise self.error
        return "compiled", "compiled"


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "run_block", lambda *args, **form: ("eager", "eager"))


def steps(compiler: Compiler, clock: Clock, seconds: float, count: int, tokens: int = 8) -> str:
    """A clip of so many steps, each of so many seconds; for each, how it ran."""
    clip = compiler.clip("GPU", tokens, 4, RUNS, count)
    ran = ""
    for _ in range(count):
        ran += clip()[0][0]
        clock.now += seconds
        clip.step_done()
    return ran


def test_a_clip_whose_steps_are_long_compiles_after_the_first_and_a_short_one_does_not(
    tmp_path: Path, eager: None
) -> None:
    clock, made = Clock(), Made()
    compiler = Compiler(tmp_path, lambda: made, clock)
    enough = COST_SECONDS / GAIN / 30
    assert steps(compiler, clock, enough * 1.01, 30) == "e" + "c" * 29
    assert steps(compiler, clock, 1.0, 30, tokens=16) == "e" * 30


def test_a_shape_that_comes_again_and_again_earns_it_and_is_compiled_at_once_in_the_next_process(
    tmp_path: Path, eager: None
) -> None:
    clock = Clock()
    compiler = Compiler(tmp_path, Made, clock)
    ran = [steps(compiler, clock, 1.0, 30) for _ in range(20)]
    first = next(number for number, clip in enumerate(ran) if "c" in clip)
    assert 10 <= first <= 14  # 30 s x 0.15 each, of 60 s
    assert all(clip == "c" * 30 for clip in ran[first + 1 :])
    assert steps(Compiler(tmp_path, Made, clock), clock, 1.0, 3) == "ccc"
    assert steps(Compiler(tmp_path / "other", Made, clock), clock, 1.0, 3) == "eee"
    assert steps(Compiler(tmp_path, Made, clock), clock, 1.0, 3, tokens=9) == "eee"


def test_what_cannot_be_compiled_runs_as_it_is_and_is_not_tried_again(
    tmp_path: Path, eager: None, caplog: pytest.LogCaptureFixture
) -> None:
    clock, made = Clock(), Made(RuntimeError("no C compiler"))
    compiler = Compiler(tmp_path, lambda: made, clock)
    with caplog.at_level(logging.ERROR):
        assert steps(compiler, clock, COST_SECONDS / GAIN, 4) == "eeee"
        assert steps(compiler, clock, COST_SECONDS / GAIN, 4) == "eeee"
    assert made.calls == 1
    assert "LTX_COMPILE=0" in caplog.text
    assert steps(Compiler(tmp_path, Made, clock), clock, 1.0, 2) == "ee"  # and the disk does not say otherwise


def test_a_lack_of_memory_is_not_taken_for_a_failed_compilation(tmp_path: Path, eager: None) -> None:
    clock = Clock()
    compiler = Compiler(tmp_path, lambda: Made(torch.OutOfMemoryError("full")), clock)
    with pytest.raises(torch.OutOfMemoryError):
        steps(compiler, clock, COST_SECONDS / GAIN, 4)


def test_more_shapes_than_there_is_room_for_run_eagerly(tmp_path: Path, eager: None) -> None:
    clock = Clock()
    compiler = Compiler(tmp_path, Made, clock)
    ran = [steps(compiler, clock, COST_SECONDS / GAIN, 2, tokens=tokens) for tokens in range(MOST_SHAPES + 1)]
    assert ran == ["ec"] * MOST_SHAPES + ["ee"]


def test_the_setting_turns_it_off_and_a_cpu_never_compiles(model_settings: Any, settings: Any) -> None:
    from dataclasses import replace

    from tests.fixtures.devices import Gpu
    from videogen.pipelines.config import ModelSettings
    from videogen.pipelines.device.compute import Device
    from videogen.pipelines.ltx2.video import Ltx23Video

    pipeline = Ltx23Video(model_settings)
    assert pipeline.compiler(Gpu()) is not None
    assert pipeline.compiler(Device("cpu")) is None
    assert Ltx23Video(replace(model_settings, compiles=False)).compiler(Gpu()) is None
    settings.LTX_COMPILE = False
    assert not ModelSettings.read().compiles


def test_a_clip_runs_the_block_its_model_has_for_it(ltx: Any, model: Any, tmp_path: Path) -> None:
    counted: list[Any] = []

    def count(*args: Any, **form: bool) -> Any:
        counted.append(form)
        return block.run_block(*args, **form)

    clock = Clock()
    model.compiler = Compiler(tmp_path, lambda: count, clock)
    model.own_loop = True

    def slow(*_: Any, **__: Any) -> None:
        clock.now += COST_SECONDS / GAIN

    try:
        handle = model.denoiser.transformer.proj_out.register_forward_hook(slow)
        made = our_latents(ltx, small(steps=2, width=64), picture(1), None)
        handle.remove()
    finally:
        model.compiler, model.own_loop = None, False
    assert len(counted) == 4 + 4 + 2 + 4  # the second step: two plain passes, half of a perturbed one, an isolated one
    assert torch.isfinite(made[0]).all()
