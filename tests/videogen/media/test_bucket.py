"""A bucket as the storage of the work: what a worker stores there, what is read of it, what a sweep removes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from tests.fixtures.bucket import ACCOUNT
from tests.fixtures.people import signed_in
from tests.fixtures.ports import free_port
from tests.fixtures.rows import finished_video, queued_frame, queued_video, real_clip
from tests.fixtures.scene import picture_file
from videogen import removal
from videogen.errors import Cancelled, StorageAwayError
from videogen.media import storage, trash
from videogen.models import Status
from videogen.tasks import run_next
from videogen.worker.reconcile import sweep_files


def stored() -> set[str]:
    """The names of all files in the bucket."""
    return {found.key for found in default_storage.bucket.objects.all()}


@pytest.mark.django_db(transaction=True)
def test_a_frame_and_the_clip_made_from_it_are_in_the_bucket_and_nowhere_else(bucket, action, alice):
    # Catches a worker that reads its frame, or publishes its clip, by a path on its own disk.
    frame = queued_frame(action, alice)
    run_next("frames")
    frame.refresh_from_db()
    video = queued_video(action, alice)
    run_next("videos")
    video.refresh_from_db()
    assert (frame.status, video.status) == (Status.SUCCEEDED, Status.SUCCEEDED), (frame.error, video.error)
    assert stored() == {*frame.file_names, *video.file_names}
    with video.file.open() as file:
        data = file.read()
    assert (len(data), sha256(data).hexdigest()) == (video.size, video.sha256)
    assert list(storage.parts_folder().iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_finished_frame_waits_for_a_bucket_that_is_away(bucket, action, alice):
    # Catches a result that is thrown away, with the minutes of a GPU, because the bucket was busy for a moment.
    frame = queued_frame(action, alice)
    bucket.server.fail()
    run_next("frames")
    frame.refresh_from_db()
    assert (frame.status, frame.lost_attempts) == (Status.SUCCEEDED, 0), frame.error
    assert stored() == set(frame.file_names)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_cannot_read_its_frame_now_goes_back_to_the_queue(bucket, action, alice, start_frame):
    # Catches a clip that fails for good, with "our side", for a bucket that a later try would reach.
    video = queued_video(action, alice)
    bucket.server.fail()
    run_next("videos")
    video.refresh_from_db()
    assert (video.status, video.lost_attempts) == (Status.QUEUED, 1), video.error


def test_a_long_upload_reports_each_part_and_can_be_stopped(bucket, tmp_path):
    # Catches a silent upload: after two minutes the worker would take itself for hung, and make the clip anew.
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(20 * 2**20))
    parts = []
    assert storage.store(path, "videos/a.mp4", lambda: parts.append(1)) == "videos/a.mp4"
    assert len(parts) >= 3

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        storage.store(path, "videos/b.mp4", stop)
    assert stored() == {"videos/a.mp4"}
    assert list(default_storage.bucket.multipart_uploads.all()) == []


def test_opening_a_file_takes_one_request(bucket):
    # Catches the library's way: two questions about the size of the file before it is asked for.
    default_storage.save("frames/a.png", ContentFile(b"a picture"))
    bucket.forget()
    with default_storage.open("frames/a.png") as file:
        assert (file.read(), file.size) == (b"a picture", 9)
    assert bucket.asked() == ["GET frames/a.png"]
    with pytest.raises(ValueError, match="mode rb"):
        default_storage.open("frames/a.png", "wb")


def test_all_threads_share_one_connection(bucket):
    # Catches the library's way, one for each thread: with the 80 threads of a web server they would take 1.4 GB.
    with ThreadPoolExecutor(1) as other:
        assert other.submit(lambda: default_storage.connection).result() is default_storage.connection


def test_a_file_that_is_not_there_is_an_os_error_as_on_a_disk(bucket):
    # Catches errors of the client's own, which no caller knows: a sweep would end at a file that went meanwhile.
    for ask in (default_storage.open, default_storage.size, default_storage.get_modified_time):
        with pytest.raises(FileNotFoundError):
            ask("frames/none.png")
    default_storage.delete("frames/none.png")


def test_the_last_picture_of_a_clip_in_the_bucket_becomes_a_frame(bucket, action, dialog, alice, start_frame, tmp_path):
    # Catches a file that cannot be read at any place: a decoder goes to its end and back.
    finished_video(action, alice, real_clip(tmp_path / "clip.mp4"))
    signed_in(alice).post(reverse("clip_from_clip", args=[dialog.scene_id, dialog.pk, "start"]))
    with dialog.frames.chosen("start").get().file.open() as file:
        red, green, _blue = Image.open(file).convert("RGB").getpixel((160, 96))
    assert green > 150 > 60 > red


def test_a_sweep_removes_old_files_without_a_row_and_nothing_else(bucket, scene, action, alice, start_frame):
    # Catches a listing that does not go into the folders of a bucket, which are only beginnings of names.
    scene.location.image.save("rock.png", picture_file((800, 450)))
    assert signed_in(alice).get(reverse("location_picture", args=[scene.pk])).status_code == 200
    finished_video(action, alice)
    kept = stored()
    strays = {"frames/ab/left.png", "videos/left.mp4", "thumbnails/left.webp"}
    for name in strays:
        default_storage.save(name, ContentFile(b"left"))
    default_storage.bucket.Object("frames/").put()  # the console of Amazon makes such a folder
    assert sweep_files() == 0
    later = datetime.now(UTC) + timedelta(hours=2)
    with time_machine.travel(later):
        assert sweep_files() == 3
    thrown = {f"{trash.FOLDER}/{later.date().isoformat()}/{name}" for name in strays}
    assert stored() == kept | thrown | {"frames/", trash.MARK}


def test_deleting_a_take_takes_its_files_out_of_the_bucket(
    bucket, action, alice, start_frame, django_capture_on_commit_callbacks
):
    # Catches files that stay, and are paid for, until the next sweep.
    take = finished_video(action, alice)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(alice).post(reverse("clip_delete_take", args=[action.scene_id, action.pk, take.pk]))
    assert stored() >= set(take.file_names)  # it can come back
    with django_capture_on_commit_callbacks(execute=True):
        assert removal.sweep(timezone.now() + timedelta(seconds=1)) == 1
    assert stored() == {start_frame.file.name, start_frame.poster.name}


@pytest.fixture
def bucket_away(settings, monkeypatch):
    """A bucket whose server does not answer."""
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    settings.S3_BUCKET, settings.S3_ENDPOINT_URL = "clips", f"http://127.0.0.1:{free_port()}"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "videogen.media.bucket.Bucket"}}


@pytest.mark.parametrize(
    "use",
    [
        lambda: default_storage.save("frames/a.png", ContentFile(b"a picture")),
        lambda: default_storage.open("frames/a.png"),
        lambda: default_storage.exists("frames/a.png"),
        lambda: default_storage.delete("frames/a.png"),
        lambda: default_storage.listdir("frames"),
        lambda: default_storage.get_modified_time("frames/a.png"),
    ],
    ids=["save", "open", "exists", "delete", "listdir", "modified"],
)
def test_a_bucket_that_does_not_answer_is_told_from_a_file_that_is_not_there(bucket_away, use):
    # Catches an outage that is taken for a fault of the program, or for a picture that was deleted.
    with pytest.raises(StorageAwayError):
        use()


@pytest.mark.django_db
def test_a_small_picture_is_a_503_while_the_bucket_is_away(bucket_away, settings, scene, alice):
    # Catches the 500 of every portrait and poster during an outage.
    scene.location.image = "locations/rock.png"
    scene.location.save()
    browser = signed_in(alice)
    browser.raise_request_exception = False
    response = browser.get(reverse("location_picture", args=[scene.pk]))
    assert (response.status_code, response["Retry-After"]) == (503, "5")
