"""A bound on what an upload may write to disk while it arrives."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class Bounded(FileUploadHandler):
    """Lets no request fill the disk: what lies behind the limit is read and dropped, whoever sent it.

    Django parses a form before it knows who is asking. The file that is cut off is larger than the limit by at most a
    chunk, so it is refused for its size like any other.
    """

    kept = 0  # bytes, of all files of the request

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The chunk for the handlers that keep it, or nothing."""
        if self.kept > settings.UPLOAD_MAX_BYTES:
            return None
        self.kept += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one hold the file."""
        return
