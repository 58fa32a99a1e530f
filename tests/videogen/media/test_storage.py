"""What a power cut may not take: a file that a row names, and a row that somebody was told of."""

import os
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import ConnectionHandler

from config import settings as product
from tests.fixtures.rows import queued_frame
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.models import Status
from videogen.tasks import run_next


@pytest.fixture
def synced(monkeypatch) -> list[tuple[int, int]]:
    """What the disk was told to keep: device and number of each file and folder."""
    found, real = [], os.fsync

    def fsync(descriptor: int) -> None:
        told = os.fstat(descriptor)
        found.append((told.st_dev, told.st_ino))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def identity(path: Path) -> tuple[int, int]:
    told = path.stat()
    return told.st_dev, told.st_ino


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["made", "uploaded"])
def test_a_picture_its_poster_and_their_folders_are_on_the_disk_before_the_row_names_them(
    synced, action, alice, way, settings
):
    # Catches a frame of zero bytes after a power cut, whose row says that it succeeded.
    if way == "made":
        frame = queued_frame(action, alice)
        run_next("frames")
        frame.refresh_from_db()
    else:
        frame = actions.upload_frame(action, "start", picture_file(), alice)
    assert frame.status == Status.SUCCEEDED, frame.error
    root = Path(settings.MEDIA_ROOT)
    paths = [Path(frame.file.path), Path(frame.poster.path), Path(frame.file.path).parent, root / "frames"]
    assert [path.name for path in paths if identity(path) not in synced] == []


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL syncs by its own default")
def test_sqlite_syncs_each_commit(tmp_path, django_db_blocker):
    # Catches NORMAL, with which a power cut takes the rows of the last seconds. The tests' own database syncs nothing.
    assert "synchronous=FULL" in product.DATABASES["default"]["OPTIONS"]["init_command"]
    handler = ConnectionHandler({"default": product.DATABASES["default"] | {"NAME": tmp_path / "product.sqlite3"}})
    with django_db_blocker.unblock(), handler["default"].cursor() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
    handler["default"].close()
