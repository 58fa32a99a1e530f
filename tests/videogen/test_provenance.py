"""What a clip's own file, an exported film and a manifest say of how they were made."""

import av
import pytest

from scenes.models import Block
from tests.fixtures.rows import finished_video, queued_frame
from videogen import batches
from videogen.exports.bundle import manifest
from videogen.exports.film import write_film
from videogen.exports.shots import cut_of
from videogen.exports.spec import ExportSpec
from videogen.models import Frame, Video
from videogen.provenance import VOCABULARY, together
from videogen.worker import run

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"frame": {"width": 320, "height": 192}, "video": {"width": 320, "height": 192, "duration": 1}}
FLUX, LTX = "repository/flux@1", "repository/ltx@1"


def finished_frame(block: Block, by, **facts) -> Frame:
    frame = queued_frame(block, by)
    assert frame.claim("worker")
    assert frame.finish(file="frames/a.png", poster="frames/a.webp", seed=7, sha256="0" * 64, **facts)
    assert frame.choose()
    frame.refresh_from_db()
    return frame


def told_of(path) -> dict[str, str]:
    with av.open(str(path)) as container:
        return dict(container.metadata)


def test_a_clip_that_a_program_drew_says_so_in_its_file_and_in_the_film(scene, action, alice, tmp_path):
    # Catches a clip of the animatic, and a film of it, that say a generative model made them.
    batches.start(scene, alice, what="both", only="missing", settings=SMALL)
    for queue in ("frames", "videos"):
        run.make(run.claim_next(queue, "worker-1"), "worker")
    told = told_of(Video.objects.get().file.path)
    assert told["comment"].startswith("Drawn by a program with Storyreel, without a generative model for pictures.")
    assert f'"digitalSourceType": "{VOCABULARY}algorithmicMedia"' in told["description"]
    write_film(tmp_path / "film.mp4", cut_of(scene, ExportSpec(format="mp4"), alice), "none", lambda *_: None)
    assert told_of(tmp_path / "film.mp4")["comment"].startswith("Drawn by a program with Storyreel")


@pytest.mark.parametrize(
    ("frame", "checkpoint", "source"),
    [
        ("drawn", "", "algorithmicMedia"),
        ("put together", "", "composite"),
        ("uploaded", "", "composite"),
        ("generated", "", "compositeWithTrainedAlgorithmicMedia"),
        ("drawn", LTX, "trainedAlgorithmicMedia"),
        ("generated", LTX, "trainedAlgorithmicMedia"),
        ("uploaded", LTX, "compositeWithTrainedAlgorithmicMedia"),
    ],
)
def test_the_manifest_says_of_each_clip_how_it_was_made(action, scene, alice, frame, checkpoint, source):
    # Catches a clip told by its pipeline alone: a panel that moves and was generated, a photograph that was filmed.
    row = finished_frame(action, alice, checkpoint=FLUX if frame == "generated" else "")
    if frame == "put together":
        Frame.objects.update(made_from={"text": "Wind.", "locationPicture": "0" * 64})
    elif frame == "uploaded":
        Frame.objects.update(source="uploaded")
    video = finished_video(action, alice)
    Video.objects.update(checkpoint=checkpoint, start_frame=row, start_sha256=row.sha256)
    assert video.make_current()
    (shot,) = manifest(cut_of(scene, ExportSpec(format="zip"), alice))["shots"]
    assert shot["digitalSourceType"] == VOCABULARY + source


@pytest.mark.parametrize(
    ("parts", "source"),
    [
        (("trainedAlgorithmicMedia", "algorithmicMedia"), "compositeWithTrainedAlgorithmicMedia"),
        (("trainedAlgorithmicMedia", "trainedAlgorithmicMedia"), "trainedAlgorithmicMedia"),
        (("algorithmicMedia", ""), "composite"),
        (("",), "composite"),
    ],
)
def test_a_film_is_what_its_parts_are_together(parts, source):
    # Catches a film of generated clips and cards that is told as wholly generated, and an upload told as drawn.
    assert together(parts) == source
