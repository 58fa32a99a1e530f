"""What people note on a frame of a take."""

from collections.abc import Iterable, Sequence
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from scenes.models import GuestLink
from videogen.models.videos import Video
from videogen.strokes import Drawing, Line, lines

_MOST_READ = 5000  # drawings at once: each is at least a point, and its id a parameter of the query


class TakeNoteQuerySet(models.QuerySet["TakeNote"]):
    """Notes, of which those of many takes may have more drawn on them than any page or file holds."""

    def without_drawings(self) -> Self:
        """Leave what is drawn in the database; each note says `is_drawn`."""
        return self.defer("drawing").annotate(is_drawn=Q(drawing__isnull=False))

    def drawings(self, notes: Iterable["TakeNote"], points: int) -> dict[int, Drawing]:
        """Read what is drawn on notes that say `is_drawn`: of the first clips, until it has so many points together.

        By the note's id. One query, none where nothing is drawn.
        """
        drawn = [note.pk for note in notes if note.is_drawn][:_MOST_READ]
        rows = self.filter(pk__in=drawn).order_by(
            "take__block__scene__position", "take__block__position", "frame", "pk"
        )
        found: dict[int, Drawing] = {}
        for pk, drawing in rows.values_list("pk", "drawing").iterator(chunk_size=20):
            read = Drawing.model_validate(drawing)
            points -= read.points
            if points < 0:
                break
            found[pk] = read
        return found


class TakeNote(models.Model):
    """A note on one frame of a take. frame: counted from 0. author_name: kept for when the person's row is gone.

    is_guest: nobody with an account wrote it; author_name is what a guest typed, and guest the link they came by.
    """

    take = models.ForeignKey(Video, models.CASCADE, related_name="pinned_notes")
    frame = models.PositiveIntegerField()
    text = models.CharField(max_length=1000)
    drawing = models.JSONField(null=True, blank=True)  # what `Drawing.to_json` wrote
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    author_name = models.CharField(max_length=150)
    is_guest = models.BooleanField(default=False)
    guest = models.ForeignKey(GuestLink, models.SET_NULL, null=True, blank=True, related_name="notes")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = TakeNoteQuerySet.as_manager()
    is_drawn: bool  # set by `without_drawings`

    class Meta:
        ordering = ["frame", "id"]
        indexes = [models.Index(fields=["take", "frame", "id"])]  # the notes of a take, in order
        constraints = [
            # A guest's word is never shown as that of somebody with an account.
            models.CheckConstraint(
                name="note_guest_has_no_account",
                condition=Q(is_guest=True, author=None) | Q(is_guest=False, guest=None),
            ),
        ]

    def __str__(self) -> str:
        return f"frame {self.frame} of {self.take_id}: {self.text[:40]}"

    @property
    def shown_frame(self) -> int:
        """The number of the frame as people count it, from 1."""
        return self.frame + 1

    @property
    def shown_author(self) -> str:
        """Who wrote it, as everybody is told."""
        return _("%(name)s (guest)") % {"name": self.author_name} if self.is_guest else self.author_name

    @property
    def lines(self) -> Sequence[Line]:
        """What is drawn on it, in pixels of its take."""
        if self.drawing is None:
            return []
        return list(lines(Drawing.model_validate(self.drawing), self.take.width, self.take.height))
