"""An export as a job: what it freezes, who may see it, what becomes of it when something breaks."""

import contextlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from scenes import access
from scenes.models import Block
from tests.fixtures.cuts import number_of, pictures_of, take_of
from tests.fixtures.guests import make_link
from tests.fixtures.rows import finished_video
from tests.fixtures.scene import new_scene, picture_file
from videogen import actions, export_jobs, notes
from videogen.exports import bundle, film, shelf, shots
from videogen.exports.cut import Cut, Note
from videogen.exports.formats import FORMATS
from videogen.exports.shots import cut_of
from videogen.exports.spec import ExportSpec
from videogen.media import storage
from videogen.models import Event, Export, Status, Trim
from videogen.pacing import hold_seconds
from videogen.specs import SpecError
from videogen.worker import ledger, progress, reconcile, run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch) -> None:
    """A worker closes its connection between two looks; the test's own has the transaction."""
    for module in (run, progress):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)


def spec(word: str = "mp4", **more) -> ExportSpec:
    return ExportSpec(format=word, **more)


@pytest.fixture
def take(action, dialog, alice, start_frame, tmp_path):
    """The scene: an action with a clip, a line without one."""
    return take_of(action, alice, tmp_path)


def made(row: Export) -> Export:
    """What a worker makes of a queued export."""
    claimed = run.claim_next("exports", "exports@here/1")
    assert claimed == row
    run.make(claimed, "exports@here")
    row.refresh_from_db()
    return row


def test_the_cut_is_the_current_take_else_the_start_frame_else_the_words(scene, action, dialog, alice, take):
    # Catches a block that is left out, and a cut in another order than the script.
    third = Block.objects.create(scene=scene, position=2, kind="action", text="Rain.")
    actions.upload_frame(third, "start", picture_file(), alice)
    cut = cut_of(scene, spec(), alice)
    assert [(shot.kind, shot.number) for shot in cut.shots] == [("clip", 1), ("card", 2), ("still", 3)]
    assert [shot.frames for shot in cut.shots] == [24, round(hold_seconds(dialog) * 24), 72]
    assert (cut.width, cut.height, cut.frame_rate) == (320, 192, 24)
    assert [shot.number for shot in cut_of(scene, spec(stills=False), alice).shots] == [1]
    assert (cut_of(scene, spec(width=640, height=480, frame_rate=30), alice)).shots[0].frames == 30


def test_the_notes_on_the_frames_that_are_seen_come_along(scene, action, alice, bob, take):
    # Catches a note of another take, one on a frame that was trimmed away, and a frame counted from the file's first.
    late = notes.write(take, alice, 9, "Hold.")
    notes.write(take, bob, 2, "Too dark.")
    notes.tick(late, alice, done=True)
    first, second = cut_of(scene, spec(), alice).shots[0].notes
    assert (first, second.done) == (Note(frame=2, text="Too dark.", author="bob"), True)
    trim = Trim.objects.create(block=action, take=take, first=5, frames=5, frame_rate=24)
    assert [(note.frame, note.text) for note in cut_of(scene, spec(), alice).shots[0].notes] == [(4, "Hold.")]
    trim.frames = 4
    trim.save()
    assert cut_of(scene, spec(), alice).shots[0].notes == ()
    trim.delete()
    finished_video(action, alice)
    assert cut_of(scene, spec(), alice).shots[0].notes == ()


def test_a_storyboard_has_the_open_drawings_on_one_frame_and_no_other_export_has_any(scene, action, alice, take):
    # Catches megabytes of points in the row of a film, a drawing that is done, and two frames for one panel.
    drawn = {"strokes": [{"color": "red", "points": [[0, 0], [1, 1]]}]}
    notes.tick(notes.write(take, alice, 1, "Done.", drawn), alice, done=True)
    for frame in (2, 2, 4):
        notes.write(take, alice, frame, "Lower.", drawn)
    cut = Cut.model_validate(cut_of(scene, spec("pdf"), alice).model_dump(mode="json"))
    shot = cut.shots[0]
    assert [(note.frame, bool(note.drawing)) for note in shot.notes] == [(1, False), (2, True), (2, True), (4, False)]
    assert (shot.panel_frame, all(note.is_drawn for note in shot.notes)) == (2, True)
    assert not any(note.drawing for note in cut_of(scene, spec(), alice).shots[0].notes)


def test_a_storyboard_has_no_more_drawn_on_it_than_a_worker_draws_in_time(
    scene, action, dialog, alice, take, monkeypatch
):
    # Catches a row of the points of hundreds of takes, read by a web process: thirty full ones took 8 s and 250 MB.
    monkeypatch.setattr(shots, "MOST_POINTS", 3)
    actions.upload_frame(dialog, "start", picture_file(), alice)
    for clip in (finished_video(dialog, alice), take):
        notes.write(clip, alice, 2, "Lower.", {"strokes": [{"color": "red", "points": [[0, 0], [1, 1]]}]})
    found = [note for shot in cut_of(scene, spec("pdf"), alice).shots for note in shot.notes]
    assert [(note.is_drawn, bool(note.drawing)) for note in found] == [(True, True), (True, False)]


def test_what_is_drawn_is_not_read_for_a_page_or_an_export_without_it(scene, alice, take):
    # Catches the points of every take read where the page of exports is looked at.
    notes.write(take, alice, 2, "Lower.", {"strokes": [{"color": "red", "points": [[0, 0], [1, 1]]}]})
    with CaptureQueriesContext(connection) as asked:
        cut_of(scene, spec(), alice)
    assert not [query for query in asked if '"drawing",' in query["sql"]]


def test_a_cut_asks_as_often_for_one_block_as_for_many(scene, action, alice, take, django_assert_num_queries):
    # Catches a query for each block, of which a film has five hundred.
    for more in (490, 0):
        person = User.objects.get(pk=alice.pk)  # one that has been asked for no right yet
        with django_assert_num_queries(9):
            cut_of(scene, spec(), person)
        Block.objects.bulk_create(
            Block(scene=scene, position=10 + place, kind="action", text="Rain.") for place in range(more)
        )
    assert len(cut_of(scene, spec(), alice).shots) == 492


def test_the_note_of_a_guest_is_signed_as_one(scene, alice, take):
    # Catches a guest's note that an editor takes for a person's.
    notes.write_as_guest(take, make_link(scene, alice)[0], "Ines", 5, "Her hand.")
    assert [note.author for note in cut_of(scene, spec(), alice).shots[0].notes] == ["Ines (guest)"]


def test_what_was_asked_for_is_what_is_made(scene, action, alice, take, tmp_path):
    # Catches an export of what the scene became while it waited in the queue.
    row = export_jobs.queue_export(scene, spec(), alice)
    action.text = "Sun."
    action.save()
    Block.objects.create(scene=scene, position=5, kind="action", text="More.")
    assert made(row).status == Status.SUCCEEDED, row.error
    path = default_storage.path(row.file.name)
    found = list(map(number_of, pictures_of(path)))
    assert found[:24] == [256 + frame for frame in range(24)]
    assert len(found) == Cut.model_validate(row.cut).frames == 24 + 36
    assert row.download_name == "Gull Rock - The Last Lamp.mp4"
    assert row.file.name.startswith("exports/")
    assert ledger.violations([row.pk]) == []


@pytest.mark.parametrize("word", ["mp4", "zip", "otioz", "fcpxml", "pdf", "csv", "srt", "vtt"])
def test_every_format_is_made_by_the_worker(scene, alice, take, word):
    # Catches a format that can be asked for and has no writer.
    row = made(export_jobs.queue_export(scene, spec(word), alice))
    assert (row.status, row.error) == (Status.SUCCEEDED, "")
    assert row.size == default_storage.size(row.file.name) > 0
    assert [event.to_status for event in Event.objects.filter(generation_id=row.pk)] == [
        "queued",
        "running",
        "succeeded",
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device that is always full")
@pytest.mark.parametrize("word", ["mp4", "zip", "otioz", "fcpxml", "pdf", "csv", "srt", "vtt"])
def test_a_disk_that_fills_up_is_told_as_such_and_nothing_is_published(scene, alice, take, word, monkeypatch, tmp_path):
    # Catches a zip or a PDF whose last write fails where nobody looks: half of it under the name of the whole.
    folder = tmp_path / "full"
    folder.mkdir()
    (folder / f"export{FORMATS[word].suffix}").symlink_to("/dev/full")
    monkeypatch.setattr(storage, "workspace", lambda: contextlib.nullcontext(folder))
    row = made(export_jobs.queue_export(scene, spec(word), alice))
    assert (row.status, row.error_code) == (Status.FAILED, "disk_full")
    assert list(storage.files_below("exports")) == []


def test_a_take_that_was_deleted_is_told_by_its_block_and_leaves_no_file(scene, action, alice, take):
    # Catches half an export, and a failure that does not say what to make again.
    row = export_jobs.queue_export(scene, spec("zip"), alice)
    storage.remove([take.file.name])
    assert made(row).status == Status.FAILED
    assert row.error == (
        "A file of block 1 of “The Last Lamp” was deleted before it could be exported. "
        "Make the clip or frame again, then export again."
    )
    assert list(storage.files_below("exports")) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device that is always full")
@pytest.mark.parametrize("word", ["mp4", "zip", "otioz", "fcpxml", "pdf", "csv", "srt", "vtt"])
def test_a_disk_that_is_full_ends_any_format_with_words_and_without_a_file(monkeypatch, scene, alice, take, word):
    # Catches the one writer of eight that tells a full disk as "something went wrong", or leaves the half of a file.
    workspace = storage.workspace

    @contextmanager
    def full() -> Iterator[Path]:
        with workspace() as folder:
            (folder / f"export{FORMATS[word].suffix}").symlink_to("/dev/full")
            yield folder

    row = export_jobs.queue_export(scene, spec(word), alice)
    monkeypatch.setattr(storage, "workspace", full)
    assert (made(row).status, row.error_code) == (Status.FAILED, "disk_full")
    assert list(storage.files_below("exports")) == []
    assert [path for path in storage.parts_folder().iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("word", ["mp4", "zip", "otioz", "fcpxml"])
def test_a_clip_that_is_deleted_in_the_middle_of_an_export_is_told_by_its_block(
    monkeypatch, scene, dialog, alice, take, tmp_path, word
):
    # Catches a film that lacks a shot which somebody deleted while the one before it was written.
    actions.upload_frame(dialog, "start", picture_file(), alice)
    second = take_of(dialog, alice, tmp_path, 2)
    row = export_jobs.queue_export(scene, spec(word, width=640, height=360), alice)
    opened = bundle.opened

    def opened_and_gone(shot, name):
        storage.remove([second.file.name])
        return opened(shot, name)

    for module in (film, bundle):
        monkeypatch.setattr(module, "opened", opened_and_gone)
    assert (made(row).status, row.error_code) == (Status.FAILED, "clip_missing")
    assert "block 2 of “The Last Lamp”" in row.error
    assert list(storage.files_below("exports")) == []


def test_a_worker_that_is_lost_leaves_one_file_at_the_end(scene, alice, take):
    # Catches two files of one export, and the late result of a worker that was given up.
    row = export_jobs.queue_export(scene, spec(), alice)
    lost = run.claim_next("exports", "exports@there/1")
    Export.objects.filter(pk=row.pk).update(lease_until="2000-01-01T00:00:00Z")
    reconcile._clock = reconcile.Clock()
    reconcile._clock.was_set()
    assert reconcile.reconcile() == 1
    assert made(row).status == Status.SUCCEEDED
    run.make(lost, "exports@there")  # it goes on where it was frozen
    row.refresh_from_db()
    assert (row.status, row.attempt, row.lost_attempts) == (Status.SUCCEEDED, 2, 1)
    assert list(storage.files_below("exports")) == [row.file.name]


def test_whoever_may_no_longer_look_gets_no_export(scene, alice, bob, take):
    # Catches a scene that leaves the house after its person was shut out.
    row = export_jobs.queue_export(scene, spec("csv"), bob)
    remove_perm("view_scene", bob, scene)
    assert made(row).status == Status.FAILED
    assert row.error_code == "export_not_allowed"


def test_a_film_holds_the_scenes_that_its_person_may_see_and_shows_itself_to_who_sees_them(
    scene, alice, bob, charlie, take
):
    # Catches a scene that was not shared and leaks through the export of the film around it.
    hidden = new_scene(alice, title="Hidden")
    Block.objects.create(scene=hidden, position=0, kind="action", text="A secret.")
    film = scene.film
    whole, part = export_jobs.queue_export(film, spec("csv"), alice), export_jobs.queue_export(film, spec("csv"), bob)
    assert {shot["scene"] for shot in whole.cut["shots"]} == {"The Last Lamp", "Hidden"}
    assert {shot["scene"] for shot in part.cut["shots"]} == {"The Last Lamp"}
    assert shelf.exports_of(access.get_film(alice, film.pk), alice) == [part, whole]
    assert shelf.exports_of(access.get_film(bob, film.pk), bob) == [part]
    with pytest.raises(Http404):
        shelf.find(bob, whole.pk)
    with pytest.raises(Http404):
        shelf.find(charlie, part.pk)
    assign_perm("view_scene", bob, hidden)
    assert shelf.find(bob, whole.pk) == whole


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("../../x", "-..-x.mp4"),
        ("C:\\evil\r\nSet-Cookie: a", "C-evil-Set-Cookie- a.mp4"),
        ("\u202egpj.exe", "-gpj.exe.mp4"),
        ("Fog 😀 “quoted”", "Fog 😀 “quoted”.mp4"),
        ("漢" * 200, "漢" * 60 + ".mp4"),
        (" ... ", "mp4.mp4"),
    ],
)
def test_the_name_of_a_file_leads_nowhere_and_keeps_its_ending(title, name):
    # Catches a title that a client takes for a path, that hides the ending, or that is cut off before it.
    assert Export(title=title, model="mp4", file="exports/1.mp4").download_name == name


def test_clips_and_the_timeline_for_premiere_are_saved_under_two_names():
    # Catches two .zip of one film of which the browser numbers the second: nobody knows which is which.
    names = {Export(title="Fog", model=word, file="exports/1.zip").download_name for word in ("zip", "fcpxml")}
    assert names == {"Fog.zip", "Fog - Premiere.zip"}


def test_a_second_press_makes_no_second_export(scene, alice, bob, take):
    # Catches a double click that cuts the film twice; another format or person is another export.
    row = export_jobs.queue_export(scene, spec(), alice)
    with pytest.raises(actions.AlreadyRunningError) as refused:
        export_jobs.queue_export(scene, spec(), alice)
    assert refused.value.running == row
    export_jobs.queue_export(scene, spec("pdf"), alice)
    export_jobs.queue_export(scene, spec(), bob)
    export_jobs.queue_export(scene.film, spec(), alice)


def test_nothing_to_export_is_said_before_anything_is_queued(scene, alice, action):
    # Catches a job that can only fail.
    with pytest.raises(export_jobs.NothingToExportError, match="no clip"):
        export_jobs.queue_export(scene, spec("zip"), alice)
    with pytest.raises(export_jobs.NothingToExportError, match="Nobody speaks"):
        export_jobs.queue_export(scene, spec("vtt"), alice)
    action.delete()
    with pytest.raises(export_jobs.NothingToExportError, match="write a block"):
        export_jobs.queue_export(scene, spec(), alice)
    assert not Export.objects.exists()


def test_captions_that_no_font_can_draw_are_refused_with_a_way_out(scene, dialog, alice, machine_fonts):
    # Catches a film with boxes where the words should be, found out when it is finished.
    dialog.text = "誰だ"
    dialog.save()
    with pytest.raises(SpecError, match="No font here can draw “誰だ”"):
        export_jobs.queue_export(scene, spec(captions="burned"), alice)
    export_jobs.queue_export(scene, spec(captions="track"), alice).cancel(alice)
    machine_fonts(("ぁ", "鿿"))
    export_jobs.queue_export(scene, spec(captions="burned"), alice)


def test_old_exports_go_with_their_files_and_deleted_ones_at_once(
    scene, alice, take, settings, django_capture_on_commit_callbacks
):
    # Catches a disk that fills with films nobody fetches, and a row without a file.
    old, new = (made(export_jobs.queue_export(scene, spec(word), alice)) for word in ("csv", "srt"))
    past = timezone.now() - timedelta(days=settings.EXPORT_DAYS, seconds=1)
    Export.objects.filter(pk=old.pk).update(finished_at=past)
    with django_capture_on_commit_callbacks(execute=True):
        assert reconcile.sweep_exports() == 1
    assert list(storage.files_below("exports")) == [new.file.name]
    with django_capture_on_commit_callbacks(execute=True):
        export_jobs.delete_export(new, alice)
    assert list(storage.files_below("exports")) == []
    assert Event.objects.filter(to_status="deleted").count() == 2


def test_a_running_export_stops_when_it_is_deleted(scene, alice, take, django_capture_on_commit_callbacks):
    # Catches a file without a row, left by a worker that did not notice.
    row = export_jobs.queue_export(scene, spec(), alice)
    claimed = run.claim_next("exports", "exports@here/1")
    with django_capture_on_commit_callbacks(execute=True):
        export_jobs.delete_export(row, alice)
    run.make(claimed, "exports@here")
    assert list(storage.files_below("exports")) == []
    assert not Export.objects.exists()


def test_a_trim_is_of_its_take_only(scene, action, alice, take, tmp_path):
    # Catches a new take that is cut where the old one was.
    Trim.objects.create(block=action, take=take, first=6, frames=10, frame_rate=24)
    first = cut_of(scene, spec(), alice).shots[0]
    assert (first.frames, first.take.first) == (10, 6)
    take_of(action, alice, tmp_path, 2)
    first = cut_of(scene, spec(), alice).shots[0]
    assert (first.frames, first.take.first) == (24, 0)


def test_five_hundred_blocks_are_one_zip(scene, action, alice, take):
    # Catches a limit that nobody meant: every clip of a long film, under its own name.
    Block.objects.bulk_create(
        Block(scene=scene, position=place, kind="action", text="Rain.") for place in range(10, 510)
    )
    row = made(export_jobs.queue_export(scene, spec("zip"), alice))
    with default_storage.open(row.file.name) as file, zipfile.ZipFile(file) as found:
        told = json.loads(found.read("manifest.json"))
    assert (len(told["shots"]), len({shot["shot"] for shot in told["shots"]})) == (502, 502)
