"""Guest links over the API: made, listed without their secret, revoked."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from scenes.models import GuestLink
from tests.fixtures.callers import send
from tests.fixtures.guests import guest_with, make_link
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene
from videogen import notes

pytestmark = pytest.mark.postgres


@pytest.fixture
def address(scene) -> str:
    return f"/api/scenes/{scene.pk}/guest-links"


def test_a_link_tells_its_address_once_and_opens_until_it_is_revoked(alices, address):
    # Catches a secret that the list repeats, and a revocation that the link survives.
    made = send(alices, address, {"label": "Ines"})
    assert made.status_code == 201
    url = made.json().pop("url")
    listed = alices.get(address).json()
    assert [(link["label"], link["madeBy"], link["works"], link["revokedAt"]) for link in listed] == [
        ("Ines", "alice", True, None)
    ]
    assert url.rpartition("=")[2] not in alices.get(address).content.decode()
    ends, began = (datetime.fromisoformat(listed[0][name]) for name in ("expiresAt", "createdAt"))
    assert ends - began == timedelta(days=14)
    page = reverse("guest_scene", args=[listed[0]["id"]])
    guest = guest_with(url.rpartition("=")[2])
    assert guest.get(page).status_code == 200
    assert alices.get(address).json()[0]["lastSeenAt"] is not None
    for _ in range(2):
        assert alices.delete(f"{address}/{listed[0]['id']}").status_code == 204
    assert guest.get(page).status_code == 404
    assert [(link["works"], bool(link["revokedAt"])) for link in alices.get(address).json()] == [(False, True)]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"label"}),
        ({"label": "", "days": 0}, {"label", "days"}),
        ({"label": 5, "days": 91}, {"label", "days"}),
        ({"label": "x", "days": True}, {"days"}),
        ({"label": "x", "days": None}, {"days"}),
        ({"label": "x", "expiresAt": "2099-01-01"}, {"expiresAt"}),
    ],
)
def test_every_wrong_value_is_named(alices, address, body, fields):
    # Catches a link of a default length where another was asked for.
    refused = send(alices, address, body)
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json()["errors"]} == fields
    assert not GuestLink.objects.exists()


def test_a_link_is_revoked_under_its_own_scene_only(alices, address, alice):
    # Catches a right on one scene that closes the links of another.
    link, _secret = make_link(new_scene(alice, title="Secret"), alice)
    assert alices.delete(f"{address}/{link.pk}").status_code == 404
    link.refresh_from_db()
    assert link.is_open


def test_an_installation_without_guest_links_says_so(alices, address, settings, scene, alice):
    # Catches a program that is told its scene is gone.
    link, _secret = make_link(scene, alice)
    settings.GUEST_LINKS = False
    calls = [alices.get(address), send(alices, address, {"label": "x"}), alices.delete(f"{address}/{link.pk}")]
    assert [(call.status_code, call.json()["code"]) for call in calls] == [(404, "guest_links_off")] * 3


def test_a_note_says_that_a_guest_wrote_it_and_by_which_link(alices, scene, action, alice, start_frame):
    # Catches a program that takes a guest called alice for alice.
    take = finished_video(action, alice)
    link, _secret = make_link(scene, alice)
    notes.write_as_guest(take, link, "alice", 0, "Hold.")
    notes.write(take, alice, 1, "Slower.")
    url = f"/api/scenes/{scene.pk}/blocks/{action.pk}/takes/{take.pk}/notes"
    told = [(note["author"], note["isGuest"], note["guestLinkId"]) for note in alices.get(url).json()]
    assert told == [("alice (guest)", True, str(link.pk)), ("alice", False, None)]
