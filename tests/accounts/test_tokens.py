"""Tokens open the door for programs until they are revoked, and are kept as a hash only."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken
from api.auth import BearerToken
from tests.fixtures.people import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def operator(db) -> Client:
    return signed_in(User.objects.create_superuser("olga", password="olga's password"))


def printed(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_token_signs_its_person_in(alice):
    _, plaintext = ApiToken.issue(alice, "script")
    assert ApiToken.authenticate(plaintext) == alice


def test_a_token_holds_256_random_bits_and_none_is_like_another(alice):
    first, second = (ApiToken.issue(alice, "script")[1] for _ in range(2))
    assert first != second
    assert len(first.removeprefix("storyreel_")) == 43  # 32 bytes in base64


def test_the_database_never_holds_the_token_itself(alice):
    row, plaintext = ApiToken.issue(alice, "script")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_apitoken")
        stored = str(cursor.fetchall())
    assert plaintext not in stored
    assert row.token_hash in stored


@pytest.mark.parametrize("spoil", ["x", "", " ", "storyreel_", "\x00", "é" * 10_000])
def test_anything_else_opens_nothing(alice, spoil):
    ApiToken.issue(alice, "script")
    assert ApiToken.authenticate(spoil) is None


def test_a_revoked_token_opens_nothing_and_stays_revoked_since_then(alice):
    row, plaintext = ApiToken.issue(alice, "script")
    assert ApiToken.objects.filter(pk=row.pk).revoke() == 1
    row.refresh_from_db()
    since = row.revoked_at
    assert ApiToken.authenticate(plaintext) is None
    assert ApiToken.objects.filter(pk=row.pk).revoke() == 0
    row.refresh_from_db()
    assert row.revoked_at == since


def test_a_token_expires(alice):
    _, past = ApiToken.issue(alice, "old", timezone.now() - timedelta(seconds=1))
    _, future = ApiToken.issue(alice, "new", timezone.now() + timedelta(minutes=5))
    assert ApiToken.authenticate(past) is None
    assert ApiToken.authenticate(future) == alice


def test_a_token_of_a_deactivated_person_opens_nothing(alice):
    _, plaintext = ApiToken.issue(alice, "script")
    alice.is_active = False
    alice.save()
    assert ApiToken.authenticate(plaintext) is None


def test_use_is_noted_at_most_once_a_minute(alice, django_assert_num_queries):
    row, plaintext = ApiToken.issue(alice, "script")
    ApiToken.authenticate(plaintext)
    row.refresh_from_db()
    first = row.last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        ApiToken.authenticate(plaintext)
    row.refresh_from_db()
    assert row.last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    ApiToken.authenticate(plaintext)
    row.refresh_from_db()
    assert row.last_used_at > first - timedelta(seconds=1)


def test_the_api_finds_the_person_in_the_request(alice):
    _, plaintext = ApiToken.issue(alice, "script")
    request = RequestFactory().get("/api/scenes", headers={"Authorization": f"Bearer {plaintext}"})
    assert BearerToken()(request) == alice
    assert request.user == alice


def test_the_command_prints_the_token_and_nothing_else(alice):
    out = printed("apitoken", "alice")
    assert out.endswith("\n")
    assert out.count("\n") == 1
    assert ApiToken.authenticate(out.strip()) == alice


def test_the_command_names_and_limits_a_token(alice):
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        printed("apitoken", "alice", "--name", "render farm", "--days", "7")
    token = ApiToken.objects.get()
    assert (token.name, token.expires_at) == ("render farm", datetime(2026, 3, 8, tzinfo=UTC))


def test_a_token_of_the_command_ends_after_ninety_days_unless_told(alice):
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        printed("apitoken", "alice")
        printed("apitoken", "alice", "--name", "for ever", "--no-end")
    ends = dict(ApiToken.objects.values_list("name", "expires_at"))
    assert ends == {"command line": datetime(2026, 5, 30, tzinfo=UTC), "for ever": None}


def test_the_command_refuses_a_twenty_first_token(alice):
    for number in range(20):
        ApiToken.issue(alice, f"script {number}")
    with pytest.raises(CommandError, match="alice has 20 tokens"):
        printed("apitoken", "alice")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nobody"], "There is no user 'nobody'."),
        (["alice", "--days", "0"], "--days must be from 1 to 3650; got 0."),
        (["alice", "--name", "  "], "--name must have from 1 to 100 characters."),
        (["alice", "--name", "n" * 101], "--name must have from 1 to 100 characters."),
    ],
)
def test_the_command_refuses_what_makes_no_sense(alice, words, sentence):
    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        printed("apitoken", *words)
    assert not ApiToken.objects.exists()


def test_the_command_refuses_a_deactivated_person(alice):
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="is deactivated"):
        printed("apitoken", "alice")


def test_the_operator_sees_tokens_but_no_hash(operator, alice):
    row, plaintext = ApiToken.issue(alice, "render farm")
    for url in (
        reverse("admin:accounts_apitoken_changelist"),
        reverse("admin:accounts_apitoken_change", args=[row.pk]),
    ):
        page = operator.get(url).content.decode()
        assert "render farm" in page
        assert row.token_hash not in page
        assert plaintext not in page


def test_the_operator_revokes_tokens(operator, alice):
    row, plaintext = ApiToken.issue(alice, "render farm")
    url = reverse("admin:accounts_apitoken_changelist")
    page = operator.post(url, {"action": "revoke", "_selected_action": [row.pk]}, follow=True).content.decode()
    assert "1 token revoked." in page
    assert ApiToken.authenticate(plaintext) is None


def test_the_operator_cannot_make_a_token_in_a_form(operator):
    assert operator.get(reverse("admin:accounts_apitoken_add")).status_code == 403


def test_others_do_not_reach_the_list_of_tokens(alice):
    response = signed_in(alice).get(reverse("admin:accounts_apitoken_changelist"))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")
