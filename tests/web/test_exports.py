"""The page of exports: what can be taken home, what is being made, what is ready."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from scenes import actions as writing
from scenes.models import Block
from tests.fixtures.callers import bring_timeline, timeline_of
from tests.fixtures.people import signed_in
from tests.fixtures.scene import new_scene
from videogen import export_jobs
from videogen.exports import applied, brought
from videogen.exports.spec import ExportSpec
from videogen.models import Export, Status
from videogen.worker import progress, run

pytestmark = pytest.mark.django_db
FORM = {"format": "csv", "captions": "none", "first_frame": "1001", "layout": "grid", "stills": "on"}


@pytest.fixture
def url(scene, action) -> str:
    return reverse("scene_exports", args=[scene.pk])


@pytest.fixture
def made(monkeypatch):
    """Make what waits, as a worker does."""
    for module in (run, progress):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)

    def make() -> None:
        run.make(run.claim_next("exports", "exports@here/1"), "exports@here")

    return make


def test_whoever_may_look_may_take_it_home_and_a_stranger_finds_nothing(url, scene, alice, bob, charlie, client):
    # Catches a page that asks for a right to change, and one that shows a film's name to strangers.
    for person in (alice, bob):
        page = signed_in(person).get(url)
        assert (page.status_code, "1 card with words" in page.content.decode()) == (200, True)
    assert signed_in(charlie).get(url).status_code == 404
    assert client.get(url)["Location"].startswith("/login/")
    assert signed_in(bob).post(url, FORM).status_code == 302
    assert Export.objects.get().requested_by == bob


def test_the_card_polls_while_it_is_made_and_then_offers_the_file(url, scene, alice, bob, made):
    # Catches a card that asks for ever, and a button for somebody who may not stop it.
    browser = signed_in(alice)
    browser.post(url, FORM)
    row = Export.objects.get()
    card = reverse("export_card", args=[row.pk])
    waiting = browser.get(card).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert "Waiting, place 1" in waiting
    assert reverse("stop_export", args=[row.pk]) in waiting
    assert reverse("stop_export", args=[row.pk]) not in signed_in(bob).get(card).content.decode()
    made()
    ready = browser.get(card).content.decode()
    assert "hx-trigger" not in ready
    assert reverse("export_file", args=[row.pk]) in ready
    assert "kept until" in ready


def test_only_the_very_same_export_leads_to_the_one_that_is_made(url, scene, action, alice):
    # Catches a second layout refused as made already, one of newer words too, and a refusal that leads nowhere.
    browser, asked = signed_in(alice), FORM | {"format": "pdf"}
    for layout in ("grid", "list"):
        assert browser.post(url, asked | {"layout": layout})["Location"] == url
    same = Export.objects.get(spec__layout="grid")
    assert browser.post(url, asked)["Location"] == f"{url}#export-{same.pk}"
    assert "This file is being made already." in browser.get(url).content.decode()
    Block.objects.filter(pk=action.pk).update(text="Rain.")
    assert browser.post(url, asked)["Location"] == url
    assert Export.objects.count() == 3


def test_stopped_and_failed_ones_say_so_in_words(url, scene, alice, bob):
    # Catches a failure without a sentence, and one who may look and stops what is another's.
    browser = signed_in(alice)
    row = export_jobs.queue_export(scene, ExportSpec(format="csv"), alice)
    stop = reverse("stop_export", args=[row.pk])
    assert signed_in(bob).post(stop).status_code == 403
    assert "Stopped. There is no file." in browser.post(stop, headers={"hx-request": "true"}).content.decode()
    row = export_jobs.queue_export(scene, ExportSpec(format="csv"), alice)
    row.claim("worker")
    row.fail("clip_missing", {"shot": "block 1 of “Rain”"})
    assert "A file of block 1 of “Rain” was deleted" in browser.get(url).content.decode()


def test_what_is_deleted_is_gone_and_not_by_who_may_only_look(scene, alice, bob, url):
    # Catches a delete that anybody can press.
    row = export_jobs.queue_export(scene, ExportSpec(format="csv"), alice)
    delete = reverse("delete_export", args=[row.pk])
    assert signed_in(bob).post(delete).status_code == 403
    assert signed_in(alice).post(delete)["Location"] == url
    assert not Export.objects.exists()


def test_a_refused_form_keeps_what_was_chosen_and_says_what_is_wrong(url, alice):
    # Catches a form that forgets, and a refusal nobody sees.
    page = signed_in(alice).post(url, FORM | {"first_frame": "minus one", "format": "pdf"}).content.decode()
    assert "Number of the first frame" in page
    assert "minus one" in page
    assert "must be a whole number from 0 to 999999" in page
    page = signed_in(alice).post(url, FORM | {"format": "zip"}).content.decode()
    assert "There is no clip to export yet." in page
    assert not Export.objects.exists()


def test_a_switch_that_is_off_is_off(url, scene, alice):
    # Catches an unchecked box that is read as its default, which is on.
    form = {name: value for name, value in FORM.items() if name != "stills"}
    page = signed_in(alice).post(url, form).content.decode()
    assert "There is nothing to export yet" in page


def test_an_empty_scene_says_what_to_do(scene, alice):
    # Catches a form of formats for nothing.
    page = signed_in(alice).get(reverse("scene_exports", args=[scene.pk])).content.decode()
    assert "Nothing to export yet" in page
    assert "exports__form" not in page


def test_two_exports_of_one_format_are_told_apart_by_what_was_chosen(url, scene, alice):
    # Catches three storyboards in a row of which one has to open each to know its layout.
    browser = signed_in(alice)
    told = {
        "six panels a page": ExportSpec(format="pdf"),
        "one panel a page, shots from frame 1": ExportSpec(format="pdf", layout="single", first_frame=1),
        "captions as a track, 512 × 768": ExportSpec(format="mp4", captions="track", width=512, height=768),
        "30 frames a second, clips alone, without scratch voices": ExportSpec(
            format="mp4", frame_rate=30, stills=False, voices=False
        ),
    }
    for words, spec in told.items():
        Export.objects.create(
            film=scene.film, scene=scene, title="Fog", model=spec.format, spec=spec.to_json(), requested_by=alice
        ).cancel(alice)
        assert f'<span class="muted small">{words}</span>' in browser.get(url).content.decode()


def test_an_option_is_shown_with_the_formats_that_it_changes(url, alice):
    # Catches a number that the timeline for Premiere carries and cannot be chosen, and voices for a shot list.
    page = signed_in(alice).get(url).content.decode()
    assert 'data-only-for="zip otioz fcpxml pdf csv"' in page
    assert 'data-only-for="mp4 otioz fcpxml">\n          <input type="checkbox" name="voices"' in page


def test_the_page_asks_as_often_for_many_exports_as_for_one(url, scene, alice, django_assert_num_queries):
    # Catches a query for each export in the list.
    browser = signed_in(alice)
    for number in range(2):
        for _more in range(1 + 9 * number):
            row = export_jobs.queue_export(scene, ExportSpec(format="csv"), alice)
            row.cancel(alice)
        assert Export.objects.filter(status=Status.CANCELLED).count() in (1, 11)
        with django_assert_num_queries(23):
            browser.get(url)


def test_a_timeline_is_looked_at_before_it_changes_anything(contexts, scene, action, dialog, alice, bob):
    # Catches a file that takes effect by being dropped, and what was looked at that somebody changed on the way.
    url = reverse("scene_timeline", args=[scene.pk])
    browser = signed_in(alice)
    page = bring_timeline(browser, dialog, url)
    text = page.content.decode()
    assert (page.status_code, "was 1.5 s" in text, "1 block is not in the timeline" in text) == (200, True, True)
    looked_at = page.context["looked_at"]
    assert browser.post(url, {"looked_at": looked_at[:-3] + "abc"}).status_code == 422
    led = browser.post(url, {"looked_at": looked_at, "file_name": "a\x00b"})  # no name for PostgreSQL
    assert "“cut.otio” is applied" in browser.get(led["Location"]).content.decode()
    assert bring_timeline(signed_in(bob), dialog, url).status_code == 403
    refused = browser.post(url, {"file": SimpleUploadedFile("cut.otio", b"{}")})
    assert (refused.status_code, "No clip of this timeline is known here" in refused.content.decode()) == (422, True)


def test_a_storyboard_whose_signs_no_font_has_says_so_before_it_is_made(url, scene, dialog, alice, machine_fonts):
    # Catches blanks that are found on paper.
    dialog.text = "灯台の光がきえた、だれ"
    dialog.save()
    words = "No font here has “灯台の光がきえた…”: who reads the file may see blanks there."
    assert words in signed_in(alice).get(url).content.decode()
    machine_fonts(("、", "鿿"))
    assert "No font here" not in signed_in(alice).get(url).content.decode()


def test_a_bundle_that_is_too_large_is_not_told_to_be_none(scene, dialog, alice, settings):
    # Catches "this is no OpenTimelineIO file" for our own bundle, whose end was dropped on its way in.
    settings.UPLOAD_MAX_BYTES = 2**20
    url = reverse("scene_timeline", args=[scene.pk])
    large = SimpleUploadedFile("cut.otioz", b"PK" + bytes(3 * 2**20))
    page = signed_in(alice).post(url, {"file": large})
    told = "This file is larger than 1 MB. Save the timeline as .otio, which holds no media."
    assert (page.status_code, told in page.content.decode()) == (422, True)


def test_a_film_s_timeline_shows_the_new_order_of_its_scenes_and_what_it_cannot_do(
    contexts, scene, action, dialog, alice
):
    # Catches scenes that change places without having been shown, and a block that cannot follow without a word.
    fog = new_scene(alice, title="Fog")
    blocks = [Block.objects.create(scene=fog, position=position, kind="action", text="Fog.") for position in range(2)]
    browser, url = signed_in(alice), reverse("film_timeline", args=[scene.film_id])
    page = bring_timeline(browser, blocks[0], url, blocks[1], action)
    text = " ".join(page.content.decode().split())
    assert "2 scenes get another place in the film." in text
    assert "1 block is not in the timeline." in text
    browser.post(url, {"looked_at": page.context["looked_at"]})
    assert list(scene.film.scenes.order_by("position")) == [fog, scene]
    text = bring_timeline(browser, blocks[0], url, action, dialog, blocks[1]).content.decode()
    assert "Block 2 of “Fog” stands beside “The Last Lamp” in the timeline." in text
    assert "get another place in the film" not in text


def test_an_applied_timeline_is_undone_where_it_says_so_and_refused_in_words(
    scene, action, dialog, alice, bob, charlie
):
    # Catches an Undo that is offered twice, works for whoever may only look, or leads into somebody else's scene.
    third = Block.objects.create(scene=scene, position=2, kind="action", text="Rain.")
    browser = signed_in(alice)
    pieces = brought.read(timeline_of(third, dialog, action).encode())
    row = applied.apply(scene, pieces, alice, "cut-2.otio")[1]
    listed = [signed_in(person).get(reverse("scene_exports", args=[scene.pk])) for person in (alice, bob)]
    assert ["cut-2.otio" in page.content.decode() for page in listed] == [True, False]
    args = [scene.pk, row.pk]
    shown, undo = reverse("scene_timeline_applied", args=args), reverse("undo_scene_timeline", args=args)
    for person, status in ((bob, 403), (charlie, 404)):
        assert [signed_in(person).get(shown).status_code, signed_in(person).post(undo).status_code] == [status, status]
    assert browser.post(reverse("undo_film_timeline", args=[scene.film_id, row.pk])).status_code == 404
    writing.set_order(scene, alice, [third.pk, action.pk, dialog.pk])
    text = browser.post(undo, follow=True).content.decode()
    assert ("in another order since, so nothing was undone" in text, "Undo it" in text) == (True, True)
    writing.set_order(scene, alice, [third.pk, dialog.pk, action.pk])
    text = browser.post(undo, follow=True).content.decode()
    assert ("“cut-2.otio” was applied and undone" in text, "Undo it" in text) == (True, False)
    assert list(scene.blocks.order_by("position")) == [action, dialog, third]
    assert "This timeline was undone already." in browser.post(undo, follow=True).content.decode()
