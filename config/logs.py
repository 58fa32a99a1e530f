"""Filters of the log."""

import logging


class ProbesAreQuiet(logging.Filter):
    """Drop the 503 of /healthz, which Django would log with every probe."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return not (getattr(record, "status_code", None) == 503 and getattr(request, "path", "") == "/healthz")
