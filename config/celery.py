"""The Celery application. A message only wakes a worker: the rows of the database are the jobs."""

import os
import warnings

from celery import Celery
from celery.exceptions import SecurityWarning
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery would run the system checks in every process, which imports pages and API, and throw away what they say.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

# Celery warns of root because a pickled message could run code; ours are JSON (CELERY_ACCEPT_CONTENT).
warnings.filterwarnings("ignore", category=SecurityWarning)

TRANSPORT_ALIASES |= dict.fromkeys(("redis", "rediss"), "videogen.worker.transport:Transport")

app = Celery("storyreel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
