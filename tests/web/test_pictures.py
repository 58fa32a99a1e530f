"""The pictures of locations and characters: small, private, and asked for once."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file


@pytest.fixture
def path(scene) -> str:
    scene.location.image.save("rock.png", picture_file((2400, 1350)))
    return reverse("location_picture", args=[scene.pk])


def looked_at(response) -> Image.Image:
    assert response["Content-Type"] == "image/webp"
    return Image.open(BytesIO(response.content))


@pytest.mark.parametrize(("size", "expected"), [("small", (640, 360)), ("large", (1600, 900)), ("face", (160, 160))])
def test_a_picture_comes_in_the_size_asked_for(path, alice, size, expected):
    assert looked_at(signed_in(alice).get(path, {"size": size})).size == expected


def test_a_small_picture_is_not_blown_up(scene, alice, path):
    scene.location.image.save("tiny.png", picture_file((320, 180)))
    assert looked_at(signed_in(alice).get(path, {"size": "large"})).size == (320, 180)


@pytest.mark.parametrize("size", ["9999", "", "../etc", "SMALL"])
def test_only_the_offered_sizes_are_made(path, alice, size):
    assert signed_in(alice).get(path, {"size": size}).status_code == 404


def test_a_browser_that_has_the_picture_is_told_so(path, alice):
    client = signed_in(alice)
    first = client.get(path)
    assert first["Cache-Control"] == "private, max-age=300"
    assert first["X-Content-Type-Options"] == "nosniff"
    again = client.get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


def test_a_new_picture_has_a_new_tag(scene, path, alice):
    client = signed_in(alice)
    before = client.get(path)["ETag"]
    scene.location.image.save("other.png", picture_file(color="red"))
    after = client.get(path, headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after["ETag"] != before


def test_a_new_picture_by_the_name_of_one_that_is_gone_has_a_new_tag(scene, path, alice):
    # Catches names that are given twice: browsers and thumbnails would show the picture that is gone.
    client = signed_in(alice)
    tags = set()
    for color in ("red", "blue"):
        scene.location.image.save("gone.png", picture_file(color=color))
        shown = client.get(path)
        tags.add(shown["ETag"])
        red, _, blue = looked_at(shown).convert("RGB").getpixel((50, 50))
        assert (red > blue) is (color == "red")
        default_storage.delete(scene.location.image.name)
    assert len(tags) == 2


def test_a_size_is_made_once(path, alice):
    client = signed_in(alice)
    client.get(path)
    _, kept = default_storage.listdir("thumbnails")
    client.get(path)
    assert len(kept) == 1
    assert default_storage.listdir("thumbnails")[1] == kept


def test_the_face_of_a_cut_out_figure_is_its_head(scene, mara, alice):
    figure = Image.new("RGBA", (400, 1000), (0, 0, 0, 0))
    figure.paste((200, 40, 40, 255), (150, 200, 250, 300))  # a red head
    figure.paste((40, 40, 200, 255), (100, 300, 300, 950))  # a blue body
    data = BytesIO()
    figure.save(data, "PNG")
    mara.portrait.save("mara.png", ContentFile(data.getvalue()))
    response = signed_in(alice).get(reverse("portrait", args=[scene.pk, mara.pk]))
    face = looked_at(response).convert("RGBA")
    red, _, blue, alpha = face.getpixel((80, 50))
    assert red > 150 > blue
    assert alpha == 255


def test_no_picture_and_a_picture_that_is_gone_are_both_not_there(scene, mara, alice, path):
    client = signed_in(alice)
    assert client.get(reverse("portrait", args=[scene.pk, mara.pk])).status_code == 404
    default_storage.delete(scene.location.image.name)
    assert client.get(path).status_code == 404


def test_a_file_that_is_no_picture_is_not_shown(scene, mara, alice):
    mara.portrait.save("mara.png", ContentFile(b"<svg onload=alert(1)>"))
    assert signed_in(alice).get(reverse("portrait", args=[scene.pk, mara.pk])).status_code == 404


@pytest.mark.parametrize(("size", "form"), [((9000, 9000), "PNG"), ((6324, 6324), "WEBP")])
def test_a_picture_with_too_many_pixels_is_not_decoded(scene, alice, path, size, form):
    # A kilobyte or less that would take hundreds of megabytes, however it came to be stored.
    data = BytesIO()
    Image.new("1" if form == "PNG" else "RGBA", size).save(data, form, lossless=True, method=0)
    scene.location.image.save(f"large.{form.lower()}", ContentFile(data.getvalue()))
    assert signed_in(alice).get(path).status_code == 404


def test_a_picture_stays_to_be_seen_when_the_limit_is_lowered(alice, path, settings):
    # Catches places and faces that vanish from every page because an operator takes smaller uploads from now on.
    settings.UPLOAD_MAX_PIXELS = 1000
    assert looked_at(signed_in(alice).get(path)).size == (640, 360)


def test_a_scene_without_a_location_has_no_picture(scene, alice, path):
    scene.location = None
    scene.save()
    assert signed_in(alice).get(path).status_code == 404
    assert signed_in(alice).get(reverse("scene", args=[scene.pk])).status_code == 200
