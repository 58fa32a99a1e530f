"""What is on the device and when: the one place that moves the model's weights."""

from collections.abc import Iterable, Mapping

import torch
from diffusers.hooks import apply_group_offloading

from videogen.pipelines.device.compute import Device
from videogen.pipelines.device.memory import GIB, Mode, part_bytes

HOST = torch.device("cpu")

# Estimates for bfloat16, from the sizes of the tensors alive in one block of the transformer: two samples of
# 4096 numbers a token about sixteen times, and the modulation tensor of 9 x 4096 twice.
ACTIVATION_BYTES_PER_TOKEN = 2 * 2 * (16 * 4096 + 2 * 9 * 4096)
SPARE = 2 * GIB

# The two parts that can be larger than a device; in the low mode they are streamed through it.
STREAMED = ("text_encoder", "transformer")


def activation_bytes(tokens: int) -> int:
    """About how much one step needs beside the weights, for so many tokens of video."""
    return SPARE + tokens * ACTIVATION_BYTES_PER_TOKEN


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
            if name not in self.present:  # looking at every tensor of a part takes its time
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
