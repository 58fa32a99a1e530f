"""The file that tells how the programs are."""

import json

from local import state_file
from local.state_file import StateFile

STATES = [{"name": "web", "state": "running", "restarts": 0, "last_end": ""}]


def test_what_did_not_change_is_written_again_only_to_look_fresh(tmp_path, monkeypatch):
    file = StateFile(tmp_path / "programs.json")
    file.write(STATES)
    first = file.path.stat().st_ino
    file.write(list(STATES))
    assert file.path.stat().st_ino == first
    monkeypatch.setattr(state_file, "FRESHEN_SECONDS", 0)
    file.write(list(STATES))
    assert file.path.stat().st_ino != first
    assert json.loads(file.path.read_text()) == STATES


def test_only_the_owner_may_read_it_and_no_part_of_it_stays(tmp_path):
    file = StateFile(tmp_path / "programs.json")
    file.write(STATES)
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file.path]


def test_a_folder_that_takes_no_file_is_no_fault(tmp_path):
    file = StateFile(tmp_path / "missing" / "programs.json")
    file.write(STATES)
    file.remove()
