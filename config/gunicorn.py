"""gunicorn's settings: a process for each core, with threads, each of which may hold a long poll."""

import gc
from typing import Any

import django
from django.conf import settings

from api.long_poll import watch
from config import release

_host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
bind = f"{_host}:{settings.PORT}"
worker_class = "config.web_worker.PatientWorker"
workers = settings.WEB_PROCESSES
threads = settings.WEB_THREADS
timeout = 60
graceful_timeout = 3
keepalive = 5
loglevel = "warning"
control_socket_disable = True
# Its lines are like all others: one format for whoever collects them.
_loggers: Any = settings.LOGGING["loggers"]
logconfig_dict = settings.LOGGING | {"loggers": {**_loggers, "gunicorn.error": {"level": "WARNING", "propagate": True}}}


def on_starting(server: Any) -> None:
    """Refuse a database of a newer release before any process serves."""
    django.setup()
    release.refuse_newer()


def post_worker_init(worker: Any) -> None:
    """Answer everybody who waits for a change when the server is asked to stop; look for no garbage in the program."""
    watch.is_stopping = lambda: not worker.alive
    gc.collect()
    gc.freeze()  # 140,000 objects that stay: each full collection held a request up for 70 ms to look at them
