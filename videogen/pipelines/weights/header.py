"""The header of a safetensors file: what is in it, and how long it has to be. Read without torch."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

Shape = tuple[int, ...]
LONGEST = 100_000_000  # bytes; the format's own limit


def shapes_of(path: Path) -> Mapping[str, Shape]:
    """Return the shape of each tensor. Raises OSError, ValueError; the latter for a file that is cut short, too."""
    facts = path.stat()
    shapes, length = _read(path, facts.st_size, facts.st_mtime_ns)
    if length > facts.st_size:
        raise ValueError("cut short")
    return shapes


def length_of(path: Path) -> int:
    """Return how many bytes the file should have. Raises OSError, ValueError for one without a header."""
    facts = path.stat()
    return _read(path, facts.st_size, facts.st_mtime_ns)[1]


@lru_cache(maxsize=256)
def _read(path: Path, size: int, _changed: int) -> tuple[Mapping[str, Shape], int]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= LONGEST:
            raise ValueError("no header")
        if 8 + length > size:
            return {}, 8 + length
        try:
            header = json.loads(file.read(length))
            header.pop("__metadata__", None)
            ends = [int(told["data_offsets"][1]) for told in header.values()]
            shapes = {name: tuple(int(side) for side in told["shape"]) for name, told in header.items()}
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError("no header") from error
    return shapes, 8 + length + max(ends, default=0)
