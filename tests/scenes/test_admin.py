"""Errors in words, and the operator's console of scenes."""

import struct
import zlib

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse

from scenes.models import Block, Character, Location, Scene
from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file
from web.views import errors


def large_png(width: int, height: int) -> SimpleUploadedFile:
    """The beginning of a PNG of so many pixels."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    head = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return SimpleUploadedFile("large.png", b"\x89PNG\r\n\x1a\n" + head + struct.pack(">I", 0) + b"IDAT")


@pytest.fixture
def operator(db) -> User:
    return User.objects.create_superuser("operator", password="operator's password")


# --- Errors -----------------------------------------------------------------------------------------------------


def test_a_page_that_is_not_there_says_so_and_shows_the_way_on(alice):
    response = signed_in(alice).get("/scenes/nowhere/")
    body = response.content.decode()
    assert response.status_code == 404
    assert "This is not there, or it was not shared with you." in body
    assert f'href="{reverse("scenes")}"' in body


def test_htmx_gets_the_sentence_alone(alice):
    response = signed_in(alice).get("/scenes/nowhere/", headers={"HX-Request": "true"})
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/plain")
    assert response.content.decode() == "This is not there, or it was not shared with you."


@pytest.mark.parametrize(
    ("view", "exception", "status"),
    [(errors.bad_request, SuspiciousOperation("x"), 400), (errors.forbidden, PermissionDenied("Ask Alice."), 403)],
)
def test_errors_never_show_more_than_a_sentence(db, view, exception, status):
    request = RequestFactory().get("/")
    request.user = User(username="somebody")
    request._messages = []
    response = view(request, exception)
    assert response.status_code == status
    assert ("Ask Alice." in response.content.decode()) == (status == 403)


def test_an_error_of_the_server_is_drawn_without_the_database(rf):
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Nothing you made is lost" in response.content.decode()
    htmx = errors.server_error(rf.get("/", headers={"HX-Request": "true"}))
    assert htmx["Content-Type"].startswith("text/plain")


def test_a_form_from_an_old_page_is_refused_in_words(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(reverse("logout"))
    assert response.status_code == 403
    assert "This page was open for too long. Reload it, then try again." in response.content.decode()


# --- The console --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["scene", "block", "location", "character"])
def test_the_operator_sees_lists_and_forms(scene, action, dialog, operator, model):
    client = signed_in(operator)
    listed = client.get(reverse(f"admin:scenes_{model}_changelist"))
    assert listed.status_code == 200
    row = {"scene": scene, "block": dialog, "location": scene.location, "character": dialog.character}[model]
    assert client.get(reverse(f"admin:scenes_{model}_change", args=[row.pk])).status_code == 200
    assert client.get(reverse(f"admin:scenes_{model}_add")).status_code == 200


def test_others_do_not_get_in(scene, alice):
    assert signed_in(alice).get(reverse("admin:scenes_scene_changelist")).status_code == 302


def test_the_operator_sees_who_may_do_what_with_a_block(scene, dialog, operator, bob):
    client = signed_in(operator)
    for name, row in (("scene", scene), ("block", dialog)):
        page = client.get(reverse(f"admin:scenes_{name}_permissions", args=[row.pk]))
        assert page.status_code == 200
    manage = reverse("admin:scenes_block_permissions_manage_user", args=[dialog.pk, bob.pk])
    assert "scene_block:video:generate" in client.get(manage).content.decode()
    client.post(manage, {"permissions": ["scene_block:video:generate"]})
    body = signed_in(bob).get(reverse("scene", args=[scene.pk])).content.decode()
    assert reverse("clip", args=[scene.pk, dialog.pk]) in body


def test_a_new_scene_can_be_written_with_its_script(operator, mara):
    client = signed_in(operator)
    sent = {
        "title": "Fog",
        "owner": operator.pk,
        "characters": [mara.pk],
        "blocks-TOTAL_FORMS": "2",
        "blocks-INITIAL_FORMS": "0",
        "blocks-0-position": "0",
        "blocks-0-kind": "action",
        "blocks-0-text": "Fog rolls in.",
        "blocks-1-position": "1",
        "blocks-1-kind": "dialog",
        "blocks-1-text": "Listen.",
    }
    refused = client.post(reverse("admin:scenes_scene_add"), sent)
    assert refused.status_code == 200
    assert "Who speaks? A line of dialog needs a character." in refused.content.decode()
    assert not Scene.objects.exists()
    client.post(reverse("admin:scenes_scene_add"), sent | {"blocks-1-character": mara.pk})
    assert list(Block.objects.values_list("text", flat=True)) == ["Fog rolls in.", "Listen."]


def test_an_action_with_a_speaker_is_refused_in_words(action, operator, mara):
    sent = {"scene": action.scene_id, "position": 0, "kind": "action", "character": mara.pk, "text": "Wind."}
    response = signed_in(operator).post(reverse("admin:scenes_block_change", args=[action.pk]), sent)
    assert "An action has no speaker." in response.content.decode()


WHERE = {"location": ("image", {"name": "Gull Rock"}), "character": ("portrait", {"name": "Mara"})}


@pytest.mark.parametrize("model", WHERE)
@pytest.mark.parametrize(
    ("file", "words"),
    [
        # a PNG's head says how large it is; nothing of it has to be there to be refused
        (
            lambda: large_png(9000, 9000),
            "Image “large.png” has 9000 × 9000 pixels; at most 40 megapixels can be taken.",
        ),
        (lambda: large_png(65_000, 65_000), "Image “large.png” has too many pixels; at most 40 megapixels"),
        (lambda: picture_file((32, 32)), "Image “picture.png” is 32 × 32; both sides need at least 64 pixels."),
        (lambda: picture_file(form="GIF"), "Image “picture.png” could not be read."),
    ],
)
def test_a_picture_is_refused_beside_its_field_in_the_words_that_frames_have(operator, model, file, words):
    field, sent = WHERE[model]
    response = signed_in(operator).post(reverse(f"admin:scenes_{model}_add"), sent | {field: file()})
    (error,) = response.context["adminform"].form.errors[field]
    assert words in error
    assert not Location.objects.exists()
    assert not Character.objects.exists()


@pytest.mark.parametrize("model", WHERE)
def test_a_picture_within_the_limits_is_kept_byte_by_byte(operator, model):
    field, sent = WHERE[model]
    signed_in(operator).post(reverse(f"admin:scenes_{model}_add"), sent | {field: picture_file()})
    row = (Location if model == "location" else Character).objects.get()
    with getattr(row, field).open() as kept:
        assert kept.read() == picture_file().read()


def test_a_row_keeps_the_picture_it_has_when_the_limit_is_lowered(operator, scene, settings):
    place = scene.location
    place.image.save("rock.png", picture_file())
    kept = place.image.name
    settings.UPLOAD_MAX_PIXELS = 1000
    url = reverse("admin:scenes_location_change", args=[place.pk])
    assert signed_in(operator).post(url, {"name": "Gull Rock at night"}).status_code == 302
    place.refresh_from_db()
    assert (place.name, place.image.name) == ("Gull Rock at night", kept)
