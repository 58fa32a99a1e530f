"""Who approved which take, as a program reads it."""

import pytest

from tests.fixtures.callers import base
from tests.fixtures.rows import finished_video
from videogen import actions, review
from videogen.models import Review
from videogen.review import Change

pytestmark = pytest.mark.postgres


def test_the_history_of_a_block_is_read_page_by_page_the_latest_first(alices, bobs, action, dialog, alice, start_frame):
    # Catches a history that goes with its take, another block's in it, or a page that begins anew at the first.
    first, second = finished_video(action, alice), finished_video(action, alice)
    for take, change in (
        (first, Change(review=Review.APPROVED)),
        (first, Change(review=Review.RETAKE)),
        (second, Change(locked=True)),
    ):
        review.change(take, change, alice)
    gone = str(first.pk)
    actions.delete_video(first, alice)
    told = bobs.get(f"{base(action)}/reviews?pageSize=2").json()
    assert (told["count"], told["page"], told["pageSize"]) == (3, 1, 2)
    shown = ("takeId", "number", "was", "review", "locked", "by")
    assert [tuple(row[name] for name in shown) for row in told["items"]] == [
        (str(second.pk), 2, "none", "none", True, "alice"),
        (gone, 1, "approved", "retake", False, "alice"),
    ]
    rest = alices.get(f"{base(action)}/reviews?pageSize=2&page=2").json()["items"]
    assert [(row["was"], row["review"], row["locked"]) for row in rest] == [("none", "approved", True)]
    assert alices.get(f"{base(dialog)}/reviews").json()["items"] == []
    assert alices.get(f"{base(action)}/reviews?page=0").status_code == 422
