"""A bound on what an upload may write to disk while it arrives, and what becomes of it where the disk is full."""

import errno
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

FULL = (errno.ENOSPC, errno.EDQUOT)


class Bounded(FileUploadHandler):
    """Stop writing an upload to disk once the request exceeds UPLOAD_MAX_BYTES; read the rest and drop it.

    Needed because Django parses a form before it knows who sent it. What is kept of such a file is longer than the
    limit by less than a chunk, so the check of its size refuses it.
    """

    kept = 0  # bytes, of all files of the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass the chunk on to the next handlers; None drops it."""
        if self.kept > settings.UPLOAD_MAX_BYTES:
            return None
        self.kept += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Return None: the next handlers hold the file."""
        return


class TemporaryFile(TemporaryFileUploadHandler):
    """Keeps a large file on disk. Where that is full, the rest is read and dropped, and `found_disk_full` is set.

    The form around the file is read to its end, so whoever handles the request can say what is wrong.
    """

    is_full = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write the chunk."""
        if self.is_full:
            return
        try:
            super().receive_data_chunk(raw_data, start)
            self.file.flush()  # what cannot be written shows here, and not when the file is closed
        except OSError as error:
            self._note(error)

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        """Return the file, whole or not."""
        file = super().file_complete(file_size)
        if file is not None:
            file.found_disk_full = self.is_full  # type: ignore[attr-defined]
        return file

    def _note(self, error: OSError) -> None:
        if error.errno not in FULL:
            raise error
        self.is_full = True
