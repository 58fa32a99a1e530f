"""What lies about without an owner is removed; what has one never is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.storage import default_storage, storages
from django.urls import reverse

from scenes.models import Character, Location
from tests.fixtures.people import signed_in
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.media import storage, trash
from videogen.models import Frame, Video
from videogen.tasks import run_next
from videogen.worker.reconcile import sweep_files

pytestmark = pytest.mark.postgres

WORK = """
import django; django.setup()
from videogen.media import storage, trash
with storage.workspace() as folder:
    (folder / "clip.mp4.part").write_bytes(b"half a clip")
    print(folder, flush=True)
    input()
"""


@pytest.fixture
def elsewhere(settings) -> None:
    """The finished files are in a bucket, as it were: not on this machine's disk."""
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}


@pytest.fixture
def job(tmp_path, settings):
    """A process that makes a file, and its folder, which looks as if nothing had happened in it for years."""
    settings.MEDIA_ROOT = tmp_path / "media"
    process = subprocess.Popen(
        [sys.executable, "-c", WORK],
        env=os.environ | {"VAR_DIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        folder = Path(process.stdout.readline().strip())
        os.utime(folder, (0, 0))
        yield process, folder
        process.kill()


def test_the_unfinished_files_of_a_process_that_died_go_once_they_are_old(job):
    process, folder = job
    process.kill()
    process.wait()
    os.utime(folder)  # it has just begun or just died
    assert storage.sweep_parts() == 0
    assert folder.exists()
    os.utime(folder, (0, 0))
    assert storage.sweep_parts() == 1
    assert not folder.exists()
    assert storage.sweep_parts() == 0


def test_the_unfinished_files_of_a_living_process_stay_however_old_they_are(job):
    process, folder = job
    assert storage.sweep_parts() == 0
    assert (folder / "clip.mp4.part").read_bytes() == b"half a clip"
    process.communicate("\n")  # it comes to its end by itself
    assert process.returncode == 0
    assert not folder.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["before a job", "with an upload", "with the sweep"])
def test_every_machine_sweeps_its_own_disk_wherever_the_finished_files_are(way, elsewhere, action, alice):
    folder = storage.parts_folder() / "left"
    folder.mkdir()
    (folder / "clip.mp4.part").write_bytes(b"half a clip")
    os.utime(folder, (0, 0))
    if way == "before a job":
        run_next("videos")
    elif way == "with an upload":
        frame = actions.upload_frame(action, "start", picture_file(), alice)
        assert storages["default"].exists(frame.file.name)
    else:
        assert sweep_files() == 1
    assert list(storage.parts_folder().iterdir()) == []


# --- Finished files, which are in the storage -------------------------------------------------------------------


def stored() -> set[str]:
    """The names of all files but the trash and the mark."""
    root = Path(default_storage.location)
    names = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {name for name in names if name != trash.MARK and not name.startswith(f"{trash.FOLDER}/")}


def age(names=None) -> None:
    for name in stored() if names is None else names:
        os.utime(default_storage.path(name), (1, 1))


@pytest.fixture
def pictured(scene, mara, alice):
    """A scene whose location and character have pictures, looked at in two sizes each; returns the way to look."""
    scene.location.image.save("rock.png", picture_file((800, 450)))
    mara.portrait.save("mara.png", picture_file((400, 800)))
    browser = signed_in(alice)

    def look() -> None:
        for size in ("small", "face"):
            here, who = reverse("location_picture", args=[scene.pk]), reverse("portrait", args=[scene.pk, mara.pk])
            assert browser.get(here, {"size": size}).status_code == 200
            assert browser.get(who, {"size": size}).status_code == 200

    trash.mark()
    look()
    return look


def test_every_file_that_a_row_names_stays_and_so_do_the_thumbnails(pictured, action, alice, start_frame):
    finished_video(action, alice)
    there = Location.objects.get()
    Location.objects.create(film=there.film, name="Elsewhere", image=there.image.name)  # two rows, one file
    thumbnails = {name for name in stored() if name.startswith("thumbnails/")}
    age()
    before = stored()
    assert (len(thumbnails), len(before)) == (4, 10)
    assert sweep_files() == 0
    Location.objects.get(name="Elsewhere").delete()
    assert sweep_files() == 0
    assert stored() == before


def test_a_picture_that_was_replaced_goes_with_its_thumbnails(pictured, scene, mara):
    before = stored()
    scene.location.image.save("new.png", picture_file((640, 360)))
    mara.portrait.save("new.png", picture_file((400, 800)))
    pictured()
    after = stored() - before
    age()
    assert sweep_files() == len(before) == len(after) == 6
    assert stored() == after
    pictured()
    assert stored() == after


def test_the_pictures_of_rows_that_were_deleted_go(pictured):
    age()
    Location.objects.all().delete()
    Character.objects.all().delete()
    assert sweep_files() == 6
    assert stored() == set()


def test_a_file_without_a_row_stays_for_an_hour_because_its_row_may_be_on_its_way(pictured, action, alice):
    age()
    for folder in ("frames", "videos", "locations", "characters", "thumbnails"):
        default_storage.save(f"{folder}/young.png", picture_file())
    young = {name for name in stored() if name.endswith("young.png")}
    sweep_files()
    assert young < stored()
    age(young)
    assert sweep_files() == 5
    assert not young & stored()


def test_a_clip_outlives_the_frame_it_was_made_from(action, alice, start_frame):
    take = finished_video(action, alice)
    trash.mark()
    age()
    Video.objects.update(start_frame=None)
    Frame.objects.all()._raw_delete("default")  # not as rows are deleted, whose files go with them
    assert sweep_files() == 2
    take.refresh_from_db()
    assert take.start_sha256 == start_frame.sha256
    assert stored() == {take.file.name, take.poster.name}
