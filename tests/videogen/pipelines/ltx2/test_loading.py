"""Finding, checking and keeping a checkpoint: local files, safetensors, no code of theirs, one model at a time."""

import gc
import json
import os
import shutil
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.fixtures.devices import WatchedDevice
from tests.fixtures.ltx import Steps, picture, small
from videogen.errors import GenerationError, sentence
from videogen.pipelines.config import DEFAULT_LTX, Checkpoint, ModelSettings
from videogen.pipelines.device.compute import Device
from videogen.pipelines.device.memory import Mode
from videogen.pipelines.ltx2.video import Ltx23DistilledVideo, Ltx23Video
from videogen.pipelines.weights.checkpoints import identity, locate
from videogen.pipelines.weights.loaded import LOADED, CheckpointSlot


def test_a_model_is_loaded_once_and_kept(ltx: Any) -> None:
    assert ltx.model(Steps()) is ltx.model(Steps())


def test_switching_models_evicts_the_old_one(model_settings: ModelSettings) -> None:
    LOADED.evict()
    dev = Ltx23Video(model_settings).model(Steps())
    weights = [weakref.ref(part) for part in dev.residency.parts.values()]
    Ltx23DistilledVideo(model_settings).model(Steps())
    gc.collect()
    # Gone though something still holds the old model, as the traceback of a failed job may.
    assert [part() for part in weights] == [None] * 6
    assert dev.name == "ltx2.3"


def test_what_two_checkpoints_have_in_common_is_kept_when_they_change_places(
    ltx_folder: Path, tmp_path: Path, model_settings: ModelSettings
) -> None:
    # As a download leaves it: a draft with the same text encoder and decoders, each file there once.
    draft = Path(shutil.copytree(ltx_folder, tmp_path / "draft", copy_function=os.link))
    scheduler = draft / "scheduler" / "scheduler_config.json"
    told = json.loads(scheduler.read_text()) | {"use_dynamic_shifting": False}
    scheduler.unlink()
    scheduler.write_text(json.dumps(told))
    LOADED.evict()
    settings = replace(model_settings, ltx_distilled=Checkpoint(str(draft)))
    dev = Ltx23Video(settings).model(Steps())
    before = dict(dev.residency.parts)
    steps = Steps()
    after = Ltx23DistilledVideo(settings).model(steps).residency.parts
    assert [name for name, part in after.items() if part is before[name]] == [
        "text_encoder",
        "vae",
        "audio_vae",
        "vocoder",
    ]
    assert LOADED.left("video") == {}
    rendering = Ltx23DistilledVideo(settings).generate(small(width=64, height=64), picture(1), None, Steps())
    assert len(list(rendering.frames)) == 24
    LOADED.evict()


class Watched:
    """A model of one large tensor that writes down what happens to it and to its device's memory."""

    def __init__(self, name: str, told: list[str]) -> None:
        told.append(f"{name} loaded")
        self.name, self.told, self.weights = name, told, torch.zeros(16)
        self.device = WatchedDevice(told)
        self.nbytes = 64

    def leave(self) -> None:
        """There is no other device."""

    def shared(self) -> dict[Any, Any]:
        return {}

    def close(self) -> None:
        self.told.append(f"{self.name} closed")


def test_the_old_model_has_left_before_the_new_one_is_loaded() -> None:
    told: list[str] = []
    place = CheckpointSlot()
    weights = weakref.ref(place.get("one", lambda: Watched("one", told)).weights)

    def load() -> Watched:
        assert weights() is None
        return Watched("two", told)

    assert place.get("two", load).name == "two"
    assert told == ["one loaded", "one closed", "memory free", "two loaded"]


def test_a_model_that_cannot_be_loaded_leaves_the_place_empty() -> None:
    told: list[str] = []
    place = CheckpointSlot()
    place.get("one", lambda: Watched("one", told))

    def fail() -> Watched:
        raise GenerationError("model_unavailable")

    with pytest.raises(GenerationError):
        place.get("two", fail)
    assert not place.holds("one")
    assert not place.holds("two")
    assert place.get("one", lambda: Watched("one", told)).name == "one"
    assert told[-1] == "one loaded"


def test_another_memory_mode_or_replaced_files_are_another_load(copy: Path) -> None:
    settings = ModelSettings(ltx=Checkpoint(str(copy)), device="cpu", memory_mode="resident")
    first = Ltx23Video(settings).model(Steps())
    assert Ltx23Video(settings).model(Steps()) is first
    other = Ltx23Video(replace(settings, memory_mode="offload")).model(Steps())
    assert other is not first
    assert other.residency.mode is Mode.OFFLOAD
    os.utime(copy / "model_index.json", ns=(1, 1))
    assert Ltx23Video(replace(settings, memory_mode="offload")).model(Steps()) is not other
    LOADED.evict()


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(GenerationError) as failed:
        locate(Checkpoint("/nowhere/ltx"), "ltx2.3")
    assert sentence(failed.value.code, failed.value.details) == (
        "The model ltx2.3 is not available on the worker. There is no folder /nowhere/ltx."
    )


def test_a_repository_that_was_not_downloaded_says_what_to_do(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(GenerationError) as failed:
        locate(Checkpoint("owner/a-model-nobody-has", "abc"), "ltx2.3")
    words = sentence(failed.value.code, failed.value.details)
    assert "owner/a-model-nobody-has@abc are not on this machine" in words
    assert "manage.py models download ltx2.3" in words


def test_a_folder_without_an_index_is_not_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(GenerationError) as failed:
        locate(Checkpoint(str(tmp_path)), "ltx2.3")
    assert "model_index.json" in str(failed.value.details["reason"])


@pytest.fixture
def copy(ltx_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(ltx_folder, tmp_path / "copy"))


def load(folder: Path) -> Any:
    from videogen.pipelines.ltx2.checkpoint import LtxModel

    return LtxModel.load(folder, Device("cpu"), "auto", "ltx2.3", Steps())


@pytest.mark.parametrize("part", ["transformer", "text_encoder", "vae"])
def test_pickled_weights_are_not_read(copy: Path, part: str) -> None:
    from safetensors.torch import load_file

    (weights,) = (copy / part).glob("*.safetensors")
    pickled = "pytorch_model.bin" if part == "text_encoder" else "diffusion_pytorch_model.bin"
    torch.save(load_file(weights), copy / part / pickled)
    weights.unlink()
    with pytest.raises(GenerationError) as failed:
        load(copy)
    assert failed.value.code == "model_unavailable"


def test_code_in_a_checkpoint_is_not_run(copy: Path, tmp_path: Path) -> None:
    (copy / "transformer" / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Mine: ...\n")
    index = json.loads((copy / "model_index.json").read_text())
    index["transformer"] = ["mine", "Mine"]
    (copy / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(GenerationError) as failed:
        load(copy)
    assert failed.value.code == "model_unavailable"
    assert not (tmp_path / "ran").exists()


def test_a_part_that_is_missing_is_a_sentence_and_not_a_traceback(copy: Path) -> None:
    shutil.rmtree(copy / "vocoder")
    with pytest.raises(GenerationError) as failed:
        load(copy)
    assert "could not be loaded" in sentence(failed.value.code, failed.value.details)


def test_a_decoder_that_wants_timesteps_is_another_model_and_refused(copy: Path) -> None:
    # Ours are decoded without noise and without a timestep: such a decoder would make other pictures in silence.
    from diffusers import AutoencoderKLLTX2Video

    config = AutoencoderKLLTX2Video.load_config(copy / "vae")
    AutoencoderKLLTX2Video.from_config(config, timestep_conditioning=True).save_pretrained(copy / "vae")
    with pytest.raises(GenerationError) as failed:
        load(copy)
    assert failed.value.code == "model_unavailable"


@pytest.mark.parametrize("kind", [Ltx23Video, Ltx23DistilledVideo])
def test_the_other_models_files_are_refused_before_they_are_read(model_settings: ModelSettings, kind: Any) -> None:
    LOADED.evict()
    swapped = replace(model_settings, ltx=model_settings.ltx_distilled, ltx_distilled=model_settings.ltx)
    with pytest.raises(GenerationError) as failed:
        kind(swapped).model(Steps())
    words = sentence(failed.value.code, failed.value.details)
    assert "distilled LTX-2.3; name it in LTX_" in words
    assert not LOADED.holds(
        "video", (kind(swapped).checkpoint, identity(Path(kind(swapped).checkpoint.source)), "cpu", "auto")
    )


def test_files_that_another_pipeline_has_loaded_are_refused_all_the_same(model_settings: ModelSettings) -> None:
    # A model is kept by its files, so that one and two stages share it.
    Ltx23Video(model_settings).model(Steps())
    with pytest.raises(GenerationError):
        Ltx23DistilledVideo(replace(model_settings, ltx_distilled=model_settings.ltx)).model(Steps())


def test_replaced_files_are_another_model(copy: Path) -> None:
    before = identity(copy)
    os.utime(copy / "model_index.json", ns=(1, 1))
    assert identity(copy) != before


def test_weights_are_frozen_and_in_the_devices_format(model: Any) -> None:
    for part in model.residency.parts.values():
        assert not part.training
        assert not any(weight.requires_grad for weight in part.parameters())
    assert model.denoiser.transformer.dtype == torch.float32 == model.denoiser.vocoder.dtype


def test_on_a_gpu_the_weights_are_bfloat16_but_the_vocoder_is_not(ltx_folder: Path) -> None:
    from videogen.pipelines.ltx2.checkpoint import LtxModel

    class Gpu(Device):
        @property
        def dtype(self) -> torch.dtype:
            return torch.bfloat16

    model = LtxModel.load(ltx_folder, Gpu("cpu"), "auto", "ltx2.3", Steps())
    assert model.denoiser.transformer.dtype == model.denoiser.vae.dtype == torch.bfloat16
    assert model.text.pipe.text_encoder.dtype == torch.bfloat16
    assert model.denoiser.vocoder.dtype == torch.float32


def test_settings_are_read_in_one_place(settings: Any) -> None:
    for name in ("VIDEO_MODEL", "LTX_CHECKPOINT", "LTX_REVISION", "LTX_DISTILLED_CHECKPOINT", "DEVICE", "MEMORY_MODE"):
        setattr(settings, name, "")
    assert ModelSettings.read() == ModelSettings()
    assert ModelSettings().ltx == Checkpoint(DEFAULT_LTX)
    settings.LTX_CHECKPOINT, settings.LTX_REVISION = "owner/name", "abc123"
    settings.LTX_DISTILLED_CHECKPOINT, settings.MEMORY_MODE = "owner/draft@def", "low"
    read = ModelSettings.read()
    assert read.ltx == Checkpoint("owner/name", "abc123")
    assert str(read.ltx_distilled) == "owner/draft@def"
    assert read.memory_mode == "low"
