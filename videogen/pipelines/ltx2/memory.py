"""What is on the device and when: three modes, one place that moves weights, and running out of memory."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

import torch
from diffusers.hooks import apply_group_offloading

from videogen.errors import GenerationError
from videogen.pipelines.device import Device, ran_out_of_memory

GIB = 2**30
HOST = torch.device("cpu")

# Estimates for bfloat16, from the sizes of the tensors alive in one block of the transformer: two samples of
# 4096 numbers a token about sixteen times, and the modulation tensor of 9 x 4096 twice.
ACTIVATION_BYTES_PER_TOKEN = 2 * 2 * (16 * 4096 + 2 * 9 * 4096)
SPARE = 2 * GIB

# The two parts that can be larger than a device; in the low mode they are streamed through it.
STREAMED = ("text_encoder", "transformer")

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
    return sum(tensor.nbytes for tensor in [*part.parameters(), *part.buffers()])


def activation_bytes(tokens: int) -> int:
    """About how much one step needs beside the weights, for so many tokens of video."""
    return SPARE + tokens * ACTIVATION_BYTES_PER_TOKEN


def choose_mode(asked: str, sizes: Mapping[str, int], memory: int | None) -> Mode:
    """The mode for parts of these sizes on a device of `memory` bytes (None: the host's own memory).

    Raises ValueError for a mode that does not exist.
    """
    if asked != "auto":
        return Mode(asked)
    if memory is None or memory >= sum(sizes.values()) + 16 * GIB:
        return Mode.RESIDENT
    return Mode.OFFLOAD if memory >= max(sizes.values()) + 8 * GIB else Mode.LOW


class Residency:
    """Moves the parts of a model between host and device. Nothing else calls `.to` on them."""

    def __init__(self, parts: Mapping[str, torch.nn.Module], device: Device, mode: Mode) -> None:
        self.parts = dict(parts)
        self.sizes = {name: part_bytes(part) for name, part in self.parts.items()}
        self.device = device
        self.mode = mode
        self.present: set[str] = set()
        self._streamed: set[str] = set()
        if mode is Mode.LOW:
            self._stream()

    def bring(self, *names: str, spare: int = SPARE) -> None:
        """Put the named parts on the device, `spare` bytes beside them; others leave only where they must."""
        wanted = [name for name in names if name not in self._streamed]
        if self.mode is not Mode.RESIDENT:
            self._make_room(wanted, spare)
        for name in wanted:
            self.parts[name].to(self.device.torch_device)
            self.present.add(name)

    def lower(self) -> bool:
        """Send everything home and go to the next mode that needs less memory. False where there is none."""
        mode = self.mode.below
        if mode is None:
            return False
        self.send_home(list(self.present))
        self.mode = mode
        if mode is Mode.LOW:
            self._stream()
        self.device.free()
        return True

    def send_home(self, names: Iterable[str]) -> None:
        """Move the named parts to host memory."""
        for name in names:
            self.parts[name].to(HOST)
            self.present.discard(name)

    def keep_only(self, *names: str) -> bool:
        """Send every other part home, whatever the mode: the last means before giving up. True."""
        self.send_home([name for name in self.present if name not in names])
        self.device.free()
        return True

    def _make_room(self, wanted: list[str], spare: int) -> None:
        memory = self.device.memory
        if memory is None:
            return
        free = memory - spare - sum(self.sizes[name] for name in {*self.present, *wanted})
        guests = sorted(self.present.difference(wanted), key=self.sizes.__getitem__, reverse=True)
        leaving = []
        for name in guests:
            if free >= 0:
                break
            leaving.append(name)
            free += self.sizes[name]
        if leaving:
            self.send_home(leaving)
            self.device.free()

    def _stream(self) -> None:
        for name in STREAMED:
            apply_group_offloading(
                self.parts[name],
                onload_device=self.device.torch_device,
                offload_device=HOST,
                offload_type="leaf_level",
                use_stream=self.device.is_gpu,
            )
            self._streamed.add(name)


class KnownSizes:
    """The largest clip this worker has finished, for the sentence after one that did not fit."""

    def __init__(self) -> None:
        self.pixels = 0
        self.words = ""

    def record(self, pixels: int, words: str) -> None:
        """Remember a clip of so many pixels, described in `words`, as finished."""
        if pixels > self.pixels:
            self.pixels, self.words = pixels, words

    def advice(self, pixels: int) -> str:
        """What to do after a clip of so many pixels did not fit."""
        if 0 < self.pixels < pixels:
            return f"The largest known to fit here is {self.words}."
        return "Choose a smaller size or a shorter clip."


def with_one_retry(
    work: Callable[[], T], lower: Callable[[], bool], device: Device, failure: Callable[[], GenerationError]
) -> T:
    """The result of `work`; when it runs out of memory, of a second try after `lower` said that it uses less.

    Raises what `failure` makes where neither fits.
    """
    for first in (True, False):
        try:
            return work()
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
        # Outside the except block: its traceback would keep the failed attempt's tensors alive.
        device.free()
        if not first or not lower():
            break
    raise failure()
