"""Junk in the addresses of the console, on lists that are ours and on those of Django and of django-axes alike."""

import logging

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.fixtures.people import signed_in

pytestmark = pytest.mark.postgres

YEAR = "99999999999"


@pytest.fixture
def operator(db) -> Client:
    return signed_in(User.objects.create_superuser("operator", password="operator's password"))


@pytest.mark.parametrize(
    ("model", "query"),
    [
        ("auth_user", f"date_joined__year={YEAR}"),
        ("accounts_apitoken", f"created_at__iso_year={YEAR}"),
        ("axes_accesslog", f"attempt_time__year__gte={YEAR}"),
        ("scenes_scene", f"created_at__iso_year={YEAR}"),
        ("videogen_worker", f"seen_at__year__gte={YEAR}"),
    ],
)
def test_junk_in_the_address_of_any_list_shows_all_of_its_rows(operator, caplog, model, query):
    address = reverse(f"admin:{model}_changelist")
    with caplog.at_level(logging.WARNING):
        assert operator.get(f"{address}?{query}", follow=True).redirect_chain == [(f"{address}?e=1", 302)]
    assert "Junk in the address" in caplog.text


def test_a_number_that_no_column_can_hold_is_no_error(operator):
    # SQLite cannot be asked for it, so all rows are shown; PostgreSQL can, and knows none.
    address = reverse("admin:videogen_video_changelist")
    assert operator.get(f"{address}?width__in=99999999999999999999999", follow=True).status_code == 200


def test_junk_in_the_address_of_a_form_opens_it_empty(operator):
    response = operator.get(reverse("admin:scenes_scene_add"), {"location": "junk"}, follow=True)
    assert response.status_code == 200


def test_an_error_that_no_address_explains_is_still_an_error(operator, monkeypatch):
    def broken(*_: object) -> None:
        raise ValueError("a fault of our own")

    monkeypatch.setattr("scenes.admin.script.SceneAdmin.get_queryset", broken)
    for query in ("", "?e=1"):
        with pytest.raises(ValueError, match="of our own"):
            operator.get(reverse("admin:scenes_scene_changelist") + query)
