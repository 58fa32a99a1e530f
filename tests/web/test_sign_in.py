"""Signing in and out: by password, by a link that works once, and not by guessing."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.links import sign_in_link
from tests.fixtures.pages import look
from tests.fixtures.people import signed_in

pytestmark = pytest.mark.django_db
LOGIN = "/login/"


def person_of(client: Client) -> str | None:
    """Who the browser is signed in as, by the session it holds."""
    return client.session.get("_auth_user_id")


def path_of(link: str) -> str:
    return link.removeprefix("http://127.0.0.1:8000")


def give(client: Client, username: str, password: str, **more: str):
    return client.post(LOGIN, {"username": username, "password": password} | more)


def test_the_right_password_leads_to_the_scenes(alice):
    client = Client()
    response = give(client, "alice", "alice's password")
    assert (response.status_code, response["Location"]) == (302, reverse("scenes"))
    assert person_of(client) == str(alice.pk)


def test_the_page_one_wanted_comes_next(alice, scene):
    client = Client()
    wanted = client.get(reverse("scenes"))
    assert wanted["Location"] == f"{LOGIN}?next=%2F"
    assert give(client, "alice", "alice's password", next="/?page=2")["Location"] == "/?page=2"


def test_the_login_sends_nobody_to_another_site(alice):
    response = give(Client(), "alice", "alice's password", next="https://evil.example/")
    assert response["Location"] == reverse("scenes")


def test_a_wrong_password_is_said_on_the_form(alice):
    response = give(Client(), "alice", "wrong")
    assert response.status_code == 200
    assert "Please enter a correct username and password" in response.content.decode()
    assert 'value="alice"' in response.content.decode()


@pytest.mark.parametrize("name", ["", "nobody", "x" * 5000, "\x00", "<script>"])
def test_a_strange_name_is_no_error(name):
    response = give(Client(), name, "wrong")
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_ten_wrong_passwords_lock_the_name_for_a_while(alice, bob):
    client = Client()
    for _ in range(9):
        assert give(client, "alice", "wrong").status_code == 200
    locked = give(client, "alice", "wrong")
    assert locked.status_code == 429
    assert "Wait 15 minutes" in locked.content.decode()
    assert give(client, "alice", "alice's password").status_code == 429
    assert person_of(client) is None
    assert give(client, "bob", "bob's password").status_code == 302


def test_the_lock_opens_after_a_quarter_of_an_hour(alice):
    for _ in range(10):
        give(Client(), "alice", "wrong")
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert give(Client(), "alice", "alice's password").status_code == 302


def test_signing_out_ends_the_session(alice):
    client = signed_in(alice)
    assert client.get("/logout/").status_code == 405  # a link or picture elsewhere must not sign anybody out
    assert client.post("/logout/")["Location"] == LOGIN
    assert person_of(client) is None


def test_a_link_signs_in_once(alice):
    link = path_of(sign_in_link(alice))
    first, second = Client(), Client()
    assert first.get(link)["Location"] == reverse("scenes")
    assert person_of(first) == str(alice.pk)
    response = second.get(link, follow=True)
    assert response.redirect_chain == [(LOGIN, 302)]
    assert "was used already or is too old" in response.content.decode()
    assert person_of(second) is None


def test_a_link_is_good_for_an_hour(alice):
    link = path_of(sign_in_link(alice))
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        client = Client()
        client.get(link)
        assert person_of(client) is None


@pytest.mark.parametrize("query", ["", "?sesame=", "?sesame=AAAAAQ", "?sesame=%00", f"?sesame={'A' * 3000}"])
def test_a_damaged_link_leads_to_the_other_door(alice, query):
    client = Client()
    assert client.get(f"/sign-in/{query}")["Location"] == LOGIN
    assert person_of(client) is None


def test_many_damaged_links_do_not_lock_a_good_one_out(alice):
    client = Client()
    for _ in range(12):
        client.get("/sign-in/?sesame=AAAAAQ")
    assert give(client, "alice", "alice's password").status_code == 302


def test_a_link_of_a_deactivated_person_opens_nothing(alice):
    link = path_of(sign_in_link(alice))
    alice.is_active = False
    alice.save()
    client = Client()
    client.get(link)
    assert person_of(client) is None


def test_the_command_prints_the_link_and_nothing_else(alice):
    out = StringIO()
    call_command("signinlink", "alice", stdout=out)
    client = Client()
    client.get(path_of(out.getvalue().removesuffix("\n")))
    assert person_of(client) == str(alice.pk)


def test_the_command_refuses_somebody_unknown():
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        call_command("signinlink", "nobody")


def test_the_command_on_the_login_page_is_whole(client):
    assert ".venv/bin/python manage.py signinlink NAME" in look(client.get("/login/")).text
