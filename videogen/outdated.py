"""What has changed since a frame or clip was queued: the one comparison behind pages, counters, dialog and API.

`record` keeps what the script says by names of parts: text, kind, speaker, parenthetical, hour, location,
locationPicture, and for each person who is shown cast/<id> and castPicture/<id>, the speaker as cast/speaker.
`Video.made_from` has the words (of a picture the SHA-256 of its file), `made_digests` a short hash of each, so that the
page of a long scene compares without reading the words. See docs/decisions/0079.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from django.core.files.storage import default_storage
from django.db.models.fields.files import ImageFieldFile

from scenes.models import Block, Character, Location, Scene
from videogen.models import BlockGenerations, Frame, Video
from videogen.prompts import compose
from videogen.specs import FrameSpec

START, END = "startFrame", "endFrame"
_SPEAKER = "speaker"


@dataclass(frozen=True, slots=True)
class Change:
    """A part that is no longer as it was. what: a part without its id. who: whose look or picture it is.

    was, now: words; of pictures the SHA-256 of the file, empty where there is none.
    """

    what: str
    was: str
    now: str
    who: str = ""

    @property
    def is_picture(self) -> bool:
        """Whether `was` and `now` are hashes of pictures."""
        return self.what in (START, END) or self.what.endswith("Picture")


@dataclass(frozen=True, slots=True)
class Present:
    """What the blocks of one scene say now. cast: the scene's characters, by id. hour: the time of day."""

    location: Location | None
    cast: dict[str, Character]
    hour: str

    @classmethod
    def of(cls, scene: Scene) -> "Present":
        """Read it. One query, none where the scene's characters were prefetched."""
        return cls(scene.location, {str(who.pk): who for who in scene.characters.all()}, compose.hour_of(scene))

    def words(self, block: Block, part: str) -> str:
        """Return what a part says now; empty where there is no such thing any more."""
        what, _, who = part.partition("/")
        if what == "cast":
            person = self.person(block, who)
            return f"{person.name}: {person.description}" if person else ""
        if what == "location":
            return f"{self.location.name}: {self.location.description}" if self.location else ""
        if what == "hour":
            return self.hour
        if what == _SPEAKER:
            return block.character.name if block.character else ""
        found: str = getattr(block, what)
        return found

    def picture(self, block: Block, part: str) -> ImageFieldFile | None:
        """Return the picture of a part, None where there is none."""
        what, _, who = part.partition("/")
        person = self.person(block, who) if what == "castPicture" else None
        found = person.portrait if person else self.location.image if self.location and not who else None
        return found or None

    def person(self, block: Block, who: str) -> Character | None:
        """Find somebody of the block's cast by id; `speaker` is whoever speaks."""
        if who == _SPEAKER or (block.character and str(block.character_id) == who):
            return block.character
        return self.cast.get(who)

    def is_same(self, block: Block, part: str, digest: str) -> bool:
        """Whether a part still is what it was when its digest was taken."""
        if not _is_picture(part):
            return _short(self.words(block, part)) == digest
        picture = self.picture(block, part)
        if picture is None or not digest:
            return (picture is None) == (not digest)
        name, _, of_file = digest.partition(".")
        # No two files ever have the same name, so only another name needs a look at the bytes.
        if not of_file or _short(picture.name or "") == name:
            return True
        return _short(_sha256(picture)) in (of_file, "")


def copied(row: Frame | Video) -> dict[str, dict[str, str]]:
    """Return what another row with the prompt of this one is made from, by the names of its columns."""
    return {"made_from": row.made_from, "made_digests": row.made_digests}


def record(block: Block, spec: FrameSpec | None = None) -> dict[str, dict[str, str]]:
    """Return what a row that is queued now is made from, by the names of its columns. One query for the cast.

    spec: of a frame, which shows the location and the people that were chosen; a clip shows those whom the block names.
    """
    people = block.cast
    shown = compose.mentioned(block, people) if spec is None else [w for w in people if str(w.pk) in spec.character_ids]
    places = ["location", "locationPicture"] if spec is None or spec.include_location else []
    ids = [_SPEAKER if who.pk == block.character_id else str(who.pk) for who in shown]
    parts = ["text", "kind", _SPEAKER, "parenthetical", "hour", *places]
    parts += [f"{what}/{who}" for who in ids for what in ("cast", "castPicture")]
    now = Present(block.scene.location, {str(who.pk): who for who in people}, compose.hour_of(block.scene))
    words = {part: _said(now, block, part) for part in parts}
    return {"made_from": words, "made_digests": {part: _digest(now, block, part, words[part]) for part in parts}}


def parts(row: Frame | Video, block: Block, now: Present, start: Frame | None, end: Frame | None) -> tuple[str, ...]:
    """Name the parts that have changed since a row was queued. start, end: the block's chosen frames.

    Of a frame that was brought, and of the words of a row older than their record, nothing is known: not named.
    """
    recorded = row.made_digests or {}
    found = [part for part, digest in recorded.items() if not now.is_same(block, part, digest)]
    if _SPEAKER in found:  # somebody else speaks, and looks it
        found = [part for part in found if part not in ("cast/speaker", "castPicture/speaker")]
    if isinstance(row, Video):
        found += [START] if row.start_sha256 != (start.sha256 if start else "") else []
        found += [END] if row.end_sha256 != (end.sha256 if end else "") else []
    return tuple(found)


def changes(row: Frame | Video, block: Block, now: Present, start: Frame | None, end: Frame | None) -> list[Change]:
    """Tell what has changed since a row was queued, with what it was and what it is now."""
    return [_change(row, block, now, part, start, end) for part in parts(row, block, now, start, end)]


def of_block(block: Block, made: BlockGenerations, now: Present) -> tuple[str, ...]:
    """Name the parts that have changed since the block's clip was queued, or where it has none, its frames in use."""
    start, end = made.chosen(Frame.Role.START), made.chosen(Frame.Role.END)
    rows = [made.current] if made.current else [start, end]
    found = (part for row in rows if row for part in parts(row, block, now, start, end))
    return tuple(dict.fromkeys(found))


def _change(
    row: Frame | Video, block: Block, now: Present, part: str, start: Frame | None, end: Frame | None
) -> Change:
    if isinstance(row, Video) and part in (START, END):
        was, chosen = (row.start_sha256, start) if part == START else (row.end_sha256, end)
        return Change(part, was, chosen.sha256 if chosen else "")
    what, _, who = part.partition("/")
    was = row.made_from.get(part, "")
    return Change(what, was, _said(now, block, part), _name(row, block, now, who) if who else "")


def _name(row: Frame | Video, block: Block, now: Present, who: str) -> str:
    person = now.person(block, who)
    return person.name if person else str(row.made_from.get(f"cast/{who}", "")).partition(":")[0]


def is_said(part: str) -> bool:
    """Whether a part is words that prompts are composed of, not a picture."""
    return part not in (START, END) and not _is_picture(part)


def _is_picture(part: str) -> bool:
    return part.startswith(("castPicture/", "locationPicture"))


def _said(now: Present, block: Block, part: str) -> str:
    if not _is_picture(part):
        return now.words(block, part)
    picture = now.picture(block, part)
    return _sha256(picture) if picture else ""


def _digest(now: Present, block: Block, part: str, said: str) -> str:
    picture = now.picture(block, part) if _is_picture(part) else None
    return f"{_short(picture.name or '')}.{_short(said)}" if picture else _short(said)


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest() if text else ""


def _sha256(picture: ImageFieldFile) -> str:
    """Return the SHA-256 of a picture's file; empty where it cannot be read, of which nothing is then said."""
    try:
        return _sha256_of(picture.name or "")
    except OSError:
        return ""


@lru_cache(maxsize=2000)  # no other file ever has the name of one
def _sha256_of(name: str) -> str:
    read = hashlib.sha256()
    with default_storage.open(name) as file:
        for chunk in file.chunks():
            read.update(chunk)
    return read.hexdigest()
