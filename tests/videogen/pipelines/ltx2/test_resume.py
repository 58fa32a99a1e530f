"""A clip that was interrupted goes on where it was, and is the same to the last byte."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.fixtures import small_ltx
from tests.fixtures.ltx import Forwards, Steps, picture, small
from videogen.errors import Interrupted
from videogen.phase import Phase
from videogen.pipelines.config import Checkpoint, Lora, ModelSettings
from videogen.pipelines.ltx2 import resume
from videogen.pipelines.ltx2.render import Render
from videogen.pipelines.ltx2.resume import MOST_BYTES, Point, Resume
from videogen.pipelines.ltx2.two_stage import Ltx23Draft, Ltx23Final
from videogen.pipelines.ltx2.video import Ltx23Video
from videogen.pipelines.weights.loaded import LOADED
from videogen.specs import DURATION_RANGE, FRAME_RATES, LoraUse

START, END = picture(1), picture(2)
SPEC = small(steps=6)
PASSES = 3  # forwards of a step with the default guidance, by the library: two samples at once, and two alone


class InFile:
    """Kept in a file of the test. full: as a disk without room."""

    def __init__(self, path: Path) -> None:
        self.path, self.full = path, False

    def keep(self, state: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.path.write_bytes(state)


@pytest.fixture
def kept(tmp_path: Path) -> InFile:
    return InFile(tmp_path / "state")


@pytest.fixture(scope="module")
def everything(model_settings: ModelSettings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelSettings]:
    folder = tmp_path_factory.mktemp("resume")
    yield replace(
        model_settings,
        ltx_upsampler=Checkpoint(str(small_ltx.save_upsampler(folder / "upsampler"))),
        ltx_distilled_lora=Checkpoint(str(small_ltx.save_lora(folder / "lora"))),
    )
    LOADED.evict()


@pytest.fixture(autouse=True)
def _every_step_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resume, "SHARE", 0)


def made(pipeline: Any, kept: Any = None, on_step: Any = None, **changes: Any) -> tuple[torch.Tensor, torch.Tensor]:
    spec = SPEC.replace(**changes)
    model = pipeline.model(Steps())
    found = pipeline._latents(model, spec, pipeline.render(spec), START, END, on_step or Steps(), kept=kept)
    return found[0], found[1]


def interrupted(pipeline: Any, kept: Any, after: int, **changes: Any) -> None:
    with pytest.raises(Interrupted):
        made(pipeline, kept, Steps((Phase.DENOISING, after), Interrupted()), **changes)


@pytest.mark.parametrize(
    ("kind", "after", "left"),
    [
        (Ltx23Video, 4, 3 * PASSES),  # told that four are done, of which three were kept
        (Ltx23Final, 4, 3 * PASSES + 3),
        (Ltx23Final, 7, 3),  # the first step of the second stage was not kept yet: the end of the first was
        (Ltx23Final, 9, 1),
        (Ltx23Draft, 10, 2),
    ],
    ids=["one stage", "first of two", "between the two", "second of two", "draft"],
)
def test_an_interrupted_clip_goes_on_and_equals_an_undisturbed_one(
    everything: ModelSettings, kept: InFile, kind: Any, after: int, left: int
) -> None:
    # Catches a step done twice or left out, a stage begun with the wrong noise, a frame that no longer holds.
    pipeline = kind(everything)
    whole = made(pipeline)
    interrupted(pipeline, kept, after)
    steps = Steps()
    with Forwards(pipeline.model(Steps()).denoiser.transformer) as forwards:
        again = made(pipeline, kept, steps)
    assert len(forwards) == left
    assert torch.equal(again[0], whole[0])
    assert torch.equal(again[1], whole[1])
    assert steps.of(Phase.DENOISING)[0][0] == after - 1  # the bar goes on, too


def test_our_own_loop_goes_on_as_well(everything: ModelSettings, kept: InFile) -> None:
    pipeline = Ltx23Video(everything)
    model = pipeline.model(Steps())
    model.own_loop = True
    try:
        whole = made(pipeline)
        interrupted(pipeline, kept, 4)
        again = made(pipeline, kept)
    finally:
        model.own_loop = False
    assert torch.equal(again[0], whole[0])
    assert torch.equal(again[1], whole[1])


def test_a_clip_that_was_lost_while_decoding_runs_no_step_again(everything: ModelSettings, kept: InFile) -> None:
    pipeline = Ltx23Video(everything)
    whole = made(pipeline, kept)
    with Forwards(pipeline.model(Steps()).denoiser.transformer) as forwards:
        again = made(pipeline, kept)
    assert len(forwards) == 0
    assert torch.equal(again[0], whole[0])
    assert torch.equal(again[1], whole[1])


@pytest.mark.parametrize("changed", ["prompt", "frame", "torch", "ours", "weights", "cut short"])
def test_what_was_kept_of_anything_else_is_not_gone_on_with(
    everything: ModelSettings, kept: InFile, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    # Catches a clip that is half of one and half of another.
    pipeline = Ltx23Video(everything)
    interrupted(pipeline, kept, 5)
    changes = {"prompt": "a heron"} if changed == "prompt" else {}
    model = pipeline.model(Steps())
    if changed == "frame":
        monkeypatch.setitem(globals(), "START", picture(3))
    elif changed == "torch":
        monkeypatch.setattr(torch, "__version__", "0.0")
    elif changed == "ours":
        monkeypatch.setattr(resume, "VERSION", resume.VERSION + 1)
    elif changed == "weights":
        monkeypatch.setattr(model, "contents", model.contents | {"vae": ("another",)})
    elif changed == "cut short":
        kept.path.write_bytes(kept.path.read_bytes()[:-100])
    with Forwards(model.denoiser.transformer) as forwards:
        made(pipeline, kept, **changes)
    assert len(forwards) == 6 * PASSES


@pytest.mark.parametrize("replaced", ["LoRA", "LoRA of the second stage", "upsampler", "nothing"])
def test_what_another_worker_has_under_the_same_names_makes_another_clip(
    everything: ModelSettings, kept: InFile, tmp_path: Path, replaced: str
) -> None:
    # Catches half a clip by one file and half by another, where the web server had no file to take the hash of.
    def place(name: str, content: Path, other: Path) -> Checkpoint:
        return Checkpoint(str(other if replaced == name else content))

    ink = small_ltx.save_lora(tmp_path / "ink"), small_ltx.save_lora(tmp_path / "a", "transformer_blocks.1.attn1.to_q")
    shutil.copytree(ink[1], tmp_path / "b")
    second = small_ltx.save_lora(tmp_path / "second"), tmp_path / "b"
    larger = small_ltx.save_upsampler(tmp_path / "c"), small_ltx.save_upsampler(tmp_path / "d")
    changes = {"loras": (LoraUse(name="ink", strength=0.5),)}
    before = replace(
        everything,
        ltx_loras=(Lora("ink", Checkpoint(str(ink[0]))),),
        ltx_distilled_lora=Checkpoint(str(second[0])),
        ltx_upsampler=Checkpoint(str(larger[0])),
    )
    after = replace(
        before,
        ltx_loras=(Lora("ink", place("LoRA", *ink)),),
        ltx_distilled_lora=place("LoRA of the second stage", *second),
        ltx_upsampler=place("upsampler", *larger),
    )
    LOADED.evict()
    interrupted(Ltx23Final(before), kept, 5, **changes)
    LOADED.evict()  # as in another process
    again = Ltx23Final(after)
    with Forwards(again.model(Steps()).denoiser.transformer) as forwards:
        made(again, kept, **changes)
    LOADED.evict()
    assert len(forwards) == (6 - 4 if replaced == "nothing" else 6) * PASSES + 3


def test_a_clip_with_steps_without_guidance_goes_on_at_one_with_it(everything: ModelSettings, kept: InFile) -> None:
    # Catches a clip that goes on without what the last guided step said.
    pipeline = Ltx23Video(replace(everything, skip_step=1))
    whole = made(pipeline)
    interrupted(pipeline, kept, 6)  # told that six are done; five were, and kept is what stands before a guided one
    with Forwards(pipeline.model(Steps()).denoiser.transformer.transformer_blocks[3].ff) as last:
        again = made(pipeline, kept)
    assert len(last) == 4 + 1
    assert torch.equal(again[0], whole[0])
    assert torch.equal(again[1], whole[1])
    with Forwards(pipeline.model(Steps()).denoiser.transformer) as forwards:
        made(Ltx23Video(everything), kept)
    assert len(forwards) == 6 * PASSES  # what was kept with the shortcut is not gone on with without it


def test_the_kept_latents_of_the_largest_clip_are_bounded() -> None:
    tokens = Render.of(small(width=1920, height=1080, duration=DURATION_RANGE[-1], frame_rate=FRAME_RATES[-1])).tokens
    sound = 250 * 128
    assert 32 * 10**6 < 4 * (tokens * 128 + sound) < MOST_BYTES - 100_000


# --- How often ---------------------------------------------------------------------------------------------------


class Disk:
    """A clock, and a file that takes `seconds` to keep."""

    def __init__(self, seconds: float, path: Path) -> None:
        self.path, self.seconds, self.now, self.times = path, seconds, 0.0, []

    def keep(self, state: bytes) -> None:
        self.now += self.seconds
        self.times.append(self.now)


def steps_kept(disk: Disk, step_seconds: float, steps: int) -> list[int]:
    """The steps after which something was kept."""
    kept: list[int] = []
    point = Point(0, 0, torch.zeros(1), torch.zeros(1), torch.zeros(1))
    state = Resume(disk, lambda: "hash", steps, lambda: disk.now)
    for step in range(1, steps + 1):
        disk.now += step_seconds
        before = len(disk.times)
        state.step_done(lambda: point, step, last=step == steps)
        kept += [step] * (len(disk.times) - before)
    return kept


def test_long_steps_are_kept_one_by_one_and_short_ones_cost_a_twentieth(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(resume, "SHARE", 20)
    slow, quick = Disk(0.3, tmp_path / "a"), Disk(0.3, tmp_path / "b")
    assert steps_kept(slow, 8.0, 30) == list(range(10, 31))  # from a third on
    assert steps_kept(quick, 0.5, 30) == [10, 22, 30]  # 0.3 s in 6, and the last


def test_a_full_disk_does_not_end_the_clip(everything: ModelSettings, kept: InFile) -> None:
    kept.full = True
    made(Ltx23Video(everything), kept)
    assert not kept.path.exists()
