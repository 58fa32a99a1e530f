"""Notes on the frames of takes: write one, tick it off."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from scenes.wording import shown
from videogen.errors import ActionError
from videogen.limits import SpecError
from videogen.models import TakeNote, Video, lock_block
from videogen.strokes import Drawing

LONGEST = 1000  # characters
MOST = 500  # notes of one take
MOST_DRAWN = 100  # of these with a drawing, which a page of them holds whole


class NoteError(ActionError):
    """A note cannot be written like this. errors: sentences by field."""

    code = "invalid"

    def __init__(self, **errors: str) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def of(take: Video) -> QuerySet[TakeNote]:
    """Return the notes on a take, in the order of its frames; each knows its take."""
    return take.pinned_notes.all()


def write(take: Video, by: User, frame: object, text: object, drawing: object = None) -> TakeNote:
    """Write a note. frame: counted from 0. drawing: as `Drawing` has it. Raises NoteError naming every wrong value."""
    errors = {}
    number = frame if isinstance(frame, int) and not isinstance(frame, bool) else -1
    if not 0 <= number < take.frames:
        errors["frame"] = f"frame must be a whole number from 0 to {take.frames - 1}; {shown(str(frame))} was given."
    words = text.replace("\r\n", "\n").strip() if isinstance(text, str) else ""
    if not words or "\x00" in words:
        errors["text"] = "text is empty. Write what is to be seen on this frame."
    elif len(words) > LONGEST:
        errors["text"] = f"text may have {LONGEST} characters; {len(words)} were given."
    try:
        drawn = None if drawing is None else Drawing.read(drawing)
    except SpecError as refused:
        errors |= refused.errors
    if errors:
        raise NoteError(**errors)
    with transaction.atomic():
        lock_block(take.block_id)
        if of(take).count() >= MOST:
            raise NoteError(
                text=f"This take has {MOST} notes already. Make a new take, or tick some off and go on there."
            )
        if drawn and of(take).exclude(drawing=None).count() >= MOST_DRAWN:
            raise NoteError(drawing=f"This take has {MOST_DRAWN} drawings already. Write this note without one.")
        return TakeNote.objects.create(
            take=take,
            frame=number,
            text=words,
            drawing=drawn.to_json() if drawn else None,
            author=by,
            author_name=by.get_username(),
        )


def tick(note: TakeNote, by: User, *, done: bool) -> None:
    """Tick a note off, or open it again; one that stands like that keeps who ticked it."""
    if done == (note.done_at is not None):
        return
    note.done_at, note.done_by = (timezone.now(), by) if done else (None, None)
    note.save(update_fields=["done_at", "done_by"])
