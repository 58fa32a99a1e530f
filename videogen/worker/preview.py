"""The small picture of a running video: one file in the storage, which the row names while it runs."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from django.db import DatabaseError, InterfaceError
from PIL import Image

from videogen.media import pictures, storage
from videogen.models import Status, Video


class PreviewFile:
    """While open, call it with each picture. At the end, however it ends, file and name go.

    Where the process dies, the next attempt removes what this one left; a file that no row names goes with the sweep.
    """

    def __init__(self, video: Video, folder: Path) -> None:
        """folder: for unfinished files."""
        self._video = video
        self._folder = folder
        self._name = video.preview.name or ""
        self._count = 0

    def __enter__(self) -> Self:
        self._put("")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(DatabaseError, InterfaceError):
            self._put("")

    def __call__(self, picture: Image.Image, /) -> None:
        """Show a picture in place of the one before."""
        self._count += 1
        path = self._folder / f"preview-{self._count}.webp"
        pictures.write_preview(picture, path)
        self._put(storage.store(path, storage.final_name(self._video, f"-{self._count}.webp")))

    def _put(self, name: str) -> None:
        """Have the row name this file, and remove the one before; or this one, where the row is no longer ours."""
        is_ours = self._video.mine.filter(status=Status.RUNNING).update(preview=name) if name or self._name else 0
        old, self._name = self._name, name if is_ours else ""
        with suppress(OSError):
            storage.remove([old] if is_ours or not name else [old, name])
