"""A cut as Final Cut 7 XML (xmeml, version 5), which Premiere Pro reads, in a zip with its clips.

What Premiere wants and other writers leave out: a format in the sequence, and file addresses that are escaped.
"""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from videogen.exports import bundle
from videogen.exports.cut import Cut, Shot
from videogen.exports.sound import RATE
from videogen.pipelines.base import OnStep

NAME = "timeline.xml"
# Its characters are those of https://www.w3.org/TR/xml/#charsets.
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# The colour of a note's marker, as in the other timeline: yellow, and green once it is done.
OPEN = {"alpha": 255, "red": 255, "green": 204, "blue": 0}
DONE = {"alpha": 255, "red": 48, "green": 176, "blue": 80}
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'


def write_fcp_xml(path: Path, cut: Cut, on_step: OnStep) -> None:
    """Write a zip of the timeline and its media."""
    with bundle.writing(path) as found:
        found.add_text(NAME, fcp_xml(cut))
        bundle.add_all_media(found, cut, on_step)


def fcp_xml(cut: Cut) -> str:
    """Return the timeline as a document."""
    root = ET.Element("xmeml", version="5")
    sequence = ET.SubElement(root, "sequence", id="sequence-1")
    _tell(sequence, name=cut.title, duration=cut.frames)
    _rate(sequence, cut.frame_rate)
    code = ET.SubElement(sequence, "timecode")
    _rate(code, cut.frame_rate)
    _tell(code, string="00:00:00:00", frame=0, displayformat="NDF")
    media = ET.SubElement(sequence, "media")
    video = ET.SubElement(media, "video")
    _picture_format(ET.SubElement(video, "format"), cut.frame_rate, cut.width, cut.height)
    pictures = ET.SubElement(video, "track")
    audio = ET.SubElement(media, "audio")
    _tell(audio, numOutputChannels=2)
    _sound_format(ET.SubElement(audio, "format"))
    tracks = [ET.SubElement(audio, "track") for _channel in range(2)]
    voices = ET.SubElement(audio, "track") if any(shot.voice for shot in cut.shots) else None
    for place, (start, shot) in enumerate(cut.placed(), start=1):
        item = _item(pictures, f"clip-{place}", start, shot, cut)
        _file(item, place, shot, cut, whole=True)
        _log(item, shot, cut)
        _markers(item, shot)
        if shot.take and shot.take.has_audio:
            linked = [_Linked(item, "video", 1, len(pictures))]
            for channel, track in enumerate(tracks, start=1):
                heard = _item(track, f"sound-{place}-{channel}", start, shot, cut)
                _file(heard, place, shot, cut, whole=False)
                _tell(ET.SubElement(heard, "sourcetrack"), mediatype="audio", trackindex=channel)
                linked.append(_Linked(heard, "audio", channel, len(track)))
            _link(linked)
        elif shot.voice and voices is not None:
            _voice(voices, place, start, shot, cut)
    ET.indent(root)
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _tell(parent: ET.Element, **values: object) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = _clean(str(value))


def _clean(text: str) -> str:
    """Leave out what XML 1.0 cannot hold."""
    return _NO_XML.sub("", text)


def _rate(parent: ET.Element, rate: int) -> None:
    _tell(ET.SubElement(parent, "rate"), timebase=rate, ntsc="FALSE")


def _picture_format(parent: ET.Element, rate: int, width: int, height: int) -> None:
    found = ET.SubElement(parent, "samplecharacteristics")
    _rate(found, rate)
    _tell(found, width=width, height=height, anamorphic="FALSE", pixelaspectratio="square", fielddominance="none")


def _sound_format(parent: ET.Element) -> None:
    _tell(ET.SubElement(parent, "samplecharacteristics"), depth=16, samplerate=RATE)


def _item(track: ET.Element, name: str, start: int, shot: Shot, cut: Cut) -> ET.Element:
    """Add a shot to a track. Its times are frames of its own rate inside, of the sequence outside."""
    take = shot.take
    rate, first = (take.frame_rate, take.first) if take else (cut.frame_rate, 0)
    item = ET.SubElement(track, "clipitem", id=name)
    _tell(item, name=shot.name, duration=take.frames if take else shot.frames)
    _rate(item, rate)
    _tell(item, start=start, end=start + shot.frames)
    # A still has no frames of its own.
    length = round(shot.frames * rate / cut.frame_rate)
    _tell(item, **{"in": first, "out": first + length})
    if not take:
        _tell(item, stillframe="TRUE")
    return item


def _file(item: ET.Element, place: int, shot: Shot, cut: Cut, *, whole: bool) -> None:
    """Name the file of a shot; it is described once, and named by its id afterwards."""
    file = ET.SubElement(item, "file", id=f"file-{place}")
    if not whole:
        return
    take = shot.take
    name = bundle.media_name(shot)
    rate = take.frame_rate if take else cut.frame_rate
    media = shot.take or shot.still
    width, height = (media.width, media.height) if media else (cut.width, cut.height)
    _tell(file, name=name, pathurl=f"file://localhost/{quote(f'{bundle.FOLDER}/{name}')}")
    _rate(file, rate)
    _tell(file, duration=take.frames if take else shot.frames)
    found = ET.SubElement(file, "media")
    _picture_format(ET.SubElement(found, "video"), rate, width, height)
    if take and take.has_audio:
        heard = ET.SubElement(found, "audio")
        _sound_format(heard)
        _tell(heard, channelcount=2)


def _log(item: ET.Element, shot: Shot, cut: Cut) -> None:
    """Tell what an editor's list of clips shows beside the name: scene, take, and the numbers of the frames."""
    first, last = cut.numbers(shot)
    take = shot.take.number if shot.take else ""
    _tell(ET.SubElement(item, "logginginfo"), scene=shot.scene, shottake=take, lognote=f"Frames {first}–{last}")


def _markers(item: ET.Element, shot: Shot) -> None:
    """Mark the frames that have a note, counted as `in` and `out` of the item: in its file, at its own rate."""
    for note in shot.notes:
        marker = ET.SubElement(item, "marker")
        place = (shot.take.first if shot.take else 0) + note.frame
        _tell(marker, name=note.text, comment=note.summary, **{"in": place, "out": -1})
        _tell(ET.SubElement(marker, "color"), **(DONE if note.done else OPEN))


def _voice(track: ET.Element, place: int, start: int, shot: Shot, cut: Cut) -> None:
    """Add the spoken line of a shot to the track of voices, with its file: one channel, as long as the shot."""
    item = ET.SubElement(track, "clipitem", id=f"voice-{place}")
    _tell(item, name=f"{shot.name} {shot.speaker}".strip(), duration=shot.frames)
    _rate(item, cut.frame_rate)
    _tell(item, start=start, end=start + shot.frames, **{"in": 0, "out": shot.frames})
    file = ET.SubElement(item, "file", id=f"voice-file-{place}")
    name = bundle.voice_name(shot)
    _tell(file, name=name, pathurl=f"file://localhost/{quote(f'{bundle.FOLDER}/{name}')}")
    _rate(file, cut.frame_rate)
    _tell(file, duration=shot.frames)
    heard = ET.SubElement(ET.SubElement(file, "media"), "audio")
    _sound_format(heard)
    _tell(heard, channelcount=1)
    _tell(ET.SubElement(item, "sourcetrack"), mediatype="audio", trackindex=1)


class _Linked(NamedTuple):
    """A clip item that moves together with others: in which track it is, and its place there, both from 1."""

    item: ET.Element
    kind: str
    track: int
    place: int


def _link(linked: list[_Linked]) -> None:
    """Tie a picture to its sound, so that an editor moves them together: each of them names all."""
    for item, _kind, _track, _place in linked:
        for other, kind, track, place in linked:
            link = ET.SubElement(item, "link")
            _tell(link, linkclipref=other.get("id"), mediatype=kind, trackindex=track, clipindex=place)
