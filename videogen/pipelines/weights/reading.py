"""Reading the weights of a checkpoint from the disk, part by part, and telling how far it is.

The libraries map weight files into memory: they are read when a tensor is first touched, which is in the middle of
something else and tells nobody. So a part's files are read from beginning to end right before it is loaded.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from videogen.phase import Phase
from videogen.pipelines.base import OnStep
from videogen.pipelines.weights import installed

CHUNK = 32 * 2**20  # a third of a second of a disk that gives 100 MB a second
GB = 10**9

Read = Callable[[Path], Iterator[int]]


def read_through(path: Path) -> Iterator[int]:
    """Read a file into the page cache, yielding the bytes of each piece."""
    buffer = bytearray(CHUNK)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(buffer):
            yield count


class Reading:
    """Reads the parts of the checkpoint in `folder` one by one, telling `on_step` the GB that are done of all."""

    def __init__(self, folder: Path, on_step: OnStep, read: Read = read_through) -> None:
        self._folder = folder
        self._on_step = on_step
        self._read = read
        self._done = 0
        self._files = {name: installed.weights_of(folder, name) for name in installed.parts_of(folder)}
        self._total = installed.bytes_of_weights(folder)

    def part(self, name: str) -> None:
        """Read the weights of one part. What `on_step` raises ends the reading. Raises OSError."""
        self._each(self._files.get(name, ()))

    def folder(self, place: Path) -> None:
        """Read the weights in a folder, which are read in the place of a part's own."""
        self._each(sorted(place.glob("*.safetensors")))

    def _each(self, paths: Iterable[Path]) -> None:
        for path in paths:
            for count in self._read(path):
                self._done += count
                self._on_step(Phase.LOADING, self._done // GB, math.ceil(self._total / GB))

    def everything(self) -> None:
        """Read the weights of all parts."""
        for name in self._files:
            self.part(name)
