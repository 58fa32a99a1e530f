"""What a guest sees and does by a link: one scene, and nothing else; and what is seen of it on the page of people."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from guardian.shortcuts import assign_perm

from scenes import guests
from scenes.models import Block, GuestLink
from tests.fixtures.guests import guest_with, make_link
from tests.fixtures.pages import HTMX, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, notes
from videogen.models import Frame, TakeNote, Video

pytestmark = pytest.mark.postgres
DATA = bytes(range(256)) * 4


@pytest.fixture
def take(action, alice, start_frame) -> Video:
    """The clip of the scene's first block, 24 frames."""
    return finished_video(action, alice, DATA)


@pytest.fixture
def link(scene, alice) -> tuple[GuestLink, str]:
    return make_link(scene, alice)


@pytest.fixture
def guest(link) -> Client:
    return guest_with(link[1])


@pytest.fixture
def routes(link, take, dialog, start_frame) -> dict[str, str]:
    """Everything behind the link, by name."""
    row = link[0].pk
    return {
        "scene": reverse("guest_scene", args=[row]),
        "play": reverse("guest_play", args=[row]),
        "clip": reverse("guest_clip", args=[row, take.pk]),
        "poster": reverse("guest_poster", args=[row, take.pk]),
        "frame": reverse("guest_frame", args=[row, start_frame.pk]),
        "line": reverse("guest_line", args=[row, dialog.pk]),
        "note": reverse("guest_note", args=[row, take.pk]),
    }


def write(client: Client, url: str, **fields: str):
    return client.post(url, {"name": "Ines", "frame": "24", "text": "Hold.", **fields})


def status(answer) -> int:
    if answer.streaming:
        list(answer.streaming_content)  # to the end, or the file stays open
    return answer.status_code


def statuses(client: Client, routes: dict[str, str]) -> set[int]:
    """What each route answers; a note is tried as well."""
    found = [write(client, url) if name == "note" else client.get(url) for name, url in routes.items()]
    return {status(answer) for answer in found}


def test_a_guest_sees_the_words_the_frames_the_clips_and_the_notes_of_the_scene(guest, routes, take, dialog, alice):
    # Catches a page without what the link is for.
    notes.write(take, alice, 3, "Darker.")
    page = look(guest.get(routes["scene"]))
    script = ("The Last Lamp", "Mara opens the door. Wind.", "Who is out there?")
    for words in (*script, "Darker.", "Shown to you by alice"):
        assert words in page.text
    assert routes["clip"] in page.html
    shot = guest.get(routes["play"]).json()["shots"][0]
    assert (shot["clip"], shot["picture"]) == (routes["clip"], routes["frame"])
    for name, kind in (("clip", "video/mp4"), ("frame", "image/png")):
        answer = guest.get(routes[name])
        assert (status(answer), answer["Content-Type"], answer["Cache-Control"]) == (200, kind, "private, no-cache")


def test_ranges_work_and_a_copy_that_a_browser_keeps_is_asked_about(guest, routes, take):
    # Catches a clip that cannot be moved through.
    part = guest.get(routes["clip"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, DATA[100:200])
    assert guest.get(routes["clip"], headers={"If-None-Match": f'"{take.sha256}"'}).status_code == 304


def test_every_other_route_is_closed_to_a_guest(guest, routes, scene, action, take, start_frame):
    # Catches a page, fragment, file or operation that takes the cookie of a guest for a person.
    guest.cookies["guest"]["path"] = "/"  # as an attacker would send it
    inside = {"film_id": scene.film_id, "scene_id": scene.pk, "sceneId": scene.pk, "filmId": scene.film_id}
    inside |= {"block_id": action.pk, "blockId": action.pk, "video_id": take.pk, "takeId": take.pk}
    inside |= {"frame_id": start_frame.pk, "step": "video", "role": "start", "request_id": 1, "note_id": 1}
    answers = {}
    for path in paths_of(get_resolver(), inside):
        if path.startswith(("/guest/", "/static/")):
            continue
        answer = guest.get(path)
        answers[path] = status(answer)
    allowed = {
        "/login/",
        "/admin/login/",
        "/sign-in/",
        "/healthz",
        "/metrics",
        "/api/",
        "/api/docs",
        "/api/openapi.json",
    }
    opened = {path for path, code in answers.items() if code == 200}
    assert opened <= allowed
    assert len(answers) > 150
    for path in (here("clip_file", action, take.pk), f"/api/scenes/{scene.pk}", reverse("scene", args=[scene.pk])):
        assert answers[path] in (302, 401)


def paths_of(resolver, values, prefix="/"):
    """Yield an address for each route, with an id for each of its parameters."""
    for pattern in resolver.url_patterns:
        route = prefix + re.sub(r"\\Z|[$^]|\\", "", str(pattern.pattern))
        if hasattr(pattern, "url_patterns"):
            yield from paths_of(pattern, values, route)
        else:
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values.get(found[1], scene_id(values))), route)


def scene_id(values) -> object:
    return values["scene_id"]


def test_only_what_the_scene_shows_comes_over_the_link(guest, link, scene, action, take, start_frame, alice):
    # Catches takes that nobody chose, candidates, end frames, and files of another scene of the same person.
    older = take
    newer = finished_video(action, alice, DATA)
    assert Video.objects.get(pk=newer.pk).is_current
    elsewhere = Block.objects.create(scene=new_scene(alice, title="Secret"), position=0, kind="action", text="x")
    frames = [actions.upload_frame(elsewhere, "start", picture_file(color="red"), alice)]
    frames.append(actions.upload_frame(action, "end", picture_file(color="blue"), alice))
    hidden = finished_video(elsewhere, alice, DATA)
    for video in (older, hidden):
        for name in ("guest_clip", "guest_poster"):
            assert guest.get(reverse(name, args=[link[0].pk, video.pk])).status_code == 404
        assert write(guest, reverse("guest_note", args=[link[0].pk, video.pk])).status_code == 404
    assert guest.get(reverse("guest_line", args=[link[0].pk, elsewhere.pk])).status_code == 404
    replaced = actions.upload_frame(action, "start", picture_file(color="green"), alice)
    Frame.objects.filter(pk=replaced.pk).update(is_chosen=False)
    for frame in [*frames, replaced]:
        assert guest.get(reverse("guest_frame", args=[link[0].pk, frame.pk])).status_code == 404
    assert "Secret" not in guest.get(reverse("guest_scene", args=[link[0].pk])).content.decode()
    Block.objects.filter(pk=action.pk).update(removed_at=timezone.now())
    assert guest.get(reverse("guest_clip", args=[link[0].pk, newer.pk])).status_code == 404
    assert not TakeNote.objects.exists()


def test_the_secret_of_one_link_opens_no_other(guest, scene, alice, take):
    # Catches a cookie that is good for every folder.
    other, secret = make_link(new_scene(alice, title="Secret"), alice)
    guest.cookies["guest"]["path"] = "/"
    assert guest.get(reverse("guest_scene", args=[other.pk])).status_code == 404
    assert guest_with(secret).get(reverse("guest_scene", args=[other.pk])).status_code == 200


@pytest.mark.parametrize("way", ["revoked", "ended", "off", "removed", "maker"])
def test_a_closed_link_is_404_everywhere_at_once_with_a_page_that_says_what_to_do(
    way, guest, link, routes, scene, alice, settings
):
    # Catches a clip that goes on after the link was closed, and a bare error.
    assert statuses(guest, routes) == {200, 202, 302}
    now = timezone.now()
    if way == "revoked":
        guests.revoke(link[0], alice)
    elif way == "ended":
        now += timedelta(days=guests.DAYS, seconds=1)
    elif way == "off":
        settings.GUEST_LINKS = False
    elif way == "removed":
        type(scene).objects.filter(pk=scene.pk).update(removed_at=now)
    else:
        type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    with time_machine.travel(now):
        assert statuses(guest, routes) == {404}
        for answer in (guest.get(routes["scene"]), Client().get(reverse("guest_door"), {"key": link[1]})):
            assert answer.status_code == 404
            assert "This link leads nowhere any more" in answer.content.decode()
            assert (answer["X-Robots-Tag"], "Sign in" in answer.content.decode()) == ("noindex, nofollow", False)
    assert TakeNote.objects.count() == 1


def test_without_its_secret_the_address_of_the_page_is_nothing(link, routes):
    # Catches a page that is open to whoever reads the address in a history or over a shoulder.
    assert statuses(Client(), routes) == {404}
    for key in ("", "x", link[1][:-1], str(link[0].pk)):
        assert Client().get(reverse("guest_door"), {"key": key}).status_code == 404


def test_no_session_begins_and_the_secret_goes_nowhere_else(link, routes, caplog):
    # Catches a guest who is somebody, and a secret in a page, a log, a Referer or the cookies of other pages.
    row, secret = link
    client = Client()
    opened = client.get(reverse("guest_door"), {"key": secret})
    cookie = opened.cookies["guest"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/guest/{row.pk}/", True, "Lax")
    assert cookie["expires"]
    assert "no-store" in opened["Cache-Control"]
    assert secret not in opened["Location"]
    page = client.get(routes["scene"])
    assert secret not in page.content.decode()
    assert (page["Referrer-Policy"], page["X-Robots-Tag"]) == ("same-origin", "noindex, nofollow")
    assert "noindex" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert "Cookie" in page["Vary"]
    write(client, routes["note"])
    guests.revoke(row, row.made_by)
    client.get(reverse("guest_door"), {"key": secret})
    assert secret not in caplog.text
    assert not Session.objects.exists()
    assert set(client.cookies) == {"guest", "guest_name", "csrftoken"}


def test_a_note_bears_the_name_the_guest_typed_once_and_the_owner_reads_it(guest, routes, take, action, alice):
    # Catches a note of a guest that looks like one of a person, or that asks for the name again.
    assert write(guest, routes["note"])["Location"].endswith(f"#block-{action.pk}")
    note = TakeNote.objects.get()
    assert (note.author, note.is_guest, note.shown_author, note.frame) == (None, True, "Ines (guest)", 23)
    page = look(guest.get(routes["scene"]))
    assert "You note as Ines" in page.text
    answer = guest.post(routes["note"], {"frame": "1", "text": "Slower."}, headers=HTMX)
    assert "Ines (guest): Slower." in look(answer).text
    dialog = look(signed_in(alice).get(here("clip_video", action)))
    for words in ("Ines (guest): Hold.", "Ines (guest): Slower.", "by the guest link “Ines”"):
        assert words in dialog.text
    renamed = guest.post(routes["note"], {"name": "Inés  P.", "frame": "1", "text": "x"}, headers=HTMX)
    assert renamed["HX-Refresh"] == "true"
    assert "You note as Inés P." in look(guest.get(routes["scene"])).text


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"name": " "}, "Type your name"),
        ({"name": "x" * 61}, "60 characters"),
        ({"name": "a\u202egnilrad"}, "turns the text around"),
        ({"frame": "25"}, "The clip has 24 frames."),
        ({"frame": "nine"}, "Give the number of a frame."),
        ({"text": " "}, "Write what is to be seen on this frame."),
        ({"text": "x" * 1001}, "1000 characters"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
def test_a_note_that_is_refused_says_why_and_keeps_what_was_typed(guest, routes, sent, words, headers):
    # Catches typed words that are lost, and a name that could be read as somebody else's.
    fields = {"name": "Ines", "frame": "2", "text": "Typed.", **sent}
    answer = guest.post(routes["note"], fields, headers=headers)
    assert answer.status_code == 200
    assert words in look(answer).text
    if "text" not in sent:
        assert 'value="Typed."' in answer.content.decode()
    assert not TakeNote.objects.exists()


def test_a_note_that_another_site_sends_is_refused(link, routes):
    # Catches notes in the name of a guest who only looked at another page.
    strict = Client(enforce_csrf_checks=True)
    strict.get(reverse("guest_door"), {"key": link[1]})
    assert write(strict, routes["note"]).status_code == 403
    strict.get(routes["scene"])
    sent = {"csrfmiddlewaretoken": strict.cookies["csrftoken"].value}
    assert write(strict, routes["note"], **sent).status_code == 302


def test_a_link_writes_no_more_notes_than_somebody_can(guest, routes, monkeypatch):
    # Catches a link that was passed on to a program.
    monkeypatch.setattr(notes, "GUEST_MOST", 2)
    for _ in range(2):
        assert write(guest, routes["note"]).status_code == 302
    for headers in ({}, HTMX):
        refused = guest.post(routes["note"], {"frame": "1", "text": "More."}, headers=headers)
        assert (refused.status_code, refused["Retry-After"]) == (429, "600")
        assert "Go on in a few minutes." in refused.content.decode()
    assert TakeNote.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert write(guest, routes["note"]).status_code == 302


def test_a_name_with_html_stays_text(guest, routes, action, alice):
    # Catches a guest who runs a script in the owner's browser.
    bad = "<img src=x onerror=alert(1)>"
    write(guest, routes["note"], name=bad, text=bad)
    for page in (guest.get(routes["scene"]), signed_in(alice).get(here("clip_video", action))):
        assert "&lt;img src=x" in page.content.decode()
        assert "<img src=x" not in page.content.decode()


def test_the_page_costs_the_same_for_one_block_and_for_many(
    guest, link, routes, take, scene, django_assert_num_queries
):
    # Catches a query for each block, for each note or for each of their drawings and links.
    drawn = {"strokes": [{"color": "red", "points": [[0, 0]]}]}
    notes.write(take, link[0].made_by, 0, "Slower.", drawn)
    guest.get(routes["scene"])
    for more in (20, 0):
        with django_assert_num_queries(7):
            guest.get(routes["scene"])
        for place in range(more):
            Block.objects.create(scene=scene, position=10 + place, kind="action", text="Rain.")
            notes.write_as_guest(take, link[0], "Ines", 0, "Hold.")
            notes.write(take, link[0].made_by, 0, "Slower.", drawn)


def test_an_empty_scene_says_so(alice):
    # Catches a page with nothing on it.
    link, secret = make_link(new_scene(alice, title="Fog"), alice)
    page = look(guest_with(secret).get(reverse("guest_scene", args=[link.pk])))
    assert "This scene has no blocks yet" in page.text
    assert "Play scene" not in page.text


# --- Making and revoking them -------------------------------------------------------------------------------------


def page_of(person, scene):
    return signed_in(person).get(reverse("scene_people", args=[scene.pk]))


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["form", "htmx"])
def test_a_link_is_shown_once_listed_and_revoked(scene, alice, headers):
    # Catches an address that can be read a second time, and a list without what is needed to judge a link.
    client, url = signed_in(alice), reverse("scene_guest_links", args=[scene.pk])
    assert "No guest link was made yet." in look(page_of(alice, scene)).text
    made = client.post(url, {"label": "Ines, colour", "days": "7"}, headers=headers)
    address = re.search(r"http\S+/guest/\?key=([\w-]+)", made.content.decode())
    assert "no-store" in made["Cache-Control"]
    link = GuestLink.objects.get()
    assert (link.expires_at - link.created_at) == timedelta(days=7)
    page = page_of(alice, scene)
    assert address[1] not in page.content.decode()
    assert "Ines, colour" in look(page).text
    assert "Not used yet." in look(page).text
    guest = guest_with(address[1])
    assert "Last used" in look(page_of(alice, scene)).text
    revoke = reverse("revoke_guest_link", args=[scene.pk, link.pk])
    assert client.post(revoke, headers=headers).status_code == (200 if headers else 302)
    assert "Revoked" in look(page_of(alice, scene)).text
    assert guest.get(reverse("guest_scene", args=[link.pk])).status_code == 404


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"label": "", "days": "14"}, "Label is empty."),
        ({"label": "Ines", "days": "0"}, "days must be a whole number from 1 to 90; “0” was given."),
        ({"label": "Ines", "days": "91"}, "“91” was given."),
        ({"label": "Ines", "days": "1e9"}, "“1e9” was given."),
        ({"label": "Ines"}, "days must be a whole number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(scene, alice, sent, words):
    # Catches a form that makes a link of a default where something else was sent.
    answer = signed_in(alice).post(reverse("scene_guest_links", args=[scene.pk]), sent, headers=HTMX)
    assert answer.status_code == 200
    assert words in look(answer).text
    assert not GuestLink.objects.exists()


def test_links_are_for_whoever_may_share(scene, alice, bob, charlie):
    # Catches a looker who lets others in.
    link, _secret = make_link(scene, alice)
    make, revoke = reverse("scene_guest_links", args=[scene.pk]), reverse("revoke_guest_link", args=[scene.pk, link.pk])
    sent = {"label": "x", "days": "14"}
    for person, code in ((bob, 403), (charlie, 404)):
        for url in (make, revoke):
            assert signed_in(person).post(url, sent).status_code == code
    assert "Guest links" not in page_of(bob, scene).content.decode()
    for url in (make, revoke):
        assert Client().post(url, sent)["Location"].startswith(reverse("login"))
    assign_perm("share_scene", bob, scene)
    assert signed_in(bob).post(revoke).status_code == 302
    elsewhere, _secret = make_link(new_scene(alice, title="Secret"), alice)
    assert signed_in(bob).post(reverse("revoke_guest_link", args=[scene.pk, elsewhere.pk])).status_code == 404
    assert GuestLink.objects.open().get() == elsewhere


def test_where_links_are_off_the_page_offers_none(scene, alice, settings):
    # Catches a form that makes a link which opens nothing.
    link, _secret = make_link(scene, alice)
    settings.GUEST_LINKS = False
    assert "Guest links" not in page_of(alice, scene).content.decode()
    client = signed_in(alice)
    assert client.post(reverse("scene_guest_links", args=[scene.pk]), {"label": "x", "days": "1"}).status_code == 404
    assert client.post(reverse("revoke_guest_link", args=[scene.pk, link.pk])).status_code == 404
    assert GuestLink.objects.count() == 1
