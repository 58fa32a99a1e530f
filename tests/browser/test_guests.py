"""A guest in a browser without a session: one scene is seen, played and noted on, and nothing else opens."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import Page, expect

from scenes.models import Block, GuestLink
from tests.fixtures.browser import PHONE, check_accessibility, clip_path, until
from tests.fixtures.rows import finished_video, real_clip
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, notes
from videogen.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def take(action, alice, start_frame, tmp_path) -> Video:
    return finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))


@pytest.fixture
def secret_take(alice, tmp_path) -> Video:
    """A clip of another scene of the same film."""
    block = Block.objects.create(scene=new_scene(alice, title="Secret"), position=0, kind="action", text="x")
    actions.upload_frame(block, "start", picture_file(), alice)
    return finished_video(block, alice, real_clip(tmp_path / "secret.mp4"))


def status(page: Page, path: str) -> int:
    """What the browser of the page gets for an address, with its cookies."""
    return page.context.request.get(path, max_redirects=0).status


def test_a_guest_link_shows_one_scene_and_nothing_else(visit, scene, action, dialog, take, secret_take, alice):
    # Catches a way from the link to anything beside its scene, a note that does not arrive, a
    # drawing that is not shown over its frame, a refusal below the window, a link that goes on.
    owner = visit(f"/scenes/{scene.pk}/people/", alice)
    owner.get_by_label("Label").fill("Ines, colour")
    owner.get_by_role("button", name="Make a link").click()
    address = owner.locator("#guest-link-address").inner_text()
    owner.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owner.get_by_role("button", name="Copy").click()
    expect(owner.get_by_role("button", name="Copied")).to_be_visible()
    assert owner.evaluate("navigator.clipboard.readText()") == address
    check_accessibility(owner)

    guest = visit(re.sub(r"^https?://[^/]+", "", address), viewport=PHONE)
    link = GuestLink.objects.get()
    assert guest.url.endswith(f"/guest/{link.pk}/")
    expect(guest.get_by_role("heading", name="The Last Lamp")).to_be_visible()
    expect(guest.get_by_text("Who is out there?")).to_be_visible()
    check_accessibility(guest)
    assert guest.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    guest.evaluate("""() => {
        const hear = () => { window.hasPlayed = true; };
        document.querySelector("#player video").addEventListener("playing", hear);
    }""")
    guest.get_by_role("button", name="Play scene").click()
    until(guest, "window.hasPlayed")
    guest.keyboard.press("Escape")
    expect(guest.locator("#player")).to_be_hidden()

    guest.get_by_role("button", name="One frame forward").click()
    expect(guest.locator("[data-frame-number]")).to_have_text("frame 2/4")
    guest.get_by_label("Your name").fill("\u202eInes")
    guest.get_by_role("textbox", name="Note").fill("Too warm.")
    guest.keyboard.press("Enter")
    expect(guest.get_by_role("alert")).to_be_in_viewport()  # not at the top of a page that was loaded anew
    guest.wait_for_load_state()
    guest.get_by_label("Your name").fill("Ines")
    guest.get_by_role("button", name="One frame forward").click()
    expect(guest.locator("[data-frame-number]")).to_have_text("frame 2/4")
    guest.get_by_role("textbox", name="Note").fill("Too warm.")
    guest.keyboard.press("Enter")
    expect(guest.locator(".notes__note")).to_contain_text("Ines (guest): Too warm.")
    expect(guest.get_by_text("You note as Ines")).to_be_visible()
    guest.wait_for_load_state()  # the address names the block: a browser takes the focus there until all is here
    guest.get_by_role("textbox", name="Note").fill("And loud.")
    guest.keyboard.press("Enter")
    expect(guest.locator(".notes__note")).to_have_count(2)
    assert sorted(take.pinned_notes.values_list("frame", flat=True)) == [0, 1]
    check_accessibility(guest)

    drawn = {"strokes": [{"color": "red", "points": [[0.25, 0.5], [0.75, 0.5]]}]}
    notes.write(take, alice, 2, "This edge.", drawn)
    guest.reload()
    expect(guest.locator("[data-drawing] path")).to_have_count(0)
    guest.get_by_role("button", name="frame 3").click()
    expect(guest.locator("[data-drawing] path")).to_have_count(1)
    expect(guest.locator("[data-frame-number]")).to_have_text("frame 3/4")

    there, elsewhere = secret_take.block, secret_take.block.scene
    closed = [
        reverse("films"),
        reverse("film", args=[scene.film_id]),
        reverse("scene", args=[scene.pk]),
        reverse("scene", args=[elsewhere.pk]),
        reverse("clip_file", args=[scene.pk, action.pk, take.pk]),
        reverse("clip_file", args=[elsewhere.pk, there.pk, secret_take.pk]),
        reverse("guest_clip", args=[link.pk, secret_take.pk]),
        f"/api/scenes/{scene.pk}",
        f"/api/scenes/{scene.pk}/blocks/{action.pk}/takes/{take.pk}/notes",
        "/admin/",
    ]
    assert {path: status(guest, path) for path in closed if status(guest, path) not in (302, 401, 404)} == {}
    clip = reverse("guest_clip", args=[link.pk, take.pk])
    assert status(guest, clip) == 200
    assert {cookie["name"] for cookie in guest.context.cookies()} == {"guest", "guest_name", "csrftoken"}
    assert Session.objects.count() == 1  # the owner's

    reader = visit(clip_path(action, "video"), alice)
    expect(reader.locator(".notes__note").first).to_contain_text("Ines (guest)")
    expect(reader.get_by_text("Too warm.")).to_be_visible()

    owner.get_by_role("button", name="Revoke Ines, colour").click()
    owner.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(owner.get_by_text("leads nowhere any more")).to_be_visible()
    assert status(guest, clip) == 404
    guest.reload()
    expect(guest.get_by_role("heading", name="This link leads nowhere any more")).to_be_visible()
    check_accessibility(guest)
    assert status(guest, reverse("guest_scene", args=[link.pk])) == 404
