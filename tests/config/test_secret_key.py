"""The key that signs sessions and links: long, written once, the same for every process."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import secret_key

LONG = "the-quick-brown-fox-jumps-over-the-lazy-dog"


def test_processes_that_start_together_read_the_same_key(tmp_path):
    # web, workers and beat of a first start: some read the file between its making and its writing.
    together = 18
    for round_number in range(20):
        folder = tmp_path / str(round_number)
        folder.mkdir()
        barrier = Barrier(together)

        def start(folder: Path = folder, barrier: Barrier = barrier) -> str:
            barrier.wait()
            return secret_key.read("", "", folder)

        with ThreadPoolExecutor(together) as pool:
            keys = {future.result() for future in [pool.submit(start) for _ in range(together)]}
        assert len(keys) == 1
        assert len(keys.pop()) == 50
        assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_the_key_is_for_its_owner_only_and_stays(tmp_path):
    before = os.umask(0o022)  # that of a shell; the settings' own would hide a mode that is too wide
    try:
        key = secret_key.read("", "", tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert secret_key.read("", "", tmp_path) == key


def test_a_file_may_hold_the_key(tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{LONG}\n")
    assert secret_key.read("", str(file), tmp_path) == LONG
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("short", ["hunter2", "x" * 31, "x" * 200])
def test_a_key_that_can_be_guessed_is_refused_and_not_repeated(tmp_path, short):
    file = tmp_path / "key"
    file.write_text(short)
    for given, path in ((short, ""), ("", str(file))):
        with pytest.raises(ImproperlyConfigured, match="32 characters") as refused:
            secret_key.read(given, path, tmp_path)
        assert short not in str(refused.value)


def test_an_empty_file_of_an_interrupted_start_is_named(tmp_path):
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match="Remove it"):
        secret_key.read("", "", tmp_path)


def test_two_keys_or_a_file_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY or SECRET_KEY_FILE, not both"):
        secret_key.read(LONG, str(tmp_path / "key"), tmp_path)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
        secret_key.read("", str(tmp_path / "nowhere"), tmp_path)
