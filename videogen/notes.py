"""Notes on the frames of takes: write one, with an account or as a guest; tick it off."""

import re
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from scenes.models import GuestLink
from scenes.wording import Words, shown
from videogen.errors import ActionError
from videogen.limits import SpecError
from videogen.models import TakeNote, Video, lock_block
from videogen.strokes import Drawing

LONGEST = 1000  # characters
MOST = 500  # notes of one take
MOST_BY_GUESTS = 300  # of these: whoever came by a link leaves room for those who make the film
MOST_DRAWN = 100  # of these with a drawing, which a page of them holds whole
MOST_DRAWN_POINTS = 20_000  # of these together: each costs a page some 0.1 ms, and a drawing by hand has some hundred
GUEST_MOST = 30  # notes by one guest link ...
GUEST_PAUSE = timedelta(minutes=10)  # ... within this time: nobody who looks at clips writes more
TEXT = Words("text", LONGEST, lines=True, empty="Write what is to be seen on this frame.")
NAME = Words("Name", 60, empty="Type your name: it stands beside your notes.")  # of a guest
_TURNS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # could put "(guest)" where it is not read


class TooManyNotesError(ActionError):
    """A guest link wrote GUEST_MOST notes within GUEST_PAUSE."""

    code = "too_many_notes"

    def __init__(self) -> None:
        minutes = GUEST_PAUSE // timedelta(minutes=1)
        super().__init__(f"By this link {GUEST_MOST} notes were written in {minutes} minutes. Go on in a few minutes.")


class LinkClosedError(ActionError):
    """The guest link ended or was revoked meanwhile."""

    code = "link_closed"

    def __init__(self) -> None:
        super().__init__("This link leads nowhere any more.")


class NoteError(ActionError):
    """A note cannot be written like this. errors: sentences by field."""

    code = "invalid"

    def __init__(self, **errors: str) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def of(take: Video) -> QuerySet[TakeNote]:
    """Return the notes on a take, in the order of its frames; each knows its take and its guest link."""
    return take.pinned_notes.select_related("guest")


def write(take: Video, by: User, frame: object, text: object, drawing: object = None) -> TakeNote:
    """Write a note. frame: counted from 0. drawing: as `Drawing` has it. Raises NoteError naming every wrong value."""
    number, words, errors = _read(take, frame, text)
    drawn = None
    try:
        drawn = None if drawing is None else Drawing.read(drawing)
    except SpecError as refused:
        errors |= refused.errors
    if errors:
        raise NoteError(**errors)
    with transaction.atomic():
        _make_room(take)
        if drawn:
            _make_room_for(take, drawn)
        return TakeNote.objects.create(
            take=take,
            frame=number,
            text=words,
            drawing=drawn.to_json() if drawn else None,
            author=by,
            author_name=by.get_username(),
        )


def write_as_guest(take: Video, link: GuestLink, name: object, frame: object, text: object) -> TakeNote:
    """Write a note of somebody who came by a guest link, under the name they typed.

    Raises NoteError naming every wrong value, TooManyNotesError where the link wrote too many of late, LinkClosedError.
    """
    number, words, errors = _read(take, frame, text)
    author = ""
    try:
        author = NAME.read(name)
        if _TURNS.search(author):
            raise ValueError(f"{NAME.label} holds a character that turns the text around. Type it without.")
    except ValueError as error:
        errors["name"] = str(error)
    if errors:
        raise NoteError(**errors)
    with transaction.atomic():
        _make_room(take)
        # Of two at once the second one counts the first; and a link that is being revoked writes nothing more.
        if GuestLink.objects.open().select_for_update().filter(pk=link.pk).first() is None:
            raise LinkClosedError
        if of(take).filter(is_guest=True).count() >= MOST_BY_GUESTS:
            raise NoteError(
                text=f"Guests have written {MOST_BY_GUESTS} notes on this clip already. Tell who sent the link."
            )
        lately = timezone.now() - GUEST_PAUSE
        if TakeNote.objects.filter(guest=link, created_at__gt=lately).count() >= GUEST_MOST:
            raise TooManyNotesError
        return TakeNote.objects.create(
            take=take, frame=number, text=words, author_name=author, is_guest=True, guest=link
        )


def _read(take: Video, frame: object, text: object) -> tuple[int, str, dict[str, str]]:
    """Return frame and words, and the errors of both by field."""
    errors = {}
    number = frame if isinstance(frame, int) and not isinstance(frame, bool) else -1
    if not 0 <= number < take.frames:
        errors["frame"] = f"frame must be a whole number from 0 to {take.frames - 1}; {shown(str(frame))} was given."
    words = ""
    try:
        words = TEXT.read(text)
    except ValueError as error:
        errors["text"] = str(error)
    return number, words, errors


def _make_room(take: Video) -> None:
    """Lock the block, and raise NoteError where the take has MOST notes already."""
    lock_block(take.block_id)
    if of(take).count() >= MOST:
        raise NoteError(text=f"This take has {MOST} notes already. Make a new take and go on there.")


def _make_room_for(take: Video, drawn: Drawing) -> None:
    """Raise NoteError where the take has as many drawings, or points of drawings, as a page of them can hold."""
    there = list(take.pinned_notes.filter(drawing__isnull=False).values_list("drawing", flat=True))
    if len(there) >= MOST_DRAWN:
        raise NoteError(drawing=f"This take has {MOST_DRAWN} drawings already. Write this note without one.")
    points = sum(Drawing.model_validate(drawing).points for drawing in there)
    if points + drawn.points > MOST_DRAWN_POINTS:
        raise NoteError(
            drawing="What is drawn on this take is as much as a page holds. Write this note without a drawing."
        )


def tick(note: TakeNote, by: User, *, done: bool) -> None:
    """Tick a note off, or open it again; one that stands like that keeps who ticked it."""
    if done == (note.done_at is not None):
        return
    note.done_at, note.done_by = (timezone.now(), by) if done else (None, None)
    note.save(update_fields=["done_at", "done_by"])
