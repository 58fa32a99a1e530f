"""Frames by FLUX.2 klein, and by a plain text-to-image model, on small checkpoints."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.fixtures.ltx import Forwards, Full, Steps, picture
from videogen.errors import Cancelled, GenerationError
from videogen.phase import Phase
from videogen.pipelines.base import Picture
from videogen.pipelines.config import Checkpoint, ModelSettings
from videogen.pipelines.image.references import as_reference, described_prompt, in_order, keyed_prompt
from videogen.specs import FrameSpec

SPEC = FrameSpec(
    model="flux2-klein", prompt="Bo waits for Mara on Gull Rock", role="start", seed=5, width=118, height=70
)

MARA = Picture("character", "Mara", "a young keeper in a yellow raincoat", picture(1, 96, 96))
BO = Picture("character", "Bo", "a grey dog", picture(2, 64, 128))
ROCK = Picture("location", "Gull Rock", "a lighthouse at dusk", picture(3, 160, 96))
START = Picture("start_frame", "", "", picture(4, 160, 96))


@pytest.fixture(scope="session")
def klein_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.fixtures import small_flux

    return small_flux.save_klein(tmp_path_factory.mktemp("klein"))


@pytest.fixture
def klein(klein_folder: Path) -> Any:
    from videogen.pipelines.image.flux2_klein import Flux2KleinFrame

    return Flux2KleinFrame(ModelSettings(flux=Checkpoint(str(klein_folder)), device="cpu"))


def references(frame: Any, spec: FrameSpec, pictures: list[Picture]) -> list[tuple[int, int]]:
    """The sizes, (width, height), of the pictures the model's encoder reads, in order."""
    model = frame.model(Steps())
    with Forwards(model.pipe.vae.encoder) as encoder:
        seen: list[tuple[int, int]] = []
        handle = model.pipe.vae.encoder.register_forward_pre_hook(
            lambda _module, args: seen.append((args[0].shape[3], args[0].shape[2]))
        )
        frame.generate(spec, pictures, Steps())
        handle.remove()
    assert len(encoder) == len(seen)
    return seen


def test_references_reach_the_model_in_the_order_the_prompt_names_them(klein: Any) -> None:
    assert references(klein, SPEC, [ROCK, MARA, BO]) == [(64, 128), (96, 96), (160, 96)]
    other = SPEC.replace(prompt="On gull rock, Mara calls BO")
    assert references(klein, other, [BO, MARA, ROCK]) == [(160, 96), (96, 96), (64, 128)]


def test_an_end_frame_has_its_start_frame_first(klein: Any) -> None:
    start = replace(START, image=picture(4, 128, 64))
    end = SPEC.replace(role="end")
    assert references(klein, end, [ROCK, MARA, BO, start]) == [(128, 64), (64, 128), (96, 96), (160, 96)]


def test_what_the_prompt_does_not_name_comes_last_as_it_came() -> None:
    assert in_order([ROCK, BO, MARA], "Maras lamp, Bobby and nobody") == [ROCK, BO, MARA]
    assert in_order([ROCK, BO, MARA], "Mara!") == [MARA, ROCK, BO]


def test_the_prompt_says_which_reference_is_what_and_describes_those_without_a_picture() -> None:
    unseen = replace(MARA, image=None)
    assert keyed_prompt("They run.", [START, unseen, BO, ROCK]) == (
        "They run.\n"
        "Image 1 is how the shot begins: keep its place, people, light and style.\n"
        "Mara: a young keeper in a yellow raincoat.\n"
        "Image 2 shows Bo.\n"
        "Image 3 shows the place Gull Rock."
    )


def test_a_frame_has_exactly_the_asked_size_and_the_seed_fixes_it(klein: Any) -> None:
    first = klein.generate(SPEC, [MARA], Steps()).pixels
    assert first.shape == (70, 118, 3)
    assert first.dtype == np.uint8
    assert first.std() > 0
    assert np.array_equal(first, klein.generate(SPEC, [MARA], Steps()).pixels)
    assert not np.array_equal(first, klein.generate(SPEC.replace(seed=6), [MARA], Steps()).pixels)
    assert not np.array_equal(first, klein.generate(SPEC, [BO], Steps()).pixels)


def test_a_frame_without_any_picture_is_drawn_from_the_words(klein: Any) -> None:
    assert klein.generate(SPEC, [replace(MARA, image=None)], Steps()).pixels.shape == (70, 118, 3)


def test_the_steps_of_a_frame_are_counted_truly(klein: Any) -> None:
    klein.model(Steps())
    steps = Steps()
    klein.generate(SPEC, [], steps)
    assert steps.told == [
        (Phase.ENCODING, 0, 0),
        *((Phase.DENOISING, step, 4) for step in range(5)),
        (Phase.DECODING, 0, 0),
    ]


def test_a_cancelled_frame_is_not_decoded_and_the_next_is_made(klein: Any) -> None:
    model = klein.model(Steps())
    with (
        Forwards(model.pipe.transformer) as forwards,
        Forwards(model.pipe.vae.decoder) as decoder,
        pytest.raises(Cancelled),
    ):
        klein.generate(SPEC, [MARA], Steps((Phase.DENOISING, 2), Cancelled()))
    assert (len(forwards), len(decoder)) == (2, 0)
    assert klein.generate(SPEC, [MARA], Steps()).pixels.shape == (70, 118, 3)


def test_a_checkpoint_that_is_not_distilled_takes_the_persons_steps_and_guidance(tmp_path: Path) -> None:
    from tests.fixtures import small_flux
    from videogen.pipelines.image.flux2_klein import Flux2KleinFrame

    small_flux.save_klein(tmp_path / "base", distilled=False)
    frame = Flux2KleinFrame(ModelSettings(flux=Checkpoint(str(tmp_path / "base")), device="cpu"))
    model = frame.model(Steps())
    with Forwards(model.pipe.transformer) as forwards:
        frame.generate(SPEC.replace(steps=3, guidance_scale=4.0), [], Steps())
    assert len(forwards) == 6


def test_a_prompt_that_would_be_cut_off_is_refused(klein: Any) -> None:
    with pytest.raises(GenerationError) as refused:
        klein.generate(SPEC.replace(prompt="\N{BLACK SUN WITH RAYS}" * 300), [], Steps())
    assert refused.value.code == "prompt_too_long"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((96, 96), (96, 96)),
        ((100, 70), (96, 64)),
        ((4000, 3000), (1168, 880)),
        ((30, 400), (64, 112)),
        ((20, 20), (64, 64)),
    ],
)
def test_a_reference_is_bounded_and_on_the_grid(size: tuple[int, int], expected: tuple[int, int]) -> None:
    found = as_reference(Image.new("RGB", size, "teal"))
    assert found.size == expected
    assert found.width * found.height <= 1024 * 1024
    assert found.getextrema() == ((0, 0), (128, 128), (128, 128))


def test_a_cut_out_stands_on_grey() -> None:
    cut_out = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert as_reference(cut_out).getpixel((5, 5)) == (128, 128, 128)


def test_a_plain_model_draws_and_is_told_of_the_pictures_in_words(tmp_path: Path) -> None:
    from tests.fixtures import small_flux
    from videogen.pipelines.image.text_to_image import TextToImageFrame

    frame = TextToImageFrame(
        ModelSettings(flux=Checkpoint(str(small_flux.save_plain(tmp_path / "plain"))), device="cpu")
    )
    steps = Steps()
    drawn = frame.generate(SPEC.replace(prompt="fox", steps=2), [replace(BO, description="dog")], steps)
    assert drawn.pixels.shape == (70, 118, 3)
    assert steps.of(Phase.DENOISING) == [(0, 2), (1, 2), (2, 2)]
    assert described_prompt("fox", [BO, START]) == "fox\nBo: a grey dog."


def test_a_plain_model_refuses_a_prompt_that_it_would_cut_off(tmp_path: Path) -> None:
    from tests.fixtures import small_flux
    from videogen.pipelines.image.text_to_image import TextToImageFrame

    frame = TextToImageFrame(
        ModelSettings(flux=Checkpoint(str(small_flux.save_plain(tmp_path / "plain"))), device="cpu")
    )
    for changes in ({"prompt": "x" * 90}, {"prompt": "fox", "negative_prompt": "x" * 90}):
        with pytest.raises(GenerationError) as refused:
            frame.generate(SPEC.replace(**changes), [], Steps())
        assert (refused.value.code, refused.value.details["limit"]) == ("prompt_too_long", 77)


def test_a_frame_that_does_not_fit_names_the_largest_that_did(klein: Any) -> None:
    from videogen.pipelines.weights.loaded import LOADED

    LOADED.evict()  # a model that has made nothing larger yet
    model = klein.model(Steps())
    klein.generate(SPEC, [], Steps())
    with Full(model.pipe.transformer, lambda args, kwargs: False), pytest.raises(GenerationError) as failed:
        klein.generate(SPEC.replace(width=256, height=256), [], Steps())
    assert failed.value.code == "out_of_memory"
    assert failed.value.details == {"asked": "256 × 256", "fits": "The largest known to fit here is 118 × 70."}
    assert klein.generate(SPEC, [], Steps()).pixels.shape == (70, 118, 3)


def test_a_frame_is_the_centre_of_what_was_drawn(klein: Any) -> None:
    whole = klein.generate(SPEC.replace(width=128, height=80), [MARA], Steps()).pixels
    assert np.array_equal(klein.generate(SPEC, [MARA], Steps()).pixels, whole[5:75, 5:123])


def test_a_model_that_draws_another_size_than_asked_is_noticed(klein: Any) -> None:
    decoder = klein.model(Steps()).pipe.vae.decoder
    handle = decoder.register_forward_hook(lambda _module, _args, drawn: drawn[..., :-16, :])
    try:
        with pytest.raises(RuntimeError, match=r"drew \(128, 64\) and was asked for \(128, 80\)"):
            klein.generate(SPEC, [], Steps())
    finally:
        handle.remove()


def test_a_frame_without_a_seed_is_refused(klein: Any) -> None:
    with pytest.raises(ValueError, match="seed"):
        klein.generate(SPEC.replace(seed=None), [], Steps())


def test_the_device_is_waited_for_before_a_step_of_a_frame_is_told(klein: Any) -> None:
    from tests.fixtures.devices import WatchedDevice

    told: list[str] = []
    model = klein.model(Steps())
    usual, model.device = model.device, WatchedDevice(told)
    try:
        klein.generate(SPEC, [], lambda phase, step=0, steps=0: told.append(f"{phase} {step}"))
    finally:
        model.device = usual
    counted = [event for step in range(1, 5) for event in ("waited", f"denoising {step}")]
    assert told == ["encoding 0", "denoising 0", *counted, "decoding 0"]


def test_hooks_are_freed_after_a_frame_that_was_stopped(klein: Any) -> None:
    pipe = klein.model(Steps()).pipe
    freed: list[bool] = []
    free = pipe.maybe_free_model_hooks
    pipe.maybe_free_model_hooks = lambda: (freed.append(True), free())  # the library calls it too, where it ends well
    try:
        with pytest.raises(Cancelled):
            klein.generate(SPEC, [], Steps((Phase.DENOISING, 1), Cancelled()))
    finally:
        del pipe.maybe_free_model_hooks
    assert freed == [True]


def test_a_frame_that_does_not_fit_is_tried_once_in_a_mode_that_needs_less(klein_folder: Path) -> None:
    from diffusers import Flux2KleinPipeline

    from tests.fixtures.devices import Gpu
    from videogen.pipelines.device.memory import Mode
    from videogen.pipelines.image.model import ImageModel

    model = ImageModel.load(Flux2KleinPipeline, klein_folder, Gpu(), "resident", "flux2-klein", Steps())
    given = {"prompt": "a fox", "guidance_scale": 1.0}
    expected = model.draw(SPEC, Steps(), 2, **given)
    with Full(model.pipe.transformer, lambda args, kwargs: model.mode is not Mode.RESIDENT) as full:
        drawn = model.draw(SPEC, Steps(), 2, **given)
    assert full.refused == 1
    assert model.mode is Mode.OFFLOAD
    assert np.array_equal(drawn.pixels, expected.pixels)


def test_pickled_weights_of_a_frame_model_are_not_read(klein_folder: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from videogen.pipelines.image.flux2_klein import Flux2KleinFrame

    copy = Path(shutil.copytree(klein_folder, tmp_path / "copy"))
    (weights,) = (copy / "transformer").glob("*.safetensors")
    torch.save(load_file(weights), copy / "transformer" / "diffusion_pytorch_model.bin")
    weights.unlink()
    with pytest.raises(GenerationError) as failed:
        Flux2KleinFrame(ModelSettings(flux=Checkpoint(str(copy)), device="cpu")).model(Steps())
    assert failed.value.code == "model_unavailable"


def test_code_in_the_checkpoint_of_a_frame_model_is_not_run(klein_folder: Path, tmp_path: Path) -> None:
    from videogen.pipelines.image.flux2_klein import Flux2KleinFrame

    copy = Path(shutil.copytree(klein_folder, tmp_path / "copy"))
    (copy / "transformer" / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Mine: ...\n")
    index = json.loads((copy / "model_index.json").read_text())
    index["transformer"] = ["mine", "Mine"]
    (copy / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(GenerationError) as failed:
        Flux2KleinFrame(ModelSettings(flux=Checkpoint(str(copy)), device="cpu")).model(Steps())
    assert failed.value.code == "model_unavailable"
    assert not (tmp_path / "ran").exists()
