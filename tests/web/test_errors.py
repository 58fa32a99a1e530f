"""The error pages that need something to break."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.urls import reverse

from tests.fixtures.people import signed_in


@pytest.fixture
def away(monkeypatch, alice) -> Client:
    """A browser of alice, whose requests find the database gone."""
    browser = signed_in(alice)
    browser.raise_request_exception = False

    def gone(*args, **kwargs):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", gone)
    return browser


def test_a_page_answers_503_with_retry_after_while_the_database_is_away(away):
    # Catches a 500, which monitors and proxies take for a fault of the program.
    response = away.get(reverse("films"))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Nothing you made is lost" in response.content.decode()


def test_a_fragment_answers_503_with_one_sentence_while_the_database_is_away(away):
    response = away.get(reverse("films"), headers={"HX-Request": "true"})
    assert (response.status_code, response["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert "<" not in response.content.decode()


def test_any_other_fault_stays_a_500(monkeypatch, away):
    def broken(*args, **kwargs):
        raise RuntimeError("a fault")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", broken)
    assert away.get(reverse("films")).status_code == 500


def test_a_driver_that_lost_its_connection_is_a_503_too(monkeypatch, away):
    def lost(*args, **kwargs):
        raise InterfaceError("connection already closed")

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", lost)
    assert away.get(reverse("films")).status_code == 503


@pytest.mark.parametrize("words", ["database or disk is full", 'could not extend file "x": No space left on device'])
def test_a_database_without_room_is_a_507_on_the_page_and_in_the_api(monkeypatch, away, alice, alices, words):
    # Catches "the database is away, try again in a moment" where trying again never helps.
    def full(*args, **kwargs):
        raise OperationalError(words)

    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.load", full)
    monkeypatch.setattr("scenes.access.visible_scenes", full)
    page = away.get(reverse("films"))
    assert (page.status_code, "The disk is full" in page.content.decode()) == (507, True)
    told = alices.get("/api/scenes")
    assert (told.status_code, told.json()["code"]) == (507, "disk_full")
