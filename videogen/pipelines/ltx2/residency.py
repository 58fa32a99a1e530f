"""What is on the device and when: the one place that moves the model's weights."""

from collections.abc import Callable, Iterable, Mapping

import torch
from diffusers.hooks import HookRegistry, apply_group_offloading
from diffusers.hooks.group_offloading import (
    _GROUP_OFFLOADING,
    _LAYER_EXECUTION_TRACKER,
    _LAZY_PREFETCH_GROUP_OFFLOADING,
)

from videogen.pipelines.device.compute import Device, host_memory
from videogen.pipelines.device.memory import GIB, Mode, part_bytes

HOST = torch.device("cpu")

# Of a token of video in bfloat16: the most that is alive at once in our own loop, in its feed-forward layers (counted
# by tests/videogen/pipelines/ltx2/test_peak.py); and in the library's, which takes two samples at once.
BYTES_A_TOKEN = 142_000
LIBRARY_BYTES_A_TOKEN = 2 * 304_000
SPARE = 2 * GIB

# The two parts that can be larger than a device; in the low mode they are streamed through it.
STREAMED = ("text_encoder", "transformer")


def activation_bytes(tokens: int, *, own_loop: bool) -> int:
    """How much one step needs beside the weights, for so many tokens of video."""
    return SPARE + tokens * (BYTES_A_TOKEN if own_loop else LIBRARY_BYTES_A_TOKEN)


def _move(part: torch.nn.Module, device: torch.device, told: Callable[[], object]) -> None:
    """Move a part block by block; `told` hears of each."""
    for row in part.modules():
        if isinstance(row, torch.nn.ModuleList):
            for block in row:
                block.to(device)
                told()
    part.to(device)  # what is in no block


class Residency:
    """Moves the parts of a model between host and device. Nothing else calls `.to` on them."""

    def __init__(self, parts: Mapping[str, torch.nn.Module], device: Device, mode: Mode) -> None:
        self.parts = dict(parts)
        self.sizes = {name: part_bytes(part) for name, part in self.parts.items()}
        self.device = device
        self.usual = self.mode = mode
        self.present: set[str] = set()
        self._streamed: set[str] = set()
        if mode is Mode.LOW:
            self._stream()

    def add(self, name: str, part: torch.nn.Module) -> None:
        """Take one more part, which is in host memory."""
        self.parts[name], self.sizes[name] = part, part_bytes(part)

    def bring(self, *names: str, spare: int = SPARE, told: Callable[[], object] = bool) -> None:
        """Put the named parts on the device, `spare` bytes beside them; others leave only where they must.

        told: called every gigabyte or so. Weights that are still on the disk only are read here.
        """
        wanted = [name for name in names if name not in self._streamed]
        if self.mode is not Mode.RESIDENT:
            self._make_room(wanted, spare)
        for name in wanted:
            if name not in self.present:  # looking at every tensor of a part takes its time
                _move(self.parts[name], self.device.torch_device, told)
                self.present.add(name)

    def lower(self) -> bool:
        """Stream the large parts from now until `restore`: the one mode that needs less than a phase's parts alone.

        False where they are streamed already.
        """
        if self.mode is Mode.LOW:
            return False
        self.send_home(self.present)
        self.mode = Mode.LOW
        self._stream()
        self.device.free()
        return True

    def restore(self) -> None:
        """Go back to the usual mode: a lower one was for the job that did not fit."""
        if self.mode is not self.usual:
            self._stop_streaming()
            self.mode = self.usual

    def send_home(self, names: Iterable[str]) -> None:
        """Move the named parts to host memory."""
        for name in list(names):
            self.parts[name].to(HOST)
            self.present.discard(name)

    def keep_only(self, *names: str) -> bool:
        """Send every other part home, whatever the mode. False where there was none."""
        leaving = self.present.difference(names)
        self.send_home(leaving)
        self.device.free()
        return bool(leaving)

    def has_room(self, wanted: int) -> bool:
        """Whether the device has so many bytes beside the parts that are there now."""
        memory = self.device.memory
        return memory is not None and memory - sum(self.sizes[name] for name in self.present) >= wanted + SPARE

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
        # Page-locked weights travel twice as fast, and are lost to everything else on the host.
        locks_pages = sum(self.sizes[name] for name in STREAMED) <= host_memory() // 2
        for name in STREAMED:
            apply_group_offloading(
                self.parts[name],
                onload_device=self.device.torch_device,
                offload_device=HOST,
                offload_type="leaf_level",
                use_stream=self.device.is_gpu,
                low_cpu_mem_usage=not locks_pages,
            )
            self._streamed.add(name)

    def _stop_streaming(self) -> None:
        for name in list(self._streamed):
            hooks = HookRegistry.check_if_exists_or_initialize(self.parts[name])
            for hook in (_GROUP_OFFLOADING, _LAYER_EXECUTION_TRACKER, _LAZY_PREFETCH_GROUP_OFFLOADING):
                hooks.remove_hook(hook, recurse=True)
            self.parts[name].to(HOST)  # what the last block left on the device
            self._streamed.discard(name)
