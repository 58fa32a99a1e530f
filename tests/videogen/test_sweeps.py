"""What lies about without an owner is removed; what has one never is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.storage import storages

from tests.conftest import picture_file
from videogen import actions, files
from videogen.reconcile import sweep_files
from videogen.tasks import run_next

WORK = """
import django; django.setup()
from videogen import files
with files.workspace() as folder:
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
    assert files.sweep_parts() == 1
    assert not folder.exists()
    assert files.sweep_parts() == 0


def test_the_unfinished_files_of_a_living_process_stay_however_old_they_are(job):
    process, folder = job
    assert files.sweep_parts() == 0
    assert (folder / "clip.mp4.part").read_bytes() == b"half a clip"
    process.communicate("\n")  # it comes to its end by itself
    assert process.returncode == 0
    assert not folder.exists()


def test_a_process_that_has_just_begun_or_just_died_is_left_alone(job):
    process, folder = job
    os.utime(folder)
    process.kill()
    process.wait()
    assert files.sweep_parts() == 0
    assert folder.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["before a job", "with an upload", "with the sweep"])
def test_every_machine_sweeps_its_own_disk_wherever_the_finished_files_are(way, elsewhere, action, alice):
    folder = files.parts_folder() / "left"
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
    assert list(files.parts_folder().iterdir()) == []
