"""Start and end frames, as a program meets them."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from scenes.models import Block, Character
from tests.fixtures.callers import FRAME, base, root, send, upload
from tests.fixtures.rows import queued_frame
from tests.fixtures.scene import picture_file
from videogen.models import Frame
from videogen.prompts import compose

pytestmark = pytest.mark.postgres


def ask(client, block: Block, **changes):
    return send(client, f"{root(block)}/frame", {**FRAME, "blockId": str(block.pk)} | changes)


def test_it_is_accepted_with_a_location(alices, action):
    response = ask(alices, action, role="end", seed=5)
    assert response.status_code == 202
    assert response["Location"] == f"{base(action)}/frames/end"
    frame = response.json()
    assert (frame["role"], frame["status"], frame["source"], frame["seed"]) == ("end", "queued", "generated", 5)
    assert alices.get(response["Location"]).json() == frame


def test_a_prompt_that_is_left_out_is_composed_from_the_block(alices, dialog, mara):
    response = send(alices, f"{root(dialog)}/frame", {"blockId": str(dialog.pk), "role": "start"})
    assert response.status_code == 202
    assert "Who is out there?" in response.json()["prompt"]
    assert "yellow raincoat" in response.json()["prompt"]
    assert Frame.objects.get().spec["character_ids"] == [str(mara.pk)]


def test_a_composed_prompt_keeps_to_the_role_and_to_what_is_to_be_shown(alices, action):
    for role, place in (("start", True), ("end", False)):
        asked = {"blockId": str(action.pk), "role": role, "includeLocation": place}
        assert send(alices, f"{root(action)}/frame", asked).status_code == 202
    start, end = (Frame.objects.get(role=role).prompt for role in ("start", "end"))
    assert start == compose.frame_prompt(action, [action.scene.characters.get()])
    assert end == compose.frame_prompt(action, [action.scene.characters.get()], "end", include_location=False)
    assert "lighthouse" in start
    assert "lighthouse" not in end


def test_the_characters_to_show_can_be_chosen_and_none_too(alices, action, mara):
    ask(alices, action, characterIds=[], includeLocation=False)
    assert Frame.objects.get().spec["character_ids"] == []
    assert Frame.objects.get().spec["include_location"] is False
    ask(alices, action, role="end", characterIds=[str(mara.pk)])
    assert Frame.objects.get(role="end").spec["character_ids"] == [str(mara.pk)]


def test_a_character_of_another_scene_is_named(alices, action, scene):
    stranger = Character.objects.create(film=scene.film, name="Stranger")
    response = ask(alices, action, characterIds=[str(stranger.pk)])
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "characterIds"
    assert str(stranger.pk) in response.json()["errors"][0]["message"]


def test_each_role_runs_on_its_own(alices, action):
    assert ask(alices, action).status_code == 202
    assert ask(alices, action, role="end").status_code == 202
    again = ask(alices, action)
    assert (again.status_code, again.json()["code"]) == (409, "already_running")
    assert again["Location"] == f"{base(action)}/frames/start"


def test_an_upload_becomes_the_frame_and_can_be_fetched(alices, action):
    response = upload(alices, f"{base(action)}/frames/start", picture_file((640, 360), "crimson", "JPEG", "a.jpg"))
    assert response.status_code == 201
    assert response["Location"] == f"{base(action)}/frames/start"
    frame = response.json()
    assert (frame["source"], frame["status"], frame["model"], frame["prompt"]) == ("uploaded", "succeeded", None, None)
    assert (frame["width"], frame["height"]) == (640, 360)
    file = alices.get(frame["url"])
    picture = Image.open(BytesIO(b"".join(file.streaming_content)))
    assert (picture.size, picture.format) == ((640, 360), "PNG")


def test_the_newest_picture_is_the_frame_and_deleting_it_promotes_no_other(alices, action):
    upload(alices, f"{base(action)}/frames/start")
    second = upload(alices, f"{base(action)}/frames/start", picture_file(color="navy")).json()
    assert alices.get(f"{base(action)}/frames/start").json()["id"] == second["id"]
    assert alices.delete(f"{base(action)}/frames/start").status_code == 204
    assert alices.get(f"{base(action)}/frames/start").status_code == 404
    assert Frame.objects.count() == 1


def test_a_live_generation_is_shown_before_the_chosen_picture(alices, action, start_frame):
    running = ask(alices, action).json()
    assert alices.get(f"{base(action)}/frames/start").json()["id"] == running["id"]
    assert alices.post(f"{base(action)}/frames/start/cancel").json()["status"] == "cancelled"
    assert alices.get(f"{base(action)}/frames/start").json()["status"] == "cancelled"
    upload(alices, f"{base(action)}/frames/start")
    assert alices.get(f"{base(action)}/frames/start").json()["status"] == "succeeded"


def test_deleting_stops_what_runs(alices, action, alice):
    queued_frame(action, alice)
    assert alices.delete(f"{base(action)}/frames/start").status_code == 204
    assert alices.delete(f"{base(action)}/frames/start").status_code == 404
    assert Frame.objects.count() == 0


def test_a_third_role_does_not_exist(alices, action):
    for response in (
        alices.get(f"{base(action)}/frames/middle"),
        upload(alices, f"{base(action)}/frames/middle"),
        ask(alices, action, role="middle"),
    ):
        assert response.status_code == 422
        assert [error["field"] for error in response.json()["errors"]] == ["role"]


def _bomb() -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("1", (9000, 9000)).save(data, "PNG", optimize=True)
    assert len(data.getvalue()) < 20_000
    return SimpleUploadedFile("small.png", data.getvalue())


def _animation() -> SimpleUploadedFile:
    data = BytesIO()
    pictures = [Image.new("RGB", (128, 128), color) for color in ("red", "blue")]
    pictures[0].save(data, "WEBP", save_all=True, append_images=pictures[1:])
    return SimpleUploadedFile("moving.webp", data.getvalue())


@pytest.mark.parametrize(
    ("make", "status", "code", "word"),
    [
        (lambda: SimpleUploadedFile("x.png", b"not a picture"), 422, "image_invalid", "could not be read"),
        (lambda: SimpleUploadedFile("x.png", b""), 422, "image_invalid", "empty"),
        (lambda: SimpleUploadedFile("x.png", b"x" * (21 * 2**20)), 413, "image_too_large", "at most 20 MB"),
        (_bomb, 422, "image_too_large", "megapixels"),
        (_animation, 422, "image_invalid", "animation"),
        (lambda: picture_file((64, 10)), 422, "image_invalid", "at least 64"),
        (lambda: picture_file(form="GIF", name="x.gif"), 422, "image_invalid", "PNG, JPEG or WebP"),
    ],
    ids=["no picture", "empty", "21 MB", "81 megapixels", "animation", "too small", "GIF"],
)
def test_a_picture_that_cannot_be_taken_is_refused_in_words(alices, action, make, status, code, word):
    response = upload(alices, f"{base(action)}/frames/start", make())
    assert response.status_code == status
    assert response.json()["code"] == code
    assert word in response.json()["detail"]
    assert Frame.objects.count() == 0


def test_an_upload_in_another_shape_is_refused(alices, action):
    url = f"{base(action)}/frames/start"
    wrong_field = upload(alices, url, picture_file(), field="file")
    assert (wrong_field.status_code, wrong_field.json()["code"]) == (422, "image_missing")
    plain = alices.put(url, picture_file().read(), content_type="image/png")
    assert (plain.status_code, plain.json()["code"]) == (415, "content_type")
    broken = alices.put(url, b"--x--", content_type="multipart/form-data")
    assert (broken.status_code, broken.json()["code"]) == (422, "multipart_invalid")
    text = alices.put(url, b"--x\r\n", content_type="multipart/form-data; boundary=y")
    assert (text.status_code, text.json()["code"]) == (422, "image_missing")
