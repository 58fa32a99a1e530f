"""One's own pictures through the dialog: what is taken, and what is refused with which words."""

import errno
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.core.files import temp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import assign_perm
from PIL import Image

from scenes.models import GENERATE_FRAME
from tests.fixtures import callers
from tests.fixtures.pages import HTMX, here, look
from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file
from videogen.media import pictures
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


# --- How a picture is kept, and how many ------------------------------------------------------------------------


def noise(size: tuple[int, int]) -> Image.Image:
    """A picture that compresses like a photograph: badly."""
    return Image.effect_noise(size, 60).convert("RGB")


def psnr(one: Image.Image, other: Image.Image) -> float:
    """Return how much two pictures are alike, in decibels; above 40 nobody sees a difference."""
    difference = np.asarray(one, float) - np.asarray(other, float)
    return float(10 * np.log10(255**2 / max(np.mean(difference**2), 1e-9)))


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_a_photograph_is_kept_without_loss_to_the_eye_and_not_many_times_its_size(browser, action, form):
    # Catches a JPEG of 1.8 MB that becomes a PNG of 32.6 MB.
    file = saved(noise((960, 640)), form, quality=80)
    upload(browser, action, file)
    frame = Frame.objects.get()
    assert frame.file.name.endswith(".jpg")
    assert frame.size < 3 * file.size
    file.seek(0)
    with frame.file.open() as kept:
        assert psnr(Image.open(kept), Image.open(file).convert("RGB")) > 40
    address = reverse("frame_picture", args=[action.scene_id, action.pk, frame.pk])
    response = browser.get(address, {"download": ""})
    response.close()
    assert response["Content-Type"] == "image/jpeg"
    assert ".jpg" in response["Content-Disposition"]


@pytest.mark.parametrize(
    ("form", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {})], ids=["PNG", "lossless WebP", "flat"]
)
def test_a_picture_without_loss_and_a_flat_one_are_kept_without_loss(browser, action, form, options):
    # Catches a second loss where none is needed: frames are what clips are made from.
    picture = Image.new("RGB", (320, 192), "teal") if form == "JPEG" else noise((320, 192))
    upload(browser, action, saved(picture, form, **options))
    assert Frame.objects.get().file.name.endswith(".png")


@pytest.mark.parametrize("size", [(64, 175_000), (175_000, 64)])
def test_a_picture_that_would_be_one_pixel_wide_is_refused_in_words(browser, action, size):
    # Catches a picture whose both sides are large enough until it is reduced: 500, or a frame without width.
    for headers in ({}, HTMX):
        file = saved(Image.new("1", size), "PNG")
        response = browser.post(here("clip_upload", action, "start"), {"image": file}, headers=headers)
        assert response.status_code == 200
        assert "far too narrow for a film" in response.content.decode()
    assert not Frame.objects.exists()


LIMITS = [
    ("QUOTA_UPLOADS", 2, "You keep 2 pictures of your own already."),
    ("QUOTA_UPLOAD_BYTES", 2.5, "Your own pictures would take more than"),
    ("CANDIDATES_MAX", 2, "This step has 2 pictures already."),
]


@pytest.mark.parametrize(("name", "limit", "words"), LIMITS, ids=[name for name, *_ in LIMITS])
def test_ones_own_pictures_are_bounded_in_number_and_bytes_and_those_of_a_step(
    browser, action, settings, name, limit, words
):
    upload(browser, action, picture_file())
    setattr(settings, name, limit * Frame.objects.get().size if name.endswith("BYTES") else limit)
    upload(browser, action, picture_file())
    assert Frame.objects.count() == 2
    page = look(upload(browser, action, picture_file(), headers=HTMX))
    assert words in page.text
    assert Frame.objects.count() == 2
    assert len([path for path in (settings.MEDIA_ROOT / "frames").rglob("*") if path.is_file()]) == 4
    Frame.objects.earliest("created_at").delete()
    upload(browser, action, picture_file())
    assert Frame.objects.count() == 2


def test_the_pictures_of_another_person_count_for_nobody_else(browser, action, settings, alice, bob):
    settings.QUOTA_UPLOADS = 1
    assign_perm(GENERATE_FRAME, bob, action)
    upload(signed_in(bob), action, picture_file())
    upload(browser, action, picture_file())
    assert set(Frame.objects.values_list("requested_by__username", flat=True)) == {"alice", "bob"}


# --- A disk that is full ----------------------------------------------------------------------------------------


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def database_full(*args, **kwargs):
    raise OperationalError("database or disk is full")


@pytest.fixture(params=["while it arrives", "below the reserve", "while it is written", "its row"])
def _full_disk(request, monkeypatch, settings):
    """A disk that is full at one moment of an upload."""
    file = Full()
    if request.param == "while it arrives":
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
        monkeypatch.setattr(temp, "NamedTemporaryFile", lambda *args, **kwargs: file)
    elif request.param == "below the reserve":
        settings.DISK_RESERVE_BYTES = 2**60
    elif request.param == "while it is written":
        monkeypatch.setattr(pictures, "write_poster", full)
    else:
        monkeypatch.setattr(Frame, "record_creation", database_full)
    yield
    file.file.close()


class Full:
    """A temporary file on the device that is always full."""

    name = "/dev/full"

    def __init__(self) -> None:
        self.file = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115

    def __getattr__(self, name: str):
        return getattr(self.file, name)

    def close(self) -> None:
        """Stay open for the next upload."""


@pytest.mark.usefixtures("_full_disk")
def test_an_upload_on_a_full_disk_is_answered_507_with_a_sentence(browser, action, settings):
    # Catches a 500, and files that stay behind without a row.
    for headers in ({}, HTMX):
        response = browser.post(here("clip_upload", action, "start"), {"image": picture_file()}, headers=headers)
        assert response.status_code == 507
        assert "The disk is full, so the picture was not kept." in response.content.decode()
    assert not Frame.objects.exists()
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


@pytest.mark.usefixtures("_full_disk")
def test_a_program_whose_upload_finds_the_disk_full_gets_a_problem_document(alice, action):
    response = callers.upload(callers.program(alice), f"{callers.base(action)}/frames/start")
    assert (response.status_code, response.json()["code"]) == (507, "disk_full")
    assert "free space" in response.json()["detail"]
    assert not Frame.objects.exists()


def test_other_faults_of_a_disk_are_not_taken_for_a_full_one(browser, action, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(pictures, "write_poster", broken)
    with pytest.raises(OSError, match="Input/output"):
        upload(browser, action, picture_file())
