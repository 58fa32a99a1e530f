"""Files over HTTP: in whole, in ranges, conditionally, and only to whoever may see the scene."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import Client
from django.urls import reverse
from guardian.shortcuts import remove_perm

from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from videogen.models import Video
from web.views.media import CHUNK, Slice, UnsatisfiableError, read_range

DATA = bytes(range(256)) * 4  # 1024 bytes, each known by its place


@pytest.fixture
def take(action, alice, start_frame) -> Video:
    return finished_video(action, alice, DATA)


@pytest.fixture
def url(take) -> str:
    return reverse("clip_file", args=[take.block.scene_id, take.block_id, take.pk])


@pytest.fixture
def browser(alice) -> Client:
    return signed_in(alice)


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def status(response) -> int:
    body(response)  # to the end, or the file stays open
    return response.status_code


def test_the_whole_file_comes_with_its_type_and_stays_private(browser, url, take):
    response = browser.get(url)
    assert response.status_code == 200
    assert body(response) == DATA
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == "1024"
    assert response["Accept-Ranges"] == "bytes"
    assert response["ETag"] == f'"{take.sha256}"'
    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Content-Disposition" not in response


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 1023),
        ("bytes=100-199", 100, 199),
        ("bytes=1000-9999", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=-9999", 0, 1023),
        ("bytes=1023-", 1023, 1023),
    ],
)
def test_a_range_is_answered_with_that_part(browser, url, asked, first, last):
    response = browser.get(url, headers={"Range": asked})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == DATA[first : last + 1]


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_outside_the_file_is_416_and_says_how_long_the_file_is(browser, url, asked):
    response = browser.get(url, headers={"Range": asked})
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"
    assert body(response) == b""


@pytest.mark.parametrize(
    "asked", ["bytes=", "bytes=-", "bytes=5-2", "lines=1-2", "bytes=0-1,5-6", "bytes=a-b", f"bytes={'9' * 5000}-"]
)
def test_a_range_that_makes_no_sense_is_not_there(browser, url, asked):
    response = browser.get(url, headers={"Range": asked})
    assert response.status_code == 200
    assert body(response) == DATA


def test_a_part_is_given_only_of_the_file_the_browser_knows(browser, url, take):
    headers = {"Range": "bytes=10-19"}
    assert status(browser.get(url, headers=headers | {"If-Range": f'"{take.sha256}"'})) == 206
    assert status(browser.get(url, headers=headers | {"If-Range": '"another"'})) == 200
    assert status(browser.get(url, headers=headers | {"If-Range": f'W/"{take.sha256}"'})) == 200


def test_what_the_browser_has_is_not_sent_again(browser, url, take):
    response = browser.get(url, headers={"If-None-Match": f'"{take.sha256}"'})
    assert response.status_code == 304
    assert body(response) == b""
    assert response["ETag"] == f'"{take.sha256}"'
    assert status(browser.get(url, headers={"If-None-Match": '"another"'})) == 200


def test_what_the_browser_has_is_not_shown_again_once_the_right_is_gone(action, url, take, start_frame, bob):
    browser = signed_in(bob)
    known = {"If-None-Match": f'"{take.sha256}"'}
    assert browser.get(url, headers=known)["Cache-Control"] == "private, no-cache"  # so it asks each time
    remove_perm("view_scene", bob, action.scene)
    assert browser.get(url, headers=known).status_code == 404


def test_full_files_are_asked_about_each_time_and_small_pictures_kept_for_minutes(browser, action, take, start_frame):
    for name, row, kept in (
        ("clip_file", take, "private, no-cache"),
        ("frame_picture", start_frame, "private, no-cache"),
        ("clip_poster", take, "private, max-age=300"),
        ("frame_thumbnail", start_frame, "private, max-age=300"),
    ):
        response = browser.get(reverse(name, args=[action.scene_id, action.pk, row.pk]))
        assert (status(response), response["Cache-Control"]) == (200, kept)
        again = browser.get(response.request["PATH_INFO"], headers={"If-None-Match": response["ETag"]})
        assert (again.status_code, again["Cache-Control"]) == (304, kept)


def test_head_tells_the_length_without_the_bytes(browser, url):
    response = browser.head(url)
    assert (response.status_code, response["Content-Length"], body(response)) == (200, "1024", b"")
    assert browser.post(url).status_code == 405


def test_a_download_is_named_after_the_scene_and_the_block(browser, url):
    response = browser.get(f"{url}?download")
    body(response)
    assert response["Content-Disposition"] == 'attachment; filename="the-last-lamp-1.mp4"'


def test_a_large_file_is_read_piece_by_piece(browser, action, alice, start_frame):
    data = b"x" * (2 * CHUNK + 5)
    take = finished_video(action, alice, data)
    response = browser.get(reverse("clip_file", args=[action.scene_id, action.pk, take.pk]))
    assert [len(chunk) for chunk in response.streaming_content] == [CHUNK, CHUNK, 5]


def test_the_file_is_closed_when_the_visitor_leaves_half_way(browser, url):
    response = browser.get(url)
    closers = response._resource_closers  # what a server runs when it closes the response
    part = next(closer.__self__ for closer in closers if isinstance(getattr(closer, "__self__", None), Slice))
    next(iter(part))
    for close in closers:
        close()
    assert part._file.closed


def test_a_storage_that_is_no_disk_serves_ranges_too(browser, url, take, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage", "OPTIONS": {}}
    }
    storages["default"].save(take.file.name, ContentFile(DATA))
    take.refresh_from_db()
    response = browser.get(url, headers={"Range": "bytes=-10"})
    assert (response.status_code, body(response)) == (206, DATA[-10:])


def test_behind_nginx_only_the_place_of_the_file_is_told(browser, url, take, settings):
    settings.X_ACCEL_REDIRECT = "/private/"
    response = browser.get(url, headers={"Range": "bytes=0-9"})
    assert response.status_code == 200
    assert response["X-Accel-Redirect"] == f"/private/{take.file.name}"
    assert response["Content-Type"] == "video/mp4"
    assert response.content == b""


def test_a_file_that_is_gone_is_404(browser, url, take):
    default_storage.delete(take.file.name)
    assert browser.get(url).status_code == 404


def test_pictures_and_their_thumbnails_are_served_as_what_they_are(browser, action, start_frame, take):
    here = [action.scene_id, action.pk]
    picture = browser.get(reverse("frame_picture", args=[*here, start_frame.pk]))
    assert (picture["Content-Type"], body(picture)[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    small = browser.get(reverse("frame_thumbnail", args=[*here, start_frame.pk]))
    assert (small["Content-Type"], body(small)[8:12]) == ("image/webp", b"WEBP")
    assert small["ETag"] != picture["ETag"]
    poster = browser.get(reverse("clip_poster", args=[*here, take.pk]))
    assert (poster["Content-Type"], body(poster)) == ("image/webp", b"a poster")


def test_media_is_for_those_who_see_the_scene_and_under_its_own_block_only(
    action, dialog, take, start_frame, bob, charlie
):
    for name, pk in (
        ("clip_file", take.pk),
        ("clip_poster", take.pk),
        ("frame_picture", start_frame.pk),
        ("frame_thumbnail", start_frame.pk),
    ):
        here = reverse(name, args=[action.scene_id, action.pk, pk])
        assert status(signed_in(bob).get(here)) == 200
        assert signed_in(charlie).get(here).status_code == 404
        assert Client().get(here).status_code == 302
        elsewhere = reverse(name, args=[action.scene_id, dialog.pk, pk])
        assert signed_in(bob).get(elsewhere).status_code == 404


def test_reading_a_range_header_never_leaves_the_file():
    for size in (1, 2, 10):
        for header in (f"bytes={a}-{b}" for a in ("", 0, 1, 9, 10) for b in ("", 0, 1, 9, 10)):
            try:
                asked = read_range(header, size)
            except UnsatisfiableError:
                continue
            if asked is not None:
                assert 0 <= asked[0] <= asked[1] < size
