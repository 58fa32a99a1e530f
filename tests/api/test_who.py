"""Who may make which call: every row of the contract as each person, and without a good token."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from guardian.shortcuts import assign_perm

from accounts.models import ApiToken
from scenes import actions as writing
from scenes import guests, history
from scenes.models import Block
from tests.fixtures.callers import (
    ACTION,
    CHANGE,
    PROBLEM,
    ROWS,
    Row,
    program,
    send,
    timeline_of,
    with_expired_token,
    with_revoked_token,
    with_token,
)
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video, queued_frame, queued_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, export_jobs, notes
from videogen.exports import applied, brought
from videogen.exports.spec import ExportSpec
from videogen.models import Frame, Video


def prepare(row: Row, block: Block, alice) -> None:
    """Put there what the call needs."""
    if row.needs in ("frame", "live video", "take", "removed take"):
        actions.upload_frame(block, "start", picture_file(), alice)
    if row.needs == "live frame":
        queued_frame(block, alice)
    if row.needs == "live video":
        queued_video(block, alice)
    if row.needs == "export":
        export_jobs.queue_export(block.scene, ExportSpec(format="csv"), alice)
    if row.needs in ("take", "removed take"):
        made = finished_video(block, alice)
        notes.write(made, alice, 0, "Slower.")
        if row.needs == "removed take":
            actions.remove_video(made, alice)
    if row.needs == "guest link":
        guests.make(block.scene, alice, "Ines")
    if row.needs == "rewrite":
        actions.queue_rewrite(block, "video", "Rain.", alice)
    if row.right == CHANGE:
        prepare_script(row, block, alice)


def prepare_script(row: Row, block: Block, alice) -> None:
    """Put there what a call that writes needs."""
    if row.needs == "removed block":
        writing.remove_block(block, alice)
    if row.needs == "block before":
        writing.add_block(block.scene, alice, ACTION, writing.Place(before=block.pk))
    if row.needs == "removed scene":
        writing.remove_scene(block.scene)
    if row.needs == "timeline":
        applied.apply(block.scene, brought.read(timeline_of(block).encode()), alice, "cut.otio")
    if row.needs in ("step", "undone step"):
        for person in User.objects.all():  # the steps are each person's own
            writing.add_block(block.scene, person, ACTION, writing.Place())
            if row.needs == "undone step":
                history.undo(block.scene, person)


def problem(response) -> dict:
    assert response["Content-Type"] == PROBLEM
    document = response.json()
    assert document["status"] == response.status_code
    assert document["type"] == "about:blank"
    assert document["title"]
    assert document["detail"].endswith((".", "?"))
    return document


# --- What each person gets: (row, block, alice, bob, charlie) ----------------------------------------------------


def the_owner_may_make_every_call(row, block, alice, bob, charlie):
    assert row.call(program(alice), block).status_code == row.success


def who_may_only_look_reads_everything_and_is_told_which_right_is_missing(row, block, alice, bob, charlie):
    before = (Frame.objects.count(), Video.objects.count())
    response = row.call(program(bob), block)
    if not row.right:
        assert response.status_code == row.success
        return
    assert response.status_code == 403
    assert problem(response)["code"] == "not_allowed"
    assert row.right in problem(response)["detail"]
    assert (Frame.objects.count(), Video.objects.count()) == before


def the_right_on_the_block_scene_or_film_opens_the_call(row, block, alice, bob, charlie):
    if row.right:
        assign_perm(row.right, bob, row.target(block))
    if row.on == "film":
        assign_perm("view_film", bob, block.scene.film)
    assert row.call(program(bob), block).status_code == row.success


def an_outsider_is_told_that_nothing_is_there(row, block, alice, bob, charlie):
    response = row.call(program(charlie), block)
    assert response.status_code == 404
    assert problem(response)["code"] == "not_found"


def a_token_that_is_no_good_is_refused_even_beside_a_good_session(row, block, alice, bob, charlie):
    for client in (with_revoked_token(alice), with_expired_token(alice), with_token("storyreel_wrong")):
        client.cookies = signed_in(alice).cookies
        response = row.call(client, block)
        assert response.status_code == 401
        assert problem(response)["code"] == "token_invalid"
        assert response["WWW-Authenticate"] == 'Bearer realm="storyreel", error="invalid_token"'


def a_visitor_is_asked_who_they_are(row, block, alice, bob, charlie):
    response = row.call(Client(enforce_csrf_checks=True), block)
    assert response.status_code == 401
    assert problem(response)["code"] == "not_authenticated"
    assert response["WWW-Authenticate"] == 'Bearer realm="storyreel"'


def a_browsers_session_needs_its_csrf_token_for_what_changes_something(row, block, alice, bob, charlie):
    browser = signed_in(alice, enforce_csrf_checks=True)
    if not (row.right or row.changes) or row.reads:
        assert row.call(browser, block).status_code == row.success
        return
    refused = row.call(browser, block)
    assert refused.status_code == 403
    assert problem(refused)["code"] == "csrf_failed"
    browser.get("/api/docs")  # sets the cookie
    browser.defaults["HTTP_X_CSRFTOKEN"] = browser.cookies["csrftoken"].value
    assert row.call(browser, block).status_code == row.success


def a_token_needs_no_csrf_token_though_a_cookie_came_along(row, block, alice, bob, charlie):
    _, plaintext = ApiToken.issue(alice, "script")
    client = Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {plaintext}"})
    client.cookies = signed_in(alice).cookies
    assert row.call(client, block).status_code == row.success


def a_deactivated_person_is_nobody(row, block, alice, bob, charlie):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert row.call(program(alice), block).status_code == 401


RULES = [
    the_owner_may_make_every_call,
    who_may_only_look_reads_everything_and_is_told_which_right_is_missing,
    the_right_on_the_block_scene_or_film_opens_the_call,
    an_outsider_is_told_that_nothing_is_there,
    a_token_that_is_no_good_is_refused_even_beside_a_good_session,
    a_visitor_is_asked_who_they_are,
    a_browsers_session_needs_its_csrf_token_for_what_changes_something,
    a_token_needs_no_csrf_token_though_a_cookie_came_along,
    a_deactivated_person_is_nobody,
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_each_person_gets_what_the_contract_says(row, action, alice, bob, charlie, subtests):
    prepare(row, action, alice)
    for rule in RULES:
        with subtests.test(rule.__name__), transaction.atomic():
            rule(row, action, alice, bob, charlie)
            transaction.set_rollback(True)  # every rule begins with the same rows: making them takes the most time


def test_the_list_shows_only_what_one_may_see(scene, alices, bobs, charlies):
    assert [item["id"] for item in alices.get("/api/scenes").json()["items"]] == [str(scene.pk)]
    assert [item["id"] for item in bobs.get("/api/scenes").json()["items"]] == [str(scene.pk)]
    assert charlies.get("/api/scenes").json() == {"count": 0, "page": 1, "pageSize": 50, "items": []}
    assert Client().get("/api/scenes").status_code == 401


@pytest.mark.parametrize("path", ["video", "frame", "prompt"])
def test_a_block_of_another_scene_in_the_body_is_not_there(path, action, alices, alice, charlie):
    body = {"role": "start", "target": "video", "prompt": "Rain."}
    fields = {"video": {"prompt"}, "frame": {"role", "prompt"}, "prompt": {"target", "prompt"}}[path]
    elsewhere = new_scene(alice, title="Elsewhere")
    secret = Block.objects.create(scene=new_scene(charlie, title="Secret"), position=0, kind="action", text="x")
    for scene, block in ((elsewhere, action), (action.scene, secret)):
        sent = {name: body[name] for name in fields} | {"blockId": str(block.pk)}
        response = send(alices, f"/api/scenes/{scene.pk}/blocks/{path}", sent)
        assert response.status_code == 404
        assert problem(response)["code"] == "not_found"


@pytest.mark.parametrize("path", ["openapi.json", "docs"])
def test_the_document_and_its_page_are_open_to_all(path, db):
    assert Client().get(f"/api/{path}").status_code == 200
