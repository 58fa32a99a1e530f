"""The device a model computes on: its number format, its memory, and waiting for it."""

import gc
import os
from pathlib import Path
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
        """Bytes that this process can have of the device's own memory: what is free there and what it holds already.

        Other processes compute on the same GPU, so what the card has says little. None for a device that has no
        memory of its own and shares the host's.
        """
        if not self.is_gpu:
            return None
        free, _ = torch.cuda.mem_get_info(self.torch_device)
        return int(free) + int(torch.cuda.memory_reserved(self.torch_device))

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


def host_memory(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """Return the bytes of host memory that this process may use at most: the machine's, or its container's."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(limit.read_text()))
    except (OSError, ValueError):  # no container, or one without a limit, which says "max"
        return machine


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that the device or the host has no memory left."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
