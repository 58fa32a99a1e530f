"""What the camera words of a prompt mean, and how the camera gets there."""

import itertools

import pytest

from videogen.pipelines.animatic.camera import CameraMove, CameraPath, Timing, ease, read_camera


@pytest.mark.parametrize(
    ("prompt", "closer", "pan", "tilt"),
    [
        ("Slow push in on her face", 1, 0, 0),
        ("The camera pushes in", 1, 0, 0),
        ("Dolly in while the rain falls", 1, 0, 0),
        ("zoom in slowly on the lamp", 1, 0, 0),
        ("A slow zoom.", 1, 0, 0),
        ("We move closer.", 1, 0, 0),
        ("Pull out to reveal the harbour", -1, 0, 0),
        ("Zoom out.", -1, 0, 0),
        ("The camera dollies back", -1, 0, 0),
        ("Wind; the shot pulls back.", -1, 0, 0),
        ("Pan left across the bay", 0, -1, 0),
        ("The camera pans slowly to the right.", 0, 1, 0),
        ("A pan from left to right", 0, 1, 0),
        ("panning from right to left over the roofs", 0, -1, 0),
        ("Truck left along the quay", 0, -1, 0),
        ("Dolly right past the boats", 0, 1, 0),
        ("Tilt up to the lamp", 0, 0, -1),
        ("the camera tilts down", 0, 0, 1),
        ("Crane up over the house", 0, 0, -1),
        ("Push in and pan left.", 1, -1, 0),
        ("Pull out, tilt down", -1, 0, 1),
    ],
)
def test_camera_words_are_understood(prompt, closer, pan, tilt):
    move = read_camera(prompt)
    assert (move.closer, move.pan, move.tilt) == (closer, pan, tilt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Mara pulls out a letter.",
        "He pushes in the door.",
        "She puts the pan on the left plate.",
        "A frying pan, left on the stove",
        "Static from the radio",
        "She tilts her head.",
        "They move out of the house.",
        "Tobias looks left.",
        "",
    ],
)
def test_what_people_do_is_not_taken_for_the_camera(prompt):
    assert read_camera(prompt).named is False


@pytest.mark.parametrize("prompt", ["Static shot.", "Locked off.", "locked-off wide", "The camera stays still"])
def test_a_camera_that_is_told_to_stand_still_does(prompt):
    assert read_camera(prompt).static
    assert all(view.zoom == 1 for view in views(prompt))


def test_a_static_word_beside_a_named_move_does_not_forbid_the_move():
    assert read_camera("A static crowd. Locked-off crowd; pan left").pan == -1


def test_a_handheld_camera_and_its_speed_are_read():
    move = read_camera("Handheld, quick push in")
    assert move.handheld
    assert move.closer == 1
    assert move.speed > read_camera("push in").speed > read_camera("slow push in").speed


def views(prompt: str, frames: int = 48, seed: int = 1):
    path = CameraPath(read_camera(prompt), frames, 24, seed)
    return [path[index] for index in range(len(path))]


def test_without_camera_words_the_camera_comes_slowly_closer():
    calm, asked = views("Rain."), views("push in")
    assert calm[0].zoom == 1
    assert 1 < calm[-1].zoom < asked[-1].zoom


def test_a_push_in_begins_and_a_pull_out_ends_on_the_whole_picture():
    assert views("push in and pan left")[0].zoom == 1
    assert views("pull out")[-1].zoom == pytest.approx(1)
    assert views("pull out")[0].zoom > 1.05


def test_a_pan_keeps_its_distance_and_crosses_the_room_it_has():
    pan = views("pan left")
    assert {view.zoom for view in pan} == {pan[0].zoom}
    assert (pan[0].x, pan[-1].x) == (1, -1)
    assert [view.x for view in views("pan right")] == [-view.x for view in pan]
    tilt = views("tilt up")
    assert (tilt[0].y, tilt[-1].y) == (1, -1)


def test_a_longer_clip_goes_farther():
    short, long = CameraPath(CameraMove(closer=1), 24, 24, 1), CameraPath(CameraMove(closer=1), 192, 24, 1)
    assert short[23].zoom < long[191].zoom


def test_the_ease_rests_at_both_ends_and_never_jerks():
    steps = [ease(index / 200) for index in range(201)]
    assert (steps[0], steps[-1]) == (0, 1)
    assert steps[100] == pytest.approx(0.5)
    speeds = [after - before for before, after in itertools.pairwise(steps)]
    assert min(speeds) >= 0
    assert speeds[0] < 0.05 * max(speeds)
    assert max(abs(after - before) for before, after in itertools.pairwise(speeds)) < 0.06 * max(speeds)


def test_a_handheld_camera_begins_on_the_whole_picture_and_stays_inside_of_it():
    shaken = views("handheld", frames=192)
    assert (shaken[0].zoom, shaken[0].sway_x, shaken[0].turn) == (1, 0, 0)
    assert max(abs(view.sway_x) for view in shaken) > 0.002
    for view in shaken:
        assert abs(view.sway_x) <= 0.5 * (1 - 1 / view.zoom) + 1e-9


def test_the_seed_decides_the_shake_and_the_timing_and_nothing_of_a_still_clip():
    for prompt in ("handheld", "pan left", "push in"):
        assert views(prompt, seed=1) == views(prompt, seed=1)
        assert views(prompt, seed=1) != views(prompt, seed=2)
    assert views("static", seed=1) == views("static", seed=2)


def test_a_move_is_done_at_the_end_whatever_its_timing():
    """Catches a clip whose last frame is not where its move leads to."""
    for seed in range(40):
        timing = Timing(CameraMove(closer=1), 48, seed)
        steps = [timing.at(index) for index in range(48)]
        assert (steps[0], steps[-1]) == (0, 1)
        assert min(after - before for before, after in itertools.pairwise(steps)) >= 0


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Tracking shot left along the quay", {"pan": -1, "track": True}),
        ("A tracking shot of Mara", {"pan": 1, "track": True}),
        ("The camera orbits left around her", {"orbit": -1, "pan": 0}),
        ("Arc shot.", {"orbit": 1}),
        ("Crane up over the house", {"tilt": -1, "crane": True}),
        ("Tilt up to the lamp", {"tilt": -1, "crane": False}),
        ("Rack focus to the lighthouse", {"rack": "far"}),
        ("Pull focus from the background to her face", {"rack": "near"}),
        ("Zoom in on the lamp", {"closer": 1, "zoom": True}),
        ("Push in on the lamp", {"closer": 1, "zoom": False}),
    ],
)
def test_the_moves_through_depth_are_understood(prompt, expected):
    """Catches a word of the camera that is read as another one."""
    move = read_camera(prompt)
    assert {name: getattr(move, name) for name in expected} == expected
