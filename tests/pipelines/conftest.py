"""A small checkpoint made once a session, and what the tests of the diffusion pipelines share."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from videogen.pipelines.base import Phase
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.specs import VideoSpec

SMALL = VideoSpec(
    model="ltx2.3",
    prompt="a fox runs through tall grass",
    negative_prompt="blurry",
    duration=1,
    frame_rate=24,
    steps=2,
    seed=11,
    width=128,
    height=64,
)


class Steps:
    """An on_step that writes down what it is told, and may raise at one place."""

    def __init__(self, raise_at: tuple[Phase, int] | None = None, error: Exception | None = None) -> None:
        self.told: list[tuple[Phase, int, int]] = []
        self.raise_at = raise_at
        self.error = error

    def __call__(self, phase: Phase, step: int = 0, steps: int = 0) -> None:
        self.told.append((phase, step, steps))
        if self.error is not None and (phase, step) == self.raise_at:
            raise self.error

    def of(self, phase: Phase) -> list[tuple[int, int]]:
        return [(step, steps) for told, step, steps in self.told if told is phase]


class Forwards:
    """Counts the forward passes of a module and the samples in them, and keeps the arguments it was given."""

    def __init__(self, module: Any) -> None:
        self.calls: list[dict[str, Any]] = []
        self.samples = 0
        self._handle = module.register_forward_pre_hook(self._seen, with_kwargs=True)

    def _seen(self, _module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.calls.append(kwargs)
        first = kwargs.get("hidden_states", kwargs.get("input_ids", args[0] if args else None))
        self.samples += len(first)

    def __len__(self) -> int:
        return len(self.calls)

    def __enter__(self) -> "Forwards":
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.remove()


class Full:
    """Makes a module run out of memory from a size on."""

    def __init__(self, module: Any, fits: Any) -> None:
        self.fits, self.refused = fits, 0
        self._handle = module.register_forward_pre_hook(self._check, with_kwargs=True)

    def _check(self, _module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not self.fits(args, kwargs):
            self.refused += 1
            import torch  # the extra ltx: not at the top, where animatic tests need none of it

            raise torch.OutOfMemoryError("full")

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.remove()


def picture(seed: int, width: int = 160, height: int = 96) -> Image.Image:
    """A smooth picture: a gradient with a bright disc, different for every seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack([x / width, y / height, (x + y) / (width + height)], axis=-1) * rng.uniform(0.4, 1.0, 3)
    disc = ((x - rng.integers(width)) ** 2 + (y - rng.integers(height)) ** 2) < (height // 4) ** 2
    base[disc] = rng.uniform(0, 1, 3)
    return Image.fromarray((base * 255).astype(np.uint8))


def small(**changes: Any) -> VideoSpec:
    """The small spec with some fields changed."""
    return replace(SMALL, **changes)


def our_latents(ltx: Any, spec: VideoSpec, start: Image.Image, end: Image.Image | None) -> Any:
    """The latents, (picture, sound), that the pipeline makes for a spec."""
    from videogen.pipelines.ltx2.render import Render

    return ltx._latents(ltx.model(Steps()), spec, Render.of(spec), start, end, Steps())


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Tensors this small are not worth a second thread, and other tests run beside these."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def ltx_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved checkpoint of the LTX-2.3 architecture with random weights."""
    from tests.pipelines import small_ltx

    return small_ltx.save(tmp_path_factory.mktemp("ltx"))


@pytest.fixture(scope="session")
def ltx_distilled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, as the distilled repository is."""
    from tests.pipelines import small_ltx

    return small_ltx.save(tmp_path_factory.mktemp("ltx-distilled"), distilled=True, seed=1)


@pytest.fixture(scope="session")
def model_settings(ltx_folder: Path, ltx_distilled_folder: Path) -> ModelSettings:
    return ModelSettings(
        ltx=Checkpoint(str(ltx_folder)), ltx_distilled=Checkpoint(str(ltx_distilled_folder)), device="cpu"
    )


@pytest.fixture(scope="session")
def kept_ltx(model_settings: ModelSettings) -> Any:
    """The dev pipeline, as a worker keeps it from job to job."""
    from videogen.pipelines.ltx2.video import Ltx23Video

    return Ltx23Video(model_settings)


@pytest.fixture
def ltx(kept_ltx: Any) -> Any:
    """The dev pipeline with an empty prompt cache."""
    from videogen.pipelines.ltx2.prompt_cache import PROMPTS

    PROMPTS.clear()
    return kept_ltx


@pytest.fixture
def model(ltx: Any) -> Any:
    """The loaded checkpoint behind `ltx`."""
    return ltx.model(Steps())
