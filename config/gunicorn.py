"""gunicorn's settings: one process with threads, each of which may hold a long poll."""

from typing import Any

from django.conf import settings

from api.long_poll import watch

_host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
bind = f"{_host}:{settings.PORT}"
worker_class = "config.web_worker.PatientWorker"
threads = settings.WEB_THREADS
timeout = 60
graceful_timeout = 3
keepalive = 5
loglevel = "warning"
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Answer everybody who waits for a change when the server is asked to stop."""
    watch.is_stopping = lambda: not worker.alive
