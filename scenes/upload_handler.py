"""A bound on what an upload may write to disk while it arrives."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


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
