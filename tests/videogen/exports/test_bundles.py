"""The bundles: clips with a manifest, the timeline that opens with opentimelineio, the one for Premiere, the tables."""

import csv
import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import opentimelineio as otio
import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from lxml import etree

from tests.fixtures.cuts import cut_of_shots, shot_of, stored_shot
from tests.fixtures.scene import picture_file
from videogen.errors import GenerationError
from videogen.exports.bundle import write_clips
from videogen.exports.cut import Cut, Media, Note
from videogen.exports.fcp_xml import fcp_xml, write_fcp_xml
from videogen.exports.shot_list import COLUMNS, shot_list
from videogen.exports.timeline import timeline, write_timeline
from videogen.provenance import VOCABULARY


def quiet(phase, step=0, steps=0) -> None:
    """Report to nobody."""


@pytest.fixture
def cut(tmp_path) -> Cut:
    """A clip with sound and a note, one at another rate that is trimmed and has two, a still with a voice, a card."""
    picture = picture_file(color="red").read()
    still = Media(
        file=default_storage.save("frames/still.png", ContentFile(picture)),
        sha256=sha256(picture).hexdigest(),
        width=320,
        height=192,
    )
    voice = tmp_path / "spoken.wav"
    voice.write_bytes(b"a voice")
    first = stored_shot(tmp_path, 1, 24, loudness=0.1).model_copy(
        update={"notes": (Note(frame=5, text="Her hand", author="bob"),)}
    )
    second = stored_shot(tmp_path, 2, 50, rate=25, in_cut=24)
    noted = (Note(frame=0, text="Too\nearly", author="bob"), Note(frame=15, text="Dark", author="mara", done=True))
    second = second.model_copy(update={"take": second.take.model_copy(update={"first": 10}), "notes": noted})
    third = shot_of(3, None, 48, still=still, voice=voice)
    return cut_of_shots(first, second, third, shot_of(4, None, 30, words="Rain & <wind>"))


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "export.zip"


def test_the_zip_holds_every_clip_as_it_was_made_and_tells_how(path, cut):
    # Catches a manifest whose names or hashes are not those of the files beside it.
    write_clips(path, cut, quiet)
    with zipfile.ZipFile(path) as found:
        told = json.loads(found.read("manifest.json"))
        clips = [shot for shot in told["shots"] if shot["file"]]
        assert set(found.namelist()) == {"manifest.json", *(shot["file"] for shot in clips)}
        assert [sha256(found.read(shot["file"])).hexdigest() for shot in clips] == [shot["sha256"] for shot in clips]
    assert [shot["shot"] for shot in told["shots"]] == ["01-001", "01-002", "01-003", "01-004"]
    facts = [told["shots"][0][name] for name in ("seed", "model", "settings", "firstFrame", "lastFrame")]
    assert facts == [7, "animatic", {"prompt": "Rain."}, 1001, 1024]
    assert told["provenance"].startswith("Put together by a program with Storyreel")
    kinds = [shot["digitalSourceType"] for shot in told["shots"]]
    assert kinds == [f"{VOCABULARY}composite" if shot["file"] else None for shot in told["shots"]]


def test_the_same_cut_gives_the_same_zip(path, cut):
    # Catches the hour in an archive: an export would never be the same as its twin.
    write_clips(path, cut, quiet)
    before = path.read_bytes()
    write_clips(path, cut, quiet)
    assert path.read_bytes() == before


def test_a_clip_with_other_bytes_is_not_passed_on(path, cut):
    # Catches a half copied or exchanged file under the hash of the right one.
    shot = cut.shots[0]
    default_storage.delete(shot.take.file)
    default_storage.save(shot.take.file, ContentFile(b"other bytes"))
    with pytest.raises(GenerationError, match="clip_unreadable"):
        write_clips(path, cut, quiet)


def test_the_bundle_opens_with_opentimelineio_and_every_clip_is_found(path, tmp_path, cut):
    # Catches a bundle that only this program reads, media under another name, and a cut of another length.
    bundle = path.with_suffix(".otioz")
    write_timeline(bundle, cut, quiet)
    (tmp_path / "opened").mkdir()
    found = otio.adapters.read_from_file(str(bundle), extract_to_directory=str(tmp_path / "opened"))
    pictures, sounds, voices = found.tracks
    assert [clip.name for clip in pictures] == ["01-001", "01-002", "01-003", "01-004"]
    for clip in found.find_clips():
        assert (tmp_path / "opened" / clip.media_reference.target_url).is_file()
    assert found.duration().to_seconds() == pytest.approx(cut.seconds)
    assert {track.duration().to_seconds() for track in found.tracks} == {cut.seconds}
    assert pictures[1].source_range == otio.opentime.TimeRange(
        otio.opentime.RationalTime(10, 25), otio.opentime.RationalTime(25, 25)
    )
    (note,) = pictures[0].markers
    assert (note.name, note.marked_range.start_time.value) == ("bob: Her hand", 5)
    found_notes = [
        (clip.transformed_time(marker.marked_range.start_time, found.tracks).to_seconds(), marker)
        for clip in pictures
        for marker in clip.markers
    ]
    assert [at for at, _marker in found_notes] == pytest.approx([5 / 24, 1, 1 + 15 / 25])
    assert [(marker.color, dict(marker.metadata["storyreel"])) for _at, marker in found_notes] == [
        ("YELLOW", {"author": "bob", "done": False}),
        ("YELLOW", {"author": "bob", "done": False}),
        ("GREEN", {"author": "mara", "done": True}),
    ]
    assert (sounds.kind, [type(item).__name__ for item in sounds]) == ("Audio", ["Clip", "Gap", "Gap", "Gap"])
    assert (voices.name, [type(item).__name__ for item in voices]) == ("Voices", ["Gap", "Gap", "Clip", "Gap"])


def test_the_timeline_for_premiere_has_the_same_cut(path, cut):
    # Catches what Premiere refuses or misreads: an empty format, an address that is not escaped, times that overlap;
    # and a number of the first frame that was asked for and is nowhere.
    write_fcp_xml(path, cut, quiet)
    with zipfile.ZipFile(path) as found:
        root = fromstring(found.read("timeline.xml").replace(b"<!DOCTYPE xmeml>", b""))
        for address in root.iter("pathurl"):
            parts = urlsplit(address.text)
            assert (parts.scheme, parts.netloc) == ("file", "localhost")
            assert unquote(parts.path).lstrip("/") in found.namelist()
    video = root.find("sequence/media/video")
    told = {part.tag: part.text for part in video.find("format/samplecharacteristics")}
    assert (told["width"], told["height"], told["pixelaspectratio"]) == ("320", "192", "square")
    items = video.findall("track/clipitem")
    places = [(int(item.find("start").text), int(item.find("end").text)) for item in items]
    assert places == [(start, start + shot.frames) for start, shot in cut.placed()]
    assert [(items[1].find("in").text, items[1].find("out").text)] == [("10", "35")]
    marked = [tuple(marker.find(name).text for name in ("comment", "in", "out")) for marker in items[1].iter("marker")]
    assert marked == [("bob: Too early", "10", "-1"), ("mara: Dark (done)", "25", "-1")]
    assert int(root.find("sequence/duration").text) == cut.frames
    logged = [tuple(part.text for part in item.find("logginginfo")) for item in items]
    assert (logged[0], logged[3]) == (("Rain", "1", "Frames 1001–1024"), ("Rain", None, "Frames 1001–1030"))
    heard = root.findall("sequence/media/audio/track/clipitem")
    assert [item.find("file").get("id") for item in heard] == ["file-1", "file-1", "voice-file-3"]


def test_a_picture_and_its_sound_name_one_another_by_their_places(cut):
    # Catches a link to the wrong clip: a sound is not at the place of its picture where shots before it are silent.
    shots = (cut.shots[1], cut.shots[3], cut.shots[0])
    root = fromstring(fcp_xml(cut.model_copy(update={"shots": shots})).replace("<!DOCTYPE xmeml>", ""))
    places = {}
    for kind in ("video", "audio"):
        for number, track in enumerate(root.findall(f"sequence/media/{kind}/track"), start=1):
            for place, item in enumerate(track, start=1):
                places[item.get("id")] = (kind, str(number), str(place))
    linked = [item for item in root.iter("clipitem") if item.find("link") is not None]
    assert [item.get("id") for item in linked] == ["clip-3", "sound-3-1", "sound-3-2"]
    for item in linked:
        told = {link[0].text: tuple(part.text for part in link[1:]) for link in item.findall("link")}
        assert told == {name: places[name] for name in ("clip-3", "sound-3-1", "sound-3-2")}


def test_the_timeline_for_premiere_keeps_our_own_dtd_of_what_is_used_of_the_format(cut):
    # Catches an element out of its place. It is no copy of Apple's document, which has no free licence: whether
    # Premiere takes the file was not tried.
    document = etree.fromstring(fcp_xml(cut).split("\n", 1)[1])
    dtd = etree.DTD(str(Path(__file__).with_name("xmeml.dtd")))
    assert dtd.validate(document), dtd.error_log
    document.find("sequence/media/video").remove(document.find("sequence/media/video/format"))
    assert not dtd.validate(document)


def test_signs_that_xml_cannot_hold_are_left_out():
    # Catches a document that no reader opens, for one control character in a title.
    root = fromstring(
        fcp_xml(cut_of_shots(shot_of(1, None, 24), title="A\x0b & <b>\ufffe\ud800\x7f")).replace("<!DOCTYPE xmeml>", "")
    )
    assert root.find("sequence/name").text == "A & <b>\x7f"


def test_the_shot_list_is_a_table_that_runs_nothing(cut):
    # Catches a line of dialog that a spreadsheet runs as a formula, and a comma that moves the columns.
    evil = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        ' =HYPERLINK("x")',
        "\xa0\r=1",
        "\uff1d1",
        'He said, "no"\nand left',
    ]
    shots = [shot_of(number, None, 24, words=words) for number, words in enumerate(evil, 1)]
    text = shot_list(cut.model_copy(update={"shots": (*cut.shots, *shots)}))
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["Words"] for row in rows[4:12]] == [f"'{words}" for words in evil[:8]]
    assert rows[12]["Words"] == evil[8]
    assert (rows[0]["First frame"], rows[0]["Last frame"], rows[0]["Seed"]) == ("1001", "1024", "7")
    assert [row["Notes"] for row in rows[:3]] == [
        "1006 bob: Her hand",
        "1001 bob: Too early\n1015 mara: Dark (done)",
        "",
    ]
    assert [row["Starts at"] for row in rows[:4]] == ["0.000", "1.000", "2.000", "4.000"]


def test_the_timeline_holds_no_path_of_this_machine(cut):
    # Catches storage names, which tell how files are kept, in what is given away.
    text = otio.adapters.write_to_string(timeline(cut), "otio_json") + fcp_xml(cut)
    assert "videos/" not in text
    assert "frames/still" not in text
    assert "spoken.wav" not in text + cut.model_dump_json()
