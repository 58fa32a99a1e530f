"""Signing in and out: by password, by a link that works once, and not by guessing."""

from datetime import timedelta
from io import StringIO
from ipaddress import ip_network

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import links
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
    assert (response.status_code, response["Location"]) == (302, reverse("films"))
    assert person_of(client) == str(alice.pk)


def test_the_page_one_wanted_comes_next(alice, scene):
    client = Client()
    wanted = client.get(reverse("films"))
    assert wanted["Location"] == f"{LOGIN}?next=%2F"
    assert give(client, "alice", "alice's password", next="/?page=2")["Location"] == "/?page=2"


def test_the_login_sends_nobody_to_another_site(alice):
    response = give(Client(), "alice", "alice's password", next="https://evil.example/")
    assert response["Location"] == reverse("films")


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


def test_one_address_that_tries_many_names_is_slowed_too(alice, settings):
    settings.LOGIN_ADDRESS_FAILURE_LIMIT = 12
    for number in range(12):
        assert give(Client(), f"somebody-{number}", "wrong").status_code == 200
    assert give(Client(), "alice", "alice's password").status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.1")
    assert give(elsewhere, "alice", "alice's password").status_code == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert give(Client(), "alice", "alice's password").status_code == 302


def test_signing_out_ends_the_session(alice):
    client = signed_in(alice)
    assert client.get("/logout/").status_code == 405  # a link or picture elsewhere must not sign anybody out
    assert client.post("/logout/")["Location"] == LOGIN
    assert person_of(client) is None


def follow(client: Client, link: str):
    """Open a link and press its button, where it has one; the answer to the last request."""
    path, _, token = path_of(link).partition("?sesame=")
    page = client.get(path, {"sesame": token})
    return client.post(path, {"sesame": token}) if page.status_code == 200 else page


def test_a_link_signs_in_once(alice):
    link = sign_in_link(alice)
    first, second = Client(), Client()
    assert follow(first, link)["Location"] == reverse("films")
    assert person_of(first) == str(alice.pk)
    response = second.get(path_of(link), follow=True)
    assert response.redirect_chain == [(LOGIN, 302)]
    assert "was used already or is too old" in response.content.decode()
    assert person_of(second) is None


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_link_does_not_spend_it(alice, method):
    # Mail programs and messengers open links to show a preview.
    link = sign_in_link(alice)
    for _ in range(3):
        previewer = Client()
        assert getattr(previewer, method)(path_of(link)).status_code == 200
        assert person_of(previewer) is None
    reader = Client()
    follow(reader, link)
    assert person_of(reader) == str(alice.pk)


def test_two_presses_at_the_same_moment_make_one_session(alice):
    # Both have looked before either spends: what twelve parallel requests did.
    token = sign_in_link(alice).partition("sesame=")[2]
    looked = [links.look(token), links.look(token)]
    assert looked == [alice, alice]
    assert [links.spend(person) for person in looked] == [True, False]


def test_a_link_of_another_says_whom_you_will_be(alice, bob):
    client = signed_in(bob)
    page = client.get(path_of(sign_in_link(alice))).content.decode()
    assert person_of(client) == str(bob.pk)
    assert "Sign in as alice" in page
    assert "You are signed in as bob" in page
    follow(client, sign_in_link(alice))
    assert person_of(client) == str(alice.pk)


def test_another_site_cannot_press_the_button(alice):
    client = Client(enforce_csrf_checks=True)
    path, _, token = path_of(sign_in_link(alice)).partition("?sesame=")
    assert client.post(path, {"sesame": token}).status_code == 403
    assert person_of(client) is None


def test_the_page_of_a_link_is_kept_nowhere(alice):
    response = Client().get(path_of(sign_in_link(alice)))
    assert "no-store" in response["Cache-Control"]


def test_a_link_is_good_for_an_hour(alice):
    link = sign_in_link(alice)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        client = Client()
        follow(client, link)
        assert person_of(client) is None


def test_a_new_password_ends_the_links_from_before(alice):
    link = sign_in_link(alice)
    alice.set_password("another one")
    alice.save()
    client = Client()
    follow(client, link)
    assert person_of(client) is None


@pytest.mark.parametrize("query", ["", "?sesame=", "?sesame=AAAAAQ", "?sesame=%00", f"?sesame={'A' * 3000}"])
def test_a_damaged_link_leads_to_the_other_door(alice, query):
    client = Client()
    assert client.get(f"/sign-in/{query}")["Location"] == LOGIN
    assert client.post("/sign-in/", {"sesame": query.partition("=")[2]})["Location"] == LOGIN
    assert person_of(client) is None


def test_many_damaged_links_do_not_lock_a_good_one_out(alice):
    client = Client()
    for _ in range(12):
        client.get("/sign-in/?sesame=AAAAAQ")
        client.post("/sign-in/", {"sesame": "AAAAAQ"})
    assert give(client, "alice", "alice's password").status_code == 302


def test_many_damaged_links_lock_no_other_link_out(alice):
    # What closed every link of everybody: the links had no name, so they all counted as one.
    for _ in range(12):
        Client().get("/sign-in/?sesame=AAAAAQ")
    client = Client()
    follow(client, sign_in_link(alice))
    assert person_of(client) == str(alice.pk)


def test_a_name_that_is_locked_still_comes_in_by_link(alice):
    client = Client()
    for _ in range(11):
        give(client, "alice", "wrong")
    follow(client, sign_in_link(alice))
    assert person_of(client) == str(alice.pk)


def test_nothing_that_was_sent_is_kept_of_a_failed_attempt(alice):
    link = path_of(sign_in_link(alice))
    for number in range(9):
        Client().post(f"{LOGIN}?next={link}", {"username": "alice", "password": "wr0ng-secret", "next": "n" * 900})
        Client().get(f"/sign-in/?sesame=AAAAAQ{number}&much={'x' * 900}")
    kept = "".join(str(row) for row in AccessAttempt.objects.values_list("get_data", "post_data", "path_info"))
    assert AccessAttempt.objects.exists()
    assert "sesame" not in kept
    assert "wr0ng-secret" not in kept
    assert len(kept) < 500


def test_the_pause_ends_when_it_said_however_often_one_tries_meanwhile(alice):
    began = timezone.now()
    for _ in range(10):
        give(Client(), "alice", "wrong")
    for minutes in (3, 6, 9, 12, 14):
        with time_machine.travel(began + timedelta(minutes=minutes)):
            assert give(Client(), "alice", "alice's password").status_code == 429
    with time_machine.travel(began + timedelta(minutes=15, seconds=30)):
        assert give(Client(), "alice", "alice's password").status_code == 302


def test_behind_a_trusted_proxy_each_visitor_is_counted_alone(alice, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1/32")]
    mallory = {"headers": {"x-forwarded-for": "203.0.113.9, 198.51.100.7"}}
    for _ in range(10):
        Client().post(LOGIN, {"username": "alice", "password": "wrong"}, **mallory)
    right = {"username": "alice", "password": "alice's password"}
    assert Client().post(LOGIN, right, **mallory).status_code == 429
    assert Client().post(LOGIN, right, headers={"x-forwarded-for": "192.0.2.1"}).status_code == 302


def test_nobody_escapes_the_pause_by_inventing_addresses(alice):
    # No proxy is trusted: the header is whatever the visitor writes.
    for number in range(10):
        forged = {"x-forwarded-for": f"192.0.2.{number}"}
        Client().post(LOGIN, {"username": "alice", "password": "wrong"}, headers=forged)
    assert give(Client(), "alice", "alice's password").status_code == 429


def test_the_console_s_login_takes_a_name_of_any_length(alice):
    # PostgreSQL refuses to keep more than the column holds.
    response = Client().post("/admin/login/", {"username": "x" * 5000, "password": "wrong"})
    assert response.status_code == 200
    assert max(map(len, AccessAttempt.objects.values_list("username", flat=True))) <= 150


def test_a_link_of_a_deactivated_person_opens_nothing(alice):
    link = sign_in_link(alice)
    looked = links.look(link.partition("sesame=")[2])
    alice.is_active = False
    alice.save()
    client = Client()
    follow(client, link)
    assert not links.spend(looked)
    assert person_of(client) is None


def test_the_command_prints_the_link_and_nothing_else(alice):
    out = StringIO()
    call_command("signinlink", "alice", stdout=out)
    client = Client()
    follow(client, out.getvalue().removesuffix("\n"))
    assert person_of(client) == str(alice.pk)


def test_the_command_refuses_somebody_unknown():
    with pytest.raises(CommandError, match="There is no user 'nobody'"):
        call_command("signinlink", "nobody")


def test_the_command_on_the_login_page_is_whole(client):
    assert ".venv/bin/python manage.py signinlink NAME" in look(client.get("/login/")).text
