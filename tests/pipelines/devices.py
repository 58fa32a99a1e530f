"""CPUs that say what is asked of them, or that they are a GPU."""

import torch

from videogen.pipelines.device.compute import Device


class WatchedDevice(Device):
    """Writes down when it is waited for and when its memory is given back."""

    def __init__(self, told: list[str]) -> None:
        super().__init__("cpu")
        self.told = told

    def synchronise(self) -> None:
        self.told.append("waited")
        super().synchronise()

    def free(self) -> None:
        super().free()
        self.told.append("memory free")


class Gpu(Device):
    """Says it is a GPU, and computes as a CPU does."""

    def __init__(self) -> None:
        super().__init__("cpu")

    @property
    def is_gpu(self) -> bool:
        return True

    @property
    def dtype(self) -> torch.dtype:
        return torch.float32

    @property
    def memory(self) -> int | None:
        return None

    def synchronise(self) -> None:
        pass
