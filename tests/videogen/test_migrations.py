"""A database of an earlier release keeps its rows."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from scenes.models import Block

# The schema changes under the test: a transaction of its own, and the newest schema again afterwards.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def migrate():
    def to(name: str | None = None):
        executor = MigrationExecutor(connection)
        leaves = executor.loader.graph.leaf_nodes("videogen")
        executor.migrate([("videogen", name)] if name else leaves)
        return executor.loader.project_state([("videogen", name)] if name else leaves).apps

    yield to
    to()


def test_columns_that_got_plain_names_keep_what_is_in_them(migrate, action: Block, alice):
    before = migrate("0005_checkpoint")
    common = {"block_id": action.pk, "requested_by_id": alice.pk, "losses": 2, "work": 2**40}
    frame = before.get_model("videogen", "Frame").objects.create(role="end", width=64, height=64, **common)
    rewrite = before.get_model("videogen", "PromptRewrite").objects.create(
        target="end", typed="Rain.", optimizer="composer", **common
    )
    after = migrate()
    for name, row in (("Frame", frame), ("PromptRewrite", rewrite)):
        found = after.get_model("videogen", name).objects.get(pk=row.pk)
        assert (found.lost_attempts, found.pixel_steps) == (2, 2**40)
    assert after.get_model("videogen", "PromptRewrite").objects.get().dialog_step == "end"
