"""One's own pictures through the dialog: what is taken, and what is refused with which words."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.fixtures.pages import HTMX, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file
from videogen.models import Frame

MEGABYTE = 2**20


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


def upload(browser: Client, block, file, role="start", **kwargs):
    return browser.post(here("clip_upload", block, role), {"image": file}, **kwargs)


def saved(picture: Image.Image, form: str, **options) -> SimpleUploadedFile:
    data = BytesIO()
    picture.save(data, form, **options)
    return SimpleUploadedFile(f"picture.{form.lower()}", data.getvalue())


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("role", ["start", "end"])
def test_a_picture_of_ones_own_becomes_the_frame_in_use(browser, action, alice, form, role):
    response = upload(browser, action, picture_file(form=form), role)
    assert response.url == here(f"clip_{role}", action)
    frame = Frame.objects.get()
    assert (frame.role, frame.source, frame.is_chosen, frame.requested_by) == (role, "uploaded", True, alice)
    assert (frame.width, frame.height, frame.model) == (320, 192, "")


def test_htmx_gets_the_picture_in_place_and_the_way_on(browser, action):
    page = look(upload(browser, action, picture_file(), headers=HTMX))
    assert "In use" in page.text
    assert "clip-next" in page.ids
    assert "clip-form" not in page.ids


def test_a_photograph_with_a_second_picture_behind_it_is_taken_as_its_first(browser, action):
    # Telephones put depth or brightness maps behind the photograph (CIPA DC-007); nothing of it moves.
    photograph, behind = Image.new("RGB", (320, 192), "teal"), Image.new("RGB", (160, 96), "gray")
    upload(browser, action, saved(photograph, "MPO", save_all=True, append_images=[behind]))
    frame = Frame.objects.get()
    assert (frame.width, frame.height) == (320, 192)
    with frame.file.open() as file, Image.open(file) as taken:
        red, green, _blue = taken.getpixel((160, 96))
    assert red < 20 < 100 < green  # teal, not gray


def bomb() -> SimpleUploadedFile:
    """Some ten kilobytes that hold 81 million pixels."""
    file = saved(Image.new("1", (9000, 9000)), "PNG", optimize=True)
    assert file.size < 20_000
    return file


def animation() -> SimpleUploadedFile:
    first, second = Image.new("RGB", (100, 100), "red"), Image.new("RGB", (100, 100), "blue")
    return saved(first, "WEBP", save_all=True, append_images=[second])


def heavy() -> SimpleUploadedFile:
    return SimpleUploadedFile("heavy.png", picture_file().read() + b"\0" * (21 * MEGABYTE))


def cut_short() -> SimpleUploadedFile:
    whole = picture_file(size=(600, 600)).read()
    return SimpleUploadedFile("cut.png", whole[: len(whole) // 2])


REFUSED = {
    "nothing": (lambda: None, "Choose a PNG, JPEG or WebP picture"),
    "an empty file": (lambda: SimpleUploadedFile("empty.png", b""), "Choose a PNG, JPEG or WebP picture"),
    "words": (lambda: SimpleUploadedFile("words.png", b"I am no picture"), "could not be read"),
    "a web page": (lambda: SimpleUploadedFile("page.png", b"<svg onload=alert(1)>"), "could not be read"),
    "a GIF": (lambda: saved(Image.new("RGB", (100, 100)), "GIF"), "could not be read"),
    "half a picture": (cut_short, "could not be read"),
    "an animation": (animation, "is an animation. Choose a still picture."),
    "81 megapixels in 10 kilobytes": (bomb, "has 9000 × 9000 pixels; at most 24 megapixels"),
    "21 megabytes": (heavy, "at most 20 MB can be taken"),
    "a stamp": (lambda: picture_file((32, 32)), "both sides need at least 64 pixels"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_taken_is_refused_in_words(browser, action, what):
    make, words = REFUSED[what]
    for headers in ({}, HTMX):
        file = make()
        sent = {"image": file} if file else {}
        page = look(browser.post(here("clip_upload", action, "start"), sent, headers=headers))
        assert words in page.text
    assert not Frame.objects.exists()


def test_a_name_that_is_code_is_shown_as_text(browser, action):
    file = SimpleUploadedFile("<img src=x onerror=alert(1)>.png", b"no picture")
    html = upload(browser, action, file).content.decode()
    assert "<img src=x" not in html


def test_who_may_not_make_frames_may_not_bring_them(action, bob, charlie):
    assert upload(signed_in(bob), action, picture_file()).status_code == 403
    assert upload(signed_in(charlie), action, picture_file()).status_code == 404
    assert upload(Client(), action, picture_file()).status_code == 302
    assert not Frame.objects.exists()
