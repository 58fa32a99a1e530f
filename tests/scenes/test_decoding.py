"""What reading pictures costs: memory, measured in a process of its own, and a place in a short queue."""

import fcntl
import os
import subprocess
import sys
import threading
from io import BytesIO

import pytest
from PIL import Image

from scenes import decoding, thumbnails
from tests.fixtures.pages import HTMX, here
from tests.fixtures.people import signed_in
from tests.fixtures.scene import picture_file
from tests.fixtures.stack import wait_for
from tests.fixtures.tree import ROOT
from videogen.models import Frame

MOST_MEGABYTES = 560  # docs/decisions/0035

MEASURE = """
import sys, threading
import django; django.setup()
from pathlib import Path
from tempfile import TemporaryDirectory
from io import BytesIO
from django.core.files.uploadedfile import SimpleUploadedFile
from scenes import decoding, thumbnails
from videogen.media import pictures

def peak():
    # Not ru_maxrss, which begins with what the parent held.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024

data = sys.stdin.buffer.read()
decoding.PATIENCE = 600  # memory is measured here, however busy the machine
before, refused = peak(), []

def upload():
    with TemporaryDirectory() as folder, decoding.turn():
        picture = pictures.read_upload(SimpleUploadedFile("a.webp", data), size=len(data), name="a.webp")
        pictures.write_png(picture, Path(folder) / "a.png")
        pictures.write_poster(picture, Path(folder) / "a.webp")

def face():
    with decoding.turn():
        thumbnails._make(BytesIO(data), "face")

def read():
    try:
        globals()[sys.argv[1]]()
    except Exception as error:
        refused.append(error)

threads = [threading.Thread(target=read) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(peak() - before, len(refused), refused[0] if refused else "")
"""


def megabytes_of(data: bytes, what: str = "upload", at_once: int = 4) -> tuple[int, int, str]:
    """Read a picture in threads of a new process: megabytes beside those it had, refusals, the first of them.

    what: upload, or face, which is the small picture that takes the most.
    """
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, what, str(at_once)],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        input=data,
        capture_output=True,
        check=True,
    )
    megabytes, refused, words = done.stdout.decode().split(" ", 2)
    return int(megabytes), int(refused), words


def saved(size: tuple[int, int], form: str, mode: str, **options) -> bytes:
    data = BytesIO()
    Image.new(mode, size).save(data, form, **options)
    return data.getvalue()


def on_its_side() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.worker
def test_34_bytes_that_hold_40_megapixels_are_refused_before_they_are_decoded():
    # Catches a limit that is looked at after decoding: 800 MB for one such file, 8 GB for ten.
    data = saved((6324, 6324), "WEBP", "RGBA", lossless=True, method=0)
    assert len(data) < 64
    megabytes, refused, words = megabytes_of(data)
    assert (refused, "at most 24 megapixels" in words) == (4, True)
    assert megabytes < 30


@pytest.mark.worker
@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("WEBP", "RGBA", {"lossless": True, "method": 0}),
        ("PNG", "RGBA", {"compress_level": 1}),
        ("JPEG", "RGB", {"progressive": True}),
    ],
)
def test_the_largest_pictures_four_at_once_stay_within_the_stated_memory(form, mode, options):
    # Catches decoding without turns, and steps that hold the whole picture twice (the JPEG lies on its side).
    data = saved((6000, 4000), form, mode, exif=on_its_side(), **options)
    megabytes, refused, _ = megabytes_of(data)
    assert refused == 0
    assert megabytes < MOST_MEGABYTES


@pytest.mark.worker
def test_the_largest_stored_picture_is_made_small_within_the_stated_memory():
    # Catches a limit of what is stored that nobody measured: it may be above that of uploads.
    width = 8000
    data = saved((width, thumbnails.MOST_PIXELS["PNG"] // width), "PNG", "RGBA", compress_level=1)
    megabytes, refused, words = megabytes_of(data, "face", at_once=1)
    assert refused == 0, words
    assert megabytes < MOST_MEGABYTES


@pytest.fixture
def _taken(monkeypatch):
    """Somebody's picture is being read and does not come to an end."""
    monkeypatch.setattr(decoding, "PATIENCE", 0.05)
    with decoding._turn:
        yield


@pytest.mark.usefixtures("_taken")
def test_an_upload_that_waits_too_long_for_its_turn_is_told_so(alice, action):
    browser = signed_in(alice)
    for headers in ({}, HTMX):
        response = browser.post(here("clip_upload", action, "start"), {"image": picture_file()}, headers=headers)
        assert response.status_code == 503
        assert "Too many pictures are being read at this moment." in response.content.decode()
    assert not Frame.objects.exists()


def test_a_turn_is_one_of_all_web_processes(monkeypatch, settings):
    # Catches turns that each process gives for itself: with four of them, memory for four pictures.
    folder = settings.VAR_DIR / "run"
    folder.mkdir(exist_ok=True)
    with (folder / "decoding").open("a") as lock:  # as another process holds it
        fcntl.flock(lock, fcntl.LOCK_EX)
        monkeypatch.setattr(decoding, "PATIENCE", 0.05)
        with pytest.raises(decoding.BusyError), decoding.turn():
            pass
    monkeypatch.setattr(decoding, "PATIENCE", 20)
    with decoding.turn(), (folder / "decoding").open("a") as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_no_more_than_a_few_threads_wait_for_a_turn(monkeypatch):
    # Catches a queue without an end: eighty uploads would hold all eighty threads of the web server.
    waited = []

    def wait() -> None:
        try:
            with decoding.turn():
                waited.append("read")
        except decoding.BusyError:
            waited.append("refused")

    threads = [threading.Thread(target=wait) for _ in range(decoding.MOST_WAITING + 5)]
    with decoding._turn:
        for thread in threads:
            thread.start()
        wait_for(lambda: waited.count("refused") == 5, seconds=10)
    for thread in threads:
        thread.join(10)
    assert sorted(waited) == ["read"] * decoding.MOST_WAITING + ["refused"] * 5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright_whatever_its_camera_was_held_like(orientation):
    # Catches a turn the wrong way round, and a box that was meant for the picture lying down.
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = BytesIO()
    picture = Image.new("RGB", (640, 320), "blue")
    picture.paste("red", (0, 0, 320, 160))
    picture.save(data, "PNG", exif=exif)
    upright = decoding.decode(Image.open(data), (160, 320))
    corners = {
        name: upright.getpixel((x * (upright.width - 1), y * (upright.height - 1)))
        for name, (x, y) in {"left top": (0, 0), "right top": (1, 0), "right": (1, 1), "left": (0, 1)}.items()
    }
    red = next(name for name, colour in corners.items() if colour[0] > 128)
    expected = ["left top", "right top", "right", "left", "left top", "right top", "right", "left"]
    assert red == expected[orientation - 1]
    assert upright.size == ((160, 80) if orientation < 5 else (160, 320))
    assert not upright.info
