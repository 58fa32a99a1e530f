"""Bringing a screenplay: the page before anything changes, applying, undoing, and taking the script out."""

import re
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from scenes.models import Block, Film, Revision, Scene
from tests.fixtures.pages import HTMX
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene
from videogen import actions
from videogen.models import Frame, Status
from videogen.specs import FrameSpec

SCRIPT = """INT. GULL ROCK - DUSK

Mara opens the door. Wind and <b>rain</b>.

MARA
Who is out there?

OSKAR
A friend.
"""


def bring(client, film, data: bytes, name: str = "rock.fountain"):
    url = reverse("film_screenplay", args=[film.pk])
    return client.post(url, {"file": SimpleUploadedFile(name, data)})


def test_a_script_is_looked_at_applied_and_undone(scene, action, dialog, alice, start_frame):
    client, film = signed_in(alice), scene.film
    finished_video(action, alice)
    looked = client.get(bring(client, film, SCRIPT.encode())["Location"])
    body = looked.content.decode()
    found = [words in body for words in ("<ins>", "&lt;b&gt;rain&lt;/b&gt;", "1 clip stays", "OSKAR", "<b>rain")]
    assert found == [True, True, True, True, False]
    assert Block.objects.filter(scene=scene).count() == 2  # nothing has changed yet
    revision = Revision.objects.get()
    assert (
        "is in the film"
        in client.post(reverse("apply_revision", args=[film.pk, revision.pk]), follow=True).content.decode()
    )
    assert [block.text for block in scene.blocks.all()][-1] == "A friend."
    client.post(reverse("undo_revision", args=[film.pk, revision.pk]))
    assert [block.text for block in scene.blocks.all()] == ["Mara opens the door. Wind.", "Who is out there?"]


SLIP = "INT. GULL ROCK - DUSK\n\nMARA\nWho is out there?\n\nMARRA\nSpeak!\n"


def test_a_doubtful_name_is_asked_about_and_the_plan_follows(scene, action, dialog, mara, alice):
    # Catches a choice that the plan, the cast or the application does not follow.
    client, film = signed_in(alice), scene.film
    body = client.get(bring(client, film, SLIP.encode())["Location"]).content.decode()
    asked = "“MARRA” speaks once. It may be “Mara”, misspelt."
    assert (asked in body, "Line 6" in body, "New in the cast" in body) == (True, True, True)
    assert re.search(r'value="MARRA"\s+checked', body)
    found = Revision.objects.get()
    url = reverse("choose_names", args=[film.pk, found.pk])
    answer = client.post(url, {"name-MARRA": "Mara"}, headers=HTMX)
    body = answer.content.decode()
    assert (asked in body, "New in the cast" in body, "<html" in body) == (True, False, False)
    assert re.search(r'value="Mara"\s+checked', body)
    client.post(reverse("apply_revision", args=[film.pk, found.pk]))
    assert [block.cue for block in scene.blocks.select_related("character")] == ["Mara", "Mara"]
    assert list(film.characters.values_list("name", flat=True)) == ["Mara"]
    bring(client, film, SLIP.replace("Speak!", "Speak up!").encode())  # the writer did not mend it
    assert Revision.objects.get(applied_at=None).names == {"MARRA": "Mara"}


def test_a_line_that_somebody_else_speaks_now_has_both_names_marked(scene, action, dialog, alice):
    # Catches a block that is called changed and looks the same on both sides.
    script = SCRIPT.replace("MARA\nWho", "MARTIN\nWho").encode()
    body = signed_in(alice).get(bring(signed_in(alice), scene.film, script)["Location"]).content.decode()
    assert ("<del>Mara</del>" in body, "<ins>MARTIN</ins>" in body) == (True, True)


def test_a_scene_is_told_with_the_blocks_that_it_will_have(scene, action, dialog, alice):
    # Catches a block that goes counted among those that a scene has.
    script = "EXT. GULL ROCK – DUSK\n\nMara opens the door. Wind.\n".encode()
    body = signed_in(alice).get(bring(signed_in(alice), scene.film, script)["Location"]).content.decode()
    assert re.findall(r"</strong>\s*<span[^>]*>\s*(\d+) block", body) == ["1"]


def test_names_that_are_written_from_right_to_left_stand_in_their_order(scene, action, alice):
    # Catches Hebrew and Arabic names that run into one another, the later before the earlier.
    script = "INT. SHUK - DAY\n\n@שרה\nHello.\n\n@فاطمة\nHello.\n".encode()
    body = signed_in(alice).get(bring(signed_in(alice), scene.film, script)["Location"]).content.decode()
    assert "<bdi>שרה</bdi>, <bdi>فاطمة</bdi>" in body


ANNOTATED = """# Act One

## The wire

INT. RADIO ROOM - NIGHT

[[Colder than before.]]

VERA
Left!

OSKAR ^
Right!

[[Or left?]]
"""


def test_what_a_script_says_beside_its_words_stands_on_the_pages(alice):
    # Catches notes, acts and lines that are said at once which are kept and exported, and which nobody ever sees.
    client, film = signed_in(alice), Film.objects.create(title="Wire", owner=alice)
    bring(client, film, ANNOTATED.encode())
    client.post(reverse("apply_revision", args=[film.pk, Revision.objects.get().pk]))
    body = client.get(reverse("film", args=[film.pk])).content.decode()
    assert [words in body for words in ("<strong>Act One</strong>", "<strong>The wire</strong>")] == [True, True]
    body = client.get(reverse("scene", args=[film.scenes.get().pk])).content.decode()
    said = ("<span>Colder than before.</span>", "<span>Or left?</span>", "At the same time as the line above.")
    assert [body.count(words) for words in said] == [1, 1, 1]


def test_what_is_chosen_as_one_applies_is_done(scene, action, dialog, mara, alice):
    # Catches a choice that is lost where no script runs, and one that cannot be done.
    client, film = signed_in(alice), scene.film
    bring(client, film, SLIP.encode())
    args = [film.pk, Revision.objects.get().pk]
    for route, sent in (("choose_names", {"headers": HTMX}), ("choose_names", {}), ("apply_revision", {})):
        refused = client.post(reverse(route, args=args), {"name-MARRA": "Nobody"}, **sent)
        assert refused.status_code == (409 if sent else 302)
    assert "“MARRA” cannot become “Nobody”" in client.get(refused["Location"]).content.decode()
    client.post(reverse("apply_revision", args=args), {"name-MARRA": ""})
    assert [block.text for block in scene.blocks.all()] == ["Who is out there?", "MARRA\nSpeak!"]
    assert client.post(reverse("choose_names", args=args), {"name-MARRA": "MARRA"}, headers=HTMX).status_code == 409


def test_what_is_being_made_of_a_block_that_goes_is_stopped(scene, action, dialog, alice, start_frame, alices_frame):
    client, film = signed_in(alice), scene.film
    bring(client, film, b"INT. GULL ROCK - DUSK\n\nMARA\nWho is out there?\n")
    client.post(reverse("apply_revision", args=[film.pk, Revision.objects.get().pk]))
    alices_frame.refresh_from_db()
    assert alices_frame.status == Status.CANCELLED


@pytest.fixture
def alices_frame(action, alice) -> Frame:
    return actions.queue_frame(action, FrameSpec(role="end", prompt="Fog.", model="animatic"), alice)


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "rock.fountain", "This file is empty."),
        (b"%PDF-1.7", "rock.pdf", "This is a PDF"),
        (b"x" * (5 * 1024 * 1024 + 1), "rock.txt", "5 MB is the most"),
        (b"INT. ROCK - DAY", "rock.exe", "Choose such a file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence_beside_its_field(scene, alice, data, name, words):
    response = bring(signed_in(alice), scene.film, data, name)
    assert (response.status_code, words in response.content.decode()) == (422, True)
    assert not Revision.objects.exists()


def test_no_file_at_all_is_said_so(scene, alice):
    response = signed_in(alice).post(reverse("film_screenplay", args=[scene.film_id]))
    assert "Choose a file first" in response.content.decode()


def test_the_script_is_taken_out_with_the_scenes_that_the_person_may_see(scene, action, dialog, alice, bob):
    # Catches a file that tells what a page does not show.
    hidden = new_scene(alice, title="Hidden", heading="INT. HIDDEN - DAY")
    Block.objects.create(scene=hidden, position=0, kind="action", text="Nobody knows.")
    texts = {
        who: signed_in(who).get(reverse("export_screenplay", args=[scene.film_id, "fountain"])).content.decode()
        for who in (alice, bob)
    }
    assert ["HIDDEN" in texts[who] for who in (alice, bob)] == [True, False]
    assert all("Who is out there?" in text for text in texts.values())
    response = signed_in(alice).get(reverse("export_screenplay", args=[scene.film_id, "fdx"]))
    assert fromstring(response.content).tag == "FinalDraft"
    assert response["Content-Disposition"] == 'attachment; filename="gull-rock.fdx"'
    Film.objects.filter(pk=scene.film_id).update(title="Кухня #1")
    response = signed_in(alice).get(reverse("export_screenplay", args=[scene.film_id, "fdx"]))
    assert unquote(response["Content-Disposition"]) == "attachment; filename*=utf-8''кухня-1.fdx"


def test_a_file_can_be_forgotten_and_one_of_another_film_is_not_there(scene, alice, charlie):
    client = signed_in(alice)
    for _ in range(2):  # a second look takes the place of the first: nobody fills the database by looking
        bring(client, scene.film, SCRIPT.encode())
    revision = Revision.objects.get()
    other = new_scene(charlie, title="Other").film
    assert signed_in(charlie).get(reverse("film_revision", args=[other.pk, revision.pk])).status_code == 404
    signed_in(charlie).post(reverse("forget_revision", args=[other.pk, revision.pk]))
    assert Revision.objects.exists()
    client.post(reverse("forget_revision", args=[scene.film_id, revision.pk]))
    assert (Revision.objects.exists(), Scene.objects.filter(film=scene.film).count()) == (False, 1)
