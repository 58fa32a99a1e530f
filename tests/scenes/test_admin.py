"""Errors in words, and the operator's console of scenes."""

import re
import struct
import zlib
from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from guardian.shortcuts import assign_perm
from PIL import Image

from scenes import access
from scenes.models import DELETE_VIDEO, GENERATE_VIDEO, Block, Character, Location, Scene
from tests.fixtures.people import signed_in
from tests.fixtures.scene import film_of, new_scene, picture_file
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
    assert f'href="{reverse("films")}"' in body


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
        page = client.get(reverse(f"admin:scenes_{name}_permissions", args=[row.pk])).content.decode()
        assert "owner of the film" in page
        assert "USERNAME_FIELD" not in page
    for model, right in (("film", "share_film"), ("scene", "share_scene")):
        row = {"film": scene.film, "scene": scene}[model]
        manage = reverse(f"admin:scenes_{model}_permissions_manage_user", args=[row.pk, bob.pk])
        assert f"share ({right})" in client.get(manage).content.decode()
    manage = reverse("admin:scenes_block_permissions_manage_user", args=[dialog.pk, bob.pk])
    assert "scene_block:video:generate" in client.get(manage).content.decode()
    client.post(manage, {"permissions": ["scene_block:video:generate"]})
    body = signed_in(bob).get(reverse("scene", args=[scene.pk])).content.decode()
    assert reverse("clip", args=[scene.pk, dialog.pk]) in body


def test_a_new_scene_can_be_written_with_its_script(operator, mara):
    client = signed_in(operator)
    sent = {
        "title": "Fog",
        "film": mara.film_id,
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


def rows(*blocks: tuple[Block, object], **more: object) -> dict[str, object]:
    """The script of a scene as its form sends it: each block with the place that dragging gave it."""
    sent: dict[str, object] = {"blocks-TOTAL_FORMS": len(blocks), "blocks-INITIAL_FORMS": len(blocks)}
    for index, (block, position) in enumerate(blocks):
        row = {"id": block.pk, "scene": block.scene_id, "position": position, "kind": block.kind, "text": block.text}
        sent |= {f"blocks-{index}-{name}": value for name, value in row.items()}
        sent[f"blocks-{index}-character"] = block.character_id or ""
    scene = blocks[0][0].scene
    head = {"title": scene.title, "characters": [who.pk for who in scene.characters.all()]}
    return head | sent | more


@pytest.mark.postgres
def test_blocks_change_places_and_keep_what_was_typed(scene, action, dialog, operator):
    third = Block.objects.create(scene=scene, position=7, kind="action", text="Fog.")
    url = reverse("admin:scenes_scene_change", args=[scene.pk])
    sent = rows((action, 3), (dialog, 1), (third, 2), **{"blocks-2-text": "Thick fog."})
    assert signed_in(operator).post(url, sent).status_code == 302
    found = list(scene.blocks.order_by("position").values_list("pk", "position", "text"))
    assert found == [(dialog.pk, 0, dialog.text), (third.pk, 1, "Thick fog."), (action.pk, 2, action.text)]
    body = signed_in(operator).get(url).content.decode()
    assert "2. Thick fog." in body  # the number it has on the site


@pytest.mark.postgres
def test_the_second_block_is_dragged_to_the_top_as_the_page_sends_it(scene, action, dialog, operator):
    # The page counts from 1, so the block on top is sent with the position it had: no change to be saved.
    third = Block.objects.create(scene=scene, position=2, kind="action", text="Fog.")
    url = reverse("admin:scenes_scene_change", args=[scene.pk])
    sent = rows((action, 2), (dialog, 1), (third, 3), **{"blocks-2-text": "Thick fog."})
    assert signed_in(operator).post(url, sent).status_code == 302
    assert list(scene.blocks.order_by("position").values_list("pk", "position")) == [
        (dialog.pk, 0),
        (action.pk, 1),
        (third.pk, 2),
    ]


@pytest.mark.postgres
def test_a_new_block_goes_where_it_was_put_and_one_that_goes_leaves_no_gap(scene, action, dialog, operator):
    url = reverse("admin:scenes_scene_change", args=[scene.pk])
    new = {"blocks-2-position": 2, "blocks-2-kind": "action", "blocks-2-text": "Fog.", "blocks-0-DELETE": "on"}
    sent = rows((action, 1), (dialog, 3), **new) | {"blocks-TOTAL_FORMS": 3}
    assert signed_in(operator).post(url, sent).status_code == 302
    assert list(scene.blocks.order_by("position").values_list("text", "position")) == [("Fog.", 0), (dialog.text, 1)]


def test_a_script_that_is_refused_changes_nothing_and_keeps_what_was_typed(scene, action, dialog, operator):
    url = reverse("admin:scenes_scene_change", args=[scene.pk])
    sent = rows((action, 2), (dialog, 1), **{"blocks-0-text": "", "blocks-1-text": "Who goes there?"})
    body = signed_in(operator).post(url, sent).content.decode()
    assert "This field is required." in body
    assert "Who goes there?" in body
    assert list(scene.blocks.order_by("position")) == [action, dialog]


# --- Who may grant ------------------------------------------------------------------------------------------------


@pytest.fixture
def editor(charlie) -> User:
    """Staff who may edit scenes and blocks, and nothing more."""
    charlie.is_staff = True
    charlie.save()
    for codename in ("view_scene", "change_scene", "add_scene", "view_block", "change_block", "change_film"):
        assign_perm(f"scenes.{codename}", charlie)
    return charlie


@pytest.mark.parametrize("model", ["scene", "block"])
def test_staff_who_may_edit_cannot_grant_themselves_rights(scene, action, editor, model):
    row = {"scene": scene, "block": action}[model]
    client = signed_in(editor)
    form = client.get(reverse(f"admin:scenes_{model}_change", args=[row.pk]))
    rights = reverse(f"admin:scenes_{model}_permissions", args=[row.pk])
    assert form.status_code == 200
    assert rights not in form.content.decode()
    manage = reverse(f"admin:scenes_{model}_permissions_manage_user", args=[row.pk, editor.pk])
    for url in (rights, manage):
        assert client.get(url).status_code == 302
    client.post(manage, {"permissions": [DELETE_VIDEO]})
    assert not access.get_block(editor, scene.pk, action.pk).can.delete_video


def test_staff_who_may_edit_cannot_become_owner(scene, action, dialog, editor, alice):
    client = signed_in(editor)
    url = reverse("admin:scenes_scene_change", args=[scene.pk])
    own = new_scene(editor, title="Own")
    assert client.post(url, rows((action, 1), (dialog, 2), film=own.film_id)).status_code == 302
    film = reverse("admin:scenes_film_change", args=[scene.film_id])
    assert client.post(film, {"title": "Gull Rock", "owner": editor.pk}).status_code == 302
    moved = {"scene": own.pk, "kind": "action", "text": "Moved."}
    assert client.post(reverse("admin:scenes_block_change", args=[action.pk]), moved).status_code == 302
    scene.refresh_from_db()
    action.refresh_from_db()
    assert (scene.owner, action.scene, action.text) == (alice, scene, "Moved.")


def test_every_grant_is_logged_with_who_gave_what_to_whom(scene, dialog, operator, bob):
    client = signed_in(operator)
    group = Group.objects.create(name="Editors")
    user_page = reverse("admin:scenes_block_permissions_manage_user", args=[dialog.pk, bob.pk])
    group_page = reverse("admin:scenes_scene_permissions_manage_group", args=[scene.pk, group.pk])
    client.post(user_page, {"permissions": [GENERATE_VIDEO, DELETE_VIDEO]})
    client.post(user_page, {"permissions": [GENERATE_VIDEO]})
    client.post(user_page, {"permissions": [GENERATE_VIDEO]})
    client.post(group_page, {"permissions": [access.VIEW]})
    logged = LogEntry.objects.order_by("pk").values_list("user__username", "object_id", "change_message")
    assert list(logged) == [
        ("operator", str(dialog.pk), "Gave “make videos” to bob. Gave “delete videos” to bob."),
        ("operator", str(dialog.pk), "Took “delete videos” from bob."),
        ("operator", str(scene.pk), "Gave “look” to group Editors."),
    ]


WHERE = {
    "location": ("image", {"name": "Gull Rock"}),
    "character": ("portrait", {"name": "Mara", "voice_pitch": 0, "voice_pace": 100}),
}


@pytest.mark.parametrize("model", WHERE)
@pytest.mark.parametrize(
    ("file", "words"),
    [
        # a PNG's head says how large it is; nothing of it has to be there to be refused
        (
            lambda: large_png(9000, 9000),
            "Image “large.png” has 9000 × 9000 pixels; at most 24 megapixels can be taken.",
        ),
        (lambda: large_png(65_000, 65_000), "Image “large.png” has too many pixels; at most 24 megapixels"),
        (lambda: picture_file((32, 32)), "Image “picture.png” is 32 × 32; both sides need at least 64 pixels."),
        (lambda: picture_file(form="GIF"), "Image “picture.png” could not be read."),
    ],
)
def test_a_picture_is_refused_beside_its_field_in_the_words_that_frames_have(operator, contexts, model, file, words):
    field, sent = WHERE[model]
    sent = sent | {"film": film_of(operator).pk, field: file()}
    response = signed_in(operator).post(reverse(f"admin:scenes_{model}_add"), sent)
    (error,) = response.context["adminform"].form.errors[field]
    assert words in error
    assert not Location.objects.exists()
    assert not Character.objects.exists()


def polyglot(form: str, mode: str = "RGB") -> SimpleUploadedFile:
    """A picture that says where it was taken, lies on its side, and has a page of code in it and behind it."""
    told = {"icc_profile": b"<script>alert(3)</script>", "comment": b"<script>alert(4)</script>"}
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "<script>alert(1)</script>"
    data = BytesIO()
    Image.new(mode, (320, 192), (0, 128, 128, 100)[: len(mode)]).save(data, form, exif=exif, **told)
    return SimpleUploadedFile(f"<script>.{form.lower()}", data.getvalue() + b"<script>alert(2)</script>")


@pytest.mark.parametrize("model", WHERE)
@pytest.mark.parametrize(
    ("form", "mode", "kept"),
    [
        ("PNG", "RGB", "PNG"),
        ("PNG", "RGBA", "PNG"),
        ("JPEG", "RGB", "JPEG"),
        ("WEBP", "RGB", "JPEG"),
        ("WEBP", "RGBA", "PNG"),
    ],
)
def test_a_picture_is_drawn_anew_and_stored_under_a_name_of_ours(operator, model, form, mode, kept):
    # Catches bytes that somebody sent and this site serves or keeps: metadata, what lies behind a picture, a name.
    field, sent = WHERE[model]
    sent = sent | {"film": film_of(operator).pk, field: polyglot(form, mode)}
    signed_in(operator).post(reverse(f"admin:scenes_{model}_add"), sent)
    row = (Location if model == "location" else Character).objects.get()
    stored = getattr(row, field)
    assert re.fullmatch(r"(locations|characters)/\w{24}\.(png|jpg)", stored.name)
    with stored.open() as file:
        data = file.read()
    picture = Image.open(BytesIO(data))
    assert (picture.format, picture.size, dict(picture.getexif())) == (kept, (192, 320), {})
    assert picture.has_transparency_data == (mode == "RGBA")
    assert not {"icc_profile", "comment"} & picture.info.keys()
    assert b"script" not in data


def test_a_large_picture_of_a_location_is_kept_reduced(operator):
    field, sent = WHERE["location"]
    file = picture_file((4800, 2400), form="JPEG", name="rock.jpg")
    sent = sent | {"film": film_of(operator).pk, field: file}
    signed_in(operator).post(reverse("admin:scenes_location_add"), sent)
    assert (Location.objects.get().image.width, Location.objects.get().image.height) == (4096, 2048)


def test_a_picture_of_a_location_on_a_full_disk_is_refused_in_words(operator, settings, contexts):
    settings.DISK_RESERVE_BYTES = 2**60
    field, sent = WHERE["location"]
    response = signed_in(operator).post(reverse("admin:scenes_location_add"), sent | {field: picture_file()})
    assert response.context["adminform"].form.errors[field] == [
        "The disk is full, so the picture was not kept. Ask the operator to free space."
    ]


def test_a_row_keeps_the_picture_it_has_when_the_limit_is_lowered(operator, scene, settings):
    place = scene.location
    place.image.save("rock.png", picture_file())
    kept = place.image.name
    settings.UPLOAD_MAX_PIXELS = 1000
    url = reverse("admin:scenes_location_change", args=[place.pk])
    assert signed_in(operator).post(url, {"name": "Gull Rock at night"}).status_code == 302
    place.refresh_from_db()
    assert (place.name, place.image.name) == ("Gull Rock at night", kept)


@pytest.mark.parametrize("model", ["location", "character"])
def test_the_link_of_a_picture_in_its_form_leads_to_the_picture(scene, mara, operator, model):
    row, field = {"location": (scene.location, "image"), "character": (mara, "portrait")}[model]
    getattr(row, field).save("rock.png", picture_file())
    url = reverse(f"admin:scenes_{model}_change", args=[row.pk])
    client = signed_in(operator)
    found = re.search(r'class="file-upload">.*?<a href="([^"]+)"', client.get(url).content.decode(), re.DOTALL)
    assert client.get(found[1])["Content-Type"] == "image/webp"
    scene.delete()
    assert client.get(url).status_code == 200  # one that no scene uses has no address


@pytest.mark.parametrize("kind", ["scene", "block"])
def test_junk_in_the_address_of_the_rights_is_not_found(scene, action, operator, kind):
    row, client = {"scene": scene, "block": action}[kind], signed_in(operator)
    assert client.get(reverse(f"admin:scenes_{kind}_permissions", args=["junk"])).status_code == 404
    for holder in ("user", "group"):
        url = reverse(f"admin:scenes_{kind}_permissions_manage_{holder}", args=[row.pk, "junk"])
        assert client.get(url).status_code == 404
