"""Files in an S3 bucket over HTTP: by a signed address, or through the web server where browsers do not reach it."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import remove_perm

from accounts.models import ApiToken
from scenes import guests
from tests.fixtures.guests import guest_with, make_link
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from tests.fixtures.tree import ROOT
from videogen.models import Video
from web.views.media import CHUNK, Slice

DATA = bytes(range(256)) * 4  # 1024 bytes, each known by its place


@pytest.fixture
def take(bucket, action, alice, start_frame) -> Video:
    take = finished_video(action, alice, DATA)
    bucket.forget()
    return take


@pytest.fixture
def url(take) -> str:
    return reverse("clip_file", args=[take.block.scene_id, take.block_id, take.pk])


@pytest.fixture
def browser(alice, take) -> Client:
    return signed_in(alice)


@pytest.fixture
def passed_through(bucket, settings) -> None:
    settings.S3_PASS_THROUGH = True


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- Sent to the bucket -----------------------------------------------------------------------------------------


def test_a_clip_is_fetched_from_the_bucket_by_an_address_that_nobody_keeps(browser, url, take, bucket):
    # Catches an answer that a browser keeps, or asks about by its ETag: it would follow the address when it is too old.
    response = browser.get(url)
    assert (response.status_code, response["Cache-Control"]) == (302, "private, no-store")
    assert "ETag" not in response
    assert bucket.asked() == []  # signing takes no question
    whole = httpx.get(response["Location"])
    assert (whole.status_code, whole.content) == (200, DATA)
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Disposition" not in whole.headers
    part = httpx.get(response["Location"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, DATA[100:200])


def test_head_is_signed_as_head(browser, url):
    # Catches an address signed for GET, which the bucket refuses for HEAD.
    response = browser.head(url)
    asked = httpx.head(response["Location"])
    assert (response.status_code, asked.status_code, asked.headers["Content-Length"]) == (302, 200, "1024")


def test_the_bucket_sends_our_type_and_name_whatever_the_file_was_stored_as(browser, action, start_frame, take):
    # Catches headers that only our own answers carry: a redirect cannot, they are part of the signed address.
    default_storage.bucket.Object(take.file.name).put(Body=DATA, ContentType="text/html")
    here = [action.scene_id, action.pk]
    clip = httpx.get(browser.get(f"{reverse('clip_file', args=[*here, take.pk])}?download")["Location"])
    assert clip.headers["Content-Type"] == "video/mp4"
    assert clip.headers["Content-Disposition"] == 'attachment; filename="the-last-lamp-1.mp4"'
    picture = httpx.get(browser.get(f"{reverse('frame_picture', args=[*here, start_frame.pk])}?download")["Location"])
    assert (picture.headers["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")
    assert picture.headers["Content-Disposition"] == 'attachment; filename="the-last-lamp-1-start.png"'


@pytest.mark.parametrize("through_us", [False, True])
def test_what_the_browser_has_is_confirmed_without_asking_the_bucket(browser, url, take, bucket, settings, through_us):
    settings.S3_PASS_THROUGH = through_us
    response = browser.get(url, headers={"If-None-Match": f'"{take.sha256}"'})
    assert (response.status_code, response["ETag"]) == (304, f'"{take.sha256}"')
    assert response["Cache-Control"] == "private, no-cache"
    assert bucket.asked() == []


def test_who_loses_the_right_gets_no_new_address_and_the_old_one_ends(action, url, take, bob):
    # Catches a signed address that lives longer than the minute that docs/operations.md promises.
    browser = signed_in(bob)
    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=50)):
        young = browser.get(url)["Location"]
    with time_machine.travel(datetime.now(UTC) - timedelta(seconds=61)):
        old = browser.get(url)["Location"]
    remove_perm("view_scene", bob, action.scene)
    assert browser.get(url).status_code == 404
    assert [httpx.get(place).status_code for place in (young, old)] == [200, 403]


def test_a_guest_is_led_to_the_bucket_until_the_link_is_revoked(scene, alice, take):
    # Catches a guest whose clips the bucket does not send, and a redirect that a revoked link still answers with.
    link, secret = make_link(scene, alice)
    guest, url = guest_with(secret), reverse("guest_clip", args=[link.pk, take.pk])
    answer = guest.get(url)
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
    assert httpx.get(answer["Location"], headers={"Range": "bytes=0-3"}).status_code == 206
    assert secret not in answer["Location"]
    guests.revoke(link, alice)
    assert guest.get(url).status_code == 404


def test_an_address_opens_one_file_only(browser, url, take):
    # Catches a bucket that is open to everybody, to which signing would add nothing.
    place = browser.get(url)["Location"]
    assert httpx.get(place.replace(".mp4", ".webp", 1)).status_code == 403
    assert httpx.get(place.partition("?")[0]).status_code == 403


def test_a_page_may_show_what_the_bucket_sends(browser, bucket, settings):
    # Catches a policy without the bucket: every picture and clip would be refused by the browser, not by a server.
    def sources() -> dict[str, list[str]]:
        policy = browser.get("/")["Content-Security-Policy"]
        return {name: values for name, *values in (part.split() for part in policy.split(";"))}

    assert sources()["img-src"] == ["'self'", "data:", "blob:", bucket.server.url]
    assert sources()["media-src"] == ["'self'", "blob:", bucket.server.url]
    assert sources()["default-src"] == ["'self'"]
    settings.S3_PASS_THROUGH = True
    assert bucket.server.url not in str(sources())


@pytest.mark.django_db(transaction=True)
def test_the_example_follows_to_the_bucket_and_goes_on_there_without_its_token(take, live_server, alice, tmp_path):
    # Catches a program that stops at the redirect, and a token that travels on: the bucket refuses two kinds of proof.
    _, token = ApiToken.issue(alice, "render")
    command = [sys.executable, str(ROOT / "examples/render_scene.py"), live_server.url, str(take.block.scene_id)]

    def render(part: bytes) -> str:
        (tmp_path / f"001-{take.pk}.part").write_bytes(part)
        done = subprocess.run(
            [*command, "--out", str(tmp_path)],
            env={"STORYREEL_TOKEN": token},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            text=True,
        )
        return done.stdout

    assert "Block 1: The server answered 416." in render(DATA)  # all there already: the bucket has nothing after it
    assert "Block" not in render(DATA[:1000])
    assert (tmp_path / "001.mp4").read_bytes() == DATA


# --- Small pictures: always through the web server --------------------------------------------------------------


@pytest.mark.parametrize("through_us", [False, True])
def test_a_small_picture_costs_one_request_and_none_where_it_is_known(
    browser, action, take, start_frame, bucket, settings, through_us
):
    # Catches a redirect, or questions about size and date, for each of the hundreds of pictures of a long scene.
    settings.S3_PASS_THROUGH = through_us
    for name, row in (("clip_poster", take), ("frame_thumbnail", start_frame)):
        path = reverse(name, args=[action.scene_id, action.pk, row.pk])
        bucket.forget()
        response = browser.get(path)
        assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
        assert response["Cache-Control"] == "private, max-age=300"
        assert bucket.asked() == [f"GET {row.poster.name}"]
        assert browser.get(path, headers={"If-None-Match": response["ETag"]}).status_code == 304
        assert len(bucket.asked()) == 1
        default_storage.delete(row.poster.name)
        assert browser.get(path).status_code == 404


def test_the_picture_of_a_location_costs_one_request_once_its_sizes_are_made(browser, scene, bucket):
    scene.location.image.save("rock.png", picture_file((800, 450)))
    path = reverse("location_picture", args=[scene.pk])
    first = browser.get(path)
    assert first.status_code == 200
    bucket.forget()
    assert browser.get(path).content == first.content
    assert [request.split("/")[0] for request in bucket.asked()] == ["GET thumbnails"]
    assert browser.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert len(bucket.asked()) == 1


# --- Through the web server -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("passed_through")
@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [("", 200, 0, 1023), ("bytes=0-", 206, 0, 1023), ("bytes=100-199", 206, 100, 199), ("bytes=-24", 206, 1000, 1023)],
)
def test_what_was_asked_for_is_what_is_asked_of_the_bucket(browser, url, take, bucket, asked, status, first, last):
    # Catches a whole file fetched for a part of it, and a question about its size before.
    response = browser.get(url, headers={"Range": asked} if asked else {})
    assert (response.status_code, body(response)) == (status, DATA[first : last + 1])
    assert (response["Content-Type"], response["ETag"]) == ("video/mp4", f'"{take.sha256}"')
    assert response.get("Content-Range", "") == (f"bytes {first}-{last}/1024" if asked else "")
    assert bucket.asked() == [f"GET {take.file.name}"]
    assert bucket.server.requests()[0]["range"] == f"bytes={first}-{last}"


@pytest.mark.usefixtures("passed_through")
def test_what_cannot_be_sent_is_told_without_the_bytes(browser, url, take, bucket):
    head = browser.head(url)
    assert (head.status_code, head["Content-Length"]) == (200, "1024")
    beyond = browser.get(url, headers={"Range": "bytes=1024-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, "bytes */1024")
    assert bucket.asked() == []
    default_storage.delete(take.file.name)
    assert browser.get(url).status_code == 404


@pytest.mark.usefixtures("passed_through")
def test_the_connection_to_the_bucket_is_closed_when_the_visitor_leaves_half_way(
    browser, bucket, action, alice, start_frame
):
    # Catches connections that stay open for every clip somebody did not watch to its end.
    take = finished_video(action, alice, b"x" * (2 * CHUNK + 5))
    response = browser.get(reverse("clip_file", args=[action.scene_id, action.pk, take.pk]))
    source = next(closer.__self__ for closer in response._resource_closers if isinstance(closer.__self__, Slice))
    assert len(next(iter(source))) == CHUNK
    for close in response._resource_closers:
        close()
    assert source._file._raw_stream.closed


MEASURE = """
import re, resource, sys
from pathlib import Path
import django; django.setup()
from django.test import RequestFactory
from videogen.media import storage
from videogen.models import Video
from web.views.media import serve

SIZE = 300 * 2**20

def peak():  # MB; what resource tells on Linux begins with the peak of the parent
    if sys.platform == "linux":
        return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20

def growth(work):
    before = peak()
    work()
    return peak() - before

def store():
    with storage.workspace() as folder:
        path = folder / "clip.mp4"
        with path.open("wb") as file:
            file.truncate(SIZE)
        assert storage.store(path, "videos/large.mp4") == "videos/large.mp4"

def send():
    response = serve(RequestFactory().get("/"), video.file, etag="large", size=SIZE)
    assert (response.status_code, sum(map(len, response))) == (200, SIZE)

def copy():
    with video.file.open("rb") as file:
        assert file.seek(0, 2) == SIZE

def hold():
    assert b"x" * (100 * 2**20)

video = Video(file="videos/large.mp4")
storage.default_storage.exists("anything")  # what boto3 itself takes is not counted
print(growth(store), growth(send), growth(copy), growth(hold))
"""


def test_a_clip_of_300_mb_is_stored_and_sent_and_opened_in_little_memory(bucket, tmp_path):
    # Catches the library's ways: ten parts in memory while storing, the whole file in memory once it is opened.
    environment = os.environ | bucket.environment | {"S3_PASS_THROUGH": "1", "VAR_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", MEASURE], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    *grown, held = map(int, done.stdout.split())
    assert held >= 80  # the measure itself works
    assert max(grown) < 50
