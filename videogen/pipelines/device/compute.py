"""The device a model computes on: its number format, its memory, and waiting for it."""

import gc
from typing import Self

import torch


class Device:
    """One compute device of this worker."""

    def __init__(self, name: str) -> None:
        self.torch_device = torch.device(name)

    @classmethod
    def choose(cls, name: str) -> Self:
        """The device called `name`; "auto" is the GPU where there is one, else the CPU."""
        if name == "auto":
            name = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(name)

    @property
    def is_gpu(self) -> bool:
        """Whether work runs beside the CPU, in memory of its own."""
        return bool(self.torch_device.type == "cuda")

    @property
    def dtype(self) -> torch.dtype:
        """The number format of the weights: bfloat16 on a GPU, float32 on a CPU."""
        return torch.bfloat16 if self.is_gpu else torch.float32

    @property
    def memory(self) -> int | None:
        """Bytes of the device's own memory; None where it has none and shares the host's."""
        return torch.cuda.get_device_properties(self.torch_device).total_memory if self.is_gpu else None

    def synchronise(self) -> None:
        """Return when everything asked of the device is finished. The CPU runs far ahead of a GPU."""
        if self.is_gpu:
            torch.cuda.synchronize(self.torch_device)

    def free(self) -> None:
        """Give back memory that nothing uses any more."""
        gc.collect()
        if self.is_gpu:
            torch.cuda.empty_cache()

    def __str__(self) -> str:
        return torch.cuda.get_device_name(self.torch_device) if self.is_gpu else str(self.torch_device)


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device or the host has no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
