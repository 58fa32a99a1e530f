"""Frames and clips by two models in one process, within one budget of device memory."""

import gc
import os
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.fixtures.devices import Gpu
from tests.fixtures.ltx import Steps, picture, small
from videogen import pipelines
from videogen.phase import Phase
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.device.compute import Device
from videogen.pipelines.device.memory import GIB, Mode
from videogen.pipelines.weights import loaded
from videogen.pipelines.weights.loaded import LOADED
from videogen.specs import FrameSpec

FULL_SIZE = {  # bytes in bfloat16 by class of the part
    "Gemma3ForConditionalGeneration": 24.4e9,
    "LTX2TextConnectors": 6.3e9,
    "LTX2VideoTransformer3DModel": 38e9,
    "AutoencoderKLLTX2Video": 1.5e9,
    "AutoencoderKLLTX2Audio": 0.2e9,
    "LTX2VocoderWithBWE": 0.3e9,
    "Qwen3ForCausalLM": 8e9,
    "Flux2Transformer2DModel": 7.8e9,
    "AutoencoderKLFlux2": 0.2e9,
}
FRAME = FrameSpec(model="flux2-klein", prompt="a fox", role="start", seed=5, width=64, height=64)


class Card(Gpu):
    """A GPU with 48 GiB to be had."""

    @property
    def memory(self) -> int | None:
        return 48 * GIB


def full_size(part: torch.nn.Module) -> int:
    return int(FULL_SIZE[type(part).__name__])


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One card, and parts as large as the real ones."""
    for module in ("image.model", "ltx2.residency", "ltx2.checkpoint"):
        monkeypatch.setattr(f"videogen.pipelines.{module}.part_bytes", full_size)
    monkeypatch.setattr(Device, "choose", lambda name: Card())
    monkeypatch.setattr(loaded, "host_memory", lambda: 256 * GIB)
    LOADED.evict()
    yield
    LOADED.evict()


@pytest.fixture
def both(tmp_path: Path, ltx_folder: Path) -> tuple[Any, Any]:
    from tests.fixtures import small_flux
    from videogen.pipelines.image.flux2_klein import Flux2KleinFrame
    from videogen.pipelines.ltx2.video import Ltx23Video

    klein = small_flux.save_klein(tmp_path / "klein")
    settings = ModelSettings(
        ltx=Checkpoint(str(ltx_folder)), flux=Checkpoint(str(klein)), device="cuda", compiles=False
    )
    return Flux2KleinFrame(settings), Ltx23Video(settings)


def held(klein: Any, ltx: Any) -> int:
    """Bytes of weights on the card."""
    on_card = 0 if klein._away else klein.nbytes
    return on_card + sum(ltx.residency.sizes[name] for name in ltx.residency.present)


def test_a_frame_then_a_clip_then_a_frame_fit_into_48_gib_without_a_lower_mode(card: None, both: Any) -> None:
    frames, clips = both
    first = frames.generate(FRAME, [], Steps())
    klein = frames.model(Steps())
    most: list[int] = []

    def watch(phase: Any, step: int = 0, steps: int = 0) -> None:
        if phase is not Phase.LOADING:
            most.append(held(klein, loaded_ltx()))

    def loaded_ltx() -> Any:
        return LOADED._slots["video"].model

    list(clips.generate(small(steps=1), picture(1), None, watch).frames)
    ltx = loaded_ltx()
    assert (klein.mode, ltx.residency.mode) == (Mode.RESIDENT, Mode.OFFLOAD)
    assert most
    assert max(most) < 48 * GIB
    again = frames.generate(FRAME, [], Steps())
    assert (again.pixels == first.pixels).all()
    assert frames.model(Steps()) is klein  # not loaded anew
    assert held(klein, ltx) < 48 * GIB
    assert (klein.mode, ltx.residency.mode) == (Mode.RESIDENT, Mode.OFFLOAD)


def test_a_host_that_cannot_hold_both_models_keeps_one(card: None, both: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    frames, clips = both
    monkeypatch.setattr(loaded, "host_memory", lambda: 16 * GIB)
    weights = weakref.ref(frames.model(Steps()).pipe.transformer)
    clips.model(Steps())
    gc.collect()
    assert weights() is None


def test_the_memory_of_a_gpu_is_asked_for_in_segments_that_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTORCH_ALLOC_CONF", raising=False)
    pipelines._instance.__wrapped__("videogen.pipelines.animatic.AnimaticVideo")
    assert os.environ["PYTORCH_ALLOC_CONF"] == "expandable_segments:True"
    monkeypatch.setenv("PYTORCH_ALLOC_CONF", "backend:native")  # somebody's own
    pipelines._instance.__wrapped__("videogen.pipelines.animatic.AnimaticVideo")
    assert os.environ["PYTORCH_ALLOC_CONF"] == "backend:native"
