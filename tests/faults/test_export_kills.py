"""kill -9 of a worker in the middle of an export: it begins again, and there is one file at the end."""

import pytest

from tests.fixtures.cuts import take_of
from tests.fixtures.failpoints import Fuse
from tests.fixtures.stack import wait_for
from tests.fixtures.standing import ended, statuses
from tests.fixtures.storm import settle
from videogen import export_jobs
from videogen.exports.spec import ExportSpec
from videogen.media import storage
from videogen.models import Status

pytestmark = pytest.mark.xdist_group("stack")

TIMES = {"decoding": 30}  # in the middle of the card that is encoded


@pytest.mark.parametrize("point", ["claimed", "loading", "decoding", "written", "stored", "finished"])
def test_an_export_whose_worker_is_killed_is_made_once(
    stack, scene, action, dialog, alice, start_frame, tmp_path, point
):
    # Catches half a film that is published, and a part that stays on the disk.
    take_of(action, alice, tmp_path)
    fuse = Fuse(tmp_path / "failpoint")
    stack.worker("exports", **fuse.environment)
    fuse.light(point, TIMES.get(point, 1))
    row = export_jobs.queue_export(scene, ExportSpec(format="mp4"), alice)
    wait_for(lambda: ended(row) and fuse.has_blown)
    assert row.status == Status.SUCCEEDED, row.error
    assert (row.attempt, row.lost_attempts) == (2, 1)
    assert statuses(row) == ["queued", "running", "queued", "running", "succeeded"]
    assert settle() == []
    assert list(storage.files_below("exports")) == [row.file.name]
