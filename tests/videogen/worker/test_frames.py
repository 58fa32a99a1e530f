"""What a worker keeps of a frame beside its picture, several candidates, and what an end frame refers to."""

from typing import Any

import pytest
from django.core.files.storage import default_storage

from scenes import layers
from scenes.models import Block
from tests.fixtures.rows import queued_frame
from tests.fixtures.scene import picture_file
from videogen import actions
from videogen.media import pictures, storage
from videogen.models import Frame, Status
from videogen.prompts import compose
from videogen.specs import FrameSpec
from videogen.worker import references, run

pytestmark = pytest.mark.django_db(transaction=True)


def spec_of(role: str = "start", **settings: Any) -> FrameSpec:
    given = {"model": "animatic", "prompt": "A spaceship lands. Full shot.", "width": 320, "height": 176, "seed": 8}
    return FrameSpec(**given | settings, role=role)


def make_all() -> None:
    """Work until nothing waits."""
    while (row := run.claim_next("frames", "worker-1")) is not None:
        run.make(row, "worker-1")


def test_a_frame_keeps_its_layers_and_its_notes_until_it_is_deleted(action, alice):
    """A layers file that nobody names is moved to the trash by the sweep; one that outlives its row fills the disk."""
    actions.queue_frame(action, spec_of(), alice)
    make_all()
    frame = Frame.objects.get()
    assert (frame.status, frame.is_chosen) == (Status.SUCCEEDED, True)
    assert frame.notes == ["The animatic cannot draw: spaceship. The panel shows the place without them."]
    with frame.layers.open() as file:
        stacked = layers.read(file)
    assert stacked.flat().tobytes() == pictures.read_stored(frame.file).tobytes()
    names = [frame.file.name, frame.poster.name, frame.layers.name]
    assert set(storage.files_below("frames")) == set(names)
    actions.delete_frame(frame, alice)
    assert not any(default_storage.exists(name) for name in names)


def test_four_candidates_are_four_frames_with_seeds_in_a_row_of_which_the_first_is_used(action, alice):
    """One live job for each role: the next one waits for the one before, and takes no picture's place."""
    actions.queue_frame(action, spec_of(candidates=4, seed=2**32 - 2), alice)
    make_all()
    frames = Frame.objects.order_by("candidate")
    assert [(frame.candidate, frame.seed, frame.is_chosen) for frame in frames] == [
        (1, 2**32 - 2, True), (2, 2**32 - 1, False), (3, 0, False), (4, 1, False),
    ]  # fmt: skip
    assert len({frame.sha256 for frame in frames}) == 4


def test_a_candidate_that_is_stopped_is_the_last(action, alice):
    first = actions.queue_frame(action, spec_of(candidates=4), alice)
    assert first.cancel(alice)
    make_all()
    assert Frame.objects.count() == 1


def test_an_end_frame_is_like_its_start_frame_only_where_nothing_was_changed(action, alice, mara):
    prompt = compose.frame_prompt(action, [mara], "end")
    cast = (str(mara.pk),)
    start = queued_frame(action, alice, character_ids=cast)
    assert start.claim("worker-1")
    run.make(start, "worker-1")

    def follows(**settings: Any) -> bool | None:
        given = {"prompt": prompt, "character_ids": cast} | settings
        return references.resolved(action, spec_of("end", **given)).like_start

    assert follows()
    assert not follows(prompt="Night. A close-up of the lamp.")
    assert not follows(character_ids=())
    assert not follows(include_location=False)
    assert follows(prompt="Night falls.", like_start=True)
    assert not follows(like_start=False)


def test_speakers_keep_opposite_sides_in_the_order_in_which_they_first_speak(scene, action, dialog, mara):
    """The same in every block: else a reverse shot puts both on one side of the line."""
    film = scene.film
    tobias, wren = (film.characters.create(name=name) for name in ("Tobias", "Wren"))
    for position, who in enumerate((tobias, mara, wren, tobias), start=2):
        Block.objects.create(scene=scene, position=position, kind="dialog", character=who, text="Yes.")
    sides = references.sides_of(dialog)
    assert sides == {str(mara.pk): -1, str(tobias.pk): 1, str(wren.pk): 1}
    assert references.sides_of(action) == sides


def test_a_foreign_file_in_place_of_layers_does_not_keep_a_frame_from_being_made(scene, action, alice):
    scene.location.layers.save("broken.layers", picture_file())
    scene.location.image.save("flat.png", picture_file())
    actions.queue_frame(action, spec_of(), alice)
    make_all()
    assert Frame.objects.get().status == Status.SUCCEEDED
