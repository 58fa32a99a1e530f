"""A person's own page: a new password, and the end of everything else that is signed in as them."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.links import sign_in_link
from accounts.models import ApiToken
from tests.fixtures.people import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/account/"
NEW = "a fresh password"


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def change(client: Client, **fields: str):
    asked = {"old_password": "alice's password", "new_password1": NEW, "new_password2": NEW} | fields
    return client.post(PAGE, {name: value for name, value in asked.items() if value}, follow=True)


def test_a_new_password_keeps_this_browser_and_ends_the_others(alice):
    here, elsewhere = signed_in(alice), signed_in(alice)
    page = change(here).content.decode()
    assert "Your password is changed" in page
    assert is_in(here)
    assert not is_in(elsewhere)
    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_tokens_die_with_a_password_change_if_asked(alice):
    _, plaintext = ApiToken.issue(alice, "render")
    here = signed_in(alice)
    change(here)
    assert ApiToken.authenticate(plaintext) == alice
    page = change(here, old_password=NEW, end_tokens="on").content.decode()
    assert "1 API token" in page
    assert ApiToken.authenticate(plaintext) is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old_password": "wrong"}, "Your old password was entered incorrectly"),
        ({"new_password2": "another one"}, "The two password fields didn"),
        ({"new_password1": "password", "new_password2": "password"}, "This password is too common"),
    ],
)
def test_a_password_that_will_not_do_is_said_on_the_form(alice, fields, sentence):
    page = change(signed_in(alice), **fields).content.decode()
    assert sentence in page
    alice.refresh_from_db()
    assert alice.check_password("alice's password")


def test_wrong_old_passwords_are_counted_as_at_the_door(alice, settings):
    # Catches a browser left signed in, at which somebody guesses the password as often as they like.
    here, door = signed_in(alice), {"username": "alice", "password": "alice's password"}
    tries = [change(here, old_password="wrong").status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert tries == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    assert change(here).status_code == 429, "nor is the right one looked at now"
    assert Client().post(reverse("login"), door).status_code == 429
    assert is_in(here)
    alice.refresh_from_db()
    assert alice.check_password("alice's password")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert "Your password is changed" in change(here).content.decode()


def test_the_console_leads_to_this_page_for_a_new_password(alice):
    # Catches a second form, which counts nothing and ends no other session.
    alice.is_staff = True
    alice.save()
    assert signed_in(alice).get(reverse("admin:password_change"))["Location"] == PAGE


def test_who_came_by_link_and_has_no_password_sets_one(db):
    dora = User.objects.create_user("dora")
    client = signed_in(dora)
    assert 'name="old_password"' not in client.get(PAGE).content.decode()
    change(client, old_password="")
    dora.refresh_from_db()
    assert dora.check_password(NEW)
    assert 'name="old_password"' in client.get(PAGE).content.decode()


def test_ending_other_sessions_ends_all_but_this_and_nobody_else_s(alice, bob):
    here, phone, studio, bobs = signed_in(alice), signed_in(alice), signed_in(alice), signed_in(bob)
    link = sign_in_link(alice).partition("8000")[2]
    page = here.post("/account/end-sessions/", follow=True).content.decode()
    assert "2 other sessions" in page
    assert [is_in(client) for client in (here, phone, studio, bobs)] == [True, False, False, True]
    assert Client().get(link).status_code == 302, "a link that was not used yet ends as well"


def test_ending_sessions_takes_a_press(alice):
    here, elsewhere = signed_in(alice), signed_in(alice)
    assert here.get("/account/end-sessions/").status_code == 405
    assert is_in(elsewhere)


def test_a_visitor_is_sent_to_the_door(db):
    assert Client().get(PAGE)["Location"] == "/login/?next=%2Faccount%2F"
    assert Client().post("/account/end-sessions/").status_code == 302


def test_the_menu_leads_there(alice):
    assert f'href="{PAGE}"' in signed_in(alice).get("/").content.decode()
