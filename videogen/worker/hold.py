"""A worker whose files cannot be kept holds off: it claims nothing, looks again after a while, and says so."""

import logging
from time import monotonic
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError

from videogen.media import storage
from videogen.models import Worker

logger = logging.getLogger(__name__)

FIRST_SECONDS = 5.0
LONGEST_SECONDS = 300.0


class Hold:
    """Of one process. Each look that fails doubles the time to the next."""

    def __init__(self) -> None:
        self._reason = ""
        self._seconds = FIRST_SECONDS
        self._until = 0.0

    def begin(self, hostname: str) -> bool:
        """Look whether files can be kept; hold off where they cannot. Whether it does."""
        self._reason = probe()
        if self._reason:
            self._until = monotonic() + self._seconds
            logger.error("No job is claimed for %.0f s: %s", self._seconds, self._reason)
            self._seconds = min(2 * self._seconds, LONGEST_SECONDS)
        else:
            self._seconds = FIRST_SECONDS
        self._tell(hostname)
        return bool(self._reason)

    def lasts(self, hostname: str) -> bool:
        """Whether nothing is to be claimed now. Looks again where it is time to."""
        return bool(self._reason) and (monotonic() < self._until or self.begin(hostname))

    def _tell(self, hostname: str) -> None:
        try:
            Worker.objects.filter(name=hostname).update(fault=self._reason)
        except DatabaseError as error:
            logger.warning("Worker %s could not say why it takes no jobs: %s", hostname, error)


hold = Hold()


def probe() -> str:
    """Say why a finished file cannot be kept, after trying with a small one; nothing where it can."""
    if trouble := storage.trouble():
        return trouble
    try:
        default_storage.delete(default_storage.save(f"parts/probe-{uuid4().hex}", ContentFile(b"x")))
    except OSError as error:
        return f"Finished files cannot be kept: {error.strerror or error}"[:300]
    return ""
