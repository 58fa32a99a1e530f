"""What an unfinished job has made so far, for the worker that takes it over: one file beside the other unfinished ones.

It belongs to its row by its name, and goes once the row is over (docs/decisions/0065).
"""

import logging
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from videogen.media import storage
from videogen.media.disk import sync
from videogen.models import Video

logger = logging.getLogger(__name__)

ENDING = ".state"
PART = ".part"


def name_of(row: Video) -> str:
    """Name the file of a row, in the folder of unfinished files."""
    return f"{row.pk}{ENDING}"


class Unfinished:
    """The state of one job (pipelines.base.Kept)."""

    def __init__(self, row: Video) -> None:
        self.path = storage.parts_folder() / name_of(row)
        # A worker that lost its lease and does not know it yet writes into a file of its own.
        self._part = self.path.with_name(f"{row.pk}-{row.attempt}{PART}")

    def keep(self, state: bytes) -> None:
        """Put `state` in the place of what was kept before; on the disk when this returns. Raises OSError."""
        try:
            self._part.write_bytes(state)
            sync(self._part)
            self._part.replace(self.path)
            sync(self.path.parent)
        finally:
            self._part.unlink(missing_ok=True)


def sweep() -> int:
    """Remove what was kept for jobs that are over, and what was half written long ago. Returns how many files went."""
    files = {path: owner for path in storage.parts_folder().iterdir() if (owner := _owner(path))}
    if not files:
        return 0
    live = set(Video.rows().live().filter(pk__in=files.values()).values_list("pk", flat=True))
    gone = [path for path, owner in files.items() if owner not in live or _is_forsaken(path)]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _owner(path: Path) -> UUID | None:
    """Return the row that a file belongs to; None for what is no such file."""
    if path.suffix not in (ENDING, PART):
        return None
    with suppress(ValueError):
        return UUID(path.name[:36])
    return None


def _is_forsaken(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return path.suffix == PART and path.stat().st_mtime < time.time() - storage.STRAY_AFTER.total_seconds()
    return False
