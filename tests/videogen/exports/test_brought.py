"""A timeline that comes back: what it says of order and lengths, and what a stranger's file does."""

import io
import json
import zipfile
from fractions import Fraction

import opentimelineio as otio
import pytest

from scenes import history
from scenes.models import Block
from tests.fixtures.cuts import take_of
from tests.fixtures.scene import new_scene
from tests.fixtures.timelines import exported, reordered, saved
from videogen.exports import applied, brought
from videogen.exports.brought import TimelineError, plan, read
from videogen.exports.shots import cut_of
from videogen.exports.spec import ExportSpec
from videogen.models import Trim

pytestmark = pytest.mark.django_db


def bundled(data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", data)
        bundle.writestr("media/clip.mp4", b"a clip")
    return file.getvalue()


def apply(target, pieces, by) -> brought.Plan:
    return applied.apply(target, pieces, by, "cut.otio")[0]


@pytest.mark.parametrize("form", [saved, lambda made: bundled(saved(made))], ids=["otio", "otioz"])
def test_what_was_exported_and_not_changed_changes_nothing(scene, three, alice, form):
    # Catches a round trip that is not exact: every timeline would look changed.
    found = plan(scene, read(form(exported(scene, alice))))
    assert (found.changes, found.notes) == (0, [])


def test_another_order_and_other_lengths_come_back_and_are_exported_again(scene, three, alice):
    # Catches a plan that says one thing and an application that does another.
    made = reordered(exported(scene, alice), [2, 0, 1])
    made.tracks[0][1].source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(6, 24), otio.opentime.RationalTime(10, 24)
    )
    made.tracks[0][0].source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(0, 30), otio.opentime.RationalTime(150, 30)
    )
    pieces = read(saved(made))
    ((_scene, rows),) = plan(scene, pieces).scenes
    told = [(row.block.pk, row.place_was, row.place, row.is_resized) for row in rows]
    first, second, third = (block.pk for block in three)
    assert told == [(third, 3, 1, True), (first, 1, 2, True), (second, 2, 3, False)]
    assert (rows[0].seconds, rows[1].seconds, rows[1].seconds_were) == (5.0, 10 / 24, 1.0)
    assert not Trim.objects.exists()  # looking changes nothing
    assert apply(scene, pieces, alice).changes == 3
    cut = cut_of(scene, ExportSpec(format="mp4"), alice)
    assert [shot.block_id for shot in cut.shots] == [str(third), str(first), str(second)]
    assert [(shot.frames, shot.take.first if shot.take else None) for shot in cut.shots[:2]] == [(120, None), (10, 6)]
    assert plan(scene, read(saved(exported(scene, alice)))).changes == 0
    assert plan(scene, pieces).changes == 0
    history.undo(scene, alice)
    assert list(scene.blocks.order_by("position").values_list("pk", flat=True)) == [first, second, third]


def test_blocks_that_the_timeline_lacks_stay_behind_what_they_follow(scene, three, alice):
    # Catches a block that is lost because an editor threw its clip away.
    found = plan(scene, read(saved(reordered(exported(scene, alice), [2, 0]))))
    ((_scene, rows),) = found.scenes
    assert [row.place_was for row in rows] == [3, 1, 2]
    assert [row.is_missing for row in rows] == [False, False, True]
    assert found.notes == ["1 block is not in the timeline. It stays behind the block that it follows."]


def test_a_clip_that_was_cut_in_two_counts_once(scene, three, alice):
    # Catches two places for one block.
    found = plan(scene, read(saved(reordered(exported(scene, alice), [0, 1, 0, 2]))))
    assert found.notes == ["1 clip is there again; its first counts."]
    assert [row.place_was for row in found.scenes[0][1]] == [1, 2, 3]


def test_clips_on_another_track_stand_where_their_time_is(scene, three, alice):
    # Catches an editor's second track that would put its clips at the end.
    made = exported(scene, alice)
    track = made.tracks[0]
    moved = track[0].deepcopy()
    above = otio.schema.Track("V2", kind="Video")
    length = track[1].duration() + track[2].duration()
    gap = otio.schema.Gap(source_range=otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), length))
    above.extend([gap, moved])
    del track[0]
    made.tracks.append(above)
    ((_scene, rows),) = plan(scene, read(saved(made))).scenes
    assert [row.place_was for row in rows] == [2, 3, 1]


def test_a_length_of_another_take_is_not_used(scene, three, alice, tmp_path):
    # Catches a new take that is cut as the old one was.
    made = exported(scene, alice)
    made.tracks[0][0].source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(5, 24)
    )
    take_of(three[0], alice, tmp_path, 2)
    assert plan(scene, read(saved(made))).changes == 0


def places(found: brought.Plan) -> list[tuple[str, int, int]]:
    assert found.order
    return [(row.scene.title, row.place_was, row.place) for row in found.order.rows]


def test_whole_scenes_in_another_order_are_put_in_it_and_exported_so_again(scene, fog, three, alice):
    # Catches a film's timeline of which only the order inside of scenes comes back.
    data = saved(reordered(exported(scene.film, alice), [3, 4, 1, 0, 2]))
    found = plan(scene.film, read(data))
    assert places(found) == [("Fog", 2, 1), ("The Last Lamp", 1, 2)]
    assert [(of.title, [row.place_was for row in rows]) for of, rows in found.scenes] == [
        ("Fog", [1, 2]),
        ("The Last Lamp", [2, 1, 3]),
    ]
    assert (found.moved_scenes, found.changes, found.notes) == (2, 2, [])
    apply(scene.film, read(data), alice)
    assert list(scene.film.scenes.order_by("position")) == [fog, scene]
    again = plan(scene.film, read(data))
    assert (again.moved_scenes, again.changes) == (0, 0)


def test_a_block_among_those_of_another_scene_stays_and_is_named(scene, fog, three, alice):
    # Catches a block that moves to another scene by way of a timeline, and one that stays without a word.
    found = plan(scene.film, read(saved(reordered(exported(scene.film, alice), [3, 0, 4, 1, 2]))))
    assert places(found) == [("Fog", 2, 1), ("The Last Lamp", 1, 2)]
    assert [[row.place_was for row in rows] for _scene, rows in found.scenes] == [[1, 2], [1, 2, 3]]
    first, second = found.notes
    assert first.startswith("Block 1 of “The Last Lamp” stands beside “Fog” in the timeline.")
    assert second.startswith("Block 2 of “Fog” stands beside “The Last Lamp”")


def test_a_scene_that_the_timeline_lacks_stays_behind_the_one_that_it_follows(scene, fog, three, alice):
    # Catches a scene that goes to the end, or is lost, because an editor threw its clips away.
    third = new_scene(alice, title="Rain")
    Block.objects.create(scene=third, position=0, kind="action", text="Rain.")
    found = plan(scene.film, read(saved(reordered(exported(scene.film, alice), [5, 0, 1, 2]))))
    assert places(found) == [("Rain", 3, 1), ("The Last Lamp", 1, 2), ("Fog", 2, 3)]
    assert found.notes == ["1 scene is not in the timeline. It stays behind the scene that it follows."]


def test_a_scene_without_blocks_is_not_told_as_missing(scene, fog, three, alice):
    # Catches an editor who is told of a scene that no timeline could have held.
    empty = new_scene(alice, title="Rain")
    found = plan(scene.film, read(saved(exported(scene.film, alice))))
    assert ("Rain", 3, 3) in [(row.scene.title, row.place_was, row.place) for row in found.order.rows]
    assert (empty.blocks.count(), found.notes) == (0, [])


def test_a_scene_s_timeline_moves_no_scene(scene, fog, three, alice):
    # Catches a timeline of a film, brought to one scene by somebody who may write only there, that moves the others.
    data = saved(reordered(exported(scene.film, alice), [3, 4, 0, 1, 2]))
    assert plan(scene, read(data)).order is None
    apply(scene, read(data), alice)
    assert list(scene.film.scenes.order_by("position")) == [scene, fog]


STRANGER = otio.schema.Timeline(name="Somebody else's")
STRANGER.tracks.append(otio.schema.Track(children=[otio.schema.Clip(name="A cat")]))
DEEP = b'{"tracks":' + b'{"children":[' * 100_000 + b"]}" * 100_000 + b"}"
BOMB = bundled(b" " * (6 * 2**20))
BROKEN = bytearray(bundled(bytes(range(256)) * 40))
BROKEN[45:60] = b"\xff" * 15  # inside of what is packed


def packed_otherwise() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as bundle:
        bundle.writestr("content.otio", b"{}")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no OpenTimelineIO file"),
        (b"<xmeml/>", "no OpenTimelineIO file"),
        (b"PK\x03\x04 and nothing", "no OpenTimelineIO file"),
        (b"\xff\xfe\x00", "no OpenTimelineIO file"),
        (DEEP[:4_000_000], "no OpenTimelineIO file"),
        (BOMB, "no OpenTimelineIO file"),
        (bytes(BROKEN), "no OpenTimelineIO file"),
        (packed_otherwise(), "no OpenTimelineIO file"),
        (b" " * (6 * 2**20), "larger than 5 MB"),
        (b"[]", "No clip of this timeline is known here"),
        (b'{"tracks": 5}', "No clip of this timeline is known here"),
        (saved(STRANGER), "No clip of this timeline is known here"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else value,
)
def test_a_file_of_somebody_else_is_refused_in_words(data, words):
    # Catches a 500, a process that a file brings down, and "invalid" without a way on.
    with pytest.raises(TimelineError, match=words):
        read(data)


def test_a_timeline_of_another_scene_is_told_as_such(scene, three, alice):
    # Catches a scene that is put in the order of another.
    other = new_scene(alice, title="Fog")
    Block.objects.create(scene=other, position=0, kind="action", text="Fog.")
    with pytest.raises(TimelineError, match="none of its clips belongs to “The Last Lamp”"):
        plan(scene, read(saved(exported(other, alice))))


def lasting(value: object, rate: object) -> dict[str, object]:
    return {"duration": {"value": value, "rate": rate}}


@pytest.mark.parametrize(
    "range_",
    [None, 5, {}, *(lasting(*of) for of in [("x", 0), (1e300, 1), (-5, 24), (True, 24), (1, 1e-300), (1, 1e-7)])],
)
def test_times_that_make_no_sense_make_no_error(scene, three, range_):
    # Catches a shot without length or of a year, from a file that was written by hand.
    clip = {"OTIO_SCHEMA": "Clip.2", "source_range": range_, "metadata": {"storyreel": {"block": str(three[1].pk)}}}
    data = json.dumps({"tracks": {"children": [{"kind": "Video", "children": [clip]}]}}).encode()
    ((_scene, rows),) = plan(scene, read(data)).scenes
    assert not any(row.is_resized for row in rows)
    assert all(piece.at == Fraction(0) for piece in read(data))


def test_a_clip_without_a_range_of_its_own_is_all_of_its_media(scene, three, alice):
    # Catches a clip of one frame: editors leave the range out where nothing is trimmed, or count it from a timecode.
    made = exported(scene, alice)
    clip = made.tracks[0][0]
    whole = clip.source_range
    clip.source_range = None
    assert plan(scene, read(saved(made))).changes == 0
    hour = otio.opentime.RationalTime(3600 * 24, 24)
    clip.media_reference.available_range = otio.opentime.TimeRange(hour, whole.duration)
    clip.source_range = otio.opentime.TimeRange(hour + otio.opentime.RationalTime(6, 24), whole.duration)
    row = plan(scene, read(saved(made))).scenes[0][1][0]
    assert (row.trim.first, row.trim.frames) == (6, 18)


def test_strange_rates_cost_no_minutes(three):
    # Catches sums whose denominators grow with every clip: a file of 5 MB kept a web process busy for minutes.
    items = [{"source_range": lasting(1, rate)} for rate in range(1_001, 1_101, 2)]
    items.append({"metadata": {"storyreel": {"block": str(three[0].pk)}}})
    (piece,) = read(json.dumps({"tracks": {"children": [{"kind": "Video", "children": items}]}}).encode())
    assert piece.at.denominator <= brought.FINEST
    assert float(piece.at) == pytest.approx(sum(1 / rate for rate in range(1_001, 1_101, 2)))


def test_a_block_that_is_written_while_a_timeline_is_applied_is_told(scene, three, alice, monkeypatch):
    # Catches a 500 where two people are quick, and half a timeline.
    pieces = read(saved(reordered(exported(scene, alice), [2, 1, 0])))
    planned = brought.plan

    def plan_and_be_overtaken(*given):
        found = planned(*given)
        Block.objects.create(scene=scene, position=3, kind="action", text="Fog.")
        return found

    monkeypatch.setattr(brought, "plan", plan_and_be_overtaken)
    with pytest.raises(TimelineError, match="at the same moment"):
        apply(scene, pieces, alice)
    assert list(scene.blocks.order_by("position")) == three
