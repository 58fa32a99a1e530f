"""What is not worth a line in the log."""

import logging


class ProbesAreQuiet(logging.Filter):
    """A 503 of /healthz is an answer, not an error: Django would log it with every probe."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to keep the record."""
        request = getattr(record, "request", None)
        return not (getattr(record, "status_code", None) == 503 and getattr(request, "path", "") == "/healthz")
