"""Filters and formats of the log."""

import json
import logging
from datetime import UTC, datetime


class ProbesAreQuiet(logging.Filter):
    """Drop the 503 of /healthz, which Django would log with every probe."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return not (getattr(record, "status_code", None) == 503 and getattr(request, "path", "") == "/healthz")


class JsonFormatter(logging.Formatter):
    """A line as a JSON object: time, level, logger, message, and the facts that config.request_log adds.

    Only these. Whatever else hangs on a record, the request itself for one, would put addresses with sign-in links
    into the log (docs/decisions/0059).
    """

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)
