"""Memory modes, who leaves the device when, and running out of memory."""

import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.fixtures.devices import Gpu, WatchedDevice
from tests.fixtures.ltx import Full, Steps, picture, small
from videogen.errors import GenerationError, sentence
from videogen.phase import Phase
from videogen.pipelines.config import ModelSettings
from videogen.pipelines.device.compute import Device, host_memory, ran_out_of_memory
from videogen.pipelines.device.memory import GIB, KnownSizes, Mode, choose_mode, part_bytes, with_retries
from videogen.pipelines.ltx2 import decode
from videogen.pipelines.ltx2.render import Render
from videogen.pipelines.ltx2.residency import SPARE, Residency, activation_bytes
from videogen.pipelines.ltx2.video import Ltx23Video, _decode_budget, _decode_bytes
from videogen.pipelines.weights.loaded import LOADED

START, END = picture(1), picture(2)
FULL_SIZE = {
    "text_encoder": int(24.4e9),
    "connectors": int(6.3e9),
    "transformer": int(38e9),
    "vae": int(1.5e9),
    "audio_vae": int(0.2e9),
    "vocoder": int(0.3e9),
}


@pytest.mark.parametrize(
    ("memory", "mode"),
    [
        (24, Mode.LOW),
        (40, Mode.LOW),
        (48, Mode.OFFLOAD),
        (80, Mode.OFFLOAD),
        (141, Mode.RESIDENT),
        (None, Mode.RESIDENT),
    ],
)
def test_the_mode_follows_from_the_memory_of_the_device(memory: int | None, mode: Mode) -> None:
    assert choose_mode("auto", FULL_SIZE, memory and memory * GIB) is mode


def test_a_mode_that_is_asked_for_is_taken_and_a_wrong_one_refused() -> None:
    assert choose_mode("low", FULL_SIZE, 141 * GIB) is Mode.LOW
    with pytest.raises(ValueError, match="tiny"):
        choose_mode("tiny", FULL_SIZE, None)


class SmallDevice(Device):
    """A CPU that says it has so much memory of its own."""

    size = 0

    @property
    def memory(self) -> int | None:
        return self.size


def residency(mode: Mode, memory: int) -> Residency:
    device = SmallDevice("cpu")
    device.size = memory
    sizes = {"text_encoder": 24, "connectors": 6, "transformer": 38, "vae": 2}
    parts = {name: torch.nn.Linear(size, 256, bias=False) for name, size in sizes.items()}  # 1 KiB each
    return Residency(parts, device, mode)


def test_parts_leave_only_where_they_must_and_the_largest_first() -> None:
    held = residency(Mode.OFFLOAD, memory=72 * 1024)
    assert held.sizes["transformer"] == part_bytes(held.parts["transformer"]) == 38 * 1024
    held.bring("text_encoder", "connectors", spare=0)
    held.bring("transformer", "vae", spare=0)
    assert held.present == {"text_encoder", "connectors", "transformer", "vae"}
    held.bring("transformer", "vae", spare=20 * 1024)
    assert held.present == {"connectors", "transformer", "vae"}
    held.bring("vae", spare=60 * 1024)
    assert held.present == {"connectors", "vae"}
    held.bring("vae", spare=500 * 1024)
    assert held.present == {"vae"}


def test_a_resident_model_moves_nothing() -> None:
    held = residency(Mode.RESIDENT, memory=1024)
    held.bring("transformer", spare=0)
    held.bring("text_encoder", spare=10**9)
    assert held.present == {"transformer", "text_encoder"}


def test_what_the_others_on_the_card_hold_is_not_planned_with(monkeypatch: pytest.MonkeyPatch) -> None:
    # A card of 80 GiB of which another process has 30, and this one 20 already, 5 of them unused.
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (30 * GIB, 80 * GIB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 20 * GIB)
    assert Device("cuda").memory == 50 * GIB
    assert Device("cpu").memory is None


def test_a_container_has_less_memory_than_its_machine(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    machine = host_memory(limit)  # no such file
    assert machine > GIB // 4
    limit.write_text("max\n")
    assert host_memory(limit) == machine
    limit.write_text("1048576\n")
    assert host_memory(limit) == 2**20


def test_every_remedy_is_tried_once_in_order_and_one_without_effect_costs_no_try() -> None:
    told: list[str] = []

    def full() -> None:
        told.append("tried")
        raise torch.OutOfMemoryError("full")

    def remedy(name: str, helps: bool) -> Any:
        return lambda: (told.append(name), helps)[1]

    remedies = [remedy("free", False), remedy("lower", True), remedy("lowest", True)]
    with pytest.raises(GenerationError):
        with_retries(full, remedies, Device("cpu"), lambda: GenerationError("out_of_memory"))
    assert told == ["tried", "free", "lower", "tried", "lowest", "tried"]


def test_nothing_of_the_first_try_is_alive_when_the_second_begins() -> None:
    told: list[str] = []
    held: list[weakref.ref[torch.Tensor]] = []

    def work() -> None:
        assert all(tensor() is None for tensor in held)
        tensor = torch.zeros(16)
        held.append(weakref.ref(tensor))
        told.append("tried")
        raise torch.OutOfMemoryError("full")

    def lower() -> bool:
        # A mode that needs less moves weights: there must be room for that.
        assert held[0]() is None
        told.append("lower")
        return True

    with pytest.raises(GenerationError):
        with_retries(work, [lower], WatchedDevice(told), lambda: GenerationError("out_of_memory"))
    assert told == ["tried", "memory free", "lower", "tried", "memory free"]


def test_memory_that_only_a_circle_of_references_holds_is_given_back_too() -> None:
    class Holder:
        def __init__(self) -> None:
            self.itself = self

    gone = weakref.ref(Holder())
    Device("cpu").free()
    assert gone() is None


def test_another_error_is_not_taken_for_a_lack_of_memory() -> None:
    def broken() -> None:
        raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes"):
        with_retries(broken, [lambda: True], Device("cpu"), lambda: GenerationError("out_of_memory"))
    assert not ran_out_of_memory(RuntimeError("shapes do not match"))
    assert ran_out_of_memory(MemoryError())
    with pytest.raises(RuntimeError) as exhausted:
        torch.empty(2**60, dtype=torch.uint8)
    assert ran_out_of_memory(exhausted.value)


def test_the_largest_known_size_is_named_only_where_it_is_smaller() -> None:
    known = KnownSizes()
    assert known.advice(10) == "Choose a smaller size or a shorter clip."
    known.record(5, "640 for 1 s")
    known.record(3, "64 for 1 s")
    assert known.advice(10) == "The largest known to fit here is 640 for 1 s."
    assert known.advice(5) == "Choose a smaller size or a shorter clip."


@pytest.fixture
def fresh(model_settings: ModelSettings) -> Any:
    """A pipeline whose model nothing else uses: these tests lower its mode."""
    LOADED.evict()
    yield Ltx23Video(model_settings)
    LOADED.evict()


@pytest.mark.parametrize(
    ("device", "mode", "budget"),
    [
        (Gpu(), Mode.RESIDENT, decode.ROOMY),
        (Gpu(), Mode.OFFLOAD, decode.ROOMY),
        (Gpu(), Mode.LOW, decode.TIGHT),
        (Device("cpu"), Mode.RESIDENT, decode.HOST),
        (Device("cpu"), Mode.LOW, decode.HOST),
    ],
)
def test_the_pieces_of_a_decode_are_as_large_as_the_memory_allows(
    fresh: Any, device: Device, mode: Mode, budget: int
) -> None:
    model = fresh.model(Steps())
    model.device, model.residency.mode = device, mode
    assert _decode_budget(model) == budget


@pytest.mark.parametrize(("missing", "budget"), [(0, decode.WIDE), (1, decode.ROOMY)])
def test_a_card_with_much_free_memory_decodes_in_longer_windows(fresh: Any, missing: int, budget: int) -> None:
    class Card(Gpu):
        @property
        def memory(self) -> int | None:
            held = sum(model.residency.sizes[name] for name in model.residency.present)
            return held + SPARE + 5 * 16 * decode.WIDE - missing

    model = fresh.model(Steps())
    model.residency.bring("vae")
    model.device = model.residency.device = Card()
    assert _decode_budget(model) == budget


@pytest.mark.parametrize("missing", [0, 1])
def test_a_step_and_a_decode_ask_for_the_memory_they_need_beside_the_weights(fresh: Any, missing: int) -> None:
    # With just enough of it every part stays; with a byte less one has to leave.
    model, spec = fresh.model(Steps()), small(steps=1, guidance_scale=1.0)
    render, held, device = Render.of(spec), model.residency, SmallDevice("cpu")
    held.bring(*held.parts)
    held.mode, held.device = Mode.OFFLOAD, device
    device.size = sum(held.sizes.values()) + activation_bytes(render.tokens, own_loop=False) - missing
    _, audio = fresh._latents(model, spec, render, START, None, Steps())
    assert len(held.present) == len(held.parts) - missing
    device.size = sum(held.sizes.values()) + _decode_bytes(render, model) - missing
    for sound in (True, False):  # the pictures are decoded next, whether there is sound or not
        held.bring(*held.parts, spare=0)
        fresh._sound(model, spec.replace(sound=sound), render, audio, lambda: GenerationError("out_of_memory"))
        assert len(held.present) == len(held.parts) - missing


def test_denoising_that_does_not_fit_is_tried_again_in_the_same_mode_without_the_other_parts(fresh: Any) -> None:
    model = fresh.model(Steps())
    expected = np.stack(list(fresh.generate(small(), START, END, Steps()).frames))
    needed = {"transformer", "vae", "audio_vae"}
    steps = Steps()
    with Full(model.denoiser.transformer, lambda args, kwargs: model.residency.present <= needed) as full:
        pictures = np.stack(list(fresh.generate(small(), START, END, steps).frames))
    assert full.refused == 1
    assert model.residency.mode is Mode.RESIDENT
    assert steps.of(Phase.DENOISING) == [(0, 2), (1, 2), (2, 2)]
    assert np.array_equal(pictures, expected)


def test_a_lower_mode_is_for_the_job_that_did_not_fit_and_the_next_has_the_usual_one(fresh: Any) -> None:
    model = fresh.model(Steps())
    expected = np.stack(list(fresh.generate(small(), START, END, Steps()).frames))
    with Full(model.denoiser.transformer, lambda args, kwargs: model.residency.mode is Mode.LOW) as full:
        lowered = np.stack(list(fresh.generate(small(), START, END, Steps()).frames))
    assert full.refused == 2  # as it was, and without the other parts
    assert model.residency.mode is Mode.LOW
    assert np.array_equal(lowered, expected)
    assert np.array_equal(np.stack(list(fresh.generate(small(), START, END, Steps()).frames)), expected)
    assert model.residency.mode is Mode.RESIDENT
    assert "transformer" in model.residency.present
    hooks = [module for module in model.denoiser.transformer.modules() if getattr(module, "_diffusers_hook", None)]
    assert not any(module._diffusers_hook.hooks for module in hooks)


def test_a_clip_that_fits_nowhere_names_the_largest_that_did(fresh: Any) -> None:
    model = fresh.model(Steps())
    list(fresh.generate(small(), START, None, Steps()).frames)
    with (
        Full(model.denoiser.transformer, lambda args, kwargs: kwargs["hidden_states"].shape[1] <= 32) as full,
        pytest.raises(GenerationError) as failed,
    ):
        fresh.generate(small(width=256), START, None, Steps())
    assert full.refused == 3  # as it was, without the other parts, streamed
    assert sentence(failed.value.code, failed.value.details) == (
        "The device ran out of memory at 256 × 64 for 1 s at 24 frames a second. "
        "The largest known to fit here is 128 × 64 for 1 s at 24 frames a second."
    )
    # The next job is as if nothing had been.
    assert len(list(fresh.generate(small(), START, None, Steps()).frames)) == 24


def test_a_decode_that_does_not_fit_is_tried_in_tiles_and_every_picture_delivered(ltx: Any, model: Any) -> None:
    spec = small(width=288, height=288, steps=1, guidance_scale=1.0)
    expected = np.stack(list(ltx.generate(spec, START, None, Steps()).frames))
    model.residency.present.add("transformer")
    with Full(model.denoiser.vae.decoder, lambda args, kwargs: max(args[0].shape[3:]) <= 8) as full:
        pictures = np.stack(list(ltx.generate(spec, START, None, Steps()).frames))
    assert full.refused == 2  # beside the transformer, and alone
    assert pictures.shape == expected.shape
    assert 0 < np.abs(pictures.astype(int) - expected.astype(int)).mean() < 20
    assert model.residency.present == {"vae"}


def test_a_decode_that_fits_in_no_tile_fails_with_the_size(ltx: Any, model: Any) -> None:
    rendering = ltx.generate(small(width=288, height=288, steps=1), START, None, Steps())
    with Full(model.denoiser.vae.decoder, lambda args, kwargs: False), pytest.raises(GenerationError) as failed:
        next(rendering.frames)
    assert failed.value.code == "out_of_memory"
    assert str(failed.value.details["asked"]).startswith("288 × 288")


def test_sound_that_does_not_fit_is_tried_again_alone(ltx: Any, model: Any) -> None:
    with Full(
        model.denoiser.vocoder.vocoder, lambda args, kwargs: "transformer" not in model.residency.present
    ) as full:
        rendering = ltx.generate(small(steps=1), START, None, Steps())
    assert full.refused == 1
    assert rendering.sound is not None


@pytest.mark.parametrize("mode", ["offload", "low"])
def test_every_mode_gives_the_same_latents(model_settings: ModelSettings, ltx: Any, mode: str) -> None:
    from dataclasses import replace

    spec = small()
    expected = ltx._latents(ltx.model(Steps()), spec, Render.of(spec), START, END, Steps())
    other = Ltx23Video(replace(model_settings, memory_mode=mode))
    found = other._latents(other.model(Steps()), spec, Render.of(spec), START, END, Steps())
    for one, two in zip(expected, found, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-5, atol=1e-6)
    LOADED.evict()


def test_going_down_ends_in_streaming_and_no_further(fresh: Any) -> None:
    model = fresh.model(Steps())
    assert model.residency.mode is Mode.RESIDENT
    model.residency.bring(*model.residency.parts)
    assert model.residency.lower()
    assert model.residency.present == set()  # what did not fit may be why the next try would not either
    assert model.residency.mode is Mode.LOW
    assert not model.residency.lower()


@pytest.mark.parametrize(("memory", "locks"), [(64, False), (256, True)])
def test_a_host_that_is_not_much_larger_than_the_weights_keeps_its_pages(
    monkeypatch: pytest.MonkeyPatch, memory: int, locks: bool
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("videogen.pipelines.ltx2.residency.host_memory", lambda: memory * 1024)
    monkeypatch.setattr(
        "videogen.pipelines.ltx2.residency.apply_group_offloading",
        lambda part, **given: asked.append(not given["low_cpu_mem_usage"]),
    )
    assert residency(Mode.LOW, 0).mode is Mode.LOW  # 62 KiB of the two large parts
    assert asked == [locks] * 2
