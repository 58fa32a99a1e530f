"""A database of an earlier release keeps its rows."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from scenes.models import Block
from tests.fixtures.guests import make_link
from tests.fixtures.rows import finished_video
from tests.fixtures.tree import ROOT
from videogen import notes

# The schema changes under the test: a transaction of its own, and the newest schema again afterwards.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def migrate():
    def to(name: str | None = None):
        executor = MigrationExecutor(connection)
        leaves = executor.loader.graph.leaf_nodes("videogen")
        targets = [("videogen", name)] if name else leaves
        executor.migrate(targets)
        return executor.loader.project_state(targets).apps

    yield to
    to()


def test_every_step_after_the_first_can_be_undone():
    # Catches a release that nobody can go back from, in the migrations that the test below does not walk back.
    ours = {path.parent.name for path in ROOT.glob("*/migrations")}
    written = [
        (app, name, operation)
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        for operation in migration.operations
        if app in ours and not migration.initial
    ]
    assert {"scenes", "videogen"} <= {app for app, _, _ in written}
    assert [step for step in written if not step[2].reversible] == []


def test_rows_of_earlier_releases_keep_what_is_in_them_and_their_takes_get_numbers(
    migrate, action: Block, dialog: Block, alice, start_frame
):
    # One walk back and forth for all of them: each costs seconds, for the models of every state between.
    noted = finished_video(action, alice)
    link, _secret = make_link(action.scene, alice)
    notes.write_as_guest(noted, link, "alice", 0, "Hold.")
    notes.write(noted, alice, 1, "Darker.")
    earlier = migrate("0022_review")
    signed = earlier.get_model("videogen", "TakeNote").objects.order_by("frame").values_list("author_name", flat=True)
    # a guest's word never reads as a person's, not after the way back either
    assert list(signed) == ["alice (guest)", "alice"]
    earlier.get_model("videogen", "Video").objects.all().delete()
    before = migrate("0005_checkpoint")
    common = {"block_id": action.pk, "requested_by_id": alice.pk, "losses": 2, "work": 2**40}
    frame = before.get_model("videogen", "Frame").objects.create(role="end", width=64, height=64, **common)
    rewrite = before.get_model("videogen", "PromptRewrite").objects.create(
        target="end", typed="Rain.", optimizer="composer", **common
    )
    video = migrate("0006_plain_words").get_model("videogen", "Video")
    facts = {"requested_by_id": alice.pk, "width": 64, "height": 64, "duration": 1, "frame_rate": 24}
    made = [
        video.objects.create(block_id=block, status=status, file=file, **facts)
        for block, status, file in [
            (action.pk, "succeeded", "1"), (dialog.pk, "succeeded", "2"), (action.pk, "cancelled", ""),
            (action.pk, "succeeded", "3"),
        ]
    ]  # fmt: skip
    after = migrate()
    # columns that got plain names
    for name, row in (("Frame", frame), ("PromptRewrite", rewrite)):
        found = after.get_model("videogen", name).objects.get(pk=row.pk)
        assert (found.lost_attempts, found.pixel_steps) == (2, 2**40)
    assert after.get_model("videogen", "PromptRewrite").objects.get().dialog_step == "end"
    # takes, in the order they were made
    numbers = dict(after.get_model("videogen", "Video").objects.values_list("pk", "number"))
    assert [numbers[row.pk] for row in made] == [1, 1, None, 2]
    counts = dict(after.get_model("videogen", "TakeCount").objects.values_list("block_id", "given"))
    assert counts == {action.pk: 2, dialog.pk: 1}
