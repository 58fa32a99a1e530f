"""A person's own page of tokens."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken
from tests.fixtures.people import signed_in

PAGE = "/tokens/"


def make(client: Client, **fields: str):
    return client.post(PAGE, {"name": "Render script", "days": "90"} | fields)


def shown(response) -> str:
    found = re.search(r'id="new-token">(storyreel_[\w-]+)<', response.content.decode())
    return found[1] if found else ""


def test_a_new_token_is_shown_once_and_works(alice):
    client = signed_in(alice)
    response = make(client)
    plaintext = shown(response)
    assert ApiToken.authenticate(plaintext) == alice
    assert "no-store" in response["Cache-Control"]
    later = client.get(PAGE).content.decode()
    assert plaintext not in later
    assert "Render script" in later
    assert ApiToken.objects.get().expires_at is not None


def test_a_token_can_be_made_without_an_end(alice):
    make(signed_in(alice), days="")
    assert ApiToken.objects.get().expires_at is None


def test_a_token_ends_by_itself_unless_one_says_otherwise(alice):
    # A form without the field, of an older page or a script, made tokens without an end.
    signed_in(alice).post(PAGE, {"name": "Render script"})
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=89) < left <= timedelta(days=90)


def test_the_twenty_first_token_is_refused_until_one_is_revoked(alice, bob):
    client = signed_in(alice)
    for number in range(20):
        ApiToken.issue(alice, f"script {number}")
    ApiToken.issue(bob, "his own")
    response = make(client)
    assert shown(response) == ""
    assert "You have 20 tokens" in response.content.decode()
    ApiToken.objects.filter(name="script 3").revoke()
    ApiToken.objects.filter(name="script 4").update(expires_at=timezone.now())
    assert shown(make(client))
    assert shown(make(client))
    assert shown(make(client)) == ""


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(alice):
    response = make(signed_in(alice), name="x" * 101)
    assert shown(response) == ""
    assert "x" * 101 in response.content.decode()
    assert "field__error" in response.content.decode()
    assert make(signed_in(alice), days="7").status_code == 200
    assert make(signed_in(alice), name=" ").status_code == 200
    assert ApiToken.objects.count() == 0


def test_revoking_shuts_it_and_says_so(alice):
    client = signed_in(alice)
    plaintext = shown(make(client))
    response = client.post(f"/tokens/{ApiToken.objects.get().pk}/revoke/", follow=True)
    assert ApiToken.authenticate(plaintext) is None
    assert "no longer works" in response.content.decode()
    assert "Revoked" in response.content.decode()


def test_nobody_sees_or_revokes_the_tokens_of_another(alice, bob):
    row, plaintext = ApiToken.issue(alice, "hers alone")
    assert "hers alone" not in signed_in(bob).get(PAGE).content.decode()
    assert signed_in(bob).post(f"/tokens/{row.pk}/revoke/").status_code == 404
    assert ApiToken.authenticate(plaintext) == alice


def test_a_visitor_is_sent_to_the_door(db):
    assert Client().get(PAGE)["Location"] == f"/login/?next={PAGE.replace('/', '%2F')}"
    assert Client().post("/tokens/1/revoke/").status_code == 302


def test_a_token_cannot_make_a_token(alice):
    _, plaintext = ApiToken.issue(alice, "script")
    client = Client(headers={"authorization": f"Bearer {plaintext}"})
    assert client.post(PAGE, {"name": "more"}).status_code == 302
    assert ApiToken.objects.count() == 1
