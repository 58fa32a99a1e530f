"""The Celery application. A message is only a doorbell: the rows of the database are the jobs."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("storyreel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
