"""The pages of who may do what: three people on a film, a scene and a block; giving, taking, asking, answering."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from guardian.shortcuts import assign_perm

from scenes import access, sharing
from scenes.models import GENERATE_FRAME, GENERATE_VIDEO, RightRequest
from tests.fixtures.pages import HTMX
from tests.fixtures.people import signed_in
from tests.fixtures.scene import film_of


@pytest.fixture
def editors(db) -> Group:
    group = Group.objects.create(name="Editors")
    group.user_set.add(User.objects.create_user("dora", first_name="Dora", last_name="Winter"))
    return group


@pytest.fixture(params=["film", "scene", "block"])
def kind(request) -> str:
    return request.param


def url(kind: str, route: str, block) -> str:
    ids = {"film": [block.scene.film_id], "scene": [block.scene_id], "block": [block.scene_id, block.pk]}[kind]
    return reverse(f"{kind}_{route}", args=ids)


def can(person: User, block) -> access.Rights:
    access.grant_rights(User.objects.get(pk=person.pk), block.scene, [block])
    return block.can


def test_the_page_says_where_it_is(kind, action, alice):
    # Catches the people of a scene without a way to its film.
    page = signed_in(alice).get(url(kind, "people", action)).content.decode()
    where = page[page.index("<nav", page.index("site-header")) :].partition("</nav>")[0]
    places = ["films", "film", "scene"] if kind != "film" else ["films"]
    ids = {"films": [], "film": [action.scene.film_id], "scene": [action.scene_id]}
    assert all(f'href="{reverse(place, args=ids[place])}"' in where for place in places)


def test_the_page_is_for_whoever_looks_and_the_table_for_whoever_may_share(kind, action, alice, bob, charlie):
    path = url(kind, "people", action)
    owner, looker = signed_in(alice).get(path), signed_in(bob).get(path)
    assert "Who may do what, and why" in owner.content.decode()
    assert "owner of the film" in owner.content.decode()
    assert (looker.status_code, "Who may do what, and why" in looker.content.decode()) == (200, False)
    assert "Ask alice for" in looker.content.decode()
    assert signed_in(charlie).get(path).status_code == 404
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize("route", ["people_search", "people_add", "people_change"])
def test_searching_giving_and_taking_take_the_right_to_share(route, kind, action, alice, bob, charlie):
    path = url(kind, route, action)
    method = "get" if route == "people_search" else "post"
    answers = [getattr(signed_in(person), method)(path, headers=HTMX).status_code for person in (alice, bob, charlie)]
    assert answers == [200, 403, 404]


def test_a_group_is_found_given_a_preset_and_loses_it_again(kind, action, alice, editors):
    dora, client = editors.user_set.get(), signed_in(alice)
    assign_perm("view_scene", dora, action.scene)
    found = client.get(url(kind, "people_search", action), {"q": "edi"}, headers=HTMX).content.decode()
    assert f'value="group:{editors.pk}"' in found
    sent = {"who": f"group:{editors.pk}", "preset": "make-videos"}
    answer = client.post(url(kind, "people_add", action), sent, headers=HTMX)
    assert "by group Editors, on" in answer.content.decode()
    assert can(dora, action).generate_video
    answer = client.post(
        url(kind, "people_change", action), {"who": f"group:{editors.pk}", "take": GENERATE_VIDEO}, headers=HTMX
    )
    assert "Took “make videos” from group Editors." in answer.content.decode()
    assert not can(dora, action).generate_video
    client.post(url(kind, "people_change", action), {"who": f"group:{editors.pk}", "give": GENERATE_FRAME})
    client.post(url(kind, "people_change", action), {"who": f"group:{editors.pk}", "take": "all"})
    assert can(dora, action) == access.Rights(view=True)


def test_one_letter_finds_nobody_and_no_search_tells_an_address(action, alice, editors):
    dora = editors.user_set.get()
    dora.email = "secret@example.org"
    dora.save()
    client, path = signed_in(alice), url("film", "people_search", action)
    assert "dora" not in client.get(path, {"q": "d"}).content.decode()
    for words in ("do", "winter", "secret"):
        assert "secret@" not in client.get(path, {"q": words}).content.decode()
    assert "Nobody and no group by that name" in client.get(path, {"q": "secret"}).content.decode()


@pytest.mark.parametrize("who", ["", "user:", "user:0", "user:x", "group:99", "admin:1", f"user:{10**30}", "user:²"])
def test_junk_for_a_person_is_refused_in_words(who, action, alice):
    for route in ("people_add", "people_change"):
        sent = {"who": who, "preset": "look", "give": "view_scene"}
        answer = signed_in(alice).post(url("scene", route, action), sent)
        assert answer.status_code == 200
        assert "field__error" in answer.content.decode()


def test_nobody_gives_more_than_they_hold_with_a_form_of_their_own(action, alice, bob, editors):
    for right in ("share_scene", GENERATE_FRAME):
        assign_perm(right, bob, action.scene)
    client, dora = signed_in(bob), editors.user_set.get()
    page = client.get(url("scene", "people", action)).content.decode()
    assert page.count("disabled") >= 3  # presets that Bob cannot give
    for route, sent in (
        ("people_add", {"preset": "write"}),
        ("people_add", {"preset": "make-videos"}),
        ("people_change", {"give": GENERATE_VIDEO}),
        ("people_change", {"give": "change_scene"}),
    ):
        answer = client.post(url("scene", route, action), {"who": f"user:{dora.pk}", **sent})
        assert answer.status_code == 403
        assert "You do not hold the right" in answer.content.decode()
    assert (
        client.post(url("film", "people_add", action), {"who": f"user:{dora.pk}", "preset": "look"}).status_code == 403
    )
    assert can(dora, action) == access.NOTHING
    client.post(url("scene", "people_add", action), {"who": f"user:{dora.pk}", "preset": "make-frames"})
    assert can(dora, action) == access.Rights(view=True, generate_frame=True)


def test_who_gives_up_the_right_to_share_is_led_away_in_peace(action, bob):
    assign_perm("share_scene", bob, action.scene)
    client, path = signed_in(bob), url("scene", "people_change", action)
    answer = client.post(path, {"who": f"user:{bob.pk}", "take": "share_scene"}, headers=HTMX)
    assert "What you may do here" in answer.content.decode()
    assign_perm("share_scene", bob, action.scene)
    answer = client.post(path, {"who": f"user:{bob.pk}", "take": "all"}, headers=HTMX)
    assert answer["HX-Redirect"] == "/"


def test_a_name_with_html_stays_text(action, alice):
    group = Group.objects.create(name="<img src=x onerror=alert(1)>")
    client = signed_in(alice)
    sent = {"who": f"group:{group.pk}", "preset": "look"}
    for page in (
        client.get(url("scene", "people_search", action), {"q": "<img"}),
        client.post(url("scene", "people_add", action), sent, headers=HTMX),
        client.get(url("scene", "people", action)),
    ):
        assert "&lt;img src=x" in page.content.decode()
        assert "<img src=x" not in page.content.decode()


# --- Asking -----------------------------------------------------------------------------------------------------


def test_a_looker_asks_where_the_control_is_closed_and_the_owner_answers(action, alice, bob):
    looks = signed_in(bob)
    scene_page = reverse("scene", args=[action.scene_id])
    assert "Ask alice for “make videos”" in looks.get(scene_page).content.decode()
    dialog = reverse("clip_video", args=[action.scene_id, action.pk])
    assert url("block", "people_ask", action) in looks.get(dialog).content.decode()
    answer = looks.post(url("scene", "people_ask", action), {"right": GENERATE_VIDEO}, headers=HTMX)
    assert "You asked alice for “make videos”" in " ".join(answer.content.decode().split())
    owner = signed_in(alice)
    assert "menu__waiting" in owner.get(scene_page).content.decode()
    assert "1 request waits for your answer" in " ".join(
        owner.get(url("film", "people", action)).content.decode().split()
    )
    asked = RightRequest.objects.get()
    answer = owner.post(reverse("request_decide", args=[asked.pk]), {"answer": "grant"}, headers=HTMX)
    assert "granted by alice" in " ".join(answer.content.decode().split())
    assert "people-changed" in answer["HX-Trigger-After-Swap"]
    assert can(bob, action).generate_video
    assert "granted" in looks.get(reverse("requests")).content.decode()
    assert "menu__waiting" not in owner.get(scene_page).content.decode()


def test_the_page_of_requests_costs_the_same_queries_for_one_and_for_many(action, dialog, alice, bob):
    def queries(person: User) -> int:
        client = signed_in(person)
        client.get(reverse("requests"))
        with CaptureQueriesContext(connection) as caught:
            assert "make videos" in client.get(reverse("requests")).content.decode()
        return len(caught)

    people = (alice, bob)
    sharing.ask(access.get_block(bob, action.scene_id, action.pk), bob, GENERATE_VIDEO)
    one = [queries(person) for person in people]
    for block in (action, dialog):
        for right in (GENERATE_FRAME, GENERATE_VIDEO, "scene_block:video:delete"):
            sharing.ask(access.get_block(bob, block.scene_id, block.pk), bob, right)
    sharing.ask(access.get_scene(bob, action.scene_id), bob, GENERATE_VIDEO)
    sharing.ask(access.get_film(bob, film_of(alice).pk), bob, "view_scene")
    assert [queries(person) for person in people] == one


def test_a_decline_is_told_with_the_day_from_which_one_may_ask_again(action, alice, bob):
    signed_in(bob).post(url("scene", "people_ask", action), {"right": GENERATE_VIDEO})
    signed_in(alice).post(reverse("request_decide", args=[RightRequest.objects.get().pk]), {"answer": "decline"})
    page = " ".join(signed_in(bob).get(reverse("scene", args=[action.scene_id])).content.decode().split())
    assert "alice declined “make videos”. You can ask again from" in page
    again = signed_in(bob).post(url("scene", "people_ask", action), {"right": GENERATE_VIDEO}, headers=HTMX)
    assert "declined less than a day ago" in again.content.decode()
    assert not can(bob, action).generate_video


def test_nobody_answers_or_sees_what_is_not_theirs_to_answer(action, alice, bob, charlie):
    asked = sharing.ask(access.get_scene(bob, action.scene_id), bob, GENERATE_VIDEO)
    for person in (bob, charlie):
        answer = signed_in(person).post(reverse("request_decide", args=[asked.pk]), {"answer": "grant"})
        assert answer.status_code == 404
    assert Client().post(reverse("request_decide", args=[asked.pk])).status_code == 302
    assert signed_in(charlie).post(url("scene", "people_ask", action), {"right": "view_scene"}).status_code == 404
    assert not can(bob, action).generate_video


def test_junk_for_a_right_is_refused_without_a_fault(kind, action, bob):
    for right in ("", "delete_scene", "x" * 300, "\x00"):
        answer = signed_in(bob).post(url(kind, "people_ask", action), {"right": right}, headers=HTMX)
        assert answer.status_code == 404
        assert signed_in(bob).post(url(kind, "people_ask", action), {"right": right}).status_code == 302
    assert not RightRequest.objects.exists()


def test_the_people_of_a_removed_scene_are_not_there(action, alice):
    path = url("scene", "people", action)
    type(action.scene).objects.filter(pk=action.scene_id).update(removed_at="2026-11-01T00:00Z")
    assert signed_in(alice).get(path).status_code == 404
    assert signed_in(alice).get(reverse("requests")).status_code == 200


def test_the_page_costs_the_same_queries_for_few_people_and_for_many(kind, action, dialog, alice, bob, editors):
    def queries() -> int:
        client = signed_in(alice)
        client.get(url(kind, "people", action))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url(kind, "people", action)).status_code == 200
        return len(caught)

    film = access.get_film(alice, film_of(alice).pk)
    block = access.get_block(alice, action.scene_id, action.pk)
    targets = (film, block.scene, block)
    sharing.ask(access.get_scene(bob, action.scene_id), bob, GENERATE_VIDEO)
    for target in targets:
        sharing.change(target, editors, alice, give=[GENERATE_FRAME])
    few = queries()
    for number in range(8):
        person = User.objects.create_user(f"person-{number}")
        editors.user_set.add(person)
        assign_perm("view_scene", person, action.scene)
        sharing.ask(access.get_scene(person, action.scene_id), person, GENERATE_VIDEO)
        for target in targets:
            sharing.change(target, person, alice, give=[GENERATE_FRAME])
        RightRequest.objects.filter(person=person).update(decided_at=None, granted=None, decided_by=None)
    assert queries() == few
