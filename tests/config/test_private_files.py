"""What the program writes is for its owner, whatever umask it was started with."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import run_checks

from config import private_files
from tests.fixtures.tree import ROOT

# As a shell starts it: then a database, a file of media, one of a log and one of beat's kind are written.
WRITE = """
import os
os.umask(0o022)
import django
django.setup()
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
connection.cursor().execute("CREATE TABLE t (x integer)")
default_storage.save("videos/a/clip.mp4", ContentFile(b"clip"))
(settings.VAR_DIR / "run").mkdir()
(settings.VAR_DIR / "run" / "redis.log").write_text("line")
"""


def modes(folder: Path) -> dict[str, int]:
    paths = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder.parent)): stat.S_IMODE(path.stat().st_mode) for path in paths}


def write(var_dir: Path, **settings: str) -> dict[str, int]:
    environment = os.environ | {"VAR_DIR": str(var_dir), "DJANGO_SETTINGS_MODULE": "config.settings"} | settings
    subprocess.run([sys.executable, "-c", WRITE], cwd=ROOT, env=environment, check=True)
    found = modes(var_dir)
    assert {"var/storyreel.sqlite3", "var/secret_key", "var/media/videos/a/clip.mp4", "var/run/redis.log"} <= set(found)
    return found


def test_nobody_else_of_the_machine_reads_what_is_written(tmp_path):
    assert {name: oct(mode) for name, mode in write(tmp_path / "var").items() if mode & 0o077} == {}


def test_a_group_reads_media_and_nothing_else_where_that_is_set(tmp_path):
    found = write(tmp_path / "var", GROUP_READABLE="1")
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o027} == {}
    assert {name: oct(mode) for name, mode in found.items() if mode & 0o070} == {
        "var": "0o710",  # passed through, not listed
        "var/media": "0o750",
        "var/media/videos": "0o750",
        "var/media/videos/a": "0o750",
        "var/media/videos/a/clip.mp4": "0o640",
    }


@pytest.mark.parametrize(
    ("mode", "group", "found"),
    [
        (0o755, False, ["storyreel.E010"]),
        (0o750, False, ["storyreel.E010"]),
        (0o700, False, []),
        (0o751, True, ["storyreel.E010"]),
        (0o770, True, ["storyreel.E010"]),
        (0o750, True, []),
    ],
)
def test_a_folder_that_others_read_is_refused(settings, tmp_path, mode, group, found):
    tmp_path.chmod(mode)
    settings.VAR_DIR, settings.GROUP_READABLE = tmp_path, group
    assert [error.id for error in run_checks()] == found


def test_a_database_elsewhere_that_others_read_is_refused(settings, monkeypatch, tmp_path):
    database = tmp_path / "elsewhere.sqlite3"
    database.touch(mode=0o600)
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(database))
    assert run_checks() == []
    database.chmod(0o644)
    assert [error.id for error in run_checks()] == ["storyreel.E010"]


def test_what_an_earlier_version_left_open_is_closed(tmp_path):
    folder = tmp_path / "var"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "clip.mp4").touch()
    outside = tmp_path / "outside"
    outside.touch()
    outside.chmod(0o644)
    (folder / "link").symlink_to(outside)
    for path in (folder, folder / "media"):
        path.chmod(0o755)
    (folder / "media" / "clip.mp4").chmod(0o644)
    assert private_files.close(folder, 0o077) == 3
    assert modes(folder) == {"var": 0o700, "var/media": 0o700, "var/media/clip.mp4": 0o600, "var/link": 0o644}
    assert private_files.close(folder, 0o077) == 0
