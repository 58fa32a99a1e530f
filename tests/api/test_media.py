"""The files whose addresses the API hands out: a program fetches them with its token."""

import pytest
from django.test import Client

from tests.fixtures.callers import base, upload, with_expired_token, with_revoked_token, with_token
from tests.fixtures.people import signed_in


@pytest.fixture
def urls(alices, action) -> list[str]:
    frame = upload(alices, f"{base(action)}/frames/start").json()
    return [frame["url"], frame["posterUrl"]]


def status(client: Client, url: str, **headers: str) -> int:
    response = client.get(url, headers=headers)
    if response.streaming:
        list(response.streaming_content)
    return response.status_code


def test_whoever_may_see_the_scene_may_fetch_its_files(alices, bobs, charlies, urls):
    for url in urls:
        assert [status(client, url) for client in (alices, bobs, charlies)] == [200, 200, 404]


def test_a_part_can_be_fetched(alices, urls):
    assert status(alices, urls[0], range="bytes=0-9") == 206
    assert status(alices, urls[0], range="bytes=99999999-") == 416


@pytest.mark.parametrize("make", [with_revoked_token, with_expired_token, lambda alice: with_token("nonsense")])
def test_a_bad_token_is_refused_even_beside_a_good_session(make, alice, urls):
    client = make(alice)
    client.cookies = signed_in(alice).cookies
    response = client.get(urls[0])
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_the_token_comes_before_the_session(charlies, alice, urls):
    charlies.cookies = signed_in(alice).cookies
    assert status(charlies, urls[0]) == 404


def test_a_token_opens_no_page_meant_for_people(alices, action):
    for url in ("/", f"/scenes/{action.scene_id}/", "/admin/"):
        assert alices.get(url).status_code == 302
