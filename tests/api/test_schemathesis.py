"""A program that knows nothing but the OpenAPI document tries everything it allows, and what it does not."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from guardian.shortcuts import assign_perm

from accounts.models import ApiToken
from api.site import api
from scenes import actions as writing
from scenes import guests, history
from scenes.models import Block, Film, Scene
from tests.fixtures.callers import timeline_of
from tests.fixtures.rows import finished_video, queued_video
from tests.fixtures.scene import new_scene, picture_file
from tests.fixtures.tree import ROOT
from videogen import actions, batches, export_jobs, notes, removal
from videogen.exports import applied, brought
from videogen.exports.spec import ExportSpec
from videogen.models import LIVE, Frame, Video

HERE = Path(__file__).parent
# The phases, and the examples of each operation; more find more, CI has a minute. The bounds of all values, two
# thousand calls, are tried by the one whose calls get as far as the values.
TRIED = {"owner": ("examples,coverage,fuzzing,stateful", 6), "only looking": ("examples,fuzzing,stateful", 3)}
BUSY = 500  # seconds; a minute where nobody else computes

WRITING = ("addBlock", "changeBlock", "joinBlock", "orderBlocks", "removeBlock", "restoreBlock", "splitBlock")
WRITING += ("undoWriting", "redoWriting", "changeScene", "removeScene", "restoreScene")
JOBS_OF_MANY = ("generateScene", "generateFilm", "readBatch", "cancelBatch", "retryBatch", "exportScene", "exportFilm")
JOBS_OF_MANY += ("readExport", "deleteExport", "bringSceneTimeline", "bringFilmTimeline", "undoTimeline")
TAKES = ("listTakes", "changeTake", "deleteTake", "restoreTake", "listNotes", "writeNote", "tickNote")
CANDIDATES = ("listCandidates", "chooseCandidate", "deleteCandidate")
Rows = dict[str, dict[str, dict[str, Any]]]  # see schemathesis_hooks.py

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def server(stack) -> str:
    """The product's own web server on the database of the test; no worker, so that what is asked for stays live."""
    return f"{stack.web()}/api"


def rows_to_try(person: User, scene: Scene, blocks: list[Block], looking: User | None) -> Rows:
    """Where the calls of each operation lead: ids in its path, and what they need in the body.

    looking: who tries it, where that is not the owner.
    """
    ids = [str(block.pk) for block in blocks]
    everywhere = {"filmId": str(scene.film_id), "sceneId": str(scene.pk), "blockId": ids}
    rewrite = actions.queue_rewrite(blocks[0], "start", "A lamp.", person)
    rows = {
        "*": {"path": everywhere, "body": {"blockId": ids}},
        "changeFilm": {"body": {"version": 1}},
        "readFrame": {"path": {"role": ["start", "end"]}},  # few calls, and only start frames are there
        "readPrompt": {"path": {"promptId": str(rewrite.pk), "blockId": ids[0]}},
        **rows_to_write(person),
        **rows_of_many(person, looking or person),
        **rows_of_takes(person),
    }
    for kind, items in (("Character", scene.film.characters), ("Location", scene.film.locations)):
        for operation in (f"change{kind}", f"upload{kind}Picture", f"delete{kind}"):
            rows[operation] = {"path": {"itemId": str(items.create(name=operation).pk)}}
    for operation in ("removeFilm", "bringScreenplay"):
        film = Film.objects.create(title=operation, owner=person)
        rows[operation] = {"path": {"filmId": str(film.pk)}}
    rows["revokeGuestLink"] = {"path": {"linkId": str(guests.make(scene, person, "Ines")[0].pk)}}
    rows["bringScreenplay"]["query"] = {"dryRun": ["true", "false"]}
    return rows


def rows_to_write(person: User) -> Rows:
    """Give each operation that writes in a scene one of its own, which it changes, uses up, or needs in its state."""
    rows: Rows = {}
    for operation in WRITING:
        scene = new_scene(person, title=operation)
        blocks = [Block.objects.create(scene=scene, position=place, kind="action", text="Rain.") for place in range(4)]
        ids = [str(block.pk) for block in blocks]
        rows[operation] = {
            "path": {"sceneId": str(scene.pk), "blockId": ids[1]},
            "body": {"version": 1, "into": ids[0], "intoVersion": 1, "blockIds": [ids[::-1], ids]},
        }
        for block in blocks if operation in ("restoreBlock", "undoWriting", "redoWriting") else ():
            writing.remove_block(block, person)
        for _ in blocks if operation == "redoWriting" else ():
            history.undo(scene, person)
        if operation == "restoreScene":
            writing.remove_scene(scene)
    return rows


def rows_of_many(owner: User, person: User) -> Rows:
    """Give each operation on many blocks a scene and film of its own, and what the person has started there."""
    rows: Rows = {}
    whole = {"what": "frames", "only": "missing", "settings": [{}]}
    for operation in JOBS_OF_MANY:
        scene = new_scene(owner, title=operation)
        for right in ("view_scene", "scene_block:frame:generate"):
            assign_perm(right, person, scene)
        block = Block.objects.create(scene=scene, position=0, kind="action", text="Rain.")
        rows[operation] = {
            "path": {"sceneId": str(scene.pk), "filmId": str(scene.film_id)},
            "body": {**whole, "blockIds": [[str(block.pk)]], "format": ["csv", "srt"]},
            "file": {"file": ["cut.otio", timeline_of(block)]},
        }
        if operation.startswith(("generate", "bring")):
            rows[operation]["query"] = {"dryRun": ["true", "false"]}
        if operation.endswith("Batch"):
            batch = batches.start(scene, person, what="frames", only="missing")
            rows[operation]["path"]["batchId"] = str(batch.pk)
            for frame in batch.frames.all() if operation == "retryBatch" else ():
                frame.claim("worker")
                frame.fail("out_of_memory", {"asked": "1280 × 704", "fits": ""})
        if operation in ("readExport", "deleteExport"):
            export = export_jobs.queue_export(scene, ExportSpec(format="csv"), person)
            rows[operation]["path"]["exportId"] = str(export.pk)
        if operation == "undoTimeline":  # each once
            pieces = brought.read(timeline_of(block).encode())
            several = [applied.apply(scene, pieces, owner, "cut.otio")[1] for _ in range(4)]
            rows[operation]["path"]["timelineId"] = [str(row.pk) for row in several]
    return rows


def rows_of_takes(person: User) -> Rows:
    """Give each operation on a take one of its own, with a note."""
    rows: Rows = {}
    for operation in TAKES:
        scene = new_scene(person, title=operation)
        block = Block.objects.create(scene=scene, position=0, kind="action", text="Rain.")
        actions.upload_frame(block, "start", picture_file(), person)
        take = finished_video(block, person)
        note = notes.write(take, person, 0, "Slower.")
        ids = {"blockId": str(block.pk), "takeId": str(take.pk), "noteId": note.pk}
        rows[operation] = {"path": {"sceneId": str(scene.pk), **ids}, "body": {"current": True, "frame": 0}}
        if operation == "restoreTake":
            removal.remove(take, person)
    for operation in CANDIDATES:
        scene = new_scene(person, title=operation)
        block = Block.objects.create(scene=scene, position=0, kind="action", text="Rain.")
        frame = actions.upload_frame(block, "start", picture_file(), person)
        ids = {"sceneId": str(scene.pk), "blockId": str(block.pk), "role": "start", "frameId": str(frame.pk)}
        rows[operation] = {"path": ids, "body": {"chosen": True}}
    return rows


def documented_successes() -> set[str]:
    """What each operation answers when it does what it is asked, as the hooks write it down."""
    paths = api.get_openapi_schema()["paths"].values()
    described = [(method, operation) for path in paths for method, operation in path.items()]
    return {
        f"{method.upper()} {operation['operationId']} {status}"
        for method, operation in described
        for status in operation["responses"]
        if int(status) < 300
    }


def operation_of(answer: str) -> str:
    return answer.rpartition(" ")[0]


def try_everything(
    server: str, user: User, rows: Rows, phases: str, examples: int, folder: Path
) -> subprocess.CompletedProcess[str]:
    _, plaintext = ApiToken.issue(user, "schemathesis")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")]
    command += ["run", f"{server}/openapi.json", "--header", f"Authorization: Bearer {plaintext}"]
    command += ["--phases", phases, "--max-examples", str(examples), "--seed", "20240229"]
    command += ["--no-color", "--warnings", "off"]
    (folder / "picture.png").write_bytes(picture_file().read())
    environment = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
        "ROWS_OF_TEST": json.dumps(rows),
        "ANSWERS_OF_TEST": str(folder / "answers"),
        "PICTURE_OF_TEST": str(folder / "picture.png"),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore",
    }
    return subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=BUSY, check=False
    )


def test_the_document_is_valid():
    schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema()))).validate()


@pytest.mark.parametrize("who", ["owner", "only looking"])
def test_nothing_a_client_can_send_breaks_the_api(server, stack, who, alice, bob, scene, action, dialog, tmp_path):
    for block in (action, dialog):
        actions.upload_frame(block, "start", picture_file(), alice)
    rows = rows_to_try(alice, scene, [action, dialog], None if who == "owner" else bob)
    if who == "only looking":
        assign_perm("scene_block:frame:generate", bob, dialog)
        queued_video(action, alice)  # to be looked at
        for film in Film.objects.all():
            assign_perm("view_film", bob, film)
    done = try_everything(server, alice if who == "owner" else bob, rows, *TRIED[who], tmp_path)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    successes, answers = documented_successes(), set((tmp_path / "answers").read_text().splitlines())
    reached = {answer for answer in answers if answer in successes or answer.endswith(" 403")}
    operations = {operation_of(success) for success in successes}
    assert operations - {operation_of(answer) for answer in reached} == set(), "tried only on what is not there"
    if who == "owner":
        assert successes - reached == set()
    assert f"Operations:       {len(operations)} selected / {len(operations)} total" in done.stdout
    assert "Stateful" in done.stdout
    assert "Traceback" not in stack.log("web")
    for model in (Frame, Video):
        for block in (action, dialog):
            assert model.objects.filter(block=block, status__in=LIVE).count() <= 2
