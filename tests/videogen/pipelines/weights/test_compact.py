"""The text encoder in half the bytes: the same weights as a GPU would have, beside a download that stays as it is."""

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.fixtures.ltx import Steps


def models(*words: str) -> str:
    said = StringIO()
    call_command("models", *words, stdout=said)
    return said.getvalue()


@pytest.fixture
def copy(ltx_folder: Path, tmp_path: Path, settings: Any) -> Path:
    settings.LTX_CHECKPOINT = str(tmp_path / "copy")
    return Path(shutil.copytree(ltx_folder, tmp_path / "copy"))


def test_a_gpu_reads_the_converted_weights_and_they_are_the_ones_it_would_have_made(copy: Path) -> None:
    import torch

    from videogen.pipelines.device.compute import Device
    from videogen.pipelines.ltx2.checkpoint import LtxModel
    from videogen.pipelines.weights import verify

    class Gpu(Device):
        @property
        def dtype(self) -> Any:
            return torch.bfloat16

    def weights(device: Device) -> dict[str, Any]:
        model = LtxModel.load(copy, device, "auto", "ltx2.3", Steps())
        return model.text.pipe.text_encoder.state_dict()

    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    expected, on_cpu = weights(Gpu("cpu")), weights(Device("cpu"))
    size = (copy / "text_encoder" / "model.safetensors").stat().st_size
    assert "beside the download, which is unchanged" in models("compact", "ltx2.3")
    assert (copy / "compact" / "text_encoder" / "model.safetensors").stat().st_size < 0.6 * size
    assert all(path.read_bytes() == data for path, data in before.items())
    assert not list(verify.faults(copy, None))
    shutil.move(copy / "text_encoder" / "model.safetensors", copy / "away")  # so it is the other that is read
    found = weights(Gpu("cpu"))
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in found)
    shutil.move(copy / "away", copy / "text_encoder" / "model.safetensors")
    assert all(torch.equal(one, on_cpu[name]) for name, one in weights(Device("cpu")).items())  # all four bytes
    assert "Nothing of" in models("compact", "ltx2.3")


def test_a_conversion_that_fails_leaves_nothing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from videogen.pipelines.weights import compact

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compact, "save_file", full)
    with pytest.raises(OSError, match="No space"):
        compact.convert(copy, "text_encoder")
    assert list((copy / "compact").iterdir()) == []


def test_a_checkpoint_that_is_not_here_is_named(settings: Any, tmp_path: Path) -> None:
    settings.LTX_CHECKPOINT = str(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="nowhere is not here"):
        models("compact", "ltx2.3")
