"""Memory of a device, for every diffusion model: three modes, what is known to fit, and running out of it."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import torch
from torch.utils._python_dispatch import is_traceable_wrapper_subclass

from videogen.errors import GenerationError
from videogen.pipelines.device.compute import Device, ran_out_of_memory

GIB = 2**30

T = TypeVar("T")


class Mode(StrEnum):
    """How much of the model stays on the device."""

    RESIDENT = "resident"  # everything
    OFFLOAD = "offload"  # what the next phase needs; the rest leaves where it must
    LOW = "low"  # the two large parts are streamed block by block, the clip is decoded in small pieces

    @property
    def below(self) -> "Mode | None":
        """The next mode that needs less memory."""
        return {Mode.RESIDENT: Mode.OFFLOAD, Mode.OFFLOAD: Mode.LOW, Mode.LOW: None}[self]


def part_bytes(part: torch.nn.Module) -> int:
    """Bytes of the weights and buffers of `part`."""
    return sum(_bytes(tensor) for tensor in [*part.parameters(), *part.buffers()])


def _bytes(tensor: torch.Tensor) -> int:
    """Bytes of a tensor; of a quantised one, which says how large it seems, those of what it is made of."""
    if not is_traceable_wrapper_subclass(tensor):
        return int(tensor.nbytes)
    names, _ = tensor.__tensor_flatten__()
    return sum(_bytes(getattr(tensor, name)) for name in names)


def choose_mode(asked: str, sizes: Mapping[str, int], memory: int | None) -> Mode:
    """The mode for parts of these sizes where `memory` bytes of a device can be had (None: the host's own memory).

    Raises ValueError for a mode that does not exist.
    """
    if asked != "auto":
        return Mode(asked)
    if memory is None or memory >= sum(sizes.values()) + 16 * GIB:
        return Mode.RESIDENT
    return Mode.OFFLOAD if memory >= max(sizes.values()) + 8 * GIB else Mode.LOW


class KnownSizes:
    """The largest job this worker has finished, for the sentence after one that did not fit."""

    def __init__(self) -> None:
        self.pixels = 0
        self.words = ""

    def record(self, pixels: int, words: str) -> None:
        """Remember a job of so many pixels, described in `words`, as finished."""
        if pixels > self.pixels:
            self.pixels, self.words = pixels, words

    def advice(self, pixels: int) -> str:
        """What to do after a job of so many pixels did not fit."""
        if 0 < self.pixels < pixels:
            return f"The largest known to fit here is {self.words}."
        return "Choose a smaller size or a shorter clip."


def with_retries(
    work: Callable[[], T],
    remedies: Iterable[Callable[[], bool]],
    device: Device,
    failure: Callable[[], GenerationError],
) -> T:
    """The result of `work`; whenever it runs out of memory, of another try after the next remedy.

    remedies: the mildest first. One that says False had nothing to offer, and the next one follows without a try.
    Raises what `failure` makes where none is left.
    """
    left = iter(remedies)
    while True:
        try:
            return work()
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
        # Outside the except block: its traceback would keep the failed attempt's tensors alive.
        device.free()
        if not any(remedy() for remedy in left):
            raise failure()
