"""Tables that every visitor makes longer are swept."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tasks import LOG_LIFE, sweep_sign_ins
from config.celery import app
from tests.fixtures.people import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_sessions_that_are_over_are_swept_and_others_stay(alice, bob):
    # Catches a table that grows with every sign-in, for ever.
    signed_in(alice)
    old = Session.objects.get()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    signed_in(bob)
    sweep_sign_ins()
    assert Session.objects.count() == 1
    assert Session.objects.get().pk != old.pk


def test_wrong_passwords_are_swept_once_they_count_no_more(alice, settings):
    # Catches a table that strangers fill, and a sweep that lets somebody guess on before the pause is over.
    for name in ("alice", "bob"):
        Client().post(reverse("login"), {"username": name, "password": "wrong"})
    pause = timedelta(hours=settings.AXES_COOLOFF_TIME)
    AccessAttempt.objects.filter(username="bob").update(attempt_time=timezone.now() - pause - timedelta(seconds=1))
    sweep_sign_ins()
    assert [attempt.username for attempt in AccessAttempt.objects.all()] == ["alice"]


def test_the_log_of_sign_ins_is_swept_when_it_is_old(alice):
    for age in (LOG_LIFE - timedelta(days=1), LOG_LIFE + timedelta(days=1)):
        log = AccessLog.objects.create(username="alice", path_info="/login/")
        AccessLog.objects.filter(pk=log.pk).update(attempt_time=timezone.now() - age)
    sweep_sign_ins()
    assert AccessLog.objects.count() == 1


def test_beat_asks_for_every_sweep_and_each_is_a_task_of_a_worker():
    # Catches a sweep that is written and never run.
    app.loader.import_default_modules()
    scheduled = {entry["task"]: entry["options"]["queue"] for entry in app.conf.beat_schedule.values()}
    assert "accounts.tasks.sweep_sign_ins" in scheduled
    assert scheduled.keys() <= app.tasks.keys()
    assert set(scheduled.values()) == {"sweep"}
