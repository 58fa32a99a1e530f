"""Weights of four bytes converted to two once, beside the download. Only `manage.py models` and loading import this."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from videogen.pipelines.weights import installed

PLACE = "compact"  # a folder inside the checkpoint's: it goes when the checkpoint goes
PARTS = ("text_encoder",)  # published in float32, used in bfloat16


def place_of(folder: Path, part: str) -> Path:
    """Where the converted files of a part are, whether they are there or not."""
    return folder / PLACE / part


def is_worth_it(folder: Path, part: str) -> bool:
    """Whether a part has weights of four bytes and is not converted yet."""
    if place_of(folder, part).exists():
        return False
    for path in installed.weights_of(folder, part):
        with safe_open(path, "pt") as file:
            if any(file.get_slice(name).get_dtype() == "F32" for name in file.keys()):  # noqa: SIM118  (no dict)
                return True
    return False


def convert(folder: Path, part: str, on_bytes: Callable[[int], object] = lambda count: None) -> Path:
    """Write the weights of a part in bfloat16 and return their folder. The download stays as it is.

    File by file, so it takes the memory of one. on_bytes: told the bytes that were read. Nothing stays of a conversion
    that was stopped. Raises OSError.
    """
    final = place_of(folder, part)
    beside = final.with_name(f"{part}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    try:
        for path in installed.weights_of(folder, part):
            with safe_open(path, "pt") as file:
                tensors = {name: _halved(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
                save_file(tensors, beside / path.name, metadata=file.metadata())
            on_bytes(path.stat().st_size)
        for path in (folder / part).glob("*.json"):
            (beside / path.name).write_text(_told(path))
        beside.rename(final)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return final


def _halved(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to(torch.bfloat16) if tensor.dtype == torch.float32 else tensor


def _told(path: Path) -> str:
    """A part's JSON file, with the format of the weights where it names one."""
    told = json.loads(path.read_text())
    if path.name == "config.json":
        told |= {name: "bfloat16" for name in ("dtype", "torch_dtype") if name in told}
    return json.dumps(told, indent=2)
