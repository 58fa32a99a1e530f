"""The Celery tasks of people's sessions and sign-ins."""

import logging
from datetime import timedelta
from importlib import import_module

from axes.helpers import get_cool_off
from axes.models import AccessAttempt, AccessLog
from celery import shared_task
from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

logger = logging.getLogger(__name__)

LOG_LIFE = timedelta(days=90)  # how long it is kept who signed in from where


@shared_task(name="accounts.tasks.sweep_sign_ins")
def sweep_sign_ins() -> None:
    """Every hour: remove sessions that are over, wrong passwords that count no more, and old sign-ins."""
    close_old_connections()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    now = timezone.now()
    attempts, _ = AccessAttempt.objects.filter(attempt_time__lt=now - (get_cool_off() or LOG_LIFE)).delete()
    logs, _ = AccessLog.objects.filter(attempt_time__lt=now - LOG_LIFE).delete()
    if attempts or logs:
        logger.info("Removed %d wrong passwords and %d sign-ins that are over.", attempts, logs)
