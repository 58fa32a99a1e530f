"""A block's fragment is drawn once for each way it looks, and anew whenever that changes."""

from uuid import uuid4

import pytest

from videogen.models import Frame
from web import block_state
from web.block_fragment import Fragment, Picture

HERE = {"scene_id": uuid4(), "pk": uuid4()}
CLIP = Picture(uuid4(), "", is_upright=False, seconds=5)
START = Picture(uuid4(), Frame.Role.START, is_upright=False)


def fragment(**changes) -> Fragment:
    given = {
        **HERE,
        "number": 1,
        "may_open": True,
        "why_not": "",
        "kind": block_state.CLIP,
        "words": "Clip ready",
        "is_live": False,
        "percent": None,
        "clip": CLIP,
        "start": START,
        "end": None,
        "failure": "",
        "outdated": "",
    }
    return Fragment(**given | changes)


@pytest.mark.parametrize(
    "change",
    [
        {"pk": uuid4()},
        {"number": 2},
        {"may_open": False, "why_not": "Ask its owner."},
        {"kind": block_state.STALE},
        {"kind": block_state.STALE, "outdated": "the words"},
        {"words": "Stopped"},
        {"is_live": True},
        {"percent": 40},
        {"clip": None},
        {"clip": Picture(CLIP.pk, "", is_upright=True, seconds=5)},
        {"clip": Picture(CLIP.pk, "", is_upright=False, seconds=6)},
        {"start": Picture(uuid4(), Frame.Role.START, is_upright=False)},
        {"end": Picture(uuid4(), Frame.Role.END, is_upright=True)},
        {"kind": block_state.FAILED, "failure": "The disk is full."},
    ],
)
def test_what_is_shown_otherwise_is_drawn_anew(change):
    # Catches a fragment that is taken from memory although something in it has changed.
    assert fragment(**change).draw() != fragment().draw()


def test_the_same_is_drawn_once():
    # Catches a key that is never met again, so that nothing is saved.
    assert fragment().draw() is fragment().draw()
