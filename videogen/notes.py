"""Notes on the frames of takes: write one, tick it off."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from scenes.wording import shown
from videogen.errors import ActionError
from videogen.models import TakeNote, Video, lock_block

LONGEST = 1000  # characters
MOST = 500  # notes of one take


class NoteError(ActionError):
    """A note cannot be written like this. errors: sentences by field."""

    code = "invalid"

    def __init__(self, **errors: str) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def of(take: Video) -> QuerySet[TakeNote]:
    """Return the notes on a take, in the order of its frames."""
    return TakeNote.objects.filter(take=take)


def write(take: Video, by: User, frame: object, text: object) -> TakeNote:
    """Write a note. frame: counted from 0. Raises NoteError naming every wrong value."""
    errors = {}
    number = frame if isinstance(frame, int) and not isinstance(frame, bool) else -1
    if not 0 <= number < take.frames:
        errors["frame"] = f"frame must be a whole number from 0 to {take.frames - 1}; {shown(str(frame))} was given."
    words = text.replace("\r\n", "\n").strip() if isinstance(text, str) else ""
    if not words or "\x00" in words:
        errors["text"] = "text is empty. Write what is to be seen on this frame."
    elif len(words) > LONGEST:
        errors["text"] = f"text may have {LONGEST} characters; {len(words)} were given."
    if errors:
        raise NoteError(**errors)
    with transaction.atomic():
        lock_block(take.block_id)
        if of(take).count() >= MOST:
            raise NoteError(
                text=f"This take has {MOST} notes already. Make a new take, or tick some off and go on there."
            )
        return TakeNote.objects.create(take=take, frame=number, text=words, author=by, author_name=by.get_username())


def tick(note: TakeNote, by: User, *, done: bool) -> None:
    """Tick a note off, or open it again; one that stands like that keeps who ticked it."""
    if done == (note.done_at is not None):
        return
    note.done_at, note.done_by = (timezone.now(), by) if done else (None, None)
    note.save(update_fields=["done_at", "done_by"])
