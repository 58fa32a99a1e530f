"""The Undo of a timeline that was applied: what it takes back, and what it refuses."""

from datetime import timedelta

import opentimelineio as otio
import pytest
from django.utils import timezone

from scenes import actions as writing
from scenes import films, history
from scenes.models import Block, Removable
from tests.fixtures.scene import new_scene
from tests.fixtures.timelines import exported, reordered, saved
from videogen.exports import applied
from videogen.exports.applied import ChangedSinceError, UndoneAlreadyError
from videogen.exports.brought import read
from videogen.models import BroughtTimeline, Trim
from videogen.worker import reconcile

pytestmark = pytest.mark.postgres


def second_half(made: otio.schema.Timeline, place: int) -> otio.schema.Timeline:
    """The same timeline with one of its clips shortened to frames 12 to 24."""
    half = otio.opentime.RationalTime(12, 24)
    made.tracks[0][place].source_range = otio.opentime.TimeRange(half, half)
    return made


def trims() -> list[tuple[int, int]]:
    return list(Trim.objects.values_list("first", "frames"))


@pytest.fixture
def undoable(scene, fog, three, alice) -> BroughtTimeline:
    """A film's timeline that moved both scenes and two blocks, and halved the clip."""
    made = second_half(exported(scene.film, alice), 0)
    return applied.apply(scene.film, read(saved(reordered(made, [3, 4, 1, 0, 2]))), alice, "cut.otio")[1]


def test_one_undo_takes_all_of_a_film_s_timeline_back(scene, fog, three, alice, undoable):
    # Catches scenes that stay where an editor put them, a trim that stays, and a step of writing that is refused later.
    assert (list(scene.film.scenes.order_by("position")), trims()) == ([fog, scene], [(12, 12)])
    applied.undo(undoable)
    assert list(scene.film.scenes.order_by("position")) == [scene, fog]
    assert (list(scene.blocks.order_by("position")), trims()) == (three, [])
    assert history.can_step(scene, alice) == (False, False)
    with pytest.raises(UndoneAlreadyError):
        applied.undo(undoable)


def test_what_came_since_stays_where_it_is(scene, fog, three, alice, undoable):
    # Catches an undo that is refused, or loses a scene, because somebody went on writing.
    rain = new_scene(alice, title="Rain")
    block = writing.add_block(scene, alice, {"kind": "action", "text": "Wind."}, writing.Place())
    writing.remove_scene(fog)
    applied.undo(undoable)
    assert list(scene.film.scenes.order_by("position")) == [scene, rain]
    assert list(scene.blocks.order_by("position")) == [*three, block]


def moved_block(scene, three, alice) -> None:
    writing.set_order(scene, alice, [three[place].pk for place in (2, 0, 1)])


def other_length(scene, three, alice) -> None:
    data = saved(exported(scene, alice)).replace(b'"value": 12.0', b'"value": 6.0')
    applied.apply(scene, read(data), alice, "cut.otio")


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        (moved_block, "blocks of “The Last Lamp” in another order since"),
        (other_length, "Another timeline changed the same lengths since"),
    ],
)
def test_what_somebody_changed_since_is_not_lost(scene, three, alice, undoable, happened, words):
    # Catches an undo that does half of its work, or that throws away what somebody did after the timeline.
    happened(scene, three, alice)
    stood = [list(of.order_by("position")) for of in (scene.film.scenes, scene.blocks)]
    kept = trims()
    with pytest.raises(ChangedSinceError, match=words):
        applied.undo(undoable)
    assert ([list(of.order_by("position")) for of in (scene.film.scenes, scene.blocks)], trims()) == (stood, kept)
    undoable.refresh_from_db()
    assert undoable.undone_at is None


def test_scenes_that_somebody_moved_since_are_not_moved_again(scene, fog, three, alice):
    # Catches the order of three scenes, made by hand after the timeline, that an undo overwrites.
    rain = new_scene(alice, title="Rain")
    Block.objects.create(scene=rain, position=0, kind="action", text="Rain.")
    made = reordered(exported(scene.film, alice), [5, 3, 4, 0, 1, 2])
    _done, row = applied.apply(scene.film, read(saved(made)), alice, "cut.otio")
    films.move(rain, 1)
    with pytest.raises(ChangedSinceError, match="the scenes in another order since"):
        applied.undo(row)
    films.move(rain, 1)  # scene order is now what it was before: nothing is left of the timeline's
    films.set_scene_order(scene.film, [scene.pk, fog.pk, rain.pk])
    applied.undo(row)
    assert list(scene.film.scenes.order_by("position")) == [scene, fog, rain]


def test_timelines_are_undone_one_after_the_other(scene, three, alice):
    # Catches a first one that can never be undone once a second one was, and one whose take is gone for good.
    rows = []
    for place, change in enumerate((b'"value": 12.0', b'"value": 6.0')):
        data = saved(second_half(exported(scene, alice), 0)).replace(b'"value": 12.0', change)
        rows.append(applied.apply(scene, read(data), alice, f"cut-{place}.otio")[1])
    assert trims() == [(6, 6)]
    with pytest.raises(ChangedSinceError):
        applied.undo(rows[0])
    applied.undo(rows[1])
    assert trims() == [(12, 12)]
    three[0].videos.takes().get().delete()
    applied.undo(rows[0])
    assert trims() == []


def test_a_timeline_is_undone_for_as_long_as_a_step_of_writing(scene, three, alice):
    # Catches rows of thousands of ids that are kept for ever.
    data = saved(reordered(exported(scene, alice), [2, 1, 0]))
    applied.apply(scene, read(data), alice, "cut.otio")
    reconcile.sweep_removed()
    assert BroughtTimeline.objects.count() == 1
    BroughtTimeline.objects.update(applied_at=timezone.now() - Removable.KEPT_FOR - timedelta(hours=1))
    reconcile.sweep_removed()
    assert not BroughtTimeline.objects.exists()
