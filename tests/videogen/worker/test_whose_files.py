"""A sweep removes nothing that may be somebody's: on a disk and in a bucket, and what it removes can be had back."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.fixtures.rows import finished_video
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.media import storage, trash
from videogen.models import Frame, Installation, Video
from videogen.tasks import sweep_files as sweep_task
from videogen.worker import reconcile
from videogen.worker.reconcile import SweepRefusedError, sweep_files

FOLDERS = ("frames", "videos", "locations", "characters", "thumbnails")


@pytest.fixture(params=["disk", "bucket"])
def _storage(request):
    if request.param == "bucket":
        request.getfixturevalue("bucket")


@pytest.fixture
def later():
    """Two hours from now: whatever is stored is old enough to be swept."""
    with time_machine.travel(timezone.now() + timedelta(hours=2)) as clock:
        yield clock


def store(count: int, name: str = "film") -> list[str]:
    """Store files that no row names."""
    return [
        default_storage.save(f"{FOLDERS[n % len(FOLDERS)]}/{name}-{n}.bin", ContentFile(b"mine")) for n in range(count)
    ]


def files() -> set[str]:
    return {name for folder in FOLDERS for name in storage.files_below(folder)}


def new_database() -> None:
    """As it is after somebody started with an empty database over the files of another."""
    for model in (Video, Frame, Installation):
        model.objects.all()._raw_delete("default")  # not as rows are deleted, whose files go with them


pytestmark = [pytest.mark.usefixtures("_storage"), pytest.mark.django_db]


def test_an_empty_database_over_the_media_of_another_removes_nothing(action, alice, start_frame, later):
    # Catches what happened: reconcile with a new database over an existing VAR_DIR removed 41 of 41 files.
    finished_video(action, alice)
    assert sweep_files() == 0
    before, owner = files(), trash.owner()
    assert len(before) == 4
    new_database()
    with pytest.raises(SweepRefusedError, match=f"belong to the installation {owner}"):
        sweep_files()
    with pytest.raises(CommandError, match=r"No file was removed\. .* --adopt"):
        call_command("reconcile", stdout=StringIO())
    assert files() == before
    assert trash.owner() == owner != Installation.current()


@pytest.mark.django_db(transaction=True)
def test_the_hourly_sweep_that_is_refused_says_so_in_the_log(action, start_frame, later, caplog):
    sweep_files()
    new_database()
    sweep_task()
    assert "No file was swept. The stored files belong to the installation" in caplog.text
    assert len(files()) == 2


def test_media_that_were_never_marked_and_that_no_row_names_are_left_alone(later):
    # Catches an installation of before the mark that meets an empty database first.
    before = set(store(3))
    with pytest.raises(SweepRefusedError, match="3 of 3 stored files have no row"):
        sweep_files()
    assert (files(), trash.owner()) == (before, None)


@pytest.mark.parametrize("strays", [0, 1])
def test_media_of_before_the_mark_get_it_where_next_to_nothing_is_without_a_row(action, alice, strays, later):
    for _ in range(6):
        actions.upload_frame(action, "start", picture_file(), alice)
    store(strays)
    assert sweep_files() == strays
    assert trash.owner() == Installation.current()


def test_a_new_database_with_a_demo_of_its_own_takes_no_unmarked_media_for_its_own(action, start_frame, later):
    # Catches a few rows of its own that make the files of another look like a small number of strays.
    before = set(store(5)) | files()
    with pytest.raises(SweepRefusedError, match="5 of 7"):
        sweep_files()
    assert (files(), trash.owner()) == (before, None)


def test_the_media_of_a_new_installation_are_marked_from_its_first_minute_on(action, start_frame, monkeypatch):
    monkeypatch.setattr(reconcile, "_has_looked", False)
    reconcile.mark_new_media()
    assert trash.owner() == Installation.current()


def test_media_with_a_file_that_no_row_names_are_not_marked_in_passing(action, start_frame, monkeypatch):
    monkeypatch.setattr(reconcile, "_has_looked", False)
    store(1)
    reconcile.mark_new_media()
    assert trash.owner() is None


def test_a_sweep_that_would_remove_more_than_a_small_share_refuses(action, start_frame, later):
    # Catches a database of last year: the right one by its mark, and without most of the rows.
    sweep_files()
    before = set(store(21)) | files()
    with pytest.raises(SweepRefusedError, match="21 of 23 stored files have no row"):
        sweep_files()
    assert files() == before


def test_an_operator_who_knows_better_says_so_once(action, start_frame, later):
    sweep_files()
    store(21)
    call_command("reconcile", "--any-share", stdout=StringIO())
    assert len(files()) == 2
    Installation.objects.all().delete()
    store(1)
    call_command("reconcile", "--adopt", stdout=StringIO())
    assert len(files()) == 2
    assert trash.owner() == Installation.current()


def test_what_is_swept_stays_in_a_dated_trash_for_a_week(action, start_frame, later):
    sweep_files()
    name, *_ = store(1)
    today = timezone.now().date().isoformat()
    default_storage.save(f"{trash.FOLDER}/notes/mine.txt", ContentFile(b"no day"))
    assert sweep_files() == 1
    place = f"{trash.FOLDER}/{today}/{name}"
    with default_storage.open(place) as file:
        assert file.read() == b"mine"
    later.shift(timedelta(days=6, hours=22))
    assert sweep_files() == 0
    assert default_storage.exists(place)
    later.shift(timedelta(days=1, hours=3))
    assert sweep_files() == 1
    assert not default_storage.exists(place)
    assert default_storage.exists(f"{trash.FOLDER}/notes/mine.txt")
    assert len(files()) == 2


def test_the_trash_of_another_installation_is_not_emptied(action, start_frame, later):
    sweep_files()
    store(1)
    sweep_files()
    new_database()
    later.shift(timedelta(days=30))
    with pytest.raises(SweepRefusedError):
        sweep_files()
    assert len(list(storage.files_below(trash.FOLDER))) == 1


def test_a_database_has_one_identity_however_often_it_is_asked():
    assert Installation.current() == Installation.current()
    assert Installation.objects.count() == 1
    assert len(Installation.current()) == 36
