"""How gunicorn serves the site: one process with threads, each of which may hold a long poll."""

from django.conf import settings

_host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
bind = f"{_host}:{settings.PORT}"
worker_class = "gthread"
threads = settings.WEB_THREADS
timeout = 60
graceful_timeout = 3
keepalive = 5
loglevel = "warning"
control_socket_disable = True
